//! Making and opening a vault.

use super::{Vault, audit::forwarding, handle::Handle};
use crate::{
    access::Caller,
    attestation::AttestationRoots,
    audit::{Audit, AuditSink, EventsWaiting, Sink},
    clock::{Clock, Monotonic},
    crypto::Provider,
    error::Result,
    key::CallerRecord,
    key_store::{CloudHsmCluster, Clusters, XksTransport},
    store::{ClockTrust, Fetched, Host, MemoryStore, OpenVault, RootKey, Store},
};
use alloc::{
    boxed::Box,
    string::{String, ToString},
    sync::Arc,
};
use core::time::Duration;

/// The account of a new vault whose host names none.
const DEFAULT_ACCOUNT: &str = "000000000000";
/// The Region of a new vault whose host names none.
const DEFAULT_REGION: &str = "us-east-1";

/// What a vault is made or opened with; each part has a default.
#[derive(Clone)]
pub struct VaultBuilder {
    provider: Provider,
    clock: Arc<dyn Clock>,
    monotonic: Option<Arc<dyn Monotonic>>,
    trust: Option<ClockTrust>,
    caller: Option<Caller>,
    account: Option<String>,
    region: Option<String>,
    principal: Option<String>,
    audit: Audit,
    expected_head: Option<String>,
    sink: Option<Sink>,
    events_waiting: Option<EventsWaiting>,
    clusters: Clusters,
    attestation_roots: Arc<AttestationRoots>,
    xks: Option<Arc<dyn XksTransport>>,
}

#[cfg(all(feature = "std", feature = "getrandom", feature = "asymmetric"))]
impl Vault {
    /// Starts with the operating system's clock, and the primitives of `Provider::default()`.
    pub fn builder() -> VaultBuilder {
        VaultBuilder::new(Provider::default(), Arc::new(crate::clock::SystemClock))
    }
}

impl VaultBuilder {
    /// With this provider and clock.
    ///
    /// Where no one is named, the caller is the one that the vault was created for; at creation the root user of the account
    /// `000000000000` in `us-east-1`.
    pub fn new(provider: Provider, clock: Arc<dyn Clock>) -> Self {
        let monotonic = system_monotonic();
        Self {
            provider,
            clock,
            monotonic,
            trust: None,
            caller: None,
            account: None,
            region: None,
            principal: None,
            audit: Audit::default(),
            expected_head: None,
            sink: None,
            events_waiting: None,
            clusters: Clusters::default(),
            attestation_roots: Arc::default(),
            xks: None,
        }
    }

    /// The clock by which keys rotate and go.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The clock by which a store's lease is counted ([`Store::lease`]). By default the operating system's, where there is one;
    /// without one each call looks at the store.
    #[must_use]
    pub fn monotonic(mut self, clock: impl Monotonic + 'static) -> Self {
        self.monotonic = Some(Arc::new(clock));
        self
    }

    /// How far that clock is relied on. By default [`ClockTrust::System`] where the store lasts and the clock goes by itself,
    /// else [`ClockTrust::Trusted`].
    #[must_use]
    pub fn clock_trust(mut self, trust: ClockTrust) -> Self {
        self.trust = Some(trust);
        self
    }

    /// Whether calls are recorded in the audit trail, and when events are stored. By default they are, after a second at most.
    #[must_use]
    pub fn audit(mut self, audit: Audit) -> Self {
        self.audit = audit;
        self
    }

    /// A second place for the events of the audit trail: they are handed over after the commit that stored them, in the thread of the
    /// call that made it. What goes wrong there, a panic included, changes nothing in the vault. Only this handle's events are
    /// handed over, and only those that could be stored.
    #[must_use]
    pub fn audit_sink(mut self, sink: impl AuditSink + 'static) -> Self {
        self.sink = Some(forwarding(sink));
        self
    }

