//! Making keys in an external key store, and what they do.

use super::common::{KEY, connect, connected, create_key, create_store, disconnect, vault, with_key};
use pocketkms::{
    ErrorKind::{
        CustomKeyStoreInvalidState, KmsInvalidState, UnsupportedOperation, Validation, XksKeyAlreadyInUse,
        XksKeyInvalidConfiguration, XksKeyNotFound,
    },
    api::{
        CreateKeyRequest, DecryptRequest, EncryptRequest, GenerateDataKeyPairRequest, GenerateDataKeyRequest,
        GenerateDataKeyWithoutPlaintextRequest, ReEncryptRequest,
    },
    keys::{DataKeyPairSpec, DataKeySpec, KeyState, OriginType},
};
use pocketkms_tests::{
    vault::{self, context, decrypt, decrypt_with, describe, encrypt, error, refused},
    xks::{ExternalKey, Fault},
};
use serde_json::json;

#[test]
fn a_key_is_made_only_of_an_external_key_that_fits() {
    let (vault, proxy, _) = vault();
    let store = connected(&vault);
    let with = |change: &dyn Fn(&mut ExternalKey)| {
        let mut key = ExternalKey::new(2);
        change(&mut key);
        proxy.keys(|keys| keys.put("other", key));
        error(create_key(&vault, &store, "other"))
    };
    let wrong_spec = with(&|key| key.spec = "AES_128");
    assert_eq!(wrong_spec.kind(), XksKeyInvalidConfiguration, "{}", wrong_spec.report());
    for usage in [vec![], vec!["ENCRYPT"], vec!["DECRYPT", "SIGN"], vec!["encrypt", "decrypt"]] {
        let wrong_usage = with(&|key| key.usage = usage.clone());
        assert_eq!(wrong_usage.kind(), XksKeyInvalidConfiguration);
        assert!(wrong_usage.message().contains("does not support the requested operation"));
    }
    let disabled = with(&|key| key.status = "DISABLED");
    assert_eq!(disabled.kind(), XksKeyInvalidConfiguration);
    assert!(disabled.message().contains("is not enabled in the external key manager"));
    // What is no answer.
    assert_eq!(with(&|key| key.status = "SLEEPING").kind(), CustomKeyStoreInvalidState);
    assert_eq!(with(&|key| key.usage = vec!["ENCRYPT"; 11]).kind(), CustomKeyStoreInvalidState);
    for fault in [
        Fault::Alters("keySpec", None),
        Fault::Alters("keySpec", Some(json!(256))),
        Fault::Alters("keyUsage", Some(json!("ENCRYPT,DECRYPT"))),
        Fault::Alters("keyStatus", None),
        Fault::Answers(200, Vec::new()),
        Fault::Refuses(500, "InternalException"),
        Fault::Refuses(403, "AccessDeniedException"),
        Fault::Refuses(501, "UnsupportedOperationException"),
    ] {
        proxy.set_fault(Some(fault));
        assert_eq!(error(create_key(&vault, &store, KEY)).kind(), CustomKeyStoreInvalidState);
    }
    proxy.set_fault(None);

    assert_eq!(error(create_key(&vault, &store, "missing")).kind(), XksKeyNotFound);
    // They would be resolved on the way.
    for id in [".", ".."] {
        proxy.take_seen();
        assert_eq!(error(create_key(&vault, &store, id)).kind(), XksKeyNotFound);
        assert!(proxy.take_seen().is_empty());
    }
    for id in ["", "a/b", "ä", "a%2e", &"a".repeat(129)] {
        assert_eq!(error(create_key(&vault, &store, id)).kind(), Validation);
    }
    // None of it took the external key.
    create_key(&vault, &store, KEY).unwrap();
}

