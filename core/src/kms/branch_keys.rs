//! Branch keys, for hierarchical keyrings: keys between KMS keys and data keys, kept in the vault.

use super::Kms;
use crate::{
    api::{
        BranchKeyMetadata, CreateBranchKeyRequest, DescribeBranchKeyRequest, ListBranchKeysRequest,
        ListBranchKeysResponse, Operation, RewrapBranchKeysRequest, RewrapBranchKeysResponse, RotateBranchKeyRequest,
    },
    audit::{BranchKeyCall, Call},
    clock::Timestamp,
    envelope::{BranchKeyMaterials, BranchKeySource, HierarchicalKeyring, KmsClient, Retire},
    error::{Error, Result},
    key::BranchKeyVersion,
    ops::{self, branch_keys::Progress},
    shape::{Member, Members, Shape, Structure, Type, Value},
    store::{OpenVault, Transaction},
};
use alloc::{
    string::{String, ToString},
    sync::{Arc, Weak},
    vec,
    vec::Vec,
};
use core::{any::Any, time::Duration};

/// How far the branch keys of one call are moved.
#[derive(Default)]
struct Rewrapping {
    ids: Option<Vec<String>>,
    done: usize,
    /// Of the next one, what is moved already.
    next: Progress,
    versions: i32,
    response: RewrapBranchKeysResponse,
    /// The error of the first damaged one.
    left: Option<Error>,
}

#[allow(clippy::needless_pass_by_value, reason = "requests are handed over, as to every other method")]
impl Kms {
    /// A hierarchical keyring of a branch key of this vault. An opened branch key is kept in memory for `ttl`; that its KMS
    /// key was disabled, or that it was rotated, is seen at once all the same.
    pub fn hierarchical_keyring(&self, branch_key_id: &str, ttl: Duration) -> Result<HierarchicalKeyring> {
        HierarchicalKeyring::new(Arc::new(self.clone()), branch_key_id, ttl, HierarchicalKeyring::DEFAULT_MAX_ENTRIES)
    }

    /// Creates a branch key, 32 random bytes under a KMS key.
    pub fn create_branch_key(&self, request: CreateBranchKeyRequest) -> Result<BranchKeyMetadata> {
        let work = |transaction: &mut Transaction<'_>| ops::branch_keys::create(transaction, &self.caller, &request);
        self.change_branch_keys(BranchKeyCall::Create, &request, work)
    }

    /// Makes a new version of a branch key the active one. Former versions still decrypt.
    pub fn rotate_branch_key(&self, request: RotateBranchKeyRequest) -> Result<BranchKeyMetadata> {
        let id = &request.branch_key_identifier;
        let work = |transaction: &mut Transaction<'_>| ops::branch_keys::rotate(transaction, &self.caller, id);
        self.change_branch_keys(BranchKeyCall::Rotate, &request, work)
    }

    /// Re-encrypts all versions of branch keys, under another KMS key or the newest material of their own: what is to be
    /// done after a KMS key was rotated, or before one is deleted. Messages stay as they are.
    ///
    /// Versions are moved some at a time. After an error those before it are moved, and all can be used; to call again goes on.
    /// Damaged records do not stop the others, but the call fails with the error of the first of them when all others are moved.
    /// Keep the old KMS key until they have been put back, then call again without a source.
    pub fn rewrap_branch_keys(&self, request: RewrapBranchKeysRequest) -> Result<RewrapBranchKeysResponse> {
        let vault = self.handle.vault()?;
        let mut progress: Rewrapping = vault.progress();
        let result = self.rewrap_on(&request, &mut progress);
        if result.is_err() {
            // Of a store that has to be waited for, from where it is to go on.
            vault.keep_progress(progress);
        }
        result
    }

