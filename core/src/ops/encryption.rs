//! Encrypt, Decrypt, `ReEncrypt`: up to 4,096 bytes directly under a KMS key.

use super::{
    Execute, cluster_keys, external_keys, key_use,
    recipient::Recipient,
    stop_if_dry_run,
    target::{self, permit},
    validate::{invalid, missing},
    whereabouts::whereabouts,
};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        Action, Blob, DecryptRequest, DecryptResponse, DryRunModifierType, EncryptRequest, EncryptResponse,
        ReEncryptRequest, ReEncryptResponse, Request,
    },
    blob::{self, Parsed},
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
    key::{EncryptionAlgorithmSpec, KeyUsageType, MaterialId, OriginType},
    secret::Secret,
    store::Transaction,
};
use alloc::{
    format,
    string::{String, ToString},
};

impl Execute for EncryptRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.key_id)
    }

    fn advice(&self) -> Option<&'static str> {
        (self.plaintext.len() > 4096).then_some(
            "a KMS key encrypts small data directly; encrypt larger data under a data key from GenerateDataKey, as \
             messages do (envelope encryption)",
        )
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<EncryptResponse> {
        let algorithm = self.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
        let question = Question {
            encryption_context: self.encryption_context.as_ref(),
            encryption_algorithm: Some(algorithm),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = permit(transaction, &question, &self.key_id)?;
        check_algorithm(&permit, algorithm)?;
        let (ciphertext, _) = encrypt(transaction, &permit, algorithm, &question, &self.plaintext, self.dry_run)?;
        stop_if_dry_run(self.dry_run)?;
        Ok(EncryptResponse { ciphertext_blob: ciphertext, key_id: permit.key().arn(), encryption_algorithm: algorithm })
    }
}

