//! The host's handle of a vault.

use crate::{
    audit::Sink,
    clock,
    cluster::Cluster,
    convert::{self, Bytes, type_error},
    envelope::file_work,
    error::raise,
    gate, interrupt,
    kms::{Kms, described},
    memory,
    pending::{carry, run},
    root_key::RootKey,
    xks::with_transport,
};
use pocketkms::{
    Audit, AuditFormat, AuditProblem, AuditProblemKind, Caller, ClockTrust, DamagedRecord, SecretArray, VaultBuilder,
    api::{
        AssumeRoleRequest, BillRequest, Blob, CreateKeyRequest, EstimateRequest, IamEntity, ListIamEntitiesRequest,
        LookupEventsRequest, RequestQuota, ResourceQuotas, SessionContext, SimulateRequest,
    },
};
use pocketkms_sqlite::{Backup, VaultFile, flush_all as flush_all_vaults, remember};
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyDateTime, PyList, PyString, PyTuple},
};
use std::{collections::HashMap, path::PathBuf};

/// An open vault, for the host that owns it.
#[pyclass(frozen, module = "pocketkms._native")]
pub(crate) struct Vault(pocketkms::Vault);

/// Who calls: the account, the Region and the principal, each if it is named.
type CallerArguments = (Option<String>, Option<String>, Option<String>);

/// The clock, how far it is relied on, and who says what an attested environment is, each if it is named.
type Trusted<'py> = (Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>);

/// When events of the audit trail are stored, what the head of the trail was when it was pinned, and who is shown the events, each if it
/// is named.
type Audited<'py> = (Option<Bound<'py, PyAny>>, Option<String>, Option<Bound<'py, PyAny>>);

/// What is behind custom key stores: clusters by their ids, whose they are, and what carries requests to external key store proxies, each if it
/// is named.
type Outside<'py> =
    (Option<HashMap<String, Bound<'py, PyAny>>>, Option<HashMap<String, Vec<String>>>, Option<Bound<'py, PyAny>>);

