//! The vault, with a method per operation.

use crate::{ClockTrust, KmsError, ManualClock, RootKey};
use pocketkms::KmsBuilder;
#[allow(clippy::wildcard_imports, reason = "the types that the list of operations names")]
use pocketkms::api::*;
use std::sync::Arc;

/// AWS KMS in this process: an open vault, and who calls. May be used from several threads.
#[derive(uniffi::Object)]
pub struct Kms(pub(crate) pocketkms::Kms);

/// A principal of an account, calling the endpoint of a Region. One vault can hold the keys of several accounts and
/// Regions; a caller sees those of its own.
#[derive(uniffi::Record)]
pub struct Caller {
    /// The account, twelve digits.
    pub account: String,
    /// The Region, such as `eu-central-1`.
    pub region: String,
    /// The ARN of the principal; the account's root user by default.
    #[uniffi(default)]
    pub principal: Option<String>,
}

impl TryFrom<Caller> for pocketkms::Caller {
    type Error = KmsError;

    fn try_from(Caller { account, region, principal }: Caller) -> Result<Self, KmsError> {
        let caller = Self::root(&account, &region)?;
        Ok(match principal {
            None => caller,
            Some(principal) => caller.with_principal(principal),
        })
    }
}

impl From<&pocketkms::Caller> for Caller {
    fn from(caller: &pocketkms::Caller) -> Self {
        let (account, region) = (caller.account().to_string(), caller.region().to_string());
        Self { account, region, principal: Some(caller.principal().into()) }
    }
}

/// What is not given is left to the core: the operating system's clock, and the caller that the vault was created for.
fn builder(
    clock: Option<Arc<ManualClock>>,
    caller: Option<Caller>,
    clock_trust: Option<ClockTrust>,
) -> Result<KmsBuilder, KmsError> {
    let mut builder = pocketkms::Kms::builder();
    if let Some(clock) = clock {
        builder = builder.clock(clock.0.clone());
    }
    if let Some(trust) = clock_trust {
        builder = builder.clock_trust(trust.into());
    }
    if let Some(caller) = caller {
        builder = builder.caller(caller.try_into()?);
    }
    Ok(builder)
}

#[uniffi::export]
impl Kms {
    /// Makes a new vault in memory. Take a snapshot to keep it. The caller is the root user of the account
    /// `000000000000` in `us-east-1` by default, and the vault remembers it. The clock is trusted by default.
    #[uniffi::constructor(default(caller = None, clock = None, clock_trust = None))]
    pub fn create(
        root_key: &RootKey,
        caller: Option<Caller>,
        clock: Option<Arc<ManualClock>>,
        clock_trust: Option<ClockTrust>,
    ) -> Result<Self, KmsError> {
        Ok(Self(builder(clock, caller, clock_trust)?.create(&root_key.0)?))
    }

    /// Opens a snapshot, made on any platform, into memory. The caller is the one that the vault was created for by default.
    #[uniffi::constructor(default(caller = None, clock = None, clock_trust = None))]
    pub fn open_snapshot(
        snapshot: &Blob,
        root_key: &RootKey,
        caller: Option<Caller>,
        clock: Option<Arc<ManualClock>>,
        clock_trust: Option<ClockTrust>,
    ) -> Result<Self, KmsError> {
        Ok(Self(builder(clock, caller, clock_trust)?.open_snapshot(snapshot, &root_key.0)?))
    }

    /// The whole vault as one sealed file, the same on every platform.
    pub fn snapshot(&self) -> Result<Vec<u8>, KmsError> {
        Ok(self.0.snapshot()?)
    }

    /// Seals the vault under another root key. An old snapshot still opens with the old root key, so destroy both
    /// together.
    pub fn change_root_key(&self, root_key: &RootKey) -> Result<(), KmsError> {
        Ok(self.0.change_root_key(&root_key.0)?)
    }

    /// How many changes the vault has seen, those of time included (a rotation or a deletion that fell due). Snapshots keep it: by
    /// it an older snapshot is told from the one that was saved last. Of two copies that went on by themselves it does not tell
    /// which is newer: a copy that nobody changed may have the greater one.
    pub fn revision(&self) -> Result<u64, KmsError> {
        Ok(self.0.revision()?)
    }

    /// Whether something that a caller changed is in memory only, so that it is lost with the process: true from the creation of
    /// the vault on, and after each change, until a snapshot is taken. Rotations and deletions that only fell due do not count,
    /// since every copy of the vault comes to the same. False once the vault is closed.
    pub fn needs_saving(&self) -> bool {
        self.0.needs_saving()
    }

    /// Closes the vault for every holder: those that `asCaller` gave, keyrings and their caches. Its keys are wiped, and those
    /// that caches keep. Calls under way end as if nothing had happened; later ones fail with `VaultClosedException`. What no
    /// snapshot holds is gone. To close twice does no harm.
    pub fn close(&self) {
        self.0.close();
    }

    /// Whether the vault was closed, by whichever holder.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
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

    /// Who calls.
    pub fn caller(&self) -> Caller {
        self.0.caller().into()
    }

    /// The same vault for another caller.
    pub fn as_caller(&self, caller: Caller) -> Result<Self, KmsError> {
        Ok(Self(self.0.as_caller(caller.try_into()?)))
    }
}

macro_rules! operation_methods {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        #[uniffi::export]
        impl Kms {
            $(
                #[doc = $doc]
                pub fn $method(&self, request: $request) -> Result<$response, KmsError> {
                    Ok(self.0.$method(request)?)
                }
            )*
        }
    };
}
pocketkms::operations!(operation_methods);

/// Branch keys, for hierarchical keyrings: keys between KMS keys and data keys, kept in the vault.
#[uniffi::export]
impl Kms {
    /// Creates a branch key, 32 random bytes under a KMS key.
    pub fn create_branch_key(&self, request: CreateBranchKeyRequest) -> Result<BranchKeyMetadata, KmsError> {
        Ok(self.0.create_branch_key(request)?)
    }

    /// Makes a new version of a branch key the active one. Former versions still decrypt.
    pub fn rotate_branch_key(&self, request: RotateBranchKeyRequest) -> Result<BranchKeyMetadata, KmsError> {
        Ok(self.0.rotate_branch_key(request)?)
    }

    /// Encrypts all versions of branch keys anew, under another KMS key or the newest material of their own: what is to be
    /// done after a KMS key was rotated, or before one is deleted. Messages stay as they are.
    ///
    /// Where a damaged record could not be moved, the error is that of the record when all others are moved: keep the old KMS key until
    /// it was put back, and call again then without a source.
    pub fn rewrap_branch_keys(&self, request: RewrapBranchKeysRequest) -> Result<RewrapBranchKeysResponse, KmsError> {
        Ok(self.0.rewrap_branch_keys(request)?)
    }

    /// Tells what is known of a branch key.
    pub fn describe_branch_key(&self, request: DescribeBranchKeyRequest) -> Result<BranchKeyMetadata, KmsError> {
        Ok(self.0.describe_branch_key(request)?)
    }

    /// Lists the branch keys of the caller's account and Region, page by page.
    pub fn list_branch_keys(&self, request: ListBranchKeysRequest) -> Result<ListBranchKeysResponse, KmsError> {
        Ok(self.0.list_branch_keys(request)?)
    }
}