#[test]
fn an_external_key_has_one_kms_key_in_a_store() {
    let (vault, proxy, key) = with_key();
    assert_eq!(key.origin, OriginType::ExternalKeyStore);
    assert_eq!(key.key_state, KeyState::Enabled);
    assert_eq!(key.xks_key_configuration.as_ref().map(|xks| xks.id.as_str()), Some(KEY));
    let store = key.custom_key_store_id.clone().unwrap();
    proxy.take_seen();
    assert_eq!(error(create_key(&vault, &store, KEY)).kind(), XksKeyAlreadyInUse);
    assert!(proxy.take_seen().is_empty(), "the proxy need not be asked");
    proxy.keys(|keys| keys.put("another", ExternalKey::new(2)));
    create_key(&vault, &store, "another").unwrap();
}

#[test]
fn every_symmetric_operation_goes_through_the_proxy() {
    let (vault, proxy, key) = with_key();
    let id = &key.key_id;
    let asked = |expected: &[&str]| {
        let seen: Vec<_> = proxy.take_seen().into_iter().map(|seen| seen.operation).collect();
        assert_eq!(seen, expected);
    };

    let blob = encrypt(&vault, id, b"card 4242");
    asked(&["encrypt"]);
    assert_eq!(decrypt(&vault, &blob).unwrap(), b"card 4242");
    asked(&["decrypt"]);

    let request = GenerateDataKeyRequest {
        key_id: id.clone(),
        key_spec: Some(DataKeySpec::Aes256),
        encryption_context: Some(context()),
        ..Default::default()
    };
    let data_key = vault.generate_data_key(request).unwrap();
    asked(&["encrypt"]);
    assert_eq!(decrypt(&vault, &data_key.ciphertext_blob).unwrap(), data_key.plaintext.expose());
    asked(&["decrypt"]);

    let request = GenerateDataKeyWithoutPlaintextRequest {
        key_id: id.clone(),
        number_of_bytes: Some(64),
        encryption_context: Some(context()),
        ..Default::default()
    };
    let data_key = vault.generate_data_key_without_plaintext(request).unwrap();
    asked(&["encrypt"]);
    assert_eq!(decrypt(&vault, &data_key.ciphertext_blob).unwrap().len(), 64);
    asked(&["decrypt"]);

    // Away from it, and back.
    let own = vault::create_key(&vault).key_id;
    let moved = |blob: &[u8], to: &str| {
        let request = ReEncryptRequest {
            ciphertext_blob: Some(blob.to_vec().into()),
            source_encryption_context: Some(context()),
            destination_key_id: to.into(),
            destination_encryption_context: Some(context()),
            ..Default::default()
        };
        vault.re_encrypt(request).unwrap().ciphertext_blob
    };
    let away = moved(&blob, &own);
    asked(&["decrypt"]);
    assert_eq!(decrypt(&vault, &away).unwrap(), b"card 4242");
    asked(&[]);
    let back = moved(&away, id);
    asked(&["encrypt"]);
    let again = moved(&back, id);
    asked(&["decrypt", "encrypt"]);
    assert_eq!(decrypt(&vault, &again).unwrap(), b"card 4242");
}

#[test]
fn the_largest_plaintext_and_context_fit() {
    let (vault, proxy, key) = with_key();
    proxy.keys(|keys| {
        let key = keys.key_mut(KEY);
        (key.metadata, key.vector_length) = (vec![7; 20], 16);
    });
    // Many short pairs: with their lengths, far more than a proxy takes.
    let context: pocketkms::EncryptionContext =
        (0..1024).map(|number| (format!("{number:04}"), format!("{number:04}"))).collect();
    let request = EncryptRequest {
        key_id: key.key_id,
        plaintext: vec![5; 4096].into(),
        encryption_context: Some(context.clone()),
        ..Default::default()
    };
    let blob = vault.encrypt(request).unwrap().ciphertext_blob;
    assert_eq!(decrypt_with(&vault, &blob, Some(context)).unwrap(), vec![5; 4096]);
}

