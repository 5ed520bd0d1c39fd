//! Which addresses may be connected to, on whose word ever.
//!
//! An integrator names a URL, and the server connects to it from the inside of somebody's network.
//! Law: what is judged is the address that is about to be connected to, each one that a name stands
//! for, at the moment of connecting; what a name stood for before says nothing. Addresses that
//! contain an IPv4 address are refused whatever they contain: a machine on the way would unpack it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::names::Names;
use crate::network::AddressList;

/// What comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A connection that bytes go through.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// The network outside: what names stand for, and connections. Tests bring their own.
pub trait Network: Send + Sync + 'static {
    /// The addresses that a name stands for now.
    fn resolve<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>>;

    /// Connects to an address that was judged.
    fn connect(&self, address: SocketAddr) -> Later<'_, io::Result<Box<dyn Wire>>>;
}

/// The network that this machine is on, without any proxy.
pub struct Internet(Names);

impl Internet {
    /// With the names that this machine knows.
    pub fn of_this_machine() -> Internet {
        Internet(Names::of_this_machine())
    }

    /// With names that are looked up in another way.
    pub fn with_names(names: Names) -> Internet {
        Internet(names)
    }
}

impl Network for Internet {
    fn resolve<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(self.0.addresses(name))
    }

    fn connect(&self, address: SocketAddr) -> Later<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Wire>)
        })
    }
}

/// Why an address is not connected to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Barred {
    /// "This network": 0.0.0.0/8, `::`.
    Unspecified,
    /// This machine.
    Loopback,
    /// A private network, unique local addresses included.
    Private,
    /// Only on this link, or only on this site.
    Local,
    /// Shared between a provider and its customers (RFC 6598).
    Shared,
    /// To many at once.
    Multicast,
    /// For examples in texts.
    Documentation,
    /// For measuring networks.
    Benchmark,
    /// Reserved, or used by protocols themselves.
    Reserved,
    /// Contains an IPv4 address.
    EmbedsIpv4,
}

impl Barred {
    /// The word for logs and answers.
    pub fn word(self) -> &'static str {
        match self {
            Barred::Unspecified => "unspecified",
            Barred::Loopback => "loopback",
            Barred::Private => "private",
            Barred::Local => "link_local",
            Barred::Shared => "shared",
            Barred::Multicast => "multicast",
            Barred::Documentation => "documentation",
            Barred::Benchmark => "benchmark",
            Barred::Reserved => "reserved",
            Barred::EmbedsIpv4 => "embedded_ipv4",
        }
    }
}

impl fmt::Display for Barred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the address is not delivered to: {}", self.word())
    }
}

impl std::error::Error for Barred {}

/// Judges addresses; knows the network they are on.
#[derive(Clone)]
pub struct Guard {
    allowed: AddressList,
    network: Arc<dyn Network>,
}

impl Guard {
    /// A guard that lets these private networks through besides what anybody may connect to.
    pub fn new(allowed: AddressList, network: Arc<dyn Network>) -> Guard {
        Guard { allowed, network }
    }

    /// The network outside.
    pub(super) fn network(&self) -> &dyn Network {
        &*self.network
    }

    /// Whether an address may be connected to.
    pub fn judge(&self, address: IpAddr) -> Result<(), Barred> {
        let Some(barred) = barred(address) else {
            return Ok(());
        };
        // The list takes an IPv4-mapped address for the IPv4 address in it; here it is another one.
        if barred != Barred::EmbedsIpv4 && self.allowed.contains(address) {
            return Ok(());
        }
        Err(barred)
    }

    /// The addresses of a host that may be connected to, in the order they were told.
    ///
    /// Where there are none, the reason against the first is the answer; no address at all is an
    /// error of the name.
    pub async fn addresses(&self, host: &str) -> io::Result<Result<Vec<IpAddr>, Barred>> {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let told = match literal.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.network.resolve(host).await?,
        };
        let mut admitted = Vec::new();
        let mut first_against = None;
        for address in told {
            match self.judge(address) {
                Ok(()) if admitted.contains(&address) => {}
                Ok(()) => admitted.push(address),
                Err(barred) => first_against = first_against.or(Some(barred)),
            }
        }
        match (admitted.is_empty(), first_against) {
            (false, _) => Ok(Ok(admitted)),
            (true, Some(barred)) => Ok(Err(barred)),
            (true, None) => Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the name stands for no address",
            )),
        }
    }
}

/// Why no stranger's word makes us connect to an address; nothing where anybody may.
pub fn barred(address: IpAddr) -> Option<Barred> {
    match address {
        IpAddr::V4(address) => barred_v4(address),
        IpAddr::V6(address) => barred_v6(address),
    }
}

/// The registry of special addresses (IANA, RFC 6890 and what came after it).
fn barred_v4(address: Ipv4Addr) -> Option<Barred> {
    match address.octets() {
        [0, ..] => Some(Barred::Unspecified),
        [127, ..] => Some(Barred::Loopback),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some(Barred::Private),
        [169, 254, ..] => Some(Barred::Local),
        [100, 64..=127, ..] => Some(Barred::Shared),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some(Barred::Documentation),
        [198, 18..=19, ..] => Some(Barred::Benchmark),
        [224..=239, ..] => Some(Barred::Multicast),
        // Protocol assignments, the relays of 6to4, class E with the broadcast address.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Some(Barred::Reserved),
        _ => None,
    }
}

/// Only `2000::/3` is global unicast; what is special within it is taken out.
fn barred_v6(address: Ipv6Addr) -> Option<Barred> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Barred::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Barred::Loopback),
        words if embeds_v4(words) => Some(Barred::EmbedsIpv4),
        [0x2001, 2, 0, ..] => Some(Barred::Benchmark),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some(Barred::Documentation),
        [0xfc00..=0xfdff, ..] => Some(Barred::Private),
        [0xfe80..=0xfeff, ..] => Some(Barred::Local),
        [0xff00..=0xffff, ..] => Some(Barred::Multicast),
        // Among the protocol assignments: ORCHID, drones, anycast of services.
        [0x2001, 0..=0x1ff, ..] => Some(Barred::Reserved),
        [0x2000..=0x3fff, ..] => None,
        _ => Some(Barred::Reserved),
    }
}

/// Whether an IPv4 address is in it, by any of the ways there were to put one in.
#[expect(clippy::match_same_arms, reason = "each way is told by itself")]
fn embeds_v4(words: [u16; 8]) -> bool {
    match words {
        // Compatible and mapped; translated (RFC 2765).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => true,
        // NAT64 by the well-known prefix and by local ones; Teredo; 6to4.
        [0x64, 0xff9b, ..] | [0x2001, 0, ..] | [0x2002, ..] => true,
        // ISATAP puts the address behind a mark in any network.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
