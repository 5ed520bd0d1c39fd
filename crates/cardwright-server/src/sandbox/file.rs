//! `sandbox.json`: everything another program needs to use the sandbox.
//!
//! Law: other programs rely on these keys; they may grow in number and never change.

use serde::{Deserialize, Serialize};

use crate::ops::programs::{DemoProgram, SignedCredential};
use crate::secrets::Secret;

/// The content of the file, in its order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SandboxFile {
    /// Where the sandbox listens.
    pub base_url: String,
    /// The operator's access.
    pub admin: Admin,
    /// For the FINCI Card API.
    pub finci: Finci,
    /// For messages of the card network.
    pub network: Network,
    /// For the FinCard Virtual API.
    pub fincard: Fincard,
    /// The certificate to trust, in PEM, where the sandbox speaks TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_certificate_path: Option<String>,
}

/// How a sandbox is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// Where.
    pub url: String,
    /// The certificate to trust, in PEM, where that is by TLS.
    pub certificate: Option<String>,
}

/// The operator's access.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Admin {
    /// Bearer key of the admin API.
    #[serde(with = "secret_text")]
    pub api_key: Secret,
}

/// For the FINCI Card API.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finci {
    /// The public half of the credential.
    pub token: String,
    /// The secret half.
    #[serde(with = "secret_text")]
    pub secret: Secret,
    /// The product of cards that spend from an account.
    pub product_id: i64,
    /// Signs deliveries to webhook endpoints.
    #[serde(with = "secret_text")]
    pub webhook_secret: Secret,
}

/// For messages of the card network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Network {
    /// The public half of the credential.
    pub token: String,
    /// The secret half.
    #[serde(with = "secret_text")]
    pub secret: Secret,
}

/// For the FinCard Virtual API.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fincard {
    /// The tenant.
    pub tenant_id: String,
    /// Its organization.
    pub organization_id: String,
    /// The demo user.
    pub user_id: String,
    /// The user's e-mail address.
    pub email: String,
    /// The user's login name.
    pub username: String,
    /// The user's password.
    #[serde(with = "secret_text")]
    pub password: Secret,
    /// The seeded card types.
    pub card_type_ids: CardTypeIds,
    /// The tenant's main account.
    pub wallet_account_id: String,
    /// Verifies deliveries that are signed with RSA.
    pub webhook_public_key_pem: String,
}

/// The seeded card types by what they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardTypeIds {
    /// A virtual card with its own balance.
    #[serde(rename = "virtual")]
    pub virtual_prepaid: i64,
    /// A plastic card with its own balance.
    pub physical: i64,
    /// A virtual card that spends from a shared pool.
    pub budget: i64,
    /// A card to give away.
    pub gift: i64,
    /// A virtual card for a verified consumer.
    pub virtual_b2c: i64,
}

/// The product for the FINCI Card API that every sandbox is seeded with.
const FINCI_PRODUCT: i64 = 112_001;

/// The card types that every sandbox is seeded with.
const CARD_TYPES: CardTypeIds = CardTypeIds {
    virtual_prepaid: 111_001,
    physical: 111_002,
    budget: 111_003,
    gift: 111_004,
    virtual_b2c: 111_065,
};

impl SandboxFile {
    /// The same program, reached like this from now on.
    #[must_use]
    pub fn reached(self, place: Reached) -> SandboxFile {
        SandboxFile {
            base_url: place.url,
            tls_certificate_path: place.certificate,
            ..self
        }
    }

    /// Describes a demo program that is reached like this.
    pub fn new(place: Reached, program: DemoProgram) -> SandboxFile {
        let SignedCredential { token, secret } = program.finci;
        SandboxFile {
            base_url: place.url,
            admin: Admin {
                api_key: program.admin_key,
            },
            finci: Finci {
                token,
                secret,
                product_id: FINCI_PRODUCT,
                webhook_secret: program.webhook_secret,
            },
            network: Network {
                token: program.network.token,
                secret: program.network.secret,
            },
            fincard: Fincard {
                tenant_id: program.tenant_uuid,
                organization_id: program.organization_uuid,
                user_id: program.user_uuid,
                email: program.email,
                username: program.username,
                password: program.password,
                card_type_ids: CARD_TYPES,
                wallet_account_id: program.wallet.to_string(),
                webhook_public_key_pem: program.webhook_public_key_pem,
            },
            tls_certificate_path: place.certificate,
        }
    }

