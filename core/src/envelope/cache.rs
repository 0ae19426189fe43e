//! AWS's caching materials manager: one data key for several messages.
//!
//! Off unless asked for. It trades: messages that share a data key fall together if that key is found out, and anyone who
//! may decrypt one of them while it is cached may decrypt the others. It buys one request to the keyring in place of
//! many, which counts where a keyring asks a KMS elsewhere, an HSM or RSA.
//!
//! An entry is found by what made it: purpose, suite, encryption context, and the keyring's
//! [fingerprint](Keyring::fingerprint), that is the keys that it would use now and their current material. That is asked
//! for each message, so that in this process a rotation, a disabled key or a supplier's refusal is seen at once.

use super::{
    arguments::CacheOptions,
    context,
    header::{EncryptedDataKey, write_encrypted_data_keys},
    kept::{Kept, Retire},
    keyring::{Keyring, Purpose},
    materials::{
        DecryptionMaterials, DecryptionMaterialsRequest, EncryptionMaterials, EncryptionMaterialsRequest,
        MaterialsManager,
    },
    suite::{AlgorithmSuite, KeyDerivation},
};
use crate::{
    clock::{Clock, Timestamp},
    context::EncryptionContext,
    crypto::Provider,
    error::{Error, ErrorKind, Result},
};
use alloc::{
    string::String,
    sync::{Arc, Weak},
    vec::Vec,
};
use core::time::Duration;
use lru::LruCache;

/// For how long and for how much one data key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The most entries; the least recently used go first. 100.
    pub max_entries: usize,
    /// The greatest age of an entry. One minute.
    pub max_age: Duration,
    /// The most messages encrypted under one data key, at most 2^32. 1,000.
    pub max_messages: u64,
    /// The most bytes of plaintext encrypted under one data key. 1 GiB.
    pub max_bytes: u64,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self { max_entries: 100, max_age: Duration::from_secs(60), max_messages: 1_000, max_bytes: 1 << 30 }
    }
}

/// What is left out is as in the default limits. An age beyond all time is the end of it; what is no age is none, which
/// [`CachingMaterialsManager::new`] refuses.
impl From<CacheOptions> for CacheLimits {
    fn from(CacheOptions { max_entries, max_age, max_messages, max_bytes }: CacheOptions) -> Self {
        let default = Self::default();
        let age = |seconds: f64| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
        Self {
            max_entries: max_entries
                .map_or(default.max_entries, |entries| usize::try_from(entries).unwrap_or(usize::MAX)),
            max_age: max_age.map_or(default.max_age, age),
            max_messages: max_messages.unwrap_or(default.max_messages),
            max_bytes: max_bytes.unwrap_or(default.max_bytes),
        }
    }
}

/// The greatest `max_messages`, as in AWS's SDKs: message ids are random, and must not meet.
const MOST_MESSAGES: u64 = 1 << 32;

/// What is found by.
type Id = [u8; 32];

/// A keyring whose data keys are used for several messages.
pub struct CachingMaterialsManager {
    keyring: Arc<dyn Keyring>,
    clock: Arc<dyn Clock>,
    limits: CacheLimits,
    entries: Arc<Kept<Id, Entry>>,
}

/// The materials are wiped when the entry goes and the last message that uses them has ended.
struct Entry {
    materials: Materials,
    created: Timestamp,
    messages: u64,
    bytes: u64,
}

#[derive(Clone)]
enum Materials {
    Encryption(Arc<EncryptionMaterials>),
    Decryption(Arc<DecryptionMaterials>),
}

