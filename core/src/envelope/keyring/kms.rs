//! Data keys under KMS keys: of a PocketKMS vault, or of whatever else speaks its requests.

use super::{
    Attempts, KMS_PROVIDER_ID, Keyring, Purpose, any_usable,
    arn::{KeyArn, Place},
};
use crate::{
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse, Operation,
    },
    blob,
    context::EncryptionContext,
    crypto::Provider,
    envelope::{
        arguments::{DiscoveryFilter, KmsDiscoveryOptions, KmsKeyringOptions},
        header::EncryptedDataKey,
        kept::Retire,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    key::{ALIAS_PREFIX, MaterialId},
    secret::Secret,
};
use alloc::{
    format,
    string::{String, ToString},
    sync::{Arc, Weak},
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

    /// The key ARN of what a key id, an alias name or an alias ARN names now. A client that cannot say gives the text back.
    /// It is not asked for key ARNs.
    fn key_arn(&self, key_id: &str) -> Result<String> {
        Ok(key_id.into())
    }

    /// Text that is another one as soon as the key has other material; an error as soon as the operation would fail for
    /// the key's state or a missing permission, which may depend on the encryption context. A client that cannot know without
    /// asking afar gives the key id back: then a cached data key lives as long as its cache allows.
    fn current_material(
        &self,
        key_id: &str,
        operation: Operation,
        encryption_context: &EncryptionContext,
    ) -> Result<String> {
        let _ = (operation, encryption_context);
        Ok(key_id.into())
    }

    /// The id of the key material that the key encrypts with now, of which a `CiphertextBlob` carries the beginning;
    /// `None` from a client whose ciphertexts do not show it. An error if the key may not encrypt with that encryption context.
    fn newest_material(&self, key_id: &str, encryption_context: &EncryptionContext) -> Result<Option<MaterialId>> {
        let _ = (key_id, encryption_context);
        Ok(None)
    }

    /// The Region of the KMS that it asks, if it knows: for a discovery keyring that is aware of multi-Region keys.
    fn region(&self) -> Option<String> {
        None
    }

    /// A cache that keeps what comes from here, once: a client that may be closed retires it then.
    fn on_close(&self, cache: &Weak<dyn Retire>) {
        let _ = cache;
    }
}

