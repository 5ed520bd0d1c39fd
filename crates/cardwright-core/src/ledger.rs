//! Double entry: a transfer moves one amount from one account to one other.
//!
//! Law: every transfer names one payer and one receiver, so the sum over all accounts of a
//! currency is zero by construction, and no account goes below its floor by its own payment.

use crate::{AccountId, Amount, Refusal};

/// The lowest balance a payment may leave behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Floor {
    /// At least this many minor units stay; 0 for customers' money, negative for a credit line.
    At(i64),
    /// The account is the outside world or our own book: it may go as low as it needs to.
    None,
}

/// What an account holds, as the sums of what it ever received and paid, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Balance {
    /// Sum of everything received.
    pub credits: i64,
    /// Sum of everything paid.
    pub debits: i64,
    /// The lowest balance a payment may leave.
    pub floor: Floor,
}

impl Balance {
    /// An account that nothing has happened to.
    pub fn empty(floor: Floor) -> Balance {
        Balance {
            credits: 0,
            debits: 0,
            floor,
        }
    }

    /// What is there now; negative where the floor allows it.
    pub fn posted(self) -> i64 {
        self.credits - self.debits
    }

    /// The balance after paying.
    pub fn pay(self, amount: Amount) -> Result<Balance, Refusal> {
        let debits = self
            .debits
            .checked_add(amount.minor())
            .ok_or(Refusal::BalanceOverflow)?;
        let after = self
            .credits
            .checked_sub(debits)
            .ok_or(Refusal::BalanceOverflow)?;
        match self.floor {
            Floor::At(lowest) if after < lowest => Err(Refusal::InsufficientFunds),
            Floor::At(_) | Floor::None => Ok(Balance { debits, ..self }),
        }
    }

    /// The balance after receiving.
    pub fn receive(self, amount: Amount) -> Result<Balance, Refusal> {
        let credits = self
            .credits
            .checked_add(amount.minor())
            .ok_or(Refusal::BalanceOverflow)?;
        Ok(Balance { credits, ..self })
    }
}

/// Why money moved; the FinCard API shows it as `bizType`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TransferKind {
    /// Money came in from outside the platform.
    Funding,
    /// The price of a card.
    CardPurchase,
    /// Money put onto a prepaid card.
    CardDeposit,
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
}

impl TransferKind {
    /// Every kind.
    pub const ALL: [TransferKind; 15] = [
        TransferKind::Funding,
        TransferKind::CardPurchase,
        TransferKind::CardDeposit,
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
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            TransferKind::Funding => "funding",
            TransferKind::CardPurchase => "card_purchase",
            TransferKind::CardDeposit => "card_deposit",
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Currency;
    use proptest::prelude::*;

    /// Runs a little script: accounts, payments with the expected outcome, balances. After every
    /// line the sum over all accounts is zero.
    fn check(script: &str) {
        let mut accounts: BTreeMap<&str, Balance> = BTreeMap::new();
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["account", name] => {
                    accounts.insert(name, Balance::empty(Floor::None));
                }
                ["account", name, "floor", floor] => {
                    let floor = Floor::At(floor.parse().expect("a number"));
                    accounts.insert(name, Balance::empty(floor));
                }
                ["pay", payer, "->", receiver, amount, outcome] => {
                    let got = pay(&mut accounts, payer, receiver, amount);
                    assert_eq!(got.err().map_or("ok", Refusal::code), *outcome, "{line}");
                }
                ["balance", name, expected] => {
                    assert_eq!(accounts[name].posted().to_string(), *expected, "{line}");
                }
                other => panic!("what is {other:?}?"),
            }
            let sum: i128 = accounts
                .values()
                .map(|account| i128::from(account.posted()))
                .sum();
            assert_eq!(sum, 0, "after {line}");
        }
    }

    fn pay<'a>(
        accounts: &mut BTreeMap<&'a str, Balance>,
        payer: &'a str,
        receiver: &'a str,
        amount: &str,
    ) -> Result<(), Refusal> {
        let minor = amount.parse().expect("a number");
        let amount = Amount::from_minor(minor, Currency::USD).expect("not negative");
        let id = |name: &str| {
            let position = accounts
                .keys()
                .position(|key| *key == name)
                .expect("declared");
            AccountId::new(i64::try_from(position).expect("small") + 1).expect("positive")
        };
        Transfer::new(id(payer), id(receiver), amount, TransferKind::Funding)?;
        let (paid, received) = (
            accounts[payer].pay(amount)?,
            accounts[receiver].receive(amount)?,
        );
        accounts.insert(payer, paid);
        accounts.insert(receiver, received);
        Ok(())
    }

    #[test]
    fn a_payment_never_takes_an_account_below_its_floor() {
        check(
            "
            account world
            account wallet  floor 0
            account card    floor 0
            account credit  floor -50
            pay world  -> wallet 100   ok
            pay wallet -> card   101   insufficient_funds
            pay wallet -> card   100   ok
            pay wallet -> card   1     insufficient_funds
            pay card   -> card   1     same_account
            pay card   -> wallet 0     amount_zero
            pay credit -> card   50    ok
            pay credit -> card   1     insufficient_funds
            balance wallet 0
            balance card   150
            balance credit -50
            balance world  -100
        ",
        );
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        check(
            "
            account world
            account wallet floor 0
            pay world -> wallet 9223372036854775807 ok
            pay world -> wallet 1                   balance_overflow
            balance wallet 9223372036854775807
        ",
        );
    }

    #[test]
    fn transfer_kinds_read_back_from_their_words() {
        for kind in TransferKind::ALL {
            assert_eq!(TransferKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(TransferKind::from_word("gift"), None);
    }

    proptest! {
        #[test]
        fn random_payments_keep_the_sum_at_zero_and_floors_intact(
            payments in prop::collection::vec((0..4_usize, 0..4_usize, 0..1_000_i64), 0..200),
        ) {
            let floors = [Floor::None, Floor::At(0), Floor::At(0), Floor::At(-100)];
            let mut book = floors.map(Balance::empty);
            for (payer, receiver, minor) in payments {
                let amount = Amount::from_minor(minor, Currency::EUR).expect("not negative");
                if payer == receiver { continue; }
                if let (Ok(paid), Ok(received)) = (book[payer].pay(amount), book[receiver].receive(amount)) {
                    book[payer] = paid;
                    book[receiver] = received;
                }
                prop_assert_eq!(book.iter().map(|balance| balance.posted()).sum::<i64>(), 0);
                for balance in book {
                    if let Floor::At(lowest) = balance.floor { prop_assert!(balance.posted() >= lowest); }
                }
            }
        }
    }
}
