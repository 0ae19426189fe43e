//! The keyrings that the cases name, and what stands in for KMS.

use pocketkms::{
    EncryptionContext, Error, ErrorKind, Provider, Result, Secret, SecretArray, Timestamp,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse,
    },
    envelope::{
        AlgorithmSuite, BranchKeyMaterials, BranchKeySource, DecryptionMaterialsRequest, DiscoveryFilter,
        EcdhCurveSpec, EncryptedDataKey, HierarchicalKeyring, Keyring, KmsClient, KmsKeyring, MaterialsManager,
        MultiKeyring, PaddingScheme, RawAesKeyring, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring,
    },
    keys::{BranchKeyVersion, EncryptionAlgorithmSpec},
};
use pocketkms_tests::esdk::{
    fixed::Fixed,
    manifest::{Key, KeyringEntry, Response},
    vectors::Vector,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

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
                Some(DiscoveryFilter { account_ids, partition: Some(partition) })
            };
            let strict = |client| KmsKeyring::new(client, key_arn.as_ref().expect("a key ARN"), &[]);
            Arc::new(match &**mode {
                "strict" => strict(client),
                "strict-mrk" => strict(client).multi_region_aware(),
                "discovery" => KmsKeyring::discovery(client, filter()),
                other => panic!("{other} is no mode of a KMS keyring"),
            })
        }
        KeyringEntry::RawEcdh { schema, curve, key, peer } => {
            let Key::Ecc { private_pem, .. } = vector.key(key) else { panic!("{key} is no key on a curve") };
            let own = Secret::copy_of(private_pem.as_bytes());
            let schema = match (&**schema, peer) {
                ("discovery", None) => RawEcdhSchema::PublicKeyDiscovery { recipient_private_key: &own },
                ("static", Some(peer)) => {
                    let Key::Ecc { public_pem, .. } = vector.key(peer) else { panic!("{peer} is no key on a curve") };
                    RawEcdhSchema::RawPrivateKeyToStaticPublicKey {
                        sender_private_key: &own,
                        recipient_public_key: public_pem.as_bytes(),
                    }
                }
                other => panic!("{other:?} is no schema"),
            };
            let curve = format!("ECC_NIST_{}", curve.to_uppercase());
            let curve = EcdhCurveSpec::ALL.iter().find(|known| known.as_str() == curve).expect("a curve");
            Arc::new(RawEcdhKeyring::new(provider, schema, *curve).expect("keys"))
        }
        KeyringEntry::AwsKmsHierarchy { key } => {
            let Key::Branch { branch_key_id, branch_key_version, material_hex } = vector.key(key) else {
                panic!("{key} is no branch key")
            };
            let source = OneBranchKey {
                id: branch_key_id.clone(),
                version: branch_key_version.parse().expect("a version"),
                material: material_hex.0.clone(),
            };
            let hour = Duration::from_secs(3600);
            Arc::new(HierarchicalKeyring::new(Arc::new(source), branch_key_id, hour, 1).expect("a keyring"))
        }
    }
}

/// A key store with one version of one branch key.
struct OneBranchKey {
    id: String,
    version: BranchKeyVersion,
    material: Vec<u8>,
}

impl BranchKeySource for OneBranchKey {
    fn active_branch_key(&self, id: &str) -> Result<BranchKeyMaterials> {
        self.branch_key_version(id, &self.version)
    }

    fn branch_key_version(&self, id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        if id != self.id || *version != self.version {
            return Err(Error::new(ErrorKind::NotFound, "another branch key"));
        }
        let branch_key = SecretArray::copy_of(&self.material).expect("32 bytes");
        Ok(BranchKeyMaterials { version: self.version, branch_key })
    }

    fn branch_key_state(&self, _: &str, _: Option<&BranchKeyVersion>) -> Result<String> {
        Ok(String::new())
    }

    fn now(&self) -> Timestamp {
        Timestamp::default()
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
