//! `Encrypt`, `Decrypt` and `GenerateDataKey` beside the bare AEAD with key set-up, in one run.
//!
//! `make bench`, or `cargo bench -p pocketkms-benches`. At the end the ratios to the bare call are printed; quote those
//! and not the times, which belong to the machine and its mood.

use base64::{Engine, prelude::BASE64_STANDARD};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use pocketkms::{
    Kms, ManualClock, NONCE_LENGTH, OsRandom, Provider, RootKey, Secret, Timestamp, Vault,
    api::{
        Blob, CreateKeyRequest, DecryptRequest, EnableKeyRotationRequest, EncryptRequest, GenerateDataKeyRequest,
        IncludeKeyMaterial, ListKeyRotationsRequest,
    },
};
use pocketkms_benches::ratios::{self, Row};
use serde_json::json;
use std::{hint::black_box, sync::Arc};

const SIZES: [usize; 3] = [64, 1024, 4096];
/// Data keys have at most 1,024 bytes.
const DATA_KEY_SIZES: [usize; 2] = [64, 1024];
const MATERIALS: [usize; 3] = [1, 100, 10_000];
/// The shortest rotation period.
const PERIOD_DAYS: u32 = 90;

/// A key that was rotated until it has so many materials, and a ciphertext of each size under every one of them.
struct Aged {
    kms: Kms,
    key_id: String,
    ciphertexts: Vec<(usize, Vec<Blob>)>,
}

impl Aged {
    fn new(materials: usize) -> Self {
        let clock = ManualClock::new(Timestamp::from_millis(0));
        let root = RootKey::from_bytes(&[7; 32]).expect("32 bytes");
        let kms = Vault::builder().clock(clock.clone()).create_in_memory(&root).expect("a vault").client();
        let key_id = kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.key_id;
        kms.enable_key_rotation(EnableKeyRotationRequest {
            key_id: key_id.clone(),
            rotation_period_in_days: Some(PERIOD_DAYS.cast_signed()),
        })
        .expect("rotation");
        let mut ciphertexts = SIZES.map(|size| (size, Vec::with_capacity(materials)));
        for number in 0..materials {
            if number > 0 {
                clock.advance_days(PERIOD_DAYS);
            }
            for (size, blobs) in &mut ciphertexts {
                blobs.push(kms.encrypt(encrypt(&key_id, *size)).expect("a ciphertext").ciphertext_blob);
            }
        }
        let rotations = kms
            .list_key_rotations(ListKeyRotationsRequest {
                key_id: key_id.clone(),
                include_key_material: Some(IncludeKeyMaterial::AllKeyMaterial),
                limit: Some(1000),
                marker: None,
            })
            .expect("the rotations");
        assert_eq!(rotations.rotations.len(), materials.min(1000), "as many materials as asked for");
        Self { kms, key_id, ciphertexts: ciphertexts.into() }
    }
}

fn encrypt(key_id: &str, size: usize) -> EncryptRequest {
    EncryptRequest { key_id: key_id.into(), plaintext: Secret::from(vec![1; size]), ..Default::default() }
}

/// The same as a request of the wire.
fn encrypt_body(key_id: &str, size: usize) -> Vec<u8> {
    let plaintext = BASE64_STANDARD.encode(vec![1; size]);
    serde_json::to_vec(&json!({ "KeyId": key_id, "Plaintext": plaintext })).expect("JSON")
}

/// A request of the wire to decrypt what the wire encrypted.
fn decrypt_body(kms: &Kms, key_id: &str, size: usize) -> Vec<u8> {
    let answer = kms.call("TrentService.Encrypt", &encrypt_body(key_id, size));
    assert_eq!(answer.status, 200, "a ciphertext");
    let answer: serde_json::Value = serde_json::from_slice(answer.body.expose()).expect("JSON");
    let body = serde_json::to_vec(&json!({ "CiphertextBlob": answer["CiphertextBlob"] })).expect("JSON");
    assert_eq!(kms.call("TrentService.Decrypt", &body).status, 200, "a plaintext");
    body
}

