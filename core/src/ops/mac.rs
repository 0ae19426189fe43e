//! `GenerateMac`, `VerifyMac`: message authentication codes under an HMAC KMS key.

use super::{Execute, key_use, stop_if_dry_run};
use crate::{
    access::{Caller, Permit, Question},
    api::{GenerateMacRequest, GenerateMacResponse, Request, VerifyMacRequest, VerifyMacResponse},
    error::{Error, ErrorKind, Result},
    key::{KeySpec, KeyUsageType, MacAlgorithmSpec, Material},
    store::Transaction,
};
use alloc::sync::Arc;

impl Execute for GenerateMacRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GenerateMacResponse> {
        let Self { message, key_id, mac_algorithm, grant_tokens, dry_run } = self;
        let question = Question {
            grant_tokens: grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let (permit, material) = key(transaction, &question, key_id, *mac_algorithm)?;
        let mac = key_use::hmac(&permit, &material)?.mac(message.expose());
        stop_if_dry_run(*dry_run)?;
        Ok(GenerateMacResponse { mac: mac.into(), mac_algorithm: *mac_algorithm, key_id: permit.key().arn() })
    }
}

impl Execute for VerifyMacRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<VerifyMacResponse> {
        let Self { message, key_id, mac_algorithm, mac, grant_tokens, dry_run } = self;
        let question = Question {
            grant_tokens: grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let (permit, material) = key(transaction, &question, key_id, *mac_algorithm)?;
        if !key_use::hmac(&permit, &material)?.verify(message.expose(), mac) {
            return Err(Error::new(ErrorKind::KmsInvalidMac, "")
                .explain("the MAC was made for another message, under another KMS key, or was altered or truncated"));
        }
        stop_if_dry_run(*dry_run)?;
        Ok(VerifyMacResponse { key_id: permit.key().arn(), mac_valid: true, mac_algorithm: *mac_algorithm })
    }
}

/// A key that makes MACs with that algorithm, and its material.
fn key(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
    algorithm: MacAlgorithmSpec,
) -> Result<(Permit, Arc<Material>)> {
    let question = Question { mac_algorithm: Some(algorithm), ..*question };
    let usage = KeyUsageType::GenerateVerifyMac;
    key_use::by_algorithm(transaction, &question, key_id, usage, &algorithm, KeySpec::mac_algorithms)
}
