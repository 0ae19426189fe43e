//! What another process revokes while a handle puts together how a caller stands.

use pocketkms::{Change, CommitError, ErrorKind, Record, Store, StoreError, Vault, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_key, error, root},
};
use serde_json::json;
use std::sync::{Arc, Mutex};

type Event = Box<dyn FnOnce() + Send>;

/// Before the record of an account is read, something happens once.
#[derive(Clone)]
struct Watched {
    store: Shared,
    event: Arc<Mutex<Option<Event>>>,
}

impl Store for Watched {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        if name.starts_with("iam/") && name.ends_with("/root") {
            let event = self.event.lock().expect("a lock").take();
            if let Some(event) = event {
                event();
            }
        }
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.store.commit(changes)
    }
}

fn user(name: &str, action: Option<&str>) -> IamEntity {
    let document = |action| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
            .to_string()
    };
    let policy = |action| IamPolicy { policy_name: "only".into(), policy_document: document(action) };
    let arn = format!("arn:aws:iam::000000000000:user/{name}");
    IamEntity { arn, policies: action.map(|action| vec![policy(action)]), ..Default::default() }
}

#[test]
fn what_was_revoked_meanwhile_is_not_remembered_as_allowed() {
    let store = Watched { store: Shared::new(), event: Arc::default() };
    let kms: Opened = builder().0.create_in(store.clone(), &root()).expect("a vault").into();
    let key = create_key(&kms).key_id;
    kms.vault.put_iam_entity(&user("alice", Some("kms:DescribeKey"))).expect("put");
    let alice = kms.vault.client_as(kms.vault.caller().with_principal(&user("alice", None).arn).expect("a principal"));
    let describe = || alice.describe_key(DescribeKeyRequest { key_id: key.clone(), ..Default::default() });
    describe().expect("allowed");

    // The handle forgets the account's record, and keeps that of the user.
    kms.vault.put_iam_entity(&user("bob", None)).expect("put");
    let other: Vault = builder().0.open(store.store.clone(), &root()).expect("another handle");
    let revoke = move || other.put_iam_entity(&user("alice", None)).expect("put");
    *store.event.lock().expect("a lock") = Some(Box::new(revoke));
    let _ = describe();
    assert!(store.event.lock().expect("a lock").is_none(), "it was revoked meanwhile");
    assert_eq!(error(describe()).kind(), ErrorKind::AccessDenied);
}
