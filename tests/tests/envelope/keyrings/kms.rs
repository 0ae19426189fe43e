//! The KMS keyring: whose data keys it takes for its own, and what it asks of KMS.

use super::{decrypt, encrypt, opens, opens_not};
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Kms, Result, Secret,
    api::{
        Blob, DecryptRequest, DecryptResponse, DeleteAliasRequest, DisableKeyRequest, EnableKeyRequest, EncryptRequest,
        EncryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse, Operation, ReplicateKeyRequest,
        RotateKeyOnDemandRequest, UpdateAliasRequest, UpdatePrimaryRegionRequest,
    },
    envelope::{
        AlgorithmSuite, CacheLimits, CachingMaterialsManager, CallbackKeyring, DataKeyWrapper, DiscoveryFilter,
        EncryptedDataKey, KmsClient, KmsDiscoveryOptions, KmsKeyring, MultiKeyring, WrappedDataKey,
    },
    keys::EncryptionAlgorithmSpec,
};
use pocketkms_tests::vault::{create_alias, create_key, create_multi_region_key, explained, vault};
use std::sync::{Arc, Mutex};

/// A KMS elsewhere in which every key exists; it "encrypts" by handing the plaintext back. It notes which keys it was
/// asked for.
#[derive(Default)]
struct RemoteKms {
    asked: Mutex<Vec<String>>,
    /// What it answers in place of the key that it was asked for.
    answers: Option<String>,
    /// The operations whose permission it was asked for, and the keys.
    permissions: Mutex<Vec<(Operation, String)>>,
}

impl RemoteKms {
    fn key(&self, key_id: String) -> String {
        self.asked.lock().expect("no test panics in here").push(key_id.clone());
        self.answers.clone().unwrap_or(key_id)
    }
}

impl KmsClient for RemoteKms {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        let length = usize::try_from(request.number_of_bytes.expect("a length")).expect("a length");
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: vec![9; length].into(),
            plaintext: vec![9; length].into(),
            key_id: self.key(request.key_id),
            ciphertext_for_recipient: None,
            key_material_id: None,
        })
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        Ok(EncryptResponse {
            ciphertext_blob: request.plaintext.into_exposed().into(),
            key_id: self.key(request.key_id),
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
        })
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        Ok(DecryptResponse {
            key_id: self.key(request.key_id.expect("a keyring names the key")),
            plaintext: Secret::from(request.ciphertext_blob.map(Blob::into_vec).expect("a ciphertext")),
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
            ciphertext_for_recipient: None,
            key_material_id: None,
        })
    }

    fn current_material(&self, key_id: &str, operation: Operation, _: &EncryptionContext) -> Result<String> {
        self.permissions.lock().expect("no test panics in here").push((operation, key_id.into()));
        Ok(key_id.into())
    }
}

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const MULTI_REGION: &str = "arn:aws:kms:us-west-2:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
const REPLICA: &str = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";

fn elsewhere() -> Arc<RemoteKms> {
    Arc::new(RemoteKms::default())
}

fn message(key: &str) -> Vec<u8> {
    encrypt(&KmsKeyring::new(elsewhere(), key, &[])).expect("a message")
}

/// Opens a message with the keyring, and gives the key that KMS was asked for.
fn asked_for(keyring: impl Fn(Arc<dyn KmsClient>) -> KmsKeyring, message: &[u8]) -> Vec<String> {
    let client = elsewhere();
    opens(&keyring(client.clone()), message);
    client.asked.lock().expect("no test panics in here").clone()
}

/// What the developer learns of a failure.
fn explanation<T>(result: Result<T>) -> String {
    pocketkms_tests::vault::error(result).explanation().unwrap_or_default().to_owned()
}

const NOT_FOR_US: &[&str] = &["no keyring is for this provider and key"];

