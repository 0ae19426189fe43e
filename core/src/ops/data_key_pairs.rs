//! `GenerateDataKeyPair`, `GenerateDataKeyPairWithoutPlaintext`: key pairs to be used outside of KMS.

use super::{
    Execute, data_keys::permit_for_data_keys, encryption::seal, key_use::current, recipient::Recipient,
    stop_if_dry_run, validate::in_region,
};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        Blob, GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, GenerateDataKeyPairWithoutPlaintextRequest,
        GenerateDataKeyPairWithoutPlaintextResponse, Request,
    },
    error::{Error, ErrorKind, Result},
    key::{DataKeyPairSpec, EncryptionAlgorithmSpec, KeyPair, KeySpec, MaterialId, MaterialRecord, open_pair},
    secret::Secret,
    store::Transaction,
};
use alloc::{boxed::Box, format, string::ToString};

impl Execute for GenerateDataKeyPairRequest {
    fn charged_pair(&self) -> Option<DataKeyPairSpec> {
        Some(self.key_pair_spec)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GenerateDataKeyPairResponse> {
        let recipient = Recipient::of(transaction, self.recipient.as_ref())?;
        let question = Question {
            attested: recipient.attested(),
            encryption_context: self.encryption_context.as_ref(),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
            data_key_pair_spec: Some(self.key_pair_spec),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let DataKeyPair { permit, private_key, public_key, ciphertext, material } =
            generate(transaction, &question, &self.key_id, self.key_pair_spec, self.dry_run)?;
        let key_material_id = recipient.shown(material.to_string());
        let (private_key_plaintext, ciphertext_for_recipient) = recipient.answer(transaction, private_key)?;
        Ok(GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: ciphertext,
            private_key_plaintext,
            public_key,
            key_id: permit.key().arn(),
            key_pair_spec: self.key_pair_spec,
            ciphertext_for_recipient,
            key_material_id,
        })
    }
}

impl Execute for GenerateDataKeyPairWithoutPlaintextRequest {
    fn charged_pair(&self) -> Option<DataKeyPairSpec> {
        Some(self.key_pair_spec)
    }

    fn execute(
        &self,
        transaction: &mut Transaction<'_>,
        caller: &Caller,
    ) -> Result<GenerateDataKeyPairWithoutPlaintextResponse> {
        let question = Question {
            encryption_context: self.encryption_context.as_ref(),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
            data_key_pair_spec: Some(self.key_pair_spec),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let DataKeyPair { permit, private_key: _, public_key, ciphertext, material } =
            generate(transaction, &question, &self.key_id, self.key_pair_spec, self.dry_run)?;
        Ok(GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob: ciphertext,
            public_key,
            key_id: permit.key().arn(),
            key_pair_spec: self.key_pair_spec,
            key_material_id: material.to_string(),
        })
    }
}

/// What both operations make.
struct DataKeyPair {
    permit: Permit,
    private_key: Secret,
    public_key: Blob,
    ciphertext: Blob,
    material: MaterialId,
}

fn generate(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
    spec: DataKeyPairSpec,
    dry_run: Option<bool>,
) -> Result<DataKeyPair> {
    let permit = permit_for_data_keys(transaction, question, key_id)?;
    // "You cannot use […] a KMS key in a custom key store" (GenerateDataKeyPair).
    if permit.key().custom_key_store.is_some() {
        let message =
            format!("{} is in a custom key store, which is not valid for this operation.", permit.key().arn());
        return Err(Error::new(ErrorKind::UnsupportedOperation, message));
    }
    in_region(spec.into(), question.caller.region())?;
    // Before the pair is made, which takes long for RSA; and a store that is waited for has the material fetched before, too.
    stop_if_dry_run(dry_run)?;
    current(transaction, &permit)?;
    let provider = transaction.provider();
    let pair = pair(transaction, spec.into())?;
    let (private_key, public_key) = (pair.private_key(provider)?, pair.public_key(provider)?.into());
    let (ciphertext, material) = seal(transaction, &permit, question, &private_key, dry_run)?;
    Ok(DataKeyPair { permit, private_key, public_key, ciphertext, material })
}

/// A new key pair, made as the material of a KMS key is.
fn pair(transaction: &Transaction<'_>, spec: KeySpec) -> Result<Box<dyn KeyPair>> {
    let provider = transaction.provider();
    let record = MaterialRecord::generate(provider, spec)?;
    open_pair(provider, spec, &record)
        .ok_or_else(|| Error::new(ErrorKind::KmsInternal, format!("no key pair is made for {spec}")))
}
