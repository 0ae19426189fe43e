//! The one door of the core, opened to JavaScript.

use crate::{
    convert::{read, write},
    fault::Fault,
    root_key::RootKey,
};
use pocketkms::{
    Caller, Error, ErrorKind, Kms, KmsBuilder, ManualClock, Provider, Timestamp,
    api::{self, DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse},
    api::{GenerateDataKeyRequest, GenerateDataKeyResponse, Operation},
    envelope::{BranchKeyMaterials, BranchKeySource, KmsClient},
    keys::{BranchKeyVersion, MaterialId},
    shape::{Member, Shape, Structure, Type},
};
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};
use wasm_bindgen::prelude::*;

/// Whose keys a vault's handle sees.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    account: Option<String>,
    region: Option<String>,
}

impl Options {
    /// The root user of that account in that Region; those of `default` where none is said.
    fn caller(self, default: &Caller) -> Result<Caller, Fault> {
        let account = self.account.unwrap_or_else(|| default.account().to_string());
        let region = self.region.unwrap_or_else(|| default.region().to_string());
        Ok(Caller::root(&account, &region)?)
    }
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

/// What a clock of JavaScript's shows, which is the time of a valid `Date`.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds that a Date can hold")]
pub(crate) fn time(now: f64) -> Timestamp {
    Timestamp::from_millis(now as i64)
}

/// An open vault, and who calls: what a KMS keyring asks.
#[derive(Clone)]
struct Open {
    /// Shared by all callers, so that closing closes for all. Nothing is left when the vault is closed.
    kms: Arc<Mutex<Option<Kms>>>,
    caller: Caller,
}

impl Open {
    fn kms(&self) -> pocketkms::Result<Kms> {
        // The half in JavaScript asks `closed` first, and has an error of its own for it.
        let closed = || Error::new(ErrorKind::KeyUnavailable, "the vault is closed");
        let kms = self.kms.lock().unwrap_or_else(PoisonError::into_inner);
        kms.as_ref().map(|kms| kms.as_caller(self.caller.clone())).ok_or_else(closed)
    }
}

impl KmsClient for Open {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> pocketkms::Result<GenerateDataKeyResponse> {
        KmsClient::generate_data_key(&self.kms()?, request)
    }

    fn encrypt(&self, request: EncryptRequest) -> pocketkms::Result<EncryptResponse> {
        KmsClient::encrypt(&self.kms()?, request)
    }

    fn decrypt(&self, request: DecryptRequest) -> pocketkms::Result<DecryptResponse> {
        KmsClient::decrypt(&self.kms()?, request)
    }

    fn key_arn(&self, key_id: &str) -> pocketkms::Result<String> {
        self.kms()?.key_arn(key_id)
    }

    fn current_material(&self, key_id: &str, operation: Operation) -> pocketkms::Result<String> {
        self.kms()?.current_material(key_id, operation)
    }

    fn newest_material(&self, key_id: &str) -> pocketkms::Result<Option<MaterialId>> {
        self.kms()?.newest_material(key_id)
    }
}

impl BranchKeySource for Open {
    fn active_branch_key(&self, id: &str) -> pocketkms::Result<BranchKeyMaterials> {
        self.kms()?.active_branch_key(id)
    }

    fn branch_key_version(&self, id: &str, version: &BranchKeyVersion) -> pocketkms::Result<BranchKeyMaterials> {
        self.kms()?.branch_key_version(id, version)
    }

    fn branch_key_state(&self, id: &str, version: Option<&BranchKeyVersion>) -> pocketkms::Result<String> {
        self.kms()?.branch_key_state(id, version)
    }

    /// A closed vault has no time, but says so before, when it is asked for the state of a branch key.
    fn now(&self) -> Timestamp {
        self.kms().map_or(Timestamp::from_millis(0), |kms| kms.now())
    }
}

/// A vault, and who calls.
///
/// Each call brings the time along, from a clock that lives in JavaScript: one moment per operation, and no call
/// from here back into foreign code.
#[wasm_bindgen]
pub struct Vault {
    open: Open,
    clock: ManualClock,
}

#[wasm_bindgen]
impl Vault {
    /// Makes a new vault in memory.
    pub fn create(root: &RootKey, options: &JsValue, now: f64) -> Result<Self, JsValue> {
        Self::build(options, now, |builder| builder.create(&root.0))
    }