#[test]
fn keys_of_others() {
    let keyring = KmsKeyring::new(elsewhere(), KEY, &[]);
    for other in [MULTI_REGION, "arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"] {
        opens_not(&keyring, &message(other), NOT_FOR_US);
    }
    // The same multi-Region key in another Region is another key, unless it was said not to be.
    opens_not(&KmsKeyring::new(elsewhere(), REPLICA, &[]), &message(MULTI_REGION), NOT_FOR_US);
    let aware = |client| KmsKeyring::new(client, REPLICA, &[]).multi_region_aware();
    assert_eq!(asked_for(aware, &message(MULTI_REGION)), [REPLICA]);
    // A single-Region key has no replicas.
    let aware = KmsKeyring::new(elsewhere(), KEY, &[]).multi_region_aware();
    opens_not(&aware, &message(&KEY.replace("us-west-2", "us-east-2")), NOT_FOR_US);
}

/// What was encrypted under a vault's primary key is read by the replica, also after a rotation and by discovery.
#[test]
fn messages_are_read_in_every_region_of_their_key() {
    let (kms, _) = vault();
    let key = create_multi_region_key(&kms);
    let replica_region = "eu-west-1".to_string();
    let request = ReplicateKeyRequest { key_id: key.key_id.clone(), replica_region, ..Default::default() };
    let replica = kms.replicate_key(request).expect("a replica").replica_key_metadata.expect("metadata").arn;
    let there = kms.vault.client_as(kms.vault.caller().with(None, Some("eu-west-1"), None).expect("a Region"));
    let (here, aware) = (kms.keyring(&key.arn, &[]), there.keyring(&replica, &[]).multi_region_aware());
    let discovery = KmsKeyring::multi_region_discovery(Arc::new(there.clone()), "eu-west-1", None);
    let before = encrypt(&here).expect("a message");
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).expect("a rotation");
    for message in [before, encrypt(&here).expect("a message")] {
        opens(&aware, &message);
        opens(&discovery, &message);
        opens_not(&there.keyring(&replica, &[]), &message, NOT_FOR_US);
    }
    // And back, when the other one is the primary.
    let request = UpdatePrimaryRegionRequest { key_id: key.key_id.clone(), primary_region: "eu-west-1".into() };
    kms.update_primary_region(request).expect("another primary");
    opens(&kms.keyring(&key.arn, &[]).multi_region_aware(), &encrypt(&aware).expect("a message"));
}

