//! What opens a vault, for as long as a vault is being opened.

use crate::{
    asymmetric::provider,
    convert::{
        bytes,
        host::{add_member, elapsed, is_object, item, list, list_length, member},
        read,
    },
    fault::Fault,
};
use pocketkms::{Argon2Cost, Monotonic, Secret, api};
use std::{sync::Arc, time::Duration};
use wasm_bindgen::prelude::*;

/// A root key. The half in JavaScript makes one for each use and frees it, and so wipes it, right after.
#[wasm_bindgen]
pub struct RootKey(pub(crate) pocketkms::RootKey);

#[wasm_bindgen]
impl RootKey {
    /// From 32 random bytes.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &JsValue) -> Result<Self, JsValue> {
        let bytes: Secret = read(bytes, "the root key")?;
        Ok(Self(pocketkms::RootKey::from_bytes(bytes.expose()).map_err(Fault::from)?))
    }

    /// The bytes of a new one.
    pub fn generate() -> Result<JsValue, JsValue> {
        let root = pocketkms::RootKey::generate(&provider()).and_then(|root| root.to_bytes());
        Ok(bytes(root.map_err(Fault::from)?.expose())?)
    }

    /// From a recovery key as it was written down.
    #[wasm_bindgen(js_name = fromRecoveryKey)]
    pub fn from_recovery_key(text: &JsValue) -> Result<Self, JsValue> {
        let text: Secret = read(text, "the recovery key")?;
        let text = str::from_utf8(text.expose()).unwrap_or_default();
        Ok(Self(pocketkms::RootKey::from_recovery_key(text).map_err(Fault::from)?))
    }

    /// From the bytes of a passphrase, with what guessing the one of a new vault shall cost, and what opening one may cost.
    ///
    /// In place of a cost, the time that hashing takes here: in milliseconds, measured when a cost is needed.
    #[wasm_bindgen(js_name = fromPassphrase)]
    pub fn from_passphrase(
        passphrase: &JsValue,
        cost: &JsValue,
        max_cost: &JsValue,
        milliseconds: Option<u32>,
    ) -> Result<Self, JsValue> {
        let passphrase: Secret = read(passphrase, "the passphrase")?;
        let root = match milliseconds {
            Some(_) if is_given(cost) => {
                return Err(
                    Fault::misuse("the hash of a passphrase has either a cost or a time in milliseconds").into()
                );
            }
            Some(milliseconds) => pocketkms::RootKey::from_passphrase(passphrase)
                .and_then(|root| root.calibrated_to(Duration::from_millis(milliseconds.into()), Arc::new(Performance))),
            None => pocketkms::RootKey::from_passphrase_with_cost(passphrase, read(cost, "the cost")?),
        };
        let root = root.map_err(Fault::from)?;
        if max_cost.is_undefined() {
            return Ok(Self(root));
        }
        let max_cost = read(completed(max_cost, pocketkms::RootKey::DEFAULT_MAX_COST), "the greatest cost")?;
        Ok(Self(root.with_max_cost(max_cost).map_err(Fault::from)?))
    }
}

#[wasm_bindgen]
impl RootKey {
    /// Hashes the passphrase, for the vault of a snapshot or for a new one.
    pub fn derive(&self, snapshot: &JsValue) -> Result<JsValue, JsValue> {
        let snapshot = if snapshot.is_undefined() { None } else { Some(read::<api::Blob>(snapshot, "the snapshot")?) };
        let derived = self.0.derive(&provider(), snapshot.as_deref()).map_err(Fault::from)?;
        Ok(bytes(derived.expose())?)
    }

    /// From what a key elsewhere answered: a list of `{ wrapped, key }`.
    #[wasm_bindgen(js_name = fromAnswers)]
    pub fn from_answers(name: &str, answers: &JsValue) -> Result<Self, JsValue> {
        let mut taken = Vec::new();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of a list of our own")]
        for index in 0..list_length(answers).max(0.0) as u32 {
            let answer = item(answers, index);
            let wrapped: api::Blob = read(&member(&answer, &"wrapped".into()), "what was wrapped")?;
            let key: Secret = read(&member(&answer, &"key".into()), "what was unwrapped")?;
            taken.push((wrapped.to_vec(), key));
        }
        Ok(Self(pocketkms::RootKey::from_answers(name, taken).map_err(Fault::from)?))
    }

    /// What a key elsewhere of that name has to unwrap so that it opens the vault of this header or snapshot.
    #[wasm_bindgen(js_name = wrappedBy)]
    pub fn wrapped_by(name: &str, vault: &JsValue) -> Result<JsValue, JsValue> {
        let vault: api::Blob = read(vault, "the vault")?;
        let found = pocketkms::RootKey::wrapped_by(name, &vault).map_err(Fault::from)?;
        Ok(list(found.iter().map(|wrapped| bytes(wrapped)).collect::<Result<Vec<_>, _>>()?))
    }

    /// From what `derive` returned.
    #[wasm_bindgen(js_name = fromDerived)]
    pub fn from_derived(derived: &JsValue) -> Result<Self, JsValue> {
        let derived: Secret = read(derived, "the derived root key")?;
        Ok(Self(pocketkms::RootKey::from_derived(derived.expose()).map_err(Fault::from)?))
    }
}

/// Several of them. A list that JavaScript hands over is taken from it, and an operation in steps runs more than once.
#[wasm_bindgen]
#[derive(Default)]
pub struct RootKeys(pub(crate) Vec<pocketkms::RootKey>);

#[wasm_bindgen]
impl RootKeys {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one over.
    pub fn push(&mut self, root: RootKey) {
        self.0.push(root.0);
    }
}

/// The page's or worker's own clock, which only goes forward.
struct Performance;

impl Monotonic for Performance {
    fn elapsed(&self) -> Duration {
        Duration::try_from_secs_f64(elapsed() / 1000.0).unwrap_or_default()
    }
}

/// Whether any part of a cost is given.
fn is_given(cost: &JsValue) -> bool {
    is_object(cost) && ["memoryKib", "passes", "lanes"].iter().any(|name| !member(cost, &(*name).into()).is_undefined())
}

/// Where parts of the greatest cost are left out, they are those of the greatest cost by default, and not those of a new vault's.
fn completed(cost: &JsValue, default: Argon2Cost) -> &JsValue {
    let Argon2Cost { memory_kib, passes, lanes } = default;
    for (name, value) in [("memoryKib", memory_kib), ("passes", passes), ("lanes", lanes)] {
        let name = name.into();
        if is_object(cost) && member(cost, &name).is_undefined() {
            add_member(cost, &name, &value.into());
        }
    }
    cost
}
