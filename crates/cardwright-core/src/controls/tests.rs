//! Controls: tables that can be read aloud, and laws over random controls.

use proptest::prelude::*;

use super::*;
use crate::Usage;

fn mcc(code: &str) -> Mcc {
    Mcc::parse(code).unwrap()
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn limit(window: Window, amount_minor: Option<i64>, count: Option<u32>) -> Limit {
    Limit {
        window,
        amount_minor,
        count,
    }
}

/// Reads controls such as `close=atm,magstripe countries=LT,LV not-mcc=7995 day=10000x3`.
fn controls(words: &str) -> Controls {
    let mut controls = Controls::none();
    for word in words.split_whitespace() {
        let (field, values) = word.split_once('=').unwrap();
        let values: Vec<&str> = values.split(',').collect();
        let mccs = || values.iter().map(|code| mcc(code)).collect();
        let countries = || values.iter().map(|code| country(code)).collect();
        match field {
            "close" => {
                let switches = values
                    .iter()
                    .map(|word| ChannelSwitch::from_word(word).unwrap());
                controls.closed_channels = switches.collect();
            }
            "mcc" => controls.allowed_mcc = mccs(),
            "not-mcc" => controls.blocked_mcc = mccs(),
            "countries" => controls.allowed_countries = countries(),
            "not-countries" => controls.blocked_countries = countries(),
            window => {
                let window = Window::from_word(window, None).unwrap();
                let (amount, count) = values[0].split_once('x').unwrap();
                let read = limit(window, amount.parse().ok(), count.parse().ok());
                controls.limits.push(read);
            }
        }
    }
    controls.checked().unwrap()
}

/// Runs a story: controls by scope, usage by subject and window, and requests with their outcome.
fn check(story: &str) {
    let mut combined = CombinedControls::default();
    let mut usages = Usages::none();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [scope @ ("card" | "account" | "product"), ..] => {
                let read = Arc::new(controls(line.strip_prefix(scope).unwrap()));
                match *scope {
                    "card" => combined.card = read,
                    "account" => combined.account = read,
                    _ => combined.product = read,
                }
            }
            ["used", subject, window, amount, count] => {
                let subject = match *subject {
                    "card" => UsageSubject::Card,
                    "account" => UsageSubject::Account,
                    other => panic!("who is {other}?"),
                };
                let usage = Usage {
                    amount_minor: amount.parse().unwrap(),
                    count: count.parse().unwrap(),
                };
                usages.set(subject, Window::from_word(window, None).unwrap(), usage);
            }
            ["ask", channel, place, category, amount, outcome] => {
                let request = UseOfCard {
                    channel: Channel::from_word(channel).unwrap(),
                    country: country(place),
                    mcc: mcc(category),
                    asked: Asked::New {
                        amount_minor: amount.parse().unwrap(),
                    },
                };
                let verdict = combined.judge(&usages, &request);
                assert_eq!(word(verdict), *outcome, "{line}");
            }
            ["room", amount] => assert_eq!(combined.room(&usages).to_string(), *amount, "{line}"),
            other => panic!("what is {other:?}?"),
        }
    }
}

fn word(verdict: Result<(), Breach>) -> String {
    match verdict {
        Ok(()) => "ok".to_owned(),
        Err(Breach::ChannelNotAllowed) => "channel".to_owned(),
        Err(Breach::CountryNotAllowed) => "country".to_owned(),
        Err(Breach::MerchantNotAllowed) => "merchant".to_owned(),
        Err(Breach::LimitExceeded { scope, window }) => {
            format!("{}/{}", scope.word(), window.word())
        }
    }
}

#[test]
fn without_controls_everything_is_allowed() {
    check(
        "
        ask  ecommerce   LT  5411  9223372036854775807  ok
        ask  atm         US  6011  0                    ok
        room 9223372036854775807
    ",
    );
}

