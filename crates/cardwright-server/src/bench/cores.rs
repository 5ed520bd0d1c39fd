//! A core for what is measured and another for who measures it.
//!
//! Threads inherit the core of the thread that starts them. So the one that will start the server
//! takes its core first; the clients get a thread of their own, which takes the other.

use std::fmt;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use super::fault;
use crate::config::Fault;

/// Which core does what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cores {
    /// The server and its clients are kept apart.
    Apart {
        /// The number of the server's core.
        server: usize,
        /// The number of the clients' core.
        clients: usize,
    },
    /// All threads run where the system puts them, for this reason.
    Loose(String),
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cores::Apart { server, clients } => write!(
                f,
                "the server has core {server} for itself, its clients have core {clients}"
            ),
            Cores::Loose(why) => write!(
                f,
                "server and clients are not kept apart, so that nothing here is per core: {why}"
            ),
        }
    }
}

impl Cores {
    /// Chooses two cores, and takes the server's for this thread and all that it will start.
    pub fn take_server() -> Cores {
        let taken = system::two().and_then(|(server, clients)| {
            system::take(server)?;
            Ok(Cores::Apart { server, clients })
        });
        taken.unwrap_or_else(Cores::Loose)
    }

    /// What the server runs on: one thread, beside those of its store.
    pub fn server_runtime(&self) -> Result<Runtime, Fault> {
        let threads = match self {
            Cores::Apart { .. } => 1,
            Cores::Loose(_) => thread::available_parallelism().map_or(1, usize::from),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build();
        runtime.map_err(|error| fault(&error))
    }

    /// Runs the clients' work on their core, on one thread.
    pub fn run_clients<W, T>(&self, work: W) -> Result<T, Fault>
    where
        W: Future<Output = Result<T, Fault>> + Send,
        T: Send,
    {
        let run = || {
            if let Cores::Apart { clients, .. } = self {
                system::take(*clients).map_err(|why| fault(&why))?;
            }
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| fault(&error))?.block_on(work)
        };
        thread::scope(|scope| scope.spawn(run).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The first two cores that this thread may use.
    pub(super) fn two() -> Result<(usize, usize), String> {
        let allowed = sched_getaffinity(None).map_err(|error| error.to_string())?;
        let mut numbers = (0..CpuSet::MAX_CPU).filter(|number| allowed.is_set(*number));
        match (numbers.next(), numbers.next()) {
            (Some(server), Some(clients)) => Ok((server, clients)),
            _ => Err("there is one core only".to_owned()),
        }
    }

    pub(super) fn take(number: usize) -> Result<(), String> {
        let mut only = CpuSet::new();
        only.set(number);
        sched_setaffinity(None, &only).map_err(|error| format!("core {number}: {error}"))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    const NOT_HERE: &str = "this system does not let a program choose";

    pub(super) fn two() -> Result<(usize, usize), String> {
        Err(NOT_HERE.to_owned())
    }

    pub(super) fn take(_number: usize) -> Result<(), String> {
        Err(NOT_HERE.to_owned())
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use rustix::thread::sched_getaffinity;

    use super::*;

    /// The cores this thread may use.
    fn mine() -> Vec<usize> {
        let allowed = sched_getaffinity(None).unwrap();
        (0..rustix::thread::CpuSet::MAX_CPU)
            .filter(|number| allowed.is_set(*number))
            .collect()
    }

    #[test]
    fn the_server_and_its_clients_are_each_kept_on_their_own_core() {
        // On a thread of its own: a test's thread may be used again.
        let (before, cores, server, store, clients) = thread::scope(|scope| {
            let all = scope.spawn(|| {
                let before = mine();
                let cores = Cores::take_server();
                let runtime = cores.server_runtime().unwrap();
                let server = runtime.block_on(async { tokio::spawn(async { mine() }).await });
                let store = thread::spawn(mine).join().unwrap();
                let clients = cores.run_clients(async { Ok(mine()) }).unwrap();
                (before, cores, server.unwrap(), store, clients)
            });
            all.join().unwrap()
        });
        match cores {
            Cores::Apart {
                server: own,
                clients: other,
            } => {
                assert_ne!(own, other);
                assert_eq!((server, store), (vec![own], vec![own]));
                assert_eq!(clients, [other]);
            }
            Cores::Loose(why) => {
                assert!(before.len() < 2, "{why}");
                assert_eq!((server, clients), (before.clone(), before));
            }
        }
    }
}
