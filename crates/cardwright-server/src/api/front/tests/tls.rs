//! Connections that are met by TLS: the handshake has its own time and its own end.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::{Front, front, peer};
use crate::directory::{Directory, Place};
use crate::tls::self_signed;

/// A front door with a certificate, and the certificate.
fn encrypted() -> (Front, CertificateDer<'static>) {
    let directory = Directory::open(&Place::Ephemeral).unwrap();
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let (tls, path) = self_signed(&directory, "127.0.0.1".parse().unwrap(), now).unwrap();
    let certificate = CertificateDer::from_pem_file(path).unwrap();
    directory.leave();
    (front().encrypted(Some(tls)), certificate)
}

/// One connection from its acceptance on; the sender closes the server when it is dropped.
fn welcomed(front: &Front) -> (DuplexStream, oneshot::Sender<()>, JoinHandle<()>) {
    let (here, there) = duplex(256 * 1024);
    let (close, closing) = oneshot::channel::<()>();
    let front = front.clone();
    let serving = tokio::spawn(async move {
        let closed = async {
            let _ = closing.await;
        };
        front.welcome(there, peer(), closed).await;
    });
    (here, close, serving)
}

fn connector(certificate: CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered_inside_of_tls_like_any_other() {
    let (front, certificate) = encrypted();
    let (io, _close, serving) = welcomed(&front);
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = connector(certificate).connect(name, io).await.unwrap();
    client.write_all(HELLO).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("hello"), "{answer}");
    drop(client);
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_end_is_cut_off_after_ten_seconds() {
    let (front, _) = encrypted();
    for begun in [&b""[..], &[0x16, 3, 1, 2, 0]] {
        let (mut io, _close, serving) = welcomed(&front);
        let start = Instant::now();
        io.write_all(begun).await.unwrap();
        let mut rest = Vec::new();
        io.read_to_end(&mut rest).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 10);
        serving.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_speaks_plainly_to_tls_is_closed_at_once() {
    let (front, _) = encrypted();
    let (mut io, _close, serving) = welcomed(&front);
    let start = Instant::now();
    io.write_all(HELLO).await.unwrap();
    let mut rest = Vec::new();
    io.read_to_end(&mut rest).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(!rest.starts_with(b"HTTP"), "{rest:?}");
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_does_not_wait_for_a_handshake() {
    let (front, _) = encrypted();
    let (_io, close, serving) = welcomed(&front);
    tokio::task::yield_now().await;
    let start = Instant::now();
    drop(close);
    serving.await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(1));
}
