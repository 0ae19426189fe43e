//! What elliptic curves compute with: private keys, shared secrets, and the numbers that a signature must not reveal.

use crate::{Kind, Needle};
use pocketkms::{Curve, Provider};
use pocketkms_tests::secrets::{self, Given, secret};

/// The secrets of private keys that agreed with [`secrets::peer`] and signed [`secrets::DIGEST`].
pub(crate) fn needles(signatures: &[Vec<u8>]) -> Vec<Needle> {
    assert_eq!(signatures.len(), secrets::CURVES.len());
    secrets::CURVES.into_iter().zip(signatures).flat_map(|(curve, signature)| of_curve(curve, signature)).collect()
}

fn of_curve(curve: Curve, signature: &[u8]) -> Vec<Needle> {
    let provider = Provider::default();
    let key = secret(Given::PrivateKey(curve));
    let agreed = provider.agree(curve, &key, &secrets::peer(provider.curves, curve)).expect("two keys");
    let (nonce, inverse) = nonce(curve, key.expose(), signature);

    let order = order(curve);
    let mut needles = Vec::new();
    for (kind, name, number, modulus) in [
        (Kind::Answer, "private key", key.expose(), &order),
        (Kind::Answer, "shared secret", agreed.expose(), &prime(curve)),
        // Who learns the nonce of a signature computes the private key.
        (Kind::Passing, "nonce", &nonce, &order),
        (Kind::Passing, "inverse of the nonce", &inverse, &order),
    ] {
        let name = format!("{curve:?}, {name}");
        let in_words = [
            ("in words", words(number, 64)),
            ("in Montgomery's form", words(&montgomery(number, modulus), 64)),
            ("in words of 58 bits", words(number, 58)),
        ];
        needles.push(Needle::new(kind, &*name, number));
        let in_words = in_words.map(|(form, words)| Needle::new(Kind::Passing, format!("{name}, {form}"), &words));
        needles.extend(in_words);
    }
    needles
}

/// The nonce k of a signature and its inverse, which follow from s = k^-1 (digest + r * key).
fn nonce(curve: Curve, key: &[u8], signature: &[u8]) -> (Vec<u8>, Vec<u8>) {
    macro_rules! nonce {
        ($nist:ident) => {{
            use $nist::{Scalar, ecdsa::Signature, elliptic_curve::ff::PrimeField};
            let scalar = |bytes: &[u8]| {
                let mut padded = $nist::FieldBytes::default();
                let at = padded.len() - bytes.len();
                padded[at..].copy_from_slice(bytes);
                Option::<Scalar>::from(Scalar::from_repr(padded)).expect("a number below the order")
            };
            let (r, s) = Signature::from_der(signature).expect("a signature").split_scalars();
            let inverse = *s * (scalar(&secrets::DIGEST) + *r * scalar(key)).invert().expect("not zero");
            let nonce = inverse.invert().expect("not zero");
            (nonce.to_repr().to_vec(), inverse.to_repr().to_vec())
        }};
    }
    match curve {
        Curve::P256 => nonce!(p256),
        Curve::P384 => nonce!(p384),
        Curve::P521 => nonce!(p521),
        Curve::K256 => nonce!(k256),
    }
}

fn order(curve: Curve) -> Vec<u8> {
    macro_rules! order {
        ($nist:ident, $curve:ident) => {
            <$nist::$curve as $nist::elliptic_curve::Curve>::ORDER.to_be_bytes().as_ref().to_vec()
        };
    }
    match curve {
        Curve::P256 => order!(p256, NistP256),
        Curve::P384 => order!(p384, NistP384),
        Curve::P521 => order!(p521, NistP521),
        Curve::K256 => order!(k256, Secp256k1),
    }
}

/// The prime of the field (FIPS 186-4, appendix D.1.2).
fn prime(curve: Curve) -> Vec<u8> {
    let digits = match curve {
        Curve::P256 => "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        Curve::P384 => {
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff"
        }
        Curve::P521 => return [vec![0x01], vec![0xff; 65]].concat(),
        Curve::K256 => "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    };
    hex::decode(digits).expect("digits")
}

/// A number in words of 8 bytes as they lie in memory, the lowest first, each with so many bits of it: some
/// implementations leave room for what additions carry.
pub(crate) fn words(number: &[u8], bits: usize) -> Vec<u8> {
    let bit = |at: usize| number.iter().rev().nth(at / 8).map_or(0, |byte| u64::from(byte >> (at % 8) & 1));
    let word = |start: usize| (0..bits).fold(0, |word, at| word | bit(start + at) << at);
    (0..8 * number.len()).step_by(bits).flat_map(|start| word(start).to_ne_bytes()).collect()
}

/// A number times 2^(64 * words) modulo the modulus: how it lies in memory while it is multiplied.
fn montgomery(number: &[u8], modulus: &[u8]) -> Vec<u8> {
    // A byte in front, for what doubling carries.
    let length = number.len().max(modulus.len()) + 1;
    let padded = |bytes: &[u8]| [vec![0; length - bytes.len()], bytes.to_vec()].concat();
    let modulus = padded(modulus);
    let mut number = padded(number);
    for _ in 0..(length - 1).div_ceil(8) * 64 {
        let mut carry = 0;
        for byte in number.iter_mut().rev() {
            (*byte, carry) = (*byte << 1 | carry, *byte >> 7);
        }
        if number >= modulus {
            let mut borrow = false;
            for (byte, other) in number.iter_mut().zip(&modulus).rev() {
                let (less, first) = byte.overflowing_sub(*other);
                let (less, second) = less.overflowing_sub(u8::from(borrow));
                (*byte, borrow) = (less, first || second);
            }
        }
    }
    number.split_off(1)
}
