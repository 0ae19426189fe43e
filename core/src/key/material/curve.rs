//! The material of keys on elliptic curves: a private key, and the public one that follows from it.

use super::{MaterialRecord, record::curve};
use crate::{
    crypto::{AuthenticationFailed, Curve, Provider, spki},
    error::Result,
    key::KeySpec,
    secret::Secret,
};
use alloc::vec::Vec;

/// The material of a key on an elliptic curve, prepared for use.
pub(crate) struct CurveMaterial {
    curve: Curve,
    private_key: Secret,
    /// Compressed.
    public_key: Vec<u8>,
}

impl CurveMaterial {
    /// `None` for bytes that are no private key of the curve.
    pub(super) fn open(provider: &Provider, spec: KeySpec, record: &MaterialRecord) -> Option<Self> {
        let curve = curve(spec)?;
        let private_key = Secret::copy_of(record.material());
        let public_key = provider.curves.public_key(curve, private_key.expose()).ok()?;
        Some(Self { curve, private_key, public_key })
    }

    /// The ECDSA signature, DER, of a message of which `digest` is the hash.
    pub(crate) fn sign(&self, provider: &Provider, digest: &[u8]) -> Result<Vec<u8>> {
        Ok(provider.curves.sign(self.curve, self.private_key.expose(), digest, &*provider.random)?)
    }

    /// Checks an ECDSA signature.
    pub(crate) fn verify(
        &self,
        provider: &Provider,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        provider.curves.verify(self.curve, &self.public_key, digest, signature)
    }

    /// The shared secret with the owner of a public key, a DER `SubjectPublicKeyInfo`; `None` if that is not a point on the same curve.
    pub(crate) fn agree(&self, provider: &Provider, spki: &[u8]) -> Option<Secret> {
        provider.agree(self.curve, &self.private_key, spki::point(self.curve, spki)?).ok()
    }

    /// The public key, a DER `SubjectPublicKeyInfo`.
    pub(crate) fn public_key(&self, provider: &Provider) -> Result<Vec<u8>> {
        Ok(spki::write(self.curve, &provider.curves.decompress(self.curve, &self.public_key)?))
    }
}
