//! Several vaults on one store, as several processes on one database have them: each sees at once what another did.

use pocketkms::{ErrorKind, ManualClock, Vault, api::*};
use pocketkms_tests::{
    store::{Interposed, Moment, Shared},
    vault::{Opened, create_alias, create_key, decrypt, describe, encrypt, error, explained, refused, root, root_of},
};

/// Two vaults on one store, with one clock.
fn two() -> (Opened, Opened, ManualClock) {
    let (builder, clock) = pocketkms_tests::vault::builder();
    let store = Shared::new();
    let first = Opened::from(builder.create_in(store.clone(), &root()).expect("a vault"));
    let second = Opened::from(Vault::builder().clock(clock.clone()).open(store, &root()).expect("the same vault"));
    (first, second, clock)
}

fn schedule(kms: &Opened, key: &str) {
    let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("a key to delete");
}

#[test]
fn what_one_encrypts_the_other_decrypts_also_after_rotation() {
    let (first, second, _) = two();
    let key = create_key(&first).key_id;
    for (from, to) in [(&first, &second), (&second, &first), (&first, &second)] {
        let blob = encrypt(from, &key, b"shared");
        assert_eq!(decrypt(to, &blob).unwrap(), b"shared");
        from.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).unwrap();
        assert_eq!(decrypt(to, &blob).unwrap(), b"shared");
    }
    assert_eq!(describe(&first, &key), describe(&second, &key));
}

#[test]
fn a_disabled_key_is_disabled_for_all() {
    let (first, second, _) = two();
    let key = create_key(&first);
    let blob = encrypt(&second, &key.key_id, b"shared");
    first.disable_key(DisableKeyRequest { key_id: key.key_id }).unwrap();
    refused(decrypt(&second, &blob), ErrorKind::Disabled, &format!("{} is disabled.", key.arn));
}

/// A record that is deleted and made again begins with revision 1 again: the revision alone does not distinguish them.
#[test]
fn an_alias_that_was_deleted_and_made_again_is_not_mixed_up() {
    let (first, second, _) = two();
    let (old, new) = (create_key(&first).key_id, create_key(&first).key_id);
    create_alias(&first, "alias/orders", &old);
    assert_eq!(describe(&second, "alias/orders").key_id, old);

    first.delete_alias(DeleteAliasRequest { alias_name: "alias/orders".into() }).unwrap();
    create_alias(&first, "alias/orders", &new);
    assert_eq!(describe(&second, "alias/orders").key_id, new);
}

#[test]
fn a_deletion_that_one_scheduled_is_carried_out_by_the_other() {
    let (first, second, clock) = two();
    let (gone, kept) = (create_key(&first).key_id, create_key(&first).key_id);
    create_alias(&first, "alias/orders", &gone);
    let blob = encrypt(&second, &gone, b"shared");
    schedule(&first, &gone);
    clock.advance_days(7);

    let keys = second.list_keys(ListKeysRequest::default()).unwrap().keys;
    assert_eq!(keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>(), [kept]);
    assert_eq!(second.list_aliases(ListAliasesRequest::default()).unwrap().aliases, []);
    assert_eq!(error(decrypt(&second, &blob)).kind(), ErrorKind::AccessDenied);
}

#[test]
fn the_name_of_an_alias_is_free_when_its_key_is_gone() {
    let (first, second, clock) = two();
    let (gone, kept) = (create_key(&first).key_id, create_key(&first).key_id);
    create_alias(&first, "alias/orders", &gone);
    schedule(&first, &gone);
    clock.advance_days(7);

    create_alias(&second, "alias/orders", &kept);
    assert_eq!(describe(&first, "alias/orders").key_id, kept);
}

#[test]
fn an_alias_whose_key_is_gone_is_gone() {
    let (first, second, clock) = two();
    let (gone, kept) = (create_key(&first).key_id, create_key(&first));
    create_alias(&first, "alias/orders", &gone);
    schedule(&first, &gone);
    clock.advance_days(7);

    let message = "Alias arn:aws:kms:us-east-1:000000000000:alias/orders is not found.";
    let update = UpdateAliasRequest { alias_name: "alias/orders".into(), target_key_id: kept.key_id };
    refused(second.update_alias(update), ErrorKind::NotFound, message);
    let delete = DeleteAliasRequest { alias_name: "alias/orders".into() };
    refused(second.delete_alias(delete), ErrorKind::NotFound, message);
    let describe = DescribeKeyRequest { key_id: "alias/orders".into(), ..Default::default() };
    refused(second.describe_key(describe), ErrorKind::NotFound, message);
}

#[test]
fn a_root_key_that_another_process_replaced_is_named_as_the_reason() {
    let (first, second, _) = two();
    let key = create_key(&second).key_id;
    let blob = encrypt(&second, &key, b"shared");
    first.vault.shred(&root_of(8)).unwrap();

    let words = ["root key was replaced by another process", "open it again"];
    explained(decrypt(&second, &blob), ErrorKind::WrongRootKey, &words);
    explained(second.create_key(CreateKeyRequest::default()), ErrorKind::WrongRootKey, &words);
    explained(second.list_keys(ListKeysRequest::default()), ErrorKind::WrongRootKey, &words);
    explained(second.vault.snapshot(), ErrorKind::WrongRootKey, &words);
    explained(second.vault.shred(&root_of(9)), ErrorKind::WrongRootKey, &words);
    // Nothing came to harm.
    assert_eq!(decrypt(&first, &blob).unwrap(), b"shared");
}

/// An operation's answer rests also on what it only read: here on the state of a key that is not written.
#[test]
fn what_was_only_read_must_not_have_changed_either() {
    let store = Shared::new();
    let interposed = Interposed::new(store.clone());
    let builder = || pocketkms_tests::vault::builder().0;
    let kms = Opened::from(builder().create_in(interposed.clone(), &root()).expect("a vault"));
    let other = Opened::from(builder().open(store, &root()).expect("the same vault"));
    let key = create_key(&kms);
    create_alias(&kms, "alias/orders", &key.key_id);
    let key_id = key.key_id.clone();
    interposed.at(Moment::BeforeCommit, move || schedule(&other, &key_id));
    let update = UpdateAliasRequest { alias_name: "alias/orders".into(), target_key_id: key.key_id };
    let message = format!("{} is pending deletion.", key.arn);
    refused(kms.update_alias(update), ErrorKind::KmsInvalidState, &message);
}

#[test]
fn two_cannot_make_a_vault_in_one_store() {
    let store = Shared::new();
    let builder = || pocketkms_tests::vault::builder().0;
    builder().create_in(store.clone(), &root()).expect("a vault");
    let before = store.records();
    explained(builder().create_in(store.clone(), &root()), ErrorKind::AlreadyExists, &["holds a vault already"]);
    assert_eq!(store.records(), before);
    explained(builder().open(Shared::new(), &root()), ErrorKind::NotFound, &["holds no vault"]);
}
