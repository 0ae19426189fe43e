//! Several accounts and Regions in one vault: each sees its own.

use super::common::{elsewhere, fails_with};
use pocketkms::{Caller, ErrorKind, Kms, Vault, api::*};
use pocketkms_tests::vault::{Opened, create_alias, create_key, decrypt, describe, encrypt, error, root, vault};

const PLACES: [(&str, &str); 4] = [
    ("000000000000", "us-east-1"),
    ("000000000000", "cn-north-1"),
    ("111122223333", "us-east-1"),
    ("111122223333", "us-gov-west-1"),
];

fn listed(kms: &Kms) -> Vec<String> {
    kms.list_keys(ListKeysRequest::default()).unwrap().keys.into_iter().map(|key| key.key_id).collect()
}

#[test]
fn each_account_and_region_has_keys_and_aliases_of_its_own() {
    let (kms, _) = vault();
    let places = PLACES.map(|(account, region)| elsewhere(&kms, account, region));
    let keys = places.each_ref().map(create_key);
    for (place, key) in places.iter().zip(&keys) {
        create_alias(place, "alias/orders", &key.key_id);
    }
    for ((place, key), (account, region)) in places.iter().zip(&keys).zip(PLACES) {
        assert_eq!(key.aws_account_id, account);
        let partition = match region {
            "cn-north-1" => "aws-cn",
            "us-gov-west-1" => "aws-us-gov",
            _ => "aws",
        };
        assert_eq!(key.arn, format!("arn:{partition}:kms:{region}:{account}:key/{}", key.key_id));
        assert_eq!(describe(place, "alias/orders"), *key);
        assert_eq!(listed(place), std::slice::from_ref(&key.key_id));
        let aliases = place.list_aliases(ListAliasesRequest::default()).unwrap().aliases;
        assert_eq!(aliases.len(), 1);
        assert_eq!(aliases[0].target_key_id.as_ref(), Some(&key.key_id));
        assert_eq!(aliases[0].alias_arn, format!("arn:{partition}:kms:{region}:{account}:alias/orders"));
    }
}

#[test]
fn a_ciphertext_opens_in_its_own_account_and_region_only() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let blob = encrypt(&kms, &key.key_id, b"mine");
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"mine");
    let other_account = elsewhere(&kms, "111122223333", "us-east-1");
    // Whose key it is, is not for others to know, nor that there is one.
    let denied = error(decrypt(&other_account, &blob));
    assert_eq!(denied.kind(), ErrorKind::AccessDenied);
    assert!(denied.message().contains("on the resource associated with this ciphertext"), "{denied}");
    assert!(!denied.report().contains(&key.key_id), "{}", denied.report());
    for (account, region) in [("000000000000", "eu-west-1"), ("111122223333", "eu-west-1")] {
        let missing = error(decrypt(&elsewhere(&kms, account, region), &blob));
        // One answer whether the key is there or not, but for the caller's own name.
        let message = denied.message().replace("111122223333", account);
        assert_eq!((missing.kind(), missing.message()), (ErrorKind::AccessDenied, &*message));
    }
}

#[test]
fn lists_run_through_the_keys_of_others_without_showing_them() {
    let (kms, _) = vault();
    let other = elsewhere(&kms, "111122223333", "us-east-1");
    let mut own: Vec<_> = (0..30).map(|number| create_key(if number % 10 == 0 { &kms } else { &other })).collect();
    own.retain(|key| key.aws_account_id == "000000000000");
    let mut own: Vec<_> = own.into_iter().map(|key| key.key_id).collect();
    own.sort();
    let request = |marker| ListKeysRequest { limit: Some(1), marker, ..Default::default() };
    let pages = super::common::pages(|marker| {
        let answer = kms.list_keys(request(marker)).unwrap();
        (answer.keys, answer.next_marker, answer.truncated)
    });
    assert_eq!(pages.len(), 3);
    assert_eq!(pages.concat().into_iter().map(|key| key.key_id).collect::<Vec<_>>(), own);
}

#[test]
fn a_snapshot_holds_every_account_and_region() {
    let (kms, _) = vault();
    let keys = PLACES.map(|(account, region)| create_key(&elsewhere(&kms, account, region)));
    let opened = Opened::from(Vault::builder().open_snapshot(&kms.vault.snapshot().unwrap(), &root()).unwrap());
    for (key, (account, region)) in keys.iter().zip(PLACES) {
        assert_eq!(describe(&elsewhere(&opened, account, region), &key.arn), *key);
    }
}

#[test]
fn a_caller_has_an_account_of_twelve_digits_and_a_region_of_the_known_form() {
    let caller = Caller::root("111122223333", "eu-central-1").unwrap();
    assert_eq!(caller.principal().as_str(), "arn:aws:iam::111122223333:root");
    for (account, region, words) in [
        ("12345", "us-east-1", "twelve digits"),
        ("11112222333x", "us-east-1", "twelve digits"),
        ("111122223333", "", "Region"),
        ("111122223333", "US-EAST-1", "Region"),
        ("111122223333", "us/east", "Region"),
    ] {
        fails_with(Caller::root(account, region), ErrorKind::Validation, words);
        fails_with(
            Vault::builder().account_id(account).region(region).create_in_memory(&root()),
            ErrorKind::Validation,
            words,
        );
    }
}

#[test]
fn a_denial_names_the_principal() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let user = "arn:aws:iam::111122223333:user/eve";
    let caller = Caller::root("111122223333", "us-east-1").unwrap().with_principal(user).unwrap();
    let request = DescribeKeyRequest { key_id: key.arn, ..Default::default() };
    fails_with(
        kms.vault.client_as(caller).describe_key(request),
        ErrorKind::AccessDenied,
        &format!("User: {user} is not"),
    );
}
