//! Records that someone with access to the store altered, moved, swapped or put back.

use crate::scene::{ALIAS, Scene, flips, reopened};
use pocketkms::{Error, ErrorKind, ManualClock, Record, Result, Sealed, Vault, api::*};
use pocketkms_tests::{
    format,
    store::Shared,
    vault::{Opened, START, create_key, decrypt, encrypt, error, explained, root},
};

/// An operation that has to open some record.
type Reader<'a> = Box<dyn Fn(&Opened) -> Result<()> + 'a>;

/// The names of records of every sort without which something cannot be done, each with what it is. What a damaged record
/// stops nowhere is in `damage`.
fn readers(scene: &Scene) -> Vec<(String, Reader<'_>)> {
    let id = |key: &KeyMetadata| key.key_id.replace('-', "");
    let names = scene.store.names();
    let first = |prefix: String| names.iter().find(|name| name.starts_with(&prefix)).expect("a record").clone();
    let key = scene.key.key_id.clone();
    // The material that the first blob names.
    let material = format!("material/us-east-1/{}/{}", id(&scene.key), hex::encode(&scene.blobs[0].0[18..34]));
    vec![
        (
            format!("key/us-east-1/{}", id(&scene.key)),
            Box::new(move |kms| {
                kms.describe_key(DescribeKeyRequest { key_id: key.clone(), ..Default::default() }).map(drop)
            }),
        ),
        (material, Box::new(|kms| decrypt(kms, &scene.blobs[0].0).map(drop))),
        (
            first("alias/".into()),
            Box::new(|kms| {
                kms.describe_key(DescribeKeyRequest { key_id: ALIAS.into(), ..Default::default() }).map(drop)
            }),
        ),
        ("generation".into(), Box::new(|kms| kms.vault.revision().map(drop))),
    ]
}

/// What anyone learns of any damaged record.
const CORRUPTED: &str = "RecordCorruptedException: a record of the vault was altered, moved or rolled back";

#[track_caller]
fn corrupted(error: &Error, name: &str) {
    assert_eq!(error.kind(), ErrorKind::RecordCorrupted, "{error}");
    // Which record it is, is for the host alone to know: it may be another tenant's.
    assert_eq!(error.to_string(), CORRUPTED);
    assert!(error.explanation().is_some_and(|text| text.contains(name)), "'{}' does not name {name}", error.report());
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let scene = Scene::new();
    for (name, read) in readers(&scene) {
        let store = scene.copy();
        read(&reopened(&store.copy())).expect("a record that is whole");
        let value = store.records().into_iter().find(|record| record.name == name).expect("the record").value;
        for (at, flipped) in flips(value.as_bytes()) {
            store.tamper(&name, |record| record.value = Sealed::from_stored(&flipped));
            let before = store.records();
            let error = error(read(&reopened(&store)));
            corrupted(&error, &name);
            assert_eq!(store.records(), before, "{name} with byte {at} flipped led to a change");
        }
    }
    scene.is_unharmed();
}

#[test]
fn a_record_that_ends_early_or_late_is_refused() {
    let scene = Scene::new();
    for (name, read) in readers(&scene) {
        let store = scene.copy();
        let value = store.records().into_iter().find(|record| record.name == name).expect("the record").value;
        let value = value.as_bytes();
        for bytes in (0..value.len()).map(|length| value[..length].to_vec()).chain([[value, &[0]].concat()]) {
            store.tamper(&name, |record| record.value = Sealed::from_stored(&bytes));
            corrupted(&error(read(&reopened(&store))), &name);
        }
    }
    scene.is_unharmed();
}

#[test]
fn a_record_in_the_place_of_another_is_refused() {
    let scene = Scene::new();
    let readers = readers(&scene);
    let records = scene.store.records();
    let mut tried = 0;
    for (name, read) in &readers {
        for other in records.iter().filter(|other| other.name != *name) {
            let store = scene.copy();
            // With its revision too: it was sealed for another name.
            store.tamper(name, |record| {
                record.value = other.value.clone();
                record.revision = other.revision;
            });
            corrupted(&error(read(&reopened(&store))), name);
            tried += 1;
        }
    }
    assert_eq!(tried, readers.len() * (records.len() - 1));
    scene.is_unharmed();
}

