//! The list of what is rolled back says the same as the schema.

use std::collections::BTreeSet;

use cardwright_server::store::snapshots::{FOLLOWING, ROLLED_BACK, SETTINGS, STAYING};

use crate::harness::TestApp;

/// Columns of the tenant's own row that say who it is.
const IDENTITY: [&str; 5] = ["id", "uuid", "organization_uuid", "name", "created_at"];

async fn words(app: &TestApp, sql: &'static str, of: Option<&str>) -> BTreeSet<String> {
    let parameters = of.map(Into::into).into_iter().collect();
    let rows = app.rows(sql, parameters).await;
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

async fn columns(app: &TestApp, table: &str) -> BTreeSet<String> {
    words(app, "SELECT name FROM pragma_table_info($1)", Some(table)).await
}

fn set<'a>(all: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_table_with_a_tenant_is_rolled_back_or_stays_or_follows() {
    let app = TestApp::new().await;
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut found = set(["tenant"]);
    for table in words(&app, tables, None).await {
        if columns(&app, &table).await.contains("tenant") {
            found.insert(table);
        }
    }
    let rolled_back = set(ROLLED_BACK.iter().map(|table| table.name));
    let staying = set(STAYING.iter().copied());
    assert_eq!(rolled_back.intersection(&staying).count(), 0);
    let mut known: BTreeSet<String> = rolled_back.union(&staying).cloned().collect();
    for table in FOLLOWING {
        assert!(known.insert((*table).to_owned()), "{table} is listed twice");
        let keeping = "SELECT DISTINCT event FROM (SELECT CASE WHEN sql LIKE '%AFTER INSERT%' \
                       THEN 'insert' WHEN sql LIKE '%AFTER UPDATE%' THEN 'update' \
                       WHEN sql LIKE '%AFTER DELETE%' THEN 'delete' END AS event \
                       FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'card' \
                       AND sql LIKE '% ' || $1 || ' %')";
        assert_eq!(
            words(&app, keeping, Some(table)).await,
            set(["delete", "insert", "update"]),
            "what keeps {table} in step"
        );
    }
    assert_eq!(
        found, known,
        "list the new table in store/snapshots.rs: rolled back with a tenant's state, staying, or \
         following what is rolled back"
    );
    app.finish().await;
}

#[tokio::test]
async fn every_column_of_what_is_rolled_back_is_listed() {
    let app = TestApp::new().await;
    for table in ROLLED_BACK {
        let mut listed = set(table.columns.split_whitespace());
        listed.insert("tenant".to_owned());
        let found = columns(&app, table.name).await;
        assert_eq!(
            found, listed,
            "list the column of {} in store/snapshots.rs",
            table.name
        );
    }
    let mut listed = set(SETTINGS.split_whitespace());
    listed.extend(set(IDENTITY));
    assert_eq!(
        columns(&app, "tenant").await,
        listed,
        "a setting goes into SETTINGS of store/snapshots.rs, what says who a tenant is in here"
    );
    app.finish().await;
}

#[tokio::test]
async fn what_is_rolled_back_refers_to_nothing_that_is_listed_after_it() {
    let app = TestApp::new().await;
    let parents = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)";
    let place = |name: &str| ROLLED_BACK.iter().position(|table| table.name == name);
    for table in ROLLED_BACK {
        for parent in words(&app, parents, Some(table.name)).await {
            assert!(
                place(&parent) <= place(table.name),
                "{} stands before {parent}",
                table.name
            );
        }
    }
    for table in STAYING {
        for parent in words(&app, parents, Some(table)).await {
            assert_eq!(
                place(&parent),
                None,
                "{table} stays and holds on to {parent}"
            );
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_rolled_back_can_leave_while_a_state_is_put_back_and_only_then() {
    let app = TestApp::new().await;
    let sql = "SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' \
               AND sql LIKE '%BEFORE DELETE%'";
    let rolled_back = set(ROLLED_BACK.iter().map(|table| table.name));
    for row in app.rows(sql, Vec::new()).await {
        let (table, sql): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let excepted = sql.contains("FROM restoring WHERE tenant = OLD.tenant");
        assert_eq!(
            excepted,
            rolled_back.contains(&table),
            "the trigger of {table}"
        );
    }
    app.finish().await;
}
