//! Clients that need no connection: they ask below HTTP.

use super::{Cards, Issuer, is_approved, write_message};
use crate::api::network;
use crate::app::App;
use crate::store::Scope;
use crate::store::db::bench;

/// One who asks.
pub(super) struct Client {
    app: App,
    scope: Scope,
    cards: Cards,
    from: i64,
    message: Vec<u8>,
}

impl Client {
    pub(super) fn new(issuer: &Issuer, from: i64) -> Client {
        Client {
            app: issuer.app.clone(),
            scope: issuer.scope.clone(),
            cards: issuer.cards,
            from,
            message: Vec::new(),
        }
    }
}

impl bench::Client for Client {
    type Error = String;

    async fn ask(&mut self, number: i64) -> Result<(), String> {
        self.message.clear();
        write_message(&mut self.message, self.cards, self.from + number)
            .map_err(|error| error.to_string())?;
        let answer = network::authorize(&self.app, &self.scope, &self.message)
            .await
            .map_err(|error| error.log_text())?;
        if is_approved(answer.get().as_bytes()) {
            Ok(())
        } else {
            Err(format!("not approved: {}", answer.get()))
        }
    }
}
