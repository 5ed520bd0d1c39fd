//! Claims about sealed values and the ring of keys.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn entropy() -> Entropy {
    Entropy::system()
}

/// Keys kept as they are, beside what they were wrapped for: the vault must not rely on the
/// provider's own binding.
#[derive(Debug)]
struct OpenProvider;

impl KeyProvider for OpenProvider {
    fn wrap(
        &self,
        id: i64,
        purpose: KeyPurpose,
        key: &KeyBytes,
        _: &Entropy,
    ) -> Result<WrappedKey, KeyError> {
        Ok(WrappedKey {
            id,
            purpose,
            bytes: key.expose().to_vec(),
        })
    }

    fn open(&self, wrapped: &WrappedKey) -> Result<KeyBytes, KeyError> {
        Ok(KeyBytes::from_slice(&wrapped.bytes).unwrap())
    }
}

fn empty_vault() -> Vault {
    Vault::new(Arc::new(OpenProvider))
}

/// Keys 1 (environment), 2 (lookup), 10 (tenant 1), 20 (tenant 2).
fn vault() -> Vault {
    let vault = empty_vault();
    for (id, purpose) in [
        (1, KeyPurpose::Environment),
        (2, KeyPurpose::Lookup),
        (10, KeyPurpose::Tenant(1)),
        (20, KeyPurpose::Tenant(2)),
    ] {
        let wrapped = vault.new_key(purpose, id, &entropy()).unwrap();
        vault.add_wrapped(&wrapped).unwrap();
    }
    vault
}

const NUMBER: &[u8] = b"4111111111111111";

#[test]
fn a_sealed_value_opens_in_its_place() {
    let vault = vault();
    for context in [
        SealContext::of_tenant(1, "card.number", 7),
        SealContext::of_tenant(2, "credential.secret", "c-7"),
        SealContext::of_environment("token_key.key", "k1"),
    ] {
        let long = vec![0; 100_000];
        for plain in [NUMBER, b"", &long] {
            let sealed = vault.seal(&context, plain, &entropy()).unwrap();
            assert_eq!(vault.open(&context, &sealed).unwrap().as_slice(), plain);
        }
    }
}

