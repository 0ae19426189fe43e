//! `GenerateDataKey`, `GenerateDataKeyWithoutPlaintext`: keys for data of any size, to be used outside of KMS.

use super::{
    Execute,
    encryption::{check_usage, seal},
    refuse_recipient, stop_if_dry_run,
    target::{Named, permit},
    validate::invalid,
};
use crate::{
    access::{Caller, Permit},
    api::{
        Blob, GenerateDataKeyRequest, GenerateDataKeyResponse, GenerateDataKeyWithoutPlaintextRequest,
        GenerateDataKeyWithoutPlaintextResponse, Operation, Request,
    },
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
    key::{DataKeySpec, KeySpec, MaterialId},
    secret::Secret,
    store::Transaction,
};
use alloc::{
    format,
    string::{String, ToString},
};

impl Execute for GenerateDataKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GenerateDataKeyResponse> {
        refuse_recipient(self.recipient.is_some())?;
        let wanted = Wanted {
            operation: Self::OPERATION,
            key_id: &self.key_id,
            context: self.encryption_context.as_ref(),
            spec: self.key_spec,
            bytes: self.number_of_bytes,
            grant_tokens: self.grant_tokens.as_deref(),
        };
        let DataKey { permit, plaintext, ciphertext, material } = wanted.generate(transaction, caller)?;
        stop_if_dry_run(self.dry_run)?;
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: ciphertext,
            plaintext,
            key_id: permit.key().arn(),
            ciphertext_for_recipient: None,
            key_material_id: Some(material.to_string()),
        })
    }
}

impl Execute for GenerateDataKeyWithoutPlaintextRequest {
    fn execute(
        &self,
        transaction: &mut Transaction<'_>,
        caller: &Caller,
    ) -> Result<GenerateDataKeyWithoutPlaintextResponse> {
        let wanted = Wanted {
            operation: Self::OPERATION,
            key_id: &self.key_id,
            context: self.encryption_context.as_ref(),
            spec: self.key_spec,
            bytes: self.number_of_bytes,
            grant_tokens: self.grant_tokens.as_deref(),
        };
        let DataKey { permit, plaintext: _, ciphertext, material } = wanted.generate(transaction, caller)?;
        stop_if_dry_run(self.dry_run)?;
        Ok(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: ciphertext,
            key_id: permit.key().arn(),
            key_material_id: material.to_string(),
        })
    }
}

/// What both operations ask for.
struct Wanted<'a> {
    operation: Operation,
    key_id: &'a str,
    context: Option<&'a EncryptionContext>,
    spec: Option<DataKeySpec>,
    bytes: Option<i32>,
    grant_tokens: Option<&'a [String]>,
}

/// What both make.
struct DataKey {
    permit: Permit,
    plaintext: Secret,
    ciphertext: Blob,
    material: MaterialId,
}

impl Wanted<'_> {
    fn generate(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DataKey> {
        let length = self.length()?;
        let key = self.key_id;
        let permit = permit(transaction, caller, self.operation, key, Named::Any, self.grant_tokens)?;
        check_usage(&permit)?;
        let spec = permit.key().spec;
        if spec != KeySpec::SymmetricDefault {
            return Err(Error::new(
                ErrorKind::InvalidKeyUsage,
                format!("The key spec {spec} cannot encrypt data keys: use a symmetric encryption KMS key."),
            ));
        }
        let mut plaintext = Secret::zeroed(length);
        transaction.provider().fill_random(plaintext.expose_mut())?;
        let (ciphertext, material) = seal(transaction, &permit, self.context, &plaintext)?;
        Ok(DataKey { permit, plaintext, ciphertext, material })
    }

    /// Checks the request. The length in bytes: by spec or by number, never by both and never by a guess.
    fn length(&self) -> Result<usize> {
        match (self.spec, self.bytes.and_then(|bytes| usize::try_from(bytes).ok())) {
            (Some(spec), None) => Ok(spec.number_of_bytes()),
            (None, Some(bytes)) => Ok(bytes),
            (Some(_), Some(_)) => Err(invalid("Please specify either number of bytes or key spec, not both.")),
            (None, None) => Err(invalid("Please specify either number of bytes or key spec.")),
        }
    }
}
