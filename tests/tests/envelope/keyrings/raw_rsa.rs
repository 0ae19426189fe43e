//! The raw RSA keyring.

use super::{encrypt, key, opens, opens_not};
use pocketkms::{
    AuthenticationFailed, EncryptionContext, ErrorKind, Hash, OaepHash, PrimitiveError, Provider, Random, Result, Rsa,
    RsaPadding, RsaPrivateKey, RsaPublicKey, RsaScheme, Secret,
    envelope::{
        AlgorithmSuite, DecryptionMaterialsRequest, EncryptedDataKey, MaterialsManager, PaddingScheme, RawRsaKeyring,
    },
};
use pocketkms_tests::{esdk::fixed::Fixed, providers, vault::explained};
use rsa::{Oaep, Pkcs1v15Encrypt, pkcs8::DecodePrivateKey};

const PADDINGS: [PaddingScheme; 4] = [
    PaddingScheme::OaepSha1Mgf1,
    PaddingScheme::OaepSha256Mgf1,
    PaddingScheme::OaepSha384Mgf1,
    PaddingScheme::OaepSha512Mgf1,
];

/// The pair "a", with all that can be chosen.
struct Pair {
    provider: Provider,
    namespace: &'static str,
    name: &'static str,
    padding: PaddingScheme,
    public: Option<&'static [u8]>,
    private: Option<&'static [u8]>,
}

impl Pair {
    fn keyring(&self) -> Result<RawRsaKeyring> {
        let private = self.private.map(Secret::copy_of);
        RawRsaKeyring::new(&self.provider, self.namespace, self.name, self.padding, self.public, private.as_ref())
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self {
            provider: Provider::default(),
            namespace: "test",
            name: "rsa",
            padding: PaddingScheme::OaepSha256Mgf1,
            public: Some(key!("rsa-a.public.pem")),
            private: Some(key!("rsa-a.private.pem")),
        }
    }
}

fn pkcs1(provider: &Provider, private: &[u8]) -> Result<RawRsaKeyring> {
    RawRsaKeyring::pkcs1_despite_padding_oracles(provider, "test", "rsa", &Secret::copy_of(private))
}

/// A message whose data key OpenSSL encrypted under the pair "a" with PKCS #1 v1.5.
fn old_message(hex: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = hex.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    encrypt(&Fixed {
        data_key: vec![9; 32],
        encrypted: vec![EncryptedDataKey {
            provider_id: "test".into(),
            provider_info: b"rsa".to_vec(),
            ciphertext: hex::decode(digits).expect("digits"),
        }],
    })
    .expect("a message")
}

#[test]
fn pkcs1_is_refused_without_the_opt_in() {
    let keyring = Pair { padding: PaddingScheme::Pkcs1, ..Pair::default() }.keyring();
    explained(keyring, ErrorKind::Validation, &["Bleichenbacher", "OAEP", "pkcs1_despite_padding_oracles"]);
    // Nor does another padding open what was padded so.
    for (_, provider) in providers::all() {
        let keyring = Pair { provider, ..Pair::default() }.keyring().expect("a keyring");
        opens_not(&keyring, &old_message(key!("rsa-a.pkcs1.hex")), &["another private key or padding scheme"]);
    }
}