impl CachingMaterialsManager {
    /// In front of a keyring. The clock says how old entries are; one that goes backwards makes them too old.
    pub fn new(keyring: Arc<dyn Keyring>, clock: Arc<dyn Clock>, limits: CacheLimits) -> Result<Self> {
        let CacheLimits { max_entries, max_age, max_messages, max_bytes: _ } = limits;
        if max_entries == 0 || max_age.is_zero() || !(1..=MOST_MESSAGES).contains(&max_messages) {
            return Err(Error::new(
                ErrorKind::Validation,
                "a cache of data keys needs at least one entry, an age above zero, and 1 to 4,294,967,296 messages",
            ));
        }
        let entries = Arc::new(Kept::new());
        let kept: Arc<dyn Retire> = Arc::<Kept<Id, Entry>>::clone(&entries);
        keyring.on_close(&Arc::downgrade(&kept));
        Ok(Self { keyring, clock, limits, entries })
    }

    /// Forgets every entry.
    pub fn clear(&self) {
        self.entries.with(LruCache::clear);
    }

    /// What an entry is found by; `None` where nothing may be cached.
    fn id(
        &self,
        provider: &Provider,
        purpose: Purpose<'_>,
        suite: AlgorithmSuite,
        contexts: [&EncryptionContext; 2],
        required: &[String],
    ) -> Result<Option<Id>> {
        // A data key that is the cipher's key must never see two messages: their frames have the same IVs.
        if suite.key_derivation() == KeyDerivation::None {
            return Ok(None);
        }
        let Some(fingerprint) = self.keyring.fingerprint(provider, purpose)? else { return Ok(None) };
        let (kind, keys): (u8, &[EncryptedDataKey]) = match purpose {
            Purpose::Encrypt { .. } => (b'E', &[]),
            Purpose::Decrypt { encrypted_data_keys, .. } => (b'D', encrypted_data_keys),
        };
        let mut encrypted_data_keys = Vec::new();
        write_encrypted_data_keys(keys, &mut encrypted_data_keys)?;
        let required: EncryptionContext = required.iter().map(|name| (name.as_str(), "")).collect();
        let [stored, reproduced] = contexts.map(EncryptionContext::canonical_bytes);
        let mut parts = Vec::new();
        for part in [&fingerprint, &encrypted_data_keys, &stored, &reproduced, &required.canonical_bytes()] {
            parts.extend_from_slice(&(part.len() as u64).to_be_bytes());
            parts.extend_from_slice(part);
        }
        Ok(Some(provider.digest.sha256(&[&[kind], &suite.id().to_be_bytes(), &parts])))
    }

    /// The entry's materials, if they are good for so many more bytes, which are counted then.
    fn get(&self, id: &Id, bytes: u64) -> Option<Materials> {
        self.entries.with(|entries| self.get_of(entries, id, bytes))?
    }

    fn get_of(&self, entries: &mut LruCache<Id, Entry>, id: &Id, bytes: u64) -> Option<Materials> {
        let entry = entries.get_mut(id)?;
        let age = self.clock.now().as_millis().checked_sub(entry.created.as_millis());
        let age = age.and_then(|age| u64::try_from(age).ok()).map(Duration::from_millis);
        let bytes = entry.bytes.checked_add(bytes).filter(|bytes| *bytes <= self.limits.max_bytes);
        match (age, bytes) {
            (Some(age), Some(bytes)) if age < self.limits.max_age && entry.messages < self.limits.max_messages => {
                entry.messages += 1;
                entry.bytes = bytes;
                Some(entry.materials.clone())
            }
            _ => {
                entries.pop(id);
                None
            }
        }
    }

    fn put(&self, id: Id, materials: Materials, bytes: u64) {
        let entry = Entry { materials, created: self.clock.now(), messages: 1, bytes };
        self.entries.with(|entries| {
            entries.put(id, entry);
            while entries.len() > self.limits.max_entries {
                entries.pop_lru();
            }
        });
    }
}

/// What a cache answers who asks a keyring by other means, or asynchronously.
pub enum Cached<M> {
    /// The materials: they are there.
    Found(Arc<M>),
    /// They are not there. As soon as the keyring has made them, this says where they belong.
    Missing(CacheSlot),
}

/// A place in a cache, perhaps: some materials are never kept.
pub struct CacheSlot {
    id: Option<Id>,
    bytes: u64,
}

