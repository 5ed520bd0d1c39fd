//! Networks and their ends.

use super::*;
use crate::network::Breadth;

fn address(text: &str) -> IpAddr {
    text.parse().expect(text)
}

/// The special networks: their first and their last address.
#[rustfmt::skip]
const NETWORKS: &[(&str, &str, Barred)] = &[
    ("0.0.0.0", "0.255.255.255", Barred::Unspecified),
    ("10.0.0.0", "10.255.255.255", Barred::Private),
    ("100.64.0.0", "100.127.255.255", Barred::Shared),
    ("127.0.0.0", "127.255.255.255", Barred::Loopback),
    ("169.254.0.0", "169.254.255.255", Barred::Local),
    ("172.16.0.0", "172.31.255.255", Barred::Private),
    ("192.0.0.0", "192.0.0.255", Barred::Reserved),
    ("192.0.2.0", "192.0.2.255", Barred::Documentation),
    ("192.88.99.0", "192.88.99.255", Barred::Reserved),
    ("192.168.0.0", "192.168.255.255", Barred::Private),
    ("198.18.0.0", "198.19.255.255", Barred::Benchmark),
    ("198.51.100.0", "198.51.100.255", Barred::Documentation),
    ("203.0.113.0", "203.0.113.255", Barred::Documentation),
    ("224.0.0.0", "239.255.255.255", Barred::Multicast),
    ("240.0.0.0", "255.255.255.255", Barred::Reserved),
    ("::", "::", Barred::Unspecified),
    ("::1", "::1", Barred::Loopback),
    ("::2", "::ffff:ffff", Barred::EmbedsIpv4),
    ("::ffff:0:0", "::ffff:ffff:ffff", Barred::EmbedsIpv4),
    ("::ffff:0:0:0", "::ffff:0:ffff:ffff", Barred::EmbedsIpv4),
    ("64:ff9b::", "64:ff9b::ffff:ffff", Barred::EmbedsIpv4),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Barred::EmbedsIpv4),
    ("100::", "100::ffff:ffff:ffff:ffff", Barred::Reserved),
    ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Barred::EmbedsIpv4),
    ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", Barred::Benchmark),
    ("2001:10::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Reserved),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Documentation),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::EmbedsIpv4),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Documentation),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Reserved),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Private),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Local),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Local),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Barred::Multicast),
];

/// Addresses beside them, and others that anybody may connect to.
#[rustfmt::skip]
const NEIGHBOURS: &[&str] = &[
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0",
    "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255",
    "8.8.8.8", "2000::", "2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::",
    "2606:4700::1111", "3fff:1000::", "3ffe::",
];

#[test]
fn every_special_network_is_barred_at_both_ends_and_its_neighbours_are_not() {
    for (first, last, expected) in NETWORKS {
        for end in [first, last] {
            assert_eq!(barred(address(end)), Some(*expected), "{end}");
        }
    }
    for neighbour in NEIGHBOURS {
        assert_eq!(barred(address(neighbour)), None, "{neighbour}");
    }
    assert_eq!(
        barred(address("2a00::5efe:7f00:1")),
        Some(Barred::EmbedsIpv4)
    );
    assert_eq!(
        barred(address("2a00::200:5efe:a00:1")),
        Some(Barred::EmbedsIpv4)
    );
    assert_eq!(barred(address("4000::")), Some(Barred::Reserved));
}

#[test]
fn an_allowed_network_opens_itself_and_nothing_that_embeds_it() {
    let allowed = AddressList::parse(["127.0.0.0/8"], Breadth::Bounded).expect("a list");
    let guard = Guard::new(allowed, Arc::new(Internet::of_this_machine()));
    assert_eq!(guard.judge(address("127.0.0.1")), Ok(()));
    assert_eq!(guard.judge(address("127.255.255.254")), Ok(()));
    assert_eq!(guard.judge(address("8.8.8.8")), Ok(()));
    assert_eq!(guard.judge(address("::1")), Err(Barred::Loopback));
    assert_eq!(guard.judge(address("10.0.0.1")), Err(Barred::Private));
    for embedded in [
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ] {
        assert_eq!(
            guard.judge(address(embedded)),
            Err(Barred::EmbedsIpv4),
            "{embedded}"
        );
    }
}