#[test]
fn a_closed_channel_closes_what_hangs_on_it_and_never_the_chip() {
    check(
        "
        card close=ecommerce
        ask  ecommerce   LT  5411  1  channel
        ask  manual      LT  5411  1  channel
        ask  recurring   LT  5411  1  channel
        ask  contactless LT  5411  1  ok
        ask  chip        LT  5411  1  ok
        card close=ecommerce,contactless,atm,magstripe
        ask  contactless LT  5411  1  channel
        ask  magstripe   LT  5411  1  channel
        ask  atm         LT  6011  1  channel
        ask  chip        LT  5411  1  ok
    ",
    );
}

#[test]
fn lists_of_countries_and_categories_let_in_or_keep_out() {
    check(
        "
        card countries=LT,LV
        ask  chip  LT  5411  1  ok
        ask  chip  US  5411  1  country
        card not-countries=US
        ask  chip  LT  5411  1  ok
        ask  chip  US  5411  1  country
        card mcc=5411,5812
        ask  chip  LT  5411  1  ok
        ask  chip  LT  7995  1  merchant
        card not-mcc=7995
        ask  chip  LT  5411  1  ok
        ask  chip  LT  7995  1  merchant
    ",
    );
}

#[test]
fn the_first_failing_check_gives_the_reason_whoever_set_it() {
    check(
        "
        card     day=0x
        account  not-mcc=7995
        product  close=magstripe not-countries=US
        ask  magstripe  US  7995  1  channel
        ask  chip       US  7995  1  country
        ask  chip       LT  7995  1  merchant
        ask  chip       LT  5411  1  card/day
    ",
    );
}

#[test]
fn the_strictest_of_card_account_and_product_wins() {
    check(
        "
        card     day=10000x
        account  day=8000x
        product  day=9000x per_transaction=2500x
        room 2500
        ask  chip  LT  5411  2500  ok
        ask  chip  LT  5411  2501  product/per_transaction
        used card    day 7000 3
        used account day 7000 3
        room 1000
        ask  chip  LT  5411  1000  ok
        ask  chip  LT  5411  1001  account/day
        ask  chip  LT  5411  2400  account/day
        ask  chip  LT  5411  9000  card/day
    ",
    );
}

#[test]
fn the_account_counts_all_its_cards_and_the_product_each_by_itself() {
    check(
        "
        account  month=10000x5
        product  month=10000x5
        used card    month 1000 1
        used account month 9500 4
        room 500
        ask  chip  LT  5411  500  ok
        ask  chip  LT  5411  501  account/month
        used account month 9500 5
        room 0
        ask  chip  LT  5411  1    account/month
        used card    month 9500 5
        used account month 1000 1
        ask  chip  LT  5411  1    product/month
    ",
    );
}

#[test]
fn only_windows_that_some_limit_has_are_needed_and_each_once() {
    let combined = CombinedControls {
        card: Arc::new(controls("day=100x per_transaction=50x")),
        account: Arc::new(controls("day=100x")),
        product: Arc::new(controls("day=90x lifetime=x10")),
    };
    let needed: Vec<_> = combined.needed().into_iter().collect();
    let expected = [
        (UsageSubject::Card, Window::Day),
        (UsageSubject::Card, Window::Lifetime),
        (UsageSubject::Account, Window::Day),
    ];
    assert_eq!(needed, expected);
    assert!(CombinedControls::default().needed().is_empty());
}

#[track_caller]
fn wrong(field: &str, controls: Controls) {
    assert_eq!(controls.checked(), Err(field));
}

#[test]
fn lists_that_cannot_be_right_name_the_field() {
    let none = Controls::none;
    let many: Vec<Mcc> = (0..=500)
        .map(|number| mcc(&format!("{number:04}")))
        .collect();
    let mut both = none();
    both.allowed_mcc = vec![mcc("5411")];
    both.blocked_mcc = vec![mcc("7995")];
    wrong("blocked_mcc", both);
    let mut both = none();
    both.allowed_countries = vec![country("LT")];
    both.blocked_countries = vec![country("LV")];
    wrong("blocked_countries", both);
    let mut long = none();
    long.allowed_mcc.clone_from(&many);
    wrong("allowed_mcc", long);
    let mut long = none();
    long.blocked_mcc = many[1..].to_vec();
    assert!(long.clone().checked().is_ok(), "500 are not too many");
    long.blocked_mcc = many;
    wrong("blocked_mcc", long);
    let mut long = none();
    long.allowed_countries = vec![country("LT"); 501];
    wrong("allowed_countries", long);
    let mut long = none();
    long.blocked_countries = vec![country("LT"); 501];
    wrong("blocked_countries", long);
}

