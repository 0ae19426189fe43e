//! The vault, for the app that keeps it.

use crate::{
    Audit, AuditSink, CloudHsmCluster, FileError, Kms, KmsError, ManualClock, RootKey, XksTransport,
    audit::ForeignSink, cluster::ForeignCluster, xks::ForeignTransport,
};
use pocketkms::{
    ClockTrust, VaultBuilder,
    api::{
        AssumeRoleRequest, Bill, BillRequest, Blob, EstimateRequest, IamEntity, ListIamEntitiesRequest,
        ListIamEntitiesResponse, RequestQuota, ResourceQuotas, SessionContext, SimulateRequest, SimulateResponse,
    },
};
use pocketkms_sqlite::{Backup, VaultFile, store_events_in_time};
use std::{collections::HashMap, path::Path, sync::Arc};

/// An open vault, for the app that keeps it: its snapshot, root key and time, and a client for each caller. Give a `Kms` to
/// code that calls on somebody's behalf, and keep this. May be used from several threads.
#[derive(uniffi::Object)]
pub struct Vault(pub(crate) pocketkms::Vault);

/// Who calls, and where. One vault can hold the keys of several accounts and Regions; a caller sees those of its own.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Caller {
    /// The account, twelve digits.
    pub account_id: String,
    /// The Region, such as `eu-central-1`.
    pub region: String,
    /// The ARN of the principal, or the name of an AWS service.
    pub principal: String,
}

impl From<&pocketkms::Caller> for Caller {
    fn from(caller: &pocketkms::Caller) -> Self {
        Self {
            account_id: caller.account().to_string(),
            region: caller.region().to_string(),
            principal: caller.principal().to_string(),
        }
    }
}

/// When events of the audit trail are stored, what the vault's head was when it was pinned, and who is shown the events.
type Audited = (Option<Audit>, Option<String>, Option<Arc<dyn AuditSink>>);

/// How far the clock is relied on, and who says what an attested environment is.
type Trusted = (Option<ClockTrust>, Option<Vec<Vec<u8>>>);

/// What is behind custom key stores: what carries requests to proxies, clusters by their ids, and whose they are.
type Outside = (Option<Arc<dyn XksTransport>>, Option<HashMap<String, Arc<dyn CloudHsmCluster>>>, Option<Accounts>);

/// Accounts of twelve digits, by the ids of clusters.
type Accounts = HashMap<String, Vec<String>>;

/// What is not given is left to the core.
fn builder(
    account_id: Option<String>,
    region: Option<String>,
    principal: Option<String>,
    clock: Option<Arc<ManualClock>>,
    (clock_trust, attestation_roots): Trusted,
    (audit, expected_head, audit_sink): Audited,
    (xks_transport, cloud_hsm_clusters, accounts): Outside,
) -> Result<VaultBuilder, KmsError> {
    let given = |builder, value: Option<String>, set: fn(VaultBuilder, &str) -> VaultBuilder| match value {
        Some(value) => set(builder, &value),
        None => builder,
    };
    let mut builder = pocketkms::Vault::builder();
    if let Some(clock) = clock {
        builder = builder.clock(clock.0.clone());
    }
    if let Some(trust) = clock_trust {
        builder = builder.clock_trust(trust);
    }
    if let Some(roots) = attestation_roots {
        builder = builder.attestation_roots(&roots)?;
    }
    if let Some(audit) = audit {
        builder = builder.audit(audit.to_core()?);
    }
    if let Some(sink) = audit_sink {
        builder = builder.audit_sink(ForeignSink(sink));
    }
    if let Some(transport) = xks_transport {
        builder = builder.xks_transport(ForeignTransport(transport));
    }
    for (id, cluster) in cloud_hsm_clusters.into_iter().flatten() {
        builder = match accounts.as_ref().and_then(|accounts| accounts.get(&id)) {
            Some(accounts) => builder.cloud_hsm_cluster_of(accounts, &id, ForeignCluster(cluster)),
            None => builder.cloud_hsm_cluster(&id, ForeignCluster(cluster)),
        };
    }
    builder = given(builder, expected_head, VaultBuilder::expected_head);
    builder = given(builder, account_id, VaultBuilder::account_id);
    builder = given(builder, region, VaultBuilder::region);
    Ok(given(builder, principal, VaultBuilder::principal))
}

