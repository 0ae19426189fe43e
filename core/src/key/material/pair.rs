//! What the material of an asymmetric key can do, whatever kind of key pair it is.

use crate::{
    crypto::{AuthenticationFailed, Provider},
    error::{Error, ErrorKind, Result},
    key::{EncryptionAlgorithmSpec, MessageType, SigningAlgorithmSpec},
    secret::Secret,
};
use alloc::vec::Vec;

/// What is given to be signed or verified.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) algorithm: SigningAlgorithmSpec,
    pub(crate) message_type: MessageType,
    pub(crate) message: &'a Secret,
}

/// A key pair, prepared for use. It is wiped on drop.
///
/// Each kind has what the algorithms of its key specs need; the tables in `key/algorithm.rs` keep everything else away, and the
/// methods refuse it once more.
pub(crate) trait KeyPair: Send + Sync {
    /// The public key, a DER `SubjectPublicKeyInfo`.
    fn public_key(&self, provider: &Provider) -> Result<Vec<u8>>;

    /// The private key, a DER PKCS #8 `PrivateKeyInfo`.
    fn private_key(&self, provider: &Provider) -> Result<Secret>;

    /// A signature.
    fn sign(&self, _: &Provider, _: Signed<'_>) -> Result<Vec<u8>> {
        Err(unsuited())
    }

    /// Checks a signature. The outer error is about what was given to be verified, the inner one about the signature.
    fn verify(&self, _: &Provider, _: Signed<'_>, _signature: &[u8]) -> Result<Result<(), AuthenticationFailed>> {
        Err(unsuited())
    }

    /// The shared secret with the owner of a public key, a DER `SubjectPublicKeyInfo`; `None` if that is not a point on the
    /// same curve.
    fn agree(&self, _: &Provider, _spki: &[u8]) -> Option<Secret> {
        None
    }

    /// The longest message that it encrypts, in bytes.
    fn longest_message(&self, _: EncryptionAlgorithmSpec) -> usize {
        0
    }

    /// A ciphertext in the algorithm's own form. The message is not longer than [`KeyPair::longest_message`].
    fn encrypt(&self, _: &Provider, _: EncryptionAlgorithmSpec, _message: &Secret) -> Result<Vec<u8>> {
        Err(unsuited())
    }

    /// The message of a ciphertext, with one error for every failure.
    fn decrypt(
        &self,
        _: &Provider,
        _: EncryptionAlgorithmSpec,
        _ciphertext: &[u8],
    ) -> Result<Secret, AuthenticationFailed> {
        Err(AuthenticationFailed)
    }

    /// A new shared secret, and the ciphertext for the owner of the private key.
    fn encapsulate(&self, _: &Provider) -> Result<(Vec<u8>, Secret)> {
        Err(unsuited())
    }

    /// The shared secret of a ciphertext; `None` if that has the wrong length.
    fn decapsulate(&self, _ciphertext: &[u8]) -> Option<Secret> {
        None
    }
}

/// The tables of algorithms let nothing come here.
pub(super) fn unsuited() -> Error {
    Error::new(ErrorKind::KmsInternal, "the algorithm is none of this kind of key pair")
}
