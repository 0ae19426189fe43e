//! The host's handle of a vault, for JavaScript.

use crate::{
    asymmetric::provider,
    audit::{Sink, audit_of},
    convert::{
        bytes,
        host::{list, object},
        read, time, write,
    },
    fault::Fault,
    kms::{Kms, describe},
    outside::{Cluster, Transport},
    root_key::RootKey,
    run::begin_run,
};
use pocketkms::{
    Caller, ClockTrust, DamagedRecord, EncryptionContext, ManualClock, MemoryStore, Store, VaultBuilder, api,
};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

// Described as the core's own types are, and so read and checked in the same way.
pocketkms::optional_arguments! {
    struct ClientOptions as "Who a client acts as; what is not named is as the vault remembers it." {
        "" account_id: String,
        "" region: String,
        "" principal: String,
        "" session: api::SessionContext,
    }

    pub(crate) struct VaultOptions as "With what a vault is made or opened." {
        "" account_id: String,
        "" region: String,
        "" principal: String,
        "" clock_trust: ClockTrust,
        "" audit: String,
        "" expected_head: String,
        "The number that `js/host.js` has for the function." audit_sink: u32,
        "" attestation_roots: Vec<api::Blob>,
        "The number that `js/outside/places.js` has for what carries requests." xks_transport: u32,
        "Its numbers of clusters, as texts, by their ids; `7:111122223333,444455556666` where it is said whose they are."
        cloud_hsm_clusters: EncryptionContext,
    }
}

impl VaultOptions {
    pub(crate) fn builder(self, clock: &ManualClock) -> Result<VaultBuilder, Fault> {
        let mut builder = VaultBuilder::new(provider(), Arc::new(clock.clone()));
        if let Some(account_id) = &self.account_id {
            builder = builder.account_id(account_id);
        }
        if let Some(region) = &self.region {
            builder = builder.region(region);
        }
        if let Some(principal) = &self.principal {
            builder = builder.principal(principal);
        }
        if let Some(trust) = self.clock_trust {
            builder = builder.clock_trust(trust);
        }
        if let Some(audit) = &self.audit {
            builder = builder.audit(audit_of(audit)?);
        }
        if let Some(head) = &self.expected_head {
            builder = builder.expected_head(head);
        }
        if let Some(sink) = self.audit_sink {
            builder = builder.audit_sink(Sink(sink));
        }
        if let Some(roots) = &self.attestation_roots {
            builder = builder.attestation_roots(roots)?;
        }
        if let Some(place) = self.xks_transport {
            builder = builder.xks_transport(Transport::at(place));
        }
        for (id, place) in self.cloud_hsm_clusters.iter().flat_map(|clusters| clusters.iter()) {
            let (place, accounts) = place.split_once(':').map_or((&**place, None), |(place, of)| (place, Some(of)));
            let place = place.parse().map_err(|_| Fault::misuse("a place is none that js/outside/places.js has"))?;
            let cluster = Cluster::at(place);
            builder = match accounts {
                None => builder.cloud_hsm_cluster(id, cluster),
                Some(accounts) => builder.cloud_hsm_cluster_of(&accounts.split(',').collect::<Vec<_>>(), id, cluster),
            };
        }
        Ok(builder)
    }
}

/// A vault.
///
/// The time comes from a clock that lives in JavaScript, which sets it before each call: one moment per operation, and no call
/// from here back into foreign code.
#[wasm_bindgen]
pub struct Vault {
    pub(crate) vault: pocketkms::Vault,
    clock: ManualClock,
}

#[wasm_bindgen]
impl Vault {
    /// Makes a new vault in memory.
    #[wasm_bindgen(js_name = inMemory)]
    pub fn in_memory(root: &RootKey, options: &JsValue, now: f64) -> Result<Self, JsValue> {
        Self::build(options, now, |builder| builder.create_in_memory(&root.0))
    }

    /// Opens a snapshot, made on any platform, into memory.
    #[wasm_bindgen(js_name = openSnapshot)]
    pub fn open_snapshot(snapshot: &JsValue, root: &RootKey, options: &JsValue, now: f64) -> Result<Self, JsValue> {
        let snapshot: api::Blob = read(snapshot, "the snapshot")?;
        Self::build(options, now, |builder| builder.open_snapshot(&snapshot, &root.0))
    }

    /// Sets the time, before each call.
    #[wasm_bindgen(js_name = turnClock)]
    pub fn turn_clock(&self, now: f64) {
        begin_run();
        self.clock.set(time(now));
    }

