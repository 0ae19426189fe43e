//! ECDSA and ECDH.

use crate::{Dry, Stuck};
use pocketkms::{Curve, Error, ErrorKind, Provider, Random, Secret};
use pocketkms_tests::providers;

const CURVES: [Curve; 4] = [Curve::P256, Curve::P384, Curve::P521, Curve::K256];

/// The order of the group (FIPS 186-4, appendix D.1.2).
fn order(curve: Curve) -> Vec<u8> {
    let digits = match curve {
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Curve::P384 => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        Curve::P521 => {
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
             51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
        }
        // SEC 2, section 2.4.1.
        Curve::K256 => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    };
    hex::decode(digits).expect("digits")
}

/// The x-coordinate of the group's generator (ibid.), the public key of the private key 1.
fn generator(curve: Curve) -> Vec<u8> {
    let digits = match curve {
        Curve::P256 => "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        Curve::P384 => {
            "03aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
        }
        Curve::P521 => {
            "0200c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3d\
             baa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"
        }
        Curve::K256 => "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    };
    hex::decode(digits).expect("digits")
}

/// A private key of a small number.
fn small(curve: Curve, number: u8) -> Secret {
    let mut bytes = vec![0; curve.field_length()];
    *bytes.last_mut().expect("a byte") = number;
    Secret::from(bytes)
}

/// The private key of the order plus `more`, which may be negative.
fn order_and(curve: Curve, more: i8) -> Secret {
    let mut bytes = order(curve);
    let last = bytes.last_mut().expect("a byte");
    *last = last.checked_add_signed(more).expect("no carry");
    Secret::from(bytes)
}

fn each(test: impl Fn(&Provider, Curve)) {
    for (name, provider) in providers::all() {
        for curve in CURVES {
            println!("{name}, {curve:?}");
            test(&provider, curve);
        }
    }
}

#[test]
fn a_private_key_outside_the_group_is_refused() {
    each(|provider, curve| {
        let (curves, random) = (provider.curves, &*provider.random);
        let valid = small(curve, 1);
        let public = curves.public_key(curve, valid.expose()).expect("a private key");
        let length = curve.field_length();
        for (what, key) in [
            ("zero", Secret::zeroed(length)),
            ("the order", order_and(curve, 0)),
            ("more than the order", order_and(curve, 1)),
            ("all ones", Secret::from(vec![0xff; length])),
            ("nothing", Secret::zeroed(0)),
            ("a byte too few", Secret::copy_of(&valid.expose()[1..])),
            ("a byte too many", Secret::from([&[0], valid.expose()].concat())),
        ] {
            for error in [
                curves.public_key(curve, key.expose()).err().map(Error::from),
                provider.agree(curve, &key, &public).err(),
                curves.sign(curve, key.expose(), &[1; 32], random).err().map(Error::from),
            ] {
                let error = error.unwrap_or_else(|| panic!("{what} is taken"));
                assert_eq!(error.kind(), ErrorKind::Validation, "{what}: {error}");
            }
        }
        curves.public_key(curve, order_and(curve, -1).expose()).expect("the largest private key");
    });
}

#[test]
fn a_public_key_off_the_curve_is_refused() {
    each(|provider, curve| {
        let (curves, random) = (provider.curves, &*provider.random);
        let length = curve.field_length();
        let private = provider.generate_private_key(curve).expect("randomness");
        let compressed = curves.public_key(curve, private.expose()).expect("a private key");
        let signature = curves.sign(curve, private.expose(), &[1; 32], random).expect("a private key");
        curves.verify(curve, &compressed, &[1; 32], &signature).expect("its signature");

        // About half of all numbers are no x-coordinate of a point.
        let no_point = (0..=u8::MAX)
            .map(|number| [&[2], small(curve, number).expose()].concat())
            .find(|key| curves.compress(curve, key).is_err())
            .expect("a number that is no x-coordinate");
        let tagged = |tag: u8| [&[tag], &compressed[1..]].concat();
        let mut keys = vec![
            ("the point at infinity", vec![0]),
            ("the point at infinity, padded", vec![0; 1 + length]),
            ("the origin", [&[4][..], &vec![0; 2 * length]].concat()),
            ("no point", no_point),
            ("coordinates larger than the field", [&[2][..], &vec![0xff; length]].concat()),
            ("both coordinates of no point", [&[4][..], &vec![1; 2 * length]].concat()),
            ("nothing", vec![]),
            ("a byte too few", compressed[..length].to_vec()),
            ("a byte too many", [&compressed[..], &[0]].concat()),
            ("one coordinate where two should be", tagged(4)),
            ("coordinates without a tag", compressed[1..].to_vec()),
        ];
        // 0 is infinity, 5 a compact and 6 and 7 the hybrid form of ANSI X9.62.
        keys.extend([0, 1, 5, 6, 7, 0x82, 0xff].map(|tag| ("an unknown tag", tagged(tag))));
        for (what, key) in keys {
            for error in
                [curves.compress(curve, &key).err().map(Error::from), provider.agree(curve, &private, &key).err()]
            {
                let error = error.unwrap_or_else(|| panic!("{what} is taken"));
                assert_eq!(error.kind(), ErrorKind::Validation, "{what}: {error}");
            }
            assert!(curves.verify(curve, &key, &[1; 32], &signature).is_err(), "{what} verifies");
        }
        // A coordinate of one curve is one of another of the same length with a probability of one half.
        for other in CURVES.into_iter().filter(|other| other.field_length() != length) {
            assert!(curves.compress(other, &compressed).is_err(), "a point of {curve:?} is one of {other:?}");
        }
    });
}

