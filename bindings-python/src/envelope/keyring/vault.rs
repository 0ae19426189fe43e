//! A vault as the KMS of a keyring.

use crate::{
    envelope::pending::{Role, leave},
    vault::{Handle, closed},
};
use pocketkms::{
    Kms, Result,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse, Operation,
    },
    envelope::KmsClient,
};
use pyo3::Python;

/// A vault that may be closed while a keyring still stands on it.
pub(super) struct VaultClient(pub(super) Handle);

impl VaultClient {
    fn with<T>(&self, work: impl FnOnce(&Kms) -> Result<T>) -> Result<T> {
        self.0.with(work).unwrap_or_else(|| Err(Python::attach(|py| leave(py, closed(), Role::Whole))))
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
}
