//! Branch keys, for hierarchical keyrings: keys between KMS keys and data keys, kept in the vault.

use super::Kms;
use crate::{
    api::{
        BranchKeyMetadata, CreateBranchKeyRequest, DescribeBranchKeyRequest, ListBranchKeysRequest,
        ListBranchKeysResponse, Operation, RewrapBranchKeysRequest, RewrapBranchKeysResponse, RotateBranchKeyRequest,
    },
    clock::Timestamp,
    envelope::{BranchKeyMaterials, BranchKeySource, HierarchicalKeyring, KmsClient, Retire},
    error::Result,
    key::BranchKeyVersion,
    ops,
    store::Transaction,
};
use alloc::{
    string::String,
    sync::{Arc, Weak},
};
use core::time::Duration;

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

    /// Re-encrypts all versions of branch keys, under another KMS key or the newest material of their own: what is to be
    /// done after a KMS key was rotated, or before one is deleted. Messages stay as they are.
    ///
    /// Each branch key is moved as a whole or not at all. After an error those before it are moved; to call again goes on.
    /// Records that are damaged keep the others from nothing, but the call fails with the error of the first of them when all
    /// others are moved. Keep the old KMS key until they were put back, and call again then without a source.
    pub fn rewrap_branch_keys(&self, request: RewrapBranchKeysRequest) -> Result<RewrapBranchKeysResponse> {
        let source = request.source_kms_key_id.as_deref().map(|key| self.key_arn(key)).transpose()?;
        let destination = request.destination_kms_key_id.as_deref();
        let (ids, mut left) = match request.branch_key_identifiers {
            Some(ids) => (ids, None),
            None => self.with_branch_keys(|transaction| ops::branch_keys::ids(transaction, &self.caller))?,
        };
        let mut response = RewrapBranchKeysResponse::default();
        for id in ids {
            let (versions, damaged) = self.with_branch_keys(|transaction| {
                ops::branch_keys::rewrap(transaction, &self.caller, &id, source.as_deref(), destination)
            })?;
            response.branch_keys += i32::from(versions > 0);
            response.versions = response.versions.saturating_add(versions);
            left = left.or(damaged);
        }
        left.map_or(Ok(response), Err)
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
