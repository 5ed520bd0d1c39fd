//! Saved states of a tenant: a copy of its rows, and putting the copy back.
//!
//! Law: every table with a tenant is rolled back, stays, or follows what is rolled back by itself, and
//! is listed here as one of the three; a test fails until a new table is. Rows leave the append-only tables only while the
//! tenant's row stands in `restoring`, which it does inside one transaction of a sandbox.

mod former;
mod rows;

use std::sync::LazyLock;

use cardwright_core::{Record, Refusal, SandboxRefusal};

use super::{MIGRATIONS, ReadTx, Tx, db::Value, tenants};
use crate::error::{Error, Result};
use former::FORMER;
use rows::{Packer, Unpacker};

/// A table whose rows of a tenant are rolled back.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// All its columns but `tenant`, apart by blanks. Rows are put back ordered by the first.
    pub columns: &'static str,
}

const fn table(name: &'static str, columns: &'static str) -> Table {
    Table { name, columns }
}

/// What is rolled back. A table stands after those that its rows refer to.
pub const ROLLED_BACK: &[Table] = &[
    table(
        "holder",
        "id kind number corporate model first_name middle_name last_name birth_date nationality \
         email email_key search_key area_code phone address document_kind document_masked \
         document_sealed document_lookup product kyc_status kyc_stage kyc_reason external_id \
         profile created_at updated_at external_space",
    ),
    table(
        "account_record",
        "id kind owner currency name external_id created_at",
    ),
    table(
        "account_balance",
        "account currency status floor credits debits held_credits held_debits entry_sequence \
         updated_at",
    ),
    table(
        "card",
        "id product holder account paying_account state state_since close_reason blocked_since \
         stage embossing_name expiry_month pan_sealed pan_lookup first_six last_four remark \
         external_id delivery created_at activated_at updated_at no_pin_payment design \
         last_use",
    ),
    table("card_replacement", "card replacement reason created_at"),
    table("card_pin", "card value wrong_tries updated_at"),
    table("controls", "scope subject body updated_at"),
    table(
        "usage_counter",
        "scope subject span starts_at ends_at amount uses",
    ),
    table(
        "card_order",
        "id kind number card status currency amount fee received remark description created_at \
         updated_at account hold card_before card_after route wishes pin_value",
    ),
    table(
        "hold",
        "id payer receiver currency amount posted voided state created_at ended_at",
    ),
    table(
        "card_authorization",
        "id number card account kind origin status decline currency asked approved reversed \
         cleared billing_currency billing rate held posted restored counted hold channel merchant \
         wallet_token reference created_at expires_at updated_at overruled",
    ),
    table(
        "decision",
        "id authorization_id kind currency amount billing outcome decline answer duration_ms late \
         late_ms created_at decided_at invalid",
    ),
    table(
        "card_transaction",
        "id kind authorization_id original card account currency amount billing_currency billing \
         markup returned returned_billing settlement merchant reference created_at",
    ),
    table(
        "card_void",
        "id authorization_id card currency amount billing_currency billing created_at",
    ),
    table(
        "card_fee",
        "id kind card origin currency amount description created_at entry",
    ),
    table(
        "dispute",
        "id card_transaction state currency amount billing_currency billing reason created_at \
         updated_at",
    ),
    table(
        "network_message",
        "reference kind content answer created_at",
    ),
    table(
        "deposit_address",
        "id account coin address label created_at",
    ),
    table("shipment", "card shipped_at delivered_at updated_at"),
    table(
        "challenge",
        "id card kind merchant amount currency value_sealed expires_at state wrong_tries ended_at \
         created_at updated_at",
    ),
    table(
        "wallet_token",
        "id card wallet reference state created_at updated_at",
    ),
    table(
        "work_order",
        "id number title target trade_type content remark description state created_at updated_at",
    ),
    table("journal_entry", "id card_order created_at card_transaction"),
    table(
        "deposit",
        "id account coin transaction_hash from_address to_address units confirmations state \
         received fee currency failure ended_at entry created_at updated_at fee_basis_points \
         fee_fixed block_number block_hash block_at",
    ),
    table(
        "deposit_order",
        "id account coin currency amount to_address deposit created_at expires_at",
    ),
    table(
        "account_transfer",
        "id direction number payer receiver currency amount remark entry created_at",
    ),
    table(
        "transfer",
        "id entry kind currency amount payer payer_sequence payer_balance receiver \
         receiver_sequence receiver_balance created_at",
    ),
    table("event", "id kind subject_kind subject_id facts created_at"),
    table(
        "answered_request",
        "scope request_key fingerprint status answer created_at expires_at",
    ),
    table("job", "id kind subject due_at failures"),
];

/// What a tenant is set to: these columns of its own row are rolled back, the others say who it is.
pub const SETTINGS: &str =
    "kyc_mode time_zone canonical_form order_mode order_delay_ms decisioning";

