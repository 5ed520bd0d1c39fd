//! Holders, as they were described and where their checks stand.

use cardwright_core::{
    Address, Country, Date, Holder, HolderContact, HolderId, HolderKind, HolderModel, HolderName,
    IdentityDocument, KycStage, KycState, ProductId, Record, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    ReadTx, Tx,
    db::{Row, RowReader, Value},
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "holder.id, holder.kind, holder.number, holder.corporate, holder.model, \
         holder.product, holder.first_name, holder.middle_name, holder.last_name, \
         holder.birth_date, holder.nationality, holder.email, holder.area_code, \
         holder.phone, holder.address, holder.document_kind, holder.document_masked, \
         holder.kyc_status, holder.kyc_stage, holder.kyc_reason, holder.external_id, \
         holder.profile, holder.created_at, holder.updated_at"
    };
}
pub(super) use columns;

pub mod lists;

/// What is kept about an identity number besides what may be shown: the number sealed, and the
/// digest by which the same number is found again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedNumber {
    /// The number, sealed under the tenant's key.
    pub sealed: Vec<u8>,
    /// Its keyed digest.
    pub lookup: [u8; 32],
}

/// The holder with this id.
pub async fn get(tx: &mut ReadTx, id: HolderId) -> Result<Holder> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM holder WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Holder))?)
}

/// The holder with this id, if it is one that cards are made for: a corporate is none, and where
/// holders of cards are asked for it is not there.
pub async fn get_cardholder(tx: &mut ReadTx, id: HolderId) -> Result<Holder> {
    let holder = get(tx, id).await?;
    match holder.kind {
        HolderKind::Person | HolderKind::Employee => Ok(holder),
        HolderKind::Corporate => Err(Error::not_found(Record::Holder)),
    }
}

/// The person or corporate with this published number.
pub async fn get_by_number(tx: &mut ReadTx, kind: HolderKind, number: &str) -> Result<Holder> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM holder WHERE tenant = $1 AND kind = $2 AND number = $3"
    );
    let row = tx
        .optional(sql, &[kind.word().into(), number.into()])
        .await?;
    let record = match kind {
        HolderKind::Person => Record::Person,
        HolderKind::Corporate => Record::Corporate,
        HolderKind::Employee => Record::Employee,
    };
    from_row(&row.ok_or_else(|| Error::not_found(record))?)
}

/// Which holders a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct HolderFilter {
    /// Only this one.
    pub id: Option<HolderId>,
    /// Only with this dial code and phone number.
    pub phone: Option<(String, String)>,
    /// Only with this e-mail address; capitals do not count.
    pub email: Option<String>,
    /// Only with this caller's id.
    pub external_id: Option<String>,
    /// Only described for this kind of product.
    pub model: Option<HolderModel>,
    /// Only where the checks stand here.
    pub kyc_status: Option<&'static str>,
    /// Only where a name or the address contains this; capitals do not count.
    pub search: Option<String>,
}

