//! Branch keys, for hierarchical keyrings: keys between KMS keys and data keys, kept in the vault.

use super::Kms;
use crate::{
    api::{
        BranchKeyMetadata, CreateBranchKeyRequest, DescribeBranchKeyRequest, ListBranchKeysRequest,
        ListBranchKeysResponse, Operation, RewrapBranchKeysRequest, RewrapBranchKeysResponse, RotateBranchKeyRequest,
    },
    clock::Timestamp,
    envelope::{BranchKeyMaterials, BranchKeySource, HierarchicalKeyring, KmsClient, Retire},
    error::{Error, Result},
    key::BranchKeyVersion,
    ops::{self, branch_keys::Progress},
    store::Transaction,
};
use alloc::{
    string::String,
    sync::{Arc, Weak},
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
        self.change_branch_keys(|transaction| ops::branch_keys::create(transaction, &self.caller, &request))
    }

    /// Makes a new version of a branch key the active one. Former versions still decrypt.
    pub fn rotate_branch_key(&self, request: RotateBranchKeyRequest) -> Result<BranchKeyMetadata> {
        let id = request.branch_key_identifier;
        self.change_branch_keys(|transaction| ops::branch_keys::rotate(transaction, &self.caller, &id))
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
            let (ids, damaged) = match &request.branch_key_identifiers {
                Some(ids) => (ids.clone(), None),
                None => self.change_branch_keys(|transaction| ops::branch_keys::ids(transaction, &self.caller))?,
            };
            (progress.ids, progress.left) = (Some(ids), damaged);
        }
        let ids = progress.ids.clone().unwrap_or_default();
        for id in ids.iter().skip(progress.done) {
            let mut next = Some(core::mem::take(&mut progress.next));
            while let Some(from) = next {
                let page = self.change_branch_keys(|transaction| {
                    let keys = (source.as_deref(), destination);
                    ops::branch_keys::rewrap(transaction, &self.caller, id, keys, &from)
                });
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
        let id = request.branch_key_identifier;
        self.with_branch_keys(|transaction| ops::branch_keys::describe(transaction, &self.caller, &id))
    }

    /// Lists the branch keys of the caller's account and Region, page by page.
    pub fn list_branch_keys(&self, request: ListBranchKeysRequest) -> Result<ListBranchKeysResponse> {
        self.with_branch_keys(|transaction| ops::branch_keys::list(transaction, &self.caller, &request))
    }

    /// As [`with_branch_keys`](Self::with_branch_keys), looking at what others have changed until now.
    fn change_branch_keys<T: Any + Send + Sync>(&self, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        self.handle.vault()?.refresh();
        self.with_branch_keys(work)
    }

    fn with_branch_keys<T: Any + Send + Sync>(&self, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        self.perform(Operation::Decrypt, work)
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
        self.handle.now()
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.handle.on_close(cache);
    }
}
