//! The one door: caller and request in, authorised, checked, carried out and committed, answer out.

#[allow(clippy::wildcard_imports, reason = "every request and response there is")]
use crate::{
    access::Caller,
    api::*,
    clock::{Clock, Timestamp},
    crypto::Provider,
    envelope::{BranchKeyMaterials, BranchKeySource, HierarchicalKeyring, KmsClient, KmsKeyring},
    error::{Error, ErrorKind, Result},
    key::{Arn, BranchKeyVersion, MaterialId},
    ops::{self, Execute},
    store::{Commit, DamagedRecord, MemoryStore, RootKey, Store, Transaction, Vault},
};
use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use core::time::Duration;

/// How often an operation is computed anew when others change what it reads.
const MAX_ATTEMPTS: usize = 32;

/// The account of a vault whose host names none.
const DEFAULT_ACCOUNT: &str = "000000000000";
/// The Region of a vault whose host names none.
const DEFAULT_REGION: &str = "us-east-1";

/// AWS KMS in this process: an open vault, and who calls.
///
/// Cloning is cheap and shares the vault. All methods take `&self`, and may be called from several threads.
#[derive(Clone)]
pub struct Kms {
    vault: Arc<Vault>,
    caller: Caller,
}

/// What a vault is made or opened with; each part has a default.
pub struct KmsBuilder {
    provider: Provider,
    clock: Arc<dyn Clock>,
    caller: Result<Caller>,
}

impl KmsBuilder {
    /// With this provider and clock; the account is `000000000000`, the Region `us-east-1`.
    pub fn new(provider: Provider, clock: Arc<dyn Clock>) -> Self {
        Self { provider, clock, caller: Caller::root(DEFAULT_ACCOUNT, DEFAULT_REGION) }
    }

    /// The clock by which keys rotate and go.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The primitives.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// The root user of an account (twelve digits), in a Region, as the caller.
    #[must_use]
    pub fn account(mut self, account: &str, region: &str) -> Self {
        self.caller = Caller::root(account, region);
        self
    }

    /// Who calls.
    #[must_use]
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = Ok(caller);
        self
    }

    /// Makes a new vault in memory. Take a [`Kms::snapshot`] to keep it.
    pub fn create(self, root: &RootKey) -> Result<Kms> {
        self.create_in(MemoryStore::new(), root)
    }

    /// Makes a new vault in an empty store.
    pub fn create_in(self, store: impl Store + 'static, root: &RootKey) -> Result<Kms> {
        let caller = self.caller?;
        let vault = Vault::create(Box::new(store), self.provider, self.clock, root)?;
        Ok(Kms { vault: Arc::new(vault), caller })
    }

    /// Opens the vault that a store holds.
    pub fn open(self, store: impl Store + 'static, root: &RootKey) -> Result<Kms> {
        let caller = self.caller?;
        let vault = Vault::open(Box::new(store), self.provider, self.clock, root)?;
        Ok(Kms { vault: Arc::new(vault), caller })
    }

    /// Opens a snapshot, made on any platform, into memory.
    pub fn open_snapshot(self, snapshot: &[u8], root: &RootKey) -> Result<Kms> {
        let caller = self.caller?;
        let vault = Vault::open_snapshot(snapshot, self.provider, self.clock, root)?;
        Ok(Kms { vault: Arc::new(vault), caller })
    }
}

impl Kms {
    /// Starts with the operating system's clock, and the primitives of `Provider::default()`.
    #[cfg(all(feature = "std", feature = "getrandom"))]
    pub fn builder() -> KmsBuilder {
        KmsBuilder::new(Provider::default(), Arc::new(crate::clock::SystemClock))
    }

    /// The same vault for another caller.
    #[must_use]
    pub fn as_caller(&self, caller: Caller) -> Self {
        Self { vault: Arc::clone(&self.vault), caller }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The whole vault as one sealed file, the same on every platform. Keys whose waiting period is over are not in it.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        ops::sweep(&self.vault)?;
        self.vault.snapshot()
    }

