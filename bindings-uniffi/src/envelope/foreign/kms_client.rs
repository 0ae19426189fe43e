//! Another KMS: AWS's own, asked through the app's SDK.

use super::passed;
use crate::KmsError;
use pocketkms::{
    Error,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse,
    },
};
use std::sync::Arc;

/// What a KMS keyring asks of KMS. An app implements it to pass the requests on to AWS through its own SDK, member by
/// member: they bear AWS's names.
///
/// What it throws while encrypting ends the encryption. While decrypting it is noted for that data key, and the next one is
/// tried.
#[uniffi::export(with_foreign)]
pub trait KmsClient: Send + Sync {
    /// `GenerateDataKey`: `keyId`, `numberOfBytes`, `encryptionContext` and `grantTokens` are to be passed on;
    /// `keyId`, `plaintext` and `ciphertextBlob` of the response are used, and `keyId` must be the key's ARN.
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse, KmsError>;

    /// `Encrypt`: `keyId`, `plaintext`, `encryptionContext` and `grantTokens` are to be passed on; `keyId` and
    /// `ciphertextBlob` of the response are used, and `keyId` must be the key's ARN.
    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse, KmsError>;

    /// `Decrypt`: `keyId`, `ciphertextBlob`, `encryptionContext` and `grantTokens` are to be passed on; `keyId` and
    /// `plaintext` of the response are used, and `keyId` must be that of the request.
    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse, KmsError>;
}

/// The core's view of it. It cannot find a key's ARN or material without asking afar, so the core's defaults stay.
pub(in super::super) struct ForeignClient(pub(in super::super) Arc<dyn KmsClient>);

impl pocketkms::envelope::KmsClient for ForeignClient {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse, Error> {
        passed(self.0.generate_data_key(request))
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse, Error> {
        passed(self.0.encrypt(request))
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse, Error> {
        passed(self.0.decrypt(request))
    }
}
