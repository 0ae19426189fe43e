//! Plays a scenario on a vault of its own.

use crate::pattern::World;
use pocketkms::{
    Kms, ManualClock, Result as KmsResult, Vault, VaultBuilder, WireResponse,
    api::{Blob, IamEntity, RequestQuota, ResourceQuotas, SessionContext},
    from_json,
    shape::Shape,
};
use pocketkms_tests::{
    driven::Driver,
    vault::{START, root},
    xks::{ExternalKey, Fault, Proxy},
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    #[serde(rename = "title")]
    _title: String,
    /// Root certificates that the vault trusts, base64.
    #[serde(rename = "attestationRoots")]
    attestation_roots: Option<Value>,
    /// What is in the external key manager, base64.
    #[serde(rename = "externalKeys")]
    external_keys: Option<BTreeMap<String, Value>>,
    /// What is named from the beginning.
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    callers: BTreeMap<String, Identity>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    account: Option<String>,
    region: Option<String>,
    principal: Option<String>,
    session: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    turn: Option<BTreeMap<String, i64>>,
    /// The error that the external key store proxy answers from now on, or `null` for none.
    #[serde(default, deserialize_with = "given")]
    proxy: Option<Value>,
    /// A method of the vault that is the host's.
    host: Option<String>,
    #[serde(default)]
    argument: Value,
    /// For the reader.
    #[serde(rename = "about")]
    _about: Option<String>,
    call: Option<String>,
    r#as: Option<String>,
    /// `wire`: what no typed API lets a caller say.
    #[serde(rename = "only")]
    _only: Option<String>,
    #[serde(default)]
    input: Map<String, Value>,
    answer: Option<Value>,
    error: Option<String>,
    message: Option<Value>,
}

/// A member that is there, even if it is `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// How vaults are made and called.
pub(crate) trait Stage {
    fn create(&self, builder: VaultBuilder) -> KmsResult<Vault>;

    fn call(&self, kms: &Kms, target: &str, body: &[u8]) -> WireResponse;

    /// Does what the host does.
    fn host(&self, act: &dyn Fn() -> KmsResult<()>) -> KmsResult<()>;
}

/// In memory.
pub(crate) struct Memory;

impl Stage for Memory {
    fn create(&self, builder: VaultBuilder) -> KmsResult<Vault> {
        builder.create_in_memory(&root())
    }

    fn call(&self, kms: &Kms, target: &str, body: &[u8]) -> WireResponse {
        kms.call(target, body)
    }

    fn host(&self, act: &dyn Fn() -> KmsResult<()>) -> KmsResult<()> {
        act()
    }
}

/// In a store that has to be waited for.
impl Stage for Driver {
    fn create(&self, builder: VaultBuilder) -> KmsResult<Vault> {
        Self::create(self, builder, &root())
    }

    fn call(&self, kms: &Kms, target: &str, body: &[u8]) -> WireResponse {
        self.run(|| Ok(kms.call(target, body))).expect("errors are responses")
    }

    fn host(&self, act: &dyn Fn() -> KmsResult<()>) -> KmsResult<()> {
        self.run(act)
    }
}