impl Execute for DecryptRequest {
    fn charged_key(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DecryptResponse> {
        let recipient = Recipient::of(transaction, self.recipient.as_ref())?;
        let algorithm = self.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
        let source = Source {
            question: Question {
                attested: recipient.attested(),
                encryption_context: self.encryption_context.as_ref(),
                encryption_algorithm: Some(algorithm),
                grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
                ..Question::new(caller, Self::OPERATION)
            },
            algorithm,
            ciphertext: self.ciphertext_blob.as_ref(),
            key: ("keyId", self.key_id.as_deref()),
            dry_run: self.dry_run,
            modifiers: self.dry_run_modifiers.as_deref(),
        };
        let opened = source.open(transaction)?;
        stop_if_dry_run(self.dry_run)?;
        let Opened { permit, plaintext: Some((plaintext, material)) } = opened else {
            return Err(ciphertext_missing());
        };
        let key_material_id = material.and_then(|id| recipient.shown(id.to_string()));
        let (plaintext, ciphertext_for_recipient) = recipient.answer(transaction, plaintext)?;
        Ok(DecryptResponse {
            key_id: permit.key().arn(),
            plaintext,
            encryption_algorithm: algorithm,
            ciphertext_for_recipient,
            key_material_id,
        })
    }
}

impl Execute for ReEncryptRequest {
    fn charged_key(&self) -> Option<&str> {
        Some(&self.destination_key_id)
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ReEncryptResponse> {
        let source_algorithm = self.source_encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
        let algorithm = self.destination_encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
        let question = Question {
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let source = Source {
            question: Question {
                action: Action::ReEncryptFrom,
                encryption_context: self.source_encryption_context.as_ref(),
                encryption_algorithm: Some(source_algorithm),
                other_key: target::id_of(transaction, &question, &self.destination_key_id)?,
                ..question
            },
            algorithm: source_algorithm,
            ciphertext: self.ciphertext_blob.as_ref(),
            key: ("sourceKeyId", self.source_key_id.as_deref()),
            dry_run: self.dry_run,
            modifiers: self.dry_run_modifiers.as_deref(),
        };
        // The source first, as far as permission, state and algorithm go: its errors come before the destination's.
        let opened = source.open(transaction)?;
        let question = Question {
            action: Action::ReEncryptTo,
            encryption_context: self.destination_encryption_context.as_ref(),
            encryption_algorithm: Some(algorithm),
            other_key: Some(opened.permit.key().id),
            ..question
        };
        let permit = permit(transaction, &question, &self.destination_key_id)?;
        check_algorithm(&permit, algorithm)?;
        let Some((plaintext, source_material)) = &opened.plaintext else {
            stop_if_dry_run(self.dry_run)?;
            return Err(ciphertext_missing());
        };
        let (ciphertext, material) = encrypt(transaction, &permit, algorithm, &question, plaintext, self.dry_run)?;
        stop_if_dry_run(self.dry_run)?;
        Ok(ReEncryptResponse {
            ciphertext_blob: ciphertext,
            source_key_id: opened.permit.key().arn(),
            key_id: permit.key().arn(),
            source_encryption_algorithm: source_algorithm,
            destination_encryption_algorithm: algorithm,
            source_key_material_id: source_material.map(|id| id.to_string()),
            destination_key_material_id: material.map(|id| id.to_string()),
        })
    }
}

/// Encrypts by an algorithm of the key that the permit is for. The id of the material is of interest where there can be several.
fn encrypt(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    algorithm: EncryptionAlgorithmSpec,
    question: &Question<'_>,
    plaintext: &Secret,
    dry_run: Option<bool>,
) -> Result<(Blob, Option<MaterialId>)> {
    if algorithm == EncryptionAlgorithmSpec::SymmetricDefault {
        let (ciphertext, material) = seal(transaction, permit, question, plaintext, dry_run)?;
        return Ok((ciphertext, Some(material)));
    }
    refuse_context(algorithm, question.encryption_context)?;
    let material = key_use::current(transaction, permit)?;
    let pair = key_use::pair(permit, &material)?;
    let longest = pair.longest_message(algorithm);
    if plaintext.len() > longest {
        let spec = permit.key().spec;
        return Err(invalid(format!(
            "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes."
        )));
    }
    Ok((pair.encrypt(transaction.provider(), algorithm, plaintext)?.into(), None))
}

/// Asymmetric ciphertexts have their algorithm's form, in which nothing else is authenticated ("An encryption context is supported
/// only on operations with symmetric encryption KMS keys", Encrypt).
fn refuse_context(algorithm: EncryptionAlgorithmSpec, context: Option<&EncryptionContext>) -> Result<()> {
    match context {
        Some(context) if context.iter().next().is_some() => {
            Err(invalid(format!("An encryption context is not supported for the algorithm {algorithm}.")))
        }
        _ => Ok(()),
    }
}

/// Encrypts symmetrically under the current material of the key that the permit is for.
pub(super) fn seal(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    question: &Question<'_>,
    plaintext: &Secret,
    dry_run: Option<bool>,
) -> Result<(Blob, MaterialId)> {
    let context = question.encryption_context.unwrap_or(EncryptionContext::EMPTY);
    if permit.key().origin == OriginType::AwsCloudhsm {
        let (ciphertext, material) = cluster_keys::seal(transaction, permit, context, plaintext)?;
        return Ok((ciphertext.into(), material));
    }
    let material = key_use::current(transaction, permit)?;
    let provider = transaction.provider();
    let material = key_use::symmetric(permit, &material)?;
    let ciphertext = if permit.key().origin == OriginType::ExternalKeyStore {
        // What it would come to is not tried out on others.
        stop_if_dry_run(dry_run)?;
        external_keys::seal(transaction, permit, question.caller, material, plaintext, context)?
    } else {
        blob::seal(provider, &permit.key().id, material, context, plaintext.expose())?
    };
    Ok((ciphertext.into(), material.id))
}

/// What Decrypt and `ReEncrypt` are given to decrypt.
struct Source<'a> {
    question: Question<'a>,
    algorithm: EncryptionAlgorithmSpec,
    ciphertext: Option<&'a Blob>,
    key: (&'static str, Option<&'a str>),
    dry_run: Option<bool>,
    modifiers: Option<&'a [DryRunModifierType]>,
}

/// What came of it.
struct Opened {
    permit: Permit,
    /// Absent in a dry run that ignores the ciphertext, or would have somebody else decrypt it. With the id of the material where there can be several.
    plaintext: Option<(Secret, Option<MaterialId>)>,
}

impl Source<'_> {
    fn open(&self, transaction: &mut Transaction<'_>) -> Result<Opened> {
        let (member, named) = self.key;
        let ignores_ciphertext = self.ignores_ciphertext()?;
        let Some(ciphertext) = self.ciphertext.filter(|_| !ignores_ciphertext) else {
            if !ignores_ciphertext {
                return Err(ciphertext_missing());
            }
            let key = named.ok_or_else(|| {
                missing(member).explain("with the DryRunModifier IGNORE_CIPHERTEXT no ciphertext names the key")
            })?;
            let permit = permit(transaction, &self.question, key)?;
            check_algorithm(&permit, self.algorithm)?;
            return Ok(Opened { permit, plaintext: None });
        };

        if self.algorithm != EncryptionAlgorithmSpec::SymmetricDefault {
            return self.open_asymmetric(transaction, ciphertext);
        }
        // The key that the caller names comes first: its errors are the same whatever the ciphertext says.
        let expected = match named {
            Some(key) => {
                let permit = permit(transaction, &self.question, key)?;
                check_algorithm(&permit, self.algorithm)?;
                Some(permit)
            }
            None => None,
        };
        let parsed = Parsed::parse(ciphertext)?;
        let permit = match expected {
            Some(permit) if permit.key().id.as_bytes() == parsed.key => permit,
            Some(_) => {
                return Err(Error::new(
                    ErrorKind::IncorrectKey,
                    "The key ID in the request does not identify a CMK that can perform this operation.",
                )
                .explain("the ciphertext was encrypted under another KMS key than the one named"));
            }
            None => {
                let caller = self.question.caller;
                target::granted_by_tokens(transaction, &self.question)?;
                let permit = match target::by_id(transaction, caller, parsed.key)? {
                    Some(key) => {
                        let own = key.account == *caller.account();
                        let permit = target::permit_for(transaction, &self.question, key);
                        permit.map_err(|error| match error.kind() {
                            // No one but its account learns that there is such a key.
                            ErrorKind::AccessDenied if own => self.no_key().caused_by(error),
                            ErrorKind::AccessDenied => self.no_key().explain(key_gone(transaction, caller)),
                            _ => error,
                        })?
                    }
                    None => None,
                };
                permit.ok_or_else(|| self.no_key().explain(key_gone(transaction, caller)))?
            }
        };
        check_algorithm(&permit, self.algorithm)?;
        let context = self.question.encryption_context.unwrap_or(EncryptionContext::EMPTY);
        if permit.key().origin == OriginType::AwsCloudhsm {
            let opened = cluster_keys::open(transaction, &permit, &parsed, context)?;
            let (plaintext, material) = opened.map_or_else(|| Err(material_unknown(transaction)), Ok)?;
            return Ok(Opened { permit, plaintext: Some((plaintext, Some(material))) });
        }
        let material = key_use::of_ciphertext(transaction, &permit, parsed.material)?;
        let material = material.map_or_else(|| Err(material_unknown(transaction)), Ok)?;
        let material = key_use::symmetric(&permit, &material)?;
        let plaintext = if permit.key().origin != OriginType::ExternalKeyStore {
            parsed.open(transaction.provider(), material, context)?
        } else if self.dry_run == Some(true) {
            return Ok(Opened { permit, plaintext: None });
        } else {
            external_keys::open(transaction, &permit, self.question.caller, material, &parsed, context)?
        };
        Ok(Opened { permit, plaintext: Some((plaintext, Some(material.id))) })
    }

