//! The card's arrows, every one of them.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

pub(super) fn card(state: CardState) -> Card {
    Card {
        id: CardId::new(7).expect("positive"),
        product: ProductId::new(1).expect("positive"),
        holder: None,
        account: AccountId::new(1).expect("positive"),
        paying_account: None,
        state,
        block: PlatformBlock::Clear,
        stage: CardStage::Digital,
        embossing_name: None,
        expiry: Expiry::new(2030, 1).expect("a month"),
        first_six: "424242".into(),
        last_four: "4242".into(),
        remark: None,
        external_id: None,
        delivery: None,
        no_pin_minor: None,
        design: None,
        created_at: at(0),
        activated_at: None,
        last_use: None,
        updated_at: at(0),
    }
}

fn states() -> Vec<(&'static str, CardState)> {
    let mut states = vec![
        ("pending", CardState::Pending),
        ("inactive", CardState::Inactive),
        ("active", CardState::Active),
        ("frozen", CardState::Frozen { since: at(1) }),
        ("dormant", CardState::Dormant { since: at(1) }),
        ("freezing", CardState::Freezing { since: at(1) }),
        ("unfreezing", CardState::Unfreezing { since: at(1) }),
        ("cancelling", CardState::Cancelling { since: at(1) }),
    ];
    states.extend(
        CloseReason::ALL.map(|reason| (reason.word(), CardState::Closed { reason, at: at(1) })),
    );
    states
}

fn name(state: CardState) -> &'static str {
    state.close_reason().map_or(state.word(), CloseReason::word)
}

fn outcome(result: Result<Card, Refusal>) -> &'static str {
    result.map_or_else(Refusal::code, |card| name(card.state))
}

#[test]
fn every_state_answers_every_wish_as_the_table_says() {
    const NO: &str = "card_transition_not_allowed";
    // state, then: activate, freeze, set dormant, close as lost, close as cancelled
    let table = "
        pending     NO       NO      NO       lost  cancelled
        inactive    active   NO      NO       lost  cancelled
        active      active   frozen  dormant  lost  cancelled
        frozen      active   frozen  NO       lost  cancelled
        dormant     active   NO      dormant  lost  cancelled
        freezing    NO       NO      NO       lost  cancelled
        unfreezing  NO       NO      NO       lost  cancelled
        cancelling  NO       NO      NO       lost  cancelled
        lost        NO       NO      NO       lost  NO
        stolen      NO       NO      NO       NO    NO
        damaged     NO       NO      NO       NO    NO
        compromised NO       NO      NO       NO    NO
        blocked     NO       NO      NO       NO    NO
        cancelled   NO       NO      NO       NO    cancelled
        expired     NO       NO      NO       NO    expired
        failed      NO       NO      NO       NO    failed
    ";
    let wishes = [
        CardStatusChange::Activate,
        CardStatusChange::Freeze,
        CardStatusChange::SetDormant,
        CardStatusChange::Close(CloseReason::Lost),
        CardStatusChange::Close(CloseReason::Cancelled),
    ];
    let mut rows = 0;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let state = states()
            .into_iter()
            .find(|(word, _)| *word == words[0])
            .expect("known")
            .1;
        for (wish, expected) in wishes.into_iter().zip(&words[1..]) {
            let expected = if *expected == "NO" { NO } else { expected };
            let got = outcome(card(state).change_status(wish, at(9)));
            assert_eq!(got, expected, "{} asked to {wish:?}", words[0]);
        }
        rows += 1;
    }
    assert_eq!(rows, states().len(), "the table covers every state");
}

#[test]
fn wanting_what_is_changes_not_even_a_date() {
    for (wish, state) in [
        (CardStatusChange::Activate, CardState::Active),
        (CardStatusChange::Freeze, CardState::Frozen { since: at(1) }),
        (
            CardStatusChange::SetDormant,
            CardState::Dormant { since: at(1) },
        ),
    ] {
        let before = card(state);
        assert_eq!(before.clone().change_status(wish, at(9)), Ok(before));
    }
}

#[test]
fn freezing_twice_keeps_the_first_date_and_unfreezing_needs_a_freeze() {
    let frozen = card(CardState::Active)
        .freeze(at(5))
        .expect("active cards freeze");
    assert_eq!(frozen.state, CardState::Frozen { since: at(5) });
    let again = frozen
        .clone()
        .freeze(at(8))
        .expect("a frozen card is what was wanted");
    assert_eq!(again, frozen);
    let thawed = again.unfreeze(at(9)).expect("a frozen card thaws");
    assert_eq!(thawed.state, CardState::Active);
    assert_eq!(
        thawed.unfreeze(at(10)),
        Err(Refusal::CardTransitionNotAllowed)
    );
    for (word, state) in states() {
        let thaws = matches!(state, CardState::Frozen { .. } | CardState::Dormant { .. });
        assert_eq!(card(state).unfreeze(at(9)).is_ok(), thaws, "{word}");
        let freezes = thaws || state == CardState::Active;
        assert_eq!(card(state).freeze(at(9)).is_ok(), freezes, "{word}");
    }
}

