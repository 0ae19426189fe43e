//! Whether the time of an RSA decryption says something about key or plaintext, as dudect asks (Reparaz, Balasch, Verbauwhede, "Dude, is my
//! code constant time?", 2017): times of two classes of inputs, taken in a random order, and Welch's t-test of whether their means differ. A
//! |t| beyond 4.5 is a leak; one that stays small proves nothing, but that none was found with so many measurements.
//!
//! By hand, on a machine that does nothing else: `cargo run --release -p pocketkms-native --example timing [MEASUREMENTS]`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of measurements, and places among them"
)]

use pocketkms_native::Native;
use pocketkms_primitives::{EntropyError, OaepHash, Random, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey};
use pocketkms_rust_crypto::RustCrypto;
use std::{env, error::Error, hint::black_box, time::Instant};

const BITS: usize = 2048;
const OAEP: RsaPadding = RsaPadding::Oaep(OaepHash::Sha256);
/// Of the measurements the slowest say what else the machine did: t is the largest one over those below each of these parts.
const CROPS: [f64; 5] = [0.5, 0.75, 0.9, 0.97, 1.0];

struct System;

impl Random for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        aws_lc_rs::rand::fill(bytes).map_err(|_| EntropyError)
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    System.fill(&mut bytes).expect("randomness");
    bytes
}

/// A ciphertext that is below every modulus of that length, and of nothing.
fn forged(_: &dyn RsaPublicKey) -> Vec<u8> {
    let mut bytes = random::<{ BITS / 8 }>().to_vec();
    bytes[0] = 0;
    bytes
}

fn good(public: &dyn RsaPublicKey) -> Vec<u8> {
    public.encrypt(OaepHash::Sha256, &random::<32>(), &System).expect("a short message")
}

/// Of the right padding, with another hash: what differs is seen after the private operation, in the last check.
fn of_another_hash(public: &dyn RsaPublicKey) -> Vec<u8> {
    public.encrypt(OaepHash::Sha1, &random::<32>(), &System).expect("a short message")
}

type Make = fn(&dyn RsaPublicKey) -> Vec<u8>;

/// Measures, and prints t.
fn compare(what: &str, key: &dyn RsaPrivateKey, inputs: [&[Vec<u8>]; 2], measurements: usize) {
    let mut times = [Vec::new(), Vec::new()];
    let mut plaintext = vec![0; key.modulus_length()];
    for number in 0..measurements {
        let class = usize::from(random::<1>()[0] & 1);
        let ciphertext = &inputs[class][number % inputs[class].len()];
        let start = Instant::now();
        let _ = black_box(key.decrypt(OAEP, black_box(ciphertext), &System, &mut plaintext));
        times[class].push(start.elapsed().as_secs_f64());
    }
    let mut all: Vec<_> = times.concat();
    all.sort_by(f64::total_cmp);
    let largest = CROPS.map(|part| t(&times, all[((all.len() - 1) as f64 * part) as usize]));
    let largest = largest.into_iter().max_by(|one, other| one.abs().total_cmp(&other.abs())).unwrap_or_default();
    println!("{what:<60} t = {largest:>6.2}{}", if largest.abs() > 4.5 { "  LEAK" } else { "" });
}

/// Welch's t of the times up to a longest one.
fn t(times: &[Vec<f64>; 2], longest: f64) -> f64 {
    let [one, other] = times.each_ref().map(|times| {
        let times: Vec<_> = times.iter().filter(|time| **time <= longest).collect();
        let count = times.len() as f64;
        let mean = times.iter().copied().sum::<f64>() / count;
        let variance = times.iter().map(|time| (*time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (one.0 - other.0) / (one.1 + other.1).sqrt()
}

fn main() -> Result<(), Box<dyn Error>> {
    let measurements = env::args().nth(1).map_or(Ok(200_000), |count| count.parse())?;
    let pkcs8 = Rsa::generate(&Native, BITS, &System)?;
    for (name, provider) in [("native", &Native as &dyn Rsa), ("RustCrypto", &RustCrypto)] {
        let key = provider.private_key(&pkcs8)?;
        let public = provider.public_key(&key.public_key()?)?;
        // As many inputs in either class, so that neither is in a cache for longer.
        let class = |make: Make| (0..256).map(|_| make(&*public)).collect::<Vec<_>>();
        let (valid, again, noise, other) = (class(good), class(good), class(forged), class(of_another_hash));
        let fixed = vec![valid[0].clone(); 256];
        for (what, inputs) in [
            ("both alike, to see what the machine does", [&valid, &again]),
            ("one ciphertext, or any: the private operation", [&fixed, &valid]),
            ("padding that is none, or of another hash: the errors", [&noise, &other]),
        ] {
            compare(&format!("{name}: {what}"), &*key, inputs.map(Vec::as_slice), measurements);
        }
    }
    Ok(())
}