/// One page of holders, newest first, and how many there are in all. Corporates hold no cards and
/// are not listed.
pub async fn page(
    tx: &mut ReadTx,
    filter: &HolderFilter,
    window: (i64, i64),
) -> Result<(Vec<Holder>, i64)> {
    macro_rules! condition {
        () => {
            " FROM holder WHERE tenant = $1 AND kind <> 'corporate' \
             AND ($2 IS NULL OR id = $2) \
             AND ($3 IS NULL OR (area_code = $3 AND phone = $4) OR phone = $3 || $4) \
             AND ($5 IS NULL OR email_key = $5) AND ($6 IS NULL OR external_id = $6) \
             AND ($7 IS NULL OR COALESCE(model, 'B2B') = $7) AND ($8 IS NULL OR kyc_status = $8) \
             AND ($9 IS NULL OR search_key LIKE $9 ESCAPE '!')"
        };
    }
    let phone = filter.phone.clone().unzip();
    let parameters = vec![
        Value::from(filter.id.map(HolderId::get)),
        phone.0.into(),
        phone.1.into(),
        filter.email.as_deref().map(str::to_lowercase).into(),
        filter.external_id.clone().into(),
        filter.model.map(HolderModel::word).into(),
        filter.kyc_status.into(),
        filter.search.as_deref().map(contains_pattern).into(),
    ];
    let count = concat!("SELECT COUNT(*)", condition!());
    let list = concat!(
        "SELECT ",
        columns!(),
        condition!(),
        " ORDER BY id DESC LIMIT $10 OFFSET $11"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// What a search looks through, in small letters: those of every alphabet, which SQL would leave.
fn search_key(holder: &Holder) -> String {
    let email = holder.contact.email.as_deref().unwrap_or_default();
    format!("{} {email}", holder.name.full()).to_lowercase()
}

/// A pattern for texts that contain this one, whatever signs it has.
pub(super) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Leaves out whom the channel refused: that is final, and whoever it was is described anew as another
/// holder.
macro_rules! still_counts {
    () => {
        " AND NOT (kyc_status = 'reject' AND kyc_stage = 'channel') LIMIT 1"
    };
}

/// Whether a holder other than this one, described for this product, has this e-mail address. A
/// holder described for no product in particular counts for all, one refused for good for none.
pub async fn email_taken(
    tx: &mut ReadTx,
    holder: HolderId,
    email: &str,
    product: Option<ProductId>,
) -> Result<bool> {
    let sql = concat!(
        "SELECT id FROM holder WHERE tenant = $1 AND email_key = $2 AND id <> $4 \
         AND ($3 IS NULL OR product IS NULL OR product = $3)",
        still_counts!()
    );
    let parameters = [
        email.to_lowercase().into(),
        product.map(ProductId::get).into(),
        holder.get().into(),
    ];
    Ok(tx.optional(sql, &parameters).await?.is_some())
}

/// Whether a holder other than this one, described for this product, has this identity number;
/// likewise.
pub async fn document_taken(
    tx: &mut ReadTx,
    holder: HolderId,
    lookup: &[u8; 32],
    product: Option<ProductId>,
) -> Result<bool> {
    let sql = concat!(
        "SELECT id FROM holder WHERE tenant = $1 AND document_lookup = $2 AND id <> $4 \
         AND ($3 IS NULL OR product IS NULL OR product = $3)",
        still_counts!()
    );
    let parameters = [
        lookup.as_slice().into(),
        product.map(ProductId::get).into(),
        holder.get().into(),
    ];
    Ok(tx.optional(sql, &parameters).await?.is_some())
}

/// What a caller's own id of a holder is: where one API has ids, another has numbers of orders, and
/// neither knows of the other's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdSpace {
    /// An id of the holder.
    ExternalId,
    /// The number of the order that recorded the holder.
    OrderNumber,
}

impl IdSpace {
    fn word(self) -> &'static str {
        match self {
            IdSpace::ExternalId => "external_id",
            IdSpace::OrderNumber => "order_number",
        }
    }
}

/// The plus keeps the list of all holders of a kind from being walked for one of them.
macro_rules! with_external_id {
    () => {
        "SELECT id FROM holder WHERE tenant = $1 AND external_id = $2 AND +kind = $3 \
         AND external_space = $4 LIMIT 1"
    };
}

/// Whether a holder of this kind has this caller's id.
pub async fn external_id_taken(tx: &mut ReadTx, kind: HolderKind, id: &str) -> Result<bool> {
    let space = IdSpace::ExternalId.word();
    let parameters = [id.into(), kind.word().into(), space.into()];
    let found = tx.optional(with_external_id!(), &parameters).await?;
    Ok(found.is_some())
}

/// What a holder's caller's own id is.
pub async fn id_space(tx: &mut ReadTx, id: HolderId) -> Result<IdSpace> {
    let sql = "SELECT external_space = 'external_id' FROM holder WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    let row = row.ok_or_else(|| Error::not_found(Record::Holder))?;
    Ok(match row.get::<i64>(0)? {
        0 => IdSpace::OrderNumber,
        _ => IdSpace::ExternalId,
    })
}