#[test]
fn an_altered_signature_digest_or_key_does_not_verify() {
    each(|provider, curve| {
        let (curves, random) = (provider.curves, &*provider.random);
        let [private, other] = [(), ()].map(|()| provider.generate_private_key(curve).expect("randomness"));
        let [public, other] =
            [&private, &other].map(|key| curves.public_key(curve, key.expose()).expect("a private key"));
        let digest = [0xa5; 48];
        let signature = curves.sign(curve, private.expose(), &digest, random).expect("a private key");
        curves.verify(curve, &public, &digest, &signature).expect("its signature");

        assert!(curves.verify(curve, &other, &digest, &signature).is_err());
        assert!(curves.verify(curve, &public, &[0xa4; 48], &signature).is_err());
        assert!(curves.verify(curve, &public, &[], &signature).is_err());
        for at in 0..signature.len() {
            let mut altered = signature.clone();
            altered[at] ^= 1;
            assert!(curves.verify(curve, &public, &digest, &altered).is_err(), "byte {at} counts for nothing");
            assert!(curves.verify(curve, &public, &digest, &signature[..at]).is_err(), "{at} bytes are enough");
        }
        assert!(curves.verify(curve, &public, &digest, &[&signature[..], &[0]].concat()).is_err());
    });
}

#[test]
fn randomness_that_fails_is_an_error() {
    each(|provider, curve| {
        let curves = provider.curves;
        // Ones are more than the order, and zero is no private key: neither may be waited for for ever.
        for source in [&Dry as &dyn Random, &Stuck(0), &Stuck(0xff)] {
            let mut key = Secret::zeroed(curve.field_length());
            let error = Error::from(curves.generate(curve, source, key.expose_mut()).expect_err("an error"));
            assert_eq!(error.kind(), ErrorKind::Entropy, "{error}");
        }
        let sign = || curves.sign(curve, small(curve, 1).expose(), &[1; 32], &Dry).map_err(Error::from);
        match sign() {
            Err(error) => assert_eq!(error.kind(), ErrorKind::Entropy, "{error}"),
            // A provider may have a source of its own, and then shows that it has.
            Ok(signature) => assert_ne!(signature, sign().expect("a signature")),
        }
    });
}

/// The randomness of a signature is a second line of defence: a source that repeats itself gives no key away.
#[test]
fn signatures_with_the_same_randomness_share_no_nonce() {
    each(|provider, curve| {
        let (curves, random) = (provider.curves, &*provider.random);
        let key = small(curve, 7);
        let sign = |digest: &[u8], source| curves.sign(curve, key.expose(), digest, source).expect("a private key");
        let r = |signature: &[u8]| {
            // SEQUENCE, its length in one byte or two, INTEGER, its length.
            let at = if signature[1] == 0x81 { 5 } else { 4 };
            signature[at..at + usize::from(signature[at - 1])].to_vec()
        };
        assert_ne!(r(&sign(&[1; 32], &Stuck(3))), r(&sign(&[2; 32], &Stuck(3))));
        assert_ne!(sign(&[1; 32], random), sign(&[1; 32], random));
    });
}

#[test]
fn keys_have_their_standard_form() {
    each(|provider, curve| {
        let curves = provider.curves;
        assert_eq!(curves.public_key(curve, small(curve, 1).expose()).expect("a private key"), generator(curve));

        let keys: Vec<_> = (0..8).map(|_| provider.generate_private_key(curve).expect("randomness")).collect();
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(key.len(), curve.field_length());
            assert!(keys[..at].iter().all(|other| !other.constant_time_eq(key)), "the same key twice");
            let public = curves.public_key(curve, key.expose()).expect("a private key");
            assert_eq!(public.len(), 1 + curve.field_length());
            assert_eq!(curves.compress(curve, &public).expect("a public key"), public);
        }
        // Both sides agree, and no one else.
        let [first, second, ..] = &keys[..] else { unreachable!("eight keys") };
        let [one, two] = [first, second].map(|key| curves.public_key(curve, key.expose()).expect("a private key"));
        let secret = provider.agree(curve, first, &two).expect("keys");
        assert_eq!(secret.len(), curve.field_length());
        assert!(secret.constant_time_eq(&provider.agree(curve, second, &one).expect("keys")));
        assert!(!secret.constant_time_eq(&provider.agree(curve, second, &two).expect("keys")));
    });
}
