//! Attested environments: who proves by a document of AWS's attestation PKI what it runs, and gets answers that it alone can read
//! (AWS KMS Developer Guide, "Cryptographic attestation support in AWS KMS").
//!
//! [`attest`] checks a document, and [`Attested::encrypt`] encrypts for the environment. Documents are anyone's bytes: nothing here
//! panics at them, and nothing is allocated for what they only claim.

mod cbor;
mod certificate;
mod chain;
mod cose;
mod document;
mod enveloped;
mod refusal;
mod roots;

pub(crate) use document::Platform;
pub(crate) use refusal::Refused;
pub(crate) use roots::AttestationRoots;

use crate::{
    clock::Timestamp,
    crypto::{Provider, RsaPublicKey},
    error::Result,
    secret::Secret,
};
use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};
use cose::Signed;
use document::Document;
use refusal::refused;

/// What a document proves of an environment.
pub(crate) struct Attested {
    pub(crate) platform: Platform,
    /// Of an enclave its id, of an instance its own, with a suffix.
    pub(crate) module_id: String,
    /// Platform configuration registers: what was measured.
    pub(crate) registers: BTreeMap<u8, Vec<u8>>,
    public_key: Box<dyn RsaPublicKey>,
    /// The SHA-256 of the public key.
    key_id: [u8; 32],
}

/// Checks an attestation document: that one of the roots vouches for it now, and that there is a key to encrypt for.
pub(crate) fn attest(
    provider: &Provider,
    roots: &AttestationRoots,
    now: Timestamp,
    document: &[u8],
) -> Result<Attested, Refused> {
    let structure = Signed::parse(document)?;
    let document = Document::parse(structure.payload)?;
    let signer = chain::signer(provider, roots, now, &document)?;
    structure.verify(provider, &signer)?;
    let spki = document.public_key.ok_or_else(|| refused("it has no public key"))?;
    let public_key = provider.rsa.public_key(spki);
    let public_key = public_key.map_err(|_| refused("its public key is not one of RSA with 2,048 bits or more"))?;
    let (platform, registers) = document.registers.ok_or_else(|| refused("it has no registers"))?;
    Ok(Attested {
        platform,
        module_id: document.module_id.into(),
        registers: registers.into_iter().map(|(number, value)| (number, value.to_vec())).collect(),
        public_key,
        key_id: provider.digest.sha256(&[spki]),
    })
}

impl Attested {
    /// Encrypts for the environment: what AWS KMS answers as `CiphertextForRecipient`.
    pub(crate) fn encrypt(&self, provider: &Provider, plaintext: &Secret) -> Result<Vec<u8>> {
        enveloped::seal(provider, &*self.public_key, &self.key_id, plaintext)
    }

    /// The value of a condition key, by what follows `kms:RecipientAttestation:` in lower case; hexadecimal digits in lower case.
    pub(crate) fn measurement(&self, name: &str) -> Option<String> {
        let number = match (self.platform, name) {
            (Platform::Enclave, "imagesha384") => "0",
            (Platform::Enclave, name) => name.strip_prefix("pcr")?,
            (Platform::NitroTpm, name) => name.strip_prefix("nitrotpmpcr")?,
        };
        // "PCR00" is no register's name.
        let number = number.parse().ok().filter(|parsed: &u8| alloc::format!("{parsed}") == number)?;
        self.registers.get(&number).map(hex::encode)
    }
}
