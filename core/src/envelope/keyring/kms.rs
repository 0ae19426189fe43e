//! Data keys under KMS keys: of a PocketKMS vault, or of whatever else speaks its requests.

use super::{Attempts, KMS_PROVIDER_ID, Keyring, Purpose, arn::KeyArn};
use crate::{
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse, Operation,
    },
    blob,
    context::EncryptionContext,
    crypto::Provider,
    envelope::{
        header::EncryptedDataKey,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    key::MaterialId,
    secret::Secret,
};
use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

/// What a KMS keyring asks of KMS. [`Kms`](crate::Kms) is one; another may pass the requests on to AWS.
pub trait KmsClient: Send + Sync {
    /// `GenerateDataKey`.
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse>;
    /// `Encrypt`.
    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse>;
    /// `Decrypt`.
    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse>;

    /// The key ARN of what a `KeyId` names. A client that cannot tell gives the text back: it must be a key ARN then.
    fn key_arn(&self, key_id: &str) -> Result<String> {
        Ok(key_id.into())
    }

    /// Text that is another one as soon as the key has other material; an error as soon as the operation would fail for
    /// the key's state or a missing permission. A client that cannot tell without asking afar gives the key id back:
    /// then a cached data key lives as long as its cache allows.
    fn current_material(&self, key_id: &str, operation: Operation) -> Result<String> {
        let _ = operation;
        Ok(key_id.into())
    }

    /// The id of the key material that the key encrypts with now, of which a `CiphertextBlob` carries the beginning;
    /// `None` from a client whose ciphertexts do not tell.
    fn newest_material(&self, key_id: &str) -> Result<Option<MaterialId>> {
        let _ = key_id;
        Ok(None)
    }
}

/// Which keys a discovery keyring may ask to decrypt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryFilter {
    /// The partition: `aws`.
    pub partition: String,
    /// The accounts.
    pub account_ids: Vec<String>,
}

impl DiscoveryFilter {
    fn allows(&self, key: &KeyArn<'_>) -> bool {
        self.partition == key.partition && self.account_ids.iter().any(|account| account == key.account)
    }
}

/// AWS's KMS keyring: data keys are generated, encrypted and decrypted by KMS.
///
/// The format (AWS Encryption SDK specification, "AWS KMS keyring"): provider id = `aws-kms`, provider information = the
/// key ARN, ciphertext = the `CiphertextBlob` that KMS answered.
pub struct KmsKeyring {
    client: Arc<dyn KmsClient>,
    scope: Scope,
    grant_tokens: Option<Vec<String>>,
}