/// What each state answers to orders: the rule at once, the first step, the last step. A dash
/// stands for no.
#[test]
fn every_state_answers_every_order_as_the_table_says() {
    // state, activate, then for each move: at once, begun, completed
    let table = "
        pending     -      -      -          -       -       -          -       -         -          -
        inactive    active -      -          -       -       -          -       cancelled cancelling cancelled
        active      -      frozen freezing   frozen  -       -          -       cancelled cancelling cancelled
        frozen      -      frozen frozen     frozen  active  unfreezing active  cancelled cancelling cancelled
        dormant     -      dormant dormant   dormant active  unfreezing active  cancelled cancelling cancelled
        freezing    -      -      -          frozen  -       -          -       -         -          -
        unfreezing  -      -      -          -       -       -          active  -         -          -
        cancelling  -      -      -          -       -       -          -       -         -          cancelled
        closed      -      -      -          -       -       -          -       -         -          -
    ";
    let shown = |result: Result<Card, Refusal>| match result {
        Ok(card) => name(card.state),
        Err(Refusal::CardTransitionNotAllowed) => "-",
        Err(other) => other.code(),
    };
    let mut rows = 0;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let meant = states()
            .into_iter()
            .filter(|(_, state)| state.word() == words[0]);
        for (word, state) in meant {
            let mut got = vec![shown(card(state).activate(at(9)))];
            for wanted in CardMove::ALL {
                got.push(shown(card(state).make(wanted, at(9))));
                got.push(shown(card(state).begin(wanted, at(9))));
                got.push(shown(card(state).complete(wanted, at(9))));
            }
            assert_eq!(got, words[1..], "{word}");
            rows += 1;
        }
    }
    assert_eq!(rows, states().len(), "the table covers every state");
}

#[test]
fn what_a_state_lets_callers_do_is_as_the_table_says() {
    // state, made now, moves money, controls change, number shown
    let table = "
        pending     yes no  no  no
        inactive    no  no  yes yes
        active      no  yes yes yes
        frozen      no  yes yes yes
        dormant     no  yes yes yes
        freezing    no  no  no  yes
        unfreezing  no  no  no  yes
        cancelling  no  no  no  yes
        closed      no  no  no  no
    ";
    let mut rows = 0;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let meant = states()
            .into_iter()
            .filter(|(_, state)| state.word() == words[0]);
        for (word, state) in meant {
            let subject = card(state);
            let may = [
                subject.clone().come_to_be(CardState::Active, at(9)).is_ok(),
                subject.require_in_use().is_ok(),
                subject.require_changeable().is_ok(),
                subject.require_revealable().is_ok(),
            ];
            let got = may.map(|may| if may { "yes" } else { "no" });
            assert_eq!(got, words[1..], "{word}");
            rows += 1;
        }
    }
    assert_eq!(rows, states().len(), "the table covers every state");
}

#[test]
fn a_block_keeps_a_card_from_all_but_its_end() {
    let blocked = |state| Card {
        block: PlatformBlock::Blocked { since: at(2) },
        ..card(state)
    };
    let no = Err(Refusal::CardBlocked);
    assert_eq!(blocked(CardState::Inactive).activate(at(9)), no);
    assert_eq!(
        blocked(CardState::Active).begin(CardMove::Freeze, at(9)),
        no
    );
    assert_eq!(
        blocked(CardState::Active).require_in_use(),
        Err(Refusal::CardBlocked)
    );
    assert_eq!(
        blocked(CardState::Active).require_changeable(),
        Err(Refusal::CardBlocked)
    );
    let cancelled = blocked(CardState::Active).cancel(at(9));
    assert_eq!(outcome(cancelled), "cancelled");
    assert_eq!(blocked(CardState::Active).require_revealable(), Ok(()));
}

#[test]
fn only_closing_gets_past_the_platforms_block() {
    let blocked = Card {
        block: PlatformBlock::Blocked { since: at(2) },
        ..card(CardState::Active)
    };
    let blocked_code = Err(Refusal::CardBlocked);
    assert_eq!(
        blocked
            .clone()
            .change_status(CardStatusChange::Activate, at(9)),
        blocked_code
    );
    assert_eq!(
        blocked
            .clone()
            .change_status(CardStatusChange::SetDormant, at(9)),
        blocked_code
    );
    assert_eq!(
        blocked
            .clone()
            .change_status(CardStatusChange::Freeze, at(9)),
        Ok(Card {
            state: CardState::Frozen { since: at(9) },
            updated_at: at(9),
            ..blocked.clone()
        }),
        "it reads as frozen already, and stays so when the block is lifted"
    );
    for state in [
        CardState::Inactive,
        CardState::Frozen { since: at(1) },
        CardState::Dormant { since: at(1) },
    ] {
        let stopped = Card {
            state,
            ..blocked.clone()
        };
        assert_eq!(
            stopped
                .clone()
                .change_status(CardStatusChange::Freeze, at(9)),
            Ok(stopped),
            "it does not transact without the block either"
        );
    }
    for state in [
        CardState::Pending,
        CardState::Freezing { since: at(1) },
        CardState::Unfreezing { since: at(1) },
        CardState::Cancelling { since: at(1) },
    ] {
        let moving = Card {
            state,
            ..blocked.clone()
        };
        assert_eq!(
            moving.change_status(CardStatusChange::Freeze, at(9)),
            Err(Refusal::CardTransitionNotAllowed),
            "where it goes to would not keep the wish"
        );
    }
    assert_eq!(blocked.clone().freeze(at(9)), blocked_code);
    assert_eq!(blocked.clone().unfreeze(at(9)), blocked_code);
    let closed = blocked.change_status(CardStatusChange::Close(CloseReason::Stolen), at(9));
    assert_eq!(outcome(closed), "stolen");
}