/// Adds a holder, with its identity number, and says what its caller's id is.
pub async fn insert(
    tx: &mut Tx,
    holder: &Holder,
    (space, number): (IdSpace, Option<&SealedNumber>),
) -> Result<()> {
    let (kyc_status, kyc_stage, kyc_reason) = kyc_columns(&holder.kyc);
    let address = holder.address.as_ref().map(address_text).transpose()?;
    let parameters = [
        Value::from(holder.id.get()),
        holder.kind.word().into(),
        holder.number.as_deref().into(),
        holder.corporate.map(HolderId::get).into(),
        holder.model.map(HolderModel::word).into(),
        holder.name.first.as_str().into(),
        holder.name.middle.as_deref().into(),
        holder.name.last.as_str().into(),
        holder.birth_date.map(|date| date.to_string()).into(),
        holder.nationality.map(Country::alpha2).into(),
        holder.contact.email.as_deref().into(),
        holder
            .contact
            .email
            .as_deref()
            .map(str::to_lowercase)
            .into(),
        search_key(holder).into(),
        holder.contact.area_code.as_deref().into(),
        holder.contact.phone.as_deref().into(),
        address.into(),
        holder
            .document
            .as_ref()
            .and_then(|document| document.kind.as_deref())
            .into(),
        holder
            .document
            .as_ref()
            .map(|document| document.masked_number.as_str())
            .into(),
        number.map(|number| number.sealed.as_slice()).into(),
        number.map(|number| number.lookup.as_slice()).into(),
        holder.product.map(ProductId::get).into(),
        kyc_status.into(),
        kyc_stage.into(),
        kyc_reason.into(),
        holder.external_id.as_deref().into(),
        holder.profile.as_str().into(),
        holder.created_at.as_millisecond().into(),
        holder.updated_at.as_millisecond().into(),
        space.word().into(),
    ];
    tx.execute(
        "INSERT INTO holder (tenant, id, kind, number, corporate, model, first_name, middle_name, \
         last_name, birth_date, nationality, email, email_key, search_key, area_code, phone, address, \
         document_kind, document_masked, document_sealed, document_lookup, product, kyc_status, \
         kyc_stage, kyc_reason, external_id, profile, created_at, updated_at, external_space) VALUES ($1, $2, $3, \
         $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23, $24, $25, $26, $27, $28, $29, $30)",
        &parameters,
    )
    .await?;
    Ok(())
}

/// The digest of a holder's identity number, if one is known.
pub async fn document_lookup(tx: &mut ReadTx, holder: HolderId) -> Result<Option<[u8; 32]>> {
    let sql = "SELECT document_lookup FROM holder WHERE tenant = $1 AND id = $2";
    let found: Option<Vec<u8>> = tx.one(sql, &[holder.get().into()]).await?.get(0)?;
    let whole = |digest: Vec<u8>| {
        let corrupt = || Error::Corrupt(format!("document of holder {holder}"));
        digest.try_into().map_err(|_| corrupt())
    };
    found.map(whole).transpose()
}

/// Replaces how a holder is described, and where its checks stand. Without a number the one that
/// was known stays.
pub async fn put(tx: &mut Tx, holder: &Holder, number: Option<&SealedNumber>) -> Result<()> {
    let (kyc_status, kyc_stage, kyc_reason) = kyc_columns(&holder.kyc);
    let address = holder.address.as_ref().map(address_text).transpose()?;
    let (contact, document) = (&holder.contact, holder.document.as_ref());
    let parameters = [
        Value::from(holder.id.get()),
        holder.model.map(HolderModel::word).into(),
        holder.name.first.as_str().into(),
        holder.name.middle.as_deref().into(),
        holder.name.last.as_str().into(),
        holder.birth_date.map(|date| date.to_string()).into(),
        holder.nationality.map(Country::alpha2).into(),
        contact.email.as_deref().into(),
        contact.email.as_deref().map(str::to_lowercase).into(),
        search_key(holder).into(),
        contact.area_code.as_deref().into(),
        contact.phone.as_deref().into(),
        address.into(),
        document
            .and_then(|document| document.kind.as_deref())
            .into(),
        document
            .map(|document| document.masked_number.as_str())
            .into(),
        number.map(|number| number.sealed.as_slice()).into(),
        number.map(|number| number.lookup.as_slice()).into(),
        holder.product.map(ProductId::get).into(),
        kyc_status.into(),
        kyc_stage.into(),
        kyc_reason.into(),
        holder.profile.as_str().into(),
        holder.updated_at.as_millisecond().into(),
    ];
    tx.execute(
        "UPDATE holder SET model = $3, first_name = $4, middle_name = $5, last_name = $6, \
         birth_date = $7, nationality = $8, email = $9, email_key = $10, search_key = $11, \
         area_code = $12, phone = $13, address = $14, document_kind = $15, document_masked = $16, \
         document_sealed = COALESCE($17, document_sealed), \
         document_lookup = COALESCE($18, document_lookup), product = $19, kyc_status = $20, \
         kyc_stage = $21, kyc_reason = $22, profile = $23, updated_at = $24 \
         WHERE tenant = $1 AND id = $2",
        &parameters,
    )
    .await?;
    Ok(())
}

/// Writes where a holder's checks stand.
pub async fn put_kyc(tx: &mut Tx, holder: &Holder) -> Result<()> {
    let (status, stage, reason) = kyc_columns(&holder.kyc);
    let updated_at = holder.updated_at.as_millisecond();
    tx.execute(
        "UPDATE holder SET kyc_status = $3, kyc_stage = $4, kyc_reason = $5, updated_at = $6 \
         WHERE tenant = $1 AND id = $2",
        &[
            Value::from(holder.id.get()),
            status.into(),
            stage.into(),
            reason.into(),
            updated_at.into(),
        ],
    )
    .await?;
    Ok(())
}