/// Stores the events that wait of all vaults of this process. What is generated of this is called by both languages at the end of the process,
/// and is no part of their packages.
#[uniffi::export]
pub fn flush_all() {
    pocketkms_sqlite::flush_all();
}

/// Each way to a vault: what it takes besides the root key and the options of all, and the core's own. The options are arguments, and not
/// a structure, since arguments have names and defaults in Swift and Kotlin.
macro_rules! constructors {
    ($($(#[doc = $doc:literal])* fn $name:ident($($taken:tt)*) = $of_the_core:ident($($given:ident)?);)*) => {
        #[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
        #[uniffi::export]
        impl Vault { $(
            $(#[doc = $doc])*
            #[uniffi::constructor(default(
                account_id = None,
                region = None,
                principal = None,
                clock = None,
                clock_trust = None,
                audit = None,
                expected_head = None,
                audit_sink = None,
                attestation_roots = None,
                xks_transport = None,
                cloud_hsm_clusters = None,
                cloud_hsm_cluster_accounts = None
            ))]
            #[allow(clippy::too_many_arguments, reason = "by name in Swift and Kotlin")]
            pub fn $name(
                $($taken)*
                root_key: &RootKey,
                account_id: Option<String>,
                region: Option<String>,
                principal: Option<String>,
                clock: Option<Arc<ManualClock>>,
                clock_trust: Option<ClockTrust>,
                audit: Option<Audit>,
                expected_head: Option<String>,
                audit_sink: Option<Arc<dyn AuditSink>>,
                attestation_roots: Option<Vec<Vec<u8>>>,
                xks_transport: Option<Arc<dyn XksTransport>>,
                cloud_hsm_clusters: Option<HashMap<String, Arc<dyn CloudHsmCluster>>>,
                cloud_hsm_cluster_accounts: Option<HashMap<String, Vec<String>>>,
            ) -> Result<Self, KmsError> {
                let audited = (audit, expected_head, audit_sink);
                let trusted = (clock_trust, attestation_roots);
                let outside = (xks_transport, cloud_hsm_clusters, cloud_hsm_cluster_accounts);
                let builder = builder(account_id, region, principal, clock, trusted, audited, outside)?;
                Ok(Self(store_events_in_time(builder, |builder| builder.$of_the_core($($given,)? &root_key.0))?))
            }
        )* }
    };
}

