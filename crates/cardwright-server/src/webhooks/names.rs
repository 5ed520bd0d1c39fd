//! Names of hosts, looked up without a thread for each.
//!
//! Law: a name that hangs holds up nobody else. What the machine's own function does cannot be
//! broken off: each lookup keeps a thread until the name servers answer, and everybody's lookups wait
//! behind those of whoever names a host that never answers. Here a lookup is a packet that is waited
//! for, and ends with whoever waits.
//!
//! The hosts file of the machine is asked first, then its name servers, with its search domains; a
//! change of these files counts from the next lookup on.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hickory_resolver::Hosts;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
    ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Resolver, TokioResolver};

/// The files that say how this machine looks names up.
const FILES: [&str; 2] = ["/etc/resolv.conf", "/etc/hosts"];
/// How long an answer is kept at most: an endpoint that moves is soon found.
const KEPT_AT_MOST: Duration = Duration::from_mins(1);
/// How long it is kept that there is no such name: who has just made it tries again at once.
const ABSENCE_KEPT_AT_MOST: Duration = Duration::from_secs(5);
/// How many questions one connection to a name server carries; few are ever needed, but nobody's
/// long answers should keep others waiting.
const QUESTIONS_PER_CONNECTION: usize = 1_024;

/// Looks names up.
pub struct Names {
    source: Source,
    current: Mutex<Option<Arc<Directory>>>,
}

/// Where it is known from whom to ask.
enum Source {
    /// This machine.
    Machine,
    /// These name servers and nothing else.
    Servers(Vec<SocketAddr>),
}

/// What was known when the files were last read.
struct Directory {
    stamps: [Option<Stamp>; 2],
    hosts: Hosts,
    resolver: TokioResolver,
}

/// Tells one content of a file from another.
type Stamp = (SystemTime, u64);

impl Names {
    /// As this machine is set up.
    pub fn of_this_machine() -> Names {
        Names::from(Source::Machine)
    }

    /// By these name servers, over UDP, whatever this machine is set up to ask.
    pub fn of_servers(servers: &[SocketAddr]) -> Names {
        Names::from(Source::Servers(servers.to_vec()))
    }

    fn from(source: Source) -> Names {
        Names {
            source,
            current: Mutex::new(None),
        }
    }

    /// The addresses that a name stands for, those of IPv4 first: where IPv6 is only half set up, it
    /// swallows packets without a word.
    pub async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        // A URL has its host in ASCII, and there may be `_` in it, as names of containers have.
        let name = Name::from_ascii(host).map_err(io::Error::other)?;
        let directory = self.directory()?;
        let written = written(&directory.hosts, &name);
        if !written.is_empty() {
            return Ok(written);
        }
        let found = directory.resolver.lookup_ip(name).await;
        let mut found: Vec<IpAddr> = found.map_err(io::Error::other)?.iter().collect();
        found.sort_by_key(IpAddr::is_ipv6);
        Ok(found)
    }

    fn directory(&self) -> io::Result<Arc<Directory>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = match self.source {
            Source::Machine => FILES.map(stamp),
            Source::Servers(_) => [None; 2],
        };
        if let Some(directory) = &*current
            && directory.stamps == stamps
        {
            return Ok(directory.clone());
        }
        let read = Arc::new(read(&self.source, stamps)?);
        *current = Some(read.clone());
        Ok(read)
    }
}

/// Asked of the file system directly: tokio would do it on the threads that must stay free.
fn stamp(file: &str) -> Option<Stamp> {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(source: &Source, stamps: [Option<Stamp>; 2]) -> io::Result<Directory> {
    let (hosts, config, mut options) = match source {
        Source::Machine => {
            let (config, options) = read_system_conf().unwrap_or_else(|error| {
                tracing::warn!(%error, "name servers are not set up; this machine is asked");
                let own = NameServerConfig::udp_and_tcp(Ipv4Addr::LOCALHOST.into());
                let config = ResolverConfig::from_name_servers(vec![own]);
                (config, ResolverOpts::default())
            });
            (Hosts::from_system().unwrap_or_default(), config, options)
        }
        Source::Servers(servers) => {
            let servers = servers.iter().map(server).collect();
            let config = ResolverConfig::from_name_servers(servers);
            (Hosts::default(), config, ResolverOpts::default())
        }
    };
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    // We ask it ourselves: a name that stands in it must not wait for name servers.
    options.use_hosts_file = ResolveHosts::Never;
    options.positive_max_ttl = Some(KEPT_AT_MOST);
    options.negative_max_ttl = Some(ABSENCE_KEPT_AT_MOST);
    options.max_active_requests = QUESTIONS_PER_CONNECTION;
    let resolver = Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .map_err(io::Error::other)?;
    Ok(Directory {
        stamps,
        hosts,
        resolver,
    })
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let mut connection = ConnectionConfig::udp();
    connection.port = address.port();
    NameServerConfig::new(address.ip(), true, vec![connection])
}

/// What the hosts file says about a name; it has the whole say about those in it.
fn written(hosts: &Hosts, name: &Name) -> Vec<IpAddr> {
    let of = |kind| hosts.lookup_static_host(&Query::query(name.clone(), kind));
    [RecordType::A, RecordType::AAAA]
        .into_iter()
        .filter_map(of)
        .flat_map(|found| {
            let addresses = found.answers().iter().map(|record| record.data.ip_addr());
            addresses.flatten().collect::<Vec<_>>()
        })
        .collect()
}