#[test]
fn the_layout_is_version_key_id_nonce_ciphertext_tag() {
    let key = DataKey {
        id: 258,
        key: KeyBytes::from_slice(&[7; 32]).unwrap(),
    };
    let fixed = Entropy::fixed_for_tests(1);
    let nonce = Entropy::fixed_for_tests(1).secret_bytes::<12>();
    let sealed = key
        .seal(&SealContext::of_tenant(1, "t", 1), b"abc", &fixed)
        .unwrap();
    assert_eq!(sealed[..9], [1, 0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(sealed[9..21], *nonce);
    assert_eq!(sealed.len(), 21 + 3 + 16);
}

#[test]
fn a_ciphertext_moved_anywhere_else_never_opens() {
    let key = DataKey::generate(10, &entropy());
    let home = SealContext::of_tenant(1, "card.number", 7);
    let sealed = key.seal(&home, NUMBER, &entropy()).unwrap();
    let elsewhere = [
        ("another row", SealContext::of_tenant(1, "card.number", 8)),
        (
            "a textual row that looks alike",
            SealContext::of_tenant(1, "card.number", "7"),
        ),
        ("another column", SealContext::of_tenant(1, "card.pin", 7)),
        (
            "another table",
            SealContext::of_tenant(1, "cards.number", 7),
        ),
        (
            "another tenant",
            SealContext::of_tenant(2, "card.number", 7),
        ),
        ("no tenant", SealContext::of_environment("card.number", 7)),
        ("tenant zero", SealContext::of_tenant(0, "card.number", 7)),
    ];
    for (place, context) in elsewhere {
        assert_eq!(
            key.open(&context, &sealed),
            Err(VaultError::Altered),
            "{place}"
        );
    }
    assert_eq!(key.open(&home, &sealed).unwrap().as_slice(), NUMBER);
}

#[test]
fn the_key_id_is_part_of_what_is_authenticated() {
    let bytes = KeyBytes::from_slice(&[7; 32]).unwrap();
    let (one, two) = (
        DataKey {
            id: 1,
            key: bytes.clone(),
        },
        DataKey { id: 2, key: bytes },
    );
    let context = SealContext::of_tenant(1, "card.number", 7);
    let mut sealed = one.seal(&context, NUMBER, &entropy()).unwrap();
    assert_eq!(two.open(&context, &sealed), Err(VaultError::UnknownKey(1)));
    sealed[8] = 2;
    assert_eq!(two.open(&context, &sealed), Err(VaultError::Altered));
}

#[test]
fn contexts_whose_parts_run_together_are_still_different() {
    let contexts = [
        SealContext::of_tenant(1, "card", "number7"),
        SealContext::of_tenant(1, "cardnumber", "7"),
        SealContext::of_tenant(1, "cardnumber7", ""),
        SealContext::of_tenant(1, "", "cardnumber7"),
        SealContext::of_tenant(1, "card\0number", "7"),
        SealContext::of_tenant(1, "card", "\0number7"),
        SealContext::of_tenant(1, "card", 7),
        SealContext::of_environment("card", 7),
        SealContext::of_environment("card", "number7"),
        SealContext::of_tenant(0, "card", "number7"),
    ];
    for (position, one) in contexts.iter().enumerate() {
        for other in &contexts[position + 1..] {
            assert_ne!(one.binding(1), other.binding(1), "{one:?} {other:?}");
        }
        assert_ne!(one.binding(1), one.binding(2));
    }
}

#[test]
fn no_changed_byte_goes_unnoticed_and_no_length_panics() {
    let vault = vault();
    let context = SealContext::of_tenant(1, "card.number", 7);
    let sealed = vault.seal(&context, NUMBER, &entropy()).unwrap();
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[position] ^= 1 << bit;
            assert!(
                vault.open(&context, &changed).is_err(),
                "byte {position}, bit {bit}"
            );
        }
    }
    for length in 0..sealed.len() {
        assert!(vault.open(&context, &sealed[..length]).is_err(), "{length}");
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert_eq!(vault.open(&context, &longer), Err(VaultError::Altered));
    assert_eq!(vault.open(&context, b""), Err(VaultError::Malformed));
    assert_eq!(
        vault.open(&context, &sealed[..9]),
        Err(VaultError::Malformed)
    );
}

#[test]
fn sealing_twice_gives_different_bytes_and_never_the_value() {
    let vault = vault();
    let context = SealContext::of_tenant(1, "card.number", 7);
    let one = vault.seal(&context, NUMBER, &entropy()).unwrap();
    assert_ne!(one, vault.seal(&context, NUMBER, &entropy()).unwrap());
    assert!(!one.windows(4).any(|part| part == &NUMBER[..4]));
}

#[test]
fn one_tenants_key_never_opens_for_another_tenant() {
    let vault = vault();
    let sealed = vault
        .seal(
            &SealContext::of_tenant(1, "card.number", 7),
            NUMBER,
            &entropy(),
        )
        .unwrap();
    for context in [
        SealContext::of_tenant(2, "card.number", 7),
        SealContext::of_environment("card.number", 7),
    ] {
        assert_eq!(vault.open(&context, &sealed), Err(VaultError::Altered));
    }
}

#[test]
fn a_value_sealed_for_a_tenant_by_anothers_key_is_refused() {
    let vault = empty_vault();
    let foreign = vault.new_tenant_key(2, 20, &entropy()).unwrap();
    vault.add_wrapped(&foreign).unwrap();
    let key = vault.unwrap_data_key(&foreign).unwrap();
    let context = SealContext::of_tenant(1, "card.number", 7);
    let planted = key.seal(&context, NUMBER, &entropy()).unwrap();
    assert_eq!(vault.open(&context, &planted), Err(VaultError::Altered));
}

#[test]
fn the_newest_key_seals_and_older_ones_still_open() {
    let vault = vault();
    let context = SealContext::of_tenant(1, "card.number", 7);
    let old = vault.seal(&context, NUMBER, &entropy()).unwrap();
    let newer = vault.new_tenant_key(1, 30, &entropy()).unwrap();
    let oldest = vault.new_tenant_key(1, 5, &entropy()).unwrap();
    vault.add_wrapped(&newer).unwrap();
    vault.add_wrapped(&oldest).unwrap();
    let new = vault.seal(&context, NUMBER, &entropy()).unwrap();
    assert_eq!((old[8], new[8]), (10, 30));
    for sealed in [old, new] {
        assert_eq!(vault.open(&context, &sealed).unwrap().as_slice(), NUMBER);
    }
}

#[test]
fn a_new_key_is_not_used_before_it_was_stored_and_added() {
    let vault = empty_vault();
    let context = SealContext::of_tenant(1, "card.number", 7);
    let wrapped = vault.new_tenant_key(1, 10, &entropy()).unwrap();
    let missing = Err(VaultError::NoKey(KeyPurpose::Tenant(1)));
    assert_eq!(vault.seal(&context, NUMBER, &entropy()), missing);
    assert!(!vault.has(KeyPurpose::Tenant(1)));

    let key = vault.unwrap_data_key(&wrapped).unwrap();
    let early = key.seal(&context, NUMBER, &entropy()).unwrap();
    assert_eq!(
        vault.open(&context, &early),
        Err(VaultError::UnknownKey(10))
    );

    vault.add_wrapped(&wrapped).unwrap();
    assert!(vault.has(KeyPurpose::Tenant(1)));
    assert_eq!(vault.open(&context, &early).unwrap().as_slice(), NUMBER);
}

#[test]
fn loading_keys_again_changes_nothing_but_contradicting_keys_are_refused() {
    let vault = empty_vault();
    let make = |purpose, id| vault.new_key(purpose, id, &entropy()).unwrap();
    let tenant = make(KeyPurpose::Tenant(1), 10);
    let lookup = make(KeyPurpose::Lookup, 2);
    for _ in 0..2 {
        vault.add_wrapped(&tenant).unwrap();
        vault.add_wrapped(&lookup).unwrap();
    }
    let digest = vault.lookup("card.number", NUMBER).unwrap();
    let moved = WrappedKey {
        purpose: KeyPurpose::Tenant(2),
        ..tenant.clone()
    };
    for (wrong, id) in [
        (make(KeyPurpose::Tenant(1), 10), 10),
        (moved, 10),
        (make(KeyPurpose::Lookup, 3), 3),
        (make(KeyPurpose::Lookup, 2), 2),
        (make(KeyPurpose::Environment, 2), 2),
    ] {
        assert_eq!(
            vault.add_wrapped(&wrong),
            Err(VaultError::DoubledKey(id)),
            "{wrong:?}"
        );
    }
    assert_eq!(vault.lookup("card.number", NUMBER), Ok(digest));

    let other = empty_vault();
    other.add_wrapped(&tenant).unwrap();
    let taken = make(KeyPurpose::Lookup, 10);
    assert_eq!(other.add_wrapped(&taken), Err(VaultError::DoubledKey(10)));
}

#[test]
fn lookups_depend_on_key_domain_and_value_and_on_nothing_else() {
    let vault = vault();
    let digest = vault.lookup("card.number", NUMBER).unwrap();
    assert_eq!(vault.lookup("card.number", NUMBER).unwrap(), digest);
    for (domain, value) in [
        ("card.number", b"4111111111111112".as_slice()),
        ("card.numbe", b"r4111111111111111"),
        ("card.number4", b"111111111111111"),
        ("", b"card.number4111111111111111"),
        ("card.pin", NUMBER),
    ] {
        assert_ne!(
            vault.lookup(domain, value).unwrap(),
            digest,
            "{domain:?} {value:?}"
        );
    }
    assert_ne!(
        self::vault().lookup("card.number", NUMBER).unwrap(),
        digest,
        "another key"
    );
    let none = Err(VaultError::NoKey(KeyPurpose::Lookup));
    assert_eq!(empty_vault().lookup("card.number", NUMBER), none);
}

#[test]
fn a_lookup_key_is_no_data_key() {
    let vault = empty_vault();
    let wrapped = vault.new_key(KeyPurpose::Lookup, 2, &entropy()).unwrap();
    assert_eq!(
        vault.unwrap_data_key(&wrapped).unwrap_err(),
        VaultError::WrongPurpose(2)
    );
}

#[test]
fn a_vault_opened_again_from_its_stored_keys_reads_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let context = SealContext::of_tenant(1, "card.number", 7);
    let first = super::super::keys::KeyFile::create(&path, &entropy()).unwrap();
    let vault = Vault::new(Arc::new(first));
    let stored = [
        (1, KeyPurpose::Environment),
        (2, KeyPurpose::Lookup),
        (3, KeyPurpose::Tenant(1)),
    ]
    .map(|(id, purpose)| vault.new_key(purpose, id, &entropy()).unwrap());
    for wrapped in &stored {
        vault.add_wrapped(wrapped).unwrap();
    }
    let sealed = vault.seal(&context, NUMBER, &entropy()).unwrap();
    let digest = vault.lookup("card.number", NUMBER).unwrap();
    drop(vault);

    let again = Vault::new(Arc::new(super::super::keys::KeyFile::load(&path).unwrap()));
    for wrapped in &stored {
        again.add_wrapped(wrapped).unwrap();
    }
    assert_eq!(again.open(&context, &sealed).unwrap().as_slice(), NUMBER);
    assert_eq!(again.lookup("card.number", NUMBER).unwrap(), digest);
    let stolen = WrappedKey {
        purpose: KeyPurpose::Tenant(2),
        ..stored[2].clone()
    };
    assert!(matches!(
        again.add_wrapped(&stolen),
        Err(VaultError::Key(_))
    ));
}

