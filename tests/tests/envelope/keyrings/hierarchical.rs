//! The hierarchical keyring, and branch keys in the vault.

use super::{decrypt, encrypt, opens, opens_not};
use pocketkms::{
    Caller, EncryptionContext, Error, ErrorKind, Kms, ManualClock, Result, SecretArray, Timestamp,
    api::{
        BranchKeyMetadata, CreateBranchKeyRequest, DescribeBranchKeyRequest, DisableKeyRequest, EnableKeyRequest,
        ListBranchKeysRequest, RewrapBranchKeysRequest, RewrapBranchKeysResponse, RotateBranchKeyRequest,
        RotateKeyOnDemandRequest, ScheduleKeyDeletionRequest,
    },
    envelope::{
        BranchKeyMaterials, BranchKeySource, CacheLimits, CachingMaterialsManager, DecryptionMaterialsRequest,
        EncryptOptions, EncryptedDataKey, EncryptionClient, EncryptionMaterialsRequest, HierarchicalKeyring,
        MaterialsManager,
    },
    keys::BranchKeyVersion,
};
use pocketkms_tests::vault::{Opened, builder, create_alias, create_key, explained, root, root_of, vault};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const HOUR: Duration = Duration::from_secs(3600);

fn create(kms: &Kms, key: &str) -> BranchKeyMetadata {
    kms.create_branch_key(CreateBranchKeyRequest { kms_key_id: key.into(), ..Default::default() })
        .expect("a branch key")
}

fn rotate(kms: &Kms, id: &str) -> Result<BranchKeyMetadata> {
    kms.rotate_branch_key(RotateBranchKeyRequest { branch_key_identifier: id.into() })
}

fn describe(kms: &Kms, id: &str) -> Result<BranchKeyMetadata> {
    kms.describe_branch_key(DescribeBranchKeyRequest { branch_key_identifier: id.into() })
}

fn disable(kms: &Kms, key: &str) {
    kms.disable_key(DisableKeyRequest { key_id: key.into() }).expect("a key");
}

fn delete(kms: &Kms, clock: &ManualClock, key: &str) {
    let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("a key");
    clock.advance_days(8);
}

/// A vault with a branch key under a KMS key, and a keyring of it.
struct Scene {
    kms: Opened,
    clock: ManualClock,
    key: String,
    id: String,
    keyring: HierarchicalKeyring,
}

impl Scene {
    fn new() -> Self {
        let (kms, clock) = vault();
        let key = create_key(&kms).arn;
        let id = create(&kms, &key).branch_key_identifier;
        let keyring = kms.hierarchical_keyring(&id, HOUR).expect("a keyring");
        Self { kms, clock, key, id, keyring }
    }
}

#[test]
fn requests_that_are_refused() {
    let Scene { kms, key, id, .. } = Scene::new();
    let create = |kms_key_id: &str, own: Option<&str>, context: &[(&str, &str)]| {
        kms.create_branch_key(CreateBranchKeyRequest {
            kms_key_id: kms_key_id.into(),
            branch_key_identifier: own.map(Into::into),
            encryption_context: Some(context.iter().copied().collect()),
        })
    };
    explained(create("alias/none", None, &[]), ErrorKind::NotFound, &["alias/none"]);
    explained(create(&key, Some("tenant"), &[]), ErrorKind::Validation, &["needs an encryption context"]);
    explained(create(&key, Some(""), &[("a", "b")]), ErrorKind::Validation, &["branchKeyIdentifier"]);
    explained(create(&key, Some(&"x".repeat(257)), &[("a", "b")]), ErrorKind::Validation, &["branchKeyIdentifier"]);
    explained(create(&key, Some(&id), &[("a", "b")]), ErrorKind::AlreadyExists, &[&id, "already exists"]);
    explained(rotate(&kms, "none"), ErrorKind::NotFound, &["Branch key 'none' does not exist"]);
    explained(describe(&kms, "none"), ErrorKind::NotFound, &["Branch key 'none' does not exist"]);
    // Another account sees nothing of it.
    let other = kms.vault.client_as(Caller::root("111122223333", "us-east-1").expect("a caller"));
    explained(describe(&other, &id), ErrorKind::NotFound, &["does not exist"]);
    let elsewhere = kms.vault.client_as(Caller::root("000000000000", "eu-west-1").expect("a caller"));
    explained(describe(&elsewhere, &id), ErrorKind::NotFound, &["does not exist"]);
    disable(&kms, &key);
    explained(create(&key, None, &[]), ErrorKind::Disabled, &["is disabled"]);
    explained(rotate(&kms, &id), ErrorKind::Disabled, &["is disabled", &format!("branch key '{id}'")]);
    assert_eq!(describe(&kms, &id).expect("a branch key").versions, 1, "nothing was changed");

    explained(kms.hierarchical_keyring("", HOUR), ErrorKind::Validation, &["empty"]);
    explained(kms.hierarchical_keyring(&id, Duration::ZERO), ErrorKind::Validation, &["time to live"]);
    let none = HierarchicalKeyring::new(Arc::new(kms.vault.client()), &id, HOUR, 0);
    explained(none, ErrorKind::Validation, &["at least one entry"]);
}

