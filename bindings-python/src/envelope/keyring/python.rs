//! Python code as the KMS of a keyring: an object with the operations of KMS, which passes them on.

use super::secret;
use crate::{
    convert::{Bytes, response, type_error},
    envelope::held_objects::HeldObjects,
    gate, memory,
    pending::carry,
};
use pocketkms::{
    EncryptionContext, Result,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse,
    },
    envelope::KmsClient,
    keys::EncryptionAlgorithmSpec,
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};

/// The object is the only one below.
pub(super) struct PythonClient(pub(super) HeldObjects);

impl PythonClient {
    /// Calls an operation with the arguments that `fill` sets, and reads its response.
    fn call<T>(
        &self,
        operation: &str,
        fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T> {
        gate::attach(|py| {
            let response = || {
                let arguments = PyDict::new(py);
                fill(&arguments)?;
                read(&self.0.get(py, 0)?.call_method(operation, (), Some(&arguments))?)
            };
            response().map_err(|exception| carry(py, exception))
        })
    }
}

fn common(
    arguments: &Bound<'_, PyDict>,
    context: Option<&EncryptionContext>,
    grant_tokens: Option<Vec<String>>,
) -> PyResult<()> {
    if let Some(context) = context {
        arguments.set_item("encryption_context", response(arguments.py(), context)?)?;
    }
    grant_tokens.map_or(Ok(()), |tokens| arguments.set_item("grant_tokens", tokens))
}

fn text(response: &Bound<'_, PyAny>, member: &str) -> PyResult<String> {
    let value = response.getattr(member)?;
    let text = value.cast::<PyString>().map_err(|_| type_error(member, "str", &value))?;
    Ok(text.to_str()?.to_owned())
}

fn blob(response: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    memory::copy(&Bytes::of("ciphertext_blob", &response.getattr("ciphertext_blob")?)?)
}

impl KmsClient for PythonClient {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.call(
            "generate_data_key",
            |arguments| {
                arguments.set_item("key_id", request.key_id)?;
                arguments.set_item("number_of_bytes", request.number_of_bytes)?;
                common(arguments, request.encryption_context.as_ref(), request.grant_tokens)
            },
            |response| {
                Ok(GenerateDataKeyResponse {
                    ciphertext_blob: blob(response)?.into(),
                    plaintext: secret("plaintext", &response.getattr("plaintext")?)?,
                    key_id: text(response, "key_id")?,
                    ciphertext_for_recipient: None,
                    key_material_id: None,
                })
            },
        )
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.call(
            "encrypt",
            |arguments| {
                arguments.set_item("key_id", request.key_id)?;
                arguments.set_item("plaintext", memory::bytes(arguments.py(), request.plaintext.expose())?)?;
                common(arguments, request.encryption_context.as_ref(), request.grant_tokens)
            },
            |response| {
                Ok(EncryptResponse {
                    ciphertext_blob: blob(response)?.into(),
                    key_id: text(response, "key_id")?,
                    encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
                })
            },
        )
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.call(
            "decrypt",
            |arguments| {
                arguments.set_item("key_id", request.key_id)?;
                let blob = request.ciphertext_blob.as_deref().unwrap_or_default();
                arguments.set_item("ciphertext_blob", memory::bytes(arguments.py(), blob)?)?;
                common(arguments, request.encryption_context.as_ref(), request.grant_tokens)
            },
            |response| {
                Ok(DecryptResponse {
                    key_id: text(response, "key_id")?,
                    plaintext: secret("plaintext", &response.getattr("plaintext")?)?,
                    encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
                    ciphertext_for_recipient: None,
                    key_material_id: None,
                })
            },
        )
    }

    /// A client that cannot say gives the name back.
    fn key_arn(&self, key_id: &str) -> Result<String> {
        if gate::attach(|py| self.0.get(py, 0).is_ok_and(|client| !client.hasattr("describe_key").unwrap_or(true))) {
            return Ok(key_id.to_owned());
        }
        self.call(
            "describe_key",
            |arguments| arguments.set_item("key_id", key_id),
            |response| text(&response.getattr("key_metadata")?, "arn"),
        )
    }
}
