//! The half of `benches/public_keys.py` that calls this crate: each line of its input is the name of an operation and how often, and the
//! answer is how many seconds that took. So both contenders take turns in one run, each in its own language.
//!
//! `names` as the only argument prints the operations.

use pocketkms_native::Native;
use pocketkms_primitives::{
    Curve, Ed25519, Ed25519Mode, EllipticCurves, EntropyError, Hash, MlDsa, MlDsaMessage, MlDsaSet, OaepHash, Random,
    Rsa, RsaPadding, RsaScheme,
};
use std::{
    collections::BTreeMap,
    env,
    error::Error,
    io::{self, BufRead, Write},
    time::Instant,
};

const MESSAGE: [u8; 32] = [7; 32];

struct System;

impl Random for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        aws_lc_rs::rand::fill(bytes).map_err(|_| EntropyError)
    }
}

type Operation = Box<dyn FnMut()>;

fn curves(operations: &mut BTreeMap<String, Operation>) -> Result<(), Box<dyn Error>> {
    for (name, curve, hash) in [
        ("ECDSA P-256", Curve::P256, 32),
        ("ECDSA P-384", Curve::P384, 48),
        ("ECDSA P-521", Curve::P521, 64),
        ("ECDSA secp256k1", Curve::K256, 32),
    ] {
        let mut key = vec![0; curve.field_length()];
        EllipticCurves::generate(&Native, curve, &System, &mut key)?;
        let (digest, public) = (vec![7; hash], EllipticCurves::public_key(&Native, curve, &key)?);
        let signature = EllipticCurves::sign(&Native, curve, &key, &digest, &System)?;
        let message = digest.clone();
        let sign = move || drop(EllipticCurves::sign(&Native, curve, &key, &message, &System).expect("a key"));
        let verify = move || {
            EllipticCurves::verify(&Native, curve, &public, &digest, &signature).expect("a signature");
        };
        operations.insert(format!("{name} sign"), Box::new(sign));
        operations.insert(format!("{name} verify"), Box::new(verify));
    }
    Ok(())
}

fn edwards_and_lattices(operations: &mut BTreeMap<String, Operation>) -> Result<(), Box<dyn Error>> {
    let key = Ed25519::private_key(&Native, &[3; 32])?;
    let (public, signature) = (key.public_key(), key.sign(Ed25519Mode::Pure, &MESSAGE)?);
    let sign = move || {
        key.sign(Ed25519Mode::Pure, &MESSAGE).expect("a key");
    };
    let verify = move || {
        Ed25519::verify(&Native, &public, Ed25519Mode::Pure, &MESSAGE, &signature).expect("a signature");
    };
    operations.insert("Ed25519 sign".into(), Box::new(sign));
    operations.insert("Ed25519 verify".into(), Box::new(verify));
    for (name, set) in
        [("ML-DSA-44", MlDsaSet::MlDsa44), ("ML-DSA-65", MlDsaSet::MlDsa65), ("ML-DSA-87", MlDsaSet::MlDsa87)]
    {
        let key = MlDsa::private_key(&Native, set, &[3; 32])?;
        let public = key.public_key();
        let signature = key.sign(MlDsaMessage::Raw(&MESSAGE), &System)?;
        let sign = move || drop(key.sign(MlDsaMessage::Raw(&MESSAGE), &System).expect("a key"));
        let verify = move || {
            MlDsa::verify(&Native, set, &public, MlDsaMessage::Raw(&MESSAGE), &signature).expect("a signature");
        };
        operations.insert(format!("{name} sign"), Box::new(sign));
        operations.insert(format!("{name} verify"), Box::new(verify));
    }
    Ok(())
}

fn rsa(operations: &mut BTreeMap<String, Operation>) -> Result<(), Box<dyn Error>> {
    let pkcs8 = Rsa::generate(&Native, 4096, &System)?;
    let prepared = || Rsa::private_key(&Native, &pkcs8);
    for (name, scheme) in [("PSS", RsaScheme::Pss), ("PKCS #1 v1.5", RsaScheme::Pkcs1)] {
        let key = prepared()?;
        let sign = move || drop(key.sign(scheme, Hash::Sha256, &MESSAGE, &System).expect("a key"));
        operations.insert(format!("RSA-4096 sign {name}"), Box::new(sign));
    }
    let key = prepared()?;
    let public = Rsa::public_key(&Native, &key.public_key()?)?;
    let ciphertext = public.encrypt(OaepHash::Sha256, &MESSAGE, &System)?;
    let mut plaintext = vec![0; key.modulus_length()];
    let decrypt = move || {
        let padding = RsaPadding::Oaep(OaepHash::Sha256);
        key.decrypt(padding, &ciphertext, &System, &mut plaintext).expect("a ciphertext");
    };
    operations.insert("RSA-4096 decrypt OAEP".into(), Box::new(decrypt));
    let generate = || drop(Rsa::generate(&Native, 4096, &System).expect("a key"));
    operations.insert("RSA-4096 generate".into(), Box::new(generate));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut operations = BTreeMap::new();
    curves(&mut operations)?;
    edwards_and_lattices(&mut operations)?;
    rsa(&mut operations)?;
    if env::args().nth(1).is_some_and(|argument| argument == "names") {
        for name in operations.keys() {
            println!("{name}");
        }
        return Ok(());
    }
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (name, count) = line.rsplit_once(' ').ok_or("an operation and how often")?;
        let operation = operations.get_mut(name).ok_or_else(|| format!("no operation {name}"))?;
        let count: u32 = count.parse()?;
        let start = Instant::now();
        (0..count).for_each(|_| operation());
        println!("{}", start.elapsed().as_secs_f64());
        io::stdout().flush()?;
    }
    Ok(())
}