#[test]
fn pkcs1_decrypts_old_messages_and_never_encrypts() {
    for (name, provider) in providers::all() {
        let keyring = pkcs1(&provider, key!("rsa-a.private.pem")).expect("a keyring");
        opens(&keyring, &old_message(key!("rsa-a.pkcs1.hex")));
        explained(encrypt(&keyring), ErrorKind::Validation, &["no public key", "only decrypts"]);
        // A right padding around a data key of another length, a wrong padding, another key: one answer for all.
        let oaep = encrypt(&Pair { provider: provider.clone(), ..Pair::default() }.keyring().expect("a keyring"));
        let other = pkcs1(&provider, key!("rsa-b.private.pem")).expect("a keyring");
        let answers: Vec<String> = [
            (&keyring, old_message(key!("rsa-a.pkcs1-short.hex"))),
            (&keyring, oaep.expect("a message")),
            (&other, old_message(key!("rsa-a.pkcs1.hex"))),
        ]
        .into_iter()
        .map(|(keyring, message)| super::decrypt(keyring, &message).err().expect("an error").report())
        .collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{name}: {answers:#?}");
    }
}

#[test]
fn every_padding_and_only_itself() {
    for (_, provider) in providers::all() {
        let keyrings = PADDINGS.map(|padding| {
            Pair { provider: provider.clone(), padding, ..Pair::default() }.keyring().expect("a keyring")
        });
        for (written, writer) in keyrings.iter().enumerate() {
            let message = encrypt(writer).expect("a message");
            for (read, reader) in keyrings.iter().enumerate() {
                if read == written {
                    opens(reader, &message);
                } else {
                    opens_not(reader, &message, &["provider 'test', key 'rsa'", "another private key or padding"]);
                }
            }
        }
    }
}

#[test]
fn wrong_key_name_or_namespace() {
    let message = encrypt(&Pair::default().keyring().expect("a keyring")).expect("a message");
    let other =
        Pair { public: Some(key!("rsa-b.public.pem")), private: Some(key!("rsa-b.private.pem")), ..Pair::default() };
    opens_not(&other.keyring().expect("a keyring"), &message, &["another private key or padding scheme"]);
    let name = Pair { name: "rsb", ..Pair::default() };
    opens_not(&name.keyring().expect("a keyring"), &message, &["no keyring is for this provider and key"]);
    let namespace = Pair { namespace: "tess", ..Pair::default() };
    opens_not(&namespace.keyring().expect("a keyring"), &message, &["no keyring is for this provider and key"]);
    let awss = Pair { namespace: "aws-kms", ..Pair::default() };
    explained(awss.keyring(), ErrorKind::Validation, &["aws-kms"]);
}

#[test]
fn one_half_of_a_pair_does_one_half_of_the_work() {
    let (public, private) = (Pair { private: None, ..Pair::default() }, Pair { public: None, ..Pair::default() });
    let (public, private) = (public.keyring().expect("a keyring"), private.keyring().expect("a keyring"));
    let message = encrypt(&public).expect("a message");
    opens(&private, &message);
    opens_not(&public, &message, &["no private key", "only encrypts"]);
    explained(encrypt(&private), ErrorKind::Validation, &["no public key"]);
    explained(Pair { public: None, private: None, ..Pair::default() }.keyring(), ErrorKind::Validation, &["or both"]);
    let mixed = Pair { public: Some(key!("rsa-b.public.pem")), ..Pair::default() };
    explained(mixed.keyring(), ErrorKind::Validation, &["not of the same pair"]);
}

#[test]
fn keys_in_other_forms() {
    let der = Secret::from(super::pem_body(key!("rsa-a.private.pem")));
    let keyring = |private: &Secret| {
        let public = super::pem_body(key!("rsa-a.public.pem"));
        let padding = PaddingScheme::OaepSha256Mgf1;
        RawRsaKeyring::new(&Provider::default(), "test", "rsa", padding, Some(&public), Some(private))
    };
    let from_der = keyring(&der).expect("a keyring");
    opens(&Pair::default().keyring().expect("a keyring"), &encrypt(&from_der).expect("a message"));

    let refused = |private: &[u8], word: &str| {
        explained(keyring(&Secret::copy_of(private)), ErrorKind::Validation, &[word]);
    };
    refused(key!("rsa-a.encrypted.pem"), "ENCRYPTED PRIVATE KEY");
    refused(key!("rsa-a.traditional.pem"), "RSA PRIVATE KEY");
    refused(key!("rsa-a.public.pem"), "PUBLIC KEY");
    refused(key!("p256-bob.private.pem"), "rsaEncryption");
    refused(b"", "no PEM");
    refused(b"-----BEGIN PRIVATE KEY-----", "no PEM");
    refused(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], "PKCS #8");
    refused(&der.expose()[..der.len() - 1], "PKCS #8");
}

/// RSA without a limit on the length of keys: the single steps have a key of 1024 bits, which PocketKMS refuses.
struct AnyLength;

impl Rsa for AnyLength {
    fn generate(&self, _: usize, _: &dyn Random) -> Result<Vec<u8>, PrimitiveError> {
        unreachable!("the keyring decrypts only")
    }

