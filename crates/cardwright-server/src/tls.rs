//! The certificate that a server shows: read from files, exchanged while it runs, or signed by
//! itself for a sandbox.
//!
//! Law: a certificate that cannot be used never takes the place of one that can. Connections that
//! are open keep what they were opened with.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use cardwright_core::Timestamp;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::{RootCertStore, ServerConfig};

use crate::config::Fault;
use crate::directory::Directory;

/// The one protocol that is spoken inside.
const PROTOCOL: &[u8] = b"http/1.1";
/// How long a certificate of a sandbox is good for.
const SELF_SIGNED_YEARS: i16 = 10;

/// Where certificate and key are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The certificate in PEM, then those of its issuers.
    pub certificate: PathBuf,
    /// The private key in PEM.
    pub key: PathBuf,
}

/// A certificate in use. Clones exchange it together.
#[derive(Clone)]
pub struct Tls(Arc<Parts>);

struct Parts {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files; a fault names the one that cannot be used.
    pub fn load(files: TlsFiles) -> Result<Tls, Fault> {
        let current = RwLock::new(read(&files)?);
        Ok(Tls(Arc::new(Parts { files, current })))
    }

    /// Reads the files again for connections from now on. What cannot be used changes nothing.
    pub fn reload(&self) -> Result<(), Fault> {
        let new = read(&self.0.files)?;
        *self
            .0
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// How the next connection is encrypted.
    pub fn current(&self) -> Arc<ServerConfig> {
        let current = self.0.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tls({})", self.0.files.certificate.display())
    }
}

/// Reads certificates of authorities, in PEM; `entry` is what names the file in the configuration.
pub fn authorities(entry: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let found = certificates(entry, path)?;
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|error| {
            let what = format!("a certificate in it cannot be used: {error}");
            Fault::new(format!("{entry} {}", path.display()), what)
        })?;
    }
    Ok(found)
}

fn certificates(entry: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let fault = |what: String| Fault::new(format!("{entry} {}", path.display()), what);
    let text = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| fault(format!("not certificates in PEM: {error}")))?;
    if found.is_empty() {
        return Err(fault("there is no certificate in it".to_owned()));
    }
    Ok(found)
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, Fault> {
    let chain = certificates("--tls-cert", &files.certificate)?;
    let key_fault = |what: String| Fault::new(format!("--tls-key {}", files.key.display()), what);
    let text = std::fs::read(&files.key).map_err(|error| key_fault(error.to_string()))?;
    // The parser's message is about the form and quotes nothing.
    let key = PrivateKeyDer::from_pem_slice(&text)
        .map_err(|error| key_fault(format!("not a private key in PEM: {error}")))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::new("TLS", error.to_string()))?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                key_fault("it is not the key of the certificate in --tls-cert".to_owned())
            }
            error => key_fault(format!("certificate and key cannot be used: {error}")),
        })?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}

/// The certificate that a sandbox signed for itself, made anew where there is none for this
/// address. Whoever trusts it goes on doing so after a restart.
pub fn self_signed(
    directory: &Directory,
    listening: IpAddr,
    now: Timestamp,
) -> Result<(Tls, PathBuf), Fault> {
    let files = directory.tls_files();
    let is_there = files.certificate.exists() && files.key.exists();
    let tls = if is_there && covers(&files.certificate, listening) {
        Tls::load(files.clone()).ok()
    } else {
        None
    };
    let tls = if let Some(tls) = tls {
        tls
    } else {
        let (certificate, key) = sign(listening, now)
            .map_err(|error| Fault::new("--tls", format!("no certificate: {error}")))?;
        directory.write_tls_files(&certificate, &key)?;
        Tls::load(files.clone())?
    };
    Ok((tls, files.certificate))
}

/// Whether a certificate is for this address.
fn covers(certificate: &Path, address: IpAddr) -> bool {
    let Ok(chain) = certificates("--tls-cert", certificate) else {
        return false;
    };
    let name = ServerName::IpAddress(callable(address).into());
    chain.first().is_some_and(|first| {
        ParsedCertificate::try_from(first)
            .is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
    })
}

