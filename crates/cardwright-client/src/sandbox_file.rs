//! `sandbox.json`: what a running sandbox tells other programs about itself.

use std::fmt;

use cardwright_wire::finci::signature::CanonicalForm;
use serde::Deserialize;

use crate::fincard::Login;
use crate::finci::Credentials;
use crate::{Result, Secret};

/// The content of a `sandbox.json`, as far as a client needs it.
///
/// Parsing asks only for JSON; each entry is asked for when it is used, so that a file written for
/// one API serves a client of that API. Unknown entries are ignored.
///
/// ```
/// use cardwright_client::SandboxFile;
///
/// let file = SandboxFile::parse(r#"{"base_url": "http://127.0.0.1:8080"}"#)?;
/// assert_eq!(file.base_url()?, "http://127.0.0.1:8080");
/// assert_eq!(file.finci().unwrap_err().to_string(), "there is no `finci.token`");
/// # Ok::<(), cardwright_client::SandboxFileFault>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
pub struct SandboxFile {
    base_url: Option<String>,
    #[serde(default)]
    admin: Admin,
    #[serde(default)]
    finci: Finci,
    #[serde(default)]
    network: Signing,
    #[serde(default)]
    fincard: Fincard,
    tls_certificate_path: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Admin {
    api_key: Option<Secret>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Finci {
    #[serde(flatten)]
    signing: Signing,
    product_id: Option<i64>,
    webhook_secret: Option<Secret>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Signing {
    token: Option<String>,
    secret: Option<Secret>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Fincard {
    tenant_id: Option<String>,
    organization_id: Option<String>,
    user_id: Option<String>,
    email: Option<String>,
    username: Option<String>,
    password: Option<Secret>,
    webhook_public_key_pem: Option<String>,
}

impl SandboxFile {
    /// Reads the text of the file.
    pub fn parse(text: &str) -> std::result::Result<SandboxFile, SandboxFileFault> {
        // The parser's message may quote a value, so only the place is told.
        serde_json::from_str(text).map_err(|error| SandboxFileFault::Unreadable {
            line: error.line(),
            column: error.column(),
        })
    }

    /// Where the sandbox listens.
    pub fn base_url(&self) -> std::result::Result<&str, SandboxFileFault> {
        entry(self.base_url.as_deref(), "base_url")
    }

    /// The certificate to trust, in PEM, where the sandbox speaks TLS.
    pub fn tls_certificate_path(&self) -> Option<&str> {
        self.tls_certificate_path.as_deref()
    }

    /// The key of the admin API.
    pub fn admin_key(&self) -> std::result::Result<&Secret, SandboxFileFault> {
        entry(self.admin.api_key.as_ref(), "admin.api_key")
    }

    /// The credentials of the FINCI API, in the default form.
    pub fn finci(&self) -> std::result::Result<Credentials, SandboxFileFault> {
        let token = entry(self.finci.signing.token.as_deref(), "finci.token")?;
        let secret = entry(self.finci.signing.secret.as_ref(), "finci.secret")?;
        usable(
            Credentials::new(token, secret, CanonicalForm::Default),
            "finci",
        )
    }

    /// The product that the FINCI cards of the demo program are of.
    pub fn finci_product_id(&self) -> std::result::Result<i64, SandboxFileFault> {
        entry(self.finci.product_id, "finci.product_id")
    }

    /// What signs webhooks, unless an endpoint has a secret of its own.
    pub fn webhook_secret(&self) -> std::result::Result<&Secret, SandboxFileFault> {
        entry(self.finci.webhook_secret.as_ref(), "finci.webhook_secret")
    }

    /// What verifies FinCard webhooks: the public half of the key that signs them, PEM.
    pub fn webhook_public_key_pem(&self) -> std::result::Result<&str, SandboxFileFault> {
        let pem = self.fincard.webhook_public_key_pem.as_deref();
        entry(pem, "fincard.webhook_public_key_pem")
    }

    /// The secret half of the credentials of the FINCI API.
    pub fn finci_secret(&self) -> std::result::Result<&Secret, SandboxFileFault> {
        entry(self.finci.signing.secret.as_ref(), "finci.secret")
    }

    /// The credentials of the network surface, in the default form.
    pub fn network(&self) -> std::result::Result<Credentials, SandboxFileFault> {
        let token = entry(self.network.token.as_deref(), "network.token")?;
        let secret = entry(self.network.secret.as_ref(), "network.secret")?;
        usable(
            Credentials::new(token, secret, CanonicalForm::Default),
            "network",
        )
    }

    /// The id of the demo tenant.
    pub fn tenant_id(&self) -> std::result::Result<&str, SandboxFileFault> {
        entry(self.fincard.tenant_id.as_deref(), "fincard.tenant_id")
    }

    /// The FinCard login by e-mail address.
    pub fn fincard_by_email(&self) -> std::result::Result<Login, SandboxFileFault> {
        let fincard = &self.fincard;
        Ok(Login::Email {
            email: entry(fincard.email.clone(), "fincard.email")?,
            password: entry(fincard.password.clone(), "fincard.password")?,
            tenant_id: entry(fincard.tenant_id.clone(), "fincard.tenant_id")?,
        })
    }

    /// The FinCard login by organization and user.
    pub fn fincard_by_organization(&self) -> std::result::Result<Login, SandboxFileFault> {
        let fincard = &self.fincard;
        Ok(Login::Organization {
            organization_id: entry(fincard.organization_id.clone(), "fincard.organization_id")?,
            user_id: entry(fincard.user_id.clone(), "fincard.user_id")?,
            username: entry(fincard.username.clone(), "fincard.username")?,
            password: entry(fincard.password.clone(), "fincard.password")?,
            tenant_id: entry(fincard.tenant_id.clone(), "fincard.tenant_id")?,
        })
    }
}

/// Why a `sandbox.json` cannot be used. Never holds a value of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxFileFault {
    /// Not JSON, or an entry of another type.
    Unreadable {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// An entry is absent.
    Missing {
        /// Path of the entry, such as `finci.token`.
        entry: &'static str,
    },
    /// A token or secret that cannot be one.
    Credentials {
        /// The section.
        section: &'static str,
    },
}

impl fmt::Display for SandboxFileFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SandboxFileFault::Unreadable { line, column } => {
                write!(
                    formatter,
                    "it is not what a sandbox writes: line {line}, column {column}"
                )
            }
            SandboxFileFault::Missing { entry } => write!(formatter, "there is no `{entry}`"),
            SandboxFileFault::Credentials { section } => {
                write!(
                    formatter,
                    "`{section}.token` or `{section}.secret` cannot be an issued one"
                )
            }
        }
    }
}

impl std::error::Error for SandboxFileFault {}

fn entry<T>(value: Option<T>, entry: &'static str) -> std::result::Result<T, SandboxFileFault> {
    value.ok_or(SandboxFileFault::Missing { entry })
}

fn usable(
    credentials: Result<Credentials>,
    section: &'static str,
) -> std::result::Result<Credentials, SandboxFileFault> {
    credentials.map_err(|_| SandboxFileFault::Credentials { section })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const WHOLE: &str = r#"{
        "base_url": "http://127.0.0.1:8080",
        "admin": {"api_key": "hidden-admin"},
        "finci": {"token": "demo-token-0123456789", "secret": "hidden-finci",
                  "product_id": 112001, "webhook_secret": "hidden-webhooks"},
        "network": {"token": "network-token-0123456", "secret": "hidden-network"},
        "fincard": {"tenant_id": "acme", "organization_id": "o", "user_id": "u",
                    "email": "owner@acme.example", "username": "owner",
                    "password": "hidden-password", "card_type_ids": {"virtual": 111001},
                    "wallet_account_id": "7", "webhook_public_key_pem": "PEM"}}"#;