#[test]
fn keyrings_of_other_branch_keys() {
    let Scene { kms, key, keyring, .. } = Scene::new();
    let message = encrypt(&keyring).expect("a message");
    opens(&keyring, &message);
    let other = create(&kms, &key).branch_key_identifier;
    let other = kms.hierarchical_keyring(&other, HOUR).expect("a keyring");
    opens_not(&other, &message, &["provider 'aws-kms-hierarchy'", "no keyring is for this provider and key"]);
    let none = kms.hierarchical_keyring("none", HOUR).expect("a keyring");
    explained(encrypt(&none), ErrorKind::NotFound, &["Branch key 'none' does not exist"]);
    // The same id in another vault is another branch key.
    let message = encrypt(&keyring).expect("a message");
    let (elsewhere, _) = vault();
    let keyring =
        elsewhere.hierarchical_keyring(&create(&elsewhere, &create_key(&elsewhere).arn).branch_key_identifier, HOUR);
    opens_not(&keyring.expect("a keyring"), &message, &["no keyring is for this provider and key"]);
}

#[test]
fn rotation_keeps_old_messages_readable() {
    let Scene { kms, id, keyring, .. } = Scene::new();
    let version = |message: &[u8]| {
        let start = message.windows(id.len()).position(|bytes| bytes == id.as_bytes()).expect("the id") + id.len();
        // The length of the ciphertext, salt, IV.
        let version: [u8; 16] = message[start + 2 + 28..][..16].try_into().expect("16 bytes");
        BranchKeyVersion::from_bytes(version).to_string()
    };
    let old = encrypt(&keyring).expect("a message");
    assert_eq!(version(&old), describe(&kms, &id).expect("a branch key").active_version);
    let rotated = rotate(&kms, &id).expect("a new version");
    assert_eq!(rotated.versions, 2);
    // Seen at once, though the former is cached.
    let new = encrypt(&keyring).expect("a message");
    assert_eq!(version(&new), rotated.active_version);
    assert_ne!(version(&old), version(&new));
    for message in [&old, &new] {
        opens(&keyring, message);
        opens(&kms.hierarchical_keyring(&id, HOUR).expect("a keyring"), message);
    }
}

#[test]
fn a_disabled_key_is_seen_immediately() {
    let Scene { kms, key, id, keyring, .. } = Scene::new();
    let message = encrypt(&keyring).expect("a message");
    opens(&keyring, &message);
    disable(&kms, &key);
    let words = ["DisabledException", "is disabled", &format!("branch key '{id}'"), &key];
    opens_not(&keyring, &message, &words);
    explained(encrypt(&keyring), ErrorKind::Disabled, &words[1..]);
    kms.enable_key(EnableKeyRequest { key_id: key.clone() }).expect("a key");
    opens(&keyring, &message);
}

#[test]
fn a_deleted_key_takes_its_branch_keys_along() {
    let Scene { kms, clock, key, id, keyring } = Scene::new();
    let message = encrypt(&keyring).expect("a message");
    delete(&kms, &clock, &key);
    opens_not(&keyring, &message, &["NotFoundException", "does not exist", "the branch key is lost"]);
    explained(encrypt(&keyring), ErrorKind::NotFound, &["does not exist", "the branch key is lost", &id]);
    explained(rotate(&kms, &id), ErrorKind::NotFound, &["the branch key is lost"]);
    let request = RewrapBranchKeysRequest { destination_kms_key_id: Some(create_key(&kms).arn), ..Default::default() };
    explained(kms.rewrap_branch_keys(request), ErrorKind::NotFound, &["the branch key is lost"]);
    // What it is can still be described.
    assert_eq!(describe(&kms, &id).expect("a branch key").kms_key_arn, key);
}