/// A problem of the audit trail: its kind, the number of the entry, and an explanation.
type Problem = (&'static str, u64, String);

/// A damaged record: name, exception name and explanation.
type Damaged = (String, &'static str, String);

fn damaged(records: Vec<DamagedRecord>) -> Vec<Damaged> {
    records.into_iter().map(|record| (record.name, record.kind.name(), record.explanation)).collect()
}

#[pymethods]
impl Vault {
    /// In a file: makes it, opens it, or does one or the other.
    #[staticmethod]
    #[allow(clippy::too_many_arguments, reason = "by place, and from the package's own code alone")]
    fn file(
        py: Python<'_>,
        how: &str,
        path: PathBuf,
        root: &Bound<'_, RootKey>,
        trusted: Trusted<'_>,
        audit: Audited<'_>,
        caller: CallerArguments,
        outside: Outside<'_>,
    ) -> PyResult<Self> {
        let (root, builder) = (&root.get().0, builder(trusted, audit, caller, outside)?);
        run(py, true, || match how {
            "create" => builder.create_file(path, root),
            "open" => builder.open_file(path, root),
            _ => builder.open_or_create_file(path, root),
        })
        .map(Self)
    }

    #[staticmethod]
    fn in_memory(
        py: Python<'_>,
        root: &Bound<'_, RootKey>,
        trusted: Trusted<'_>,
        audit: Audited<'_>,
        caller: CallerArguments,
        outside: Outside<'_>,
    ) -> PyResult<Self> {
        let (root, builder) = (&root.get().0, builder(trusted, audit, caller, outside)?);
        run(py, true, || builder.create_in_memory(root).inspect(remember)).map(Self)
    }

    #[staticmethod]
    fn open_snapshot(
        py: Python<'_>,
        snapshot: &Bound<'_, PyAny>,
        root: &Bound<'_, RootKey>,
        trusted: Trusted<'_>,
        audit: Audited<'_>,
        caller: CallerArguments,
        outside: Outside<'_>,
    ) -> PyResult<Self> {
        let snapshot =
            convert::bytes_of(snapshot).unwrap_or_else(|| Err(type_error("snapshot", convert::BYTES, snapshot)))?;
        let (root, builder) = (&root.get().0, builder(trusted, audit, caller, outside)?);
        // Its records are read into memory of their own.
        memory::look_for(snapshot.len().saturating_mul(2))?;
        run(py, true, || builder.open_snapshot(&snapshot, root).inspect(remember)).map(Self)
    }

    fn client(&self, py: Python<'_>, caller: CallerArguments, session: Option<&Bound<'_, PyTuple>>) -> PyResult<Kms> {
        let caller = self.named(py, caller, session)?;
        run(py, true, || self.0.client_of(caller)).map(Kms)
    }

    fn put_iam_entity(&self, py: Python<'_>, members: &Bound<'_, PyTuple>) -> PyResult<()> {
        let entity: IamEntity = convert::request(members)?;
        run(py, true, || self.0.put_iam_entity(&entity))
    }

    fn get_iam_entity<'py>(&self, py: Python<'py>, arn: &str) -> PyResult<Bound<'py, PyAny>> {
        let entity = run(py, true, || self.0.get_iam_entity(arn))?;
        convert::response(py, &entity)
    }

    fn list_iam_entities<'py>(&self, py: Python<'py>, members: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let request: ListIamEntitiesRequest = convert::request(members)?;
        let page = run(py, true, || self.0.list_iam_entities(&request))?;
        convert::response(py, &page)
    }

    fn remove_iam_entity(&self, py: Python<'_>, arn: &str) -> PyResult<()> {
        run(py, true, || self.0.remove_iam_entity(arn))
    }

    /// Request quotas, the members of each; `None` for none.
    fn set_request_quotas(&self, py: Python<'_>, quotas: Option<Vec<Bound<'_, PyTuple>>>) -> PyResult<()> {
        let read = |quotas: Vec<Bound<'_, PyTuple>>| quotas.iter().map(convert::request::<RequestQuota>).collect();
        let quotas: Option<Vec<RequestQuota>> = quotas.map(read).transpose()?;
        run(py, true, || self.0.set_request_quotas(quotas.as_deref()))
    }

    /// Resource quotas, their members; `None` for AWS's.
    fn set_resource_quotas(&self, py: Python<'_>, quotas: Option<&Bound<'_, PyTuple>>) -> PyResult<()> {
        let quotas: Option<ResourceQuotas> = quotas.map(convert::request).transpose()?;
        run(py, true, || self.0.set_resource_quotas(quotas.as_ref()))
    }

    fn set_grant_delay(&self, py: Python<'_>, seconds: u32) -> PyResult<()> {
        run(py, true, || self.0.set_grant_delay(seconds))
    }

    fn bill<'py>(&self, py: Python<'py>, members: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let request: BillRequest = convert::request(members)?;
        convert::response(py, &run(py, true, || self.0.bill(&request))?)
    }

    fn estimate<'py>(&self, py: Python<'py>, members: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let request: EstimateRequest = convert::request(members)?;
        convert::response(py, &run(py, true, || self.0.estimate(&request))?)
    }

    fn simulate<'py>(
        &self,
        py: Python<'py>,
        caller: CallerArguments,
        session: Option<&Bound<'py, PyTuple>>,
        members: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let caller = self.named(py, caller, session)?;
        let request: SimulateRequest = convert::request(members)?;
        let response = run(py, true, || self.0.simulate(&caller, &request))?;
        convert::response(py, &response)
    }

    fn assume_role(
        &self,
        py: Python<'_>,
        caller: CallerArguments,
        session: Option<&Bound<'_, PyTuple>>,
        members: &Bound<'_, PyTuple>,
    ) -> PyResult<Kms> {
        let caller = self.named(py, caller, session)?;
        let request: AssumeRoleRequest = convert::request(members)?;
        run(py, true, || self.0.assume_role(&caller, &request)).map(Kms)
    }

    /// A key with an id or material of the host's choice.
    fn create_fixed_key<'py>(
        &self,
        py: Python<'py>,
        caller: CallerArguments,
        key_id: Option<&str>,
        key_material: Option<&Bound<'py, PyAny>>,
        description: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let caller = self.named(py, caller, None)?;
        let material = key_material.map(material).transpose()?;
        let request = CreateKeyRequest { description, ..Default::default() };
        let made = run(py, true, || self.0.create_fixed_key(&caller, key_id, material.as_ref(), &request))?;
        convert::response(py, &made)
    }

    fn caller(&self) -> (String, String, String) {
        described(self.0.caller())
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let snapshot = run(py, true, || self.0.snapshot())?;
        memory::bytes(py, &snapshot)
    }

    fn mark_saved(&self, py: Python<'_>, snapshot: &Bound<'_, PyAny>) -> PyResult<()> {
        let snapshot =
            convert::bytes_of(snapshot).unwrap_or_else(|| Err(type_error("snapshot", convert::BYTES, snapshot)))?;
        run(py, true, || self.0.mark_saved(&snapshot))
    }

    fn root_keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let infos = run(py, true, || self.0.root_keys())?;
        convert::response(py, &infos)
    }

    fn add_root_key(&self, py: Python<'_>, root: &Bound<'_, RootKey>, label: &str) -> PyResult<String> {
        let root = &root.get().0;
        run(py, true, || self.0.add_root_key(root, label))
    }

    /// Its text is wiped here; Python's `str` of it cannot be.
    fn add_recovery_key<'py>(&self, py: Python<'py>, label: &str) -> PyResult<Bound<'py, PyAny>> {
        let key = run(py, true, || self.0.add_recovery_key(label))?;
        convert::response(py, &key)
    }

    fn remove_root_key(&self, py: Python<'_>, id: &str) -> PyResult<()> {
        run(py, true, || self.0.remove_root_key(id))
    }

    fn replace_root_key(&self, py: Python<'_>, id: &str, root: &Bound<'_, RootKey>) -> PyResult<String> {
        let root = &root.get().0;
        run(py, true, || self.0.replace_root_key(id, root))
    }

    fn rotate_vault_key(&self, py: Python<'_>, roots: &Bound<'_, PyList>) -> PyResult<()> {
        let roots: Vec<Py<RootKey>> = roots.extract()?;
        let roots: Vec<_> = roots.iter().map(|root| &root.get().0).collect();
        run(py, true, || self.0.rotate_vault_key(&roots))
    }

    fn finish_rotation(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, true, || self.0.finish_rotation())
    }

    fn shred(&self, py: Python<'_>, root: &Bound<'_, RootKey>) -> PyResult<()> {
        let root = &root.get().0;
        run(py, true, || self.0.shred(root))
    }

    fn revision(&self, py: Python<'_>) -> PyResult<u64> {
        run(py, true, || self.0.revision())
    }

    fn needs_saving(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, true, || Ok(self.0.needs_saving()))
    }

    fn time_in_doubt(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, true, || self.0.time_in_doubt())
    }

    fn confirm_time(&self, py: Python<'_>) -> PyResult<()> {
        run(py, true, || self.0.confirm_time())
    }

    /// The damaged records, of all records, or those that calls met.
    fn damaged(&self, py: Python<'_>, all: bool) -> PyResult<Vec<Damaged>> {
        run(py, true, || if all { self.0.verify() } else { self.0.damaged() }).map(damaged)
    }

    fn lookup_events<'py>(&self, py: Python<'py>, members: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let request: LookupEventsRequest = convert::request(members)?;
        let page = run(py, true, || self.0.lookup_events(&request))?;
        convert::response(py, &page)
    }

    /// Writes the audit trail by a function that takes text, and returns how many events it has written.
    fn export_audit(
        &self,
        py: Python<'_>,
        format: &Bound<'_, PyAny>,
        members: &Bound<'_, PyTuple>,
        write: &Bound<'_, PyAny>,
    ) -> PyResult<u64> {
        let named = format.cast::<PyString>().ok().map(|name| name.to_string_lossy().into_owned());
        let form = match named.as_deref() {
            Some("CLOUDTRAIL") => AuditFormat::CloudTrail,
            Some("JSON_LINES") => AuditFormat::JsonLines,
            _ => return Err(type_error("format", "'CLOUDTRAIL' or 'JSON_LINES'", format)),
        };
        let request: LookupEventsRequest = convert::request(members)?;
        let write = write.clone().unbind();
        let put = |text: &str| {
            gate::attach(|py| write.call1(py, (text,)).map(drop).map_err(|exception| carry(py, exception)))
        };
        run(py, true, || self.0.export_audit(form, request, put))
    }

    fn flush_audit(&self, py: Python<'_>) -> PyResult<()> {
        run(py, true, || self.0.flush_audit())
    }

    /// How many events were checked, and what is wrong with the trail.
    fn verify_audit(&self, py: Python<'_>) -> PyResult<(u64, Vec<Problem>)> {
        let report = run(py, true, || self.0.verify_audit())?;
        let problem = |problem: AuditProblem| (kind_of(problem.kind), problem.entry, problem.explanation);
        Ok((report.events, report.problems.into_iter().map(problem).collect()))
    }

    fn remove_audit_before(&self, py: Python<'_>, time: &Bound<'_, PyDateTime>) -> PyResult<u64> {
        let time = convert::from_datetime(time)?;
        run(py, true, || self.0.remove_audit_before(time))
    }

    fn head(&self, py: Python<'_>) -> PyResult<String> {
        run(py, true, || self.0.head())
    }

    /// Copies the vault to another file, and returns its damaged records.
    fn backup(&self, py: Python<'_>, path: PathBuf) -> PyResult<Vec<Damaged>> {
        run(py, true, || self.0.backup(path)).map(damaged)
    }

    /// Closes the vault for all its callers, after the calls that are under way, and wipes its secrets.
    fn close(&self, py: Python<'_>) {
        gate::released(py, || self.0.close());
    }

    fn is_closed(&self, py: Python<'_>) -> bool {
        gate::released(py, || self.0.is_closed())
    }

    /// Locks the vault for all its callers, and wipes its secrets.
    fn lock(&self, py: Python<'_>) {
        gate::released(py, || self.0.lock());
    }

    /// Unlocks it by a root key.
    fn unlock(&self, py: Python<'_>, root: &RootKey) -> PyResult<()> {
        run(py, true, || self.0.unlock(&root.0))
    }

    fn is_locked(&self, py: Python<'_>) -> bool {
        gate::released(py, || self.0.is_locked())
    }

    /// Writes a snapshot to a file, and marks it as saved.
    #[expect(clippy::needless_pass_by_value, reason = "made of the argument for this call")]
    fn save_to(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        file_work(py, None, |_| pocketkms_files::save_snapshot(&self.0, &path))
    }
}

