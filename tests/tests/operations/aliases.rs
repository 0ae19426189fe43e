//! `CreateAlias`, `UpdateAlias`, `DeleteAlias`, `ListAliases`.

use super::common::{NO_KEY, NO_KEY_MESSAGE, fails_with, in_range, pages, refuses_bad_markers, text_error};
use pocketkms::{ErrorKind, Kms, Result, api::*};
use pocketkms_tests::vault::{START, create_alias, create_key, decrypt, describe, encrypt, refused, vault};

fn create(kms: &Kms, alias: &str, key: &str) -> Result<()> {
    kms.create_alias(CreateAliasRequest { alias_name: alias.into(), target_key_id: key.into() })
}

fn update(kms: &Kms, alias: &str, key: &str) -> Result<()> {
    kms.update_alias(UpdateAliasRequest { alias_name: alias.into(), target_key_id: key.into() })
}

fn delete(kms: &Kms, alias: &str) -> Result<()> {
    kms.delete_alias(DeleteAliasRequest { alias_name: alias.into() })
}

fn list(kms: &Kms, key_id: Option<&str>, limit: Option<i32>) -> Vec<Vec<AliasListEntry>> {
    pages(|marker| {
        let request = ListAliasesRequest { key_id: key_id.map(String::from), limit, marker };
        let answer = kms.list_aliases(request).unwrap();
        (answer.aliases, answer.next_marker, answer.truncated)
    })
}

fn names(kms: &Kms, key_id: Option<&str>) -> Vec<String> {
    list(kms, key_id, None).concat().into_iter().map(|alias| alias.alias_name).collect()
}

#[test]
fn an_alias_is_made_moved_and_deleted() {
    let (kms, clock) = vault();
    let (old, new) = (create_key(&kms).key_id, create_key(&kms).key_id);
    create(&kms, "alias/orders", &old).unwrap();
    let made = AliasListEntry {
        alias_name: "alias/orders".into(),
        alias_arn: "arn:aws:kms:us-east-1:000000000000:alias/orders".into(),
        target_key_id: Some(old.clone()),
        creation_date: START,
        last_updated_date: START,
    };
    assert_eq!(list(&kms, None, None), [[made.clone()]]);

    clock.advance_days(3);
    update(&kms, "alias/orders", &new).unwrap();
    let target_key_id = Some(new.clone());
    let moved = AliasListEntry { target_key_id, last_updated_date: START.plus_days(3), ..made };
    assert_eq!(list(&kms, None, None), [[moved]]);
    assert_eq!(describe(&kms, "alias/orders").key_id, new);

    delete(&kms, "alias/orders").unwrap();
    assert!(names(&kms, None).is_empty());
    let message = "Alias arn:aws:kms:us-east-1:000000000000:alias/orders is not found.";
    refused(delete(&kms, "alias/orders"), ErrorKind::NotFound, message);
    refused(update(&kms, "alias/orders", &new), ErrorKind::NotFound, message);
    create(&kms, "alias/orders", &old).unwrap();
    assert_eq!(describe(&kms, "alias/orders").key_id, old);
}

#[test]
fn data_under_an_alias_that_moved_still_decrypts() {
    let (kms, _) = vault();
    let (old, new) = (create_key(&kms), create_key(&kms));
    create_alias(&kms, "alias/orders", &old.key_id);
    let before = encrypt(&kms, "alias/orders", b"before");
    update(&kms, "alias/orders", &new.key_id).unwrap();
    let after = encrypt(&kms, "alias/orders", b"after");
    assert_eq!(decrypt(&kms, &before).unwrap(), b"before");
    assert_eq!(decrypt(&kms, &after).unwrap(), b"after");
    // The new ciphertext is the new key's: it does not need the old one.
    kms.disable_key(DisableKeyRequest { key_id: old.key_id }).unwrap();
    refused(decrypt(&kms, &before), ErrorKind::Disabled, &format!("{} is disabled.", old.arn));
    assert_eq!(decrypt(&kms, &after).unwrap(), b"after");
}