    /// The records that calls found damaged since the vault was opened, and that still are. A call that can do without a record
    /// passes it over: a list goes on after it, a snapshot has it in it as it is, a new root key leaves it as it was. What it
    /// left out is here.
    ///
    /// For the host alone: the records may be any caller's.
    pub fn damaged(&self) -> Result<Vec<DamagedRecord>> {
        self.vault.damaged()
    }

    /// Opens every record of the vault, and returns those that are damaged. Takes as long as reading the whole store.
    ///
    /// For the host alone: the records may be any caller's.
    pub fn verify(&self) -> Result<Vec<DamagedRecord>> {
        self.vault.verify()
    }

    /// Seals the vault under another root key. Ciphertexts and snapshots made before are not touched: an old snapshot
    /// still opens with the old root key, so destroy both together.
    pub fn change_root_key(&self, root: &RootKey) -> Result<()> {
        self.vault.change_root_key(root)
    }

    /// Carries out any request: what the operation methods do.
    #[expect(private_bounds, reason = "the operations are a closed set; `Request` is their public face")]
    pub fn call<R: Execute>(&self, request: &R) -> Result<R::Response> {
        ops::sweep_if_due(&self.vault, R::OPERATION)?;
        self.attempt(|transaction| request.execute(transaction, &self.caller))
    }

    /// Computes an answer until what it rests on is committed.
    fn attempt<T>(&self, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        for _ in 0..MAX_ATTEMPTS {
            let mut transaction = self.vault.begin();
            let response = match work(&mut transaction) {
                Ok(response) => response,
                Err(_) if transaction.is_outdated() => continue,
                Err(error) => return Err(error),
            };
            // Nothing of the answer is seen before what it rests on is stored.
            if transaction.commit()? == Commit::Done {
                return Ok(response);
            }
        }
        Err(Error::new(ErrorKind::DependencyTimeout, "the vault is being changed too often: retry the request"))
    }
}

impl Kms {
    /// A keyring of keys of this vault: the generator makes the data key of each message, the additional keys encrypt
    /// it, too. They are named by key id, key ARN, alias name or alias ARN.
    pub fn keyring(&self, generator: &str, additional: &[&str]) -> KmsKeyring {
        KmsKeyring::new(Arc::new(self.clone()), generator, additional)
    }
}

/// Branch keys, for hierarchical keyrings: keys between KMS keys and data keys, kept in the vault.
#[allow(clippy::needless_pass_by_value, reason = "requests are handed over, as to every other method")]
impl Kms {
    /// A hierarchical keyring of a branch key of this vault. An opened branch key is kept in memory for `ttl`; that its KMS
    /// key was disabled, or that it was rotated, is seen at once all the same.
    pub fn hierarchical_keyring(&self, branch_key_id: &str, ttl: Duration) -> Result<HierarchicalKeyring> {
        HierarchicalKeyring::new(Arc::new(self.clone()), branch_key_id, ttl, HierarchicalKeyring::DEFAULT_MAX_ENTRIES)
    }

    /// Creates a branch key, 32 random bytes under a KMS key.
    pub fn create_branch_key(&self, request: CreateBranchKeyRequest) -> Result<BranchKeyMetadata> {
        self.with_branch_keys(|transaction| ops::branch_keys::create(transaction, &self.caller, &request))
    }

    /// Makes a new version of a branch key the active one. Former versions still decrypt.
    pub fn rotate_branch_key(&self, request: RotateBranchKeyRequest) -> Result<BranchKeyMetadata> {
        let id = request.branch_key_identifier;
        self.with_branch_keys(|transaction| ops::branch_keys::rotate(transaction, &self.caller, &id))
    }

