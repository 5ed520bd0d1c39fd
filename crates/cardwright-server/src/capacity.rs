//! How much may be open at a time: the files that this process may have, shared out.
//!
//! Law: whoever makes connections, callers or we ourselves, has a share, and no share reaches into
//! another one. So an integrator that hangs takes no descriptor from callers, and neither takes one
//! from the store.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for ourselves: the database with its readers, listeners, files that are read, the runtime.
const OWN: usize = 96;
/// With fewer than these a server is good for a try, and says so.
const FEW: usize = 512;
/// More than this makes no share larger.
const PLENTY: usize = 65_536;
/// The most that some systems let anybody have, whatever they say.
const FOR_SURE: u64 = 10_240;

/// The largest shares.
const CALLERS_MOST: usize = 32_768;
const SENDS_MOST: usize = 2_048;
const QUESTIONS_MOST: usize = 1_024;
const LATE_MOST: usize = 64;
/// So many late answers are waited for at most, for one tenant.
const LATE_OF_ONE_MOST: usize = 4;

/// What may be open at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Connections of callers.
    pub callers: Share,
    /// Messages on their way to endpoints.
    pub sends: usize,
    /// Connections to endpoints, for messages.
    pub deliveries: Connections,
    /// Questions to integrators.
    pub questions: Share,
    /// Answers to them that are waited for although their time is over.
    pub late: Share,
    /// Connections to endpoints, for questions.
    pub decisions: Connections,
}

/// How many there may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// In all.
    pub in_all: usize,
    /// Of one: of an address, or of a tenant.
    pub of_one: usize,
}

/// How many connections there may be to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connections {
    /// In all, those included that nothing is sent over just now.
    pub in_all: usize,
    /// Of them, how many are kept for the next time.
    pub kept: usize,
}

impl Connections {
    /// So many in use, and as many again that rest.
    fn for_use(uses: usize) -> Connections {
        Connections {
            in_all: uses * 2,
            kept: uses,
        }
    }
}

/// As on a machine that is not short of files.
impl Default for Capacity {
    fn default() -> Capacity {
        Capacity::of(PLENTY)
    }
}

impl Capacity {
    /// What a process may have open that may have so many files.
    pub fn of(files: usize) -> Capacity {
        let quarter = files.min(PLENTY).saturating_sub(OWN) / 4;
        let callers = (quarter * 2).clamp(16, CALLERS_MOST);
        // One that is used may look a name up over two sockets, and one that rests is one.
        let uses = (quarter / 3).max(8);
        let late = (uses / 8).clamp(1, LATE_MOST);
        let questions = (uses - late).min(QUESTIONS_MOST);
        let sends = uses.min(SENDS_MOST);
        Capacity {
            callers: Share {
                in_all: callers,
                // Whoever comes from elsewhere finds room, whatever one address does.
                of_one: callers - callers / 4,
            },
            sends,
            deliveries: Connections::for_use(sends),
            questions: Share {
                in_all: questions,
                of_one: (questions / 4).max(1),
            },
            late: Share {
                in_all: late,
                of_one: (late / 4).clamp(1, LATE_OF_ONE_MOST),
            },
            decisions: Connections::for_use(questions + late),
        }
    }

    /// What this process may have open, once it may have as many files as it can.
    pub fn of_this_program() -> Capacity {
        let files = raise_open_files();
        if files < FEW {
            tracing::warn!(
                files,
                "this process may have few files open, and so few connections; see ulimit -n"
            );
        }
        Capacity::of(files)
    }
}

/// Raises the number of files that this process may have open as far as it may. How many that is.
fn raise_open_files() -> usize {
    let limits = getrlimit(Resource::Nofile);
    let hard = limits.maximum.unwrap_or(u64::MAX);
    // A system may say that there is no limit and have one all the same.
    for wanted in [limits.maximum, Some(hard.min(FOR_SURE))] {
        let is_more = match (wanted, limits.current) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(wanted), Some(current)) => wanted > current,
        };
        let raised = Rlimit {
            current: wanted,
            maximum: limits.maximum,
        };
        if is_more && setrlimit(Resource::Nofile, raised).is_ok() {
            break;
        }
    }
    let now = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(now).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What all shares need if each is used up: a connection that is used may take two descriptors
    /// while a name is looked up, one that rests takes one.
    fn needed(capacity: &Capacity) -> usize {
        let links = |of: Connections| of.kept + (of.in_all - of.kept) * 2;
        OWN + capacity.callers.in_all + links(capacity.deliveries) + links(capacity.decisions)
    }

    #[test]
    fn all_shares_together_stay_below_what_the_process_may_have() {
        for files in [256, 512, 1_024, 1_337, 4_096, 65_536, 1 << 20, usize::MAX] {
            let capacity = Capacity::of(files);
            assert!(
                needed(&capacity) <= files,
                "{files}: {} {capacity:?}",
                needed(&capacity)
            );
        }
    }

    #[test]
    fn an_ordinary_process_serves_many_and_one_with_few_files_serves_some() {
        let ordinary = Capacity::of(1_024);
        assert_eq!(
            ordinary,
            Capacity {
                callers: Share {
                    in_all: 464,
                    of_one: 348
                },
                sends: 77,
                deliveries: Connections {
                    in_all: 154,
                    kept: 77
                },
                questions: Share {
                    in_all: 68,
                    of_one: 17
                },
                late: Share {
                    in_all: 9,
                    of_one: 2
                },
                decisions: Connections {
                    in_all: 154,
                    kept: 77
                },
            }
        );
        let few = Capacity::of(0);
        let shares = [few.callers, few.questions, few.late];
        assert!(shares.iter().all(|share| share.of_one > 0));
        assert!(few.sends > 0 && few.deliveries.kept > 0 && few.decisions.kept > 0);
        let many = Capacity::default();
        assert_eq!(
            (many.sends, many.questions.in_all, many.late.in_all),
            (SENDS_MOST, QUESTIONS_MOST, LATE_MOST)
        );
        assert_eq!(Capacity::of(usize::MAX), many);
    }

    #[test]
    fn this_process_may_have_as_many_files_as_it_can() {
        let files = raise_open_files();
        let limits = getrlimit(Resource::Nofile);
        assert_eq!(usize::try_from(limits.current.unwrap()).unwrap(), files);
        let hard = limits.maximum.unwrap_or(u64::MAX);
        assert!(files as u64 >= hard.min(FOR_SURE));
        assert_eq!(raise_open_files(), files, "once is enough");
    }
}