#[test]
fn a_name_is_taken_once() {
    let (kms, _) = vault();
    let (first, second) = (create_key(&kms).key_id, create_key(&kms).key_id);
    create_alias(&kms, "alias/orders", &first);
    let message = "An alias with the name arn:aws:kms:us-east-1:000000000000:alias/orders already exists";
    refused(create(&kms, "alias/orders", &second), ErrorKind::AlreadyExists, message);
    refused(create(&kms, "alias/orders", &first), ErrorKind::AlreadyExists, message);
    assert_eq!(describe(&kms, "alias/orders").key_id, first);
    // Names are distinguished by case, and a longer one is another.
    create_alias(&kms, "alias/Orders", &second);
    create_alias(&kms, "alias/orders/new", &second);
    assert_eq!(names(&kms, None), ["alias/Orders", "alias/orders", "alias/orders/new"]);
}

#[test]
fn names_of_a_wrong_form_are_refused_by_every_operation() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for call in [create, update, |kms: &Kms, alias: &str, _: &str| delete(kms, alias)] {
        // The model's pattern has the colon, its documentation has not: no alias can have one in its name.
        for name in ["alias/", "alias/a:b"] {
            fails_with(call(&kms, name, &key), ErrorKind::Validation, &format!("Invalid alias name '{name}'"));
        }
        for name in ["orders", "alias", "Alias/orders", "arn:aws:kms:us-east-1:1:alias/orders"] {
            let message = "Alias must start with the prefix \"alias/\". Please see \
                           https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
            refused(call(&kms, name, &key), ErrorKind::Validation, message);
        }
        for name in ["alias/a b", "alias/ü", "alias/a.b", "alias/a\n", "alias/*"] {
            let message = format!(
                "1 validation error detected: Value '{}' at 'aliasName' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
                name.replace('\n', "\\n")
            );
            refused(call(&kms, name, &key), ErrorKind::Validation, &message);
        }
        fails_with(
            call(&kms, "", &key),
            ErrorKind::Validation,
            "Value '' at 'aliasName' failed to satisfy constraint: Member must have length greater",
        );
        let long = format!("alias/{}", "a".repeat(251));
        refused(call(&kms, &long, &key), ErrorKind::Validation, &text_error("aliasName", &long, "less", 256));
        fails_with(call(&kms, &"ü".repeat(257), &key), ErrorKind::Validation, "2 validation errors detected");
    }
    assert!(names(&kms, None).is_empty());
    let longest = format!("alias/{}", "a".repeat(250));
    for name in ["alias/-", "alias/a/b_c-D9", "alias//", &longest] {
        create_alias(&kms, name, &key);
        assert_eq!(describe(&kms, name).key_id, key);
    }
}

#[test]
fn names_of_keys_that_aws_manages_are_reserved() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let message = "The alias name cannot begin with 'alias/aws/', which is reserved.";
    for name in ["alias/aws/s3", "alias/aws/"] {
        refused(create(&kms, name, &key), ErrorKind::InvalidAliasName, message);
        // No one may touch those, whatever policies say, and so no one learns whether there are any.
        fails_with(update(&kms, name, &key), ErrorKind::AccessDenied, "kms:UpdateAlias");
        fails_with(delete(&kms, name), ErrorKind::AccessDenied, "kms:DeleteAlias");
    }
    for name in ["alias/aws", "alias/awsome", "alias/my/aws/s3"] {
        create_alias(&kms, name, &key);
    }
}

