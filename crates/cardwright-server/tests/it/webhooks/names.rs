//! A name that hangs keeps nobody else waiting: not another name's delivery, not a decision.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, mpsc},
    time::Duration,
};

use cardwright_server::{
    capacity::Capacity,
    clock::Clock,
    network::{AddressList, Breadth},
    webhooks::{
        guard::{Guard, Internet},
        names::Names,
        sender::{Outcome, Outgoing, Purpose, Sender, Trust},
        target::{Plain, Target},
    },
};
use hickory_resolver::proto::{
    op::Message,
    rr::{RData, Record, RecordType, rdata::A},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UdpSocket},
    sync::watch,
    task::JoinSet,
};

use crate::harness::START;

/// More names than the runtime has threads for work that cannot be broken off.
const HANGING: usize = 600;

/// A name server that knows one name, `good.example`, and never answers about `hang.example`.
struct NameServer {
    address: SocketAddr,
    /// How many questions about names that hang have come.
    unanswered: watch::Receiver<usize>,
}

impl NameServer {
    async fn listen(stands_for: Ipv4Addr) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (count, unanswered) = watch::channel(0);
        tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
                let asked = Message::from_vec(&bytes[..length]).unwrap();
                let query = asked.queries[0].clone();
                if query.name().to_string().contains("hang.example") {
                    count.send_modify(|count| *count += 1);
                    continue;
                }
                let mut answer = asked.into_response();
                if query.query_type() == RecordType::A {
                    let data = RData::A(A(stands_for));
                    answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
                }
                socket
                    .send_to(&answer.to_vec().unwrap(), from)
                    .await
                    .unwrap();
            }
        });
        NameServer {
            address,
            unanswered,
        }
    }
}

async fn answering() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = [0; 4_096];
            let _read = stream.read(&mut bytes).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            let _written = stream.write_all(answer).await;
        }
    });
    port
}

fn sender(internet: Internet, allowed: &[&str]) -> Sender {
    let allowed = AddressList::parse(allowed, Breadth::Bounded).unwrap();
    let guard = Guard::new(allowed, Arc::new(internet));
    let (clock, _) = Clock::manual(START.parse().unwrap());
    Sender::new(
        (guard, Plain::Allowed),
        Trust::Machine,
        &Capacity::default(),
        clock,
    )
}

async fn posted(sender: Sender, url: String, purpose: Purpose) -> Outcome {
    let target = Target::parse(&url, Plain::Allowed).unwrap();
    let outgoing = Outgoing {
        target: &target,
        purpose,
        headers: Vec::new(),
        body: b"{}".to_vec(),
        limit: Duration::from_secs(15),
    };
    sender.post(outgoing).await.outcome
}

#[tokio::test]
async fn names_that_hang_delay_neither_another_delivery_nor_a_decision() {
    let mut server = NameServer::listen(Ipv4Addr::LOCALHOST).await;
    let port = answering().await;
    let internet = Internet::with_names(Names::of_servers(&[server.address]));
    let sender = sender(internet, &["127.0.0.0/8"]);
    let mut hanging = JoinSet::new();
    for number in 0..HANGING {
        let url = format!("http://n{number}.hang.example:{port}/");
        hanging.spawn(posted(sender.clone(), url, Purpose::Delivery));
    }
    let all_asked = server.unanswered.wait_for(|count| *count >= HANGING);
    drop(all_asked.await.unwrap());
    for purpose in [Purpose::Delivery, Purpose::Decision] {
        for name in [
            "good.example",
            "my_shop.good.example",
            "bücher.good.example",
        ] {
            let url = format!("http://{name}:{port}/");
            let outcome = posted(sender.clone(), url, purpose).await;
            assert_eq!(
                outcome.word(),
                "answered",
                "{purpose:?}, {name}: {outcome:?}"
            );
        }
    }
    assert!(
        hanging.try_join_next().is_none(),
        "the others hang all the while"
    );
    hanging.shutdown().await;
}

#[tokio::test]
async fn what_a_name_server_says_is_judged_before_anything_is_connected_to() {
    let server = NameServer::listen(Ipv4Addr::LOCALHOST).await;
    let port = answering().await;
    let internet = Internet::with_names(Names::of_servers(&[server.address]));
    let closed = sender(internet, &[]);
    let url = format!("http://good.example:{port}/");
    let outcome = posted(closed, url, Purpose::Delivery).await;
    assert_eq!(outcome.word(), "refused", "{outcome:?}");
}

/// The names of this machine, too: what the machine's own function would need is taken here.
#[test]
fn looking_a_name_up_takes_no_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (release, held) = mpsc::channel::<()>();
    let outcome = runtime.block_on(async move {
        let (begun, taken) = tokio::sync::oneshot::channel();
        let holder = tokio::task::spawn_blocking(move || {
            begun.send(()).unwrap();
            held.recv()
        });
        taken.await.unwrap();
        let port = answering().await;
        let sender = sender(Internet::of_this_machine(), &["127.0.0.0/8"]);
        let url = format!("http://localhost:{port}/");
        let outcome = posted(sender, url, Purpose::Delivery).await;
        drop(release);
        assert!(holder.await.unwrap().is_err(), "held until it was released");
        outcome
    });
    assert_eq!(outcome.word(), "answered", "{outcome:?}");
}