fn kyc_columns(kyc: &KycState) -> (&'static str, &'static str, Option<&str>) {
    let reason = match kyc {
        KycState::Rejected { reason, .. } => Some(reason.as_str()),
        KycState::WaitAudit | KycState::UnderReview | KycState::Approved => None,
    };
    (kyc.word(), kyc.stage().word(), reason)
}

/// An address as it is stored: one JSON text, read and written whole.
#[derive(Serialize, Deserialize)]
struct StoredAddress {
    line1: String,
    line2: Option<String>,
    city: Option<String>,
    region: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

pub(super) fn address_text(address: &Address) -> Result<String> {
    let stored = StoredAddress {
        line1: address.line1.clone(),
        line2: address.line2.clone(),
        city: address.city.clone(),
        region: address.region.clone(),
        postal_code: address.postal_code.clone(),
        country: address.country.map(|country| country.alpha2().to_owned()),
    };
    serde_json::to_string(&stored).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(super) fn address_from_text(text: &str) -> Result<Address> {
    let stored: StoredAddress =
        serde_json::from_str(text).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(Address {
        line1: stored.line1,
        line2: stored.line2,
        city: stored.city,
        region: stored.region,
        postal_code: stored.postal_code,
        country: stored.country.as_deref().and_then(Country::parse),
    })
}

pub(super) fn time(ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|error| Error::Corrupt(error.to_string()))
}

fn from_row(row: &Row) -> Result<Holder> {
    read(&mut row.reader())
}

/// A holder's columns, in their order.
pub(super) fn read(columns: &mut RowReader<'_>) -> Result<Holder> {
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("holder {id}"));
    let holder_id = |number: i64| HolderId::new(number).map_err(|_| corrupt());
    let kind = HolderKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let number = columns.next()?;
    let corporate = columns.next::<Option<i64>>()?.map(holder_id).transpose()?;
    let model = columns.next::<Option<String>>()?;
    let model = model
        .map(|word| HolderModel::from_word(&word).ok_or_else(corrupt))
        .transpose()?;
    let product = columns.next::<Option<i64>>()?;
    let product = product
        .map(|id| ProductId::new(id).map_err(|_| corrupt()))
        .transpose()?;
    let name = HolderName {
        first: columns.next()?,
        middle: columns.next()?,
        last: columns.next()?,
    };
    let birth_date = columns.next::<Option<String>>()?;
    let birth_date = birth_date
        .map(|text| text.parse::<Date>().map_err(|_| corrupt()))
        .transpose()?;
    let nationality = columns.next::<Option<String>>()?;
    let contact = HolderContact {
        email: columns.next()?,
        area_code: columns.next()?,
        phone: columns.next()?,
    };
    let address = columns.next::<Option<String>>()?;
    let (document_kind, masked): (Option<String>, Option<String>) =
        (columns.next()?, columns.next()?);
    let (status, stage, reason): (String, String, Option<String>) =
        (columns.next()?, columns.next()?, columns.next()?);
    let stage = KycStage::from_word(&stage).ok_or_else(corrupt)?;
    Ok(Holder {
        id: holder_id(id)?,
        kind,
        number,
        corporate,
        model,
        product,
        name,
        birth_date,
        nationality: nationality.as_deref().and_then(Country::parse),
        contact,
        address: address.as_deref().map(address_from_text).transpose()?,
        document: masked.map(|masked_number| IdentityDocument {
            kind: document_kind,
            masked_number,
        }),
        kyc: KycState::from_parts(&status, stage, reason).ok_or_else(corrupt)?,
        external_id: columns.next()?,
        profile: columns.next()?,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}

#[cfg(test)]
mod tests {
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession},
    };

    #[tokio::test]
    async fn a_callers_id_is_found_without_a_look_at_other_holders() {
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        let explain = concat!("EXPLAIN QUERY PLAN ", with_external_id!());
        let plan = db.read(async |mut session: ReadSession| {
            let row = session
                .one(explain, &[1.into(), "".into(), "".into(), "".into()])
                .await?;
            row.get::<String>(3)
        });
        let plan: Result<String, DbError> = plan.await;
        let expected =
            "SEARCH holder USING INDEX holder_by_external_id (tenant=? AND external_id=?)";
        assert_eq!(plan.as_deref(), Ok(expected));
        db.close().await;
    }
}