constructors! {
    /// Opens the vault in a file, or makes it where there is no such file. The file is there when the process is gone, and after a
    /// crash; several threads and processes may use it at the same time. It belongs to its owner alone (mode 0600), and must be on a
    /// disk of this machine. A new vault remembers the caller for whom it is made: by default the root user of the account
    /// `000000000000` in `us-east-1`. By default the clock is the system's, and deletions wait while it is far ahead of the latest
    /// known time.
    fn open_or_create(path: String,) = open_or_create_file(path);

    /// Makes a new vault in a file, as `openOrCreate` does. `AlreadyExistsException` if there is such a file, unless it is empty.
    fn create(path: String,) = create_file(path);

    /// Opens the vault in a file, as `openOrCreate` does. `NotFoundException` if there is no such file, or no vault in it.
    fn open(path: String,) = open_file(path);

    /// Makes a new vault in memory, which is gone with the process unless a snapshot is taken: for tests, and for apps that save it
    /// themselves. It remembers the caller for whom it is made, as `openOrCreate` says. The clock is the system's, and is
    /// trusted, by default.
    fn in_memory() = create_in_memory();

    /// Opens a snapshot, made on any platform, into memory. The caller is the one that the vault was created for by default.
    fn open_snapshot(snapshot: &Blob,) = open_snapshot(snapshot);
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Vault {
    /// A client for a caller; what is not named is as `caller` says. The principal is the ARN of a root user, an IAM user, a
    /// session of a role or a federated user, and brings its account along; another account without a principal means its
    /// root user. The name of an AWS service (`logs.us-east-1.amazonaws.com`) means that it calls by itself, on behalf of the account. Who calls, the app has to know: nothing is asked of the caller here. `session` is what is true of the
    /// caller's session and connection. Where the registry keeps the account, the principal must be there.
    #[uniffi::method(default(account_id = None, region = None, principal = None, session = None))]
    pub fn client(
        &self,
        account_id: Option<String>,
        region: Option<String>,
        principal: Option<String>,
        session: Option<SessionContext>,
    ) -> Result<Kms, KmsError> {
        Ok(Kms(self.0.client_of(self.named(account_id, region, principal, session)?)?))
    }

    /// The caller for whom the vault was opened: who was named then, else the one that it was created for.
    pub fn caller(&self) -> Caller {
        self.0.caller().into()
    }

    /// The whole vault as one sealed file, the same on every platform. Of a vault in memory, say so when it is where it lasts: `markSaved`.
    pub fn snapshot(&self) -> Result<Vec<u8>, KmsError> {
        Ok(self.0.snapshot()?)
    }

    /// The file is where it lasts: what this `snapshot` has needs saving no more. Call it after the file was written, and not where
    /// that failed. It takes the snapshot itself, so that a change that came in between is never taken for saved;
    /// `ValidationException` if it is not one of the latest 64 snapshots taken of this vault since it was opened.
    pub fn mark_saved(&self, snapshot: &Blob) -> Result<(), KmsError> {
        Ok(self.0.mark_saved(snapshot)?)
    }

    /// How many changes the vault has seen, those of time (a rotation or a deletion that fell due) and of the audit trail included. Snapshots keep it, so
    /// it distinguishes an older snapshot from the one that was saved last. It does not say which of two copies that diverged is
    /// newer: a copy that no one changed may have the greater one.
    pub fn revision(&self) -> Result<u64, KmsError> {
        Ok(self.0.revision()?)
    }

    /// Whether something that a caller changed is in memory only, so that it is lost with the process: true from the creation of
    /// the vault on, and after each change, until a snapshot with it is said to be saved (`markSaved`). A key whose deletion fell due
    /// counts too: the file that was saved last still has it. Rotations that only fell due do not, since every copy of the vault comes
    /// to the same. False once the vault is closed.
    pub fn needs_saving(&self) -> bool {
        self.0.needs_saving()
    }

    /// Closes the vault for every client, keyring and cache of it. Its keys are wiped, and those that caches keep. Calls under
    /// way end as if nothing had happened; later ones fail with `VaultClosedException`. What no snapshot holds is gone. To close
    /// twice does no harm.
    pub fn close(&self) {
        self.0.close();
    }

    /// Whether the vault was closed.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Locks the vault for every client, keyring and cache of it, and wipes its keys, until it is unlocked: for an app that goes into the
    /// background. Calls under way come to their end, or fail as later ones do, with `VaultLockedException`; what they had begun is whole
    /// or not there. Streams and range readers whose keys came from the vault lose them, and have to be begun again. What the app has
    /// is not wiped: plaintexts, the root key. To lock twice does no harm.
    pub fn lock(&self) {
        self.0.lock();
    }

    /// Unlocks the vault by any of its root keys, as opening it would: every client, keyring and cache of it works again.
    /// `WrongRootKeyException` for another root key, `RolledBackException` if the store was put back meanwhile; the vault stays locked
    /// then.
    pub fn unlock(&self, root_key: &RootKey) -> Result<(), KmsError> {
        Ok(self.0.unlock(&root_key.0)?)
    }

    /// Whether the vault is locked.
    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }

    /// Writes a snapshot of the vault to a file, by its path, which is replaced if it is there, and marks it as saved. The file is the new
    /// snapshot or what it was before, whenever the process or the machine stops, and its owner alone may read it (mode 0600).
    #[uniffi::method(name = "saveTo")]
    pub fn save_to(&self, path: &str) -> Result<(), FileError> {
        pocketkms_files::save_snapshot(&self.0, Path::new(path)).map_err(|error| (&error).into())
    }

    /// Whether the clock is so far ahead of the latest known time (more than three days) that deletions wait. Only with
    /// `ClockTrust` system.
    pub fn time_in_doubt(&self) -> Result<bool, KmsError> {
        Ok(self.0.time_in_doubt()?)
    }

    /// The clock is right, whatever it showed before: what fell due by it is carried out from now on.
    pub fn confirm_time(&self) -> Result<(), KmsError> {
        Ok(self.0.confirm_time()?)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "what UniFFI hands over goes through here")]