#[test]
fn texts_of_a_message_are_escaped_and_cut() {
    /// Names a key as it likes.
    struct Names(String);
    impl DataKeyWrapper for Names {
        fn wrap_data_key(&self, key: &Secret, _: &EncryptionContext, _: AlgorithmSuite) -> Result<WrappedDataKey> {
            Ok(WrappedDataKey { provider_info: self.0.clone().into_bytes(), ciphertext: key.expose().to_vec() })
        }

        fn unwrap_data_key(&self, _: &EncryptedDataKey, _: &EncryptionContext, _: AlgorithmSuite) -> Result<Secret> {
            Err(Error::new(ErrorKind::NotFound, ""))
        }
    }
    let (kms, _) = vault();
    let discovery = KmsKeyring::discovery(Arc::new(kms.vault.client()), None);
    let strict = kms.keyring("alias/one", &[]);
    for (provider, name, most) in [
        ("aws-kms", "arn:aws:kms:us-east-1:000000000000:key/\u{202e}\u{1b}[31m".to_owned(), 1000),
        ("aws-kms", "arn:aws:kms:us-east-1:000000000000:key/".to_owned() + &"x".repeat(1900), 2700),
        ("hsm\n\u{1b}[31m", "x".repeat(60_000), 1000),
        (&*"p".repeat(60_000), "a\u{202e}".to_owned(), 1000),
    ] {
        let writer = CallbackKeyring::new(provider, Arc::new(Names(name))).expect("a keyring");
        let message = encrypt(&writer).expect("a message");
        for keyring in [&discovery, &strict] {
            let text = explanation(decrypt(keyring, &message));
            assert!(text.len() <= most, "{} bytes: {text}", text.len());
            let lines = text.lines().count();
            assert_eq!(lines, 2, "{text:?}");
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        }
    }
    let too_long = Names("arn:aws:kms:us-east-1:000000000000:key/".to_owned() + &"x".repeat(2048));
    let writer = CallbackKeyring::new("aws-kms", Arc::new(too_long)).expect("a keyring");
    let error = pocketkms_tests::vault::error(encrypt(&writer));
    assert_eq!(error.kind(), ErrorKind::InvalidArn);
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn discovery_finds_what_its_filter_allows() {
    let filter = |partition: &str, accounts: &[&str]| {
        let account_ids = accounts.iter().map(ToString::to_string).collect();
        Some(DiscoveryFilter { account_ids, partition: Some(partition.into()) })
    };
    let discovery = |filter| KmsKeyring::discovery(elsewhere(), filter);
    opens_not(&discovery(filter("aws", &["444455556666"])), &message(KEY), NOT_FOR_US);
    opens_not(&discovery(filter("aws-cn", &["111122223333"])), &message(KEY), NOT_FOR_US);
    opens_not(&discovery(filter("aws", &[])), &message(KEY), NOT_FOR_US);
    opens(&discovery(filter("aws", &["444455556666", "111122223333"])), &message(KEY));
    opens(&discovery(None), &message(KEY));
    // AWS has more partitions than anybody knows of.
    opens(&discovery(None), &message(&KEY.replace("aws:kms:us-west-2", "aws-iso-f:kms:us-isof-south-1")));
    explained(encrypt(&discovery(None)), ErrorKind::Validation, &["only decrypts"]);
}

#[test]
fn discovery_in_one_region_asks_for_the_replicas_there() {
    let there = |region: &'static str| move |client| KmsKeyring::multi_region_discovery(client, region, None);
    assert_eq!(asked_for(there("eu-west-1"), &message(MULTI_REGION)), [REPLICA]);
    assert_eq!(asked_for(there("us-west-2"), &message(MULTI_REGION)), [MULTI_REGION]);
    assert_eq!(asked_for(there("us-west-2"), &message(KEY)), [KEY]);
    opens_not(&there("eu-west-1")(elsewhere()), &message(KEY), NOT_FOR_US);

    // By its option: a vault knows its Region, another client must be given it.
    let aware = |client, region: Option<&str>| {
        let options = KmsDiscoveryOptions {
            multi_region_aware: Some(true),
            region: region.map(Into::into),
            ..Default::default()
        };
        KmsKeyring::discovery_with(client, None, options)
    };
    assert_eq!(pocketkms_tests::vault::error(aware(elsewhere(), None).map(drop)).kind(), ErrorKind::Validation);
    assert_eq!(
        asked_for(|client| aware(client, Some("eu-west-1")).expect("a keyring"), &message(MULTI_REGION)),
        [REPLICA]
    );
    let (kms, _) = vault();
    opens_not(&aware(Arc::new(kms.vault.client()), None).expect("a keyring"), &message(KEY), NOT_FOR_US);
    let plain = KmsKeyring::discovery_with(elsewhere(), None, KmsDiscoveryOptions::default()).expect("a keyring");
    opens(&plain, &message(KEY));
}

#[test]
fn answers_that_are_not_those_of_the_key() {
    let lying = |answers: &str| Arc::new(RemoteKms { answers: Some(answers.into()), ..RemoteKms::default() });
    explained(encrypt(&KmsKeyring::new(lying("alias/orders"), KEY, &[])), ErrorKind::InvalidArn, &["KMS answered"]);
    opens_not(&KmsKeyring::new(lying(MULTI_REGION), KEY, &[]), &message(KEY), &["decrypted with another key"]);
}

/// Two keys of a vault, the first with an alias.
fn two_keys() -> (Kms, String, String) {
    let kms = vault().0.vault.client();
    let [one, two] = [create_key(&kms).arn, create_key(&kms).arn];
    create_alias(&kms, "alias/one", &one);
    (kms, one, two)
}

#[test]
fn each_key_opens_the_message_and_each_failure_is_listed() {
    let (kms, one, two) = two_keys();
    let both = kms.keyring("alias/one", &[&two]);
    let message = encrypt(&both).expect("a message");
    kms.disable_key(DisableKeyRequest { key_id: one.clone() }).expect("a key");
    opens(&both, &message);
    explained(encrypt(&both), ErrorKind::Disabled, &["is disabled"]);
    kms.disable_key(DisableKeyRequest { key_id: two.clone() }).expect("a key");
    let why = [
        "none of the 2 encrypted data keys",
        &*format!("1. provider 'aws-kms', key '{one}': DisabledException: {one} is disabled"),
        &*format!("2. provider 'aws-kms', key '{two}': DisabledException: {two} is disabled"),
    ];
    opens_not(&both, &message, &why);
    opens_not(&KmsKeyring::discovery(Arc::new(kms), None), &message, &why);
}

#[test]
fn an_alias_that_is_gone_keeps_no_other_key_from_decrypting() {
    let (kms, _, two) = two_keys();
    let both = kms.keyring("alias/one", &[&two]);
    let message = encrypt(&both).expect("a message");
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).expect("an alias");
    opens(&both, &message);
    opens_not(&kms.keyring("alias/one", &[]), &message, &["alias/one", "is not found"]);
}