    /// What carries requests to external key store proxies, for custom key stores of the type `EXTERNAL_KEY_STORE`. Without one they
    /// cannot be reached.
    #[must_use]
    pub fn xks_transport(mut self, transport: impl XksTransport + 'static) -> Self {
        self.xks = Some(Arc::new(transport));
        self
    }

    /// Called in the thread of a call when its event is the first that waits to be stored, with how long it may wait. Other calls store
    /// it when that is over; a host that has timers calls [`Vault::flush_audit`] then, so that events are stored where no other call
    /// comes. It is called again when the store took none. `pocketkms-sqlite` has `store_events_in_time` for it.
    #[must_use]
    pub fn when_events_wait(mut self, announce: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.events_waiting = Some(Arc::new(announce));
        self
    }

    /// What [`Vault::head`] gave when it was last asked, which the host keeps out of reach of anyone who can write the store. The vault is
    /// opened in that state or a later one of the same history, and refused in any other: its store was put back from a copy. No new
    /// vault is made where one is expected.
    ///
    /// # Errors
    /// Of what opens the vault: [`RolledBack`](crate::ErrorKind::RolledBack).
    #[must_use]
    pub fn expected_head(mut self, head: &str) -> Self {
        self.expected_head = Some(head.to_string());
        self
    }

    /// The root certificates that are trusted to say what an attested environment is, in place of AWS's: each an X.509 certificate, PEM
    /// or DER. A request with a `Recipient` has a document whose chain begins with one of them. By default that is the root G1 of AWS
    /// Nitro Enclaves, in the commercial partition; with none, no document is accepted. A test names a root of its own, and makes its
    /// documents itself.
    ///
    /// # Errors
    /// [`Validation`](crate::ErrorKind::Validation) for what is no such certificate.
    pub fn attestation_roots(mut self, certificates: &[impl AsRef<[u8]>]) -> Result<Self> {
        self.attestation_roots = Arc::new(AttestationRoots::of(certificates)?);
        Ok(self)
    }

    /// The primitives.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// The account of the caller, twelve digits: its root user, unless a principal is named, too, or the vault remembers one of
    /// the account.
    #[must_use]
    pub fn account_id(mut self, account: &str) -> Self {
        self.account = Some(account.to_string());
        self
    }

