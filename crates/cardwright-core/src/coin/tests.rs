//! Coins into money, as an accountant would check it, and the way of a deposit.

use super::*;
use proptest::prelude::*;

fn coin(decimals: u32, rate_basis_points: u32, fixed_minor: i64) -> Coin {
    Coin {
        key: "USDT_TRC20".to_owned(),
        chain: Chain::Trc20,
        name: "USDT".to_owned(),
        full_name: "Tether USD".to_owned(),
        decimals,
        shown_decimals: 6,
        confirmations: 38,
        currency: Currency::USD,
        fee: DepositFee {
            rate_basis_points,
            fixed: Amount::from_minor(fixed_minor, Currency::USD).expect("not negative"),
        },
        bounds: DepositBounds {
            min: Amount::from_minor(0, Currency::USD).expect("not negative"),
            max: Amount::from_minor(100_000_000, Currency::USD).expect("not negative"),
        },
        contract: String::new(),
        address_page: String::new(),
        transaction_page: String::new(),
        status: CoinStatus::Enabled,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("in range")
}

fn deposit(units: u128) -> Deposit {
    Deposit {
        block: None,
        id: DepositId::new(1).expect("positive"),
        account: AccountId::new(2).expect("positive"),
        coin: "USDT_TRC20".to_owned(),
        transaction_hash: "ab".to_owned(),
        from_address: "from".to_owned(),
        to_address: "to".to_owned(),
        units: CoinUnits::from_units(units).expect("countable"),
        confirmations: 0,
        state: DepositState::Seen,
        created_at: at(0),
        updated_at: at(0),
    }
}

#[test]
fn what_is_received_is_the_amount_less_its_fee_rounded_up() {
    // amount, decimals, rate in basis points, fixed fee in cents -> received, fee
    let table = [
        ("9", 6, 150, 0, "8.86", "0.14"),
        ("9", 18, 150, 0, "8.86", "0.14"),
        ("9.999999", 6, 150, 0, "9.84", "0.15"),
        ("100", 6, 150, 0, "98.50", "1.50"),
        ("100.009", 6, 150, 0, "98.49", "1.51"),
        ("0.02", 6, 150, 0, "0.01", "0.01"),
        ("0.01", 6, 150, 0, "-", "-"),
        ("0.000001", 6, 0, 0, "-", "-"),
        ("0", 6, 150, 0, "-", "-"),
        ("5", 6, 0, 0, "5.00", "0.00"),
        ("5.009", 6, 0, 0, "5.00", "0.00"),
        ("5", 6, 100, 50, "4.45", "0.55"),
        ("0.50", 6, 0, 50, "-", "-"),
        ("0.000000000000000001", 18, 150, 0, "-", "-"),
        ("12345.678901234567890123", 18, 150, 0, "12160.48", "185.19"),
    ];
    for (amount, decimals, rate, fixed, received, fee) in table {
        let units = CoinUnits::parse(amount, decimals).expect("coins");
        let proceeds = coin(decimals, rate, fixed)
            .proceeds(units)
            .expect("countable");
        let printed = proceeds.map_or(("-".to_owned(), "-".to_owned()), |proceeds| {
            (proceeds.received.to_string(), proceeds.fee.to_string())
        });
        assert_eq!(
            printed,
            (received.to_owned(), fee.to_owned()),
            "{amount} at {rate}"
        );
    }
}

#[test]
fn more_money_than_the_ledger_counts_is_refused() {
    let most = CoinUnits::from_units(CoinUnits::MOST).expect("countable");
    assert_eq!(
        coin(6, 150, 0).proceeds(most),
        Err(Refusal::BalanceOverflow)
    );
    assert!(coin(18, 150, 0).proceeds(most).is_ok());
    assert_eq!(CoinUnits::from_units(CoinUnits::MOST + 1), None);
}

#[test]
fn an_amount_of_coins_is_only_a_plain_decimal() {
    for text in [
        "", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", " 1", "٣", "0x1",
    ] {
        assert_eq!(
            CoinUnits::parse(text, 6),
            Err(AmountError::NotDecimal),
            "{text}"
        );
    }
    assert_eq!(
        CoinUnits::parse("0.0000001", 6),
        Err(AmountError::TooManyDecimals)
    );
    assert_eq!(
        CoinUnits::parse("1.5000000", 6).map(CoinUnits::units),
        Ok(1_500_000)
    );
    let long = "9".repeat(40);
    assert_eq!(CoinUnits::parse(&long, 6), Err(AmountError::TooLarge));
}

#[test]
fn a_deposit_waits_for_its_blocks_and_counts_once() {
    let coin = coin(6, 150, 0);
    let seen = deposit(9_000_000);
    let unchanged = seen.clone().confirm(0, &coin, at(1)).expect("allowed");
    assert_eq!(unchanged, seen, "no block, no change");
    let early = seen.clone().confirm(1, &coin, at(2)).expect("allowed");
    assert_eq!(early.state, DepositState::Processing);
    let late = early.confirm(37, &coin, at(3)).expect("allowed");
    assert_eq!(
        (late.state, late.confirmations),
        (DepositState::Processing, 37)
    );
    let behind = late.clone().confirm(20, &coin, at(4)).expect("allowed");
    assert_eq!(behind, late, "an observer that lags tells nothing new");
    let done = late.confirm(38, &coin, at(5)).expect("allowed");
    let DepositState::Success { proceeds, at: when } = done.state else {
        panic!("not done: {:?}", done.state);
    };
    assert_eq!(proceeds.received.to_string(), "8.86");
    assert_eq!(when, at(5));
    let again = done.clone().confirm(99, &coin, at(6)).expect("allowed");
    assert_eq!(again, done, "and stays done");
    assert_eq!(
        done.drop_out(at(7)),
        Err(Refusal::DepositTransitionNotAllowed)
    );
}

#[test]
fn a_deposit_fails_when_the_chain_drops_it_or_the_fee_eats_it() {
    let coin = coin(6, 150, 0);
    let dropped = deposit(9_000_000).drop_out(at(1)).expect("allowed");
    assert_eq!(dropped.state.word(), "fail");
    assert_eq!(
        dropped.clone().drop_out(at(2)),
        Ok(dropped.clone()),
        "dropped is dropped"
    );
    let late = dropped.clone().confirm(38, &coin, at(3));
    assert_eq!(late, Ok(dropped), "blocks do not bring it back");
    let tiny = deposit(10_000).confirm(38, &coin, at(1)).expect("allowed");
    let reason = DepositFailure::TooSmall;
    assert_eq!(tiny.state, DepositState::Fail { reason, at: at(1) });
    assert_eq!(
        tiny.drop_out(at(2)),
        Err(Refusal::DepositTransitionNotAllowed)
    );
}

#[test]
fn words_read_back() {
    for chain in Chain::ALL {
        assert_eq!(Chain::from_word(chain.word()), Some(chain));
    }
    for status in [CoinStatus::Enabled, CoinStatus::Disabled] {
        assert_eq!(CoinStatus::from_word(status.word()), Some(status));
    }
    for failure in DepositFailure::ALL {
        assert_eq!(DepositFailure::from_word(failure.word()), Some(failure));
    }
    let disabled = Coin {
        status: CoinStatus::Disabled,
        ..coin(6, 0, 0)
    };
    assert_eq!(disabled.require_enabled(), Err(Refusal::CoinNotEnabled));
}

proptest! {
    #[test]
    fn received_and_fee_are_never_more_than_what_came(
        units in 0..10_u128.pow(24), rate in 0..5_000_u32, fixed in 0..1_000_i64,
    ) {
        let coin = coin(18, rate, fixed);
        let units = CoinUnits::from_units(units).expect("countable");
        prop_assert_eq!(CoinUnits::parse(&units.print(18), 18), Ok(units));
        if let Some(proceeds) = coin.proceeds(units).expect("countable") {
            let sum = u128::try_from(proceeds.received.minor() + proceeds.fee.minor()).expect("positive");
            let unit = 10_u128.pow(16);
            prop_assert!(sum * unit <= units.units(), "no more than came");
            prop_assert!(units.units() - sum * unit < unit, "less than a minor unit is cut");
            prop_assert!(proceeds.received.minor() > 0);
        }
    }
}

fn bounded(min: i64, max: i64) -> Coin {
    let amount = |minor| Amount::from_minor(minor, Currency::USD).expect("not negative");
    Coin {
        bounds: DepositBounds {
            min: amount(min),
            max: amount(max),
        },
        ..coin(18, 0, 0)
    }
}

#[test]
fn coins_below_or_above_what_is_taken_become_no_money() {
    let coin = bounded(100, 1_000);
    let settled = |text: &str| {
        let units = CoinUnits::parse(text, 18).expect("a number");
        match coin.settle(units, at(1)).expect("countable") {
            DepositState::Success { proceeds, .. } => Ok(proceeds.received.minor()),
            DepositState::Fail { reason, .. } => Err(reason),
            other @ (DepositState::Seen | DepositState::Processing) => panic!("{other:?}"),
        }
    };
    assert_eq!(
        settled("0.999999999999999999"),
        Err(DepositFailure::TooSmall)
    );
    assert_eq!(settled("1"), Ok(100));
    assert_eq!(settled("10"), Ok(1_000));
    assert_eq!(
        settled("10.000000000000000001"),
        Err(DepositFailure::TooLarge)
    );
    let amount = |minor| Amount::from_minor(minor, Currency::USD).expect("not negative");
    assert_eq!(coin.check_bounds(amount(100)), Ok(()));
    let outside = Err(Refusal::AmountOutOfRange);
    assert_eq!(coin.check_bounds(amount(99)), outside);
    assert_eq!(coin.check_bounds(amount(1_001)), outside);
}

#[test]
fn coins_are_shown_with_the_decimals_that_people_see() {
    let coin = bounded(0, 1);
    let units = CoinUnits::parse("9.123456789", 18).expect("a number");
    assert_eq!(coin.print_units(units), "9.123456");
    let worth = Amount::from_minor(905, Currency::USD).expect("not negative");
    assert_eq!(coin.print_worth(worth), "9.050000");
    let exact = |text| coin.exact_worth(CoinUnits::parse(text, 18).expect("a number"));
    assert_eq!(exact("9.05"), Some(worth));
    assert_eq!(coin.exact_worth(units), None);
    assert_eq!(exact("0.000000000000000001"), None);
    assert_eq!(exact("0"), Some(Amount::zero(Currency::USD)));
    assert_eq!(
        exact("999999999999"),
        Amount::from_minor(99_999_999_999_900, Currency::USD)
    );
}

#[test]
fn staff_make_money_of_what_failed_and_of_nothing_else() {
    let now = Timestamp::from_second(9).expect("an instant");
    let coin = coin(6, 150, 0);
    let dropped = deposit(9_000_000).drop_out(now).expect("open");
    let accepted = dropped.accept(&coin, now).expect("failed");
    let DepositState::Success { proceeds, at } = accepted.state else {
        panic!("{accepted:?}");
    };
    assert_eq!((proceeds.received.minor(), proceeds.fee.minor()), (886, 14));
    assert_eq!(at, now);
    let later = Timestamp::from_second(10).expect("an instant");
    assert_eq!(accepted.clone().accept(&coin, later), Ok(accepted));
    let open = deposit(9_000_000).accept(&coin, now);
    assert_eq!(open, Err(Refusal::DepositTransitionNotAllowed));
    let dust = deposit(1).drop_out(now).expect("open").accept(&coin, now);
    assert_eq!(
        dust,
        Err(Refusal::AmountOutOfRange),
        "the fee leaves nothing"
    );
}

#[test]
fn a_chain_grows_by_a_block_in_three_seconds() {
    let at = |second| Timestamp::from_second(second).expect("an instant");
    for chain in Chain::ALL {
        let now = 1_795_262_400;
        assert_eq!(chain.height_at(at(now + 30)) - chain.height_at(at(now)), 10);
        assert_eq!(chain.height_at(at(0)), 0);
    }
}