impl Vault {
    /// Who is named, with what is stated of their session: the members of a `SessionContext`.
    fn named(
        &self,
        py: Python<'_>,
        (account, region, principal): CallerArguments,
        session: Option<&Bound<'_, PyTuple>>,
    ) -> PyResult<Caller> {
        let caller = self.0.caller().with(account.as_deref(), region.as_deref(), principal.as_deref());
        let caller = caller.map_err(|error| raise(py, &error))?;
        let Some(members) = session else { return Ok(caller) };
        let session: SessionContext = convert::request(members)?;
        caller.with_session(session).map_err(|error| raise(py, &error))
    }
}

/// Stores the events that wait of all vaults of this process: for its end.
#[pyfunction]
pub(crate) fn flush_all(py: Python<'_>) -> PyResult<()> {
    run(py, true, || {
        flush_all_vaults();
        Ok(())
    })
}

fn material(bytes: &Bound<'_, PyAny>) -> PyResult<SecretArray<32>> {
    let bytes = Bytes::of("key_material", bytes)?;
    SecretArray::copy_of(&bytes).ok_or_else(|| PyValueError::new_err("'key_material' must be 32 bytes"))
}

pocketkms::optional_arguments! {
    struct Trust as "What the host relies on, described so that a wrong value is refused in the words of an operation's." called "VaultOptions" {
        "" clock_trust: ClockTrust,
        "" attestation_roots: Vec<Blob>,
    }
}

