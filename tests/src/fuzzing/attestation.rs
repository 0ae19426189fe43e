//! Any bytes as an attestation document: as a host gets them that trusts a root of the fuzzer's own.

use super::transparent;
use crate::{
    attestation::Enveloped,
    vault::{START, root},
};
use pocketkms::{
    Audit, ErrorKind, Kms, ManualClock, Vault,
    api::{GenerateRandomRequest, KeyEncryptionMechanism, RecipientInfo},
};
use std::cell::LazyCell;

/// The root of the documents in the corpus, which tests/scenario/recipients.json has, too.
const ROOT: &[u8] = include_bytes!("attestation-root.der");

thread_local! {
    static KMS: LazyCell<Kms> = LazyCell::new(|| {
        let builder = Vault::builder().provider(transparent::trusting()).clock(ManualClock::new(START)).audit(Audit::off());
        let builder = builder.attestation_roots(&[ROOT]).expect("a root");
        builder.create_in_memory(&root()).expect("a vault").client()
    });
}

/// Signatures are taken for right: no fuzzer makes one.
pub fn attestation(data: &[u8]) -> bool {
    if data.is_empty() || data.len() > 262_144 {
        return false;
    }
    let recipient = RecipientInfo {
        key_encryption_algorithm: Some(KeyEncryptionMechanism::RsaesOaepSha256),
        attestation_document: Some(data.to_vec().into()),
    };
    let request = GenerateRandomRequest { number_of_bytes: Some(9), recipient: Some(recipient), ..Default::default() };
    match KMS.with(|kms| kms.generate_random(request)) {
        Ok(answer) => {
            assert!(answer.plaintext.is_empty(), "the answer is not for the recipient alone");
            let ciphertext = answer.ciphertext_for_recipient.expect("an answer for the recipient");
            let enveloped = Enveloped::parse(&ciphertext).expect("an answer in AWS's form");
            // There is one key that fits, which is in the document.
            assert!(enveloped.encrypted_key.len() >= 256 && enveloped.pieces.concat().len() == 16, "{enveloped:?}");
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Validation, "{}", error.report());
            assert!(error.message().starts_with("The attestation document is not valid: "), "{error}");
            false
        }
    }
}