#[test]
fn a_key_has_at_most_50_aliases() {
    let (kms, clock) = vault();
    let (full, other) = (create_key(&kms).key_id, create_key(&kms).key_id);
    for number in 0..50 {
        create_alias(&kms, &format!("alias/{number}"), &full);
    }
    let limit = "A KMS key can have at most 50 aliases.";
    refused(create(&kms, "alias/50", &full), ErrorKind::LimitExceeded, limit);
    create_alias(&kms, "alias/50", &other);
    refused(update(&kms, "alias/50", &full), ErrorKind::LimitExceeded, limit);
    assert_eq!(describe(&kms, "alias/50").key_id, other);
    // Naming the same key again takes no room.
    update(&kms, "alias/7", &full).unwrap();

    // Room is made by an alias that goes, and by one that moves away.
    delete(&kms, "alias/0").unwrap();
    update(&kms, "alias/50", &full).unwrap();
    refused(create(&kms, "alias/51", &full), ErrorKind::LimitExceeded, limit);
    update(&kms, "alias/1", &other).unwrap();
    create_alias(&kms, "alias/51", &full);
    assert_eq!(names(&kms, Some(&full)).len(), 50);

    // And by a key that goes with its aliases: their names are free.
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: full, pending_window_in_days: Some(7) }).unwrap();
    clock.advance_days(7);
    assert_eq!(names(&kms, None), ["alias/1"]);
    create_alias(&kms, "alias/51", &other);
}

#[test]
fn a_target_must_be_there() {
    let (kms, _) = vault();
    create_alias(&kms, "alias/orders", &create_key(&kms).key_id);
    refused(create(&kms, "alias/new", NO_KEY), ErrorKind::NotFound, NO_KEY_MESSAGE);
    refused(update(&kms, "alias/orders", NO_KEY), ErrorKind::NotFound, NO_KEY_MESSAGE);
}

#[test]
fn aliases_are_listed_by_key_and_page_by_page() {
    let (kms, _) = vault();
    let (many, few, none) = (create_key(&kms), create_key(&kms), create_key(&kms));
    let mut made = Vec::new();
    for number in 0..60 {
        let (name, key) = (format!("alias/{number:02}"), if number % 20 == 0 { &few } else { &many });
        if number % 20 == 0 {
            create_alias(&kms, &name, &key.arn);
        } else if number < 50 {
            create_alias(&kms, &name, &key.key_id);
        } else {
            create_alias(&kms, &name, &none.key_id);
            update(&kms, &name, &few.key_id).unwrap();
        }
        made.push(name);
    }
    assert_eq!(names(&kms, None), made);
    for (limit, lengths) in [
        (None, vec![50, 10]),
        (Some(100), vec![60]),
        (Some(60), vec![60]),
        (Some(59), vec![59, 1]),
        (Some(1), vec![1; 60]),
    ] {
        let pages = list(&kms, None, limit);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{limit:?}");
        assert_eq!(pages.concat().iter().map(|alias| &alias.alias_name).collect::<Vec<_>>(), Vec::from_iter(&made));
    }
    // By key, and in pages whose entries lie far apart.
    for limit in [None, Some(1), Some(2), Some(13), Some(100)] {
        let of_few: Vec<_> = list(&kms, Some(&few.key_id), limit).concat();
        let expected: Vec<_> = (0..60).filter(|number| number % 20 == 0 || *number >= 50).collect();
        assert_eq!(of_few.len(), expected.len(), "{limit:?}");
        for (alias, number) in of_few.iter().zip(expected) {
            assert_eq!(alias.alias_name, format!("alias/{number:02}"));
            assert_eq!(alias.target_key_id.as_ref(), Some(&few.key_id));
        }
        assert_eq!(list(&kms, Some(&many.arn), limit).concat().len(), 47, "{limit:?}");
        assert!(list(&kms, Some(&none.key_id), limit).concat().is_empty());
    }
}

#[test]
fn list_aliases_refuses_bad_limits_and_markers() {
    let (kms, _) = vault();
    let request = |limit, marker| ListAliasesRequest { limit, marker, key_id: None };
    in_range("limit", 1, 100, |limit| kms.list_aliases(request(Some(limit), None)));
    refuses_bad_markers(|marker| kms.list_aliases(request(None, Some(marker))));
}
