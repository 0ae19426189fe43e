//! The raw ECDH keyring.

use super::{context, decrypt, encrypt, key, opens, opens_not};
use pocketkms::{
    EncryptionContext, ErrorKind, Provider, Result, Secret,
    envelope::{
        DecryptionMaterialsRequest, EcdhCurveSpec, EncryptedDataKey, EncryptionMaterialsRequest, MaterialsManager,
        RawEcdhKeyring, RawEcdhSchema,
    },
};
use pocketkms_tests::{providers, vault::explained};

/// The keys of one person.
#[derive(Clone, Copy)]
struct Person {
    private: &'static [u8],
    public: &'static [u8],
}

macro_rules! person {
    ($private:literal, $public:literal) => {
        Person { private: key!($private), public: key!($public) }
    };
}

/// Three people with keys of one curve.
#[derive(Clone, Copy)]
struct People {
    curve: EcdhCurveSpec,
    alice: Person,
    bob: Person,
    eve: Person,
}

const P256: People = People {
    curve: EcdhCurveSpec::EccNistP256,
    alice: person!("p256-alice.private.pem", "p256-alice.public.pem"),
    bob: person!("p256-bob.private.pem", "p256-bob.public.pem"),
    eve: person!("p256-eve.private.pem", "p256-eve.public.pem"),
};

const EVERY_CURVE: [People; 3] = [
    P256,
    People {
        curve: EcdhCurveSpec::EccNistP384,
        alice: person!("p384-alice.private.pem", "p384-alice.public.pem"),
        bob: person!("p384-bob.private.pem", "p384-bob.public.pem"),
        eve: person!("p384-eve.private.pem", "p384-eve.public.pem"),
    },
    People {
        curve: EcdhCurveSpec::EccNistP521,
        alice: person!("p521-alice.private.pem", "p521-alice.public.pem"),
        bob: person!("p521-bob.private.pem", "p521-bob.public.pem"),
        eve: person!("p521-eve.private.pem", "p521-eve.public.pem"),
    },
];

/// One's keyring to exchange messages with another.
fn between(provider: &Provider, curve: EcdhCurveSpec, own: Person, other: Person) -> Result<RawEcdhKeyring> {
    let schema = RawEcdhSchema::RawPrivateKeyToStaticPublicKey {
        sender_private_key: &Secret::copy_of(own.private),
        recipient_public_key: other.public,
    };
    RawEcdhKeyring::new(provider, schema, curve)
}

fn ephemeral_to(provider: &Provider, curve: EcdhCurveSpec, recipient: &[u8]) -> Result<RawEcdhKeyring> {
    let schema = RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key: recipient };
    RawEcdhKeyring::new(provider, schema, curve)
}

fn discovery(provider: &Provider, curve: EcdhCurveSpec, recipient: &[u8]) -> Result<RawEcdhKeyring> {
    let schema = RawEcdhSchema::PublicKeyDiscovery { recipient_private_key: &Secret::copy_of(recipient) };
    RawEcdhKeyring::new(provider, schema, curve)
}

const NOT_FOR_US: &[&str] = &["no keyring is for this provider and key"];

#[test]
fn discovery_cannot_encrypt_and_an_ephemeral_key_cannot_decrypt() {
    for (_, provider) in providers::all() {
        for People { curve, bob, .. } in EVERY_CURVE {
            let discovery = discovery(&provider, curve, bob.private).expect("a keyring");
            explained(encrypt(&discovery), ErrorKind::Validation, &["PublicKeyDiscovery", "only decrypts"]);
            let ephemeral = ephemeral_to(&provider, curve, bob.public).expect("a keyring");
            let message = encrypt(&ephemeral).expect("a message");
            opens_not(&ephemeral, &message, &["provider 'raw-ecdh'", "no private key", "only encrypts"]);
            opens(&discovery, &message);
        }
    }
}

