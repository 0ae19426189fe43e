//! Records that someone changed, found by the trail where each by itself is as it should be.

use super::{describe_as, found, open, patient, put, remove, scene, stored, use_key};
use pocketkms::{
    Audit,
    api::{DeleteAliasRequest, ScheduleKeyDeletionRequest},
};
use pocketkms_tests::vault::{builder, create_alias, create_key, root, root_of};

fn record_of(key: &str) -> String {
    format!("key/us-east-1/{}", key.replace('-', ""))
}

#[test]
fn an_old_record_that_is_put_back_is_named() {
    let (store, kms, key, _clock) = scene(patient());
    let name = record_of(&key);
    let old = stored(&store, &name);
    describe_as(&kms, &key, "new");
    use_key(&kms, &key, 1);
    drop(kms);
    put(&store, &old);
    found(&open(&store), &[(&name, "put back")]);
    // A handle that goes on with it does not hide it.
    create_key(&open(&store));
    found(&open(&store), &[(&name, "put back")]);
}

#[test]
fn a_record_that_is_taken_away_is_named() {
    let (store, kms, ..) = scene(patient());
    drop(kms);
    let alias = "alias/000000000000/us-east-1/alias/one";
    remove(&store, alias);
    found(&open(&store), &[(alias, "gone")]);
}

#[test]
fn a_deleted_record_that_is_put_back_is_named() {
    let (store, kms, key, clock) = scene(patient());
    let alias = "alias/000000000000/us-east-1/alias/one";
    let old = stored(&store, alias);
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
    put(&store, &old);
    found(&open(&store), &[(alias, "deleted it")]);
    remove(&store, alias);
    // A key, whose materials go after it.
    let whole = store.records();
    let request = ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    clock.advance_days(8);
    create_key(&kms);
    found(&kms, &[]);
    let material = whole.into_iter().find(|record| record.name.starts_with("material/")).unwrap();
    let name = material.name.clone();
    put(&store, &material);
    found(&kms, &[(&name, "deleted it")]);
}

#[test]
fn a_record_of_another_copy_is_named() {
    let (store, kms, key, _clock) = scene(patient());
    let other_store = store.copy();
    let other = open(&other_store);
    describe_as(&kms, &key, "here");
    describe_as(&other, &key, "there");
    create_alias(&other, "alias/two", &key);
    let name = record_of(&key);
    put(&store, &stored(&other_store, &name));
    found(&open(&store), &[(&name, "other bytes")]);
    let alias = "alias/000000000000/us-east-1/alias/two";
    put(&store, &stored(&other_store, alias));
    found(&open(&store), &[(alias, "no entry"), (&name, "")]);
}

#[test]
fn a_new_vault_key_leaves_all_verified() {
    let (store, kms, key, _clock) = scene(patient());
    for round in 0..5 {
        describe_as(&kms, &key, &format!("{round}"));
    }
    kms.vault.rotate_vault_key(&[&root()]).unwrap();
    kms.vault.add_root_key(&root_of(8), "second").unwrap();
    found(&kms, &[]);
    let report = open(&store).vault.verify_audit().unwrap();
    assert_eq!((report.events, &*report.problems), (7, &[][..]));
    // And the header that was put back.
    let old = stored(&store, "vault");
    kms.vault.add_root_key(&root_of(9), "third").unwrap();
    found(&kms, &[]);
    put(&store, &old);
    found(&kms, &[("vault", "put back")]);
}

#[test]
fn a_trail_that_began_later_says_nothing_of_what_was_before() {
    let (store, kms, key, _clock) = scene(Audit::off());
    drop(kms);
    let kms = open(&store);
    let name = record_of(&key);
    let old = stored(&store, &name);
    describe_as(&kms, &key, "new");
    found(&kms, &[]);
    put(&store, &old);
    found(&open(&store), &[(&name, "put back")]);
}

#[test]
fn a_vault_in_use_is_verified_without_a_false_alarm() {
    let (builder, _clock) = builder();
    let kms = pocketkms_tests::vault::Opened::from(
        builder.create_in(pocketkms_tests::store::Shared::new(), &root()).unwrap(),
    );
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let kms = &kms;
                scope.spawn(move || {
                    let key = create_key(kms).key_id;
                    for round in 0..40 {
                        describe_as(kms, &key, &format!("{round}"));
                        let alias = format!("alias/w{writer}-{round}");
                        create_alias(kms, &alias, &key);
                        use_key(kms, &key, 3);
                        kms.delete_alias(DeleteAliasRequest { alias_name: alias }).unwrap();
                    }
                })
            })
            .collect();
        while writers.iter().any(|writer| !writer.is_finished()) {
            found(&kms, &[]);
            assert_eq!(kms.vault.verify_audit().unwrap().problems, []);
        }
    });
    found(&kms, &[]);
}