#[test]
fn rewrap_moves_off_a_key_that_is_then_deleted() {
    let Scene { kms, clock, key, id, keyring } = Scene::new();
    let mut messages = vec![encrypt(&keyring).expect("a message")];
    rotate(&kms, &id).expect("a new version");
    messages.push(encrypt(&keyring).expect("a message"));
    let stays = create(&kms, &create_key(&kms).arn);

    let new_key = create_key(&kms).arn;
    create_alias(&kms, "alias/new", &new_key);
    let request = RewrapBranchKeysRequest {
        source_kms_key_id: Some(key.clone()),
        destination_kms_key_id: Some("alias/new".into()),
        ..Default::default()
    };
    let moved = kms.rewrap_branch_keys(request.clone()).expect("a destination");
    assert_eq!(moved, RewrapBranchKeysResponse { branch_keys: 1, versions: 2 });
    assert_eq!(describe(&kms, &id).expect("a branch key").kms_key_arn, new_key);
    assert_eq!(describe(&kms, &stays.branch_key_identifier).expect("a branch key"), stays);
    assert_eq!(kms.rewrap_branch_keys(request).expect("done").versions, 0);

    delete(&kms, &clock, &key);
    rotate(&kms, &id).expect("a new version under the new key");
    messages.push(encrypt(&keyring).expect("a message"));
    for message in &messages {
        opens(&keyring, message);
        opens(&kms.hierarchical_keyring(&id, HOUR).expect("a keyring"), message);
    }
    disable(&kms, &new_key);
    opens_not(&keyring, &messages[0], &["is disabled", &new_key]);
}

#[test]
fn rewrap_moves_to_the_newest_material() {
    let Scene { kms, key, id, keyring, .. } = Scene::new();
    let message = encrypt(&keyring).expect("a message");
    let rewrap = |ids: &[&str]| {
        let branch_key_identifiers = Some(ids.iter().map(ToString::to_string).collect());
        kms.rewrap_branch_keys(RewrapBranchKeysRequest { branch_key_identifiers, ..Default::default() })
    };
    assert_eq!(rewrap(&[&id]).expect("a branch key").versions, 0, "nothing was rotated yet");
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).expect("a rotation");
    assert_eq!(rewrap(&[&id]).expect("a branch key").versions, 1);
    assert_eq!(rewrap(&[&id]).expect("a branch key").versions, 0);
    opens(&keyring, &message);
    explained(rewrap(&["none"]), ErrorKind::NotFound, &["Branch key 'none' does not exist"]);
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).expect("a rotation");
    disable(&kms, &key);
    explained(rewrap(&[&id]), ErrorKind::Disabled, &["is disabled"]);
}

#[test]
fn snapshots_and_new_root_keys_carry_them() {
    let Scene { kms, id, keyring, .. } = Scene::new();
    let old = encrypt(&keyring).expect("a message");
    rotate(&kms, &id).expect("a new version");
    let new = encrypt(&keyring).expect("a message");
    kms.vault.shred(&root_of(9)).expect("a new root key");
    let snapshot = kms.vault.snapshot().expect("a snapshot");
    explained(builder().0.open_snapshot(&snapshot, &root()), ErrorKind::WrongRootKey, &[]);
    let elsewhere = Opened::from(builder().0.open_snapshot(&snapshot, &root_of(9)).expect("the vault"));
    for kms in [&kms, &elsewhere] {
        let keyring = kms.hierarchical_keyring(&id, HOUR).expect("a keyring");
        opens(&keyring, &old);
        opens(&keyring, &new);
        opens(&keyring, &encrypt(&keyring).expect("a message"));
    }
    assert_eq!(describe(&kms, &id).expect("a branch key"), describe(&elsewhere, &id).expect("a branch key"));
}

#[test]
fn lists_page_by_page() {
    let Scene { kms, key, id, .. } = Scene::new();
    let request = CreateBranchKeyRequest {
        kms_key_id: key,
        branch_key_identifier: Some("Mandant/Zürich".into()),
        encryption_context: Some([("tenant", "Zürich")].into()),
    };
    let own = kms.create_branch_key(request).expect("a branch key");
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = kms.list_branch_keys(ListBranchKeysRequest { limit: Some(1), marker }).expect("a page");
        assert_eq!(page.truncated, page.next_marker.is_some());
        assert_eq!(page.branch_keys.len(), 1);
        found.extend(page.branch_keys);
        let Some(next) = page.next_marker else { break };
        marker = Some(next);
    }
    found.sort_by_key(|branch_key| branch_key.branch_key_identifier.len());
    assert_eq!(found, [own.clone(), describe(&kms, &id).expect("a branch key")]);
    let keyring = kms.hierarchical_keyring(&own.branch_key_identifier, HOUR).expect("a keyring");
    opens(&keyring, &encrypt(&keyring).expect("a message"));
    let wrong = kms.list_branch_keys(ListBranchKeysRequest { limit: Some(0), marker: None });
    explained(wrong, ErrorKind::Validation, &["limit"]);
}