#[test]
fn debug_output_never_shows_a_key() {
    let key = DataKey {
        id: 5,
        key: KeyBytes::from_slice(&[0xAB; 32]).unwrap(),
    };
    assert_eq!(format!("{key:?}"), "DataKey { id: 5, .. }");
    assert_eq!(
        format!("{:?}", LookupKey::generate(&entropy())),
        "LookupKey(…)"
    );
    assert_eq!(
        format!("{:?}", vault()),
        "Vault { provider: OpenProvider, keys: 3, .. }"
    );
}

#[derive(Deserialize)]
struct Vector {
    key_hex: String,
    key_id: i64,
    tenant: Option<i64>,
    table: String,
    row: serde_json::Value,
    plain: String,
    sealed_hex: String,
}

/// Also what keeps the format: a database of today must be readable by every later release.
#[test]
fn values_sealed_by_another_implementation_of_the_format_open() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../vectors/sealed.json")).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let bytes = KeyBytes::from_slice(&hex::decode(vector.key_hex).unwrap()).unwrap();
        let key = DataKey {
            id: vector.key_id,
            key: bytes,
        };
        let row = match &vector.row {
            serde_json::Value::String(text) => RowKey::Text(text),
            number => RowKey::Number(number.as_i64().unwrap()),
        };
        let context = SealContext {
            table: &vector.table,
            row,
            tenant: vector.tenant,
        };
        let opened = key
            .open(&context, &hex::decode(vector.sealed_hex).unwrap())
            .unwrap();
        assert_eq!(opened.as_slice(), vector.plain.as_bytes(), "{context:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_again_and_arbitrary_bytes_never_do(
        tenant in any::<i64>(),
        table in ".{0,20}",
        row in any::<i64>(),
        plain in proptest::collection::vec(any::<u8>(), 0..300),
        noise in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let key = DataKey::generate(1, &entropy());
        let context = SealContext::of_tenant(tenant, &table, row);
        let sealed = key.seal(&context, &plain, &entropy()).unwrap();
        let opened = key.open(&context, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
        prop_assert!(key.open(&context, &noise).is_err());
        let headed = [&sealed[..9], noise.as_slice()].concat();
        prop_assert!(key.open(&context, &headed).is_err());
    }
}