/// Lets an alias name another key.
fn point(kms: &Kms, alias: &str, key: &str) {
    let request = UpdateAliasRequest { alias_name: alias.into(), target_key_id: key.into() };
    kms.update_alias(request).expect("an alias");
}

#[test]
fn a_keyring_named_by_alias_opens_its_messages_whatever_the_alias_names_by_now() {
    let (kms, one, two) = two_keys();
    let alias_arn = one.split("key/").next().expect("an ARN").to_owned() + "alias/one";
    for alias in ["alias/one", &*alias_arn] {
        point(&kms, "alias/one", &one);
        let keyring = kms.keyring(alias, &[]);
        let old = encrypt(&keyring).expect("a message");
        opens(&keyring, &old);
        point(&kms, "alias/one", &two);
        let new = encrypt(&keyring).expect("a message");
        opens(&keyring, &old);
        opens(&keyring, &new);
        // Keys that are named by themselves are no others.
        opens_not(&kms.keyring(&one, &[]), &new, NOT_FOR_US);
        opens_not(&kms.keyring(one.rsplit('/').next().expect("a key id"), &[]), &new, NOT_FOR_US);

        kms.disable_key(DisableKeyRequest { key_id: one.clone() }).expect("a key");
        opens_not(&keyring, &old, &["is disabled", &format!("'{alias}' names another key now, {two}")]);
        opens(&keyring, &new);
        kms.enable_key(EnableKeyRequest { key_id: one.clone() }).expect("a key");
        kms.disable_key(DisableKeyRequest { key_id: two.clone() }).expect("a key");
        let error = explanation(decrypt(&keyring, &new));
        assert!(error.contains("is disabled") && !error.contains("another key now"), "{error}");
        kms.enable_key(EnableKeyRequest { key_id: two.clone() }).expect("a key");
    }
    // The ARN says where the keys are, though nothing bears the name any more.
    let old = encrypt(&kms.keyring(&alias_arn, &[])).expect("a message");
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).expect("an alias");
    opens(&kms.keyring(&alias_arn, &[]), &old);
}

#[test]
fn an_alias_stands_for_the_keys_of_its_account_and_region() {
    let alias = "arn:aws:kms:us-west-2:111122223333:alias/orders";
    let named = |alias: &'static str| move |client| KmsKeyring::new(client, alias, &[]);
    assert_eq!(asked_for(named(alias), &message(KEY)), [KEY]);
    assert_eq!(asked_for(named(alias), &message(MULTI_REGION)), [MULTI_REGION]);
    for elsewhere_else in [
        REPLICA.to_owned(),
        KEY.replace("us-west-2", "us-west-1"),
        KEY.replace("111122223333", "444455556666"),
        KEY.replace("aws:kms", "aws-cn:kms"),
    ] {
        opens_not(&KmsKeyring::new(elsewhere(), alias, &[]), &message(&elsewhere_else), NOT_FOR_US);
    }
    let aware = |client| KmsKeyring::new(client, alias, &[]).multi_region_aware();
    assert_eq!(asked_for(aware, &message(REPLICA)), [MULTI_REGION]);
    opens_not(&aware(elsewhere()), &message(&REPLICA.replace("111122223333", "444455556666")), NOT_FOR_US);
    for no_alias in ["arn:aws:kms:us-west-2:111122223333:alias/", "arn:aws:kms::111122223333:alias/orders"] {
        assert_eq!(asked(no_alias, &message(KEY)), [no_alias], "KMS may know what that is");
    }
}

