//! What the plain model does with clearings, refunds and disputes.

use cardwright_core::{AuthorizationKind, DisputeOutcome, Sequel};

use super::{
    super::{
        facts::{Answer, DisputeFacts, Reply, TransactionFacts},
        messages::Money,
    },
    AfterRefund, Plain, Transaction, Whose, price, share,
};

/// What money does in a settlement.
#[derive(Clone, Copy)]
struct Posting {
    kind: &'static str,
    card: usize,
    authorization: Option<usize>,
    original: Option<usize>,
    money: Money,
    base: i64,
    markup: i64,
}

impl Plain {
    pub(super) fn clear(&mut self, which: usize, money: Money, sequel: Sequel) -> Answer {
        let found = self.authorizations[which];
        if !found.spends() {
            return Err("authorization_not_open");
        }
        let kind = if found.facts.status == "open" {
            "clearing"
        } else {
            "forced_posting"
        };
        let markup = self.cards[found.card].markup_basis_points;
        self.post_for(which, (kind, money, sequel), markup)
    }

    pub(super) fn refund_authorized(&mut self, which: usize, amount: Option<Money>) -> Answer {
        let found = self.authorizations[which];
        if found.kind != AuthorizationKind::Refund || found.facts.status != "open" {
            return Err("authorization_not_open");
        }
        let rest = Money {
            minor: found.open(),
            currency: found.currency,
        };
        let amount = amount.unwrap_or(rest);
        if amount.currency != rest.currency {
            return Err("currency_mismatch");
        }
        if amount.minor > rest.minor {
            return Err("exceeds_original");
        }
        self.post_for(which, ("refund", amount, Sequel::Last), 0)
    }

