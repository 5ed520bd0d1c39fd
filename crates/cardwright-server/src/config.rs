//! What an operator writes, read into values that cannot be wrong, and what is said when they are.
//!
//! Law: a configuration that cannot be right stops the program at its start and names the entry.
//! Nothing here looks at the environment or at a file: the command line hands the texts in.

use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use cardwright_wire::finci::signature::Window;
use tokio::net::TcpListener;

use crate::network::{AddressError, AddressFault, AddressList, Breadth};
use crate::ops::programs::LOOPBACK;
use crate::throttle::CallRate;

/// Why the program does not start, or had to stop: which entry, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    entry: String,
    what: String,
}

impl Fault {
    /// A fault of an entry, such as `--data ./here`.
    pub fn new(entry: impl Into<String>, what: impl Into<String>) -> Fault {
        Fault {
            entry: entry.into(),
            what: what.into(),
        }
    }
}

/// One line, whatever the texts of others in it hold.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in format!("{}: {}", self.entry, self.what).chars() {
            if letter.is_control() {
                write!(formatter, "{}", letter.escape_default())?;
            } else {
                write!(formatter, "{letter}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// Reads where to listen: an address and a port, of which 0 means any free one.
///
/// ```
/// use cardwright_server::config::listen_address;
///
/// assert_eq!(listen_address("127.0.0.1:0")?.port(), 0);
/// assert!(listen_address("[::1]:8080")?.is_ipv6());
/// assert!(listen_address("8080").is_err(), "a port alone would listen who knows where");
/// # Ok::<(), String>(())
/// ```
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "an IP address and a port are needed, such as 127.0.0.1:8080 or [::1]:0".to_owned()
    })
}

/// Reads how far a signed request's timestamp may lie from now. There is no way to switch it off.
pub fn signature_window(text: &str) -> Result<Window, String> {
    let range = Window::ALLOWED_SECONDS;
    let seconds = text.parse().map_err(|_| {
        format!(
            "the timestamp window must be a number of seconds from {} to {}",
            range.start(),
            range.end()
        )
    })?;
    Window::from_seconds(seconds).map_err(|fault| fault.to_string())
}

/// Reads how many requests per second a credential or a user may make.
pub fn call_rate(text: &str) -> Result<CallRate, String> {
    let rate = text.parse().ok().and_then(CallRate::per_second);
    rate.ok_or_else(|| format!("a rate is 1 to {} requests", CallRate::PER_SECOND_MAX))
}

/// Reads the networks that credentials may be used from, besides this machine itself.
pub fn allowed_networks(entries: &[String], breadth: Breadth) -> Result<AddressList, Fault> {
    let entries = LOOPBACK
        .split_whitespace()
        .chain(entries.iter().map(String::as_str));
    AddressList::parse(entries, breadth).map_err(|error| refused_network(&error))
}

/// Where webhooks of a sandbox are delivered to all the same where nobody says: this machine.
pub const WEBHOOK_TARGETS: &str = "127.0.0.0/8";

/// Reads the private networks that webhooks are delivered to, from a flag or an entry of this name.
pub fn webhook_targets(name: &str, entries: &[String]) -> Result<AddressList, Fault> {
    AddressList::parse(entries, Breadth::Bounded).map_err(|error| {
        let entry = format!("{name} {}", error.entry());
        let what = match error.fault() {
            AddressFault::Everybody => {
                "opens every network inside; name those that are meant".to_owned()
            }
            _ => error.to_string(),
        };
        Fault::new(entry, what)
    })
}

fn refused_network(error: &AddressError) -> Fault {
    let what = match error.fault() {
        AddressFault::Everybody => {
            "admits every address; add --allow-any if that is really meant".to_owned()
        }
        _ => error.to_string(),
    };
    Fault::new(format!("--allow {}", error.entry()), what)
}

/// How a URL begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// `http://`
    Http,
    /// `https://`
    Https,
}

/// Takes an address into use; `entry` is what names it in the configuration.
pub async fn bind(entry: &str, address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "; another server may be running, and port 0 takes a free one",
            ErrorKind::PermissionDenied => "; ports below 1024 are for the superuser",
            _ => "",
        };
        Fault::new(format!("{entry} {address}"), format!("{error}{advice}"))
    })
}

/// The URL under which a server that listens here is reached from its own machine.
pub fn base_url(scheme: Scheme, listening: SocketAddr) -> String {
    // "Any address" is one to listen on, not one to call.
    let address: IpAddr = match listening.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    let scheme = match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    format!("{scheme}://{}", SocketAddr::new(address, listening.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_number_within_its_bounds_and_never_off() {
        assert_eq!(signature_window("30").unwrap().seconds(), 30);
        assert_eq!(signature_window("900").unwrap().seconds(), 900);
        for wrong in ["29", "901", "0", "-1", "off", "none", "", "300s", "1e2"] {
            let said = signature_window(wrong).unwrap_err();
            assert!(said.contains("30 to 900"), "{wrong:?}: {said}");
        }
    }

    #[test]
    fn networks_are_added_to_loopback_and_a_wrong_one_is_named() {
        let list = |entries: &[&str], breadth| {
            let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
            allowed_networks(&entries, breadth)
        };
        let allowed = list(&["192.0.2.0/24", "127.0.0.0/8"], Breadth::Bounded).unwrap();
        assert_eq!(
            allowed.entries(),
            ["127.0.0.0/8", "::1/128", "192.0.2.0/24"]
        );
        assert_eq!(
            list(&["0.0.0.0/0"], Breadth::Bounded)
                .unwrap_err()
                .to_string(),
            "--allow 0.0.0.0/0: admits every address; add --allow-any if that is really meant"
        );
        assert!(list(&["0.0.0.0/0", "::/0"], Breadth::AllowAny).is_ok());
        let said = list(&["10.1.2.3/8"], Breadth::AllowAny).unwrap_err();
        assert!(
            said.to_string().contains("did you mean 10.0.0.0/8?"),
            "{said}"
        );
    }

    #[test]
    fn a_base_url_can_be_called_from_this_machine() {
        for (listening, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:81", "http://127.0.0.1:81"),
            ("[::]:82", "http://[::1]:82"),
            ("[2001:db8::1]:83", "http://[2001:db8::1]:83"),
            ("192.0.2.1:80", "http://192.0.2.1:80"),
        ] {
            let listening = listening.parse().unwrap();
            assert_eq!(base_url(Scheme::Http, listening), url);
            let encrypted = url.replace("http:", "https:");
            assert_eq!(base_url(Scheme::Https, listening), encrypted);
        }
    }

    #[test]
    fn a_fault_is_one_line_and_steers_no_terminal() {
        let fault = Fault::new("--data a\nb", "no\u{1b}[31m");
        assert_eq!(fault.to_string(), "--data a\\nb: no\\u{1b}[31m");
    }
}