/// What KMS was asked for with a keyring of that name, whatever came of it.
fn asked(name: &str, message: &[u8]) -> Vec<String> {
    let client = elsewhere();
    drop(decrypt(&KmsKeyring::new(client.clone(), name, &[]), message));
    client.asked.lock().expect("no test panics in here").clone()
}

#[test]
fn a_name_that_the_client_cannot_look_up_is_passed_on() {
    let resolves = |key: &str| Arc::new(RemoteKms { answers: Some(key.into()), ..RemoteKms::default() });
    for name in ["alias/orders", "1234abcd-12ab-34cd-56ef-1234567890ab"] {
        let keyring = KmsKeyring::new(resolves(KEY), name, &[]);
        let message = encrypt(&keyring).expect("a message");
        opens(&keyring, &message);
        // KMS must have used the key of which the message speaks.
        let other = KmsKeyring::new(resolves(MULTI_REGION), name, &[]);
        opens_not(&other, &message, &["decrypted with another key"]);
    }
}

#[test]
fn behind_a_cache_each_of_several_keys_counts() {
    let (kms, one, two) = two_keys();
    let keyring = Arc::new(kms.keyring("alias/one", &[&two]));
    let (_, clock) = vault();
    let cache = CachingMaterialsManager::new(keyring, Arc::new(clock), CacheLimits::default()).expect("a cache");
    let message = encrypt(&cache).expect("a message");
    opens(&cache, &message);
    kms.disable_key(DisableKeyRequest { key_id: one }).expect("a key");
    explained(encrypt(&cache), ErrorKind::Disabled, &["is disabled"]);
    opens(&cache, &message);
    point(&kms, "alias/one", &two);
    assert_ne!(encrypt(&cache).expect("a message"), message, "under the key that the alias names now");
    kms.disable_key(DisableKeyRequest { key_id: two }).expect("a key");
    opens_not(&cache, &message, &["is disabled"]);
}

#[test]
fn behind_a_cache_each_key_is_asked_for_what_it_does() {
    let client = elsewhere();
    let keyring = |keys: &[&str]| Arc::new(KmsKeyring::new(client.clone(), keys[0], &keys[1..]));
    let both = MultiKeyring::new(Some(keyring(&[KEY, MULTI_REGION])), vec![keyring(&[REPLICA])]).expect("keyrings");
    let (_, clock) = vault();
    let cache = CachingMaterialsManager::new(Arc::new(both), Arc::new(clock), CacheLimits::default());
    let cache = cache.expect("a cache");
    let asked = || std::mem::take(&mut *client.permissions.lock().expect("no test panics in here"));
    let of = |operations: [Operation; 3]| -> Vec<(Operation, String)> {
        operations.into_iter().zip([KEY, MULTI_REGION, REPLICA].map(String::from)).collect()
    };
    let message = encrypt(&cache).expect("a message");
    assert_eq!(asked(), of([Operation::GenerateDataKey, Operation::Encrypt, Operation::Encrypt]));
    opens(&cache, &message);
    assert_eq!(asked(), of([Operation::Decrypt; 3]));
}

#[test]
fn behind_a_cache_a_disabled_key_is_seen_immediately() {
    let (kms, one, two) = two_keys();
    let keyring = Arc::new(kms.keyring(&one, &[&two]));
    let message = encrypt(&*keyring).expect("a message");
    let (_, clock) = vault();
    let cache = CachingMaterialsManager::new(keyring, Arc::new(clock), CacheLimits::default()).expect("a cache");
    opens(&cache, &message);
    kms.disable_key(DisableKeyRequest { key_id: one }).expect("a key");
    opens(&cache, &message);
    kms.disable_key(DisableKeyRequest { key_id: two }).expect("a key");
    opens_not(&cache, &message, &["none of the 2 encrypted data keys"]);
}