/// Whose data keys a keyring takes for its own.
enum Scope {
    /// Those of the keys named, the first of which generates; and of their replicas, if so said.
    Keys(Vec<String>, Replicas),
    /// All that are allowed; with a Region, those of that Region and of multi-Region keys.
    Discovery(Option<DiscoveryFilter>, Option<String>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Replicas {
    Other,
    Same,
}

impl KmsKeyring {
    /// The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt it.
    /// They are named by key id, key ARN, alias name or alias ARN, as far as the client knows them.
    pub fn new(client: Arc<dyn KmsClient>, generator: &str, additional: &[&str]) -> Self {
        let keys = core::iter::once(&generator).chain(additional).map(ToString::to_string).collect();
        Self { client, scope: Scope::Keys(keys, Replicas::Other), grant_tokens: None }
    }

    /// Decrypts with whichever key encrypted the data key, as far as the caller may use it and the filter allows.
    /// Cannot encrypt.
    pub fn discovery(client: Arc<dyn KmsClient>, filter: Option<DiscoveryFilter>) -> Self {
        Self { client, scope: Scope::Discovery(filter, None), grant_tokens: None }
    }

    /// As [`KmsKeyring::discovery`], with the keys of one Region, and in that Region with the replicas of multi-Region keys
    /// of others (AWS Encryption SDK specification, "AWS KMS MRK discovery keyring"). `region` is the client's.
    pub fn multi_region_discovery(client: Arc<dyn KmsClient>, region: &str, filter: Option<DiscoveryFilter>) -> Self {
        Self { client, scope: Scope::Discovery(filter, Some(region.into())), grant_tokens: None }
    }

    /// Takes the multi-Region keys among the keys named for the same as their replicas in other Regions.
    #[must_use]
    pub fn multi_region_aware(mut self) -> Self {
        if let Scope::Keys(_, replicas) = &mut self.scope {
            *replicas = Replicas::Same;
        }
        self
    }

    /// Grant tokens for every request.
    #[must_use]
    pub fn grant_tokens(mut self, tokens: Vec<String>) -> Self {
        self.grant_tokens = Some(tokens);
        self
    }

    /// The key to name in the request that decrypts; `None` if the data key is not this keyring's.
    fn key_for(&self, key: &EncryptedDataKey) -> Option<Result<String>> {
        if key.provider_id != KMS_PROVIDER_ID {
            return None;
        }
        let arn = match KeyArn::from_provider_info(&key.provider_info) {
            Ok(arn) => arn,
            Err(error) => return Some(Err(error)),
        };
        match &self.scope {
            Scope::Discovery(filter, region) => {
                if !filter.as_ref().is_none_or(|filter| filter.allows(&arn)) {
                    return None;
                }
                let region = region.as_deref().unwrap_or(arn.region);
                (arn.is_multi_region() || arn.region == region).then(|| Ok(arn.in_region(region)))
            }
            Scope::Keys(keys, replicas) => {
                let same = |own: &KeyArn<'_>| *own == arn || (*replicas == Replicas::Same && own.is_replica_of(&arn));
                let mut unknown = None;
                for configured in keys {
                    match self.client.key_arn(configured) {
                        Ok(own) if KeyArn::parse(&own).is_ok_and(|own| same(&own)) => return Some(Ok(own)),
                        Ok(_) => {}
                        // An alias that is gone: it might have been this key's.
                        Err(error) => unknown = Some(Err(error)),
                    }
                }
                unknown
            }
        }
    }

    fn generate(&self, key_id: &str, materials: &mut EncryptionMaterials) -> Result<()> {
        let length = materials.algorithm_suite().data_key_length();
        let response = self.client.generate_data_key(GenerateDataKeyRequest {
            key_id: key_id.into(),
            encryption_context: some(materials.encryption_context()),
            number_of_bytes: i32::try_from(length).ok(),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        })?;
        materials.set_data_key(response.plaintext)?;
        materials.add_encrypted_data_key(encrypted(response.key_id, response.ciphertext_blob.into_vec())?);
        Ok(())
    }

    fn encrypt(&self, key_id: &str, materials: &mut EncryptionMaterials) -> Result<()> {
        let Some(data_key) = materials.data_key() else { return self.generate(key_id, materials) };
        let response = self.client.encrypt(EncryptRequest {
            key_id: key_id.into(),
            plaintext: Secret::copy_of(data_key.expose()),
            encryption_context: some(materials.encryption_context()),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        })?;
        materials.add_encrypted_data_key(encrypted(response.key_id, response.ciphertext_blob.into_vec())?);
        Ok(())
    }

    fn decrypt(&self, key_id: &str, key: &EncryptedDataKey, materials: &DecryptionMaterials) -> Result<Secret> {
        let response = self.client.decrypt(DecryptRequest {
            key_id: Some(key_id.into()),
            ciphertext_blob: Some(key.ciphertext.clone().into()),
            encryption_context: some(materials.encryption_context()),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        })?;
        if response.key_id != key_id {
            return Err(Error::new(ErrorKind::IncorrectKey, "KMS decrypted with another key than the one asked for"));
        }
        Ok(response.plaintext)
    }
}

impl Keyring for KmsKeyring {
    fn on_encrypt(&self, _: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        match &self.scope {
            Scope::Keys(keys, _) => keys.iter().try_for_each(|key| self.encrypt(key, materials)),
            Scope::Discovery(..) => Err(Error::new(
                ErrorKind::Validation,
                "a discovery keyring only decrypts: to encrypt, name the keys in a KMS keyring",
            )),
        }
    }

    fn on_decrypt(&self, _: &Provider, materials: &mut DecryptionMaterials, attempts: &mut Attempts<'_>) -> Result<()> {
        attempts.try_each(materials, |key, materials| {
            Some(self.key_for(key)?.and_then(|key_id| self.decrypt(&key_id, key, materials)))
        });
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        let mut whole = Vec::new();
        match (&self.scope, purpose) {
            (Scope::Discovery(..), Purpose::Encrypt) => return Ok(None),
            // To encrypt, all keys must be there.
            (Scope::Keys(keys, _), Purpose::Encrypt) => {
                for key in keys {
                    let material = self.client.current_material(key, Operation::GenerateDataKey)?;
                    whole.extend_from_slice(material.as_bytes());
                    whole.push(0);
                }
            }
            // To decrypt, one is enough. Which ones may not is part of the whole.
            (_, Purpose::Decrypt(keys)) => {
                let (mut usable, mut refusal) = (false, None);
                for key in keys.iter().filter_map(|key| self.key_for(key)) {
                    match key.and_then(|key| self.client.current_material(&key, Operation::Decrypt)) {
                        Ok(material) => {
                            usable = true;
                            whole.extend_from_slice(material.as_bytes());
                        }
                        Err(error) => refusal = Some(error),
                    }
                    whole.push(0);
                }
                if let Some(error) = refusal.filter(|_| !usable) {
                    return Err(error);
                }
            }
        }
        Ok(Some(whole))
    }

    fn take_current(&self, _: &Provider, keys: &mut Vec<&EncryptedDataKey>) -> Result<bool> {
        let Scope::Keys(own, _) = &self.scope else { return Ok(false) };
        for key_id in own {
            let (arn, newest) = (self.client.key_arn(key_id)?, self.client.newest_material(key_id)?);
            if !super::take_first(keys, |key| is_current(key, &arn, newest)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether `key` is encrypted under the key of that ARN and, where that can be told, under that material.
fn is_current(key: &EncryptedDataKey, arn: &str, newest: Option<MaterialId>) -> bool {
    key.provider_id == KMS_PROVIDER_ID
        && key.provider_info == arn.as_bytes()
        && newest.is_none_or(|newest| {
            blob::Parsed::parse(&key.ciphertext).is_ok_and(|blob| blob.material == newest.reference())
        })
}

/// KMS tells no context from an empty one, and needs none.
fn some(context: &EncryptionContext) -> Option<EncryptionContext> {
    (!context.is_empty()).then(|| context.clone())
}

fn encrypted(key_arn: String, ciphertext: Vec<u8>) -> Result<EncryptedDataKey> {
    KeyArn::parse(&key_arn).map_err(|error| error.explain("KMS answered it in place of the ARN of its key"))?;
    Ok(EncryptedDataKey { provider_id: KMS_PROVIDER_ID.into(), provider_info: key_arn.into_bytes(), ciphertext })
}
