//! Asymmetric primitives that a host brings when they are first asked for: nothing is seen of the run that lacked them.

use pocketkms::{
    Audit, ErrorKind, MemoryStore, Vault,
    api::*,
    keys::{DataKeyPairSpec, KeySpec, KeyUsageType, SigningAlgorithmSpec},
};
use pocketkms_tests::{
    attestation::Pki,
    driven::Driver,
    elsewhere::{Other, later, run},
    store::Shared,
    vault::{Opened, START, create_key, create_key_for, error, root, sign},
};

fn builder() -> (pocketkms::VaultBuilder, &'static Other) {
    let (provider, other) = later();
    let clock = pocketkms::ManualClock::new(START);
    (pocketkms::VaultBuilder::new(provider, std::sync::Arc::new(clock)).audit(Audit::strict()), other)
}

fn in_memory() -> (Opened, &'static Other) {
    let (builder, other) = builder();
    (Opened::from(builder.create_in_memory(&root()).unwrap()), other)
}

/// The events of a trail: what was called, and how it failed.
fn events(kms: &Opened) -> Vec<(String, Option<String>)> {
    let events = kms.vault.lookup_events(&LookupEventsRequest::default()).unwrap().events;
    events.into_iter().map(|event| (event.event_name, event.error_code)).collect()
}

/// Every spec with a public key, with a usage.
fn pairs() -> Vec<(KeySpec, KeyUsageType)> {
    let all =
        KeySpec::ALL.iter().filter(|spec| spec.as_str() != "SYMMETRIC_DEFAULT" && !spec.as_str().starts_with("HMAC"));
    all.map(|spec| {
        let usage = match spec.as_str() {
            name if name.starts_with("ML_KEM") => KeyUsageType::EncapsulateDecapsulate,
            _ => KeyUsageType::SignVerify,
        };
        (*spec, usage)
    })
    .collect()
}

#[test]
fn what_needs_no_public_key_runs_once() {
    let (kms, other) = in_memory();
    let (key, runs) = run(other, || create_key(&kms));
    assert_eq!(runs, 1);
    let request = GenerateDataKeyRequest { key_id: key.key_id, number_of_bytes: Some(32), ..Default::default() };
    assert_eq!(run(other, || kms.generate_data_key(request.clone()).unwrap()).1, 1);
}

#[test]
fn every_spec_is_made_once_and_leaves_one_event() {
    for (spec, usage) in
        pairs().into_iter().filter(|(spec, _)| !spec.as_str().starts_with("RSA") && *spec != KeySpec::Sm2)
    {
        let (kms, other) = in_memory();
        let (key, runs) = run(other, || create_or_fail(&kms, spec, usage));
        let key = key.unwrap().key_metadata;
        assert_eq!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1, "{spec}");
        assert_eq!(kms.vault.damaged().unwrap(), [], "{spec}");
        // A key that is a seed is made without them.
        let request = GetPublicKeyRequest { key_id: key.key_id, ..Default::default() };
        let (public_key, more) = run(other, || kms.get_public_key(request.clone()));
        assert!(public_key.is_ok(), "{spec}");
        assert_eq!(runs + more, 3, "{spec}");
        let created: Vec<_> = events(&kms).into_iter().filter(|(name, _)| name == "CreateKey").collect();
        assert_eq!(created, [("CreateKey".to_string(), None)], "{spec}");
    }
}

fn create_or_fail(kms: &Opened, spec: KeySpec, usage: KeyUsageType) -> pocketkms::Result<CreateKeyResponse> {
    kms.create_key(CreateKeyRequest { key_spec: Some(spec), key_usage: Some(usage), ..Default::default() })
}

/// A key that was made before, by another host: it cannot be opened, which is no damage.
#[test]
fn a_key_that_cannot_be_read_yet_is_not_damaged() {
    let store = Shared::new();
    let made = Vault::builder().clock(pocketkms::ManualClock::new(START)).create_in(store.clone(), &root()).unwrap();
    let made = Opened::from(made);
    let key = create_key_for(&made, KeySpec::EccNistP256, KeyUsageType::SignVerify);
    let signature = sign(&made, &key, b"message");
    drop(made);
    let (builder, other) = builder();
    let kms = Opened::from(builder.open(store, &root()).unwrap());
    let verify = |signature: &Blob| {
        kms.verify(VerifyRequest {
            key_id: key.key_id.clone(),
            message: b"message".to_vec().into(),
            signature: signature.clone(),
            signing_algorithm: SigningAlgorithmSpec::EcdsaSha256,
            message_type: None,
            grant_tokens: None,
            dry_run: None,
        })
    };
    let (answer, runs) = run(other, || verify(&signature));
    assert!(answer.unwrap().signature_valid);
    assert_eq!(runs, 2);
    assert_eq!(kms.vault.damaged().unwrap(), []);
    // What fails for good leaves its event, once.
    let (wrong, runs) = run(other, || verify(&b"no signature".to_vec().into()));
    assert_eq!((error(wrong).kind(), runs), (ErrorKind::KmsInvalidSignature, 1));
    let failed = events(&kms).into_iter().filter(|(_, error)| error.is_some()).count();
    assert_eq!(failed, 1);
}

