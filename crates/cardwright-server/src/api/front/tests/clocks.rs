//! Peers that are slow, silent or deaf. Time is paused and moves only as the tests say, or to the
//! next timer when everybody waits.

use super::{Wire, front, still_serves};
use std::time::Duration;
use tokio::time::{Instant, advance};

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

fn seconds_since(start: Instant) -> u64 {
    start.elapsed().as_secs()
}

/// Moves time in steps small enough that every timer fires at its own moment.
async fn pass(seconds: u64) {
    for _ in 0..seconds * 10 {
        advance(Duration::from_millis(100)).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_closed_after_ten_seconds() {
    let front = front();
    let start = Instant::now();
    assert!(Wire::open(&front).is_closed().await);
    assert_eq!(seconds_since(start), 10);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn headers_that_trickle_in_are_cut_off_ten_seconds_after_their_first_byte() {
    let front = front();
    let mut wire = Wire::open(&front);
    pass(9).await;
    let start = Instant::now();
    for byte in HELLO.bytes().cycle().take(9) {
        wire.send([byte]).await;
        pass(1).await;
    }
    assert!(wire.is_closed().await);
    assert_eq!(seconds_since(start), 10);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn blank_lines_do_not_buy_time() {
    let front = front();
    let mut wire = Wire::open(&front);
    let start = Instant::now();
    for _ in 0..9 {
        wire.send("\r\n").await;
        pass(1).await;
    }
    assert!(wire.is_closed().await);
    assert_eq!(seconds_since(start), 10);
}

#[tokio::test(start_paused = true)]
async fn headers_that_come_within_nine_seconds_are_fine() {
    let front = front();
    let mut wire = Wire::open(&front);
    let (first, second) = HELLO.split_at(20);
    wire.send(first).await;
    pass(9).await;
    wire.send(second).await;
    assert_eq!(wire.answer().await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_rest_for_fifty_nine_seconds_but_not_for_sixty_one() {
    let front = front();
    let mut wire = Wire::open(&front);
    for _ in 0..3 {
        wire.send(HELLO).await;
        let answer = wire.answer().await;
        assert_eq!(answer.status(), 200);
        assert!(!answer.closes());
        pass(59).await;
    }
    let start = Instant::now();
    wire.send(HELLO).await;
    assert_eq!(wire.answer().await.status(), 200);
    assert!(wire.is_closed().await);
    assert_eq!(seconds_since(start), 60);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_rest_headers_have_ten_seconds_again() {
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send(HELLO).await;
    wire.answer().await;
    pass(30).await;
    let start = Instant::now();
    wire.send("GET /hello HTTP/1.1\r\n").await;
    assert!(wire.is_closed().await);
    assert_eq!(seconds_since(start), 10);
}

#[tokio::test(start_paused = true)]
async fn the_unfinished_follower_of_a_pipelined_request_is_closed_like_a_resting_connection() {
    let front = front();
    let mut wire = Wire::open(&front);
    let start = Instant::now();
    wire.send(format!("{HELLO}GET /hello HTTP/1.1\r\nHos"))
        .await;
    assert_eq!(wire.answer().await.status(), 200);
    assert!(wire.is_closed().await);
    assert!(seconds_since(start) <= 70);
    still_serves(&front).await;
}

async fn trickle(wire: &mut Wire, bytes_per_second: usize, seconds: u64) {
    for _ in 0..seconds {
        pass(1).await;
        wire.try_send("b".repeat(bytes_per_second)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up_after_the_head_start() {
    let front = front();
    let mut wire = Wire::open(&front);
    let start = Instant::now();
    wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
        .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.body.as_str()), (408, "TooSlow"));
    assert!(answer.closes());
    assert_eq!(seconds_since(start), 3);
    assert!(wire.is_closed().await);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_below_one_kibibyte_per_second_is_too_slow() {
    let front = front();
    let mut wire = Wire::open(&front);
    let start = Instant::now();
    wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
        .await;
    trickle(&mut wire, 512, 8).await;
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.body.as_str()), (408, "TooSlow"));
    assert!(seconds_since(start) < 10);
    assert!(wire.is_closed().await);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_keeps_the_rate_but_needs_sixteen_seconds_is_too_slow() {
    let front = front();
    for (bytes, status) in [(14 * 1500, 200), (16 * 1500, 408)] {
        let mut wire = Wire::open(&front);
        let head = format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes}\r\n\r\n");
        wire.send(head).await;
        trickle(&mut wire, 1500, bytes / 1500).await;
        assert_eq!(wire.answer().await.status(), status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_take_its_answer_is_left_after_thirty_seconds() {
    let front = front();
    let (mut stream, io) = tokio::io::duplex(1024);
    let served = {
        let front = front.clone();
        tokio::spawn(async move {
            front
                .serve_connection(io, super::peer(), std::future::pending())
                .await;
        })
    };
    let start = Instant::now();
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    served.await.unwrap();
    assert_eq!(seconds_since(start), 30);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_its_answer_slowly_gets_all_of_it() {
    let front = front();
    let mut wire = Wire::open_with_buffer(&front, 64 * 1024);
    wire.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    let mut received = 0;
    let mut piece = vec![0; 64 * 1024];
    loop {
        pass(20).await;
        match tokio::io::AsyncReadExt::read(&mut wire.stream, &mut piece)
            .await
            .unwrap()
        {
            0 => break,
            bytes => received += bytes,
        }
    }
    assert!(received > 1024 * 1024, "{received}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_leaves_is_left_two_seconds_after_the_last_word() {
    let front = front();
    let (mut stream, io) = tokio::io::duplex(64 * 1024);
    let served = {
        let front = front.clone();
        tokio::spawn(async move {
            front
                .serve_connection(io, super::peer(), std::future::pending())
                .await;
        })
    };
    let start = Instant::now();
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /hello HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    served.await.unwrap();
    assert_eq!(seconds_since(start), 2);
}