#[test]
fn a_former_value_in_the_place_of_the_present_one_is_refused() {
    let scene = Scene::new();
    let key_id = scene.other.key_id.clone();
    let name = format!("key/us-east-1/{}", key_id.replace('-', ""));
    let store = scene.copy();
    let value = |store: &Shared| store.records().into_iter().find(|record| record.name == name).expect("the key").value;
    let enabled = value(&store);
    reopened(&store).disable_key(DisableKeyRequest { key_id: key_id.clone() }).unwrap();
    let disabled = value(&store);
    let describe =
        || reopened(&store).describe_key(DescribeKeyRequest { key_id: key_id.clone(), ..Default::default() });
    for (value, revision, whole) in [
        (&disabled, 2, true),
        // Enabled again behind the vault's back.
        (&enabled, 2, false),
        (&disabled, 1, false),
        (&disabled, 3, false),
        (&disabled, u64::MAX, false),
    ] {
        store.tamper(&name, |record| {
            record.value = value.clone();
            record.revision = revision;
        });
        let described = describe();
        assert_eq!(described.is_ok(), whole, "revision {revision}");
        if !whole {
            let words = [&*name, "moved, swapped, rolled back or altered"];
            explained(described, ErrorKind::RecordCorrupted, &words);
        }
    }
    scene.is_unharmed();
}

/// What a vault in use remembers of a record it goes on with while no one commits anything; after that it notices.
#[test]
fn a_vault_in_use_notices_with_the_next_commit() {
    let scene = Scene::new();
    let store = scene.copy();
    let (kms, other) = (reopened(&store), reopened(&store));
    let name = format!("key/us-east-1/{}", scene.key.key_id.replace('-', ""));
    assert!(decrypt(&kms, &scene.blobs[0].0).is_ok());
    store.tamper_bytes(&name, |bytes| *bytes.last_mut().expect("a tag") ^= 1);
    assert!(decrypt(&kms, &scene.blobs[0].0).is_ok(), "by the record as it was");
    create_key(&other);
    corrupted(&error(decrypt(&kms, &scene.blobs[0].0)), &name);
    store.tamper_bytes(&name, |bytes| *bytes.last_mut().expect("a tag") ^= 1);
    assert!(decrypt(&kms, &scene.blobs[0].0).is_ok());
    scene.is_unharmed();
}

/// The index of deletions only reminds of when to look; what is true stands in the key's record.
#[test]
fn a_forged_reminder_deletes_nothing() {
    let scene = Scene::new();
    let store = scene.copy();
    let forged = |key: &KeyMetadata| Record {
        name: format!("deletion/{:016x}/us-east-1/{}", 0, key.key_id.replace('-', "")),
        revision: 1,
        value: Sealed::from_stored(b"forged"),
    };
    store.replace(store.records().into_iter().chain([forged(&scene.key), forged(&scene.going)]).collect());
    let kms = reopened(&store);
    assert_eq!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 3);
    kms.vault.snapshot().unwrap();
    for (blob, plaintext) in &scene.blobs {
        assert_eq!(decrypt(&kms, blob).unwrap(), *plaintext);
    }
    // Nor does a name that no PocketKMS wrote do harm.
    for name in ["deletion/", "deletion/zzzz", "deletion/0000000000000000", "deletion/0000000000000000/ü"] {
        let stray = Record { name: name.into(), revision: 1, value: Sealed::from_stored(b"") };
        store.replace(scene.store.records().into_iter().chain([stray]).collect());
        assert_eq!(reopened(&store).list_keys(ListKeysRequest::default()).unwrap().keys.len(), 3, "{name}");
    }
    scene.is_unharmed();
}

#[test]
fn a_lost_record_is_missed() {
    let scene = Scene::new();
    let without = |prefix: &str| {
        let store = scene.copy();
        store.replace(store.records().into_iter().filter(|record| !record.name.starts_with(prefix)).collect());
        reopened(&store)
    };
    let kms = without("material/");
    explained(decrypt(&kms, &scene.blobs[0].0), ErrorKind::InvalidCiphertext, &["no material with the id"]);
    let request = EncryptRequest { key_id: ALIAS.into(), plaintext: vec![1].into(), ..Default::default() };
    explained(kms.encrypt(request), ErrorKind::RecordCorrupted, &["current material", "gone from the store"]);
    let kms = without("key/");
    explained(decrypt(&kms, &scene.blobs[0].0), ErrorKind::AccessDenied, &["does not exist"]);
    scene.is_unharmed();
}