/// Tables with a tenant that stay as they are: who may call, who is called, what was called, what time
/// it is, what was sent to be kept, and the saved states themselves.
pub const STAYING: &[&str] = &[
    "admin_key",
    "api_user",
    "audit",
    "card_data_key",
    "credential",
    "data_key",
    "delivery",
    "delivery_attempt",
    "domain_clock",
    "endpoint_failure",
    "event_counter",
    "event_number",
    "event_outbox",
    "event_unsent",
    "holder_file",
    "login_failure",
    "login_pressure",
    "received_event",
    "replay",
    "restoring",
    "session",
    "snapshot",
    "snapshot_part",
    "tenant",
    "tenant_secret",
    "webhook_endpoint",
    "webhook_key",
];

/// Tables with a tenant that triggers keep in step with what is rolled back.
pub const FOLLOWING: &[&str] = &["card_standing"];

/// The part of a saved state that holds the settings.
const SETTINGS_PART: &str = "tenant";

/// The statements about one table.
struct Statements {
    table: &'static str,
    width: usize,
    count: &'static str,
    copy: &'static str,
    clear: &'static str,
    put: &'static str,
}

/// Composed once, of names that stand above; nothing that anybody sends becomes part of one.
static STATEMENTS: LazyLock<Vec<Statements>> =
    LazyLock::new(|| ROLLED_BACK.iter().map(statements).collect());

fn statements(table: &Table) -> Statements {
    let Table { name, columns } = *table;
    let columns: Vec<&str> = columns.split_whitespace().collect();
    let places: Vec<String> = (1..columns.len() + 2)
        .map(|place| format!("${place}"))
        .collect();
    let list = columns.join(", ");
    let keep = |sql: String| -> &'static str { sql.leak() };
    Statements {
        table: name,
        width: columns.len(),
        count: keep(format!("SELECT COUNT(*) FROM {name} WHERE tenant = $1")),
        copy: keep(format!(
            "SELECT {list} FROM {name} WHERE tenant = $1 ORDER BY {}",
            columns.first().copied().unwrap_or_default()
        )),
        clear: keep(format!("DELETE FROM {name} WHERE tenant = $1")),
        put: keep(format!(
            "INSERT INTO {name} (tenant, {list}) VALUES ({})",
            places.join(", ")
        )),
    }
}

static COPY_SETTINGS: LazyLock<&'static str> = LazyLock::new(|| {
    let list = SETTINGS.split_whitespace().collect::<Vec<_>>().join(", ");
    format!("SELECT {list} FROM tenant WHERE id = $1").leak()
});

static PUT_SETTINGS: LazyLock<&'static str> = LazyLock::new(|| {
    let columns = SETTINGS.split_whitespace().zip(2..);
    let list: Vec<String> = columns
        .map(|(column, place)| format!("{column} = ${place}"))
        .collect();
    format!("UPDATE tenant SET {} WHERE id = $1", list.join(", ")).leak()
});

/// How many rows a state of the tenant would hold now.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    let mut rows = 0;
    for statements in STATEMENTS.iter() {
        rows += tx.one(statements.count, &[]).await?.get::<i64>(0)?;
    }
    Ok(rows)
}

/// Saves the tenant's state under a name, in the place of one that has it. How many rows.
pub async fn take(tx: &mut Tx, name: &str) -> Result<i64> {
    for sql in [
        "DELETE FROM snapshot_part WHERE tenant = $1 AND name = $2",
        "DELETE FROM snapshot WHERE tenant = $1 AND name = $2",
    ] {
        tx.execute(sql, &[name.into()]).await?;
    }
    let sql = "INSERT INTO snapshot (tenant, name, schema_version, row_count, taken_at, form) \
               VALUES ($1, $2, $3, 0, $4, $5)";
    let parameters = [
        name.into(),
        schema_version().into(),
        tx.real_now().as_millisecond().into(),
        form().into(),
    ];
    tx.execute(sql, &parameters).await?;
    let mut position = 0;
    copy(tx, (name, SETTINGS_PART), *COPY_SETTINGS, &mut position).await?;
    let mut rows = 0;
    for statements in STATEMENTS.iter() {
        rows += copy(tx, (name, statements.table), statements.copy, &mut position).await?;
    }
    let sql = "UPDATE snapshot SET row_count = $3 WHERE tenant = $1 AND name = $2";
    tx.execute(sql, &[name.into(), rows.into()]).await?;
    Ok(rows)
}

