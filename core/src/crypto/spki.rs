//! Public keys on elliptic curves as the world exchanges them: a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1; RFC 5480).

use super::{
    Curve,
    der::{BIT_STRING, Der, OBJECT_IDENTIFIER, SEQUENCE},
};
use alloc::vec::Vec;
pub(crate) use pkcs8::ObjectIdentifier;
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// The algorithm of every key on an elliptic curve: id-ecPublicKey (RFC 5480, section 2.1.1).
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curves (RFC 5480, section 2.1.1.1).
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
/// SEC 2, appendix A.2.1.
const SECP256K1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
/// RFC 8017, appendix A.1.
pub(super) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The curve of SM2 (GM/T 0006, section 5.2.3).
pub(crate) const SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
/// RFC 8410, section 3.
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 9881, section 2.
pub(crate) const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
pub(crate) const ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
pub(crate) const ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");
/// RFC 9935, section 3.
pub(crate) const ML_KEM_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.1");
pub(crate) const ML_KEM_768: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2");
pub(crate) const ML_KEM_1024: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3");

/// The `SubjectPublicKeyInfo` of an uncompressed point.
pub(crate) fn write(curve: Curve, uncompressed: &[u8]) -> Vec<u8> {
    of(&[EC_PUBLIC_KEY, named(curve)], uncompressed)
}

/// The `SubjectPublicKeyInfo` of an algorithm: SEQUENCE { SEQUENCE { algorithm, parameter }, BIT STRING without unused bits }.
pub(crate) fn of(oids: &[ObjectIdentifier], public_key: &[u8]) -> Vec<u8> {
    let bits = Der::of(BIT_STRING, &[&[0], public_key]);
    Der::of(SEQUENCE, &[algorithm(oids).bytes(), bits.bytes()]).bytes().to_vec()
}

/// An `AlgorithmIdentifier` with at most one parameter, which is an object identifier, too.
pub(super) fn algorithm(oids: &[ObjectIdentifier]) -> Der {
    let oids: Vec<_> = oids.iter().map(|oid| Der::of(OBJECT_IDENTIFIER, &[oid.as_bytes()])).collect();
    Der::of(SEQUENCE, &oids.iter().map(Der::bytes).collect::<Vec<_>>())
}

/// The point of a `SubjectPublicKeyInfo`, in a form of SEC 1; `None` for another algorithm or curve. Whether it is on the curve
/// is not known yet.
pub(crate) fn point(curve: ObjectIdentifier, spki: &[u8]) -> Option<&[u8]> {
    let info = SubjectPublicKeyInfoRef::try_from(spki).ok()?;
    info.subject_public_key.as_bytes().filter(|_| is_on(curve, info.algorithm))
}

/// Whether a key of that algorithm is one on that curve.
pub(crate) fn is_of(curve: Curve, algorithm: AlgorithmIdentifierRef<'_>) -> bool {
    is_on(named(curve), algorithm)
}

pub(super) fn is_on(curve: ObjectIdentifier, algorithm: AlgorithmIdentifierRef<'_>) -> bool {
    matches!(algorithm.oids(), Ok((EC_PUBLIC_KEY, Some(named))) if named == curve)
}

/// The name of a curve.
pub(crate) fn named(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => SECP256R1,
        Curve::P384 => SECP384R1,
        Curve::P521 => SECP521R1,
        Curve::K256 => SECP256K1,
    }
}