#[test]
fn limits_that_cannot_be_right_name_the_field() {
    let of = |limits: Vec<Limit>| Controls {
        limits,
        ..Controls::none()
    };
    let sliding = |seconds| limit(Window::Sliding { seconds }, Some(1), None);
    let twice = vec![
        limit(Window::Day, Some(1), None),
        limit(Window::Day, None, Some(1)),
    ];
    wrong("limits.window", of(twice));
    let one = |window, amount, count| of(vec![limit(window, amount, count)]);
    wrong("limits.amount", one(Window::Day, Some(-1), None));
    wrong("limits.amount", one(Window::Day, None, None));
    wrong("limits.count", one(Window::PerTransaction, None, Some(1)));
    wrong("limits.seconds", of(vec![sliding(0)]));
    wrong("limits.seconds", of(vec![sliding(2_678_401)]));
    wrong("limits", of((1..=21).map(sliding).collect()));
    let most = of((1..=20).map(sliding).collect());
    assert_eq!(most.clone().checked(), Ok(most));
}

#[test]
fn equal_controls_are_equal_however_they_were_listed() {
    let one = Controls {
        blocked_mcc: vec![mcc("7995"), mcc("5933"), mcc("7995")],
        allowed_countries: vec![country("LV"), country("LT")],
        limits: vec![
            limit(Window::Month, Some(2), None),
            limit(Window::Day, Some(1), None),
        ],
        ..Controls::none()
    };
    let other = Controls {
        blocked_mcc: vec![mcc("5933"), mcc("7995")],
        allowed_countries: vec![country("LT"), country("LV")],
        limits: vec![
            limit(Window::Day, Some(1), None),
            limit(Window::Month, Some(2), None),
        ],
        ..Controls::none()
    };
    assert_eq!(one.checked(), other.checked());
    assert!(Controls::none().is_none());
}

#[test]
fn switches_and_scopes_read_back_from_their_words() {
    for switch in ChannelSwitch::ALL {
        assert_eq!(ChannelSwitch::from_word(switch.word()), Some(switch));
    }
    assert_eq!(ChannelSwitch::from_word("chip"), None);
    for channel in Channel::ALL {
        assert_eq!(
            ChannelSwitch::of(channel).is_none(),
            channel == Channel::Chip
        );
    }
}

fn some_window() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::PerTransaction),
        Just(Window::Day),
        Just(Window::Month),
        Just(Window::Lifetime),
        Just(Window::Sliding { seconds: 60 }),
    ]
}

fn some_controls() -> impl Strategy<Value = Controls> {
    let limits = prop::collection::btree_map(
        some_window(),
        (prop::option::of(0..200_i64), prop::option::of(0..5_u32)),
        0..4,
    );
    let countries = || prop::sample::subsequence(vec!["LT", "LV", "US"], 0..3);
    let mccs = || prop::sample::subsequence(vec!["5411", "6011", "7995"], 0..3);
    let closed = prop::sample::subsequence(ChannelSwitch::ALL.to_vec(), 0..3);
    let lists = (countries(), mccs(), prop::bool::ANY, closed);
    (limits, lists).prop_map(|(limits, (countries, mccs, allowed, closed))| {
        let countries = countries.into_iter().map(country).collect();
        let mccs = mccs.into_iter().map(mcc).collect();
        let mut made = Controls {
            limits: limits
                .into_iter()
                .map(|(window, (amount, count))| limit(window, amount, count))
                .collect(),
            closed_channels: closed.into_iter().collect(),
            ..Controls::none()
        };
        if allowed {
            (made.allowed_countries, made.blocked_mcc) = (countries, mccs);
        } else {
            (made.blocked_countries, made.allowed_mcc) = (countries, mccs);
        }
        made
    })
}