#[test]
fn who_reads_what() {
    for (_, provider) in providers::all() {
        for People { curve, alice, bob, eve } in EVERY_CURVE {
            let between = |own, other| between(&provider, curve, own, other).expect("a keyring");
            let discovery = |own: Person| discovery(&provider, curve, own.private).expect("a keyring");
            let message = encrypt(&between(alice, bob)).expect("a message");
            opens_not(&between(eve, bob), &message, NOT_FOR_US);
            opens_not(&between(bob, eve), &message, NOT_FOR_US);
            opens_not(&discovery(eve), &message, NOT_FOR_US);
            // The sender is no recipient: discovery is for what was sent to oneself.
            opens_not(&discovery(alice), &message, NOT_FOR_US);
            opens(&between(alice, bob), &message);
            opens(&between(bob, alice), &message);
            opens(&discovery(bob), &message);
        }
    }
}

#[test]
fn one_curve_reads_nothing_of_another() {
    let provider = Provider::default();
    for People { curve, bob, .. } in EVERY_CURVE {
        let message = encrypt(&ephemeral_to(&provider, curve, bob.public).expect("a keyring")).expect("a message");
        for other in EVERY_CURVE.iter().filter(|other| other.curve != curve) {
            let keyring = discovery(&provider, other.curve, other.bob.private).expect("a keyring");
            opens_not(&keyring, &message, NOT_FOR_US);
            let curve = format!("{:?}", other.curve).replace("EccNist", "");
            let words = ["not belong to the curve", &curve];
            explained(discovery(&provider, other.curve, bob.private), ErrorKind::Validation, &words);
            explained(ephemeral_to(&provider, other.curve, bob.public), ErrorKind::Validation, &words);
        }
    }
}

#[test]
fn keys_that_are_none() {
    for (_, provider) in providers::all() {
        let public = |key: &[u8], word| {
            explained(ephemeral_to(&provider, P256.curve, key), ErrorKind::Validation, &[word]);
        };
        let private = |key: &[u8], word| {
            explained(discovery(&provider, P256.curve, key), ErrorKind::Validation, &[word]);
        };
        public(P256.bob.private, "'PRIVATE KEY'");
        private(P256.bob.public, "'PUBLIC KEY'");
        public(key!("rsa-a.public.pem"), "not belong to the curve");
        private(key!("rsa-a.private.pem"), "not belong to the curve");

        let spki = super::pem_body(P256.bob.public);
        assert!(ephemeral_to(&provider, P256.curve, &spki).is_ok(), "DER is taken as well as PEM");
        public(&spki[..spki.len() - 1], "SubjectPublicKeyInfo");
        // The point is the end of the DER. Its last bit decides whether it is on the curve; the point at infinity is one byte.
        let off_the_curve = [&spki[..spki.len() - 1], &[spki[spki.len() - 1] ^ 1]].concat();
        public(&off_the_curve, "on the curve");
        let at_infinity = [&[0x30, 0x19], &spki[2..23], &[0x03, 0x02, 0x00, 0x00]].concat();
        public(&at_infinity, "on the curve");

        let pkcs8 = super::pem_body(P256.bob.private);
        // The scalar follows the two octet strings and the version 1 of RFC 5915.
        let scalar = pkcs8.windows(5).position(|bytes| bytes == [2, 1, 1, 4, 32]).expect("RFC 5915") + 5;
        for byte in [0, 0xff] {
            let mut outside = pkcs8.clone();
            outside[scalar..scalar + 32].fill(byte);
            private(&outside, "group's order");
        }
        private(&pkcs8[..pkcs8.len() - 1], "PKCS #8");
    }
}

/// The encrypted data key of a message to Bob, and what Bob's keyring makes of an altered one.
struct ToBob {
    provider: Provider,
    key: EncryptedDataKey,
    suite: pocketkms::envelope::AlgorithmSuite,
}

impl ToBob {
    fn new(provider: Provider) -> Self {
        let suite = pocketkms::envelope::AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
        let request = EncryptionMaterialsRequest {
            algorithm_suite: suite,
            encryption_context: context(),
            required_encryption_context_keys: Vec::new(),
            plaintext_length: None,
        };
        let keyring = between(&provider, P256.curve, P256.alice, P256.bob).expect("a keyring");
        let materials = keyring.encryption_materials(&provider, request).expect("materials");
        Self { provider, key: materials.encrypted_data_keys()[0].clone(), suite }
    }

