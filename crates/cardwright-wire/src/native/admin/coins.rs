//! Coins of the wallet.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::AMOUNT_MAX;
use crate::instant::Rfc3339;
use crate::kind::{Integer, Kind, integer, list, one_of, text};
use crate::shape::{Fields, Policy, Shape};

/// Whether a coin takes deposits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CoinStatus)]
pub enum Status {
    /// It does.
    Enabled,
    /// Not at present.
    Disabled,
}

const STATUSES: &[(&str, Status)] = &[("enabled", Status::Enabled), ("disabled", Status::Disabled)];

/// How many blocks anybody would wait for.
const CONFIRMATIONS_MAX: i64 = 10_000;

/// `PATCH coins/{coin_key}`: what can change; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeCoin {
    /// Whether it takes deposits.
    pub status: Option<Status>,
    /// Part of a deposit that is kept, in basis points.
    pub fee_rate_basis_points: Option<i64>,
    /// Kept on top, in minor units.
    pub fee_fixed_minor: Option<i64>,
    /// How many blocks a deposit needs.
    pub confirmations: Option<i64>,
    /// The least that is taken at a time, in minor units.
    pub deposit_min_minor: Option<i64>,
    /// The most that is taken at a time, in minor units.
    pub deposit_max_minor: Option<i64>,
}

fn minor() -> Integer {
    integer(0..=AMOUNT_MAX)
}

impl Shape for ChangeCoin {
    const NAME: &'static str = "ChangeCoin";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional(
            "status",
            one_of(STATUSES).about("Whether it takes deposits"),
        );
        let fee_rate_basis_points = fields.optional(
            "fee_rate_basis_points",
            integer(0..=10_000)
                .about("Part of a deposit that is kept; 100 is one percent")
                .example(150),
        );
        let fee_fixed = fields.optional(
            "fee_fixed",
            minor().about("Kept on top, in minor units").example(0),
        );
        let confirmations = fields.optional(
            "confirmations",
            integer(1..=CONFIRMATIONS_MAX)
                .about("How many blocks must lie on a deposit")
                .example(38),
        );
        let deposit_min = fields.optional(
            "deposit_min",
            minor()
                .about("The least that is taken at a time, in minor units")
                .example(100),
        );
        let deposit_max = fields.optional(
            "deposit_max",
            minor()
                .about("The most that is taken at a time, in minor units")
                .example(100_000_000),
        );
        Some(ChangeCoin {
            status: status?,
            fee_rate_basis_points: fee_rate_basis_points?,
            fee_fixed_minor: fee_fixed?,
            confirmations: confirmations?,
            deposit_min_minor: deposit_min?,
            deposit_max_minor: deposit_max?,
        })
    }
}

/// A coin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coin {
    /// Its key.
    pub coin_key: String,
    /// The chain it moves on.
    pub chain: &'static str,
    /// Its short name.
    pub name: String,
    /// Its name in full.
    pub full_name: String,
    /// Decimals of its smallest unit.
    pub decimals: u32,
    /// Decimals that are shown to people.
    pub shown_decimals: u32,
    /// How many blocks must lie on a deposit.
    pub confirmations: u32,
    /// The money it is turned into, ISO 4217.
    pub currency: String,
    /// Part of a deposit that is kept; 100 is one percent.
    pub fee_rate_basis_points: u32,
    /// Kept on top, in minor units.
    pub fee_fixed: i64,
    /// The least that is taken at a time, in minor units.
    pub deposit_min: i64,
    /// The most that is taken at a time, in minor units.
    pub deposit_max: i64,
    /// The token's contract on its chain.
    pub contract: String,
    /// Whether it takes deposits.
    pub status: Status,
}

/// The most addresses that are brought at a time.
const ADDRESSES_MAX: usize = 500;

/// `POST coins/{coin_key}/addresses`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BringAddresses {
    /// At least one; not yet known to be addresses of the coin's chain.
    pub addresses: Vec<String>,
}

impl Shape for BringAddresses {
    const NAME: &'static str = "BringAddresses";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let addresses = fields.required(
            "addresses",
            list(text(1..=64), ADDRESSES_MAX)
                .about(
                    "Addresses of the coin's chain whose keys your custodian has: Base58Check for \
                     TRC20, hexadecimal for BEP20, there in one case or as EIP-55 has it",
                )
                .example(serde_json::json!(["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"])),
        );
        Some(BringAddresses {
            addresses: addresses?,
        })
    }
}

/// What became of addresses that were brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BroughtAddresses {
    /// The coin.
    pub coin_key: String,
    /// How many are new.
    pub added: usize,
    /// How many had been brought before.
    pub known: usize,
    /// How many of the coin's addresses can now be given to accounts.
    pub free: i64,
}

/// An address that was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoinAddress {
    /// The address.
    pub address: String,
    /// Whether it can be given to an account: `free`, or `given`.
    pub status: &'static str,
    /// When it was brought.
    pub created_at: Rfc3339,
    /// When an account was given it.
    pub given_at: Option<Rfc3339>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault, Fault, FaultKind};

    #[test]
    fn what_a_coin_is_does_not_change() {
        let refused = |body: &str| {
            let read = shape::from_body::<ChangeCoin>(body.as_bytes());
            read.map(|read| read.value)
        };
        let fault = |field, kind| Err(BodyFault::Fields(vec![Fault::new(field, kind)]));
        assert_eq!(
            refused(r#"{"decimals": 8}"#),
            fault("decimals", FaultKind::Unknown)
        );
        assert_eq!(
            refused(r#"{"confirmations": 0}"#),
            fault("confirmations", FaultKind::Invalid)
        );
        assert_eq!(
            refused(r#"{"fee_rate_basis_points": 10001}"#),
            fault("fee_rate_basis_points", FaultKind::Invalid)
        );
        assert_eq!(
            refused(r#"{"status": "off"}"#),
            fault("status", FaultKind::NotAllowed)
        );
    }
}