    /// A client for a caller.
    pub fn client(&self, options: &JsValue) -> Result<Kms, JsValue> {
        let kms = self.vault.client_of(self.named(options)?).map_err(Fault::from)?;
        Ok(Kms::new(kms, self.clock.clone()))
    }

    /// The same where the vault's store has to be waited for: whether the registry has the caller is left to each call.
    #[wasm_bindgen(js_name = clientAs)]
    pub fn client_as(&self, options: &JsValue) -> Result<Kms, JsValue> {
        Ok(Kms::new(self.vault.client_as(self.named(options)?), self.clock.clone()))
    }

    /// Puts an entity into the registry of principals.
    #[wasm_bindgen(js_name = putIamEntity)]
    pub fn put_iam_entity(&self, entity: &JsValue) -> Result<(), JsValue> {
        let entity = read(entity, "the entity")?;
        Ok(self.vault.put_iam_entity(&entity).map_err(Fault::from)?)
    }

    /// What the registry keeps of an entity.
    #[wasm_bindgen(js_name = getIamEntity)]
    pub fn get_iam_entity(&self, arn: &str) -> Result<JsValue, JsValue> {
        Ok(write(&self.vault.get_iam_entity(arn).map_err(Fault::from)?)?)
    }

    /// The ARNs of what it keeps of an account, page by page.
    #[wasm_bindgen(js_name = listIamEntities)]
    pub fn list_iam_entities(&self, request: &JsValue) -> Result<JsValue, JsValue> {
        let request = read(request, "the request")?;
        Ok(write(&self.vault.list_iam_entities(&request).map_err(Fault::from)?)?)
    }

    /// Removes an entity.
    #[wasm_bindgen(js_name = removeIamEntity)]
    pub fn remove_iam_entity(&self, arn: &str) -> Result<(), JsValue> {
        Ok(self.vault.remove_iam_entity(arn).map_err(Fault::from)?)
    }

    /// Request quotas, or none.
    #[wasm_bindgen(js_name = setRequestQuotas)]
    pub fn set_request_quotas(&self, quotas: &JsValue) -> Result<(), JsValue> {
        let quotas: Option<Vec<api::RequestQuota>> =
            if quotas.is_undefined() || quotas.is_null() { None } else { Some(read(quotas, "the quotas")?) };
        Ok(self.vault.set_request_quotas(quotas.as_deref()).map_err(Fault::from)?)
    }

    /// Resource quotas, or AWS's.
    #[wasm_bindgen(js_name = setResourceQuotas)]
    pub fn set_resource_quotas(&self, quotas: &JsValue) -> Result<(), JsValue> {
        let quotas: Option<api::ResourceQuotas> =
            if quotas.is_undefined() || quotas.is_null() { None } else { Some(read(quotas, "the quotas")?) };
        Ok(self.vault.set_resource_quotas(quotas.as_ref()).map_err(Fault::from)?)
    }

    /// How long a grant is there for its token alone.
    #[wasm_bindgen(js_name = setGrantDelay)]
    pub fn set_grant_delay(&self, seconds: u32) -> Result<(), JsValue> {
        Ok(self.vault.set_grant_delay(seconds).map_err(Fault::from)?)
    }

    /// What a month costs.
    pub fn bill(&self, request: &JsValue) -> Result<JsValue, JsValue> {
        let request: api::BillRequest = read(request, "the request")?;
        Ok(write(&self.vault.bill(&request).map_err(Fault::from)?)?)
    }

    /// What a month would cost.
    pub fn estimate(&self, request: &JsValue) -> Result<JsValue, JsValue> {
        let request: api::EstimateRequest = read(request, "the request")?;
        Ok(write(&self.vault.estimate(&request).map_err(Fault::from)?)?)
    }

    /// Tries out what would be decided of a call.
    pub fn simulate(&self, request: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let (request, caller) = (read(request, "the request")?, self.named(options)?);
        Ok(write(&self.vault.simulate(&caller, &request).map_err(Fault::from)?)?)
    }

    /// The client of a session of a role.
    #[wasm_bindgen(js_name = assumeRole)]
    pub fn assume_role(&self, request: &JsValue, options: &JsValue) -> Result<Kms, JsValue> {
        let (request, caller) = (read(request, "the request")?, self.named(options)?);
        let kms = self.vault.assume_role(&caller, &request).map_err(Fault::from)?;
        Ok(Kms::new(kms, self.clock.clone()))
    }

    /// The caller that the vault was opened for.
    #[wasm_bindgen(getter)]
    pub fn caller(&self) -> JsValue {
        describe(self.vault.caller())
    }

    /// The whole vault as one sealed file.
    pub fn snapshot(&self) -> Result<JsValue, JsValue> {
        Ok(bytes(&self.vault.snapshot().map_err(Fault::from)?)?)
    }

