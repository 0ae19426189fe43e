//! The core's entry point, for JavaScript.

use crate::{
    convert::{
        host::{list, object},
        read, write,
    },
    fault::Fault,
    root_key::RootKey,
};
use pocketkms::{
    Caller, ClockTrust, DamagedRecord, Kms, KmsBuilder, ManualClock, Provider, Timestamp, api,
    envelope::{BranchKeySource, KmsClient},
    shape::{Limits, Member, Shape, Structure, Type},
};
use serde::Deserialize;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// Whose keys a vault's handle sees.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Whose {
    account: Option<String>,
    region: Option<String>,
}

/// Described as the core's own types are, and so read and checked in the same way.
impl Shape for Whose {
    const TYPE: Type = Type::Structure(&Structure { name: "Caller", doc: "", members: &[ACCOUNT, REGION] });
}

/// With what a vault is made or opened.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Options {
    account: Option<String>,
    region: Option<String>,
    clock_trust: Option<String>,
}

impl Shape for Options {
    const TYPE: Type =
        Type::Structure(&Structure { name: "KmsOptions", doc: "", members: &[ACCOUNT, REGION, member("clock_trust")] });
}

const ACCOUNT: Member = member("account");
const REGION: Member = member("region");

const fn member(name: &'static str) -> Member {
    Member { name, wire: None, doc: "", required: false, shape: Type::String, limits: Limits::NONE }
}

impl Options {
    /// What is not named is left to the vault, which remembers whom it was made for.
    fn builder(self, clock: &ManualClock) -> Result<KmsBuilder, Fault> {
        let mut builder = KmsBuilder::new(Provider::default(), Arc::new(clock.clone()));
        if let Some(account) = &self.account {
            builder = builder.account_id(account);
        }
        if let Some(region) = &self.region {
            builder = builder.region(region);
        }
        Ok(match self.clock_trust.as_deref() {
            None => builder,
            Some("trusted") => builder.clock_trust(ClockTrust::Trusted),
            Some("system") => builder.clock_trust(ClockTrust::System),
            Some(_) => return Err(Fault::misuse("clockTrust must be \"trusted\" or \"system\"")),
        })
    }
}

/// What a clock of JavaScript's shows, which is the time of a valid `Date`.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds that a Date can hold")]
pub(crate) fn time(now: f64) -> Timestamp {
    Timestamp::from_millis(now as i64)
}

/// A vault, and who calls.
///
/// The time comes from a clock that lives in JavaScript, which tells it before each question: one moment per operation, and no
/// call from here back into foreign code.
#[wasm_bindgen]
pub struct Vault {
    kms: Kms,
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

    /// Tells the time, before anything is asked; and that the vault is closed, if it is.
    #[wasm_bindgen(js_name = turnClock)]
    pub fn turn_clock(&self, now: f64) -> Result<(), JsValue> {
        self.clock.set(time(now));
        self.kms.time_in_doubt().map_err(Fault::from)?;
        Ok(())
    }

    /// Carries out the operation of this name (`generateDataKey`).
    pub fn call(&self, operation: &str, request: &JsValue) -> Result<JsValue, JsValue> {
        Ok(dispatch(&self.kms, operation, request)?)
    }

    /// The whole vault as one sealed file.
    pub fn snapshot(&self) -> Result<JsValue, JsValue> {
        Ok(write(&api::Blob::from(self.kms.snapshot().map_err(Fault::from)?))?)
    }

    /// Seals the vault under another root key.
    #[wasm_bindgen(js_name = changeRootKey)]
    pub fn change_root_key(&self, root: &RootKey) -> Result<(), JsValue> {
        Ok(self.kms.change_root_key(&root.0).map_err(Fault::from)?)
    }

    /// The same vault for another caller; the account and Region stay where `options` names none.
    #[wasm_bindgen(js_name = asCaller)]
    pub fn as_caller(&self, options: &JsValue) -> Result<Self, JsValue> {
        let Whose { account, region } = read(options, "options")?;
        let account = account.unwrap_or_else(|| self.kms.caller().account().to_string());
        let region = region.unwrap_or_else(|| self.kms.caller().region().to_string());
        let caller = Caller::root(&account, &region).map_err(Fault::from)?;
        Ok(Self { kms: self.kms.as_caller(caller), clock: self.clock.clone() })
    }

    /// Who calls.
    #[wasm_bindgen(getter)]
    pub fn caller(&self) -> JsValue {
        let caller = self.kms.caller();
        object([("account", caller.account().to_string().into()), ("region", caller.region().to_string().into())])
    }

    /// How many changes the vault has seen.
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 changes two revisions look alike")]
    pub fn revision(&self) -> Result<f64, JsValue> {
        Ok(self.kms.revision().map_err(Fault::from)? as f64)
    }

    /// Whether something that a caller changed is in memory only.
    #[wasm_bindgen(getter, js_name = needsSaving)]
    pub fn needs_saving(&self) -> bool {
        self.kms.needs_saving()
    }

    /// Whether deletions wait, for the clock has jumped.
    #[wasm_bindgen(js_name = timeInDoubt)]
    pub fn time_in_doubt(&self) -> Result<bool, JsValue> {
        Ok(self.kms.time_in_doubt().map_err(Fault::from)?)
    }

    /// The clock is right.
    #[wasm_bindgen(js_name = confirmTime)]
    pub fn confirm_time(&self) -> Result<(), JsValue> {
        Ok(self.kms.confirm_time().map_err(Fault::from)?)
    }

    /// The records that were found damaged so far.
    pub fn damaged(&self) -> Result<JsValue, JsValue> {
        Ok(records(&self.kms.damaged().map_err(Fault::from)?))
    }

    /// Opens every record; those that are damaged.
    pub fn verify(&self) -> Result<JsValue, JsValue> {
        Ok(records(&self.kms.verify().map_err(Fault::from)?))
    }

    /// Closes the vault for all callers, and wipes it.
    pub fn close(&self) {
        self.kms.close();
    }

    /// Whether it is closed.
    #[wasm_bindgen(getter)]
    pub fn closed(&self) -> bool {
        self.kms.is_closed()
    }
}

impl Vault {
    fn build(
        options: &JsValue,
        now: f64,
        build: impl FnOnce(KmsBuilder) -> pocketkms::Result<Kms>,
    ) -> Result<Self, JsValue> {
        let clock = ManualClock::new(time(now));
        let builder = read::<Options>(options, "options")?.builder(&clock)?;
        Ok(Self { kms: build(builder).map_err(Fault::from)?, clock })
    }

    /// What the vault's KMS keyrings ask.
    pub(crate) fn client(&self) -> Arc<dyn KmsClient> {
        Arc::new(self.kms.clone())
    }

    /// What the vault's hierarchical keyrings ask.
    pub(crate) fn branch_keys(&self) -> Arc<dyn BranchKeySource> {
        Arc::new(self.kms.clone())
    }
}

fn records(records: &[DamagedRecord]) -> JsValue {
    list(records.iter().map(|record| {
        object([
            ("name", (&record.name).into()),
            ("error", record.kind.name().into()),
            ("explanation", (&record.explanation).into()),
        ])
    }))
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
