//! `Sign`, `Verify`, `GetPublicKey`, `DeriveSharedSecret`: what asymmetric KMS keys do.

use super::{Execute, key_use, listed, recipient::Recipient, stop_if_dry_run, target::permit, validate::invalid};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        DeriveSharedSecretRequest, DeriveSharedSecretResponse, GetPublicKeyRequest, GetPublicKeyResponse, MessageType,
        Request, SignRequest, SignResponse, VerifyRequest, VerifyResponse,
    },
    error::{Error, ErrorKind, Result},
    key::{KeySpec, KeyUsageType, Material, Signed, SigningAlgorithmSpec},
    secret::Secret,
    store::Transaction,
};
use alloc::{format, sync::Arc};

impl Execute for SignRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.key_id)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<SignResponse> {
        let Self { key_id, message, message_type, grant_tokens, signing_algorithm, dry_run } = self;
        let question = Question {
            grant_tokens: grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let (permit, material, signed) =
            prepare(transaction, &question, key_id, *signing_algorithm, *message_type, message)?;
        let signature = key_use::pair(&permit, &material)?.sign(transaction.provider(), signed)?;
        stop_if_dry_run(*dry_run)?;
        Ok(SignResponse {
            key_id: permit.key().arn(),
            signature: signature.into(),
            signing_algorithm: *signing_algorithm,
        })
    }
}

impl Execute for VerifyRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.key_id)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<VerifyResponse> {
        let Self { key_id, message, message_type, signature, signing_algorithm, grant_tokens, dry_run } = self;
        let question = Question {
            grant_tokens: grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let (permit, material, signed) =
            prepare(transaction, &question, key_id, *signing_algorithm, *message_type, message)?;
        let verified = key_use::pair(&permit, &material)?.verify(transaction.provider(), signed, signature)?;
        verified.map_err(|_| {
            Error::new(ErrorKind::KmsInvalidSignature, "").explain(
                "the signature was made for another message or digest, by another key or algorithm, or was altered",
            )
        })?;
        stop_if_dry_run(*dry_run)?;
        Ok(VerifyResponse { key_id: permit.key().arn(), signature_valid: true, signing_algorithm: *signing_algorithm })
    }
}

impl Execute for GetPublicKeyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GetPublicKeyResponse> {
        let question = Question {
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = permit(transaction, &question, &self.key_id)?;
        let key = permit.key();
        let material = key_use::current(transaction, &permit)?;
        let Some(pair) = material.pair() else {
            return Err(Error::new(
                ErrorKind::UnsupportedOperation,
                format!("{} key spec is {} which is not valid for this operation.", key.arn(), key.spec),
            )
            .explain("only asymmetric keys have a public key"));
        };
        Ok(GetPublicKeyResponse {
            key_id: key.arn(),
            public_key: pair.public_key(transaction.provider())?.into(),
            customer_master_key_spec: key.spec.customer_master_key_spec(),
            key_spec: key.spec,
            key_usage: key.usage,
            encryption_algorithms: listed(key.spec.encryption_algorithms(key.usage)),
            signing_algorithms: listed(key.spec.signing_algorithms(key.usage)),
            key_agreement_algorithms: listed(key.spec.key_agreement_algorithms(key.usage)),
            encapsulation_algorithms: listed(key.spec.encapsulation_algorithms(key.usage)),
        })
    }
}

impl Execute for DeriveSharedSecretRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.key_id)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DeriveSharedSecretResponse> {
        let recipient = Recipient::of(transaction, self.recipient.as_ref())?;
        let algorithm = self.key_agreement_algorithm;
        let question = Question {
            attested: recipient.attested(),
            key_agreement_algorithm: Some(algorithm),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let usage = KeyUsageType::KeyAgreement;
        let algorithms = KeySpec::key_agreement_algorithms;
        let (permit, material) =
            key_use::by_algorithm(transaction, &question, &self.key_id, usage, &algorithm, algorithms)?;
        let key = permit.key();
        let shared_secret = key_use::pair(&permit, &material)?.agree(transaction.provider(), &self.public_key);
        let shared_secret = shared_secret.ok_or_else(|| {
            invalid("").explain(format!("the public key is no DER SubjectPublicKeyInfo of a point of {}", key.spec))
        })?;
        stop_if_dry_run(self.dry_run)?;
        let (shared_secret, ciphertext_for_recipient) = recipient.answer(transaction, shared_secret)?;
        Ok(DeriveSharedSecretResponse {
            key_id: key.arn(),
            shared_secret,
            ciphertext_for_recipient,
            key_agreement_algorithm: algorithm,
            key_origin: key.origin,
        })
    }
}

/// What signing and verifying begin with: a key that signs with that algorithm, its material, and what is signed.
fn prepare<'a>(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key_id: &str,
    algorithm: SigningAlgorithmSpec,
    message_type: Option<MessageType>,
    message: &'a Secret,
) -> Result<(Permit, Arc<Material>, Signed<'a>)> {
    let message_type = message_type.unwrap_or(MessageType::Raw);
    let question = Question { signing_algorithm: Some(algorithm), message_type: Some(message_type), ..*question };
    let usage = KeyUsageType::SignVerify;
    let (permit, material) =
        key_use::by_algorithm(transaction, &question, key_id, usage, &algorithm, KeySpec::signing_algorithms)?;
    Ok((permit, material, Signed { algorithm, message_type, message }))
}
