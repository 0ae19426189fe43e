//! OpenSSL's program as the other side: key pairs that it made are imported, and both sides sign, verify, encrypt, decrypt and agree.

use super::common::elsewhere;
use pocketkms::{
    Kms,
    api::*,
    keys::{
        EncryptionAlgorithmSpec, KeyAgreementAlgorithmSpec, KeySpec, KeyUsageType, OriginType, SigningAlgorithmSpec,
    },
};
use pocketkms_tests::{
    imports::import,
    vault::{Opened, public_key, vault},
};
use std::{fs, path::PathBuf, process::Command};
use tempfile::TempDir;

const MESSAGE: &[u8] = b"a message of both";

/// A folder in which OpenSSL has a key pair: `key.pem`, `public.pem`.
struct Peer {
    folder: TempDir,
}

impl Peer {
    fn new(arguments: &str) -> Self {
        let peer = Self { folder: TempDir::new().expect("a folder") };
        peer.run(&format!("genpkey {arguments} -out key.pem"));
        peer.run("pkey -in key.pem -pubout -out public.pem");
        peer.write("message", MESSAGE);
        peer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("a file");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    #[track_caller]
    fn run(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        let answer = command.args(arguments.split(' ')).current_dir(self.folder.path()).output();
        let answer = answer.expect("the program `openssl`");
        assert!(answer.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&answer.stderr));
    }

    /// What an operation makes of a file.
    #[track_caller]
    fn made(&self, arguments: &str, input: &[u8]) -> Vec<u8> {
        self.write("in", input);
        self.run(&format!("{arguments} -in in -out out"));
        self.read("out")
    }

