//! The keyrings that the cases name, and what stands in for KMS.

use pocketkms::{
    EncryptionContext, Error, ErrorKind, Provider, Result, Secret,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse,
    },
    envelope::{
        AlgorithmSuite, DecryptionMaterialsRequest, DiscoveryFilter, EncryptedDataKey, Keyring, KmsClient, KmsKeyring,
        MaterialsManager, MultiKeyring, PaddingScheme, RawAesKeyring, RawRsaKeyring,
    },
    keys::EncryptionAlgorithmSpec,
};
use pocketkms_tests::esdk::{
    fixed::Fixed,
    manifest::{Key, KeyringEntry, Response},
    vectors::Vector,
};
use std::{collections::BTreeMap, sync::Arc};

/// All keyrings of a case in one: any of them may open the message.
pub(super) fn keyring(vector: &Vector, provider: &Provider) -> Arc<dyn Keyring> {
    let mut keyrings: Vec<_> = vector.case.keyring.iter().map(|entry| one(vector, provider, entry)).collect();
    if keyrings.len() == 1 {
        return keyrings.remove(0);
    }
    Arc::new(MultiKeyring::new(None, keyrings).expect("keyrings"))
}

fn one(vector: &Vector, provider: &Provider, entry: &KeyringEntry) -> Arc<dyn Keyring> {
    match entry {
        KeyringEntry::RawAes { key, provider_id, key_name } => {
            let Key::Aes { material_hex, .. } = vector.key(key) else { panic!("{key} is no AES key") };
            let key = Secret::copy_of(&material_hex.0);
            Arc::new(RawAesKeyring::new(provider, provider_id, key_name, &key).expect("a wrapping key"))
        }
        KeyringEntry::RawRsa { key, provider_id, key_name, padding, hash } => {
            let Key::Rsa { private_pem, .. } = vector.key(key) else { panic!("{key} is no RSA key") };
            let key = Secret::copy_of(private_pem.as_bytes());
            let keyring = match (&**padding, hash) {
                ("pkcs1", None) => RawRsaKeyring::pkcs1_despite_padding_oracles(provider, provider_id, key_name, &key),
                ("oaep-mgf1", Some(hash)) => {
                    let padding = format!("OAEP_{}_MGF1", hash.to_uppercase());
                    let padding = PaddingScheme::ALL.iter().find(|known| known.as_str() == padding);
                    let padding = *padding.unwrap_or_else(|| panic!("{hash} is no hash of OAEP"));
                    RawRsaKeyring::new(provider, provider_id, key_name, padding, None, Some(&key))
                }
                other => panic!("{other:?} is no padding"),
            };
            Arc::new(keyring.expect("a private key"))
        }
        KeyringEntry::StaticDataKey { data_key_hex } => {
            Arc::new(Fixed { data_key: data_key_hex.0.clone(), encrypted: Vec::new() })
        }
        KeyringEntry::AwsKmsStub { mode, key_arn, partition, account_ids, responses } => {
            let client = Arc::new(Stub(responses.clone()));
            let filter = || {
                let (partition, account_ids) = (partition.clone()?, account_ids.clone()?);
                Some(DiscoveryFilter { partition, account_ids })
            };
            let strict = |client| KmsKeyring::new(client, key_arn.as_ref().expect("a key ARN"), &[]);
            Arc::new(match &**mode {
                "strict" => strict(client),
                "strict-mrk" => strict(client).multi_region_aware(),
                "discovery" => KmsKeyring::discovery(client, filter()),
                other => panic!("{other} is no mode of a KMS keyring"),
            })
        }
        other => panic!("{} has to wait for its keyring", other.kind()),
    }
}

/// A KMS that knows what the table says and nothing else.
struct Stub(Vec<Response>);

impl KmsClient for Stub {
    fn generate_data_key(&self, _: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        panic!("nothing is encrypted with the stub")
    }

    fn encrypt(&self, _: EncryptRequest) -> Result<EncryptResponse> {
        panic!("nothing is encrypted with the stub")
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        let key_id = request.key_id.expect("a keyring names the key");
        let ciphertext = request.ciphertext_blob.expect("a ciphertext");
        let context = request.encryption_context.unwrap_or_default();
        let known = self.0.iter().find(|known| {
            is_related(&known.key_arn, &key_id)
                && known.ciphertext_hex.0[..] == *ciphertext
                && known.encryption_context == *context
        });
        let known = known.ok_or_else(|| Error::new(ErrorKind::InvalidCiphertext, ""))?;
        Ok(DecryptResponse {
            key_id,
            plaintext: Secret::copy_of(&known.data_key_hex.0),
            encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
            ciphertext_for_recipient: None,
            key_material_id: None,
        })
    }
}

/// Whether both name the same key, or replicas of one multi-Region key.
fn is_related(one: &str, other: &str) -> bool {
    let split = |arn: &str| -> Option<(String, String)> {
        let (front, key) = arn.split_once(":key/mrk-")?;
        let parts: Vec<_> = front.split(':').collect();
        Some((parts[4].to_owned(), key.to_owned()))
    };
    one == other || split(one).is_some_and(|one| split(other) == Some(one))
}

/// The data key that a keyring finds in one encrypted one.
pub(super) fn unwrap(
    keyring: &dyn Keyring,
    suite: AlgorithmSuite,
    context: BTreeMap<String, String>,
    encrypted: EncryptedDataKey,
) -> Result<Vec<u8>, String> {
    let request = DecryptionMaterialsRequest {
        algorithm_suite: suite,
        encryption_context: context.into_iter().collect(),
        reproduced_encryption_context: EncryptionContext::default(),
        required_encryption_context_keys: Vec::new(),
        encrypted_data_keys: vec![encrypted],
    };
    let materials = keyring.decryption_materials(&Provider::default(), &request).map_err(|error| error.to_string())?;
    Ok(materials.data_key().expect("a data key").expose().to_vec())
}