impl Vault {
    fn named(
        &self,
        account_id: Option<String>,
        region: Option<String>,
        principal: Option<String>,
        session: Option<SessionContext>,
    ) -> Result<pocketkms::Caller, KmsError> {
        let caller = self.0.caller().with(account_id.as_deref(), region.as_deref(), principal.as_deref())?;
        Ok(match session {
            Some(session) => caller.with_session(session)?,
            None => caller,
        })
    }
}

/// The registry of principals, and what policies decide.
#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Vault {
    /// Puts a user, group, role, federated user or account into the registry, in place of what was kept of it.
    ///
    /// From its first entity on, an account is kept: its principals are those of the registry, and their identity policies decide
    /// as AWS's do. Who is not in it is allowed nothing. Of an account that is not kept, key policies and grants alone decide.
    pub fn put_iam_entity(&self, entity: IamEntity) -> Result<(), KmsError> {
        Ok(self.0.put_iam_entity(&entity)?)
    }

    /// What the registry keeps of an entity, by its ARN.
    pub fn get_iam_entity(&self, arn: &str) -> Result<IamEntity, KmsError> {
        Ok(self.0.get_iam_entity(arn)?)
    }

    /// The ARNs of what the registry keeps of an account, page by page.
    pub fn list_iam_entities(&self, request: ListIamEntitiesRequest) -> Result<ListIamEntitiesResponse, KmsError> {
        Ok(self.0.list_iam_entities(&request)?)
    }

    /// Removes an entity from the registry. Its clients are allowed nothing any more. A group goes when no user is in it, and an
    /// account (the ARN of its root user) when nothing else is kept of it: then identity policies of that account count no more.
    pub fn remove_iam_entity(&self, arn: &str) -> Result<(), KmsError> {
        Ok(self.0.remove_iam_entity(arn)?)
    }

    /// Request quotas for all clients of the vault in this process: AWS's numbers, but for those that are given, by the vault's clock;
    /// nothing for none, as at first. The count begins again. Each process counts for itself.
    ///
    /// A request beyond its quota fails with `ThrottlingException`. Who asks pays, whosever the key is, and whatever becomes of the request.
    pub fn set_request_quotas(&self, quotas: Option<Vec<RequestQuota>>) -> Result<(), KmsError> {
        Ok(self.0.set_request_quotas(quotas.as_deref())?)
    }

    /// Resource quotas for all clients of the vault in this process: AWS's numbers, but for those that are given; nothing for AWS's, as at
    /// first. What is there already stays. More fails with `LimitExceededException`, tags with `TagException`. Keys are counted only where their
    /// number is given, by reading as many names at each `createKey`.
    pub fn set_resource_quotas(&self, quotas: Option<ResourceQuotas>) -> Result<(), KmsError> {
        Ok(self.0.set_resource_quotas(quotas.as_ref())?)
    }

    /// For how many seconds, by the vault's clock, a grant that is made from now on counts only for requests that bring its token; 0 as at
    /// first, when it counts at once, at most 300. An app that forgets its tokens fails with AWS now and then, and here each time.
    pub fn set_grant_delay(&self, seconds: u32) -> Result<(), KmsError> {
        Ok(self.0.set_grant_delay(seconds)?)
    }

    /// Tries out what the vault's policies, grants and principals decide of a call, and why: which statement of which policy or
    /// grant decides, which conditions do not hold and with what value, or what would be needed. Nothing is carried out. Who would
    /// call is named as for `client`.
    #[uniffi::method(default(account_id = None, region = None, principal = None, session = None))]
    pub fn simulate(
        &self,
        request: SimulateRequest,
        account_id: Option<String>,
        region: Option<String>,
        principal: Option<String>,
        session: Option<SessionContext>,
    ) -> Result<SimulateResponse, KmsError> {
        Ok(self.0.simulate(&self.named(account_id, region, principal, session)?, &request)?)
    }

    /// Assumes a role as a caller, named as for `client`: the client of a session of it, if its trust policy and the caller's own
    /// policies allow that. The app can also make the client of a session without asking, by the session's ARN.
    /// `session` is what is true of the caller, and the request's of the session that it gets.
    #[uniffi::method(default(account_id = None, region = None, principal = None, session = None))]
    pub fn assume_role(
        &self,
        request: AssumeRoleRequest,
        account_id: Option<String>,
        region: Option<String>,
        principal: Option<String>,
        session: Option<SessionContext>,
    ) -> Result<Kms, KmsError> {
        Ok(Kms(self.0.assume_role(&self.named(account_id, region, principal, session)?, &request)?))
    }
}