impl DiscoveryFilter {
    fn allows(&self, key: &KeyArn<'_>) -> bool {
        self.partition.as_deref().unwrap_or("aws") == key.partition
            && self.account_ids.iter().any(|account| account == key.account)
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
    /// They are named by key id, key ARN, alias name or alias ARN.
    ///
    /// A key id or key ARN stands for that key alone. An alias names one key to encrypt with, and may name another one
    /// later, while a message keeps the ARN of the key: so a keyring named by alias decrypts with every key of the alias's
    /// account and Region with which the caller may. A client whose [`key_arn`](KmsClient::key_arn) cannot say where a
    /// mere alias name belongs opens what was encrypted under the key that the alias names now.
    ///
    /// AWS's SDKs encrypt with aliases, too, but decrypt in a keyring with key ARNs only. Name key ARNs to be as strict.
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

    /// [`KmsKeyring::discovery`]; or, aware of multi-Region keys or with a Region, [`KmsKeyring::multi_region_discovery`] in that
    /// Region: by default the client's own. It must be named for a client that does not know it.
    pub fn discovery_with(
        client: Arc<dyn KmsClient>,
        filter: Option<DiscoveryFilter>,
        options: KmsDiscoveryOptions,
    ) -> Result<Self> {
        let KmsDiscoveryOptions { multi_region_aware, region, grant_tokens } = options;
        let multi_region_aware = multi_region_aware.unwrap_or_default();
        let region = match region.or_else(|| multi_region_aware.then(|| client.region()).flatten()) {
            None if multi_region_aware => {
                let message = "a discovery keyring that is aware of multi-Region keys needs the Region of its client";
                return Err(Error::new(ErrorKind::Validation, message));
            }
            region => region,
        };
        Ok(Self { client, scope: Scope::Discovery(filter, region), grant_tokens })
    }

    /// With these options, by the names that they have in every language.
    #[must_use]
    pub fn options(self, KmsKeyringOptions { multi_region_aware, grant_tokens }: KmsKeyringOptions) -> Self {
        let keyring = if multi_region_aware.unwrap_or_default() { self.multi_region_aware() } else { self };
        match grant_tokens {
            Some(tokens) => keyring.grant_tokens(tokens),
            None => keyring,
        }
    }

    /// Takes the multi-Region keys among the keys named for the same as their replicas in other Regions. A discovery keyring names
    /// none: see [`KmsKeyring::discovery_with`].
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

    /// How to decrypt a data key; `None` if it is not this keyring's.
    fn key_for(&self, key: &EncryptedDataKey) -> Option<Result<ConfiguredKey<'_>>> {
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
                (arn.is_multi_region() || arn.region == region)
                    .then(|| Ok(ConfiguredKey::by_arn(arn.in_region(region))))
            }
            Scope::Keys(keys, replicas) => self.key_among(keys, *replicas, &arn).map(Ok),
        }
    }

    /// How to decrypt a data key of the key with that ARN, by one of the keys named.
    fn key_among<'a>(&self, keys: &'a [String], replicas: Replicas, arn: &KeyArn<'_>) -> Option<ConfiguredKey<'a>> {
        let is_same = |own: &KeyArn<'_>| *own == *arn || (replicas == Replicas::Same && own.is_replica_of(arn));
        let there = |place: Place<'_>| match replicas {
            _ if arn.place() == place => Some(arn.in_region(arn.region)),
            Replicas::Same => arn.replica_in(&place),
            Replicas::Other => None,
        };
        let (mut by_alias, mut unknown) = (None, None);
        for configured in keys {
            if let Ok(own) = KeyArn::parse(configured) {
                if is_same(&own) {
                    return Some(ConfiguredKey::by_arn(configured.clone()));
                }
                continue;
            }
            // What an alias ARN names now need not be known: it says where its keys are, and KMS decides about each.
            if let Some(place) = Place::of_alias(configured) {
                by_alias = by_alias.or(there(place).map(|key_id| ConfiguredKey { key_id, alias: Some(configured) }));
                continue;
            }
            let alias = configured.starts_with(ALIAS_PREFIX).then_some(&**configured);
            let own = self.client.key_arn(configured).unwrap_or_default();
            match KeyArn::parse(&own) {
                Ok(parsed) if is_same(&parsed) => return Some(ConfiguredKey::by_arn(own)),
                Ok(parsed) if alias.is_some() => {
                    by_alias = by_alias.or(there(parsed.place()).map(|key_id| ConfiguredKey { key_id, alias }));
                }
                Ok(_) => {}
                // The client does not know, or may not ask, or the alias is gone: KMS knows what the name stands for.
                Err(_) => unknown = unknown.or_else(|| Some(ConfiguredKey { key_id: configured.clone(), alias })),
            }
        }
        by_alias.or(unknown)
    }

    /// The key ARN of what a `KeyId` names, as far as the client knows it.
    fn key_arn(&self, key_id: &str) -> Result<String> {
        if KeyArn::parse(key_id).is_ok() { Ok(key_id.into()) } else { self.client.key_arn(key_id) }
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

    fn decrypt(
        &self,
        named: &ConfiguredKey<'_>,
        key: &EncryptedDataKey,
        materials: &DecryptionMaterials,
    ) -> Result<Secret> {
        let response = self.client.decrypt(DecryptRequest {
            key_id: Some(named.key_id.clone()),
            ciphertext_blob: Some(key.ciphertext.clone().into()),
            encryption_context: some(materials.encryption_context()),
            grant_tokens: self.grant_tokens.clone(),
            ..Default::default()
        });
        let response = response.map_err(|error| self.about_alias(named, key, error))?;
        // By another name than its ARN, it must be the key of which the message says that it is.
        let by_arn = KeyArn::parse(&named.key_id).is_ok();
        let expected = if by_arn { named.key_id.as_bytes() } else { &key.provider_info };
        if response.key_id.as_bytes() != expected {
            return Err(Error::new(ErrorKind::IncorrectKey, "KMS decrypted with another key than the one asked for"));
        }
        Ok(response.plaintext)
    }

    /// Adds to an error that the alias names another key now, where that is so.
    fn about_alias(&self, named: &ConfiguredKey<'_>, key: &EncryptedDataKey, error: Error) -> Error {
        let Some(alias) = named.alias else { return error };
        let now = match self.client.key_arn(alias) {
            Ok(arn) if arn.as_bytes() == key.provider_info => return error,
            Ok(arn) if KeyArn::parse(&arn).is_ok() => format!("'{alias}' names another key now, {arn}"),
            Ok(_) => format!("'{alias}' may name another key now"),
            Err(_) => format!("it is not known which key '{alias}' names now"),
        };
        let explanation = match error.explanation() {
            Some(explanation) => format!("{explanation}; {now}"),
            None => now,
        };
        error.explain(explanation)
    }
}

