//! What only the inside of a sandbox can show: that its description is true, and that a database
//! from the future is left alone.

use cardwright_core::{CardForm, HolderModel, HolderRule, Mode, Product, ProductId, TenantId};

use super::*;
use crate::config::allowed_networks;
use crate::network::Breadth;
use crate::secrets::Secret;
use crate::store::db::{Migration, References};
use crate::store::{MIGRATIONS, products, tenants};

fn options(place: Place) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().expect("an address"),
        place,
        durability: Durability::Full,
        seed: None,
        seed_file: None,
        allowed: allowed_networks(&[], Breadth::Bounded).expect("loopback"),
        encryption: Encryption::Plain,
        settings: Settings::default(),
    }
}

async fn tenant(running: &Running) -> TenantId {
    let ids = running
        .app()
        .store()
        .system_read(async |session| tenants::ids(session).await);
    ids.await.expect("the tenants")[0]
}

async fn product(running: &Running, id: i64) -> Product {
    let id = ProductId::new(id).expect("an id");
    let tenant = tenant(running).await;
    let found = running
        .app()
        .read(tenant, async move |tx| products::get(tx, id).await);
    found.await.expect("a seeded product")
}

async fn end(running: Running) {
    running
        .serve(std::future::ready(()))
        .await
        .expect("a clean end");
}

#[tokio::test]
async fn every_product_id_of_the_file_is_a_seeded_product_of_its_kind() {
    let running = start(options(Place::Ephemeral)).await.expect("a sandbox");
    let ids = running.file.fincard.card_type_ids;
    let finci = product(&running, running.file.finci.product_id).await;
    assert_eq!(finci.mode, Mode::AccountFunded);
    let prepaid = product(&running, ids.virtual_prepaid).await;
    assert_eq!(
        (prepaid.mode, prepaid.form),
        (Mode::Prepaid, CardForm::Virtual)
    );
    assert_eq!(
        product(&running, ids.physical).await.form,
        CardForm::Physical
    );
    assert_eq!(product(&running, ids.budget).await.mode, Mode::SharedPool);
    assert_eq!(product(&running, ids.gift).await.name, "Gift");
    let consumer = product(&running, ids.virtual_b2c).await;
    assert_eq!(consumer.holder, HolderRule::Required(HolderModel::B2C));
    end(running).await;
}

#[tokio::test]
async fn a_recovered_key_opens_and_the_one_before_does_not() {
    let outer = tempfile::TempDir::new().expect("a directory");
    let place = Place::Kept(outer.path().to_owned());
    let first = start(options(place.clone())).await.expect("a sandbox");
    let old = first.file.clone();
    end(first).await;
    std::fs::remove_file(outer.path().join("sandbox.json")).expect("a file");
    let second = start(options(place)).await.expect("a sandbox");
    let opens = async |key: &Secret| {
        let store = second.app().store();
        let answer = programs::is_current(store, key, &old.finci.token).await;
        answer.expect("an answer")
    };
    assert!(opens(&second.file.admin.api_key).await);
    assert!(!opens(&old.admin.api_key).await);
    end(second).await;
}

#[tokio::test]
async fn a_database_newer_than_the_program_is_refused_and_stays_so() {
    let outer = tempfile::TempDir::new().expect("a directory");
    let place = Place::Kept(outer.path().to_owned());
    end(start(options(place.clone())).await.expect("a sandbox")).await;
    let newer = Migration {
        version: i64::try_from(MIGRATIONS.len()).expect("a few") + 1,
        name: "of tomorrow",
        references: References::Kept,
        sql: "CREATE TABLE tomorrow (id INTEGER PRIMARY KEY) STRICT;",
    };
    let history = [MIGRATIONS, &[newer]].concat().leak();
    let directory = Directory::open(&place).expect("the directory");
    let db = Db::open(directory.database()).expect("the database");
    db.migrate(history).await.expect("the newer schema");
    db.close().await;
    directory.leave();

    for _ in 0..2 {
        let refused = start(options(place.clone())).await;
        let said = refused.err().expect("a refusal").to_string();
        assert!(
            said.contains("of tomorrow") && said.contains("too old"),
            "{said}"
        );
    }
}
