//! Coins that can be received.

use serde::Serialize;
use utoipa::ToSchema;

/// What the server knows about a coin; [`Coin`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoinFacts {
    /// Its key.
    pub key: String,
    /// The chain's key.
    pub chain: &'static str,
    /// The chain's name for people.
    pub chain_title: &'static str,
    /// Its short name.
    pub name: String,
    /// Its name in full.
    pub full_name: String,
    /// Decimals that are shown to people.
    pub shown_decimals: u32,
    /// Decimals of its smallest unit.
    pub decimals: u32,
    /// Where people look at an address.
    pub address_page: String,
    /// Where people look at a transaction.
    pub transaction_page: String,
    /// The token's contract.
    pub contract: String,
    /// How many blocks a deposit needs.
    pub confirmations: u32,
    /// Whether it takes deposits.
    pub is_enabled: bool,
    /// Fee on a deposit; 1 means one percent.
    pub deposit_fee: String,
    /// The least that is taken at a time, in coins.
    pub deposit_min: String,
    /// The most that is taken at a time, in coins.
    pub deposit_max: String,
}

/// A coin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WalletCoin)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Coin {
    /// Key of the coin.
    coin_key: String,
    /// Key of its chain.
    chain: &'static str,
    /// Same as `chain`.
    chain_key: &'static str,
    /// Its name in full.
    coin_full_name: String,
    /// Its short name.
    coin_name: String,
    /// Decimals that its amounts are shown with.
    show_coin_decimal: u32,
    /// Decimals of its smallest unit.
    coin_decimal: u32,
    /// The chain's name for people.
    block_chain_show_name: &'static str,
    /// Where people look at an address; `{address}` stands for it.
    browser: String,
    /// Where people look at a transaction; `{txHash}` stands for it.
    tx_ref_url: String,
    /// The token's contract on its chain.
    contract_address: String,
    /// Whether it can be received.
    enable_deposit: bool,
    /// Whether it can be sent.
    enable_withdraw: bool,
    /// How many blocks must lie on a deposit before it counts.
    confirmations: u32,
    /// Whether it can be used at all.
    enabled: bool,
    /// Fee on a deposit; 1 means one percent.
    deposit_fee: String,
    /// The least that is taken at a time, in coins.
    min_deposit_amount: String,
    /// The most that is taken at a time, in coins.
    max_deposit_amount: String,
}

impl From<CoinFacts> for Coin {
    fn from(facts: CoinFacts) -> Coin {
        Coin {
            coin_key: facts.key,
            chain: facts.chain,
            chain_key: facts.chain,
            coin_full_name: facts.full_name,
            coin_name: facts.name,
            show_coin_decimal: facts.shown_decimals,
            coin_decimal: facts.decimals,
            block_chain_show_name: facts.chain_title,
            browser: facts.address_page,
            tx_ref_url: facts.transaction_page,
            contract_address: facts.contract,
            enable_deposit: facts.is_enabled,
            // Coins only come in; money leaves by other ways.
            enable_withdraw: false,
            confirmations: facts.confirmations,
            enabled: facts.is_enabled,
            deposit_fee: facts.deposit_fee,
            min_deposit_amount: facts.deposit_min,
            max_deposit_amount: facts.deposit_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coin_has_exactly_the_published_names() {
        let coin = Coin::from(CoinFacts {
            key: "USDT_TRC20".to_owned(),
            chain: "TRC20",
            chain_title: "Tron (TRC20)",
            name: "USDT".to_owned(),
            full_name: "Tether USD".to_owned(),
            shown_decimals: 6,
            decimals: 6,
            address_page: String::new(),
            transaction_page: String::new(),
            contract: String::new(),
            confirmations: 38,
            is_enabled: true,
            deposit_fee: "1.5".to_owned(),
            deposit_min: "1.000000".to_owned(),
            deposit_max: "1000000.000000".to_owned(),
        });
        let written = serde_json::to_value(coin).expect("plain");
        let names = "coinKey chain chainKey coinFullName coinName showCoinDecimal coinDecimal \
            blockChainShowName browser txRefUrl contractAddress enableDeposit enableWithdraw \
            confirmations enabled depositFee minDepositAmount maxDepositAmount";
        crate::fincard::assert_names(&written, names);
        assert_eq!(written["enableDeposit"], true);
        assert_eq!(written["enableWithdraw"], false);
    }
}