#[test]
fn another_context_is_refused_by_the_proxy() {
    let (vault, _, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x");
    let refused = error(decrypt_with(&vault, &blob, Some([("purpose", "fest")].into())));
    assert_eq!(refused.kind(), KmsInvalidState);
    assert!(refused.message().contains("the specified ciphertext or encryption context is corrupted"));
    assert_eq!(error(decrypt_with(&vault, &blob, None)).kind(), KmsInvalidState);
}

/// Two keys of one external key cannot open each other's ciphertexts: the material of the KMS key is one half.
#[test]
fn the_external_key_alone_opens_nothing() {
    let (one, _, key) = with_key();
    let blob = encrypt(&one, &key.key_id, b"x");
    let (other, _, other_key) = with_key();
    let mut forged = blob.to_vec();
    let own = encrypt(&other, &other_key.key_id, b"x");
    forged[..34].copy_from_slice(&own[..34]);
    assert_eq!(error(decrypt(&other, &forged)).kind(), KmsInvalidState);
}

#[test]
fn a_store_that_is_not_connected_has_no_usable_keys() {
    let (vault, _, key) = with_key();
    let store = key.custom_key_store_id.clone().unwrap();
    let blob = encrypt(&vault, &key.key_id, b"x");
    disconnect(&vault, &store);
    assert_eq!(describe(&vault, &key.key_id).key_state, KeyState::Unavailable);
    assert_eq!(error(decrypt(&vault, &blob)).kind(), KmsInvalidState);
    assert_eq!(error(create_key(&vault, &store, "another")).kind(), CustomKeyStoreInvalidState);
    connect(&vault, &store).unwrap();
    assert_eq!(decrypt(&vault, &blob).unwrap(), b"x");
}

#[test]
fn what_the_model_does_not_offer_is_refused() {
    let (vault, _, _) = vault();
    let store = create_store(&vault).unwrap();
    connect(&vault, &store).unwrap();
    let without_id = CreateKeyRequest {
        origin: Some(OriginType::ExternalKeyStore),
        custom_key_store_id: Some(store.clone()),
        ..Default::default()
    };
    assert_eq!(error(vault.create_key(without_id)).kind(), Validation);
    let without_store = CreateKeyRequest {
        origin: Some(OriginType::ExternalKeyStore),
        xks_key_id: Some(KEY.into()),
        ..Default::default()
    };
    assert_eq!(error(vault.create_key(without_store)).kind(), Validation);
    let without_origin = CreateKeyRequest { xks_key_id: Some(KEY.into()), ..Default::default() };
    assert_eq!(error(vault.create_key(without_origin)).kind(), Validation);
    let key = create_key(&vault, &store, KEY).unwrap();
    let pair = GenerateDataKeyPairRequest {
        key_id: key.key_id,
        key_pair_spec: DataKeyPairSpec::EccNistP256,
        encryption_context: None,
        grant_tokens: None,
        recipient: None,
        dry_run: None,
    };
    assert_eq!(error(vault.generate_data_key_pair(pair)).kind(), UnsupportedOperation);
}

/// Materials of several versions are the key manager's business: it says which by its metadata.
#[test]
fn the_metadata_of_the_proxy_comes_back_with_the_ciphertext() {
    let (vault, proxy, key) = with_key();
    let plain = encrypt(&vault, &key.key_id, b"x");
    proxy.keys(|keys| keys.key_mut(KEY).metadata = b"key_version=1".to_vec());
    let versioned = encrypt(&vault, &key.key_id, b"x");
    proxy.take_seen();
    assert_eq!(decrypt(&vault, &versioned).unwrap(), b"x");
    assert_eq!(proxy.take_seen()[0].body["ciphertextMetadata"], "a2V5X3ZlcnNpb249MQ==");
    assert_eq!(decrypt(&vault, &plain).unwrap(), b"x");
    assert_eq!(proxy.take_seen()[0].body.get("ciphertextMetadata"), None);
    let request = DecryptRequest { ciphertext_blob: Some(versioned), ..Default::default() };
    refused(
        vault.decrypt(request),
        KmsInvalidState,
        "The external key store proxy rejected the request because the specified ciphertext or encryption context is \
         corrupted, missing, or otherwise invalid.",
    );
}
