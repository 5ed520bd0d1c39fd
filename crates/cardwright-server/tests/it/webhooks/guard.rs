//! No word of a stranger makes the server connect to the inside of a network: not a URL in any
//! spelling, not a name that stands for something else the second time.
//!
//! The inside is one real listener on this machine. Whatever the server connects to, by whatever
//! address, reaches it: one connection too many and a test fails.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cardwright_server::{
    capacity::Capacity,
    clock::Clock,
    network::{AddressList, Breadth},
    webhooks::{
        guard::{Guard, Internet, Later, Network, Wire},
        sender::{Outcome, Outgoing, Purpose, Sender, Trust},
        target::{Plain, Target},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::harness::START;

/// A listener that counts connections and answers each.
struct Inside {
    address: SocketAddr,
    reached: Arc<AtomicUsize>,
}

impl Inside {
    async fn listen() -> Inside {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let reached = Arc::new(AtomicUsize::new(0));
        let count = reached.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut bytes = [0; 4_096];
                let _read = stream.read(&mut bytes).await;
                let answer =
                    b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\ninside";
                let _written = stream.write_all(answer).await;
            }
        });
        Inside { address, reached }
    }

    fn count(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

/// A network in which every address leads inside.
struct Misleading {
    inside: SocketAddr,
    names: HashMap<&'static str, Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Network for Misleading {
    fn resolve<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let answers = self.names.get(name).ok_or(io::ErrorKind::NotFound)?;
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(answers[asked % answers.len()].clone())
        })
    }

    fn connect(&self, _: SocketAddr) -> Later<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(self.inside).await?;
            Ok(Box::new(stream) as Box<dyn Wire>)
        })
    }
}

fn sender(network: impl Network, allowed: &[&str]) -> Sender {
    let allowed = AddressList::parse(allowed, Breadth::Bounded).unwrap();
    let guard = Guard::new(allowed, Arc::new(network));
    let (clock, _) = Clock::manual(START.parse().unwrap());
    Sender::new(
        (guard, Plain::Allowed),
        Trust::Machine,
        &Capacity::default(),
        clock,
    )
}

/// How a POST to this URL ends, by its word; `no_url` where it is none that is sent to.
async fn posted(sender: &Sender, url: &str) -> String {
    let Ok(target) = Target::parse(url, Plain::Allowed) else {
        return "no_url".to_owned();
    };
    let outgoing = Outgoing {
        target: &target,
        purpose: Purpose::Delivery,
        headers: Vec::new(),
        body: b"{}".to_vec(),
        limit: Duration::from_secs(5),
    };
    let outcome = sender.post(outgoing).await.outcome;
    if let Outcome::Answered(answer) = &outcome {
        assert_eq!(answer.body, b"inside", "{url}");
    }
    outcome.word().to_owned()
}

/// Hosts that lead inside as they are written.
const WRITTEN: &[&str] = &[
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.255",
    "127.1",
    "127.0.1",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "017700000001",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "0.0.0.0",
    "0",
    "0.0.0.1",
    "10.0.0.1",
    "10.255.255.255",
    "0xa000001",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2001::1]",
    "[2a00:1450::5efe:127.0.0.1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[100::1]",
    "[5f00::1]",
    "[4000::1]",
];

#[tokio::test]
async fn no_spelling_of_an_address_inside_is_connected_to() {
    let inside = Inside::listen().await;
    let network = Misleading {
        inside: inside.address,
        names: HashMap::new(),
        asked: AtomicUsize::new(0),
    };
    let sender = sender(network, &[]);
    assert!(WRITTEN.len() >= 60, "{}", WRITTEN.len());
    for host in WRITTEN {
        for url in [format!("http://{host}/"), format!("https://{host}:8443/")] {
            let word = posted(&sender, &url).await;
            assert_eq!(word, "refused", "{url}");
        }
    }
    assert_eq!(inside.count(), 0);
    // The same network lets through what anybody may connect to: the count above proves something.
    for host in [
        "8.8.8.8",
        "93.184.215.14",
        "[2606:4700::1111]",
        "1.1",
        "0x08080808",
    ] {
        assert_eq!(
            posted(&sender, &format!("http://{host}/")).await,
            "answered",
            "{host}"
        );
    }
    assert_eq!(inside.count(), 5);
}