/// `"OFF"`, `"STRICT"`, or how long events may wait.
fn audit_of(audit: &Bound<'_, PyAny>) -> PyResult<Audit> {
    if let Ok(name) = audit.cast::<PyString>() {
        return match &*name.to_string_lossy() {
            "OFF" => Ok(Audit::off()),
            "STRICT" => Ok(Audit::strict()),
            _ => Err(type_error("audit", "'OFF', 'STRICT' or a timedelta", audit)),
        };
    }
    audit.extract().map(Audit::window).map_err(|_| type_error("audit", "'OFF', 'STRICT' or a timedelta", audit))
}

const fn kind_of(kind: AuditProblemKind) -> &'static str {
    match kind {
        AuditProblemKind::Removed => "REMOVED",
        AuditProblemKind::Edited => "EDITED",
        AuditProblemKind::Reordered => "REORDERED",
        AuditProblemKind::Inserted => "INSERTED",
        AuditProblemKind::Restarted => "RESTARTED",
        AuditProblemKind::Gap => "GAP",
        // A kind of a newer core.
        _ => "OTHER",
    }
}

/// What is not named is as the core has it; but the clock is Python's own.
fn builder(
    (clock, clock_trust, attestation_roots): Trusted<'_>,
    (audit, expected_head, sink): Audited<'_>,
    (account, region, principal): CallerArguments,
    (clusters, accounts, xks): Outside<'_>,
) -> PyResult<VaultBuilder> {
    let mut builder = VaultBuilder::new(interrupt::provider(), clock::of(clock.as_ref())?);
    if let Some(audit) = audit {
        builder = builder.audit(audit_of(&audit)?);
    }
    if let Some(head) = expected_head {
        builder = builder.expected_head(&head);
    }
    if let Some(sink) = sink {
        builder = builder.audit_sink(Sink::of(&sink)?);
    }
    for (id, cluster) in clusters.into_iter().flatten() {
        let cluster = Cluster::of(&cluster)?;
        builder = match accounts.as_ref().and_then(|accounts| accounts.get(&id)) {
            Some(accounts) => builder.cloud_hsm_cluster_of(accounts, &id, cluster),
            None => builder.cloud_hsm_cluster(&id, cluster),
        };
    }
    if let Some(transport) = xks {
        builder = with_transport(builder, &transport)?;
    }
    if let Some(value) = clock_trust.as_ref().or(attestation_roots.as_ref()) {
        let py = value.py();
        let given: Trust = convert::request(&PyTuple::new(py, [&clock_trust, &attestation_roots])?)?;
        builder = given.clock_trust.into_iter().fold(builder, VaultBuilder::clock_trust);
        if let Some(roots) = &given.attestation_roots {
            builder = builder.attestation_roots(roots).map_err(|error| raise(py, &error))?;
        }
    }
    if let Some(account) = account {
        builder = builder.account_id(&account);
    }
    if let Some(region) = region {
        builder = builder.region(&region);
    }
    if let Some(principal) = principal {
        builder = builder.principal(&principal);
    }
    Ok(builder)
}
