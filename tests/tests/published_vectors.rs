//! Published vectors for the primitives that Wycheproof does not have.

use pocketkms::{Argon2Cost, Ed25519Mode, Hash, Provider, Secret};
use pocketkms_tests::providers;

/// FIPS 180-4 examples (NIST, "Example Algorithms": SHA-256), and the empty message.
#[test]
fn sha_256() {
    let digest = Provider::default().digest;
    for (message, expected) in [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ] {
        let message = message.as_bytes();
        assert_eq!(hex::encode(digest.sha256(&[message])), expected);
        // In parts of every size.
        for at in 0..=message.len() {
            let (first, second) = message.split_at(at);
            assert_eq!(hex::encode(digest.sha256(&[first, second])), expected);
        }
    }
}

/// RFC 4231, test cases 1 and 2: short keys, in case Wycheproof's are all long.
#[test]
fn hmac_sha_256() {
    let mac = Provider::default().mac;
    for (key, message, expected) in [
        (&[0x0b; 20][..], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ] {
        let mut tag = [0; 32];
        mac.key(Hash::Sha256, key).mac(&[message.as_bytes()], &mut tag);
        assert_eq!(hex::encode(tag), expected);
    }
}

/// RFC 8032, section 7.3, "TEST abc".
#[test]
fn ed25519ph() {
    let seed = unhex::<32>("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    let public = unhex::<32>("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
    let signature = unhex::<64>(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
         31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    );
    for (name, provider) in providers::all() {
        let key = provider.ed25519.private_key(&seed).expect("a seed");
        assert_eq!(key.public_key(), public, "{name}");
        assert_eq!(key.sign(Ed25519Mode::Prehashed, b"abc").expect("a signature"), signature, "{name}");
        let verify = |mode, message: &[u8]| provider.ed25519.verify(&public, mode, message, &signature);
        verify(Ed25519Mode::Prehashed, b"abc").expect("the RFC's signature");
        assert!(
            verify(Ed25519Mode::Prehashed, b"abd").is_err() && verify(Ed25519Mode::Pure, b"abc").is_err(),
            "{name}"
        );
    }
}

fn unhex<const N: usize>(digits: &str) -> [u8; N] {
    hex::decode(digits).expect("digits").try_into().expect("its length")
}

/// Memory in KiB, passes, lanes; passphrase; salt; key.
type Argon2Vector = ((u32, u32, u32), &'static str, &'static [u8; 16], &'static str);

/// The vector of RFC 9106, section 5.3, has a secret and associated data, which a vault does not use. These were made with
/// the reference implementation (`argon2 SALT -id -v 13`, Debian's 0~20171227) and with OpenSSL 3 through pyca/cryptography,
/// which gives the RFC's vector too; the last one, whose salt no command line takes, with OpenSSL alone.
const ARGON2ID: [Argon2Vector; 4] = [
    ((32, 3, 4), "password", b"somesaltsomesalt", "f25048ec48311a804ea9edd74e08c30765aa0f8d47c2a5b5a6097243cdf2e5ce"),
    ((64, 2, 1), "password", b"0123456789abcdef", "fb83b5711fd91df630b63677dee62ccd13ee6f0c4897d856b49542b9b1e9975b"),
    (
        // What new vaults use.
        (65_536, 3, 4),
        "correct horse battery staple",
        b"PocketKMS 16 byt",
        "b149fe62ece846e5628c43a1c6f14e78004eb40fcc672270ba633148727de582",
    ),
    ((8192, 1, 8), "pässwörd", &[0; 16], "30128ffa44ef82afdbab05a9300f43eaffa5b454ac2a68b7e8a9543ebced14d8"),
];

#[test]
fn argon2id() {
    let provider = Provider::default();
    for ((memory_kib, passes, lanes), passphrase, salt, expected) in ARGON2ID {
        let cost = Argon2Cost { memory_kib, passes, lanes };
        let key =
            provider.argon2id(&Secret::copy_of(passphrase.as_bytes()), salt, cost).expect("a cost within the limits");
        assert_eq!(hex::encode(key.expose()), expected, "{cost:?}");
    }
    assert_eq!(Argon2Cost::default(), Argon2Cost { memory_kib: 65_536, passes: 3, lanes: 4 });
}

#[test]
fn argon2id_refuses_costs_outside_the_limits() {
    let provider = Provider::default();
    let (memory, passes, lanes) = (Argon2Cost::MAX_MEMORY_KIB, Argon2Cost::MAX_PASSES, Argon2Cost::MAX_LANES);
    for (memory_kib, passes, lanes) in [
        (memory + 1, 1, 1),
        (u32::MAX, 1, 1),
        (64, passes + 1, 1),
        (64, u32::MAX, 1),
        (1024, 1, lanes + 1),
        (u32::MAX, u32::MAX, u32::MAX),
        (64, 0, 1),
        (64, 1, 0),
        (0, 0, 0),
        (7, 1, 1),
        (31, 1, 4),
    ] {
        let cost = Argon2Cost { memory_kib, passes, lanes };
        let error = provider.argon2id(&Secret::copy_of(b"passphrase"), &[0; 16], cost).err().expect("a refusal");
        assert_eq!(error.kind(), pocketkms::ErrorKind::Validation, "{cost:?}");
        assert!(error.message().contains("outside the limits"), "{error}");
    }
}
