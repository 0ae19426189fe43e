//! The material of keys on elliptic curves: a private key, and the public one that follows from it.

use super::{
    MaterialRecord,
    digest::digest,
    pair::{KeyPair, Signed},
    record::curve,
};
use crate::{
    crypto::{AuthenticationFailed, Curve, Provider, pkcs8, spki},
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

    fn uncompressed(&self, provider: &Provider) -> Result<Vec<u8>> {
        Ok(provider.curves.decompress(self.curve, &self.public_key)?)
    }
}

impl KeyPair for CurveMaterial {
    fn public_key(&self, provider: &Provider) -> Result<Vec<u8>> {
        Ok(spki::write(self.curve, &self.uncompressed(provider)?))
    }

    fn private_key(&self, provider: &Provider) -> Result<Secret> {
        Ok(pkcs8::of_curve(spki::named(self.curve), &self.private_key, &self.uncompressed(provider)?))
    }

    /// The ECDSA signature, DER.
    fn sign(&self, provider: &Provider, signed: Signed<'_>) -> Result<Vec<u8>> {
        let (_, digest) = digest(provider, signed)?;
        Ok(provider.curves.sign(self.curve, self.private_key.expose(), digest.expose(), &*provider.random)?)
    }

    fn verify(
        &self,
        provider: &Provider,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<Result<(), AuthenticationFailed>> {
        let (_, digest) = digest(provider, signed)?;
        Ok(provider.curves.verify(self.curve, &self.public_key, digest.expose(), signature))
    }

    fn agree(&self, provider: &Provider, spki: &[u8]) -> Option<Secret> {
        provider.agree(self.curve, &self.private_key, spki::point(spki::named(self.curve), spki)?).ok()
    }
}