/// "Any address" is one to listen on, not one to call.
fn callable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(any) if any.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

fn sign(listening: IpAddr, now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let mut names = ["localhost", "127.0.0.1", "::1"]
        .map(str::to_owned)
        .to_vec();
    let own = callable(listening).to_string();
    if !names.contains(&own) {
        names.push(own);
    }
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Cardwright sandbox");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    // The first of January: every month has it, and a client's clock may be a little behind.
    params.not_before = date_time_ymd(today.year().into(), 1, 1);
    params.not_after = date_time_ymd((today.year() + SELF_SIGNED_YEARS).into(), 1, 1);
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::directory::Place;

    fn files(directory: &Path, name: &str) -> TlsFiles {
        TlsFiles {
            certificate: directory.join(format!("{name}.crt")),
            key: directory.join(format!("{name}.key")),
        }
    }

    fn written(directory: &Path, name: &str) -> TlsFiles {
        let files = files(directory, name);
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let (certificate, key) = sign("192.0.2.1".parse().unwrap(), now).unwrap();
        fs::write(&files.certificate, certificate).unwrap();
        fs::write(&files.key, key).unwrap();
        files
    }

    #[test]
    fn files_that_cannot_be_used_are_named_one_by_one() {
        let outer = tempfile::TempDir::new().unwrap();
        let good = written(outer.path(), "good");
        let other = written(outer.path(), "other");
        let text = outer.path().join("text");
        fs::write(&text, "hello").unwrap();
        let missing = outer.path().join("missing");
        let table = [
            (&missing, &good.key, "--tls-cert", "No such file"),
            (&text, &good.key, "--tls-cert", "no certificate"),
            (&good.key, &good.key, "--tls-cert", "no certificate"),
            (&good.certificate, &missing, "--tls-key", "No such file"),
            (&good.certificate, &text, "--tls-key", "not a private key"),
            (
                &good.certificate,
                &good.certificate,
                "--tls-key",
                "not a private key",
            ),
            (
                &good.certificate,
                &other.key,
                "--tls-key",
                "not the key of the certificate",
            ),
        ];
        for (certificate, key, entry, what) in table {
            let files = TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            };
            let said = Tls::load(files).unwrap_err().to_string();
            assert!(said.starts_with(entry) && said.contains(what), "{said}");
        }
        assert!(Tls::load(good).is_ok());
    }

    #[test]
    fn a_broken_new_certificate_changes_nothing_and_a_good_one_counts_from_then_on() {
        let outer = tempfile::TempDir::new().unwrap();
        let files = written(outer.path(), "good");
        let tls = Tls::load(files.clone()).unwrap();
        let first = tls.current();
        fs::write(&files.certificate, "broken").unwrap();
        assert!(tls.reload().is_err());
        assert!(Arc::ptr_eq(&first, &tls.current()));
        written(outer.path(), "good");
        tls.reload().unwrap();
        assert!(!Arc::ptr_eq(&first, &tls.current()));
    }

    #[test]
    fn a_sandbox_keeps_its_certificate_until_it_listens_elsewhere() {
        let outer = tempfile::TempDir::new().unwrap();
        let directory = Directory::open(&Place::Kept(outer.path().to_owned())).unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let made = |listening: &str| {
            let made = self_signed(&directory, listening.parse().unwrap(), now);
            fs::read_to_string(made.unwrap().1).unwrap()
        };
        let first = made("127.0.0.1");
        assert_eq!(made("0.0.0.0"), first);
        assert_eq!(made("::1"), first);
        let elsewhere = made("192.0.2.7");
        assert_ne!(elsewhere, first);
        assert_eq!(made("127.0.0.1"), elsewhere, "it is for this machine, too");
        fs::remove_file(directory.tls_files().key).unwrap();
        assert_ne!(made("127.0.0.1"), elsewhere);
    }
}