    /// Opens a snapshot, made on any platform, into memory.
    #[wasm_bindgen(js_name = openSnapshot)]
    pub fn open_snapshot(snapshot: &JsValue, root: &RootKey, options: &JsValue, now: f64) -> Result<Self, JsValue> {
        let snapshot: api::Blob = read(snapshot, "the snapshot")?;
        Self::build(options, now, |builder| builder.open_snapshot(&snapshot, &root.0))
    }

    /// Carries out the operation of this name (`generateDataKey`).
    pub fn call(&self, operation: &str, request: &JsValue, now: f64) -> Result<JsValue, JsValue> {
        self.turn_clock(now);
        Ok(dispatch(&self.open.kms().map_err(Fault::from)?, operation, request)?)
    }

    /// The whole vault as one sealed file.
    pub fn snapshot(&self, now: f64) -> Result<JsValue, JsValue> {
        self.turn_clock(now);
        let snapshot = self.open.kms().and_then(|kms| kms.snapshot()).map_err(Fault::from)?;
        Ok(write(&api::Blob::from(snapshot))?)
    }

    /// Seals the vault under another root key.
    #[wasm_bindgen(js_name = changeRootKey)]
    pub fn change_root_key(&self, root: &RootKey) -> Result<(), JsValue> {
        Ok(self.open.kms().and_then(|kms| kms.change_root_key(&root.0)).map_err(Fault::from)?)
    }

    /// The same vault for another caller; the account and Region stay where `options` names none.
    #[wasm_bindgen(js_name = asCaller)]
    pub fn as_caller(&self, options: &JsValue) -> Result<Self, JsValue> {
        let caller = read::<Options>(options, "options")?.caller(&self.open.caller)?;
        Ok(Self { open: Open { caller, ..self.open.clone() }, clock: self.clock.clone() })
    }

    /// Closes the vault for all callers, and wipes it.
    pub fn close(&self) {
        self.open.kms.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether it is closed.
    #[wasm_bindgen(getter)]
    pub fn closed(&self) -> bool {
        self.open.kms.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Tells the vault's keyrings the time, before they are asked.
    #[wasm_bindgen(js_name = turnClock)]
    pub fn turn_clock(&self, now: f64) {
        self.clock.set(time(now));
    }
}

impl Vault {
    fn build(
        options: &JsValue,
        now: f64,
        build: impl FnOnce(KmsBuilder) -> pocketkms::Result<Kms>,
    ) -> Result<Self, JsValue> {
        let options: Options = read(options, "options")?;
        let clock = ManualClock::new(time(now));
        let kms = build(KmsBuilder::new(Provider::default(), Arc::new(clock.clone()))).map_err(Fault::from)?;
        let caller = options.caller(kms.caller())?;
        Ok(Self { open: Open { kms: Arc::new(Mutex::new(Some(kms))), caller }, clock })
    }

    /// What the vault's KMS keyrings ask.
    pub(crate) fn client(&self) -> Arc<dyn KmsClient> {
        Arc::new(self.open.clone())
    }

    /// What the vault's hierarchical keyrings ask.
    pub(crate) fn branch_keys(&self) -> Arc<dyn BranchKeySource> {
        Arc::new(self.open.clone())
    }
}

macro_rules! dispatcher {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        fn dispatch(kms: &Kms, operation: &str, request: &JsValue) -> Result<JsValue, Fault> {
            match operation {
                $($camel => write(&kms.$method(read::<api::$request>(request, "the request")?)?),)*
                // Those of branch keys, which are no operations of AWS KMS.
                "createBranchKey" => write(&kms.create_branch_key(read(request, "the request")?)?),
                "rotateBranchKey" => write(&kms.rotate_branch_key(read(request, "the request")?)?),
                "rewrapBranchKeys" => write(&kms.rewrap_branch_keys(read(request, "the request")?)?),
                "describeBranchKey" => write(&kms.describe_branch_key(read(request, "the request")?)?),
                "listBranchKeys" => write(&kms.list_branch_keys(read(request, "the request")?)?),
                _ => Err(Fault::misuse(format!("there is no operation {operation}"))),
            }
        }
    };
}
pocketkms::operations!(dispatcher);