    fn post_for(
        &mut self,
        which: usize,
        (kind, money, sequel): (&'static str, Money, Sequel),
        markup: i64,
    ) -> Answer {
        if money.minor == 0 {
            return Err("amount_zero");
        }
        let found = self.authorizations[which];
        let account = self.accounts[self.account_of(found.card)];
        let (base, markup) =
            price(money, account.currency, markup).ok_or("currency_not_supported")?;
        let (_, freed, _) = self.uses(which, (money, base + markup), sequel);
        let markup = self.patched(found.card, kind, (base, markup), freed);
        let (cleared, freed, ends) = self.uses(which, (money, base + markup), sequel);
        self.authorizations[which].facts.cleared += cleared;
        if ends {
            self.authorizations[which].facts.status = "cleared";
        }
        self.set_aside(which, -freed);
        self.authorizations[which].facts.posted += base + markup;
        self.authorizations[which].count();
        let posted = self.post(Posting {
            kind,
            card: found.card,
            authorization: Some(which),
            original: None,
            money,
            base,
            markup,
        });
        Ok(Reply {
            authorization: Some((which, self.authorizations[which].facts)),
            ..posted
        })
    }

    /// What a posting clears of an authorization, how much of what it holds that gives free, and
    /// whether it ends it.
    fn uses(
        &self,
        which: usize,
        (money, billing): (Money, i64),
        sequel: Sequel,
    ) -> (i64, i64, bool) {
        let found = self.authorizations[which];
        let same = money.currency == found.currency;
        if found.facts.status != "open" {
            return (if same { money.minor } else { 0 }, 0, false);
        }
        let (open, held) = (found.open(), found.facts.held);
        let (used, cleared) = if same {
            (share(held, money.minor, open), money.minor)
        } else {
            let used = held.min(billing);
            (used, share(open, used, held))
        };
        let ends = sequel == Sequel::Last || (used == held && cleared >= open);
        (cleared, if ends { held } else { used }, ends)
    }

    /// What is left of a markup for the card to pay: nothing where it cannot and the wallet did.
    fn patched(
        &mut self,
        card: usize,
        kind: &'static str,
        (base, markup): (i64, i64),
        freed: i64,
    ) -> i64 {
        let account = self.accounts[self.account_of(card)];
        let pays_itself = account.available() + freed - base >= markup;
        if kind == "refund" || markup == 0 || account.whose == Whose::Other || pays_itself {
            return markup;
        }
        let books = account.books;
        if self.accounts[books.wallet].available() < markup {
            return markup;
        }
        self.pay(books.wallet, books.fees, markup);
        0
    }

    pub(super) fn post_alone(&mut self, kind: &'static str, card: usize, money: Money) -> Answer {
        if money.minor == 0 {
            return Err("amount_zero");
        }
        let markup = match kind {
            "refund" => 0,
            _ => self.cards[card].markup_basis_points,
        };
        let to = self.accounts[self.account_of(card)].currency;
        let (base, markup) = price(money, to, markup).ok_or("currency_not_supported")?;
        let markup = self.patched(card, kind, (base, markup), 0);
        Ok(self.post(Posting {
            kind,
            card,
            authorization: None,
            original: None,
            money,
            base,
            markup,
        }))
    }

    /// Base against the network, markup against our fees; a refund the other way round.
    fn post(&mut self, posting: Posting) -> Reply {
        let account = self.account_of(posting.card);
        let books = self.accounts[account].books;
        if posting.kind == "refund" {
            self.pay(books.network, account, posting.base);
            self.pay(books.fees, account, posting.markup);
        } else {
            self.pay(account, books.network, posting.base);
            self.pay(account, books.fees, posting.markup);
        }
        let facts = TransactionFacts {
            kind: posting.kind,
            authorization: posting.authorization,
            original: posting.original,
            amount: posting.money.minor,
            currency: posting.money.currency,
            billing: posting.base + posting.markup,
            markup: posting.markup,
            returned: 0,
            returned_billing: 0,
            settlement: if self.accounts[account].facts.posted < 0 {
                "overdrawn"
            } else {
                "covered"
            },
        };
        self.make_good(account);
        let card = posting.card;
        self.give_rest_back(card);
        self.transactions.push(Transaction { card, facts });
        Reply {
            transaction: Some((self.transactions.len() - 1, facts)),
            balances: Some(self.accounts[account].balance()),
            ..Reply::default()
        }
    }

    /// The wallet pays what a prepaid card owes, if it can.
    fn make_good(&mut self, account: usize) {
        let owing = self.accounts[account];
        let (owed, wallet) = (-owing.facts.posted, owing.books.wallet);
        if owing.whose == Whose::Card && owed > 0 && self.accounts[wallet].available() >= owed {
            self.pay(wallet, account, owed);
        }
    }

    /// What is free on a prepaid card that has ended goes to the wallet.
    pub(super) fn give_rest_back(&mut self, card: usize) {
        let ended = self.cards[card];
        let account = self.accounts[ended.account];
        let free = account.available();
        let has_ended = matches!(ended.state, "closed" | "expired");
        if has_ended && account.whose == Whose::Card && free > 0 {
            self.pay(ended.account, account.books.wallet, free);
        }
    }

    /// Takes so much out of a transaction: amount, billing, and the markup in it.
    fn take_out(
        &mut self,
        which: usize,
        amount: Option<Money>,
    ) -> Result<(i64, i64, i64), &'static str> {
        let facts = &mut self.transactions[which].facts;
        let left = facts.amount - facts.returned;
        let part = match amount {
            Some(amount) if amount.currency != facts.currency => return Err("currency_mismatch"),
            Some(amount) if amount.minor == 0 => return Err("amount_zero"),
            Some(amount) => amount.minor,
            None => left,
        };
        if part > left || left == 0 {
            return Err("exceeds_original");
        }
        let billing = share(facts.billing - facts.returned_billing, part, left);
        let markup_until = |minor| share(facts.markup, minor, facts.amount);
        let markup = markup_until(facts.returned + part) - markup_until(facts.returned);
        facts.returned += part;
        facts.returned_billing += billing;
        Ok((part, billing, markup.min(billing)))
    }

