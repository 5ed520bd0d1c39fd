//! Lists of network addresses: who may call, and who counts as one caller.
//!
//! An entry is refused when it is configured, not silently widened or narrowed when it is used:
//! the standard library's parser comes first (no leading zeros, no shorthand, no zones), then the
//! rules here. The client address itself is found out elsewhere.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Networks from which calls are admitted; an empty list admits nobody.
///
/// An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`, what a dual-stack socket reports) is the same
/// caller as the IPv4 address in it, in entries as in questions. An IPv6 network therefore never
/// admits an IPv4 caller.
///
/// ```
/// use cardwright_server::network::{AddressList, Breadth};
///
/// let list = AddressList::parse(["192.0.2.0/24", "2001:db8::/32"], Breadth::Bounded)?;
/// assert!(list.contains("192.0.2.7".parse()?));
/// assert!(list.contains("::ffff:192.0.2.7".parse()?));
/// assert!(!list.contains("198.51.100.1".parse()?));
/// assert!(AddressList::parse(["192.0.2.7/24"], Breadth::Bounded).is_err(), "host bits");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressList {
    networks: Vec<IpNet>,
}

/// Whether a list may hold the network of all addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breadth {
    /// `0.0.0.0/0` and `::/0` are refused: mostly they are a mistake.
    Bounded,
    /// The configuration says `allow_any = true`.
    AllowAny,
}

impl AddressList {
    /// Reads entries such as `192.0.2.0/24`, `2001:db8::/32` or a single address.
    ///
    /// Repeated entries are kept once; order is kept otherwise.
    pub fn parse<I>(entries: I, breadth: Breadth) -> Result<AddressList, AddressError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut networks = Vec::new();
        for entry in entries {
            let network = parse_entry(entry.as_ref(), breadth)?;
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
        Ok(AddressList { networks })
    }

    /// Whether a caller from this address is admitted.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Whether the list admits nobody.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// The entries in their canonical text, which [`AddressList::parse`] reads back.
    pub fn entries(&self) -> Vec<String> {
        self.networks.iter().map(ToString::to_string).collect()
    }
}

/// An address that a trusted proxy wrote and nobody can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableAddress;

impl fmt::Display for UnreadableAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an address in X-Forwarded-For cannot be read")
    }
}

impl std::error::Error for UnreadableAddress {}

/// The address of the caller behind a chain of trusted proxies.
///
/// Each proxy writes the address of its own peer behind those it was sent, so the list is believed
/// from its right end as long as the one who wrote is trusted: the first address from there that is
/// not a trusted proxy's is the caller's, and whatever stands left of it is only a claim. A proxy
/// that speaks for nobody else is the caller itself: whether that is believed is for others to say,
/// because a proxy that forgets to tell would lend its own address to everybody. `lines` are all values of `X-Forwarded-For` in
/// the order sent, which together are one list (RFC 9110, section 5.3).
///
/// ```
/// use cardwright_server::network::{AddressList, Breadth, client_address};
///
/// let proxies = AddressList::parse(["192.0.2.1"], Breadth::Bounded)?;
/// let lines: [&[u8]; 1] = [b"10.0.0.1, 198.51.100.7"];
/// let caller = client_address("192.0.2.1".parse()?, &lines, &proxies)?;
/// assert_eq!(caller.to_string(), "198.51.100.7");
/// let stranger = client_address("203.0.113.9".parse()?, &lines, &proxies)?;
/// assert_eq!(stranger.to_string(), "203.0.113.9");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn client_address(
    peer: IpAddr,
    lines: &[&[u8]],
    proxies: &AddressList,
) -> Result<IpAddr, UnreadableAddress> {
    let mut caller = peer.to_canonical();
    let entries = lines.iter().rev();
    let mut entries = entries.flat_map(|line| line.rsplit(|byte| *byte == b','));
    while proxies.contains(caller) {
        let Some(entry) = entries.find(|entry| !entry.trim_ascii().is_empty()) else {
            return Ok(caller);
        };
        caller = forwarded_address(entry.trim_ascii()).ok_or(UnreadableAddress)?;
    }
    Ok(caller)
}

/// An address as proxies write it: bare, in brackets, with a port.
fn forwarded_address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    };
    let address = bare.or_else(with_port).or_else(in_brackets)?;
    Some(address.to_canonical())
}

/// What counts as one caller where callers are counted: an IPv4 address, or an IPv6 /64 network.
///
/// IPv6 callers own at least a /64 and could use a fresh address for every call.
pub fn counted_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

impl fmt::Display for AddressList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.entries().join(", "))
    }
}

