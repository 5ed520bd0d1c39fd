//! A movement of money and its reason.

use crate::{AccountId, Amount, Refusal};

/// Why money moved; the FinCard API shows it as `bizType`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TransferKind {
    /// Money came in from outside the platform.
    Funding,
    /// The price of a card.
    CardPurchase,
    /// Money put onto a prepaid card.
    CardDeposit,
    /// The price of putting money onto a card.
    CardDepositFee,
    /// Money taken off a prepaid card.
    CardWithdraw,
    /// What was free on a card that was cancelled.
    CardCancel,
    /// A card payment was settled.
    CardClearing,
    /// A card payment was settled without, or beyond, an authorization.
    CardForcedPosting,
    /// A merchant gave money back.
    CardRefund,
    /// A refund was taken back.
    CardRefundReversal,
    /// The price of paying in another currency.
    CurrencyMarkup,
    /// Money given to a holder while a dispute is open.
    ProvisionalCredit,
    /// The network made good what a dispute was about.
    DisputeWon,
    /// A provisional credit was taken back.
    DisputeLost,
    /// An operator put money onto an account.
    OperatorCredit,
    /// An operator took money from an account.
    OperatorDebit,
    /// Coins were turned into money.
    CryptoDeposit,
    /// The price of turning coins into money.
    CryptoFee,
    /// Money the tenant moved from one of its accounts to another.
    AccountTransfer,
    /// Money the tenant moved back.
    AccountCollection,
    /// What keeping a card costs.
    CardMaintenance,
    /// A fee of a card that the wallet paid in its place.
    CardFeePatch,
    /// The price of paying in another currency, which the wallet paid in the card's place.
    CrossBorderPatch,
    /// What a card owed, which the wallet paid.
    OverdraftStatement,
}

impl TransferKind {
    /// Every kind.
    pub const ALL: [TransferKind; 24] = [
        TransferKind::Funding,
        TransferKind::CardPurchase,
        TransferKind::CardDeposit,
        TransferKind::CardDepositFee,
        TransferKind::CardWithdraw,
        TransferKind::CardCancel,
        TransferKind::CardClearing,
        TransferKind::CardForcedPosting,
        TransferKind::CardRefund,
        TransferKind::CardRefundReversal,
        TransferKind::CurrencyMarkup,
        TransferKind::ProvisionalCredit,
        TransferKind::DisputeWon,
        TransferKind::DisputeLost,
        TransferKind::OperatorCredit,
        TransferKind::OperatorDebit,
        TransferKind::CryptoDeposit,
        TransferKind::CryptoFee,
        TransferKind::AccountTransfer,
        TransferKind::AccountCollection,
        TransferKind::CardMaintenance,
        TransferKind::CardFeePatch,
        TransferKind::CrossBorderPatch,
        TransferKind::OverdraftStatement,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            TransferKind::Funding => "funding",
            TransferKind::CardPurchase => "card_purchase",
            TransferKind::CardDeposit => "card_deposit",
            TransferKind::CardDepositFee => "card_deposit_fee",
            TransferKind::CardWithdraw => "card_withdraw",
            TransferKind::CardCancel => "card_cancel",
            TransferKind::CardClearing => "card_clearing",
            TransferKind::CardForcedPosting => "card_forced_posting",
            TransferKind::CardRefund => "card_refund",
            TransferKind::CardRefundReversal => "card_refund_reversal",
            TransferKind::CurrencyMarkup => "currency_markup",
            TransferKind::ProvisionalCredit => "provisional_credit",
            TransferKind::DisputeWon => "dispute_won",
            TransferKind::DisputeLost => "dispute_lost",
            TransferKind::OperatorCredit => "operator_credit",
            TransferKind::OperatorDebit => "operator_debit",
            TransferKind::CryptoDeposit => "crypto_deposit",
            TransferKind::CryptoFee => "crypto_fee",
            TransferKind::AccountTransfer => "account_transfer",
            TransferKind::AccountCollection => "account_collection",
            TransferKind::CardMaintenance => "card_maintenance",
            TransferKind::CardFeePatch => "card_auth_fee_patch",
            TransferKind::CrossBorderPatch => "card_cross_board_patch",
            TransferKind::OverdraftStatement => "card_overdraft_statement",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<TransferKind> {
        TransferKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// One movement of money, before it is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Who pays.
    pub payer: AccountId,
    /// Who receives.
    pub receiver: AccountId,
    /// How much; never zero.
    pub amount: Amount,
    /// Why.
    pub kind: TransferKind,
}

impl Transfer {
    /// A transfer between two different accounts of something more than nothing.
    pub fn new(
        payer: AccountId,
        receiver: AccountId,
        amount: Amount,
        kind: TransferKind,
    ) -> Result<Transfer, Refusal> {
        if payer == receiver {
            return Err(Refusal::SameAccount);
        }
        if amount.is_zero() {
            return Err(Refusal::AmountZero);
        }
        Ok(Transfer {
            payer,
            receiver,
            amount,
            kind,
        })
    }
}