    fn public_key(&self, _: &[u8]) -> Result<Box<dyn RsaPublicKey>, PrimitiveError> {
        unreachable!("the keyring decrypts only")
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>, PrimitiveError> {
        Ok(Box::new(AnyKey(rsa::PrivateKey::from_pkcs8_der(pkcs8).expect("a private key"))))
    }
}

struct AnyKey(rsa::PrivateKey);

impl RsaPrivateKey for AnyKey {
    fn modulus_length(&self) -> usize {
        rsa::traits::PublicKeyParts::size(&self.0)
    }

    fn decrypt(
        &self,
        padding: RsaPadding,
        ciphertext: &[u8],
        _: &dyn Random,
        plaintext: &mut [u8],
    ) -> Result<usize, AuthenticationFailed> {
        let decrypted = match padding {
            RsaPadding::Pkcs1 => self.0.decrypt(Pkcs1v15Encrypt, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha1) => self.0.decrypt(Oaep::<sha1::Sha1>::new(), ciphertext),
            RsaPadding::Oaep(OaepHash::Sha256) => self.0.decrypt(Oaep::<sha2::Sha256>::new(), ciphertext),
            RsaPadding::Oaep(_) => unreachable!("no step has it"),
        }
        .map_err(|_| AuthenticationFailed)?;
        plaintext[..decrypted.len()].copy_from_slice(&decrypted);
        Ok(decrypted.len())
    }

    fn sign(&self, _: RsaScheme, _: Hash, _: &[u8], _: &dyn Random) -> Result<Vec<u8>, PrimitiveError> {
        unreachable!("the keyring decrypts only")
    }

    fn public_key(&self) -> Result<Vec<u8>, PrimitiveError> {
        unreachable!("the keyring has no public key")
    }
}

/// Data keys that AWS's SDKs encrypted, where the vectors lie beside the repository.
#[test]
fn single_steps_of_the_encryption_sdk() {
    let Some(steps) = super::edk_kdf() else { return };
    let steps = &steps["raw_rsa_edk"];
    let private = Secret::from(steps["private_pem"].as_str().expect("a PEM").to_owned());
    let refused = RawRsaKeyring::pkcs1_despite_padding_oracles(&Provider::default(), "test", "rsa", &private);
    explained(refused, ErrorKind::Validation, &["1024"]);

    let provider = Provider { rsa: &AnyLength, ..Provider::default() };
    let cases = steps["cases"].as_array().expect("cases");
    assert!(cases.len() >= 8, "{} cases only", cases.len());
    for case in cases {
        let bytes = |name: &str| hex::decode(case[name].as_str().expect("digits")).expect("digits");
        let oaep = |padding| RawRsaKeyring::new(&provider, "test", "rsa", padding, None, Some(&private));
        let keyring = match case["padding"].as_str().expect("a padding") {
            "pkcs1" => RawRsaKeyring::pkcs1_despite_padding_oracles(&provider, "test", "rsa", &private),
            "oaep-sha1" => oaep(PaddingScheme::OaepSha1Mgf1),
            "oaep-sha256" => oaep(PaddingScheme::OaepSha256Mgf1),
            other => panic!("'{other}' is a new padding"),
        };
        let data_key = bytes("data_key_hex");
        let fits =
            |suite: &&AlgorithmSuite| suite.data_key_length() == data_key.len() && !suite.as_str().contains("ECDSA");
        let request = DecryptionMaterialsRequest {
            algorithm_suite: *AlgorithmSuite::ALL.iter().find(fits).expect("a suite of that length"),
            encryption_context: EncryptionContext::default(),
            reproduced_encryption_context: EncryptionContext::default(),
            required_encryption_context_keys: Vec::new(),
            encrypted_data_keys: vec![EncryptedDataKey {
                provider_id: "test".into(),
                provider_info: b"rsa".to_vec(),
                ciphertext: bytes("edk_ciphertext_hex"),
            }],
        };
        let materials = keyring.expect("a keyring").decryption_materials(&provider, &request).expect("materials");
        assert_eq!(materials.data_key().expect("a data key").expose(), data_key, "{}", case["id"]);
    }
}
