//! What an operation reads does not depend on how many keys, aliases and accounts there are.

#[allow(clippy::wildcard_imports, reason = "the requests of many operations")]
use pocketkms::{Caller, Kms, api::*};
use pocketkms_tests::{
    store::{Counted, Shared},
    vault::{Opened, builder, create_alias, create_key, decrypt, encrypt, root},
};

const OTHER: &str = "111122223333";

/// A vault with a key, and so many others of the account and of another one.
fn vault(others: usize) -> (Counted, String, Vec<u8>) {
    let store = Counted::default();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    create_alias(&kms, "alias/own", &key);
    let blob = encrypt(&kms, &key, b"kept").into_vec();
    let other: Kms = kms.vault.client_as(Caller::root(OTHER, "us-east-1").unwrap());
    for number in 0..others {
        let key = create_key(&other).key_id;
        create_alias(&other, &format!("alias/{number}"), &key);
        create_alias(&kms, &format!("alias/{number}"), &create_key(&kms).key_id);
    }
    (store, key, blob)
}

type Operation = (&'static str, fn(&Opened, &str, &[u8]));

const OPERATIONS: [Operation; 8] = [
    ("ListKeys, a page of two", |kms, _, _| {
        let request = ListKeysRequest { limit: Some(2), ..Default::default() };
        assert_eq!(kms.list_keys(request).unwrap().keys.len(), 2);
    }),
    ("Decrypt", |kms, _, blob| assert_eq!(decrypt(kms, blob).unwrap(), b"kept")),
    ("Encrypt", |kms, key, _| drop(encrypt(kms, key, b"kept"))),
    ("Encrypt by alias", |kms, _, _| drop(encrypt(kms, "alias/own", b"kept"))),
    ("ListAliases of a key", |kms, key, _| {
        let request = ListAliasesRequest { key_id: Some(key.into()), ..Default::default() };
        assert_eq!(kms.list_aliases(request).unwrap().aliases.len(), 1);
    }),
    ("CreateKey", |kms, _, _| drop(create_key(kms))),
    ("CreateAlias", |kms, key, _| create_alias(kms, "alias/new", key)),
    ("DeleteAlias", |kms, _, _| kms.delete_alias(DeleteAliasRequest { alias_name: "alias/own".into() }).unwrap()),
];

/// How many reads each operation comes to, of a handle that has nothing in its cache.
fn reads(others: usize) -> Vec<(&'static str, usize)> {
    let (store, key, blob) = vault(others);
    OPERATIONS
        .iter()
        .map(|(name, operation)| {
            let kms = Opened::from(builder().0.open(store.clone(), &root()).unwrap());
            let before = store.reads();
            operation(&kms, &key, &blob);
            (*name, store.reads() - before)
        })
        .collect()
}

#[test]
fn each_operation_reads_as_much_in_a_large_vault_as_in_a_small_one() {
    assert_eq!(reads(1000), reads(3));
}

/// The keys of another account are not even looked at: where they are damaged, no one hears of it.
#[test]
fn a_list_of_keys_reads_none_of_another_account() {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let other = kms.vault.client_as(Caller::root(OTHER, "us-east-1").unwrap());
    let own = create_key(&kms).key_id;
    for _ in 0..20 {
        let key = create_key(&other).key_id;
        let name = format!("key/us-east-1/{}", key.replace('-', ""));
        store.tamper_bytes(&name, |bytes| *bytes.last_mut().unwrap() ^= 1);
    }
    let opened = Opened::from(builder().0.open(store, &root()).unwrap());
    let keys = opened.list_keys(ListKeysRequest::default()).unwrap().keys;
    assert_eq!(keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>(), [own]);
    assert_eq!(opened.vault.damaged().unwrap(), []);
}

/// Without the index a key is missing in the list, and nothing else: what it decides is nothing.
#[test]
fn a_damaged_alias_leaves_its_key_although_the_index_is_gone() {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    for number in 0..50 {
        create_alias(&kms, &format!("alias/{number}"), &key);
    }
    store.tamper_bytes("alias/000000000000/us-east-1/alias/7", |bytes| *bytes.last_mut().unwrap() ^= 1);
    store.replace(store.records().into_iter().filter(|record| !record.name.starts_with("account-key/")).collect());
    let kms = Opened::from(builder().0.open(store, &root()).unwrap());
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/7".into() }).unwrap();
    // There is room for another one, of the fifty.
    create_alias(&kms, "alias/new", &key);
}
