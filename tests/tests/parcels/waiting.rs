//! Parcel keys that wait: listed, deleted, expired.

use super::calls::{ask, open, scene, seal};
use pocketkms::{ErrorKind, Kms, api::*};
use pocketkms_tests::vault::error;

fn waiting(kms: &Kms) -> Vec<ParcelKeyMetadata> {
    let (mut found, mut request) = (Vec::new(), ListParcelKeysRequest { limit: Some(2), marker: None });
    loop {
        let page = kms.list_parcel_keys(request.clone()).unwrap();
        assert!(page.parcel_keys.len() <= 2);
        found.extend(page.parcel_keys);
        request.marker = page.next_marker;
        if !page.truncated {
            return found;
        }
    }
}

fn delete(kms: &Kms, id: &str) -> pocketkms::Result<DeleteParcelKeyResponse> {
    kms.delete_parcel_key(DeleteParcelKeyRequest { parcel_key_id: id.into() })
}

#[test]
fn those_that_wait_are_listed_until_they_are_used_or_expire() {
    let scene = scene();
    let mut asked: Vec<_> = (0..5).map(|_| ask(&scene.there, &scene.key.arn).unwrap()).collect();
    let by_id = |keys: &mut Vec<ParcelKeyMetadata>| keys.sort_by(|a, b| a.parcel_key_id.cmp(&b.parcel_key_id));
    by_id(&mut asked);
    let mut found = waiting(&scene.there);
    by_id(&mut found);
    assert_eq!(found, asked);
    assert_eq!(waiting(&scene.here), []);

    let parcel = seal(&scene.here, &scene.key.key_id, &asked[0].parcel_key).unwrap().parcel;
    open(&scene.there, &parcel).unwrap();
    assert_eq!(waiting(&scene.there).len(), 4);
    scene.clock.advance_days(1);
    assert_eq!(waiting(&scene.there), []);
}

#[test]
fn one_that_was_deleted_opens_nothing() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap();
    let parcel = seal(&scene.here, &scene.key.key_id, &asked.parcel_key).unwrap().parcel;
    assert_eq!(delete(&scene.there, &asked.parcel_key_id).unwrap().parcel_key_id, asked.parcel_key_id);
    for id in [&asked.parcel_key_id, "x", "alias/x"] {
        assert_eq!(error(delete(&scene.there, id)).kind(), ErrorKind::NotFound);
    }
    assert_eq!(error(open(&scene.there, &parcel)).kind(), ErrorKind::NotFound);
}

#[test]
fn no_more_than_twenty_wait_and_expired_ones_make_room() {
    let scene = scene();
    (0..20).for_each(|_| drop(ask(&scene.there, &scene.key.arn).unwrap()));
    assert_eq!(error(ask(&scene.there, &scene.key.arn)).kind(), ErrorKind::LimitExceeded);
    scene.clock.advance_days(1);
    ask(&scene.there, &scene.key.arn).unwrap();
    assert_eq!(waiting(&scene.there).len(), 1);
    // Of the others nothing is left, their private keys included: 20 records and 20 secrets less.
    let store = scene.there.vault.with_store(|store: &pocketkms::MemoryStore| {
        use pocketkms::Store;
        store.scan("parcel-key", None, 100).unwrap().len()
    });
    assert_eq!(store.unwrap(), Some(2));
}
