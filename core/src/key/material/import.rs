//! Material that comes from elsewhere, in the form in which AWS KMS imports it: raw bytes of a symmetric key, a DER PKCS #8
//! `PrivateKeyInfo` of an asymmetric one (AWS KMS Developer Guide, "Requirements for imported key material").

use super::{
    Material, MaterialRecord, ml_dsa, ml_kem,
    record::{Kind, curve, length},
};
use crate::{
    crypto::{Provider, pkcs8, spki},
    key::{KeyId, KeySpec},
    secret::Secret,
};

impl MaterialRecord {
    /// The material for a key of that spec; `None` if what was given is none. Of one private key it is always the same, however
    /// that was encoded, so that it is known again.
    pub(crate) fn import(provider: &Provider, key: &KeyId, spec: KeySpec, given: &Secret) -> Option<Self> {
        let kind = Kind::of(spec);
        let der = given.expose();
        let material = match kind {
            Kind::Symmetric | Kind::Hmac => Secret::copy_of(der),
            Kind::Curve => {
                let curve = curve(spec)?;
                pkcs8::scalar(spki::named(curve), curve.field_length(), der)?
            }
            Kind::Edwards => pkcs8::ed25519_seed(der)?,
            Kind::MlDsa => pkcs8::seed(ml_dsa::algorithm(spec)?, der)?,
            Kind::MlKem => pkcs8::seed(ml_kem::algorithm(spec)?, der)?,
            Kind::Rsa => pkcs8::rsa(der)?,
            Kind::Sm2 => pkcs8::scalar(spki::SM2, length(spec)?, der)?,
        };
        let record = Self::of(kind, &material);
        Material::open(provider, key, spec, &record).map(|_| record)
    }
}
