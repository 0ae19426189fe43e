//! Data keys under KMS keys: of a PocketKMS vault, or of whatever else speaks its requests.

use super::{Attempts, KMS_PROVIDER_ID, Keyring, Purpose};
use crate::{
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse, Operation,
    },
    context::EncryptionContext,
    crypto::Provider,
    envelope::{
        header::EncryptedDataKey,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    key::Arn,
    secret::Secret,
};
use alloc::{
    format,
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
}

/// Which keys a discovery keyring may ask to decrypt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryFilter {
    /// The partition: `aws`.
    pub partition: String,
    /// The accounts.
    pub account_ids: Vec<String>,
}

/// AWS's KMS keyring: data keys are generated, encrypted and decrypted by KMS.
pub struct KmsKeyring {
    client: Arc<dyn KmsClient>,
    scope: Scope,
    multi_region: bool,
    grant_tokens: Option<Vec<String>>,
}

/// Whose data keys a keyring takes for its own.
enum Scope {
    /// Those of the keys named; the first generates.
    Keys(Vec<String>),
    /// All that are allowed.
    Discovery(Option<DiscoveryFilter>),
}

impl KmsKeyring {
    /// The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt it.
    /// They are named by key id, key ARN, alias name or alias ARN, as far as the client knows them.
    pub fn new(client: Arc<dyn KmsClient>, generator: &str, additional: &[&str]) -> Self {
        let keys = core::iter::once(&generator).chain(additional).map(ToString::to_string).collect();
        Self { client, scope: Scope::Keys(keys), multi_region: false, grant_tokens: None }
    }

    /// Decrypts with whichever key encrypted the data key, as far as the caller may use it and the filter allows.
    /// Cannot encrypt.
    pub fn discovery(client: Arc<dyn KmsClient>, filter: Option<DiscoveryFilter>) -> Self {
        Self { client, scope: Scope::Discovery(filter), multi_region: false, grant_tokens: None }
    }

    /// Takes a multi-Region key for the same key as its replicas in other Regions.
    #[must_use]
    pub fn multi_region_aware(mut self) -> Self {
        self.multi_region = true;
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
        let text = str::from_utf8(&key.provider_info).ok()?;
        let arn: Arn = text.parse().ok().filter(|arn: &Arn| arn.resource.starts_with("key/"))?;
        match &self.scope {
            Scope::Discovery(None) => Some(Ok(text.into())),
            Scope::Discovery(Some(filter)) => {
                let allowed = filter.partition == arn.region.partition()
                    && filter.account_ids.iter().any(|account| account == arn.account.as_str());
                allowed.then(|| Ok(text.into()))
            }
            Scope::Keys(keys) => keys.iter().find_map(|configured| match self.client.key_arn(configured) {
                Ok(own) if own == text => Some(Ok(own)),
                Ok(own) => (self.multi_region && is_replica(&own, &arn)).then_some(Ok(own)),
                Err(error) => Some(Err(error)),
            }),
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
            Scope::Keys(keys) => keys.iter().try_for_each(|key| self.encrypt(key, materials)),
            Scope::Discovery(_) => Err(Error::new(
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
        let (keys, operation): (Vec<String>, _) = match (&self.scope, purpose) {
            (Scope::Keys(keys), Purpose::Encrypt) => (keys.clone(), Operation::GenerateDataKey),
            (Scope::Discovery(_), Purpose::Encrypt) => return Ok(None),
            (_, Purpose::Decrypt(keys)) => {
                (keys.iter().filter_map(|key| self.key_for(key)).collect::<Result<_>>()?, Operation::Decrypt)
            }
        };
        let mut whole = Vec::new();
        for key in keys {
            whole.extend_from_slice(self.client.current_material(&key, operation)?.as_bytes());
            whole.push(0);
        }
        Ok(Some(whole))
    }
}

/// KMS tells no context from an empty one, and needs none.
fn some(context: &EncryptionContext) -> Option<EncryptionContext> {
    (!context.is_empty()).then(|| context.clone())
}

fn encrypted(key_arn: String, ciphertext: Vec<u8>) -> Result<EncryptedDataKey> {
    if key_arn.parse::<Arn>().is_err() {
        return Err(Error::new(ErrorKind::InvalidArn, format!("KMS answered '{key_arn}', which is no key ARN")));
    }
    Ok(EncryptedDataKey { provider_id: KMS_PROVIDER_ID.into(), provider_info: key_arn.into_bytes(), ciphertext })
}

/// Whether both are the same multi-Region key, in the same or in another Region.
fn is_replica(own: &str, other: &Arn) -> bool {
    own.parse().is_ok_and(|own: Arn| {
        own.account == other.account
            && own.region.partition() == other.region.partition()
            && own.resource == other.resource
            && own.resource.starts_with("key/mrk-")
    })
}
