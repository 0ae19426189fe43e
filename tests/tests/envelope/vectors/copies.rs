//! The copies in this repository are those of the whole set.

use super::equal;
use pocketkms_tests::esdk::{
    manifest::{Case, Expect, KeyringEntry},
    vectors::{Vector, Vectors},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[test]
fn every_message_is_the_one_that_was_listed() {
    let vectors = Vectors::load();
    for vector in vectors.cases() {
        let (case, message) = (vector.case, vector.message());
        assert_eq!(message.len(), case.message_len, "{}", case.id);
        assert_eq!(Sha256::digest(&message)[..], case.message_sha256.0, "{}", case.id);
    }
}

/// So that a case is decrypted where it has a keyring, and its header is read where it has none: each is judged.
#[test]
fn every_case_is_judged() {
    let vectors = Vectors::load();
    for vector in vectors.cases() {
        let case = vector.case;
        assert_eq!(case.keyring.is_empty(), case.expect == Expect::Parse, "{}", case.id);
        assert_eq!(case.header.is_some(), matches!(case.expect, Expect::Ok | Expect::Parse), "{}", case.id);
    }
}

#[test]
fn ids_are_unique() {
    let vectors = Vectors::load();
    let mut ids: Vec<_> = vectors.cases().map(|vector| &vector.case.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// Where the whole set is there, nothing is missing among the copies, and nothing differs.
#[test]
fn nothing_is_missing() {
    let vectors = Vectors::load();
    let own = &vectors.own.manifest;
    assert_eq!(own.count, 429, "the number of copies");
    let Some(whole) = vectors.to_be_copied() else { return };
    let own_cases: BTreeMap<&str, &Case> = own.cases.iter().map(|case| (&*case.id, case)).collect();
    let mut count = 0;
    for vector in whole {
        count += 1;
        assert_eq!(own_cases.get(&*vector.case.id), Some(&vector.case), "{} differs", vector.case.id);
        for key in keys(&vector) {
            equal(&format!("key {key}"), &own.keys.get(key), &Some(vector.key(key))).expect("the same key");
        }
    }
    assert_eq!(count, own.count, "there are copies of no case");
    assert_eq!(vectors.cases().count(), 791, "the number of all cases");
}

/// The names of the keys that a case needs.
fn keys<'a>(vector: &Vector<'a>) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for entry in &vector.case.keyring {
        match entry {
            KeyringEntry::RawAes { key, .. }
            | KeyringEntry::RawRsa { key, .. }
            | KeyringEntry::AwsKmsHierarchy { key } => keys.push(&**key),
            KeyringEntry::RawEcdh { key, peer, .. } => {
                keys.extend([Some(&**key), peer.as_deref()].into_iter().flatten());
            }
            KeyringEntry::StaticDataKey { .. } | KeyringEntry::AwsKmsStub { .. } => {}
        }
    }
    keys
}