#[test]
fn a_supplier_chooses_by_the_context() {
    let Scene { kms, id, keyring, .. } = Scene::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, chosen) = (seen.clone(), id.clone());
    let supplier = move |context: &EncryptionContext| {
        log.lock().expect("no test panics in here").push(context["purpose"].clone());
        Ok(chosen.clone())
    };
    let keyring_of_tenants =
        HierarchicalKeyring::with_supplier(Arc::new(kms.vault.client()), Arc::new(supplier), HOUR, 10);
    let keyring_of_tenants = keyring_of_tenants.expect("a keyring");
    opens(&keyring, &encrypt(&keyring_of_tenants).expect("a message"));
    opens(&keyring_of_tenants, &encrypt(&keyring).expect("a message"));
    assert_eq!(*seen.lock().expect("no test panics in here"), ["test", "test"]);

    let fails = |_: &EncryptionContext| Err(Error::new(ErrorKind::NotFound, "no tenant"));
    let fails =
        HierarchicalKeyring::with_supplier(Arc::new(kms.vault.client()), Arc::new(fails), HOUR, 10).expect("a keyring");
    explained(encrypt(&fails), ErrorKind::NotFound, &["no tenant"]);
    opens_not(&fails, &encrypt(&keyring).expect("a message"), &["no tenant"]);
}

/// A source that counts how often it opens a branch key, and cannot know that anything changed.
struct Counting {
    clock: ManualClock,
    opened: AtomicUsize,
}

impl BranchKeySource for Counting {
    fn active_branch_key(&self, id: &str) -> Result<BranchKeyMaterials> {
        self.branch_key_version(id, &BranchKeyVersion::from_bytes([1; 16]))
    }

    fn branch_key_version(&self, _: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let branch_key = SecretArray::copy_of(&[5; 32]).expect("32 bytes");
        Ok(BranchKeyMaterials { version: *version, branch_key })
    }

    fn branch_key_state(&self, _: &str, _: Option<&BranchKeyVersion>) -> Result<String> {
        Ok(String::new())
    }

    fn now(&self) -> Timestamp {
        pocketkms::Clock::now(&self.clock)
    }
}

#[test]
fn the_cache_is_bounded_by_time_and_entries() {
    let clock = ManualClock::new(Timestamp::from_millis(1_700_000_000_000));
    let source = Arc::new(Counting { clock: clock.clone(), opened: AtomicUsize::new(0) });
    let by_purpose = |context: &EncryptionContext| Ok(context["id"].clone());
    let keyring = HierarchicalKeyring::with_supplier(source.clone(), Arc::new(by_purpose), HOUR, 2).expect("a keyring");
    let opened = |id: &str| {
        let before = source.opened.load(Ordering::SeqCst);
        let request = EncryptionMaterialsRequest {
            algorithm_suite: pocketkms::envelope::AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
            encryption_context: [("id", id)].into(),
            required_encryption_context_keys: Vec::new(),
            plaintext_length: None,
        };
        keyring.encryption_materials(&pocketkms::Provider::default(), request).expect("materials");
        source.opened.load(Ordering::SeqCst) - before
    };
    assert_eq!([opened("a"), opened("a"), opened("b"), opened("a")], [1, 0, 1, 0]);
    // The least recently used one went for "c".
    assert_eq!([opened("c"), opened("a"), opened("b")], [1, 0, 1]);
    let at = |millis: i64| clock.set(Timestamp::from_millis(1_700_000_000_000 + millis));
    at(3_599_999);
    assert_eq!(opened("b"), 0);
    at(3_600_000);
    assert_eq!([opened("b"), opened("b")], [1, 0]);
    // A clock that is turned back keeps nothing alive for ever.
    at(0);
    assert_eq!([opened("b"), opened("b")], [1, 0]);
}

