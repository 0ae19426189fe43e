//! `Recipient`: answers that only an attested environment can read.

use super::validate::invalid;
use crate::{
    api::{Blob, RecipientInfo},
    attestation::{self, Attested},
    error::Result,
    secret::Secret,
    store::Transaction,
};

/// Who is to read an answer.
pub(super) struct Recipient(Option<Attested>);

impl Recipient {
    /// The one that a request names, if it does. Its document is checked before anything is looked up: what it proves is asked for by
    /// policies.
    pub(super) fn of(transaction: &Transaction<'_>, named: Option<&RecipientInfo>) -> Result<Self> {
        let Some(RecipientInfo { key_encryption_algorithm, attestation_document }) = named else {
            return Ok(Self(None));
        };
        // The model requires neither, and there is no answer without both. The only algorithm that there is needs no look.
        let (Some(_), Some(document)) = (key_encryption_algorithm, attestation_document) else {
            return Err(invalid("Recipient must have KeyEncryptionAlgorithm and AttestationDocument."));
        };
        let roots = &transaction.vault().attestation_roots;
        let attested = attestation::attest(transaction.provider(), roots, transaction.now(), document)?;
        Ok(Self(Some(attested)))
    }

    pub(super) fn attested(&self) -> Option<&Attested> {
        self.0.as_ref()
    }

    /// An answer's plaintext and its `CiphertextForRecipient`: one of both is there.
    pub(super) fn answer(self, transaction: &mut Transaction<'_>, plaintext: Secret) -> Result<(Secret, Option<Blob>)> {
        let Some(attested) = self.0 else { return Ok((plaintext, None)) };
        let ciphertext = attested.encrypt(transaction.provider(), &plaintext)?;
        transaction.touched.recipient(&attested);
        Ok((Secret::default(), Some(ciphertext.into())))
    }

    /// The id of a key material, which is left out of answers to a recipient.
    pub(super) fn shown<T>(&self, material: T) -> Option<T> {
        self.0.is_none().then_some(material)
    }
}