    /// Its private key as PKCS #8, which a key of KMS takes.
    fn imported(&self, kms: &Kms, spec: KeySpec, usage: KeyUsageType) -> KeyMetadata {
        let request = CreateKeyRequest {
            key_spec: Some(spec),
            key_usage: Some(usage),
            origin: Some(OriginType::External),
            ..Default::default()
        };
        let key = kms.create_key(request).expect("a key").key_metadata;
        self.run("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
        import(kms, &key, &self.read("key.der")).unwrap_or_else(|error| panic!("{spec}: {error:?}"));
        self.run("pkey -pubin -in public.pem -outform DER -out public.der");
        assert_eq!(public_key(kms, &key).as_ref(), self.read("public.der"), "the public key of {spec}");
        key
    }
}

fn curve(name: &str) -> String {
    format!("-algorithm EC -pkeyopt ec_paramgen_curve:{name} -pkeyopt ec_param_enc:named_curve")
}

/// Keys of SM2 are made in China alone.
fn china(kms: &Opened) -> Kms {
    elsewhere(kms, "000000000000", "cn-north-1")
}

#[test]
fn signatures_both_ways() {
    use SigningAlgorithmSpec::{
        EcdsaSha256, EcdsaSha384, EcdsaSha512, Ed25519Sha512, RsassaPkcs1V15Sha256, RsassaPssSha512, Sm2dsa,
    };
    let (kms, _) = vault();
    let china = china(&kms);
    let rsa = || "-algorithm RSA -pkeyopt rsa_keygen_bits:2048".to_string();
    let pss = "-digest sha512 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest";
    for (arguments, spec, algorithm, options) in [
        (rsa(), KeySpec::Rsa2048, RsassaPkcs1V15Sha256, "-digest sha256"),
        (rsa(), KeySpec::Rsa2048, RsassaPssSha512, pss),
        (curve("P-256"), KeySpec::EccNistP256, EcdsaSha256, "-digest sha256"),
        (curve("P-384"), KeySpec::EccNistP384, EcdsaSha384, "-digest sha384"),
        (curve("P-521"), KeySpec::EccNistP521, EcdsaSha512, "-digest sha512"),
        (curve("secp256k1"), KeySpec::EccSecgP256k1, EcdsaSha256, "-digest sha256"),
        ("-algorithm ED25519".to_string(), KeySpec::EccNistEdwards25519, Ed25519Sha512, ""),
        (curve("SM2"), KeySpec::Sm2, Sm2dsa, "-digest sm3 -pkeyopt distid:1234567812345678"),
    ] {
        let peer = Peer::new(&arguments);
        let kms: &Kms = if spec == KeySpec::Sm2 { &china } else { &kms };
        let key = peer.imported(kms, spec, KeyUsageType::SignVerify);
        let options = [" ", options].concat();
        let options = options.trim_end();
        let sign = SignRequest {
            key_id: key.key_id.clone(),
            message: MESSAGE.to_vec().into(),
            message_type: None,
            grant_tokens: None,
            signing_algorithm: algorithm,
            dry_run: None,
        };
        peer.write("signature", &kms.sign(sign).expect("a signature").signature);
        peer.run(&format!("pkeyutl -verify -rawin{options} -pubin -inkey public.pem -in message -sigfile signature"));
        peer.run(&format!("pkeyutl -sign -rawin{options} -inkey key.pem -in message -out signature"));
        let verify = VerifyRequest {
            key_id: key.key_id,
            message: MESSAGE.to_vec().into(),
            message_type: None,
            signature: peer.read("signature").into(),
            signing_algorithm: algorithm,
            grant_tokens: None,
            dry_run: None,
        };
        assert!(kms.verify(verify).unwrap_or_else(|error| panic!("{algorithm}: {error:?}")).signature_valid);
    }
}

#[test]
fn ciphertexts_both_ways() {
    use EncryptionAlgorithmSpec::{RsaesOaepSha1, RsaesOaepSha256, Sm2pke};
    let (kms, _) = vault();
    let china = china(&kms);
    let rsa = || "-algorithm RSA -pkeyopt rsa_keygen_bits:3072".to_string();
    let oaep =
        |hash| format!(" -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{hash} -pkeyopt rsa_mgf1_md:{hash}");
    for (arguments, spec, algorithm, options) in [
        (rsa(), KeySpec::Rsa3072, RsaesOaepSha1, oaep("sha1")),
        (rsa(), KeySpec::Rsa3072, RsaesOaepSha256, oaep("sha256")),
        (curve("SM2"), KeySpec::Sm2, Sm2pke, String::new()),
    ] {
        let peer = Peer::new(&arguments);
        let kms: &Kms = if spec == KeySpec::Sm2 { &china } else { &kms };
        let key_id = peer.imported(kms, spec, KeyUsageType::EncryptDecrypt).key_id;
        let encrypt = EncryptRequest {
            key_id: key_id.clone(),
            plaintext: MESSAGE.to_vec().into(),
            encryption_algorithm: Some(algorithm),
            ..Default::default()
        };
        let ours = kms.encrypt(encrypt).expect("a ciphertext").ciphertext_blob;
        assert_eq!(peer.made(&format!("pkeyutl -decrypt{options} -inkey key.pem"), &ours), MESSAGE, "{algorithm}");
        let theirs = peer.made(&format!("pkeyutl -encrypt{options} -pubin -inkey public.pem"), MESSAGE);
        let decrypt = DecryptRequest {
            key_id: Some(key_id),
            ciphertext_blob: Some(theirs.into()),
            encryption_algorithm: Some(algorithm),
            ..Default::default()
        };
        let decrypted = kms.decrypt(decrypt).unwrap_or_else(|error| panic!("{algorithm}: {error:?}"));
        assert_eq!(decrypted.plaintext.expose(), MESSAGE, "{algorithm}");
    }
}

#[test]
fn shared_secrets_of_both() {
    let (kms, _) = vault();
    for (name, spec) in
        [("P-256", KeySpec::EccNistP256), ("P-384", KeySpec::EccNistP384), ("P-521", KeySpec::EccNistP521)]
    {
        let (ours, theirs) = (Peer::new(&curve(name)), Peer::new(&curve(name)));
        let key_id = ours.imported(&kms, spec, KeyUsageType::KeyAgreement).key_id;
        theirs.run("pkey -pubin -in public.pem -outform DER -out public.der");
        let request = DeriveSharedSecretRequest {
            key_id,
            key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
            public_key: theirs.read("public.der").into(),
            grant_tokens: None,
            dry_run: None,
            recipient: None,
        };
        let secret = kms.derive_shared_secret(request).expect("a secret").shared_secret;
        theirs.write("peer.pem", &ours.read("public.pem"));
        theirs.run("pkeyutl -derive -inkey key.pem -peerkey peer.pem -out secret");
        assert_eq!(secret.expose(), theirs.read("secret"), "{name}");
    }
}
