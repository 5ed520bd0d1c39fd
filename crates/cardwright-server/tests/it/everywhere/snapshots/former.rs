//! A saved state from before accounts were divided into who they are and what they have.

use cardwright_server::store::{
    db::{Row, Value},
    snapshots::ROLLED_BACK,
};

use super::{beneath, live, named, restore, take};
use crate::harness::TestApp;

/// What a state said of its accounts then.
const FORM: &str = "account id kind owner currency name status external_id credits debits floor \
                    entry_sequence created_at updated_at held_credits held_debits";
const ROWS: &str = "SELECT id, kind, owner, currency, name, status, external_id, credits, debits, \
                    floor, entry_sequence, created_at, updated_at, held_credits, held_debits \
                    FROM account WHERE tenant = (SELECT tenant FROM snapshot WHERE name = 'old') \
                    ORDER BY id";

/// One value as saved states hold it.
fn packed(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => vec![0],
        Value::Integer(number) => [&[1], number.to_le_bytes().as_slice()].concat(),
        Value::Text(text) => {
            let length = u32::try_from(text.len()).unwrap().to_le_bytes();
            [&[2], length.as_slice(), text.as_bytes()].concat()
        }
        Value::Bytes(_) => panic!("accounts have no bytes"),
    }
}

/// Makes the saved state `old` what it would have been then: how many accounts are in it.
async fn undivide(app: &TestApp) -> i64 {
    let rows = app.rows(ROWS, Vec::new()).await;
    let values = rows.iter().flat_map(Row::values);
    let content: Vec<u8> = values.flat_map(packed).collect();
    let count = i64::try_from(rows.len()).unwrap();
    let no_balances = "DELETE FROM snapshot_part WHERE table_name = 'account_balance' \
                       AND name = $1";
    app.meddle(no_balances, &["old".into()]).await;
    let whole = "UPDATE snapshot_part SET table_name = 'account', content = $1 \
                 WHERE table_name = 'account_record' AND name = 'old'";
    app.meddle(whole, &[Value::Bytes(content)]).await;
    let divided = ROLLED_BACK
        .iter()
        .filter(|table| ["account_record", "account_balance"].contains(&table.name))
        .map(|table| format!("{} {}", table.name, table.columns));
    let divided = divided.collect::<Vec<String>>().join("\n");
    let form = "UPDATE snapshot SET form = replace(form, $1, $2), row_count = row_count - $3 \
                WHERE name = 'old' AND form <> replace(form, $1, $2)";
    app.meddle(form, &[divided.into(), FORM.into(), count.into()])
        .await;
    count
}

#[tokio::test]
async fn a_state_from_before_accounts_were_divided_comes_back_whole() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    live(&app, &app.demo, "before").await;
    let rows = take(&app, &app.demo, "old").await;
    let accounts = undivide(&app).await;
    assert!(accounts > 1);
    let before = beneath::rows(&app, tenant).await;
    live(&app, &app.demo, "after").await;
    let restored = restore(&app, &app.demo, named("old")).await.unwrap();
    assert_eq!(
        restored.rows,
        rows - accounts,
        "an account was one row then"
    );
    let after = beneath::rows(&app, tenant).await;
    assert_eq!(after.changed_since(&before), ["audit", "replay", "session"]);
    app.finish().await;
}