    fn give_back(
        &mut self,
        kind: &'static str,
        which: usize,
        amount: Option<Money>,
    ) -> Result<Reply, &'static str> {
        let (part, billing, markup) = self.take_out(which, amount)?;
        let original = self.transactions[which];
        Ok(self.post(Posting {
            kind,
            card: original.card,
            authorization: original.facts.authorization,
            original: Some(which),
            money: Money {
                minor: part,
                currency: original.facts.currency,
            },
            base: billing - markup,
            markup,
        }))
    }

    fn is_payment(&self, which: usize) -> bool {
        ["clearing", "forced_posting"].contains(&self.transactions[which].facts.kind)
    }

    pub(super) fn refund(&mut self, which: usize, amount: Option<Money>) -> Answer {
        if !self.is_payment(which) {
            return Err("transaction_not_refundable");
        }
        let reply = self.give_back("refund", which, amount)?;
        let card = self.cards[self.transactions[which].card];
        let billing = reply.transaction.unwrap().1.billing;
        let restored = match card.after_refund {
            AfterRefund::Kept => 0,
            AfterRefund::Restored => billing,
        };
        Ok(self.restore(which, restored, reply))
    }

    pub(super) fn reverse_refund(&mut self, which: usize, amount: Option<Money>) -> Answer {
        if self.transactions[which].facts.kind != "refund" {
            return Err("transaction_not_refundable");
        }
        let reply = self.give_back("refund_reversal", which, amount)?;
        let taken = reply.transaction.unwrap().1;
        if let Some(payment) = self.transactions[which].facts.original {
            let facts = &mut self.transactions[payment].facts;
            facts.returned -= taken.amount;
            facts.returned_billing -= taken.billing;
        }
        Ok(self.restore(which, -taken.billing, reply))
    }

    /// Limits get so much back for a payment, or less than nothing.
    fn restore(&mut self, payment: usize, minor: i64, reply: Reply) -> Reply {
        let Some(which) = self.transactions[payment].facts.authorization else {
            return reply;
        };
        let found = &mut self.authorizations[which];
        found.facts.restored = (found.facts.restored + minor).max(0);
        found.count();
        Reply {
            authorization: Some((which, found.facts)),
            ..reply
        }
    }

    pub(super) fn dispute(&mut self, which: usize, amount: Option<Money>) -> Answer {
        if !self.is_payment(which) {
            return Err("transaction_not_disputable");
        }
        let (amount, billing, _) = self.take_out(which, amount)?;
        let account = self.account_of(self.transactions[which].card);
        self.pay(self.accounts[account].books.loss, account, billing);
        self.disputes.push(DisputeFacts {
            transaction: which,
            state: "open",
            amount,
            billing,
        });
        self.give_rest_back(self.transactions[which].card);
        Ok(self.about_dispute(self.disputes.len() - 1))
    }

    fn about_dispute(&self, which: usize) -> Reply {
        let found = self.disputes[which];
        let account = self.account_of(self.transactions[found.transaction].card);
        Reply {
            dispute: Some((which, found)),
            balances: Some(self.accounts[account].balance()),
            ..Reply::default()
        }
    }

    pub(super) fn decide(&mut self, which: usize, outcome: DisputeOutcome) -> Answer {
        let found = self.disputes[which];
        if found.state != "open" {
            return Err("dispute_transition_not_allowed");
        }
        let account = self.account_of(self.transactions[found.transaction].card);
        let books = self.accounts[account].books;
        match outcome {
            DisputeOutcome::Won => {
                self.disputes[which].state = "won";
                self.pay(books.network, books.loss, found.billing);
            }
            DisputeOutcome::Lost => {
                self.disputes[which].state = "lost";
                self.pay(account, books.loss, found.billing);
                self.make_good(account);
                let facts = &mut self.transactions[found.transaction].facts;
                facts.returned -= found.amount;
                facts.returned_billing -= found.billing;
            }
        }
        self.give_rest_back(self.transactions[found.transaction].card);
        Ok(self.about_dispute(which))
    }
}
