//! A first card: opened, used, frozen, and what the books say about it.
//!
//! Start a sandbox with `cardwright sandbox`, then
//! `cargo run -p cardwright-client --example first_card -- cardwright-data/sandbox.json`.
//! Every run opens another card; repeating a call under the same `merchantOrderNo` would not.

use std::error::Error;

use cardwright_client::fincard::requests::{
    AuthorizationQuery, CardInfo, CardOrder, Happening, OpenCard, Simulate,
};
use cardwright_client::fincard::{Client, Context, Platform};
use cardwright_client::{Error as ClientError, SandboxFile};

/// Makes the calls; what happened, line by line. `run` is part of every order number.
pub async fn tour(sandbox: &str, run: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let sandbox = SandboxFile::parse(sandbox)?;
    let context = Context {
        platform: Platform::Web,
        device_id: String::new(),
        forwarded_for: String::new(),
        forwarded_from: "first-card".to_owned(),
    };
    let login = sandbox.fincard_by_email()?;
    let client = Client::login(sandbox.base_url()?, login, context).await?;
    let mut told = Vec::new();

    let opening = OpenCard::new(format!("{run}-open-a-card"), 111_001).amount("100.00");
    let opened = client.open_card(&opening).await?;
    told.push(format!("opening: {}", opened.status));
    // Whoever is not sure that the first call arrived makes it again.
    let again = client.open_card(&opening).await?;
    if opened != again {
        return Err("one number opened two cards".into());
    }

    let card = opened.card_no.as_str();
    let payment = Simulate::new(card, Happening::Auth, "30.00", "USD");
    let paid = client.simulate(&payment).await?;
    told.push(format!(
        "payment of {} {}: {}",
        paid.amount, paid.currency, paid.status
    ));

    let freeze = CardOrder::new(card, format!("{run}-freeze-it"));
    client.freeze(&freeze).await?;
    let declined = client.simulate(&payment).await?;
    let why = declined.description.unwrap_or_default();
    told.push(format!("payment while frozen: {} ({why})", declined.status));

    let of_card = AuthorizationQuery::new().card_no(card).page(1, 10);
    let history = client.authorizations(&of_card).await?;
    told.push(format!("{} payments on record", history.total));
    let balance = client.card(&CardInfo::new(card)).await?;
    told.push(format!(
        "left: {} {}",
        balance.available_balance, balance.currency
    ));

    match client.card(&CardInfo::new("7")).await {
        Err(ClientError::FincardRefused(refusal)) => {
            told.push(format!(
                "somebody else's card: {}",
                refusal.error_code.unwrap_or_default()
            ));
        }
        other => return Err(format!("not refused: {other:?}").into()),
    }
    Ok(told)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    let path = path.unwrap_or_else(|| "cardwright-data/sandbox.json".to_owned());
    let now = std::time::UNIX_EPOCH.elapsed()?.as_millis();
    for line in tour(&std::fs::read_to_string(path)?, &format!("run-{now}")).await? {
        println!("{line}");
    }
    Ok(())
}
