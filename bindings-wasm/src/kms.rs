//! A caller's client of a vault, for JavaScript.

use crate::{
    convert::{bytes, host::object, read, time, write},
    fault::Fault,
    run::begin_run,
};
use pocketkms::{
    Caller, ManualClock, Secret, api,
    envelope::{BranchKeySource, KmsClient},
};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A client for one caller.
#[wasm_bindgen]
pub struct Kms {
    kms: pocketkms::Kms,
    clock: ManualClock,
}

#[wasm_bindgen]
impl Kms {
    /// Sets the time, before each call; and fails if the vault is closed.
    #[wasm_bindgen(js_name = turnClock)]
    pub fn turn_clock(&self, now: f64) -> Result<(), JsValue> {
        begin_run();
        self.clock.set(time(now));
        Ok(self.kms.check_open().map_err(Fault::from)?)
    }

    /// Carries out the operation of this name (`generateDataKey`).
    pub fn execute(&self, operation: &str, request: &JsValue) -> Result<JsValue, JsValue> {
        if let Some(response) = of_kms(&self.kms, operation, request)? {
            return Ok(response);
        }
        if let Some(response) = of_branch_keys(&self.kms, operation, request)? {
            return Ok(response);
        }
        let response = of_parcels(&self.kms, operation, request)?;
        Ok(response.ok_or_else(|| Fault::misuse(format!("there is no operation {operation}")))?)
    }

    /// Answers a request of AWS's JSON protocol: a status and a body.
    pub fn call(&self, target: &str, body: &JsValue) -> Result<JsValue, JsValue> {
        let body: Secret = read(body, "the body")?;
        let mut response = self.kms.call(target, body.expose());
        if let Some(error) = response.cause.take() {
            return Err(Fault::from(error).into());
        }
        Ok(object([("status", response.status.into()), ("body", bytes(response.body.expose())?)]))
    }

    /// A branch key: the active one, or that of a version.
    #[wasm_bindgen(js_name = branchKey)]
    pub fn branch_key(&self, id: &str, version: Option<String>) -> Result<JsValue, JsValue> {
        let found = match version {
            Some(version) => {
                let version = version.parse().map_err(Fault::from)?;
                self.kms.branch_key_version(id, &version)
            }
            None => self.kms.active_branch_key(id),
        };
        let found = found.map_err(Fault::from)?;
        let branch_key = bytes(found.branch_key.expose())?;
        Ok(object([("branchKeyVersion", found.version.to_string().into()), ("branchKey", branch_key)]))
    }

    /// Who calls.
    #[wasm_bindgen(getter)]
    pub fn caller(&self) -> JsValue {
        describe(self.kms.caller())
    }

    /// Whether the vault is closed.
    #[wasm_bindgen(getter)]
    pub fn closed(&self) -> bool {
        self.kms.is_closed()
    }
}

impl Kms {
    pub(crate) fn new(kms: pocketkms::Kms, clock: ManualClock) -> Self {
        Self { kms, clock }
    }

    /// What KMS keyrings call.
    pub(crate) fn client(&self) -> Arc<dyn KmsClient> {
        Arc::new(self.kms.clone())
    }

    /// What hierarchical keyrings call.
    pub(crate) fn branch_keys(&self) -> Arc<dyn BranchKeySource> {
        Arc::new(self.kms.clone())
    }
}

/// A caller, as JavaScript sees it.
pub(crate) fn describe(caller: &Caller) -> JsValue {
    object([
        ("accountId", caller.account().to_string().into()),
        ("region", caller.region().to_string().into()),
        ("principal", caller.principal().as_str().into()),
    ])
}

macro_rules! dispatcher {
    ($dispatch:ident: $(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        /// The outcome of the method of this name; `None` if the list has no such method.
        fn $dispatch(kms: &pocketkms::Kms, operation: &str, request: &JsValue) -> Result<Option<JsValue>, Fault> {
            match operation {
                $($camel => write(&kms.$method(read::<api::$request>(request, "the request")?)?).map(Some),)*
                _ => Ok(None),
            }
        }
    };
}
macro_rules! of_kms { ($($list:tt)*) => { dispatcher!(of_kms: $($list)*); } }
macro_rules! of_branch_keys { ($($list:tt)*) => { dispatcher!(of_branch_keys: $($list)*); } }
macro_rules! of_parcels { ($($list:tt)*) => { dispatcher!(of_parcels: $($list)*); } }
pocketkms::operations!(of_kms);
pocketkms::branch_key_operations!(of_branch_keys);
pocketkms::parcel_operations!(of_parcels);