    /// The Region that is called.
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_string());
        self
    }

    /// Who calls, by an ARN: a root user, an IAM user, a session of a role or a federated user; or an AWS service, by its name.
    #[must_use]
    pub fn principal(mut self, arn: &str) -> Self {
        self.principal = Some(arn.to_string());
        self
    }

    /// Who calls, and where. It goes before an account, a Region and a principal that are named alone.
    #[must_use]
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// What is behind custom key stores that name this AWS CloudHSM cluster, `cluster-` and 11 to 16 characters: a PKCS#11 token, or
    /// whatever the host puts in its place. Another one under the same id takes its place.
    ///
    /// It is a cluster of the account that the vault is opened for: that of the caller who is named here, else of the one that the vault was
    /// created for. For other accounts there is no such cluster ([`cloud_hsm_cluster_of`](Self::cloud_hsm_cluster_of)).
    #[must_use]
    pub fn cloud_hsm_cluster(mut self, cluster_id: &str, cluster: impl CloudHsmCluster + 'static) -> Self {
        self.clusters.add(cluster_id, Arc::new(cluster));
        self
    }

    /// The same of a cluster of these accounts, each twelve digits; `*` is every account. Whoever may make a custom key store of a cluster may
    /// give it wrong passwords, until it locks its `kmsuser` out.
    #[must_use]
    pub fn cloud_hsm_cluster_of(
        mut self,
        accounts: &[impl AsRef<str>],
        cluster_id: &str,
        cluster: impl CloudHsmCluster + 'static,
    ) -> Self {
        self.clusters.add_of(accounts, cluster_id, Arc::new(cluster));
        self
    }

    /// Makes a new vault in memory. Take a [`Vault::snapshot`] to keep it.
    pub fn create_in_memory(self, root: &RootKey) -> Result<Vault> {
        self.create_in(MemoryStore::new(), root)
    }

    /// Makes a new vault in an empty store. It remembers the caller.
    pub fn create_in(self, store: impl Store + 'static, root: &RootKey) -> Result<Vault> {
        let (caller, record) = self.first_caller()?;
        let vault = OpenVault::create(Box::new(store), self.host(None), root, &record)?;
        Ok(self.handle(vault, caller))
    }

    /// Opens the vault that a store holds.
    pub fn open(self, store: impl Store + 'static, root: &RootKey) -> Result<Vault> {
        let vault = OpenVault::open(Box::new(store), self.host(None), root)?;
        self.opened(vault)
    }

    /// Opens a snapshot, made on any platform, into memory.
    pub fn open_snapshot(self, snapshot: &[u8], root: &RootKey) -> Result<Vault> {
        let vault = OpenVault::open_snapshot(snapshot, self.host(None), root)?;
        self.opened(vault)
    }

    /// For whom a new vault is made, and the record of it.
    pub(super) fn first_caller(&self) -> Result<(Caller, CallerRecord)> {
        let caller = self.named_or(|| Caller::root(DEFAULT_ACCOUNT, DEFAULT_REGION))?;
        let record = CallerRecord {
            account: caller.account().clone(),
            region: caller.region().clone(),
            principal: caller.principal().to_string(),
        };
        Ok((caller, record))
    }

    fn opened(self, vault: OpenVault) -> Result<Vault> {
        let caller = self.caller_of(&vault)?;
        Ok(self.handle(vault, caller))
    }

    /// For whom a vault is opened.
    pub(super) fn caller_of(&self, vault: &OpenVault) -> Result<Caller> {
        self.named_or(|| {
            let remembered = vault.remembered_caller()?;
            let CallerRecord { account, region, principal } = &*remembered;
            Caller::root(account.as_str(), region.as_str())?.with_principal(principal)
        })
    }

    /// The handle of a vault that is open.
    pub(super) fn handle(&self, mut vault: OpenVault, caller: Caller) -> Vault {
        vault.clusters.open_for(caller.account());
        Vault { handle: Arc::new(Handle::new(vault, Arc::clone(&self.clock))), caller }
    }

    /// Who is named; what is not named of them is as in `unnamed`.
    fn named_or(&self, unnamed: impl FnOnce() -> Result<Caller>) -> Result<Caller> {
        if let Some(caller) = &self.caller {
            return Ok(caller.clone());
        }
        let unnamed = match (&self.principal, &self.region) {
            // A caller who is named whole needs no record of the vault, which may be damaged.
            (Some(principal), Some(region)) if principal.starts_with("arn:") => Caller::new(principal, region)?,
            _ => unnamed()?,
        };
        unnamed.with(self.account.as_deref(), self.region.as_deref(), self.principal.as_deref())
    }

    pub(super) fn host(&self, fetched: Option<Fetched>) -> Host {
        Host {
            provider: self.provider.clone(),
            clock: Arc::clone(&self.clock),
            monotonic: self.monotonic.clone(),
            trust: self.trust,
            fetched,
            audit: self.audit,
            expected_head: self.expected_head.clone(),
            sink: self.sink.clone(),
            events_waiting: self.events_waiting.clone(),
            clusters: self.clusters.clone(),
            attestation_roots: Arc::clone(&self.attestation_roots),
            xks: self.xks.clone(),
        }
    }
}

/// The machine's own monotonic clock.
#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn system_monotonic() -> Option<Arc<dyn Monotonic>> {
    Some(Arc::new(crate::clock::SystemMonotonic::default()))
}

#[cfg(not(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown")))))]
fn system_monotonic() -> Option<Arc<dyn Monotonic>> {
    None
}