/// What the vault's use would cost at AWS.
#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Vault {
    /// What a month of an account would cost at AWS, up to now: its keys in all Regions, by the hour, and the requests that it made.
    ///
    /// Keys are exact: an hour in which a key was there counts. A key costs nothing while its deletion is pending, and as much as ever
    /// if that is cancelled. Requests are counted in the audit trail: those that change something exactly, others but for those whose
    /// events were lost. The account may be any caller's.
    pub fn bill(&self, request: BillRequest) -> Result<Bill, KmsError> {
        Ok(self.0.bill(&request)?)
    }

    /// What a month would cost at AWS of which only the quantities are known. Nothing of the vault is asked.
    pub fn estimate(&self, request: EstimateRequest) -> Result<Bill, KmsError> {
        Ok(self.0.estimate(&request)?)
    }
}

/// A record of the vault that does not open. Calls that can do without it pass it over.
#[derive(uniffi::Record)]
pub struct DamagedRecord {
    /// The record's name: which key, alias or material it belongs to, whosever that is.
    pub name: String,
    /// The name of the error that its users get: `RecordCorruptedException`, or `UnsupportedVersionException`.
    pub error: String,
    /// What is wrong with it.
    pub explanation: String,
}

impl From<pocketkms::DamagedRecord> for DamagedRecord {
    fn from(record: pocketkms::DamagedRecord) -> Self {
        let pocketkms::DamagedRecord { name, kind, explanation, .. } = record;
        Self { name, error: kind.name().into(), explanation }
    }
}

#[uniffi::export]
impl Vault {
    /// The records that calls found damaged since the vault was opened, and that still are. A list goes on after one, a
    /// snapshot has it in it as it is, a new root key leaves it as it was. They may be any caller's.
    pub fn damaged(&self) -> Result<Vec<DamagedRecord>, KmsError> {
        Ok(self.0.damaged()?.into_iter().map(Into::into).collect())
    }

    /// Copies the vault, as it is at one moment, to another file, which must not be there, while it is in use. The copy is on the
    /// disk and was read whole before it gets its name. It opens with the root key that the vault has now. Returns the records
    /// that are damaged in the vault itself, and so in the copy: none if all is well. `UnsupportedOperationException` if the
    /// vault is in memory.
    #[allow(clippy::needless_pass_by_value, reason = "UniFFI hands it over")]
    pub fn backup(&self, path: String) -> Result<Vec<DamagedRecord>, KmsError> {
        Ok(self.0.backup(path)?.into_iter().map(Into::into).collect())
    }

    /// Opens every record of the vault, and returns those that are damaged. They may be any caller's.
    pub fn verify(&self) -> Result<Vec<DamagedRecord>, KmsError> {
        Ok(self.0.verify()?.into_iter().map(Into::into).collect())
    }
}
