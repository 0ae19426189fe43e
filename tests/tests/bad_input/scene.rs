//! A vault with something of everything in it.

use pocketkms::{Audit, ManualClock, Record, Vault, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, START, builder, create_alias, create_key, decrypt, encrypt, root},
};

pub(crate) const ALIAS: &str = "alias/scene";

pub(crate) struct Scene {
    pub(crate) kms: Opened,
    pub(crate) store: Shared,
    /// A key with three materials and an alias.
    pub(crate) key: KeyMetadata,
    /// Another key.
    pub(crate) other: KeyMetadata,
    /// A key that waits for its deletion.
    pub(crate) going: KeyMetadata,
    /// What the key encrypted under each of its materials, and the other key after them.
    pub(crate) blobs: Vec<(Blob, Vec<u8>)>,
    before: Vec<Record>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let store = Shared::new();
        // No call is recorded, so that one that changes nothing leaves the store as it is.
        let kms = Opened::from(builder().0.audit(Audit::off()).create_in(store.clone(), &root()).expect("a vault"));
        let [key, other, going] = [(); 3].map(|()| create_key(&kms));
        create_alias(&kms, ALIAS, &key.key_id);
        let mut blobs = Vec::new();
        for length in [1, 16, 100] {
            let plaintext = vec![length; length.into()];
            blobs.push((encrypt(&kms, &key.key_id, &plaintext), plaintext));
            kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).expect("a rotation");
        }
        blobs.push((encrypt(&kms, &other.key_id, b"other"), b"other".to_vec()));
        let request = ScheduleKeyDeletionRequest { key_id: going.key_id.clone(), pending_window_in_days: None };
        kms.schedule_key_deletion(request).expect("a key to delete");
        let before = store.records();
        Self { kms, store, key, other, going, blobs, before }
    }

    /// The vault, reopened, so that nothing is remembered.
    pub(crate) fn reopened(&self) -> Opened {
        reopened(&self.store)
    }

    /// A store with the same records, to be tampered with.
    pub(crate) fn copy(&self) -> Shared {
        self.store.copy()
    }

    /// Nothing was changed, and everything decrypts: in the vault that saw the bad input, and in one reopened.
    #[track_caller]
    pub(crate) fn is_unharmed(&self) {
        assert_eq!(self.store.records(), self.before);
        for kms in [&self.kms, &self.reopened()] {
            for (blob, plaintext) in &self.blobs {
                assert_eq!(decrypt(kms, blob).expect("its plaintext"), *plaintext);
            }
        }
    }
}

/// Opens the vault in a store with the right root key.
pub(crate) fn reopened(store: &Shared) -> Opened {
    let builder = Vault::builder().clock(ManualClock::new(START)).audit(Audit::off());
    builder.open(store.clone(), &root()).expect("a vault").into()
}

/// Every way to flip one bit of some bytes, with the place of the byte.
pub(crate) fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit / 8, flipped)
    })
}
