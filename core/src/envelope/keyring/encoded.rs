//! Keys as files hold them: PEM (RFC 7468) or DER, a `SubjectPublicKeyInfo` (RFC 5280, section 4.1) or a PKCS #8
//! `PrivateKeyInfo` (RFC 5958, section 2).

use crate::{
    crypto::{Curve, clear_after, spki},
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{format, string::String, vec::Vec};
use pem_rfc7468::Decoder;
use pkcs8::{
    PrivateKeyInfoRef,
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};
use sec1::EcPrivateKey;

/// What DER of either kind begins with: a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// The DER bytes of a public key.
pub(super) fn public_key(pem_or_der: &[u8]) -> Result<Vec<u8>> {
    der(pem_or_der, "PUBLIC KEY").map(Secret::into_exposed)
}

/// The DER bytes of a private key.
pub(super) fn private_key(pem_or_der: &Secret) -> Result<Secret> {
    clear_after(|| der(pem_or_der.expose(), "PRIVATE KEY"))
}

/// The DER bytes. What lies in between is wiped, since it may be a private key.
fn der(pem_or_der: &[u8], label: &str) -> Result<Secret> {
    if pem_or_der.first() == Some(&SEQUENCE) {
        return Ok(Secret::copy_of(pem_or_der));
    }
    let unreadable = |_| invalid(format!("the key is no DER, and no PEM with the label '{label}'"));
    let mut decoder = Decoder::new_detect_wrap(pem_or_der).map_err(unreadable)?;
    if decoder.type_label() != label {
        return Err(invalid(format!(
            "the PEM has the label '{}', where '{label}' is expected: `openssl pkey` converts other forms",
            decoder.type_label()
        )));
    }
    let mut der = Secret::zeroed(decoder.remaining_len());
    decoder.decode(der.expose_mut()).map_err(unreadable)?;
    Ok(der)
}

/// Whether a public key is the one that belongs to a private key of the same algorithm, both DER
/// `SubjectPublicKeyInfo`. The identifiers of the algorithm are left out: some write parameters that others leave away.
pub(super) fn same_public_key(one: &[u8], other: &[u8]) -> bool {
    let key = |spki| SubjectPublicKeyInfoRef::try_from(spki).ok().map(|info| info.subject_public_key);
    key(one).is_some_and(|one| key(other) == Some(one))
}

/// The point of a public key on that curve, in a form of SEC 1. Whether it is on the curve is not known yet.
pub(super) fn point(curve: Curve, pem_or_der: &[u8]) -> Result<Vec<u8>> {
    let der = public_key(pem_or_der)?;
    let info = SubjectPublicKeyInfoRef::try_from(&*der).map_err(|_| invalid("the key is no SubjectPublicKeyInfo"))?;
    check_curve(curve, info.algorithm)?;
    let point = info.subject_public_key.as_bytes();
    point.map(Vec::from).ok_or_else(|| invalid("the key is no point on an elliptic curve"))
}

/// The scalar of a private key on that curve. Whether it is within the group's order is not known yet.
pub(super) fn scalar(curve: Curve, pem_or_der: &Secret) -> Result<Secret> {
    let der = private_key(pem_or_der)?;
    clear_after(|| {
        let info = PrivateKeyInfoRef::try_from(der.expose());
        let info = info.map_err(|_| invalid("the key is no PKCS #8 PrivateKeyInfo"))?;
        check_curve(curve, info.algorithm)?;
        let key = EcPrivateKey::try_from(info.private_key.as_bytes());
        let key = key.map_err(|_| invalid("the key is no private key of an elliptic curve (RFC 5915)"))?;
        Ok(Secret::copy_of(key.private_key))
    })
}

/// Refuses a key of another algorithm or of another curve.
fn check_curve(curve: Curve, algorithm: AlgorithmIdentifierRef<'_>) -> Result<()> {
    if spki::is_of(curve, algorithm) {
        Ok(())
    } else {
        Err(invalid(format!("the key does not belong to the curve {curve:?}")))
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}