#[test]
fn a_card_ends_of_its_age_at_the_end_of_its_last_month_and_not_before() {
    let last = crate::Date::constant(2030, 1, 31);
    let after = crate::Date::constant(2030, 2, 1);
    for (word, state) in states() {
        let begun = Card {
            block: PlatformBlock::Blocked { since: at(2) },
            ..card(state)
        };
        assert_eq!(begun.clone().age(last, at(9)), begun, "{word}");
        let aged = begun.clone().age(after, at(9));
        if let CardState::Closed { .. } = state {
            assert_eq!(aged, begun, "{word}: it ended before");
        } else {
            let reason = CloseReason::Expired;
            assert_eq!(
                aged.state,
                CardState::Closed { reason, at: at(9) },
                "{word}"
            );
            assert_eq!(aged.updated_at, at(9), "{word}");
        }
    }
}

#[test]
fn a_card_remembers_when_it_first_could_transact() {
    let active = card(CardState::Inactive)
        .change_status(CardStatusChange::Activate, at(3))
        .expect("new cards activate");
    assert_eq!(active.activated_at, Some(at(3)));
    let back = active
        .freeze(at(4))
        .and_then(|card| card.unfreeze(at(5)))
        .expect("freeze and back");
    assert_eq!(back.activated_at, Some(at(3)));
    assert_eq!(back.updated_at, at(5));
}

#[test]
fn plastic_moves_forward_and_back_only_before_it_is_delivered() {
    let allowed = [
        (CardStage::Digital, CardStage::PlasticNotDelivered),
        (CardStage::PlasticNotDelivered, CardStage::PlasticDelivered),
        (CardStage::PlasticNotDelivered, CardStage::Digital),
    ];
    for from in CardStage::ALL {
        for to in CardStage::ALL {
            let start = Card {
                stage: from,
                ..card(CardState::Active)
            };
            let moved = start.clone().change_stage(to, at(9));
            if from == to {
                assert_eq!(moved, Ok(start));
            } else {
                assert_eq!(
                    moved.is_ok(),
                    allowed.contains(&(from, to)),
                    "{from:?} to {to:?}"
                );
            }
        }
    }
    let closed = card(CardState::Closed {
        reason: CloseReason::Lost,
        at: at(1),
    });
    assert!(
        closed
            .change_stage(CardStage::PlasticNotDelivered, at(9))
            .is_err()
    );
}

#[test]
fn states_come_back_from_their_stored_parts_and_only_whole() {
    for (word, state) in states() {
        let back = CardState::from_parts(state.word(), state.since(), state.close_reason());
        assert_eq!(back, Some(state), "{word}");
    }
    assert_eq!(CardState::from_parts("frozen", None, None), None);
    assert_eq!(CardState::from_parts("active", Some(at(1)), None), None);
    assert_eq!(CardState::from_parts("closed", Some(at(1)), None), None);
}

#[test]
fn words_read_back() {
    for reason in CloseReason::ALL {
        assert_eq!(CloseReason::from_word(reason.word()), Some(reason));
    }
    for stage in CardStage::ALL {
        assert_eq!(CardStage::from_word(stage.word()), Some(stage));
    }
    for form in [CardForm::Virtual, CardForm::Physical, CardForm::AsOrdered] {
        assert_eq!(CardForm::from_word(form.word()), Some(form));
    }
}

#[test]
fn a_block_stops_every_open_card_and_leaves_its_state_alone() {
    for (name, state) in states() {
        let blocked = card(state).block(at(5));
        if let CardState::Closed { .. } = state {
            assert_eq!(blocked, Err(Refusal::CardTransitionNotAllowed), "{name}");
            continue;
        }
        let blocked = blocked.expect(name);
        assert_eq!(
            blocked.block,
            PlatformBlock::Blocked { since: at(5) },
            "{name}"
        );
        assert_eq!(
            (blocked.state, blocked.updated_at),
            (state, at(5)),
            "{name}"
        );
        let again = blocked.clone().block(at(6)).expect(name);
        assert_eq!(again, blocked, "{name}: the first date stays");
        let lifted = blocked.unblock(at(7));
        assert_eq!(lifted.block, PlatformBlock::Clear, "{name}");
        assert_eq!((lifted.state, lifted.updated_at), (state, at(7)), "{name}");
        assert_eq!(lifted.clone().unblock(at(8)), lifted, "{name}");
    }
}
