//! A vault as the KMS of a keyring.

use crate::{
    gate,
    pending::{Role, leave},
    vault::{Handle, closed},
};
use pocketkms::{
    Kms, Result, Timestamp,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse, Operation,
    },
    envelope::{BranchKeyMaterials, BranchKeySource, KmsClient},
    keys::{BranchKeyVersion, MaterialId},
};

/// A vault that may be closed while a keyring still stands on it.
pub(super) struct VaultClient(pub(super) Handle);

impl VaultClient {
    fn with<T>(&self, work: impl FnOnce(&Kms) -> Result<T>) -> Result<T> {
        self.0.with(work).unwrap_or_else(|| Err(gate::attach(|py| leave(py, closed(), Role::Whole))))
    }
}

impl KmsClient for VaultClient {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.with(|kms| kms.generate_data_key(request))
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.with(|kms| kms.encrypt(request))
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.with(|kms| kms.decrypt(request))
    }

    fn key_arn(&self, key_id: &str) -> Result<String> {
        self.with(|kms| KmsClient::key_arn(kms, key_id))
    }

    fn current_material(&self, key_id: &str, operation: Operation) -> Result<String> {
        self.with(|kms| KmsClient::current_material(kms, key_id, operation))
    }

    fn newest_material(&self, key_id: &str) -> Result<Option<MaterialId>> {
        self.with(|kms| KmsClient::newest_material(kms, key_id))
    }
}

impl BranchKeySource for VaultClient {
    fn active_branch_key(&self, branch_key_id: &str) -> Result<BranchKeyMaterials> {
        self.with(|kms| kms.active_branch_key(branch_key_id))
    }

    fn branch_key_version(&self, branch_key_id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.with(|kms| kms.branch_key_version(branch_key_id, version))
    }

    fn branch_key_state(&self, branch_key_id: &str, version: Option<&BranchKeyVersion>) -> Result<String> {
        self.with(|kms| kms.branch_key_state(branch_key_id, version))
    }

    /// A closed vault has no time, but says so before, when it is asked for the state of a branch key.
    fn now(&self) -> Timestamp {
        self.0.with(BranchKeySource::now).unwrap_or(Timestamp::from_millis(0))
    }
}