/// Plays it to the end, and returns the operations that it called.
pub(crate) fn play(name: &str, scenario: Value, stage: &dyn Stage) -> Result<BTreeSet<String>, String> {
    let Scenario { attestation_roots, external_keys, values, callers, steps, .. } =
        serde_json::from_value(scenario).map_err(|error| format!("{name}: {error}"))?;
    let clock = ManualClock::new(START);
    let mut builder = Vault::builder().clock(clock.clone());
    if let Some(roots) = attestation_roots {
        builder = builder.attestation_roots(&read::<Vec<Blob>>(&roots)?).map_err(|error| error.report())?;
    }
    let proxy = Proxy::new(&clock);
    if let Some(keys) = external_keys {
        for (id, key) in keys {
            let material =
                read::<Blob>(&key)?.to_vec().try_into().map_err(|_| format!("{name}: {id} has not 256 bits"))?;
            proxy.keys(|keys| keys.put(&id, ExternalKey { material, ..ExternalKey::new(0) }));
        }
        builder = builder.xks_transport(proxy.clone());
    }
    let vault = stage.create(builder).map_err(|error| error.to_string())?;
    let kms = vault.client();
    let mut world = World::new(START.as_millis(), values);
    let mut clients = BTreeMap::new();
    for (caller, Identity { account, region, principal, session }) in callers {
        let found = vault.caller().with(account.as_deref(), region.as_deref(), principal.as_deref());
        let mut found = found.map_err(|error| format!("{name}: {error}"))?;
        if let Some(session) = session {
            let session: SessionContext = read(&world.value(&session)?)?;
            found = found.with_session(session).map_err(|error| format!("{name}: {error}"))?;
        }
        clients.insert(caller, vault.client_as(found));
    }
    let mut called = BTreeSet::new();
    for (index, step) in steps.into_iter().enumerate() {
        let place = format!("{name}, step {}", index + 1);
        let kms = match &step.r#as {
            None => &kms,
            Some(name) => clients.get(name).ok_or_else(|| format!("{place}: no caller is called {name}"))?,
        };
        if let Some(error) = &step.proxy {
            let error: Option<String> =
                serde_json::from_value(error.clone()).map_err(|wrong| format!("{place}: {wrong}"))?;
            proxy.set_fault(error.map(|name| Fault::Refuses(400, name.leak())));
            continue;
        }
        called.extend(step.call.clone());
        if let Some(method) = &step.host {
            let argument = world.value(&step.argument).map_err(|wrong| format!("{place}: {wrong}"))?;
            act(stage, &vault, method, &argument).map_err(|wrong| format!("{place}: {method}: {wrong}"))?;
            continue;
        }
        play_step(step, stage, kms, &clock, &mut world).map_err(|wrong| format!("{place}: {wrong}"))?;
    }
    Ok(called)
}

/// A value of the wire as what it describes.
fn read<T: Shape>(value: &Value) -> Result<T, String> {
    from_json(value.to_string().as_bytes()).map_err(|error| error.to_string())
}

/// Calls a method of the host's.
fn act(stage: &dyn Stage, vault: &Vault, method: &str, argument: &Value) -> Result<(), String> {
    let done = match method {
        "putIamEntity" => {
            let entity: IamEntity = read(argument)?;
            stage.host(&|| vault.put_iam_entity(&entity))
        }
        "removeIamEntity" => {
            let arn: String = read(argument)?;
            stage.host(&|| vault.remove_iam_entity(&arn))
        }
        "setRequestQuotas" => {
            let quotas: Vec<RequestQuota> = read(argument)?;
            stage.host(&|| vault.set_request_quotas(Some(&quotas)))
        }
        "setResourceQuotas" => {
            let quotas: ResourceQuotas = read(argument)?;
            stage.host(&|| vault.set_resource_quotas(Some(&quotas)))
        }
        "setGrantDelay" => {
            let seconds: u32 = read(argument)?;
            stage.host(&|| vault.set_grant_delay(seconds))
        }
        _ => return Err("the host has no such method".into()),
    };
    done.map_err(|error| error.report())
}

fn play_step(step: Step, stage: &dyn Stage, kms: &Kms, clock: &ManualClock, world: &mut World) -> Result<(), String> {
    if let Some(turn) = step.turn {
        world.turn(&turn)?;
        clock.set(pocketkms::Timestamp::from_millis(world.now()));
        return Ok(());
    }
    let operation = step.call.ok_or("a step is a call or turns the clock")?;
    let input = world.value(&Value::Object(step.input))?;
    let response = stage.call(kms, &format!("TrentService.{operation}"), input.to_string().as_bytes());
    let body = match response.body.expose() {
        [] => Value::Null,
        body => serde_json::from_slice(body).map_err(|error| error.to_string())?,
    };
    let failed = |body: &Value| format!("{operation}: {}: {}", response.status, body);
    match (response.status, step.error) {
        (200, None) => match step.answer {
            Some(expected) => world.expect(&operation, &expected, &body),
            // An object without members is no answer either.
            None if body.is_null() || body.as_object().is_some_and(serde_json::Map::is_empty) => Ok(()),
            None => Err(format!("{operation} answered, but nothing was expected: {body}")),
        },
        (200, Some(error)) => Err(format!("{operation}: no error, but {error} was expected")),
        (_, Some(error)) if body["__type"] == json!(error) => match step.message {
            Some(expected) => world.expect("message", &expected, &body["message"]),
            None => Ok(()),
        },
        _ => Err(failed(&body)),
    }
}
