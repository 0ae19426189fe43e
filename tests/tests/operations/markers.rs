//! Markers: one that a list gave counts for that very list, and nowhere else.

use super::common::elsewhere;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use pocketkms::{Caller, ErrorKind, Kms, Result, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_alias, create_key, error, refused, root, root_of},
};

/// A list with one item a page: the marker of the next page.
type List = Box<dyn Fn(&Kms, Option<String>) -> Result<Option<String>>>;

macro_rules! list {
    ($method:ident, $make:expr) => {
        Box::new(move |kms: &Kms, marker: Option<String>| kms.$method($make(marker)).map(|page| page.next_marker))
            as List
    };
}

/// A vault of which every list has several pages.
fn scene() -> (Opened, Shared, Vec<(&'static str, List)>) {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).expect("a vault"));
    let [one, other] = [(); 2].map(|()| create_key(&kms).key_id);
    for (number, key) in [&one, &other].into_iter().enumerate() {
        for alias in ["a", "b", "c"] {
            create_alias(&kms, &format!("alias/{alias}{number}"), key);
            let tag = Tag { tag_key: alias.into(), tag_value: String::new() };
            kms.tag_resource(TagResourceRequest { key_id: key.clone(), tags: vec![tag] }).expect("a tag");
            kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).expect("a rotation");
            let request = CreateBranchKeyRequest {
                branch_key_identifier: None,
                kms_key_id: key.clone(),
                encryption_context: None,
            };
            kms.create_branch_key(request).expect("a branch key");
        }
    }
    let keys = || [one.clone(), other.clone()];
    let limit = Some(1);
    let mut lists = vec![
        ("keys", list!(list_keys, |marker| ListKeysRequest { limit, marker, ..Default::default() })),
        ("aliases", list!(list_aliases, |marker| ListAliasesRequest { limit, marker, ..Default::default() })),
        ("branch keys", list!(list_branch_keys, |marker| ListBranchKeysRequest { limit, marker })),
    ];
    for (key_id, name) in keys().into_iter().zip(["aliases of one", "aliases of the other"]) {
        let make = move |marker| ListAliasesRequest { key_id: Some(key_id.clone()), limit, marker };
        lists.push((name, list!(list_aliases, make)));
    }
    for (key_id, name) in keys().into_iter().zip(["tags of one", "tags of the other"]) {
        let make = move |marker| ListResourceTagsRequest { key_id: key_id.clone(), limit, marker };
        lists.push((name, list!(list_resource_tags, make)));
    }
    for (key_id, name) in keys().into_iter().zip(["rotations of one", "rotations of the other"]) {
        let make =
            move |marker| ListKeyRotationsRequest { key_id: key_id.clone(), limit, marker, ..Default::default() };
        lists.push((name, list!(list_key_rotations, make)));
    }
    let all_material = move |marker| ListKeyRotationsRequest {
        key_id: one.clone(),
        include_key_material: Some(IncludeKeyMaterial::AllKeyMaterial),
        limit,
        marker,
    };
    lists.push(("materials of one", list!(list_key_rotations, all_material)));
    (kms, store, lists)
}

#[track_caller]
fn invalid<T>(result: Result<T>) {
    let message = "The marker is not one that a truncated response returned.";
    refused(result, ErrorKind::InvalidMarker, message);
}

fn marker(kms: &Kms, list: &List) -> String {
    list(kms, None).expect("a page").expect("a page after it")
}

#[test]
fn a_marker_of_another_list_is_refused() {
    let (kms, _, lists) = scene();
    for (from, giver) in &lists {
        let marker = marker(&kms, giver);
        for (to, taker) in &lists {
            let page = taker(&kms, Some(marker.clone()));
            assert_eq!(page.is_ok(), from == to, "the marker of {from} for {to}");
            if from != to {
                invalid(page);
            }
        }
    }
}

#[test]
fn a_marker_of_another_caller_or_region_is_refused() {
    let (kms, _, lists) = scene();
    let eve = Caller::root("000000000000", "us-east-1").expect("a caller");
    let eve = kms.vault.client_as(eve.with_principal("arn:aws:iam::000000000000:user/eve").expect("a principal"));
    for (name, list) in &lists {
        let marker = marker(&kms, list);
        invalid(list(&eve, Some(marker.clone())));
        assert!(list(&eve, None).is_ok(), "{name}");
        for (account, region) in [("111122223333", "us-east-1"), ("000000000000", "eu-west-1")] {
            assert_eq!(
                error(list(&elsewhere(&kms, account, region), Some(marker.clone()))).kind(),
                ErrorKind::InvalidMarker
            );
        }
    }
}

#[test]
fn an_altered_marker_is_refused() {
    let (kms, _, lists) = scene();
    for (_, list) in &lists {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(marker(&kms, list)).expect("base64");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            invalid(list(&kms, Some(BASE64_URL_SAFE_NO_PAD.encode(flipped))));
        }
        for length in 1..bytes.len() {
            invalid(list(&kms, Some(BASE64_URL_SAFE_NO_PAD.encode(&bytes[..length]))));
        }
    }
}

/// Processes that share a store page on where another began; another vault does not.
#[test]
fn a_marker_counts_in_its_vault_until_the_root_key_changes() {
    let (kms, store, lists) = scene();
    let (another, ..) = scene();
    let reopened = Opened::from(builder().0.open(store, &root()).expect("the vault"));
    let copy = Opened::from(
        builder().0.open_snapshot(&kms.vault.snapshot().expect("a snapshot"), &root()).expect("the vault"),
    );
    let markers: Vec<_> = lists.iter().map(|(_, list)| marker(&kms, list)).collect();
    for ((_, list), marker) in lists.iter().zip(&markers) {
        let next = list(&kms, Some(marker.clone())).expect("the next page");
        for same in [&reopened, &copy] {
            assert_eq!(list(same, Some(marker.clone())).expect("the same page"), next);
        }
    }
    let (_, keys) = &lists[0];
    invalid(keys(&another, Some(markers[0].clone())));
    kms.vault.shred(&root_of(8)).expect("another root key");
    for ((_, list), marker) in lists.iter().zip(markers) {
        invalid(list(&kms, Some(marker)));
    }
}
