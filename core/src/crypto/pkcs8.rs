//! Private keys as the world exchanges them: a DER PKCS #8 `PrivateKeyInfo` (RFC 5958, section 2, version 0).

use super::{
    der::{BIT_STRING, Der, INTEGER_ZERO, NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE},
    spki::{self, EC_PUBLIC_KEY, ED25519, RSA_ENCRYPTION},
};
use crate::secret::Secret;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use sec1::EcPrivateKey;

/// `ECPrivateKey`: INTEGER 1.
const INTEGER_ONE: &[u8] = &[0x02, 0x01, 0x01];
/// [0] IMPLICIT OCTET STRING.
const IMPLICIT_ZERO: u8 = 0x80;
/// `ECPrivateKey`: [1] EXPLICIT, its public key.
const EXPLICIT_ONE: u8 = 0xa1;

/// A private key on a named curve, with its public key (RFC 5915, section 3): `parameters` are left out, since the algorithm has
/// them.
pub(crate) fn of_curve(curve: ObjectIdentifier, private_key: &Secret, uncompressed: &[u8]) -> Secret {
    let point = Der::of(BIT_STRING, &[&[0], uncompressed]);
    let private_key = Der::of(OCTET_STRING, &[private_key.expose()]);
    let key = Der::of(SEQUENCE, &[INTEGER_ONE, private_key.bytes(), Der::of(EXPLICIT_ONE, &[point.bytes()]).bytes()]);
    of(&[EC_PUBLIC_KEY, curve], key.bytes())
}

/// A private key of Ed25519: its seed (RFC 8410, section 7).
pub(crate) fn of_ed25519(seed: &Secret) -> Secret {
    of(&[ED25519], Der::of(OCTET_STRING, &[seed.expose()]).bytes())
}

/// A private key of ML-DSA or ML-KEM: the seed, of the forms that there are (RFC 9881, section 6; RFC 9935, section 6).
pub(crate) fn of_seed(algorithm: ObjectIdentifier, seed: &Secret) -> Secret {
    of(&[algorithm], Der::of(IMPLICIT_ZERO, &[seed.expose()]).bytes())
}

/// A private key of an algorithm, in its encoding.
fn of(oids: &[ObjectIdentifier], key: &[u8]) -> Secret {
    let key = Der::of(OCTET_STRING, &[key]);
    Der::of(SEQUENCE, &[INTEGER_ZERO, spki::algorithm(oids).bytes(), key.bytes()]).into_secret()
}

/// The number behind a private key on a curve, as long as that curve's field elements; `None` for another key. Whether it is within the
/// group's order is not known yet.
pub(crate) fn scalar(curve: ObjectIdentifier, length: usize, pkcs8: &[u8]) -> Option<Secret> {
    let info = PrivateKeyInfoRef::try_from(pkcs8).ok().filter(|info| spki::is_on(curve, info.algorithm))?;
    let number = EcPrivateKey::try_from(info.private_key.as_bytes()).ok()?.private_key;
    let mut scalar = Secret::zeroed(length);
    // Some leave out leading zeros.
    let start = scalar.len().checked_sub(number.len())?;
    scalar.expose_mut().iter_mut().skip(start).zip(number).for_each(|(to, from)| *to = *from);
    Some(scalar)
}

/// The seed of a private key of Ed25519; `None` for another key.
pub(crate) fn ed25519_seed(pkcs8: &[u8]) -> Option<Secret> {
    match key_of(ED25519, pkcs8)? {
        [OCTET_STRING, length, seed @ ..] if usize::from(*length) == seed.len() => Some(Secret::copy_of(seed)),
        _ => None,
    }
}

/// The seed of a private key of ML-DSA or ML-KEM; `None` for another key, and for one that is not there as its seed alone.
pub(crate) fn seed(algorithm: ObjectIdentifier, pkcs8: &[u8]) -> Option<Secret> {
    match key_of(algorithm, pkcs8)? {
        [IMPLICIT_ZERO, length @ ..0x80, seed @ ..] if usize::from(*length) == seed.len() => {
            Some(Secret::copy_of(seed))
        }
        _ => None,
    }
}

/// The same RSA private key with nothing beside it: no attributes, and no public key. `None` for another key.
pub(crate) fn rsa(pkcs8: &[u8]) -> Option<Secret> {
    let key = Der::of(OCTET_STRING, &[key_of(RSA_ENCRYPTION, pkcs8)?]);
    let oid = Der::of(OBJECT_IDENTIFIER, &[RSA_ENCRYPTION.as_bytes()]);
    let algorithm = Der::of(SEQUENCE, &[oid.bytes(), NULL]);
    Some(Der::of(SEQUENCE, &[INTEGER_ZERO, algorithm.bytes(), key.bytes()]).into_secret())
}

/// A private key in its own encoding, if it is one of that algorithm.
fn key_of(algorithm: ObjectIdentifier, pkcs8: &[u8]) -> Option<&[u8]> {
    let info = PrivateKeyInfoRef::try_from(pkcs8).ok()?;
    (info.algorithm.oid == algorithm).then(|| info.private_key.as_bytes())
}