    #[test]
    fn every_entry_of_a_whole_file_is_found() {
        let file = SandboxFile::parse(WHOLE).unwrap();
        assert_eq!(file.admin_key().unwrap().expose(), "hidden-admin");
        assert_eq!(file.finci().unwrap().token(), "demo-token-0123456789");
        assert_eq!(file.network().unwrap().token(), "network-token-0123456");
        assert_eq!(file.finci_product_id().unwrap(), 112_001);
        assert_eq!(file.tenant_id().unwrap(), "acme");
        assert_eq!(file.webhook_secret().unwrap().expose(), "hidden-webhooks");
        assert_eq!(file.webhook_public_key_pem().unwrap(), "PEM");
        let Login::Email {
            email,
            password,
            tenant_id,
        } = file.fincard_by_email().unwrap()
        else {
            panic!("not a login by e-mail");
        };
        assert_eq!(
            (email.as_str(), tenant_id.as_str()),
            ("owner@acme.example", "acme")
        );
        assert_eq!(password.expose(), "hidden-password");
        assert!(matches!(
            file.fincard_by_organization().unwrap(),
            Login::Organization { username, .. } if username == "owner"
        ));
    }

    #[test]
    fn no_secret_shows_in_debug() {
        let file = SandboxFile::parse(WHOLE).unwrap();
        let shown = format!(
            "{file:?} {:?} {:?}",
            file.finci(),
            file.fincard_by_organization()
        );
        assert!(
            shown.contains("owner@acme.example") && !shown.contains("hidden-"),
            "{shown}"
        );
    }

    #[test]
    fn a_fault_names_the_entry_and_no_value() {
        let missing = SandboxFile::parse(r#"{"finci": {"token": "demo-token-0123456789"}}"#);
        let missing = missing.unwrap();
        let fault = missing.finci().unwrap_err();
        assert_eq!(
            fault,
            SandboxFileFault::Missing {
                entry: "finci.secret"
            }
        );
        let fault = missing.fincard_by_email().unwrap_err();
        assert_eq!(
            fault,
            SandboxFileFault::Missing {
                entry: "fincard.email"
            }
        );

        let short = SandboxFile::parse(r#"{"finci": {"token": "short", "secret": "hidden"}}"#);
        let fault = short.unwrap().finci().unwrap_err();
        assert_eq!(fault, SandboxFileFault::Credentials { section: "finci" });

        let mistyped = SandboxFile::parse("{\n \"fincard\": {\"password\": 12345678}}");
        let fault = mistyped.unwrap_err().to_string();
        assert!(
            fault.contains("line 2") && !fault.contains("12345678"),
            "{fault}"
        );
    }
}