    fn rewrap_on(
        &self,
        request: &RewrapBranchKeysRequest,
        progress: &mut Rewrapping,
    ) -> Result<RewrapBranchKeysResponse> {
        let source = request.source_kms_key_id.as_deref().map(|key| self.key_arn(key)).transpose()?;
        let destination = request.destination_kms_key_id.as_deref();
        if progress.ids.is_none() {
            let (ids, damaged) = if let Some(ids) = &request.branch_key_identifiers {
                (ids.clone(), None)
            } else {
                self.handle.vault()?.refresh();
                let work = |transaction: &mut Transaction<'_>| ops::branch_keys::ids(transaction, &self.caller);
                self.recorded_if_refused(Call::BranchKey(BranchKeyCall::Rewrap), request.value(), work)?
            };
            (progress.ids, progress.left) = (Some(ids), damaged);
        }
        let ids = progress.ids.clone().unwrap_or_default();
        for id in ids.iter().skip(progress.done) {
            let mut next = Some(core::mem::take(&mut progress.next));
            while let Some(from) = next {
                let work = |transaction: &mut Transaction<'_>| {
                    let keys = (source.as_deref(), destination);
                    ops::branch_keys::rewrap(transaction, &self.caller, id, keys, &from)
                };
                // Each commit has an event of its own, which names the branch key.
                let part =
                    RewrapBranchKeysRequest { branch_key_identifiers: Some(vec![id.clone()]), ..request.clone() };
                self.handle.vault()?.refresh();
                let call = Call::BranchKey(BranchKeyCall::Rewrap);
                let page = self.recorded(
                    call,
                    part.value(),
                    |vault: &OpenVault| self.charge(vault, Operation::ReEncrypt, None),
                    work,
                    |event, _| event,
                );
                let page = page.inspect_err(|_| progress.next = from)?;
                progress.versions = progress.versions.saturating_add(page.versions);
                progress.left = progress.left.take().or(page.damaged);
                next = page.next;
            }
            let versions = core::mem::take(&mut progress.versions);
            progress.done += 1;
            progress.response.branch_keys += i32::from(versions > 0);
            progress.response.versions = progress.response.versions.saturating_add(versions);
        }
        progress.left.take().map_or(Ok(core::mem::take(&mut progress.response)), Err)
    }

    /// Returns the properties of a branch key.
    pub fn describe_branch_key(&self, request: DescribeBranchKeyRequest) -> Result<BranchKeyMetadata> {
        let id = &request.branch_key_identifier;
        let work = |transaction: &mut Transaction<'_>| ops::branch_keys::describe(transaction, &self.caller, id);
        self.with_branch_keys(BranchKeyCall::Describe, &request, work)
    }

    /// Lists the branch keys of the caller's account and Region, page by page.
    pub fn list_branch_keys(&self, request: ListBranchKeysRequest) -> Result<ListBranchKeysResponse> {
        let work = |transaction: &mut Transaction<'_>| ops::branch_keys::list(transaction, &self.caller, &request);
        self.with_branch_keys(BranchKeyCall::List, &request, work)
    }

    /// As [`with_branch_keys`](Self::with_branch_keys), looking at what others have changed until now.
    fn change_branch_keys<T: Any + Send + Sync + Shape>(
        &self,
        call: BranchKeyCall,
        request: &impl Shape,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.handle.vault()?.refresh();
        self.with_branch_keys(call, request, work)
    }

    fn with_branch_keys<T: Any + Send + Sync + Shape>(
        &self,
        call: BranchKeyCall,
        request: &impl Shape,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        // To describe or list them is no request to KMS at AWS, where they are in a table.
        let is_counted = !call.is_read_only();
        let admit = |vault: &OpenVault| {
            if is_counted { self.charge(vault, Operation::GenerateDataKey, None) } else { Ok(()) }
        };
        let call = Call::BranchKey(call);
        self.recorded(call, request.value(), admit, work, |event, answer| event.answered(call, answer.value()))
    }

    fn open_branch_key(&self, id: &str, version: Option<&BranchKeyVersion>) -> Result<BranchKeyMaterials> {
        let work = |transaction: &mut Transaction<'_>| ops::branch_keys::open(transaction, &self.caller, id, version);
        let call = Call::BranchKey(BranchKeyCall::Open);
        self.recorded(
            call,
            Value::Structure(&Opened::of(id, version)),
            |vault: &OpenVault| self.charge(vault, Operation::Decrypt, None),
            work,
            |event, _| event,
        )
    }
}

/// What a keyring asks for.
struct Opened<'a> {
    branch_key_identifier: &'a str,
    branch_key_version: Option<String>,
}

impl Members for Opened<'_> {
    fn structure(&self) -> &'static Structure {
        const ID: Member =
            Member { wire: "BranchKeyIdentifier", ..Member::optional("branch_key_identifier", Type::String) };
        const VERSION: Member =
            Member { wire: "BranchKeyVersion", ..Member::optional("branch_key_version", Type::String) };
        &Structure { name: "", doc: "", members: &[ID, VERSION] }
    }

    fn each(&self, show: &mut dyn FnMut(Value<'_>)) {
        show(Value::Text(self.branch_key_identifier));
        show(self.branch_key_version.value());
    }
}

impl<'a> Opened<'a> {
    fn of(branch_key_identifier: &'a str, version: Option<&BranchKeyVersion>) -> Self {
        Self { branch_key_identifier, branch_key_version: version.map(ToString::to_string) }
    }
}

impl BranchKeySource for Kms {
    fn active_branch_key(&self, branch_key_id: &str) -> Result<BranchKeyMaterials> {
        self.open_branch_key(branch_key_id, None)
    }

    fn branch_key_version(&self, branch_key_id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.open_branch_key(branch_key_id, Some(version))
    }

    fn branch_key_state(&self, branch_key_id: &str, version: Option<&BranchKeyVersion>) -> Result<String> {
        let work = |transaction: &mut Transaction<'_>| {
            ops::branch_keys::state(transaction, &self.caller, branch_key_id, version)
        };
        let asked = Opened::of(branch_key_id, version);
        self.recorded_if_refused(Call::BranchKey(BranchKeyCall::Open), Value::Structure(&asked), work)
    }

    fn now(&self) -> Timestamp {
        self.handle.now()
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.handle.on_close(cache);
    }
}
