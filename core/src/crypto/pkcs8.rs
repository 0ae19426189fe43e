//! Private keys as the world exchanges them: a DER PKCS #8 `PrivateKeyInfo` (RFC 5958, section 2, version 0).

use super::{
    der::{Der, INTEGER_ZERO, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE},
    spki::EC_PUBLIC_KEY,
};
use crate::secret::Secret;
use pkcs8::ObjectIdentifier;

/// `ECPrivateKey`: INTEGER 1.
const INTEGER_ONE: &[u8] = &[0x02, 0x01, 0x01];
const BIT_STRING: u8 = 0x03;
/// `ECPrivateKey`: [1] EXPLICIT, its public key.
const EXPLICIT_ONE: u8 = 0xa1;

/// A private key on a named curve, with its public key (RFC 5915, section 3): `parameters` are left out, since the algorithm has
/// them.
pub(crate) fn of_curve(curve: ObjectIdentifier, private_key: &Secret, uncompressed: &[u8]) -> Secret {
    let point = Der::of(BIT_STRING, &[&[0], uncompressed]);
    let private_key = Der::of(OCTET_STRING, &[private_key.expose()]);
    let key = Der::of(SEQUENCE, &[INTEGER_ONE, private_key.bytes(), Der::of(EXPLICIT_ONE, &[point.bytes()]).bytes()]);
    let oids = [EC_PUBLIC_KEY, curve].map(|oid| Der::of(OBJECT_IDENTIFIER, &[oid.as_bytes()]));
    let algorithm = Der::of(SEQUENCE, &[oids[0].bytes(), oids[1].bytes()]);
    of(algorithm.bytes(), key.bytes())
}

/// A private key of an algorithm, which comes with its `AlgorithmIdentifier`.
fn of(algorithm: &[u8], key: &[u8]) -> Secret {
    let key = Der::of(OCTET_STRING, &[key]);
    Der::of(SEQUENCE, &[INTEGER_ZERO, algorithm, key.bytes()]).into_secret()
}
