//! The vault that fuzzers attack: behind primitives that protect nothing, and the same in every process, so that an input means
//! the same tomorrow.

use super::transparent;
use crate::{
    random,
    store::Shared,
    vault::{START, root},
};
use pocketkms::{
    Audit, EntropyError, ManualClock, Provider, Random, Vault, VaultBuilder,
    api::{CreateAliasRequest, CreateKeyRequest, EncryptRequest, KeyMetadata, RotateKeyOnDemandRequest, Tag},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

pub(super) const ALIAS: &str = "alias/fuzz";

/// Draws that follow from their number.
struct Numbered(AtomicU64);

impl Random for Numbered {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        random::replay(11, self.0.fetch_add(1, Ordering::Relaxed), bytes);
        Ok(())
    }
}

/// What the vault is made and opened with.
pub(super) fn builder() -> VaultBuilder {
    // Such that the ids in the corpora are those of the keys that it makes.
    let random = Arc::new(Numbered(AtomicU64::new(u64::MAX)));
    // Real MACs: the ids of materials come from them, and two materials must not have one id.
    let Provider { mac, .. } = Provider::rust_crypto(random.clone());
    let provider = Provider { random, mac, ..transparent::provider() };
    // No call is recorded: an event would draw an id.
    Vault::builder().provider(provider).clock(ManualClock::new(START)).audit(Audit::off())
}

/// A vault with a key, its alias, a tag, a rotation and a ciphertext.
pub(super) struct Scene {
    pub(super) vault: Vault,
    pub(super) store: Shared,
    pub(super) key: KeyMetadata,
    pub(super) blob: Vec<u8>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let store = Shared::new();
        let vault = builder().create_in(store.clone(), &root()).expect("a vault");
        let kms = vault.client();
        let tags = Some(vec![Tag { tag_key: "a".into(), tag_value: "b".into() }]);
        let request = CreateKeyRequest { description: Some("fuzzed".into()), tags, ..Default::default() };
        let key = kms.create_key(request).expect("a key").key_metadata;
        let key_id = key.key_id.clone();
        kms.create_alias(CreateAliasRequest { alias_name: ALIAS.into(), target_key_id: key_id.clone() })
            .expect("an alias");
        kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key_id.clone() }).expect("a rotation");
        let request = EncryptRequest { key_id, plaintext: b"secret".to_vec().into(), ..Default::default() };
        let blob = kms.encrypt(request).expect("a ciphertext").ciphertext_blob.to_vec();
        Self { vault, store, key, blob }
    }
}