/// An entry that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    entry: String,
    fault: AddressFault,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressFault {
    /// Not an address in the notation of the standards; leading zeros and zones count as such.
    NotAnAddress,
    /// The part behind the slash is not a plain number within the address family's bounds.
    PrefixLength,
    /// Bits are set behind the prefix; the network that was probably meant is given.
    HostBits(String),
    /// An IPv4-mapped network shorter than /96 is neither an IPv4 nor an IPv6 network.
    MappedTooShort,
    /// The network of all addresses, without [`Breadth::AllowAny`].
    Everybody,
}

impl AddressError {
    /// The entry as it was written.
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// What is wrong with it.
    pub fn fault(&self) -> &AddressFault {
        &self.fault
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "allowlist entry {:?}: ", self.entry)?;
        match &self.fault {
            AddressFault::NotAnAddress => formatter.write_str(
                "not an IP address or network (for example 192.0.2.0/24 or 2001:db8::/32; \
                 no leading zeros, no zone)",
            ),
            AddressFault::PrefixLength => formatter.write_str(
                "the prefix length must be a plain number, at most 32 for IPv4 and 128 for IPv6",
            ),
            AddressFault::HostBits(meant) => {
                write!(
                    formatter,
                    "bits are set behind the prefix; did you mean {meant}?"
                )
            }
            AddressFault::MappedTooShort => formatter.write_str(
                "an IPv4-mapped network needs a prefix of at least /96; write it as IPv4",
            ),
            AddressFault::Everybody => formatter
                .write_str("admits every address; set allow_any = true if that is really meant"),
        }
    }
}

impl std::error::Error for AddressError {}

fn parse_entry(entry: &str, breadth: Breadth) -> Result<IpNet, AddressError> {
    let refused = |fault| AddressError {
        entry: entry.to_owned(),
        fault,
    };
    let (address, prefix) = match entry.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (entry, None),
    };
    let address: IpAddr = address
        .parse()
        .map_err(|_| refused(AddressFault::NotAnAddress))?;
    let widest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(text) => {
            parse_prefix(text, widest).ok_or_else(|| refused(AddressFault::PrefixLength))?
        }
        None => widest,
    };
    let network = network(address, prefix).map_err(refused)?;
    if network.prefix_len() == 0 && breadth == Breadth::Bounded {
        return Err(refused(AddressFault::Everybody));
    }
    Ok(network)
}

/// A prefix length in its only spelling: digits, no sign, no leading zero.
fn parse_prefix(text: &str, widest: u8) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|length| *length <= widest)
}

fn network(address: IpAddr, prefix: u8) -> Result<IpNet, AddressFault> {
    let network = match address {
        IpAddr::V4(address) => v4(address, prefix)?,
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(_) if prefix < 96 => return Err(AddressFault::MappedTooShort),
            Some(mapped) => v4(mapped, prefix - 96)?,
            None => Ipv6Net::new(address, prefix)
                .map_err(|_| AddressFault::PrefixLength)?
                .into(),
        },
    };
    let written = match network {
        IpNet::V4(network) => IpAddr::V4(network.addr()),
        IpNet::V6(network) => IpAddr::V6(network.addr()),
    };
    if network.network() != written {
        return Err(AddressFault::HostBits(network.trunc().to_string()));
    }
    Ok(network)
}