/// The name by which KMS is asked to decrypt.
struct ConfiguredKey<'a> {
    key_id: String,
    /// The alias by which the keyring knows the key.
    alias: Option<&'a str>,
}

impl ConfiguredKey<'_> {
    fn by_arn(key_id: String) -> Self {
        Self { key_id, alias: None }
    }
}

impl Keyring for KmsKeyring {
    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.client.on_close(cache);
    }

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
            Some(self.key_for(key)?.and_then(|named| self.decrypt(&named, key, materials)))
        });
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        match (&self.scope, purpose) {
            (Scope::Discovery(..), Purpose::Encrypt { .. }) => Ok(None),
            // To encrypt, all keys must be there, each for what is asked of it.
            (Scope::Keys(keys, _), Purpose::Encrypt { has_data_key, encryption_context }) => {
                let mut whole = Vec::new();
                for (index, key) in keys.iter().enumerate() {
                    let generates = index == 0 && !has_data_key;
                    let operation = if generates { Operation::GenerateDataKey } else { Operation::Encrypt };
                    let material = self.client.current_material(key, operation, encryption_context)?;
                    whole.extend_from_slice(material.as_bytes());
                    whole.push(0);
                }
                Ok(Some(whole))
            }
            // To decrypt, one is enough.
            (_, Purpose::Decrypt { encrypted_data_keys, encryption_context }) => {
                let own = encrypted_data_keys.iter().filter_map(|key| self.key_for(key));
                let material = |named: ConfiguredKey<'_>| {
                    self.client.current_material(&named.key_id, Operation::Decrypt, encryption_context)
                };
                any_usable(own.map(|named| named.and_then(material).map(String::into_bytes))).map(Some)
            }
        }
    }

    fn take_current(
        &self,
        _: &Provider,
        keys: &mut Vec<&EncryptedDataKey>,
        encryption_context: &EncryptionContext,
    ) -> Result<bool> {
        let Scope::Keys(own, _) = &self.scope else { return Ok(false) };
        for key_id in own {
            let (arn, newest) = (self.key_arn(key_id)?, self.client.newest_material(key_id, encryption_context)?);
            if !super::take_first(keys, |key| is_current(key, &arn, newest)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether `key` is encrypted under the key of that ARN and, where that is known, under that material.
fn is_current(key: &EncryptedDataKey, arn: &str, newest: Option<MaterialId>) -> bool {
    key.provider_id == KMS_PROVIDER_ID
        && key.provider_info == arn.as_bytes()
        && newest.is_none_or(|newest| {
            blob::Parsed::parse(&key.ciphertext).is_ok_and(|blob| blob.material == newest.reference())
        })
}

/// To KMS no context and an empty one are the same, and it needs none.
fn some(context: &EncryptionContext) -> Option<EncryptionContext> {
    (!context.is_empty()).then(|| context.clone())
}

fn encrypted(key_arn: String, ciphertext: Vec<u8>) -> Result<EncryptedDataKey> {
    KeyArn::parse(&key_arn).map_err(|error| error.explain("KMS answered it in place of the ARN of its key"))?;
    Ok(EncryptedDataKey { provider_id: KMS_PROVIDER_ID.into(), provider_info: key_arn.into_bytes(), ciphertext })
}
