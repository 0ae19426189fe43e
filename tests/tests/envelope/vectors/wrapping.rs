//! Single steps: `edk-kdf.json` has data keys that AWS's SDKs encrypted, with everything that went into it.

use super::keyrings::unwrap;
use pocketkms::{
    Provider, Secret,
    envelope::{
        AlgorithmSuite, EncryptedDataKey, EncryptionMaterials, EncryptionMaterialsRequest, Keyring, RawAesKeyring,
    },
};
use pocketkms_tests::{
    esdk::{manifest::Hex, vectors::beside_file},
    random::Scripted,
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Steps {
    raw_aes_edk: Vec<RawAes>,
}

#[derive(Deserialize)]
struct RawAes {
    id: String,
    suite: String,
    wrapping_key_hex: Hex,
    provider_id: String,
    key_name: String,
    encryption_context: BTreeMap<String, String>,
    provider_info_hex: Hex,
    edk_ciphertext_hex: Hex,
    data_key_hex: Hex,
}

fn steps() -> Option<Steps> {
    let file = beside_file("edk-kdf.json");
    if file.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "../shared/vectors/aws-esdk/edk-kdf.json is missing");
        println!("../shared/vectors/aws-esdk/edk-kdf.json is not there: none of its steps run");
    }
    file.map(|file| serde_json::from_slice(&file).expect("steps"))
}

/// Decrypted, the data key comes out; encrypted again under the same IV, the same bytes.
#[test]
fn raw_aes() {
    let Some(steps) = steps() else { return };
    println!("raw AES: {} data keys", steps.raw_aes_edk.len());
    assert!(!steps.raw_aes_edk.is_empty(), "nothing ran");
    for step in steps.raw_aes_edk {
        let id = &step.id;
        let suite = u16::from_str_radix(step.suite.trim_start_matches("0x"), 16).expect("a number");
        let suite = AlgorithmSuite::from_id(suite).expect("a suite");
        let wrapping_key = Secret::copy_of(&step.wrapping_key_hex.0);
        let keyring = RawAesKeyring::new(&Provider::default(), &step.provider_id, &step.key_name, &wrapping_key);
        let keyring = keyring.expect("a wrapping key");
        let encrypted = EncryptedDataKey {
            provider_id: step.provider_id,
            provider_info: step.provider_info_hex.0,
            ciphertext: step.edk_ciphertext_hex.0,
        };
        let data_key = unwrap(&keyring, suite, step.encryption_context.clone(), encrypted.clone());
        assert_eq!(data_key, Ok(step.data_key_hex.0.clone()), "{id}");

        let (_, iv) = encrypted.provider_info.split_at(encrypted.provider_info.len() - 12);
        let request = EncryptionMaterialsRequest {
            algorithm_suite: suite,
            encryption_context: step.encryption_context.into_iter().collect(),
            required_encryption_context_keys: Vec::new(),
            plaintext_length: None,
        };
        let mut materials = EncryptionMaterials::new(&Provider::default(), request).expect("materials");
        materials.set_data_key(Secret::copy_of(&step.data_key_hex.0)).expect("a data key");
        keyring.on_encrypt(&Scripted::new([iv.to_vec()]).provider(), &mut materials).expect("an encrypted data key");
        assert_eq!(materials.encrypted_data_keys(), [encrypted], "{id}");
    }
}
