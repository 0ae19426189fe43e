//! Public keys on elliptic curves as the world exchanges them: a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1; RFC 5480).

use super::Curve;
use alloc::vec::Vec;
use pkcs8::{
    ObjectIdentifier,
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};

/// The algorithm of every key on an elliptic curve: id-ecPublicKey (RFC 5480, section 2.1.1).
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curves (RFC 5480, section 2.1.1.1).
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// What stands before the uncompressed point: SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, BIT STRING without unused bits }.
const PREFIX_P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const PREFIX_P384: &[u8] = &[
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22, 0x03, 0x62, 0x00,
];
const PREFIX_P521: &[u8] = &[
    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
    0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
];

/// The `SubjectPublicKeyInfo` of an uncompressed point.
pub(crate) fn write(curve: Curve, uncompressed: &[u8]) -> Vec<u8> {
    let prefix = match curve {
        Curve::P256 => PREFIX_P256,
        Curve::P384 => PREFIX_P384,
        Curve::P521 => PREFIX_P521,
    };
    [prefix, uncompressed].concat()
}

/// The point of a `SubjectPublicKeyInfo`, in a form of SEC 1; `None` for another algorithm or curve. Whether it is on the curve
/// is not known yet.
pub(crate) fn point(curve: Curve, spki: &[u8]) -> Option<&[u8]> {
    let info = SubjectPublicKeyInfoRef::try_from(spki).ok()?;
    info.subject_public_key.as_bytes().filter(|_| is_of(curve, info.algorithm))
}

/// Whether a key of that algorithm is one on that curve.
pub(crate) fn is_of(curve: Curve, algorithm: AlgorithmIdentifierRef<'_>) -> bool {
    let named = named(curve);
    matches!(algorithm.oids(), Ok((EC_PUBLIC_KEY, Some(curve))) if curve == named)
}

/// The name of a curve.
pub(crate) fn named(curve: Curve) -> ObjectIdentifier {
    match curve {
        Curve::P256 => SECP256R1,
        Curve::P384 => SECP384R1,
        Curve::P521 => SECP521R1,
    }
}