/// A document is not taken for a bad one because its signatures cannot be checked yet.
#[test]
fn a_recipient_is_answered() {
    let pki = Pki::new(START);
    let (builder, other) = builder();
    let kms = Opened::from(builder.attestation_roots(&[pki.root()]).unwrap().create_in_memory(&root()).unwrap());
    let recipient = RecipientInfo {
        key_encryption_algorithm: Some(KeyEncryptionMechanism::RsaesOaepSha256),
        attestation_document: Some(pki.signed_document().into()),
    };
    let request = GenerateRandomRequest { number_of_bytes: Some(32), recipient: Some(recipient), ..Default::default() };
    let (answer, runs) = run(other, || kms.generate_random(request.clone()));
    assert_eq!(runs, 2);
    let opened = pki.open(&answer.unwrap().ciphertext_for_recipient.unwrap());
    assert_eq!(opened.map(|bytes| bytes.len()), Some(32));
    assert_eq!(events(&kms), [("GenerateRandom".to_string(), None)]);
}

/// Where they never come, a call fails, and nothing was done.
#[test]
fn without_them_nothing_is_changed() {
    let (kms, other) = in_memory();
    let (before, _) = run(other, || kms.vault.revision().unwrap());
    assert!(create_or_fail(&kms, KeySpec::EccNistP256, KeyUsageType::SignVerify).is_err());
    let (after, _) = run(other, || (kms.vault.revision().unwrap(), events(&kms)));
    assert_eq!(after, (before, Vec::new()));
}

/// A quota of one in a second lets one call through, however often it runs.
#[test]
fn a_call_is_counted_once_against_its_quota() {
    let (kms, other) = in_memory();
    let key = create_key(&kms).key_id;
    let name = "GenerateDataKeyPair (ECC_NIST_P256)".to_string();
    let quota = RequestQuota { quota_name: name, requests: 1, seconds: None };
    kms.vault.set_request_quotas(Some(&[quota])).unwrap();
    let request = GenerateDataKeyPairRequest {
        encryption_context: None,
        key_id: key,
        key_pair_spec: DataKeyPairSpec::EccNistP256,
        grant_tokens: None,
        recipient: None,
        dry_run: None,
    };
    let (answer, runs) = run(other, || kms.generate_data_key_pair(request.clone()));
    assert!(answer.is_ok());
    assert_eq!(runs, 2);
    assert_eq!(error(run(other, || kms.generate_data_key_pair(request.clone())).0).kind(), ErrorKind::Throttling);
}

/// The same over a store that has to be waited for, with and without a lease.
#[test]
fn a_store_that_answers_later_is_asked_as_before() {
    for lease in [true, false] {
        let (builder, other) = builder();
        let driver = Driver::new(MemoryStore::new(), lease);
        let kms = Opened::from(driver.create(builder, &root()).unwrap());
        let make = || driver.run(|| create_or_fail(&kms, KeySpec::EccNistP256, KeyUsageType::SignVerify));
        let (key, runs) = run(other, make);
        assert_eq!(runs, 2);
        let key = key.unwrap().key_metadata;
        let keys = driver.run(|| kms.list_keys(ListKeysRequest::default())).unwrap().keys;
        assert_eq!(keys.into_iter().map(|found| found.key_id).collect::<Vec<_>>(), [key.key_id]);
        let found = driver.run(|| kms.vault.lookup_events(&LookupEventsRequest::default())).unwrap().events;
        assert_eq!(found.iter().filter(|event| event.event_name == "CreateKey").count(), 1);
    }
}

/// A replica by a parcel: both sides need primitives that are not there yet, and nothing happens twice.
#[test]
fn a_parcel_is_made_and_opened_once() {
    let (here, primitives) = in_memory();
    let key = {
        let request = CreateKeyRequest { multi_region: Some(true), ..Default::default() };
        here.create_key(request).unwrap().key_metadata
    };
    let (builder, others) = builder();
    let there = Opened::from(builder.region("eu-central-1").create_in_memory(&root()).unwrap());
    let ask = CreateParcelKeyRequest { key_id: key.arn.clone() };
    let (asked, runs) = run(others, || there.create_parcel_key(ask.clone()));
    let asked = asked.unwrap();
    assert!(runs > 1);
    assert_eq!(there.list_parcel_keys(ListParcelKeysRequest::default()).unwrap().parcel_keys.len(), 1);
    let request = SealParcelRequest { key_id: key.key_id.clone(), parcel_key: asked.parcel_key, fingerprint: None };
    let (sealed, runs) = run(primitives, || here.seal_parcel(request.clone()));
    assert!(runs > 1);
    let request = OpenParcelRequest { parcel: sealed.unwrap().parcel, ..Default::default() };
    let (opened, _) = run(others, || there.open_parcel(request.clone()));
    assert_eq!(opened.unwrap().key_metadata.key_id, key.key_id);
    let names: Vec<_> = events(&there).into_iter().map(|(name, error)| (name, error.is_some())).collect();
    let count = |name: &str| names.iter().filter(|entry| **entry == (name.to_string(), false)).count();
    assert_eq!((count("CreateParcelKey"), count("OpenParcel"), count("ListParcelKeys")), (1, 1, 1), "{names:?}");
    assert!(names.iter().all(|(_, failed)| !failed), "{names:?}");
}