#[tokio::test]
async fn no_name_leads_inside_however_often_it_changes_its_mind() {
    let inside = Inside::listen().await;
    let told = |answers: &[&[&str]]| -> Vec<Vec<IpAddr>> {
        let parsed = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        answers.iter().map(parsed).collect()
    };
    let bad: &[(&'static str, &[&[&str]])] = &[
        ("localhost", &[&["127.0.0.1", "::1"]]),
        ("localhost.localdomain", &[&["::1"]]),
        ("ip6-localhost", &[&["::1", "127.0.0.1"]]),
        ("metadata.google.internal", &[&["169.254.169.254"]]),
        ("private.example.com", &[&["10.1.2.3"]]),
        (
            "several.example.com",
            &[&["10.1.2.3", "192.168.1.1", "fd00::1"]],
        ),
        ("mapped.example.com", &[&["::ffff:10.1.2.3"]]),
        ("nat64.example.com", &[&["64:ff9b::a01:203"]]),
        ("teredo.example.com", &[&["2001:0:1::1"]]),
        ("sixtofour.example.com", &[&["2002:a01:203::1"]]),
        ("wildcard.10.0.0.1.example.com", &[&["10.0.0.1"]]),
        (
            "turning.example.com",
            &[&["127.0.0.1"], &["10.0.0.1"], &["::1"], &["0.0.0.0"]],
        ),
        ("nothing.example.com", &[&[]]),
    ];
    for (name, answers) in bad {
        let network = Misleading {
            inside: inside.address,
            names: HashMap::from([(*name, told(answers))]),
            asked: AtomicUsize::new(0),
        };
        let sender = sender(network, &[]);
        for _ in 0..4 {
            let word = posted(&sender, &format!("http://{name}/")).await;
            assert!(
                ["refused", "failed"].contains(&word.as_str()),
                "{name}: {word}"
            );
        }
    }
    assert_eq!(inside.count(), 0);
}

/// A resolver that answers in turn, and connections that are only counted.
#[tokio::test]
async fn of_a_name_with_two_faces_only_the_one_outside_is_seen() {
    let app = crate::harness::TestApp::new().await;
    let outside = &app.outside;
    let answer = |_: usize, _: &_| crate::harness::Reaction::Answer(200, "");
    for inner in ["127.0.0.1:80", "10.0.0.1:80", "[::1]:80"] {
        outside.listen(inner, answer);
    }
    outside.listen("93.184.215.14:80", answer);
    let turns: &[&[&str]] = &[
        &["93.184.215.14"],
        &["10.0.0.1"],
        &["10.0.0.1", "93.184.215.14"],
    ];
    outside.alternating("turning.example.com", turns);
    // A connection that was made stays judged, so each attempt gets a sender of its own.
    let mut words = Vec::new();
    for _ in 0..30 {
        let guard = Guard::new(AddressList::default(), outside.clone());
        let (clock, _) = Clock::manual(START.parse().unwrap());
        let sender = Sender::new(
            (guard, Plain::Allowed),
            Trust::Machine,
            &Capacity::default(),
            clock,
        );
        words.push(posted_to_name(&sender).await);
    }
    let refused = words.iter().filter(|word| *word == "refused").count();
    let answered = words.iter().filter(|word| *word == "answered").count();
    assert_eq!((refused, answered), (10, 20));
    let public: SocketAddr = "93.184.215.14:80".parse().unwrap();
    assert_eq!(outside.attempts(), vec![public; 20]);
    app.finish().await;
}

async fn posted_to_name(sender: &Sender) -> String {
    let target = Target::parse("http://turning.example.com/", Plain::Allowed).unwrap();
    let outgoing = Outgoing {
        target: &target,
        purpose: Purpose::Delivery,
        headers: Vec::new(),
        body: Vec::new(),
        limit: Duration::from_secs(5),
    };
    sender.post(outgoing).await.outcome.word().to_owned()
}

#[tokio::test]
async fn a_named_network_is_reached_and_no_other() {
    let inside = Inside::listen().await;
    let port = inside.address.port();
    let closed = sender(Internet::of_this_machine(), &[]);
    let open = sender(Internet::of_this_machine(), &["127.0.0.0/8"]);
    let hosts = ["127.0.0.1", "localhost", "127.1", "0x7f.1"];
    for host in hosts {
        let word = posted(&closed, &format!("http://{host}:{port}/")).await;
        assert_eq!(word, "refused", "{host}");
    }
    assert_eq!(inside.count(), 0);
    for (index, host) in hosts.iter().enumerate() {
        let word = posted(&open, &format!("http://{host}:{port}/")).await;
        assert_eq!(word, "answered", "{host}");
        assert_eq!(inside.count(), index + 1);
    }
    for host in [
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[::1]",
        "0.0.0.0",
        "10.0.0.1",
    ] {
        let word = posted(&open, &format!("http://{host}:{port}/")).await;
        assert_eq!(word, "refused", "{host}");
    }
    assert_eq!(inside.count(), hosts.len());
}

#[tokio::test]
async fn neither_a_redirect_nor_a_proxy_leads_inside() {
    let app = crate::harness::TestApp::new().await;
    let answer = |_: usize, _: &_| {
        let inside = ("location", "http://10.0.0.1/");
        crate::harness::Reaction::With(307, inside, "")
    };
    app.outside.name("hooks.example.com", &["93.184.215.14"]);
    app.outside.listen("93.184.215.14:80", answer);
    app.outside.listen("10.0.0.1:80", answer);
    let (id, _) = super::register(&app, "finci", serde_json::json!({})).await;
    assert_eq!(super::ping(&app, &id).await["status"], 307);
    let public: SocketAddr = "93.184.215.14:80".parse().unwrap();
    assert_eq!(app.outside.attempts(), [public]);
    app.finish().await;
}
