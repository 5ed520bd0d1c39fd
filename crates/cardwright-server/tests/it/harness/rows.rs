//! The store by hand: what no operation can set yet, and what no answer shows.

use cardwright_server::store::db::{Row, Value, WriteSession};

use super::TestApp;

impl TestApp {
    /// Changes rows as an operator's tool would. How many.
    pub async fn change_rows(&self, sql: &'static str, parameters: Vec<Value>) -> u64 {
        self.app
            .store()
            .db()
            .write(async move |mut session: WriteSession| session.execute(sql, &parameters).await)
            .await
            .unwrap()
    }

    /// Rows as they are stored.
    pub async fn rows(&self, sql: &'static str, parameters: Vec<Value>) -> Vec<Row> {
        self.app
            .store()
            .system_read(async move |session| Ok(session.query(sql, &parameters).await?))
            .await
            .unwrap()
    }
}
