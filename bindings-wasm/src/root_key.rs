//! What opens a vault, for as long as a vault is being opened.

use crate::{convert::read, fault::Fault};
use pocketkms::{
    Argon2Cost, Secret,
    shape::{Limits, Member, Shape, Structure, Type},
};
use serde::Deserialize;
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

    /// From the bytes of a passphrase, with what guessing the one of a new vault shall cost, and what opening one may cost.
    #[wasm_bindgen(js_name = fromPassphrase)]
    pub fn from_passphrase(passphrase: &JsValue, cost: &JsValue, max_cost: &JsValue) -> Result<Self, JsValue> {
        let passphrase: Secret = read(passphrase, "the passphrase")?;
        let cost = read::<Cost>(cost, "the cost")?.or(Argon2Cost::default());
        let root = pocketkms::RootKey::from_passphrase_with_cost(passphrase, cost).map_err(Fault::from)?;
        if max_cost.is_undefined() {
            return Ok(Self(root));
        }
        let max_cost = read::<Cost>(max_cost, "the greatest cost")?.or(pocketkms::RootKey::DEFAULT_MAX_COST);
        Ok(Self(root.with_max_cost(max_cost).map_err(Fault::from)?))
    }
}

/// An [`Argon2Cost`] of which parts may be left out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cost {
    memory_kib: Option<u32>,
    passes: Option<u32>,
    lanes: Option<u32>,
}

impl Cost {
    fn or(self, default: Argon2Cost) -> Argon2Cost {
        Argon2Cost {
            memory_kib: self.memory_kib.unwrap_or(default.memory_kib),
            passes: self.passes.unwrap_or(default.passes),
            lanes: self.lanes.unwrap_or(default.lanes),
        }
    }
}

/// Described as the core's own types are, and so read and checked in the same way.
impl Shape for Cost {
    const TYPE: Type = Type::Structure(&Structure {
        name: "Argon2Cost",
        doc: "",
        members: &[
            Member {
                name: "memory_kib",
                wire: None,
                doc: "",
                required: false,
                shape: Type::Integer,
                limits: Limits::NONE,
            },
            Member { name: "passes", wire: None, doc: "", required: false, shape: Type::Integer, limits: Limits::NONE },
            Member { name: "lanes", wire: None, doc: "", required: false, shape: Type::Integer, limits: Limits::NONE },
        ],
    });
}