impl CachingMaterialsManager {
    /// Looks for materials to encrypt with. They count for one more message.
    pub fn cached_encryption_materials(
        &self,
        provider: &Provider,
        request: &EncryptionMaterialsRequest,
    ) -> Result<Cached<EncryptionMaterials>> {
        // As in AWS's SDKs, a stream of unknown length has a data key of its own: its bytes could not be counted.
        let bytes = request.plaintext_length.filter(|bytes| *bytes <= self.limits.max_bytes);
        let Some(bytes) = bytes else { return Ok(Cached::Missing(CacheSlot { id: None, bytes: 0 })) };
        let contexts = [&request.encryption_context, EncryptionContext::EMPTY];
        let required = &request.required_encryption_context_keys;
        let purpose = Purpose::Encrypt { encryption_context: &request.encryption_context, has_data_key: false };
        let id = self.id(provider, purpose, request.algorithm_suite, contexts, required)?;
        Ok(match id.as_ref().and_then(|id| self.get(id, bytes)) {
            Some(Materials::Encryption(materials)) => Cached::Found(materials),
            _ => Cached::Missing(CacheSlot { id, bytes }),
        })
    }

    /// Keeps materials that were missing.
    pub fn keep_encryption_materials(&self, slot: &CacheSlot, materials: &Arc<EncryptionMaterials>) {
        if let Some(id) = slot.id {
            self.put(id, Materials::Encryption(Arc::clone(materials)), slot.bytes);
        }
    }

    /// Looks for materials to decrypt with.
    pub fn cached_decryption_materials(
        &self,
        provider: &Provider,
        request: &DecryptionMaterialsRequest,
    ) -> Cached<DecryptionMaterials> {
        let contexts = [&request.encryption_context, &request.reproduced_encryption_context];
        let required = &request.required_encryption_context_keys;
        // That no key may be used, or that the contexts contradict each other, is reported where the materials are made, with
        // each reason.
        let id = context::merge(contexts[0], contexts[1]).and_then(|merged| {
            let encrypted_data_keys = &request.encrypted_data_keys;
            let purpose = Purpose::Decrypt { encrypted_data_keys, encryption_context: &merged };
            self.id(provider, purpose, request.algorithm_suite, contexts, required)
        });
        let id = id.unwrap_or(None);
        match id.as_ref().and_then(|id| self.get(id, 0)) {
            Some(Materials::Decryption(materials)) => Cached::Found(materials),
            _ => Cached::Missing(CacheSlot { id, bytes: 0 }),
        }
    }

    /// Keeps materials that were missing.
    pub fn keep_decryption_materials(&self, slot: &CacheSlot, materials: &Arc<DecryptionMaterials>) {
        if let Some(id) = slot.id {
            self.put(id, Materials::Decryption(Arc::clone(materials)), slot.bytes);
        }
    }
}

impl MaterialsManager for CachingMaterialsManager {
    fn encryption_materials(
        &self,
        provider: &Provider,
        request: EncryptionMaterialsRequest,
    ) -> Result<Arc<EncryptionMaterials>> {
        match self.cached_encryption_materials(provider, &request)? {
            Cached::Found(materials) => Ok(materials),
            Cached::Missing(slot) => {
                let materials = self.keyring.encryption_materials(provider, request)?;
                self.keep_encryption_materials(&slot, &materials);
                Ok(materials)
            }
        }
    }

    fn decryption_materials(
        &self,
        provider: &Provider,
        request: &DecryptionMaterialsRequest,
    ) -> Result<Arc<DecryptionMaterials>> {
        match self.cached_decryption_materials(provider, request) {
            Cached::Found(materials) => Ok(materials),
            Cached::Missing(slot) => {
                let materials = self.keyring.decryption_materials(provider, request)?;
                self.keep_decryption_materials(&slot, &materials);
                Ok(materials)
            }
        }
    }

    fn on_lock(&self, stream: &Weak<dyn Retire>) {
        self.keyring.on_close(stream);
    }
}