/// The bare AEAD with key set-up, into memory of its own as an operation's answer is.
fn bare(criterion: &mut Criterion, name: &str, provider: &Provider) {
    let mut group = criterion.benchmark_group(format!("bare_{name}"));
    let (key, nonce, aead) = ([7; 32], [0; NONCE_LENGTH], provider.aead);
    for size in SIZES {
        let plaintext = vec![1; size];
        let mut sealed = plaintext.clone();
        let tag = aead.seal(&key, &nonce, b"", &mut sealed).expect("sealed");
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("seal", size), |bencher| {
            bencher.iter(|| {
                let mut data = black_box(&plaintext).clone();
                (aead.seal(black_box(&key), &nonce, b"", &mut data), data)
            });
        });
        group.bench_function(BenchmarkId::new("open", size), |bencher| {
            bencher.iter(|| {
                let mut data = black_box(&sealed).clone();
                (aead.open(black_box(&key), &nonce, b"", &mut data, &tag), data)
            });
        });
    }
}

fn operations(criterion: &mut Criterion, aged: &Aged, materials: usize) {
    let mut group = criterion.benchmark_group(format!("materials_{materials}"));
    let Aged { kms, key_id, ciphertexts } = aged;
    for (size, blobs) in ciphertexts {
        group.throughput(Throughput::Bytes(*size as u64));
        let request = encrypt(key_id, *size);
        group.bench_function(BenchmarkId::new("Encrypt", size), |bencher| {
            bencher.iter(|| kms.execute(black_box(&request)));
        });
        // A stride that is prime to every count, so that each decryption meets another material.
        let mut next = (0..blobs.len()).cycle().step_by(7919 % blobs.len().max(2) + 1);
        group.bench_function(BenchmarkId::new("Decrypt", size), |bencher| {
            bencher.iter_batched(
                || DecryptRequest { ciphertext_blob: next.next().map(|at| blobs[at].clone()), ..Default::default() },
                |request| kms.execute(&request),
                BatchSize::SmallInput,
            );
        });
    }
    for size in SIZES {
        let (encrypt, decrypt) = (encrypt_body(key_id, size), decrypt_body(kms, key_id, size));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("wire Encrypt", size), |bencher| {
            bencher.iter(|| kms.call("TrentService.Encrypt", black_box(&encrypt)));
        });
        group.bench_function(BenchmarkId::new("wire Decrypt", size), |bencher| {
            bencher.iter(|| kms.call("TrentService.Decrypt", black_box(&decrypt)));
        });
    }
    for size in DATA_KEY_SIZES {
        let request = GenerateDataKeyRequest {
            key_id: key_id.clone(),
            number_of_bytes: i32::try_from(size).ok(),
            ..Default::default()
        };
        group.bench_function(BenchmarkId::new("GenerateDataKey", size), |bencher| {
            bencher.iter(|| kms.execute(black_box(&request)));
        });
    }
}

/// The wire beside the typed call, 1 KiB, in turns.
fn wire_in_turns() {
    let Aged { kms, key_id, .. } = Aged::new(1);
    let (request, body) = (encrypt(&key_id, 1024), encrypt_body(&key_id, 1024));
    let ratio = ratios::in_turns(
        || drop(black_box(kms.call("TrentService.Encrypt", black_box(&body)))),
        || drop(black_box(kms.execute(black_box(&request)))),
    );
    println!("wire Encrypt of 1 KiB in turns with the typed call: {ratio:.2} times");
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    bare(&mut criterion, "default", &Provider::default());
    bare(&mut criterion, "RustCrypto", &Provider::rust_crypto(Arc::new(OsRandom)));
    let (mut rows, mut wire) = (Vec::new(), Vec::new());
    for materials in MATERIALS {
        let aged = Aged::new(materials);
        operations(&mut criterion, &aged, materials);
        let group = format!("materials_{materials}");
        for size in SIZES {
            rows.push(Row::new(&group, "Encrypt", "seal", size));
            rows.push(Row::new(&group, "Decrypt", "open", size));
            for name in ["Encrypt", "Decrypt"] {
                wire.push([format!("{group}/wire {name}/{size}"), format!("{group}/{name}/{size}")]);
            }
            if DATA_KEY_SIZES.contains(&size) {
                rows.push(Row::new(&group, "GenerateDataKey", "seal", size));
            }
        }
    }
    criterion.final_summary();
    ratios::print(&rows);
    ratios::print_pairs("wire", "typed call", &wire);
    wire_in_turns();
}
