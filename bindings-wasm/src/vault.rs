//! The one door of the core, opened to JavaScript.

use crate::{
    convert::{read, write},
    fault::Fault,
    root_key::RootKey,
};
use pocketkms::{
    Caller, Kms, KmsBuilder, ManualClock, Provider, Timestamp, api,
    shape::{Member, Shape, Structure, Type},
};
use serde::Deserialize;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// Whose keys a vault's handle sees.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    account: Option<String>,
    region: Option<String>,
}

/// Described as the core's own types are, and so read and checked in the same way.
impl Shape for Options {
    const TYPE: Type = Type::Structure(&Structure {
        name: "Caller",
        doc: "",
        members: &[
            Member { name: "account", wire: None, doc: "", required: false, shape: Type::String },
            Member { name: "region", wire: None, doc: "", required: false, shape: Type::String },
        ],
    });
}

/// An open vault, and who calls.
///
/// Each call brings the time along, from a clock that lives in JavaScript: one moment per operation, and no call
/// from here back into foreign code.
#[wasm_bindgen]
pub struct Vault {
    kms: Kms,
    clock: ManualClock,
}

#[wasm_bindgen]
impl Vault {
    /// Makes a new vault in memory.
    pub fn create(root: &RootKey, options: &JsValue, now: &JsValue) -> Result<Self, JsValue> {
        Self::build(options, now, |builder| builder.create(&root.0))
    }

    /// Opens a snapshot, made on any platform, into memory.
    #[wasm_bindgen(js_name = openSnapshot)]
    pub fn open_snapshot(snapshot: &JsValue, root: &RootKey, options: &JsValue, now: &JsValue) -> Result<Self, JsValue> {
        let snapshot: api::Blob = read(snapshot, "the snapshot")?;
        Self::build(options, now, |builder| builder.open_snapshot(&snapshot, &root.0))
    }

    /// Carries out the operation of this name (`generateDataKey`).
    pub fn call(&self, operation: &str, request: &JsValue, now: &JsValue) -> Result<JsValue, JsValue> {
        self.turn_clock(now)?;
        Ok(dispatch(&self.kms, operation, request)?)
    }

    /// The whole vault as one sealed file.
    pub fn snapshot(&self, now: &JsValue) -> Result<JsValue, JsValue> {
        self.turn_clock(now)?;
        let snapshot = api::Blob::from(self.kms.snapshot().map_err(Fault::from)?);
        Ok(write(&snapshot)?)
    }

    /// Seals the vault under another root key.
    #[wasm_bindgen(js_name = changeRootKey)]
    pub fn change_root_key(&self, root: &RootKey) -> Result<(), JsValue> {
        Ok(self.kms.change_root_key(&root.0).map_err(Fault::from)?)
    }

    /// The same vault for another caller.
    #[wasm_bindgen(js_name = asCaller)]
    pub fn as_caller(&self, options: &JsValue) -> Result<Self, JsValue> {
        Ok(self.seen_by(read(options, "options")?)?)
    }
}

impl Vault {
    fn build(
        options: &JsValue,
        now: &JsValue,
        build: impl FnOnce(KmsBuilder) -> pocketkms::Result<Kms>,
    ) -> Result<Self, JsValue> {
        let options = read(options, "options")?;
        let clock = ManualClock::new(read(now, "clock.now()")?);
        let builder = KmsBuilder::new(Provider::default(), Arc::new(clock.clone()));
        let vault = Self { kms: build(builder).map_err(Fault::from)?, clock };
        Ok(vault.seen_by(options)?)
    }

    /// With the account and Region of the present caller where `options` names none.
    fn seen_by(&self, options: Options) -> Result<Self, Fault> {
        let Options { account, region } = options;
        let caller = self.kms.caller();
        let account = account.unwrap_or_else(|| caller.account().to_string());
        let region = region.unwrap_or_else(|| caller.region().to_string());
        let kms = self.kms.as_caller(Caller::root(&account, &region)?);
        Ok(Self { kms, clock: self.clock.clone() })
    }

    fn turn_clock(&self, now: &JsValue) -> Result<(), Fault> {
        let now: Timestamp = read(now, "clock.now()")?;
        self.clock.set(now);
        Ok(())
    }
}

macro_rules! dispatcher {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        fn dispatch(kms: &Kms, operation: &str, request: &JsValue) -> Result<JsValue, Fault> {
            match operation {
                $($camel => write(&kms.$method(read::<api::$request>(request, "the request")?)?),)*
                _ => Err(Fault::misuse(format!("there is no operation {operation}"))),
            }
        }
    };
}
pocketkms::operations!(dispatcher);