fn v4(address: Ipv4Addr, prefix: u8) -> Result<IpNet, AddressFault> {
    Ok(Ipv4Net::new(address, prefix)
        .map_err(|_| AddressFault::PrefixLength)?
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AddressList {
        AddressList::parse(entries, Breadth::Bounded).unwrap()
    }

    #[test]
    fn entries_that_could_mean_something_else_are_refused_with_the_reason() {
        let host = |meant: &str| AddressFault::HostBits(meant.to_owned());
        let table = [
            ("", AddressFault::NotAnAddress),
            ("/", AddressFault::NotAnAddress),
            ("/24", AddressFault::NotAnAddress),
            ("localhost", AddressFault::NotAnAddress),
            ("192.0.2", AddressFault::NotAnAddress),
            ("192.0.2/24", AddressFault::NotAnAddress),
            ("192.0.2.256", AddressFault::NotAnAddress),
            ("192.0.02.0/24", AddressFault::NotAnAddress),
            ("010.0.0.0/8", AddressFault::NotAnAddress),
            ("0x7f.0.0.1", AddressFault::NotAnAddress),
            ("3221225985", AddressFault::NotAnAddress),
            (" 192.0.2.0/24", AddressFault::NotAnAddress),
            ("192.0.2.0 /24", AddressFault::NotAnAddress),
            ("192.0.2.0/24,198.51.100.0/24", AddressFault::PrefixLength),
            ("*", AddressFault::NotAnAddress),
            ("192.0.2.0-192.0.2.9", AddressFault::NotAnAddress),
            ("fe80::1%eth0", AddressFault::NotAnAddress),
            ("[2001:db8::1]", AddressFault::NotAnAddress),
            ("2001:db8::1::/64", AddressFault::NotAnAddress),
            ("192.0.2.1:443", AddressFault::NotAnAddress),
            ("192.0.2.0/", AddressFault::PrefixLength),
            ("192.0.2.0/24/24", AddressFault::PrefixLength),
            ("192.0.2.0/33", AddressFault::PrefixLength),
            ("192.0.2.0/280", AddressFault::PrefixLength),
            ("192.0.2.0/-1", AddressFault::PrefixLength),
            ("192.0.2.0/+24", AddressFault::PrefixLength),
            ("192.0.2.0/024", AddressFault::PrefixLength),
            ("192.0.2.0/00", AddressFault::PrefixLength),
            ("192.0.2.0/24 ", AddressFault::PrefixLength),
            ("192.0.2.0/255.255.255.0", AddressFault::PrefixLength),
            ("192.0.2.0/२४", AddressFault::PrefixLength),
            ("2001:db8::/129", AddressFault::PrefixLength),
            ("192.0.2.7/24", host("192.0.2.0/24")),
            ("192.0.2.1/0", host("0.0.0.0/0")),
            ("192.0.2.1/31", host("192.0.2.0/31")),
            ("2001:db8::1/64", host("2001:db8::/64")),
            ("::1/0", host("::/0")),
            ("::ffff:192.0.2.7/120", host("192.0.2.0/24")),
            ("::ffff:192.0.2.0/24", AddressFault::MappedTooShort),
            ("::ffff:0.0.0.0/95", AddressFault::MappedTooShort),
            ("::ffff:0:0/0", AddressFault::MappedTooShort),
            ("0.0.0.0/0", AddressFault::Everybody),
            ("::/0", AddressFault::Everybody),
            ("::ffff:0.0.0.0/96", AddressFault::Everybody),
        ];
        for (entry, fault) in table {
            let error = AddressList::parse(["192.0.2.1", entry], Breadth::Bounded)
                .expect_err(&format!("{entry:?} must be refused"));
            assert_eq!(error.fault(), &fault, "{entry:?}");
            assert_eq!(error.entry(), entry);
            assert!(error.to_string().contains(&format!("{entry:?}")), "{error}");
        }
    }

    #[test]
    fn an_error_tells_what_to_write_instead() {
        let error = AddressList::parse(["10.1.2.3/8"], Breadth::Bounded).unwrap_err();
        assert_eq!(
            error.to_string(),
            "allowlist entry \"10.1.2.3/8\": bits are set behind the prefix; did you mean 10.0.0.0/8?"
        );
        let error = AddressList::parse(["0.0.0.0/0"], Breadth::Bounded).unwrap_err();
        assert!(error.to_string().contains("allow_any = true"), "{error}");
    }

    #[test]
    fn membership_is_decided_by_the_network_and_nothing_else() {
        let table: [(&[&str], &str, bool); 20] = [
            (&["192.0.2.0/24"], "192.0.2.0", true),
            (&["192.0.2.0/24"], "192.0.2.255", true),
            (&["192.0.2.0/24"], "192.0.3.0", false),
            (&["192.0.2.0/24"], "::ffff:192.0.2.9", true),
            (&["192.0.2.0/24"], "::192.0.2.9", false),
            (&["192.0.2.0/24"], "64:ff9b::192.0.2.9", false),
            (&["::ffff:192.0.2.0/120"], "192.0.2.9", true),
            (&["::ffff:192.0.2.0/120"], "::ffff:192.0.2.9", true),
            (&["::ffff:192.0.2.1"], "192.0.2.1", true),
            (&["::ffff:192.0.2.1"], "192.0.2.2", false),
            (&["192.0.2.1"], "192.0.2.1", true),
            (&["192.0.2.1"], "192.0.2.2", false),
            (&["192.0.2.1/32"], "192.0.2.0", false),
            (&["2001:db8::/32"], "2001:db8:ffff::1", true),
            (&["2001:db8::/32"], "2001:db9::1", false),
            (&["2001:db8::1"], "2001:db8::1", true),
            (&["::/80"], "192.0.2.1", false),
            (&["::/80"], "::ffff:192.0.2.1", false),
            (&["192.0.2.1", "198.51.100.0/24"], "198.51.100.7", true),
            (&["0.0.0.0/1"], "128.0.0.1", false),
        ];
        for (entries, address, admitted) in table {
            let answer = list(entries).contains(address.parse().unwrap());
            assert_eq!(answer, admitted, "{entries:?} {address}");
        }
    }

    #[test]
    fn an_empty_list_admits_nobody() {
        for empty in [AddressList::default(), list(&[])] {
            assert!(empty.is_empty());
            for address in [
                "127.0.0.1",
                "0.0.0.0",
                "::1",
                "::ffff:127.0.0.1",
                "203.0.113.9",
            ] {
                assert!(!empty.contains(address.parse().unwrap()), "{address}");
            }
        }
    }

    #[test]
    fn everybody_is_admitted_only_when_said_so_and_per_family() {
        let v4 = AddressList::parse(["0.0.0.0/0"], Breadth::AllowAny).unwrap();
        assert!(v4.contains("203.0.113.9".parse().unwrap()));
        assert!(v4.contains("::ffff:203.0.113.9".parse().unwrap()));
        assert!(!v4.contains("2001:db8::1".parse().unwrap()));
        let v6 = AddressList::parse(["::/0"], Breadth::AllowAny).unwrap();
        assert!(v6.contains("2001:db8::1".parse().unwrap()));
        assert!(!v6.contains("203.0.113.9".parse().unwrap()));
        assert!(!v6.contains("::ffff:203.0.113.9".parse().unwrap()));
    }

    #[test]
    fn a_list_survives_the_trip_through_text() {
        let written = list(&[
            "192.0.2.0/24",
            "192.0.2.1",
            "::ffff:198.51.100.0/120",
            "2001:DB8:0:0::/32",
            "::1",
            "192.0.2.0/24",
        ]);
        let text = [
            "192.0.2.0/24",
            "192.0.2.1/32",
            "198.51.100.0/24",
            "2001:db8::/32",
            "::1/128",
        ];
        assert_eq!(written.entries(), text);
        assert_eq!(written.to_string(), text.join(", "));
        assert_eq!(
            AddressList::parse(written.entries(), Breadth::Bounded).unwrap(),
            written
        );
    }

    #[test]
    fn a_caller_behind_proxies_is_the_first_from_the_right_that_is_none_of_them() {
        let proxies = list(&["192.0.2.0/30", "2001:db8:f::/48"]);
        let caller = |peer: &str, lines: &[&str]| {
            let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
            let found = client_address(peer.parse().unwrap(), &lines, &proxies);
            found.map(|address| address.to_string())
        };
        let table: [(&str, &[&str], &str); 17] = [
            // Whoever is no proxy of ours may write what it likes.
            ("203.0.113.9", &["10.0.0.1"], "203.0.113.9"),
            ("203.0.113.9", &["no address"], "203.0.113.9"),
            ("192.0.2.4", &["10.0.0.1"], "192.0.2.4"),
            // One proxy, and what its caller wrote before it.
            ("192.0.2.1", &["198.51.100.7"], "198.51.100.7"),
            ("192.0.2.1", &["10.0.0.1, 198.51.100.7"], "198.51.100.7"),
            ("192.0.2.1", &["no address, 198.51.100.7"], "198.51.100.7"),
            ("192.0.2.1", &["192.0.2.2, 198.51.100.7"], "198.51.100.7"),
            // A chain of proxies, in one line or in several.
            ("192.0.2.1", &["198.51.100.7, 192.0.2.2"], "198.51.100.7"),
            (
                "192.0.2.1",
                &["10.0.0.1", "198.51.100.7", "192.0.2.2"],
                "198.51.100.7",
            ),
            ("2001:db8:f::1", &["2001:db8::7,192.0.2.3"], "2001:db8::7"),
            // The proxy itself calls, or only proxies do.
            ("192.0.2.1", &[], "192.0.2.1"),
            ("192.0.2.1", &["", " , "], "192.0.2.1"),
            ("192.0.2.1", &["192.0.2.2, 192.0.2.3"], "192.0.2.2"),
            // IPv4 in IPv6, blanks, empty entries, ports.
            ("::ffff:192.0.2.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
            ("192.0.2.1", &["\t198.51.100.7 ,, "], "198.51.100.7"),
            ("192.0.2.1", &["198.51.100.7:443"], "198.51.100.7"),
            (
                "192.0.2.1",
                &["[2001:db8::7]:443,[2001:db8:f::2]"],
                "2001:db8::7",
            ),
        ];
        for (peer, lines, expected) in table {
            assert_eq!(
                caller(peer, lines).as_deref(),
                Ok(expected),
                "{peer} {lines:?}"
            );
        }
        for wrong in [
            "unknown",
            "_hidden",
            "localhost",
            "198.51.100.7.",
            "198.51.100.07",
            "198.51.100.7 10.0.0.1",
            "198.51.100.0/24",
            "fe80::1%eth0",
            "[198.51.100.7]",
            "for=198.51.100.7",
            "\u{e9}",
            "198.51.100.7, unknown",
            "unknown, 192.0.2.2",
        ] {
            assert_eq!(
                caller("192.0.2.1", &[wrong]),
                Err(UnreadableAddress),
                "{wrong}"
            );
        }
    }
}
