//! `GenerateDataKey`, `GenerateDataKeyWithoutPlaintext`: keys for data of any size, to be used outside of KMS.

use super::{
    Execute, encryption::seal, key_use::check_usage, recipient::Recipient, stop_if_dry_run, target::permit,
    validate::invalid,
};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        Blob, GenerateDataKeyRequest, GenerateDataKeyResponse, GenerateDataKeyWithoutPlaintextRequest,
        GenerateDataKeyWithoutPlaintextResponse, Request,
    },
    error::{Error, ErrorKind, Result},
    key::{DataKeySpec, EncryptionAlgorithmSpec, KeySpec, KeyUsageType, MaterialId},
    secret::Secret,
    store::Transaction,
};
use alloc::{format, string::ToString};

impl Execute for GenerateDataKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GenerateDataKeyResponse> {
        let length = length(self.key_spec, self.number_of_bytes)?;
        let recipient = Recipient::of(transaction, self.recipient.as_ref())?;
        let question = Question {
            attested: recipient.attested(),
            encryption_context: self.encryption_context.as_ref(),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let DataKey { permit, plaintext, ciphertext, material } =
            generate(transaction, &question, &self.key_id, length, self.dry_run)?;
        stop_if_dry_run(self.dry_run)?;
        let key_material_id = recipient.shown(material.to_string());
        let (plaintext, ciphertext_for_recipient) = recipient.answer(transaction, plaintext)?;
        Ok(GenerateDataKeyResponse {
            ciphertext_blob: ciphertext,
            plaintext,
            key_id: permit.key().arn(),
            ciphertext_for_recipient,
            key_material_id,
        })
    }
}

impl Execute for GenerateDataKeyWithoutPlaintextRequest {
    fn execute(
        &self,
        transaction: &mut Transaction<'_>,
        caller: &Caller,
    ) -> Result<GenerateDataKeyWithoutPlaintextResponse> {
        let length = length(self.key_spec, self.number_of_bytes)?;
        let question = Question {
            encryption_context: self.encryption_context.as_ref(),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let DataKey { permit, plaintext: _, ciphertext, material } =
            generate(transaction, &question, &self.key_id, length, self.dry_run)?;
        stop_if_dry_run(self.dry_run)?;
        Ok(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: ciphertext,
            key_id: permit.key().arn(),
            key_material_id: material.to_string(),
        })
    }
}

/// What both operations make.
struct DataKey {
    permit: Permit,
    plaintext: Secret,
    ciphertext: Blob,
    material: MaterialId,
}

fn generate(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
    length: usize,
    dry_run: Option<bool>,
) -> Result<DataKey> {
    let permit = permit_for_data_keys(transaction, question, key_id)?;
    let plaintext = if permit.key().custom_key_store.is_some() {
        // The same each time that the operation is computed, so that somebody else encrypts it once.
        let kept = transaction.kept(&[b"data key", &length.to_be_bytes()], || random(transaction, length))?;
        Secret::copy_of(kept.expose())
    } else {
        random(transaction, length)?
    };
    let (ciphertext, material) = seal(transaction, &permit, question, &plaintext, dry_run)?;
    Ok(DataKey { permit, plaintext, ciphertext, material })
}

fn random(transaction: &Transaction<'_>, length: usize) -> Result<Secret> {
    let mut bytes = Secret::zeroed(length);
    transaction.provider().fill_random(bytes.expose_mut())?;
    Ok(bytes)
}

/// The permit for a key that encrypts data keys.
pub(super) fn permit_for_data_keys(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
) -> Result<Permit> {
    let permit = permit(transaction, question, key_id)?;
    check_usage(&permit, KeyUsageType::EncryptDecrypt)?;
    let spec = permit.key().spec;
    if spec != KeySpec::SymmetricDefault {
        return Err(Error::new(
            ErrorKind::InvalidKeyUsage,
            format!("The key spec {spec} cannot encrypt data keys: use a symmetric encryption KMS key."),
        ));
    }
    Ok(permit)
}

/// The length in bytes: by spec or by number, never by both and never by a guess.
fn length(spec: Option<DataKeySpec>, bytes: Option<i32>) -> Result<usize> {
    match (spec, bytes.and_then(|bytes| usize::try_from(bytes).ok())) {
        (Some(spec), None) => Ok(spec.number_of_bytes()),
        (None, Some(bytes)) => Ok(bytes),
        (Some(_), Some(_)) => Err(invalid("Please specify either number of bytes or key spec, not both.")),
        (None, None) => Err(invalid("Please specify either number of bytes or key spec.")),
    }
}
