//! `Recipient`: answers for AWS Nitro enclaves and instances with a NitroTPM, by a root, chains and documents of the tests' own.

mod answers;
mod audit;
mod chains;
mod conditions;
mod documents;
mod fixed;
mod roots;

use pocketkms::{
    Error, ErrorKind, ManualClock, Result,
    api::{GenerateRandomRequest, GenerateRandomResponse, KeyEncryptionMechanism, RecipientInfo},
};
use pocketkms_tests::{
    attestation::Pki,
    vault::{Opened, START, builder, error, root},
};

/// A vault that trusts the root of a PKI, and its clock.
struct Scene {
    pki: Pki,
    kms: Opened,
    clock: ManualClock,
}

impl Scene {
    fn new() -> Self {
        let pki = Pki::new(START);
        let (kms, clock) = vault(pki.root());
        Self { pki, kms, clock }
    }

    fn recipient(&self) -> RecipientInfo {
        recipient(self.pki.signed_document())
    }
}

/// A vault that trusts a root.
fn vault(trusted: &[u8]) -> (Opened, ManualClock) {
    let (builder, clock) = builder();
    let builder = builder.attestation_roots(&[trusted]).expect("a root");
    (builder.create_in_memory(&root()).expect("a vault").into(), clock)
}

fn recipient(document: Vec<u8>) -> RecipientInfo {
    RecipientInfo {
        key_encryption_algorithm: Some(KeyEncryptionMechanism::RsaesOaepSha256),
        attestation_document: Some(document.into()),
    }
}

/// The call that needs no key.
fn random(kms: &Opened, recipient: RecipientInfo) -> Result<GenerateRandomResponse> {
    let request = GenerateRandomRequest { number_of_bytes: Some(32), recipient: Some(recipient), ..Default::default() };
    kms.generate_random(request)
}

/// A document is refused for that reason.
#[track_caller]
fn is_refused(kms: &Opened, document: Vec<u8>, why: &str) -> Error {
    let error = error(random(kms, recipient(document)));
    assert_eq!(error.kind(), ErrorKind::Validation, "{why}: {}", error.report());
    assert_eq!(error.message(), format!("The attestation document is not valid: {why}."));
    error
}
