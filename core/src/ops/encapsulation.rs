//! `Encapsulate`, `Decapsulate`: shared secrets under an ML-KEM KMS key.

use super::{Execute, key_use, stop_if_dry_run};
use crate::{
    access::{Caller, Permit, Question},
    api::{DecapsulateRequest, DecapsulateResponse, EncapsulateRequest, EncapsulateResponse, Request},
    error::{Error, ErrorKind, Result},
    key::{EncapsulationAlgorithmSpec, KeySpec, KeyUsageType, Material},
    store::Transaction,
};
use alloc::{format, sync::Arc};

impl Execute for EncapsulateRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.key_id)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<EncapsulateResponse> {
        let question = Question {
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let algorithm = self.encapsulation_algorithm;
        let (permit, material) = key(transaction, &question, &self.key_id, algorithm)?;
        stop_if_dry_run(self.dry_run)?;
        let (ciphertext, shared_secret) = key_use::pair(&permit, &material)?.encapsulate(transaction.provider())?;
        Ok(EncapsulateResponse {
            key_id: permit.key().arn(),
            shared_secret,
            shared_secret_ciphertext_blob: ciphertext.into(),
            encapsulation_algorithm: algorithm,
        })
    }
}

impl Execute for DecapsulateRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.key_id)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DecapsulateResponse> {
        let question = Question {
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let algorithm = self.encapsulation_algorithm;
        let (permit, material) = key(transaction, &question, &self.key_id, algorithm)?;
        let shared_secret = key_use::pair(&permit, &material)?.decapsulate(&self.shared_secret_ciphertext_blob);
        // "Decapsulate returns an InvalidCiphertextException when the length of the SharedSecretCiphertextBlob is inconsistent
        // with the ML-KEM key spec."
        let shared_secret = shared_secret.ok_or_else(|| {
            Error::new(ErrorKind::InvalidCiphertext, "")
                .explain(format!("the ciphertext has not the length of {}", permit.key().spec))
        })?;
        stop_if_dry_run(self.dry_run)?;
        Ok(DecapsulateResponse { key_id: permit.key().arn(), shared_secret, encapsulation_algorithm: algorithm })
    }
}

/// A key that encapsulates with that algorithm, and its material.
fn key(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
    algorithm: EncapsulationAlgorithmSpec,
) -> Result<(Permit, Arc<Material>)> {
    let usage = KeyUsageType::EncapsulateDecapsulate;
    key_use::by_algorithm(transaction, question, key_id, usage, &algorithm, KeySpec::encapsulation_algorithms)
}
