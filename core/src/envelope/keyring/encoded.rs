//! Keys as files hold them: PEM (RFC 7468) or DER, a `SubjectPublicKeyInfo` (RFC 5280, section 4.1) or a PKCS #8
//! `PrivateKeyInfo` (RFC 5958, section 2).

use crate::{
    crypto::clear_after,
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{format, string::String, vec::Vec};
use pem_rfc7468::Decoder;
use pkcs8::spki::SubjectPublicKeyInfoRef;

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

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}
