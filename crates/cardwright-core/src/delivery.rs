//! Deliveries: when a message that was not taken is sent again, and when that ends.
//!
//! Law: a message is sent until it is taken or its schedule is over; whoever receives it must be
//! ready to see it more than once.

use jiff::SignedDuration;

use crate::WebhookDialect;

const fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

const fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

const fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// Seven sends, over a day and a half.
const FINCARD: [SignedDuration; 6] = [
    minutes(1),
    minutes(5),
    minutes(20),
    hours(1),
    hours(12),
    hours(24),
];

/// Ten sends, over four days.
const STANDARD: [SignedDuration; 9] = [
    seconds(5),
    minutes(5),
    minutes(30),
    hours(2),
    hours(5),
    hours(10),
    hours(14),
    hours(20),
    hours(24),
];

/// No receiver puts a message off for longer than the longest wait of any schedule.
const LONGEST_WISH: SignedDuration = hours(24);

/// After so long with nothing but failures an endpoint is switched off.
pub const FAILING_TOO_LONG: SignedDuration = hours(5 * 24);

/// How many thousandths a wait may be longer or shorter than its schedule says.
pub const JITTER_PERMILLE: i64 = 100;

/// How much a wait differs from its schedule, in thousandths of it, so that receivers that failed
/// together are not all asked again together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Jitter(i64);

impl Jitter {
    /// None.
    pub const NONE: Jitter = Jitter(0);

    /// Takes any number and folds it into what is allowed.
    pub fn drawn(number: u64) -> Jitter {
        let span = JITTER_PERMILLE.unsigned_abs() * 2 + 1;
        let folded = i64::try_from(number % span).unwrap_or_default();
        Jitter(folded - JITTER_PERMILLE)
    }

    fn of(self, wait: SignedDuration) -> SignedDuration {
        let difference = wait.as_millis() * i128::from(self.0) / 1_000;
        wait + SignedDuration::from_millis(i64::try_from(difference).unwrap_or_default())
    }
}

/// The waits between the sends of a message, the first send not counted.
///
/// ```
/// use cardwright_core::{WebhookDialect, waits};
///
/// assert_eq!(waits(WebhookDialect::Fincard).len() + 1, 7);
/// assert_eq!(waits(WebhookDialect::Standard).len() + 1, 10);
/// ```
pub fn waits(dialect: WebhookDialect) -> &'static [SignedDuration] {
    match dialect {
        WebhookDialect::Fincard => &FINCARD,
        WebhookDialect::Finci | WebhookDialect::Standard => &STANDARD,
    }
}

/// Whether the body of an answer says that the message was taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Confirmation {
    /// It says `success: true`.
    Given,
    /// It says anything else, or nothing.
    Missing,
}

/// What came of a send.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Response {
    /// The receiver answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// What its body says.
        confirmation: Confirmation,
        /// How long it wants to be left alone.
        retry_after: Option<SignedDuration>,
    },
    /// Nobody did.
    Nothing,
}

/// What becomes of a message after a send.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// It is sent again after so long.
    Again(SignedDuration),
    /// Its schedule is over: it is put aside for an operator.
    Dead,
    /// The receiver is gone for good; nothing more is sent to it.
    Gone,
}

/// Decides what becomes of a message that was sent for the `sends`th time.
///
/// A redirect is a failure like any other. A receiver that is busy (429, 503) may ask for more time
/// than the schedule gives it, up to a day, and never for less.
pub fn after_send(
    dialect: WebhookDialect,
    sends: usize,
    response: Response,
    jitter: Jitter,
) -> Outcome {
    let wished = match response {
        Response::Answered {
            status: 200..=299,
            confirmation,
            ..
        } if is_taken(dialect, confirmation) => return Outcome::Delivered,
        Response::Answered { status: 410, .. } => return Outcome::Gone,
        Response::Answered {
            status: 429 | 503,
            retry_after,
            ..
        } => retry_after,
        Response::Answered { .. } | Response::Nothing => None,
    };
    let Some(planned) = waits(dialect).get(sends.saturating_sub(1)) else {
        return Outcome::Dead;
    };
    let planned = match dialect {
        WebhookDialect::Fincard => *planned,
        WebhookDialect::Finci | WebhookDialect::Standard => jitter.of(*planned),
    };
    let wished = wished.unwrap_or_default().min(LONGEST_WISH);
    Outcome::Again(planned.max(wished))
}

/// What a sandbox can do wrong on purpose with a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WebhookFault {
    /// It is sent twice.
    Duplicate,
    /// It is put off.
    Delay,
    /// A later one overtakes it.
    Reorder,
    /// It is lost on its way.
    Drop,
    /// It takes its time.
    Slow,
    /// Its signature is of something else.
    WrongSignature,
    /// Half of it is missing.
    Truncate,
    /// Its answer is taken for a server's error.
    ServerError,
}

impl WebhookFault {
    /// Those that are decided each time that a message is sent.
    pub const AT_SEND: [WebhookFault; 6] = [
        WebhookFault::Duplicate,
        WebhookFault::Drop,
        WebhookFault::Slow,
        WebhookFault::WrongSignature,
        WebhookFault::Truncate,
        WebhookFault::ServerError,
    ];