    fn open(&self, key: EncryptedDataKey, context: EncryptionContext) -> Result<()> {
        let request = DecryptionMaterialsRequest {
            algorithm_suite: self.suite,
            encryption_context: context,
            reproduced_encryption_context: EncryptionContext::default(),
            required_encryption_context_keys: Vec::new(),
            encrypted_data_keys: vec![key],
        };
        let keyring = discovery(&self.provider, P256.curve, P256.bob.private).expect("a keyring");
        keyring.decryption_materials(&self.provider, &request).map(|_| ())
    }

    #[track_caller]
    fn altered(&self, alter: impl Fn(&mut EncryptedDataKey), why: &str) {
        let mut key = self.key.clone();
        alter(&mut key);
        explained(self.open(key, context()), ErrorKind::UnableToDecryptDataKey, &[why]);
    }
}

#[test]
fn altered_data_keys() {
    for (_, provider) in providers::all() {
        let to_bob = ToBob::new(provider);
        to_bob.open(to_bob.key.clone(), context()).expect("what was not altered");
        // AWS's keyring with a private key in KMS writes the same under another name.
        to_bob
            .open(EncryptedDataKey { provider_id: "aws-kms-ecdh".into(), ..to_bob.key.clone() }, context())
            .expect("KMS's");
        to_bob.altered(|key| key.provider_id = "aws-kms".into(), NOT_FOR_US[0]);

        // Version 1, length 33, the recipient's key, length 33, the sender's key.
        assert_eq!(to_bob.key.provider_info.len(), 1 + 2 * (4 + 33));
        to_bob.altered(|key| key.provider_info[0] = 2, "version 2");
        to_bob.altered(|key| key.provider_info.clear(), "not that of an ECDH keyring");
        to_bob.altered(|key| key.provider_info[1] = 0xff, "not that of an ECDH keyring");
        to_bob.altered(|key| key.provider_info[4] = 34, "not that of an ECDH keyring");
        to_bob.altered(|key| key.provider_info.push(0), "not that of an ECDH keyring");
        to_bob.altered(|key| key.provider_info[5] ^= 1, NOT_FOR_US[0]);
        // The sender's point with the other sign is on the curve, and gives the same secret: x alone is shared.
        to_bob.altered(|key| key.provider_info[42] ^= 1, "do not agree");
        to_bob.altered(|key| key.provider_info[43..].fill(0xff), "on the curve");

        // Salt 32, commitment 32, data key 32, tag 16.
        assert_eq!(to_bob.key.ciphertext.len(), 112);
        to_bob.altered(|key| key.ciphertext[31] ^= 1, "do not agree");
        to_bob.altered(|key| key.ciphertext[32] ^= 1, "do not agree");
        to_bob.altered(|key| key.ciphertext[64] ^= 1, "was altered");
        to_bob.altered(|key| key.ciphertext[111] ^= 1, "was altered");
        to_bob.altered(|key| key.ciphertext.truncate(79), "truncated");
        to_bob.altered(|key| key.ciphertext.truncate(80), "was altered");
        to_bob.altered(|key| key.ciphertext.clear(), "truncated");

        let other = [("purpose", "tess"), ("naïve", "ключ")].into();
        explained(to_bob.open(to_bob.key.clone(), other), ErrorKind::UnableToDecryptDataKey, &["encryption context"]);
    }
}

#[test]
fn no_two_messages_have_the_same_keys() {
    let provider = Provider::default();
    let keyring = ephemeral_to(&provider, P256.curve, P256.bob.public).expect("a keyring");
    let [one, two] = [encrypt(&keyring), encrypt(&keyring)].map(|message| message.expect("a message"));
    let bob = discovery(&provider, P256.curve, P256.bob.private).expect("a keyring");
    for message in [&one, &two] {
        assert!(decrypt(&bob, message).is_ok());
    }
    let info = |message: &[u8]| {
        let start = message.windows(8).position(|bytes| bytes == b"raw-ecdh").expect("the provider id") + 8;
        message[start..start + 77 + 2 + 96].to_vec()
    };
    // The sender's public key, the salt, and so the commitment.
    let (one, two) = (info(&one), info(&two));
    for part in [44..77, 79..111, 111..143] {
        assert_ne!(one[part.clone()], two[part]);
    }
}