    /// Encrypts all versions of branch keys anew, under another KMS key or the newest material of their own: what is to be
    /// done after a KMS key was rotated, or before one is deleted. Messages stay as they are.
    ///
    /// Each branch key is moved as a whole or not at all. After an error those before it are moved; to call again goes on.
    pub fn rewrap_branch_keys(&self, request: RewrapBranchKeysRequest) -> Result<RewrapBranchKeysResponse> {
        let source = request.source_kms_key_id.as_deref().map(|key| self.key_arn(key)).transpose()?;
        let destination = request.destination_kms_key_id.as_deref();
        let ids = match request.branch_key_identifiers {
            Some(ids) => ids,
            None => self.with_branch_keys(|transaction| ops::branch_keys::ids(transaction, &self.caller))?,
        };
        let mut response = RewrapBranchKeysResponse::default();
        for id in ids {
            let versions = self.with_branch_keys(|transaction| {
                ops::branch_keys::rewrap(transaction, &self.caller, &id, source.as_deref(), destination)
            })?;
            response.branch_keys += i32::from(versions > 0);
            response.versions = response.versions.saturating_add(versions);
        }
        Ok(response)
    }

    /// Tells what is known of a branch key.
    pub fn describe_branch_key(&self, request: DescribeBranchKeyRequest) -> Result<BranchKeyMetadata> {
        let id = request.branch_key_identifier;
        self.with_branch_keys(|transaction| ops::branch_keys::describe(transaction, &self.caller, &id))
    }

    /// Lists the branch keys of the caller's account and Region, page by page.
    pub fn list_branch_keys(&self, request: ListBranchKeysRequest) -> Result<ListBranchKeysResponse> {
        self.with_branch_keys(|transaction| ops::branch_keys::list(transaction, &self.caller, &request))
    }

    fn with_branch_keys<T>(&self, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        ops::sweep_if_due(&self.vault, Operation::Decrypt)?;
        self.attempt(work)
    }
}

impl BranchKeySource for Kms {
    fn active_branch_key(&self, branch_key_id: &str) -> Result<BranchKeyMaterials> {
        self.with_branch_keys(|transaction| ops::branch_keys::open(transaction, &self.caller, branch_key_id, None))
    }

    fn branch_key_version(&self, branch_key_id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.with_branch_keys(|transaction| {
            ops::branch_keys::open(transaction, &self.caller, branch_key_id, Some(version))
        })
    }

    fn branch_key_state(&self, branch_key_id: &str, version: Option<&BranchKeyVersion>) -> Result<String> {
        self.with_branch_keys(|transaction| ops::branch_keys::state(transaction, &self.caller, branch_key_id, version))
    }

    fn now(&self) -> Timestamp {
        self.vault.now()
    }
}

impl KmsClient for Kms {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.call(&request)
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.call(&request)
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.call(&request)
    }

    fn key_arn(&self, key_id: &str) -> Result<String> {
        // What is a key ARN needs no look-up, nor a permission to describe the key.
        if key_id.parse().is_ok_and(|arn: Arn| arn.resource.starts_with("key/")) {
            return Ok(key_id.into());
        }
        let request = DescribeKeyRequest { key_id: key_id.into(), ..Default::default() };
        Ok(self.call(&request)?.key_metadata.arn)
    }

    fn current_material(&self, key_id: &str, operation: Operation) -> Result<String> {
        self.arn_and_material(key_id, operation).map(|(arn, material)| format!("{arn} {material}"))
    }

    fn newest_material(&self, key_id: &str) -> Result<Option<MaterialId>> {
        self.arn_and_material(key_id, Operation::Encrypt).map(|(_, material)| Some(material))
    }
}

impl Kms {
    /// The key's ARN, and the material that it encrypts with now.
    fn arn_and_material(&self, key_id: &str, operation: Operation) -> Result<(String, MaterialId)> {
        ops::sweep_if_due(&self.vault, operation)?;
        self.attempt(|transaction| ops::current_material(transaction, &self.caller, operation, key_id))
    }
}

/// One method per operation.
macro_rules! operation_methods {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        impl Kms {
            $(#[doc = $doc]
            pub fn $method(&self, request: $request) -> Result<$response> {
                self.call(&request)
            })*
        }
    };
}
crate::operations!(operation_methods);
