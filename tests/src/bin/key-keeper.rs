//! A process with keys in its memory, for tests/secrecy to search.
//!
//! Its arguments are the name of the provider, and optionally a file with an RSA private key and one with a ciphertext.

use pocketkms::{NONCE_LENGTH, OaepHash, RsaPadding, Secret};
use pocketkms_tests::{
    providers,
    secrets::{self, Given, checkpoint, secret},
};
use std::{env, fs::File, io::Read};

/// Reads a file right to where the library takes it over, with no buffer in between.
fn read(path: &str) -> Secret {
    let mut file = File::open(path).expect("a file");
    let length = file.metadata().expect("a file").len();
    let mut content = Secret::zeroed(usize::try_from(length).expect("a short file"));
    file.read_exact(content.expose_mut()).expect("a file");
    content
}

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let (name, files) = arguments.split_first().expect("the provider's name");
    let (_, provider) = providers::all().into_iter().find(|(known, _)| known == name).expect("a known provider");
    let (curves, random) = (provider.curves, &*provider.random);

    let mut prepared = Vec::new();
    for key in Given::AEAD_KEYS.map(secret) {
        let mut message = vec![0; 1000];
        let (nonce, aad) = ([0; NONCE_LENGTH], b"");
        let tag = provider.aead.seal(key.expose(), &nonce, aad, &mut message).expect("a right key");
        let cipher = provider.aead.key(key.expose()).expect("a right key");
        cipher.open(&nonce, aad, &mut message, &tag).expect("its message");
        prepared.push((key, cipher));
    }

    let mut agreed = Vec::new();
    let mut signatures = Vec::new();
    for curve in secrets::CURVES {
        let key = secret(Given::PrivateKey(curve));
        curves.public_key(curve, key.expose()).expect("a private key");
        let peer = secrets::peer(curves, curve);
        let shared = provider.agree(curve, &key, &peer).expect("two keys");
        signatures.push(curves.sign(curve, key.expose(), &secrets::DIGEST, random).expect("a signature"));
        agreed.push((key, shared));
    }
    let decrypted = if let [key, ciphertext] = files {
        let encoded = read(key);
        let key = provider.rsa.private_key(encoded.expose()).expect("a private key");
        let mut ciphertext = read(ciphertext);
        let decrypt = |ciphertext: &Secret| {
            let padding = RsaPadding::Oaep(OaepHash::Sha256);
            provider.rsa_decrypt(&*key, padding, ciphertext.expose())
        };
        let data_key = decrypt(&ciphertext).expect("its ciphertext");
        // What fails to decrypt leaves nothing behind either.
        ciphertext.expose_mut()[100] ^= 1;
        assert!(decrypt(&ciphertext).is_err());
        Some((encoded, key, data_key))
    } else {
        None
    };

    // Everything is in use.
    checkpoint(&signatures.iter().map(Vec::as_slice).collect::<Vec<_>>());

    // Nothing is.
    drop((prepared, agreed, decrypted));
    checkpoint(&[]);
}