    /// Every record of a vault in memory, sealed as it is: what is written where a snapshot is restored.
    pub fn records(&self) -> Result<JsValue, JsValue> {
        let found =
            self.vault.with_store(|store: &MemoryStore| store.scan("", None, usize::MAX)).map_err(Fault::from)?;
        let found = found.transpose().map_err(|error| Fault::from(pocketkms::Error::from(error)))?;
        let records = found.unwrap_or_default().into_iter().map(|record| {
            #[expect(clippy::cast_precision_loss, reason = "no record is changed 2^53 times")]
            let revision = record.revision as f64;
            let value = bytes(record.value.as_bytes())?;
            Ok(object([("name", record.name.into()), ("revision", revision.into()), ("value", value)]))
        });
        Ok(list(records.collect::<Result<Vec<_>, Fault>>()?))
    }

    /// The vault's header, for a root key that has to be asked about it.
    pub fn header(&self) -> Result<JsValue, JsValue> {
        Ok(bytes(&self.vault.header().map_err(Fault::from)?)?)
    }

    /// A snapshot is where it lasts.
    #[wasm_bindgen(js_name = markSaved)]
    pub fn mark_saved(&self, snapshot: &JsValue) -> Result<(), JsValue> {
        let snapshot: api::Blob = read(snapshot, "the snapshot")?;
        Ok(self.vault.mark_saved(&snapshot).map_err(Fault::from)?)
    }

    /// How many changes the vault has seen.
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 changes two revisions look alike")]
    pub fn revision(&self) -> Result<f64, JsValue> {
        Ok(self.vault.revision().map_err(Fault::from)? as f64)
    }

    /// Whether something that a caller changed is in memory only.
    #[wasm_bindgen(getter, js_name = needsSaving)]
    pub fn needs_saving(&self) -> bool {
        self.vault.needs_saving()
    }

    /// Whether deletions wait, for the clock has jumped.
    #[wasm_bindgen(js_name = timeInDoubt)]
    pub fn time_in_doubt(&self) -> Result<bool, JsValue> {
        Ok(self.vault.time_in_doubt().map_err(Fault::from)?)
    }

    /// The clock is right.
    #[wasm_bindgen(js_name = confirmTime)]
    pub fn confirm_time(&self) -> Result<(), JsValue> {
        Ok(self.vault.confirm_time().map_err(Fault::from)?)
    }

    /// The records that were found damaged so far.
    pub fn damaged(&self) -> Result<JsValue, JsValue> {
        Ok(records(&self.vault.damaged().map_err(Fault::from)?))
    }

    /// Opens every record; those that are damaged.
    pub fn verify(&self) -> Result<JsValue, JsValue> {
        Ok(records(&self.vault.verify().map_err(Fault::from)?))
    }

    /// Closes the vault for all callers, and wipes it.
    pub fn close(&self) {
        // Events that wait are stored, whatever the run before it lacked.
        begin_run();
        self.vault.close();
    }

    /// Whether it is closed.
    #[wasm_bindgen(getter)]
    pub fn closed(&self) -> bool {
        self.vault.is_closed()
    }

    /// Locks the vault for all callers, and wipes its keys.
    pub fn lock(&self) {
        self.vault.lock();
    }

    /// Unlocks it by a root key.
    pub fn unlock(&self, root: &RootKey) -> Result<(), JsValue> {
        Ok(self.vault.unlock(&root.0).map_err(Fault::from)?)
    }

    /// Whether it is locked.
    #[wasm_bindgen(getter)]
    pub fn locked(&self) -> bool {
        self.vault.is_locked()
    }
}

impl Vault {
    pub(crate) fn new(vault: pocketkms::Vault, clock: ManualClock) -> Self {
        Self { vault, clock }
    }

    /// Who is named, with what is stated of their session.
    fn named(&self, options: &JsValue) -> Result<Caller, Fault> {
        let ClientOptions { account_id, region, principal, session } = read(options, "options")?;
        let caller = self.vault.caller().with(account_id.as_deref(), region.as_deref(), principal.as_deref())?;
        Ok(match session {
            Some(session) => caller.with_session(session)?,
            None => caller,
        })
    }

    fn build(
        options: &JsValue,
        now: f64,
        build: impl FnOnce(VaultBuilder) -> pocketkms::Result<pocketkms::Vault>,
    ) -> Result<Self, JsValue> {
        begin_run();
        let clock = ManualClock::new(time(now));
        let builder = read::<VaultOptions>(options, "options")?.builder(&clock)?;
        Ok(Self { vault: build(builder).map_err(Fault::from)?, clock })
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
