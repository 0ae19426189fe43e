//! A store that answers with another record than the one it was asked for, its name and all.

use pocketkms::{
    Change, CommitError, ErrorKind, ManualClock, Record, Store, StoreError, Vault,
    api::{CreateKeyRequest, DescribeKeyRequest, GetKeyPolicyRequest, KeyMetadata},
};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, START, builder, create_key, error, root},
};
use std::sync::{Arc, Mutex};

#[derive(Clone)]
struct Lying {
    store: Shared,
    /// Asked for the first, it answers with the second.
    swapped: Arc<Mutex<Option<(String, String)>>>,
}

impl Store for Lying {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        match &*self.swapped.lock().expect("a lock") {
            Some((asked, answered)) if asked == name => self.store.get(answered),
            _ => self.store.get(name),
        }
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.store.commit(changes)
    }
}

fn record(room: &str, key: &KeyMetadata) -> String {
    format!("{room}/us-east-1/{}", key.key_id.replace('-', ""))
}

#[test]
fn a_record_under_another_name_is_damaged() {
    let store = Lying { store: Shared::new(), swapped: Arc::default() };
    let kms: Opened = builder().0.create_in(store.clone(), &root()).expect("a vault").into();
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;
    let open = CreateKeyRequest { policy: Some(policy.into()), ..Default::default() };
    let open = kms.create_key(open).expect("a key for all").key_metadata;
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"kms:*","Resource":"*"}]}"#;
    let closed = CreateKeyRequest { policy: Some(own.into()), ..Default::default() };
    let closed = kms.create_key(closed).expect("a key of the account").key_metadata;
    let other = create_key(&kms);

    let reopened = || -> Opened {
        let clock = ManualClock::new(START);
        Vault::builder().clock(clock).open(store.clone(), &root()).expect("a vault").into()
    };
    for (room, asked, answered) in [("policy", &closed, &open), ("key", &other, &open)] {
        *store.swapped.lock().expect("a lock") = Some((record(room, asked), record(room, answered)));
        let kms = reopened();
        let request = DescribeKeyRequest { key_id: asked.key_id.clone(), ..Default::default() };
        assert_eq!(error(kms.describe_key(request)).kind(), ErrorKind::RecordCorrupted, "{room}");
        let request = GetKeyPolicyRequest { key_id: asked.key_id.clone(), ..Default::default() };
        assert_eq!(error(kms.get_key_policy(request)).kind(), ErrorKind::RecordCorrupted, "{room}");
        // A new vault key does not make it a record of that name.
        kms.vault.rotate_vault_key(&[&root()]).expect("a new vault key");
        let request = DescribeKeyRequest { key_id: asked.key_id.clone(), ..Default::default() };
        assert_eq!(error(kms.describe_key(request)).kind(), ErrorKind::RecordCorrupted, "{room}");
        *store.swapped.lock().expect("a lock") = None;
    }
}
