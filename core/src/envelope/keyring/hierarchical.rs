//! Data keys encrypted under a branch key, which in turn is encrypted under a KMS key.
//!
//! The format (AWS Encryption SDK specification, "AWS KMS hierarchical keyring"):
//!
//! ```text
//! provider id           "aws-kms-hierarchy"
//! provider information  branch key id
//! ciphertext            salt (16) || IV (12) || branch key version (16) || encrypted data key || tag (16)
//!
//! wrapping key          KDF(branch key, label = "aws-kms-hierarchy", context = salt, 32 bytes)
//! encrypted data key    AES-256-GCM(wrapping key, IV, aad = "aws-kms-hierarchy" || branch key id ||
//!                       branch key version || encryption context)
//! ```
//!
//! The KDF is that of NIST SP 800-108 in counter mode with HMAC-SHA-256; the encryption context is serialised as in a
//! message's header.

use super::{Attempts, Keyring, Purpose, any_usable};
use crate::{
    clock::Timestamp,
    context::EncryptionContext,
    crypto::{Hash, MacKey, NONCE_LENGTH, Provider, TAG_LENGTH, clear_after, kdf},
    envelope::{
        context::serialize,
        failure::invalid_message,
        header::EncryptedDataKey,
        kept::{Kept, Retire},
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    key::BranchKeyVersion,
    secret::{Secret, SecretArray},
};
use alloc::{
    boxed::Box,
    string::String,
    sync::{Arc, Weak},
    vec::Vec,
};
use core::time::Duration;

const PROVIDER_ID: &str = "aws-kms-hierarchy";
const SALT_LENGTH: usize = 16;
const VERSION_LENGTH: usize = 16;

/// One version of a branch key, opened.
pub struct BranchKeyMaterials {
    /// The version.
    pub version: BranchKeyVersion,
    /// The branch key.
    pub branch_key: SecretArray<32>,
}

/// Where branch keys are kept: AWS's key store. [`Kms`](crate::Kms) is one.
pub trait BranchKeySource: Send + Sync {
    /// The version that encrypts.
    fn active_branch_key(&self, branch_key_id: &str) -> Result<BranchKeyMaterials>;

    /// A version that encrypted.
    fn branch_key_version(&self, branch_key_id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials>;

    /// Text that is another one as soon as another version is active (for `version` = `None`) or the version is kept under
    /// another KMS key; an error as soon as it may not be opened any more. It is asked for each data key, so that a
    /// disabled KMS key or a rotation is seen at once, though the branch key is cached. A source that cannot know without
    /// asking afar answers always the same: then both are seen when the cache forgets.
    fn branch_key_state(&self, branch_key_id: &str, version: Option<&BranchKeyVersion>) -> Result<String>;

    /// The time by which the cache forgets.
    fn now(&self) -> Timestamp;

    /// A cache that keeps what comes from here, once: a source that may be closed retires it then.
    fn on_close(&self, cache: &Weak<dyn Retire>) {
        let _ = cache;
    }
}

/// Chooses the branch key by the encryption context, for keyrings of many tenants: AWS's branch key supplier. A function
/// is one.
pub trait BranchKeyIdSupplier: Send + Sync {
    /// The id of the branch key.
    fn branch_key_id(&self, encryption_context: &EncryptionContext) -> Result<String>;
}

impl<F: Fn(&EncryptionContext) -> Result<String> + Send + Sync> BranchKeyIdSupplier for F {
    fn branch_key_id(&self, encryption_context: &EncryptionContext) -> Result<String> {
        self(encryption_context)
    }
}

/// AWS's hierarchical keyring: encrypts data keys under branch keys, so that rotating or leaving a KMS key re-wraps a few
/// branch keys instead of every message.
pub struct HierarchicalKeyring {
    source: Arc<dyn BranchKeySource>,
    choice: Choice,
    ttl: Duration,
    max_entries: usize,
    opened: Arc<Kept<Name, Arc<Opened>>>,
}

/// A branch key and its version; the active one where none is named.
type Name = (String, Option<BranchKeyVersion>);

enum Choice {
    Fixed(String),
    Supplied(Arc<dyn BranchKeyIdSupplier>),
}

/// A branch key, prepared; it is wiped when the last use of it ends.
struct Opened {
    version: BranchKeyVersion,
    key: Box<dyn MacKey>,
    state: String,
    since: Timestamp,
}

impl HierarchicalKeyring {
    /// How many branch keys a keyring keeps open unless configured otherwise, as in AWS's SDKs.
    pub const DEFAULT_MAX_ENTRIES: usize = 1000;

    /// With one branch key for all messages. An opened branch key is kept for `ttl`, and at most `max_entries` of them; both
    /// above zero.
    pub fn new(
        source: Arc<dyn BranchKeySource>,
        branch_key_id: &str,
        ttl: Duration,
        max_entries: usize,
    ) -> Result<Self> {
        if branch_key_id.is_empty() {
            return Err(invalid("the branch key id is empty"));
        }
        Self::of(source, Choice::Fixed(branch_key_id.into()), ttl, max_entries)
    }

    /// With a branch key that the supplier chooses for each message.
    pub fn with_supplier(
        source: Arc<dyn BranchKeySource>,
        supplier: Arc<dyn BranchKeyIdSupplier>,
        ttl: Duration,
        max_entries: usize,
    ) -> Result<Self> {
        Self::of(source, Choice::Supplied(supplier), ttl, max_entries)
    }

    fn of(source: Arc<dyn BranchKeySource>, choice: Choice, ttl: Duration, max_entries: usize) -> Result<Self> {
        if ttl.is_zero() || max_entries == 0 {
            return Err(invalid("the cache of branch keys needs a time to live above zero and at least one entry"));
        }
        let opened = Arc::new(Kept::new());
        let kept: Arc<dyn Retire> = Arc::<Kept<Name, Arc<Opened>>>::clone(&opened);
        source.on_close(&Arc::downgrade(&kept));
        Ok(Self { source, choice, ttl, max_entries, opened })
    }

    fn branch_key_id(&self, context: &EncryptionContext) -> Result<String> {
        match &self.choice {
            Choice::Fixed(id) => Ok(id.clone()),
            Choice::Supplied(supplier) => supplier.branch_key_id(context),
        }
    }

    /// The branch key, from the cache while it may be used and is young enough.
    fn open(&self, provider: &Provider, id: &str, version: Option<BranchKeyVersion>) -> Result<Arc<Opened>> {
        let name = (String::from(id), version);
        let state = match self.source.branch_key_state(id, version.as_ref()) {
            Ok(state) => state,
            Err(error) => {
                self.opened.with(|entries| entries.pop(&name));
                return Err(error);
            }
        };
        let now = self.source.now();
        let known = self.opened.with(|entries| entries.get(&name).map(Arc::clone)).flatten();
        if let Some(opened) = known.filter(|opened| opened.state == state && self.is_young(opened, now)) {
            return Ok(opened);
        }
        let materials = match &version {
            None => self.source.active_branch_key(id)?,
            Some(version) => self.source.branch_key_version(id, version)?,
        };
        let key = clear_after(|| provider.mac.key(Hash::Sha256, materials.branch_key.expose()));
        let opened = Arc::new(Opened { version: materials.version, key, state, since: now });
        self.opened.with(|entries| {
            let old = entries.iter().filter(|(_, opened)| !self.is_young(opened, now));
            for name in old.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
                entries.pop(&name);
            }
            entries.put(name, Arc::clone(&opened));
            while entries.len() > self.max_entries {
                entries.pop_lru();
            }
        });
        Ok(opened)
    }

    /// One that comes from the future is too old: the clock was turned back.
    fn is_young(&self, opened: &Opened, now: Timestamp) -> bool {
        let age = now.as_millis().checked_sub(opened.since.as_millis()).and_then(|age| u64::try_from(age).ok());
        age.is_some_and(|age| Duration::from_millis(age) < self.ttl)
    }

    fn unwrap(
        &self,
        provider: &Provider,
        id: &str,
        key: &EncryptedDataKey,
        materials: &DecryptionMaterials,
    ) -> Result<Secret> {
        let split = || {
            let (salt, rest) = key.ciphertext.split_first_chunk::<SALT_LENGTH>()?;
            let (iv, rest) = rest.split_first_chunk::<NONCE_LENGTH>()?;
            let (version, rest) = rest.split_first_chunk::<VERSION_LENGTH>()?;
            let (encrypted, tag) = rest.split_last_chunk::<TAG_LENGTH>()?;
            Some((salt, iv, BranchKeyVersion::from_bytes(*version), encrypted, tag))
        };
        let (salt, iv, version, encrypted, tag) =
            split().ok_or_else(|| invalid_message("the encrypted data key is truncated"))?;
        let opened = self.open(provider, id, Some(version))?;
        let aad = aad(id, &version, materials.encryption_context())?;
        let wrapping_key = opened.wrapping_key(salt);
        let mut data_key = Secret::copy_of(encrypted);
        clear_after(|| provider.aead.open(wrapping_key.expose(), iv, &aad, data_key.expose_mut(), tag)).map_err(
            |_| {
                invalid_message("another branch key, another encryption context, or the encrypted data key was altered")
            },
        )?;
        Ok(data_key)
    }
}

impl Opened {
    fn wrapping_key(&self, salt: &[u8; SALT_LENGTH]) -> SecretArray<32> {
        clear_after(|| {
            let mut key = SecretArray::zeroed();
            kdf::derive(&*self.key, Hash::Sha256, PROVIDER_ID.as_bytes(), &[salt, &[]], key.expose_mut());
            key
        })
    }
}

impl Keyring for HierarchicalKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        let id = self.branch_key_id(materials.encryption_context())?;
        let opened = self.open(provider, &id, None)?;
        let aad = aad(&id, &opened.version, materials.encryption_context())?;
        let mut salt = [0; SALT_LENGTH];
        provider.fill_random(&mut salt)?;
        let mut iv = [0; NONCE_LENGTH];
        provider.fill_random(&mut iv)?;
        let wrapping_key = opened.wrapping_key(&salt);
        let data_key = materials.data_key_or_random(provider)?;
        let mut encrypted = Secret::copy_of(data_key.expose());
        let tag = clear_after(|| provider.aead.seal(wrapping_key.expose(), &iv, &aad, encrypted.expose_mut()))?;
        materials.add_encrypted_data_key(EncryptedDataKey {
            provider_id: PROVIDER_ID.into(),
            provider_info: id.into_bytes(),
            ciphertext: [&salt[..], &iv, opened.version.as_bytes(), encrypted.expose(), &tag].concat(),
        });
        Ok(())
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()> {
        attempts.try_each(materials, |key, materials| {
            if key.provider_id != PROVIDER_ID {
                return None;
            }
            let id = match self.branch_key_id(materials.encryption_context()) {
                Ok(id) => id,
                Err(error) => return Some(Err(error)),
            };
            (key.provider_info == id.as_bytes()).then(|| self.unwrap(provider, &id, key, materials))
        });
        Ok(())
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.source.on_close(cache);
    }

    /// The branch key that is chosen now, and its state: of the version that encrypts, or of those that a message needs. A
    /// supplier that refuses the context by now makes this fail, and so keeps the message from what is cached.
    fn fingerprint(&self, _: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        let keys = match purpose {
            Purpose::Encrypt { .. } => &[],
            Purpose::Decrypt { encrypted_data_keys, .. } => encrypted_data_keys,
        };
        let own = keys.iter().filter(|key| key.provider_id == PROVIDER_ID).collect::<Vec<_>>();
        // A message with nothing for this keyring is none of the supplier's business.
        if own.is_empty() && matches!(purpose, Purpose::Decrypt { .. }) {
            return Ok(Some(Vec::new()));
        }
        let id = self.branch_key_id(purpose.encryption_context())?;
        let state =
            |version: Option<&BranchKeyVersion>| self.source.branch_key_state(&id, version).map(String::into_bytes);
        let states = match purpose {
            Purpose::Encrypt { .. } => state(None)?,
            Purpose::Decrypt { .. } => {
                let chosen = own.into_iter().filter(|key| key.provider_info == id.as_bytes());
                any_usable(chosen.filter_map(version).map(|version| state(Some(&version))))?
            }
        };
        Ok(Some([&(id.len() as u64).to_be_bytes(), id.as_bytes(), &states].concat()))
    }
}

/// The version of the branch key that an encrypted data key names.
fn version(key: &EncryptedDataKey) -> Option<BranchKeyVersion> {
    let version = key.ciphertext.get(SALT_LENGTH + NONCE_LENGTH..)?.first_chunk()?;
    Some(BranchKeyVersion::from_bytes(*version))
}

fn aad(id: &str, version: &BranchKeyVersion, context: &EncryptionContext) -> Result<Vec<u8>> {
    Ok([PROVIDER_ID.as_bytes(), id.as_bytes(), version.as_bytes(), &serialize(context)?].concat())
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Validation, message)
}