/// Records whose seal is right and whose content is of a later version: what is not understood is not touched.
#[test]
fn what_a_later_version_wrote_is_left_alone() {
    let scene = Scene::new();
    let bytes = [7; 32];
    let header = scene.store.records().into_iter().find(|record| record.name == "vault").expect("a header");
    let vault_key = format::vault_key(header.value.as_bytes(), &bytes);
    for (name, read) in readers(&scene) {
        let record = scene.store.records().into_iter().find(|record| record.name == name).expect("the record");
        let content = format::open_record(&vault_key, &record);
        let changed: Vec<Vec<u8>> = if name.starts_with("material/") {
            vec![content[..31].to_vec(), [&content[..], &[0]].concat(), vec![]]
        } else {
            let json = String::from_utf8(content).expect("JSON");
            let open = json.strip_suffix('}').expect("an object");
            vec![
                format!(r#"{open},"invented_later":true}}"#).into_bytes(),
                json.replace("us-east-1", "US EAST").replace("target", "goal").replace("commits", "omits").into(),
                open.into(),
                [open.as_bytes(), b"\xff}"].concat(),
                vec![],
            ]
        };
        for content in changed {
            let store = scene.copy();
            let sealed = format::seal_record(&vault_key, &name, record.revision, &content);
            store.tamper(&name, |record| record.value = sealed);
            let before = store.records();
            let words = [&*name, "written by a newer version", "update this one"];
            if name == "generation" {
                // The whole vault: a handle that has it open notices with the next commit, which writes this record.
                let opened = Vault::builder().clock(ManualClock::new(START)).open(store.clone(), &root());
                explained(opened, ErrorKind::UnsupportedVersion, &words);
            } else {
                explained(read(&reopened(&store)), ErrorKind::UnsupportedVersion, &words);
            }
            assert_eq!(store.records(), before);
        }
    }
    scene.is_unharmed();
}

/// A newer version of the software changes a vault that this one has open: from then on this one keeps out.
#[test]
fn a_newer_version_keeps_an_older_one_out_of_a_vault_that_it_has_open() {
    let scene = Scene::new();
    let store = scene.copy();
    let kms = reopened(&store);
    assert!(decrypt(&kms, &scene.blobs[0].0).is_ok());
    let records = store.records();
    let find = |name: &str| records.iter().find(|record| record.name == name).expect("the record");
    let vault_key = format::vault_key(find("vault").value.as_bytes(), &[7; 32]);
    let generation = String::from_utf8(format::open_record(&vault_key, find("generation"))).expect("JSON");
    let newer = format!(r#"{},"invented_later":true}}"#, generation.strip_suffix('}').expect("an object"));
    let revision = find("generation").revision + 1;
    let sealed = format::seal_record(&vault_key, "generation", revision, newer.as_bytes());
    store.tamper("generation", |record| (record.revision, record.value) = (revision, sealed));
    let before = store.records();
    for _ in 0..2 {
        let words = ["'generation'", "update this one"];
        explained(decrypt(&kms, &scene.blobs[0].0), ErrorKind::UnsupportedVersion, &words);
        explained(kms.list_keys(ListKeysRequest::default()), ErrorKind::UnsupportedVersion, &words);
        explained(kms.create_key(CreateKeyRequest::default()), ErrorKind::UnsupportedVersion, &words);
    }
    assert_eq!(store.records(), before);
}

/// One damaged key does not take the others with it.
#[test]
fn the_rest_of_a_damaged_vault_works() {
    let scene = Scene::new();
    let store = scene.copy();
    let name = format!("key/us-east-1/{}", scene.key.key_id.replace('-', ""));
    store.tamper_bytes(&name, |bytes| bytes.truncate(10));
    let kms = reopened(&store);
    let (blob, plaintext) = &scene.blobs[3];
    assert_eq!(decrypt(&kms, blob).unwrap(), *plaintext);
    encrypt(&kms, &scene.other.key_id, b"more");
    corrupted(&error(decrypt(&kms, &scene.blobs[0].0)), &name);
    scene.is_unharmed();
}