#[test]
fn behind_a_cache_of_data_keys() {
    let Scene { kms, clock, key, id, keyring } = Scene::new();
    let keyring = Arc::new(keyring);
    let limits = CacheLimits { max_age: HOUR, ..CacheLimits::default() };
    let cache = CachingMaterialsManager::new(keyring.clone(), Arc::new(clock), limits).expect("a cache");
    let data_key = || {
        let encrypted = EncryptionClient::default().encrypt(&cache, EncryptOptions::default(), b"").expect("a message");
        encrypted.header.encrypted_data_keys
    };
    let first = data_key();
    assert_eq!(data_key(), first);
    rotate(&kms, &id).expect("a new version");
    assert_ne!(data_key(), first);
    let message = encrypt(&cache).expect("a message");
    opens(&cache, &message);
    disable(&kms, &key);
    opens_not(&cache, &message, &["is disabled"]);
    explained(encrypt(&cache), ErrorKind::Disabled, &["is disabled"]);
}

#[test]
fn behind_a_cache_the_supplier_is_asked_for_each_message() {
    let Scene { kms, clock, key, id, .. } = Scene::new();
    let answer = Arc::new(Mutex::new(Ok(id.clone())));
    let chosen = answer.clone();
    let supplier = move |context: &EncryptionContext| {
        assert_eq!(*context, super::context());
        let answer = chosen.lock().expect("no test panics in here").clone();
        answer.map_err(|reason: &str| Error::new(ErrorKind::AccessDenied, reason))
    };
    let say = |what| *answer.lock().expect("no test panics in here") = what;
    let keyring = HierarchicalKeyring::with_supplier(Arc::new(kms.vault.client()), Arc::new(supplier), HOUR, 10);
    let limits = CacheLimits { max_age: HOUR, ..CacheLimits::default() };
    let cache = CachingMaterialsManager::new(Arc::new(keyring.expect("a keyring")), Arc::new(clock), limits);
    let cache = cache.expect("a cache");
    let data_key = || {
        let options = EncryptOptions { encryption_context: super::context(), ..Default::default() };
        let encrypted = EncryptionClient::default().encrypt(&cache, options, b"card 4242").expect("a message");
        (encrypted.header.encrypted_data_keys, encrypted.message)
    };
    let (first, message) = data_key();
    assert_eq!(data_key().0, first, "one data key for several messages");
    opens(&cache, &message);

    say(Err("the tenant has left"));
    opens_not(&cache, &message, &["the tenant has left"]);
    explained(encrypt(&cache), ErrorKind::AccessDenied, &["the tenant has left"]);

    say(Ok(create(&kms, &key).branch_key_identifier));
    opens_not(&cache, &message, &["no keyring is for this provider and key"]);
    let (other, of_other) = data_key();
    assert_ne!(other, first);
    opens(&cache, &of_other);

    say(Ok(id));
    opens(&cache, &message);
    opens_not(&cache, &of_other, &["no keyring is for this provider and key"]);
}

#[test]
fn altered_data_keys() {
    let Scene { kms: _kms, id, keyring, .. } = Scene::new();
    let provider = pocketkms::Provider::default();
    let suite = pocketkms::envelope::AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
    let request = EncryptionMaterialsRequest {
        algorithm_suite: suite,
        encryption_context: super::context(),
        required_encryption_context_keys: Vec::new(),
        plaintext_length: None,
    };
    let materials = keyring.encryption_materials(&provider, request).expect("materials");
    let key = materials.encrypted_data_keys()[0].clone();
    let open = |key: EncryptedDataKey, encryption_context| {
        let request = DecryptionMaterialsRequest {
            algorithm_suite: suite,
            encryption_context,
            reproduced_encryption_context: EncryptionContext::default(),
            required_encryption_context_keys: Vec::new(),
            encrypted_data_keys: vec![key],
        };
        keyring.decryption_materials(&provider, &request).map(|_| ())
    };
    open(key.clone(), super::context()).expect("what was not altered");
    explained(open(key.clone(), [("purpose", "tess")].into()), ErrorKind::UnableToDecryptDataKey, &["context"]);
    assert_eq!((key.provider_info.as_slice(), key.ciphertext.len()), (id.as_bytes(), 16 + 12 + 16 + 32 + 16));
    for (position, why) in
        [(0, "was altered"), (16, "was altered"), (28, "has no version"), (44, "altered"), (91, "altered")]
    {
        let mut altered = key.clone();
        altered.ciphertext[position] ^= 1;
        explained(open(altered, super::context()), ErrorKind::UnableToDecryptDataKey, &[why]);
    }
    for (length, why) in [(0, "truncated"), (59, "truncated"), (60, "altered")] {
        let mut altered = key.clone();
        altered.ciphertext.truncate(length);
        explained(open(altered, super::context()), ErrorKind::UnableToDecryptDataKey, &[why]);
    }
    assert!(decrypt(&keyring, &encrypt(&keyring).expect("a message")).is_ok());
}