    /// Whether what came of sending says nothing about the receiver: it was not asked, or rightly
    /// refused what it was sent, or was said to have answered what it had not.
    pub fn is_pretended_failure(self) -> bool {
        match self {
            WebhookFault::Drop
            | WebhookFault::Slow
            | WebhookFault::WrongSignature
            | WebhookFault::Truncate
            | WebhookFault::ServerError => true,
            WebhookFault::Duplicate | WebhookFault::Delay | WebhookFault::Reorder => false,
        }
    }

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            WebhookFault::Duplicate => "duplicate",
            WebhookFault::Delay => "delay",
            WebhookFault::Reorder => "reorder",
            WebhookFault::Drop => "drop",
            WebhookFault::Slow => "slow",
            WebhookFault::WrongSignature => "wrong_signature",
            WebhookFault::Truncate => "truncate",
            WebhookFault::ServerError => "server_error",
        }
    }
}

fn is_taken(dialect: WebhookDialect, confirmation: Confirmation) -> bool {
    match dialect {
        WebhookDialect::Fincard => confirmation == Confirmation::Given,
        WebhookDialect::Finci | WebhookDialect::Standard => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Response {
        Response::Answered {
            status,
            confirmation: Confirmation::Missing,
            retry_after: None,
        }
    }

    fn busy(status: u16, wish: SignedDuration) -> Response {
        Response::Answered {
            status,
            confirmation: Confirmation::Missing,
            retry_after: Some(wish),
        }
    }

    fn all_sends(dialect: WebhookDialect, response: Response) -> Vec<Outcome> {
        let judged = |sends| after_send(dialect, sends, response, Jitter::NONE);
        (1..=waits(dialect).len() + 1).map(judged).collect()
    }

    #[test]
    fn a_message_that_nobody_takes_is_sent_by_the_schedule_and_then_put_aside() {
        for dialect in WebhookDialect::ALL {
            let mut expected: Vec<Outcome> =
                waits(dialect).iter().copied().map(Outcome::Again).collect();
            expected.push(Outcome::Dead);
            for response in [
                Response::Nothing,
                answered(301),
                answered(404),
                answered(500),
            ] {
                assert_eq!(all_sends(dialect, response), expected, "{dialect:?}");
            }
        }
    }

    #[test]
    fn fincard_receivers_confirm_in_the_body_and_others_by_the_status() {
        let confirmed = Response::Answered {
            status: 201,
            confirmation: Confirmation::Given,
            retry_after: None,
        };
        for dialect in WebhookDialect::ALL {
            assert_eq!(
                after_send(dialect, 1, confirmed, Jitter::NONE),
                Outcome::Delivered
            );
        }
        let silent = answered(200);
        let judged = |dialect| after_send(dialect, 1, silent, Jitter::NONE);
        assert_eq!(judged(WebhookDialect::Finci), Outcome::Delivered);
        assert_eq!(judged(WebhookDialect::Standard), Outcome::Delivered);
        assert_eq!(
            judged(WebhookDialect::Fincard),
            Outcome::Again(minutes(1)),
            "a page that says 200 to everything has taken nothing"
        );
    }

    #[test]
    fn a_receiver_that_is_gone_is_left_alone_at_once() {
        for dialect in WebhookDialect::ALL {
            assert_eq!(
                after_send(dialect, 1, answered(410), Jitter::NONE),
                Outcome::Gone
            );
        }
    }

    #[test]
    fn a_busy_receiver_gets_more_time_but_neither_less_nor_for_ever() {
        let dialect = WebhookDialect::Standard;
        let judged = |sends, response| after_send(dialect, sends, response, Jitter::NONE);
        for status in [429, 503] {
            assert_eq!(
                judged(1, busy(status, minutes(9))),
                Outcome::Again(minutes(9))
            );
            assert_eq!(
                judged(2, busy(status, seconds(1))),
                Outcome::Again(minutes(5))
            );
            assert_eq!(
                judged(1, busy(status, hours(900))),
                Outcome::Again(hours(24))
            );
            assert_eq!(judged(10, busy(status, hours(1))), Outcome::Dead);
        }
        assert_eq!(judged(1, busy(500, hours(1))), Outcome::Again(seconds(5)));
    }

    #[test]
    fn waits_differ_by_a_tenth_at_most_and_those_of_fincard_never() {
        let jitters: Vec<Jitter> = (0..402).map(Jitter::drawn).collect();
        let wait = |dialect, jitter| match after_send(dialect, 2, Response::Nothing, jitter) {
            Outcome::Again(wait) => wait,
            other => panic!("{other:?}"),
        };
        let drawn: Vec<SignedDuration> = jitters
            .iter()
            .map(|jitter| wait(WebhookDialect::Finci, *jitter))
            .collect();
        assert_eq!(drawn.iter().min(), Some(&seconds(270)));
        assert_eq!(drawn.iter().max(), Some(&seconds(330)));
        assert!(
            jitters
                .iter()
                .all(|jitter| wait(WebhookDialect::Fincard, *jitter) == minutes(5))
        );
    }
}