fn some_request() -> impl Strategy<Value = UseOfCard> {
    (
        prop::sample::select(Channel::ALL.to_vec()),
        prop::sample::select(vec!["LT", "LV", "US", "DE"]),
        prop::sample::select(vec!["5411", "6011", "7995", "5812"]),
        0..250_i64,
    )
        .prop_map(|(channel, place, category, amount_minor)| UseOfCard {
            channel,
            country: country(place),
            mcc: mcc(category),
            asked: Asked::New { amount_minor },
        })
}

const SUBJECTS: [UsageSubject; 2] = [UsageSubject::Card, UsageSubject::Account];
const WINDOWS: [Window; 4] = [
    Window::Day,
    Window::Month,
    Window::Lifetime,
    Window::Sliding { seconds: 60 },
];

fn usages_of(numbers: &[(i64, i64)]) -> Usages {
    let mut usages = Usages::none();
    let places = SUBJECTS
        .iter()
        .flat_map(|subject| WINDOWS.map(|window| (*subject, window)));
    for ((subject, window), (amount_minor, count)) in places.zip(numbers) {
        let usage = Usage {
            amount_minor: *amount_minor,
            count: *count,
        };
        usages.set(subject, window, usage);
    }
    usages
}

fn some_numbers() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0..200_i64, 0..5_i64), 8)
}

fn alone(scope: ControlScope, controls: &Arc<Controls>) -> CombinedControls {
    let mut combined = CombinedControls::default();
    match scope {
        ControlScope::Card => combined.card = controls.clone(),
        ControlScope::Account => combined.account = controls.clone(),
        ControlScope::Product => combined.product = controls.clone(),
    }
    combined
}

proptest! {
    #[test]
    fn together_controls_allow_exactly_what_each_of_them_allows(
        parts in prop::collection::vec(some_controls(), 3),
        numbers in some_numbers(),
        request in some_request(),
    ) {
        let parts: Vec<_> = parts.into_iter().map(Arc::new).collect();
        let usages = usages_of(&numbers);
        let together = CombinedControls {
            card: parts[0].clone(),
            account: parts[1].clone(),
            product: parts[2].clone(),
        };
        let each: Vec<_> = ControlScope::ALL.into_iter().zip(&parts)
            .map(|(scope, part)| alone(scope, part)).collect();
        let allowed = each.iter().all(|part| part.judge(&usages, &request).is_ok());
        prop_assert_eq!(together.judge(&usages, &request).is_ok(), allowed);
        let smallest = each.iter().map(|part| part.room(&usages)).min();
        prop_assert_eq!(Some(together.room(&usages)), smallest);
    }

    #[test]
    fn more_usage_never_allows_more(
        parts in prop::collection::vec(some_controls(), 3),
        numbers in some_numbers(),
        extra in some_numbers(),
        request in some_request(),
    ) {
        let combined = CombinedControls {
            card: Arc::new(parts[0].clone()),
            account: Arc::new(parts[1].clone()),
            product: Arc::new(parts[2].clone()),
        };
        let more: Vec<_> = numbers.iter().zip(&extra).map(|(a, b)| (a.0 + b.0, a.1 + b.1)).collect();
        let (before, after) = (usages_of(&numbers), usages_of(&more));
        if combined.judge(&after, &request).is_ok() {
            prop_assert!(combined.judge(&before, &request).is_ok());
        }
        prop_assert!(combined.room(&after) <= combined.room(&before));
    }

    #[test]
    fn the_room_is_the_largest_amount_that_passes(
        controls in some_controls(),
        numbers in some_numbers(),
    ) {
        let limits = controls.limits;
        let combined = alone(ControlScope::Card, &Arc::new(Controls { limits, ..Controls::none() }));
        let usages = usages_of(&numbers);
        let ask = |amount_minor| combined.judge(&usages, &UseOfCard {
            channel: Channel::Chip,
            country: country("LT"),
            mcc: mcc("5411"),
            asked: Asked::New { amount_minor },
        });
        let room = combined.room(&usages);
        if room > 0 {
            prop_assert_eq!(ask(room), Ok(()));
        }
        if let Some(more) = room.checked_add(1) {
            prop_assert!(ask(more).is_err());
        }
    }
}
