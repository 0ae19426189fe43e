//! The root keys of a vault: several open it, each comes and goes by itself, and the vault key is rotated under them.

mod deletion;
mod machine;
mod passphrases;
mod recovery;
mod shredding;
mod steps;
mod tampering;
mod wraps;

use pocketkms::{Argon2Cost, Error, ErrorKind, KeyWrapper, Result, RootKey, Secret, Vault};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_key, decrypt, encrypt, root},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A vault in a store, with something in it.
struct Scene {
    store: Shared,
    kms: Opened,
    key: String,
    blob: Vec<u8>,
}

impl Scene {
    fn new() -> Self {
        let store = Shared::new();
        let kms = Opened::from(builder().0.create_in(store.clone(), &root()).expect("a vault"));
        let key = create_key(&kms).key_id;
        let blob = encrypt(&kms, &key, b"kept").to_vec();
        Self { store, kms, key, blob }
    }

    /// As another process would.
    fn open(&self, root: &RootKey) -> Result<Opened> {
        open(&self.store, root)
    }

    #[track_caller]
    fn opens(&self, root: &RootKey) -> Opened {
        let opened = self.open(root).expect("a root key of this vault");
        assert_eq!(decrypt(&opened, &self.blob).expect("the plaintext"), b"kept");
        opened
    }

    /// The id of the only root key with that label.
    fn id(&self, label: &str) -> String {
        let infos = self.kms.vault.root_keys().expect("the root keys");
        infos.into_iter().find(|info| info.label == label).expect("a root key of that label").id
    }
}

fn open(store: &Shared, root: &RootKey) -> Result<Opened> {
    Vault::builder().open(store.clone(), root).map(Opened::from)
}

/// A passphrase whose hashing takes no time, since the test has no secrets.
fn passphrase(text: &str) -> RootKey {
    let cost = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };
    RootKey::from_passphrase_with_cost(text.to_string(), cost).expect("a passphrase")
}

/// A key elsewhere, which may be out of order.
#[derive(Clone, Default)]
struct RemoteKey {
    refuses_to_wrap: Arc<AtomicBool>,
    refuses_to_unwrap: Arc<AtomicBool>,
}

impl RemoteKey {
    fn root(&self, name: &str) -> RootKey {
        RootKey::from_callback(name, self.clone()).expect("a root key")
    }
}

impl KeyWrapper for RemoteKey {
    fn wrap(&self, key: &Secret) -> Result<Vec<u8>> {
        if self.refuses_to_wrap.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::KeyUnavailable, "elsewhere: out of order"));
        }
        Ok(key.expose().iter().rev().map(|byte| byte ^ 0x5a).collect())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Secret> {
        if self.refuses_to_unwrap.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::KeyUnavailable, "elsewhere: out of order"));
        }
        Ok(wrapped.iter().rev().map(|byte| byte ^ 0x5a).collect::<Vec<_>>().into())
    }
}