    /// Such a ciphertext names no key: the caller has to.
    fn open_asymmetric(&self, transaction: &mut Transaction<'_>, ciphertext: &Blob) -> Result<Opened> {
        let (member, named) = self.key;
        let key = named.ok_or_else(|| {
            missing(member).explain(format!("a ciphertext of {} does not say which key it is for", self.algorithm))
        })?;
        let permit = permit(transaction, &self.question, key)?;
        check_algorithm(&permit, self.algorithm)?;
        refuse_context(self.algorithm, self.question.encryption_context)?;
        let material = key_use::current(transaction, &permit)?;
        let pair = key_use::pair(&permit, &material)?;
        let plaintext = pair.decrypt(transaction.provider(), self.algorithm, ciphertext).map_err(|_| {
            Error::new(ErrorKind::InvalidCiphertext, "")
                .explain("the ciphertext was made for another key or by another algorithm, or was altered")
        })?;
        Ok(Opened { permit, plaintext: Some((plaintext, None)) })
    }

    /// No key for the caller behind a ciphertext, in the words of AWS KMS: one answer for a key that does not exist, that
    /// is another account's, and that is forbidden, so that no one learns which.
    fn no_key(&self) -> Error {
        Error::new(
            ErrorKind::AccessDenied,
            format!(
                "User: {} is not authorized to perform: {} on the resource associated with this ciphertext because the \
                 resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy \
                 explicitly denies access",
                self.question.caller.principal(),
                self.question.action.full_name(),
            ),
        )
    }

    /// Whether this is a dry run that asks for permission alone.
    fn ignores_ciphertext(&self) -> Result<bool> {
        let ignores = self.modifiers.unwrap_or_default().contains(&DryRunModifierType::IgnoreCiphertext);
        if ignores && self.dry_run != Some(true) {
            return Err(invalid("DryRunModifiers applies only when DryRun is true."));
        }
        Ok(ignores)
    }
}

/// Checks the key's usage, and that it knows the algorithm.
fn check_algorithm(permit: &Permit, algorithm: EncryptionAlgorithmSpec) -> Result<()> {
    key_use::check_usage(permit, KeyUsageType::EncryptDecrypt)?;
    let key = permit.key();
    key_use::check_algorithm(permit, &algorithm, key.spec.encryption_algorithms(key.usage))
}

fn ciphertext_missing() -> Error {
    missing("ciphertextBlob")
        .explain("it may be left out only with DryRun, the DryRunModifier IGNORE_CIPHERTEXT and a key id")
}

/// A ciphertext names a material that the key never had, as far as this copy of the vault knows.
fn material_unknown(transaction: &Transaction<'_>) -> Error {
    let older = match transaction.revision() {
        Ok(revision) => format!("this copy of the vault (revision {revision}) is older than the ciphertext"),
        Err(_) => "this copy of the vault is older than the ciphertext".into(),
    };
    Error::new(ErrorKind::InvalidCiphertext, "").explain(format!(
        "the key has no material with the id in the ciphertext: {older}, or the ciphertext's header was altered"
    ))
}

/// The same for a key that was deleted, for one that never was, and for one of another account.
fn key_gone(transaction: &mut Transaction<'_>, caller: &Caller) -> String {
    format!(
        "the vault has no key with the id in the ciphertext, as far as the caller sees: {}. A deleted key takes its material \
         with it, and what it encrypted cannot be decrypted any more",
        whereabouts(transaction, caller)
    )
}
