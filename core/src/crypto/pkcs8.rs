//! Private keys as the world exchanges them: a DER PKCS #8 `PrivateKeyInfo` (RFC 5958, section 2, version 0).

use super::{
    der::{BIT_STRING, Der, INTEGER_ZERO, OCTET_STRING, SEQUENCE},
    spki::{self, EC_PUBLIC_KEY, ED25519},
};
use crate::secret::Secret;
use pkcs8::ObjectIdentifier;

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