/// Copies the rows of one table into parts; how many rows.
async fn copy(
    tx: &mut Tx,
    (name, table): (&str, &'static str),
    sql: &'static str,
    position: &mut i64,
) -> Result<i64> {
    let mut packer = Packer::default();
    tx.query_each(sql, |row| packer.add(&row)).await?;
    let sql = "INSERT INTO snapshot_part (tenant, name, position, table_name, content) \
               VALUES ($1, $2, $3, $4, $5)";
    for part in packer.parts {
        *position += 1;
        let parameters = [
            name.into(),
            (*position).into(),
            table.into(),
            Value::Bytes(part),
        ];
        tx.execute(sql, &parameters).await?;
    }
    Ok(packer.rows)
}

fn schema_version() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// What a state is made of: each table with its columns, a line each.
fn form() -> String {
    let settings = Table {
        name: SETTINGS_PART,
        columns: SETTINGS,
    };
    let tables = std::iter::once(&settings).chain(ROLLED_BACK);
    tables.map(line).collect::<Vec<String>>().join("\n")
}

fn line(table: &Table) -> String {
    let columns: Vec<&str> = table.columns.split_whitespace().collect();
    format!("{} {}", table.name, columns.join(" "))
}

/// Refuses a state of which some table is not as it was: nobody knows what a column that came later
/// would have held. A table that came later held nothing, and one that was divided held all that its
/// parts do.
fn check_form(saved: &str) -> Result<()> {
    let now = form();
    let former: Vec<String> = FORMER.iter().map(|former| line(&former.table)).collect();
    let known: Vec<&str> = now
        .lines()
        .chain(former.iter().map(String::as_str))
        .collect();
    if saved.lines().all(|line| known.contains(&line)) {
        Ok(())
    } else {
        Err(Refusal::Sandbox(SandboxRefusal::SnapshotOutdated).into())
    }
}

/// Puts a saved state back: every row that came since is gone, every row that was there is there
/// again. How many rows.
pub async fn restore(tx: &mut Tx, name: &str) -> Result<i64> {
    let sql = "SELECT form, row_count FROM snapshot WHERE tenant = $1 AND name = $2";
    let found = tx.optional(sql, &[name.into()]).await?;
    let found = found.ok_or_else(|| Error::not_found(Record::Snapshot))?;
    // Of those that were saved before their form was, nobody can say what they are made of.
    let saved: Option<String> = found.get(0)?;
    check_form(&saved.ok_or(Refusal::Sandbox(SandboxRefusal::SnapshotOutdated))?)?;
    clear(tx).await?;
    let rows = put_back(tx, name).await?;
    let decisioning = tenants::current(tx).await?.decisioning;
    tx.set_decisioning(decisioning);
    if rows != found.get::<i64>(1)? {
        return Err(Error::Corrupt(format!("saved state `{name}`")));
    }
    Ok(rows)
}

/// Leaves the tenant with nothing that is rolled back; its settings stay.
pub async fn clear(tx: &mut Tx) -> Result<()> {
    // What is in memory of controls is of the state that goes.
    let unsettled = tx.controls_cache().begin_replacement();
    tx.keep_until_settled(unsettled);
    tx.execute("INSERT INTO restoring (tenant) VALUES ($1)", &[])
        .await?;
    for statements in STATEMENTS.iter().rev() {
        tx.execute(statements.clear, &[]).await?;
    }
    tx.execute("DELETE FROM restoring WHERE tenant = $1", &[])
        .await?;
    end_deliveries(tx).await?;
    tx.put_state_back();
    Ok(())
}

/// What was on its way tells of what is undone: nothing more is sent of it. What was sent stays in
/// the log.
async fn end_deliveries(tx: &mut Tx) -> Result<()> {
    tx.execute("DELETE FROM event_outbox WHERE tenant = $1", &[])
        .await?;
    tx.execute("DELETE FROM endpoint_failure WHERE tenant = $1", &[])
        .await?;
    let now = tx.now().as_millisecond();
    let sql = "UPDATE delivery SET state = 'dead', ended_at = $2, end_reason = 'state_restored' \
               WHERE tenant = $1 AND state = 'pending'";
    tx.execute(sql, &[now.into()]).await?;
    Ok(())
}

/// Whether there is a saved state of this name.
pub async fn exists(tx: &mut ReadTx, name: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM snapshot WHERE tenant = $1 AND name = $2";
    Ok(tx.optional(sql, &[name.into()]).await?.is_some())
}

/// Puts the rows of all parts back, one part in memory at a time.
async fn put_back(tx: &mut Tx, name: &str) -> Result<i64> {
    let sql = "SELECT table_name, content, position FROM snapshot_part \
               WHERE tenant = $1 AND name = $2 AND position > $3 ORDER BY position LIMIT 1";
    let (mut position, mut rows) = (0_i64, 0);
    while let Some(part) = tx.optional(sql, &[name.into(), position.into()]).await? {
        let (table, content): (String, Vec<u8>) = (part.get(0)?, part.get(1)?);
        position = part.get(2)?;
        if table == SETTINGS_PART {
            put_rows(tx, &content, settings()).await?;
            continue;
        }
        if let Some(former) = FORMER.iter().find(|former| former.table.name == table) {
            rows += former.put_rows(tx, &content).await?;
            continue;
        }
        let statements = STATEMENTS.iter().find(|known| known.table == table);
        let statements =
            statements.ok_or_else(|| Error::Corrupt(format!("saved state of `{table}`")))?;
        rows += put_rows(tx, &content, (statements.put, statements.width)).await?;
    }
    Ok(rows)
}

fn settings() -> (&'static str, usize) {
    (*PUT_SETTINGS, SETTINGS.split_whitespace().count())
}

async fn put_rows(tx: &mut Tx, part: &[u8], (sql, width): (&'static str, usize)) -> Result<i64> {
    let mut unpacker = Unpacker::new(part, width);
    let mut rows = 0;
    while let Some(row) = unpacker.next_row()? {
        tx.execute(sql, &row).await?;
        rows += 1;
    }
    Ok(rows)
}