    /// Reads what a sandbox wrote; nothing where it is anything else.
    pub fn parse(text: &str) -> Option<SandboxFile> {
        serde_json::from_str(text).ok()
    }

    /// The content on one line, without its end.
    pub fn one_line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The content as it stands in the file.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// A secret as plain text: this file is what its owner reads it from.
mod secret_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::secrets::Secret;

    pub(super) fn serialize<S: Serializer>(
        secret: &Secret,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        deserializer: D,
    ) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use cardwright_core::AccountId;

    use super::*;

    fn file() -> SandboxFile {
        let credential = |name: &str| SignedCredential {
            token: format!("{name}-token"),
            secret: Secret::new(format!("hidden-{name}")),
        };
        let program = DemoProgram {
            admin_key: Secret::new("hidden-admin".to_owned()),
            finci: credential("finci"),
            network: credential("network"),
            tenant_uuid: "t".to_owned(),
            organization_uuid: "o".to_owned(),
            user_uuid: "u".to_owned(),
            email: "e".to_owned(),
            username: "n".to_owned(),
            password: Secret::new("hidden-password".to_owned()),
            wallet: AccountId::new(7).unwrap(),
            webhook_secret: Secret::new("whsec_hidden".to_owned()),
            webhook_public_key_pem: "BEGIN\nEND\n".to_owned(),
        };
        let place = Reached {
            url: "http://127.0.0.1:8080".to_owned(),
            certificate: None,
        };
        SandboxFile::new(place, program)
    }

    #[test]
    fn the_keys_and_their_order_are_what_other_programs_rely_on() {
        let expected = concat!(
            r#"{"base_url":"http://127.0.0.1:8080","admin":{"api_key":"hidden-admin"},"#,
            r#""finci":{"token":"finci-token","secret":"hidden-finci","product_id":112001,"#,
            r#""webhook_secret":"whsec_hidden"},"#,
            r#""network":{"token":"network-token","secret":"hidden-network"},"#,
            r#""fincard":{"tenant_id":"t","organization_id":"o","user_id":"u","email":"e","#,
            r#""username":"n","password":"hidden-password","card_type_ids":{"virtual":111001,"#,
            r#""physical":111002,"budget":111003,"gift":111004,"virtual_b2c":111065},"#,
            r#""wallet_account_id":"7","webhook_public_key_pem":"BEGIN\nEND\n"}}"#
        );
        assert_eq!(file().one_line().unwrap(), expected);
        let place = Reached {
            url: "https://127.0.0.1:8080".to_owned(),
            certificate: Some("/d/tls-certificate.pem".to_owned()),
        };
        let encrypted = file().reached(place).one_line().unwrap();
        let added = r#"},"tls_certificate_path":"/d/tls-certificate.pem"}"#;
        assert!(encrypted.ends_with(added), "{encrypted}");
    }

    #[test]
    fn a_file_is_read_back_as_it_was_written_and_nothing_else_is_taken_for_one() {
        let file = file();
        assert_eq!(
            SandboxFile::parse(&file.text().unwrap()),
            Some(file.clone())
        );
        let whole = file.one_line().unwrap();
        for other in ["", "{}", "[]", &whole[..whole.len() - 1], "\u{0}"] {
            assert_eq!(SandboxFile::parse(other), None, "{other:?}");
        }
        let without_password = whole.replace("\"password\":\"hidden-password\",", "");
        assert_eq!(SandboxFile::parse(&without_password), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", file());
        assert!(
            shown.contains("finci-token") && !shown.contains("hidden"),
            "{shown}"
        );
    }
}
