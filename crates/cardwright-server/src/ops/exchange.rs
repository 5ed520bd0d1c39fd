//! What an amount in one currency means for an account in another, at the rates that operators feed.

use cardwright_core::{Amount, AuthorizationTerms, Billing, Currency, Quote, Rate, Refusal};

use crate::{
    error::{Error, Result},
    store::{
        ReadTx, Tx,
        environment::{self, EnvironmentName},
        exchange::{self, KeptRate},
    },
};

/// What a sandbox exchanges at where its operator fed no rate: millionths of a dollar for one unit.
/// Invented once and fixed, so that a test gets the same cents every day.
const SANDBOX_DOLLARS: &[(&str, i64)] = &[
    ("AED", 272_300),
    ("AUD", 655_000),
    ("BRL", 178_500),
    ("CAD", 729_000),
    ("CHF", 1_131_000),
    ("CNY", 139_500),
    ("CZK", 43_500),
    ("DKK", 145_500),
    ("EUR", 1_085_000),
    ("GBP", 1_270_000),
    ("HKD", 128_400),
    ("HUF", 2_710),
    ("IDR", 63),
    ("ILS", 273_000),
    ("INR", 11_900),
    ("JPY", 6_700),
    ("KRW", 730),
    ("KWD", 3_250_000),
    ("MXN", 54_000),
    ("MYR", 223_000),
    ("NOK", 93_500),
    ("NZD", 598_000),
    ("PHP", 17_400),
    ("PLN", 251_000),
    ("RON", 218_000),
    ("SEK", 95_000),
    ("SGD", 744_000),
    ("THB", 28_600),
    ("TRY", 29_300),
    ("TWD", 31_200),
    ("USD", 1_000_000),
    ("VND", 39),
];

/// Feeds a rate: from now on it is what payments are exchanged at, also the other way round where
/// nobody feeds that direction. What was authorized or posted before keeps its rate.
pub async fn set_rate(
    tx: &mut Tx,
    (source, target): (Currency, Currency),
    rate: Rate,
) -> Result<KeptRate> {
    if source == target {
        return Err(Error::Invalid("target"));
    }
    let kept = KeptRate {
        source,
        target,
        rate,
        updated_at: tx.real_now(),
    };
    exchange::put_rate(tx, kept).await?;
    let direction = format!("{}-{}", source.code(), target.code());
    tx.audit("exchange_rate.set", ("exchange_rate", &direction))
        .await?;
    Ok(kept)
}

/// What an amount costs an account, markup included; nothing where no rate leads there. Refuses
/// what is too much to be counted.
pub(super) async fn billing(
    tx: &mut ReadTx,
    amount: Amount,
    to: Currency,
    terms: AuthorizationTerms,
) -> Result<Option<Billing>> {
    if amount.currency() == to {
        return Ok(Some(Billing::plain(amount)));
    }
    let Some(quote) = quote(tx, amount.currency(), to).await? else {
        return Ok(None);
    };
    let billing = Billing::exchanged(amount, to, quote, terms.markup_basis_points)?;
    Ok(Some(billing))
}

/// The same for a payment that the platform may still decline: what is too much to be counted costs
/// more than any account has.
pub(super) async fn asked(
    tx: &mut ReadTx,
    amount: Amount,
    to: Currency,
    terms: AuthorizationTerms,
) -> Result<Option<Billing>> {
    match billing(tx, amount, to, terms).await {
        Err(Error::Refused(Refusal::BalanceOverflow)) => {
            Ok(Amount::from_minor(i64::MAX, to).map(Billing::plain))
        }
        priced => priced,
    }
}

/// The rate of a direction: as fed, or the other direction's turned round, or, in a sandbox, from
/// the fixed table.
async fn quote(tx: &mut ReadTx, source: Currency, target: Currency) -> Result<Option<Quote>> {
    if let Some(fed) = exchange::rate(tx, source, target).await? {
        return Ok(Some(Quote::direct(fed)));
    }
    if let Some(fed) = exchange::rate(tx, target, source).await? {
        return Ok(Quote::turned(fed));
    }
    let name = environment::of(tx).await?.name;
    Ok(match name {
        EnvironmentName::Sandbox => sandbox_quote(source, target),
        EnvironmentName::Production => None,
    })
}

fn sandbox_quote(source: Currency, target: Currency) -> Option<Quote> {
    let dollars = |currency: Currency| {
        let found = SANDBOX_DOLLARS
            .iter()
            .find(|(code, _)| *code == currency.code());
        found.and_then(|(_, micros)| Rate::from_micros(*micros))
    };
    Quote::through(dollars(source)?, dollars(target)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate_of(source: &str, target: &str) -> Option<i64> {
        let currency = |code| Currency::parse(code).expect("a currency");
        sandbox_quote(currency(source), currency(target)).map(|quote| quote.rate().micros())
    }

    #[test]
    fn the_fixed_table_leads_from_every_currency_to_every_other() {
        for (source, _) in SANDBOX_DOLLARS {
            for (target, _) in SANDBOX_DOLLARS {
                assert!(rate_of(source, target).is_some(), "{source} to {target}");
            }
        }
        assert_eq!(rate_of("EUR", "USD"), Some(1_085_000));
        assert_eq!(rate_of("EUR", "GBP"), Some(854_331));
        assert_eq!(
            rate_of("ISK", "USD"),
            None,
            "a currency the table does not have"
        );
    }
}
