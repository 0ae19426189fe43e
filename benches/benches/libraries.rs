//! AES-256-GCM and hashes in the libraries among which `pocketkms-native` chose: repeat the choice on another machine.
//!
//! `cargo bench -p pocketkms-benches --bench libraries`. At the end the rates of AES-GCM are printed side by side.
//!
//! What another processor would do can be seen in part: AWS-LC hides instructions where `OPENSSL_ia32cap` says so, AVX-512
//! with `:~0xd0230000`, the SHA extensions with `:~0x20000000`. *ring* uses no AVX-512 anyway. The others ask the processor
//! itself, and cannot be seen.

use aws_lc_rs::{digest, hmac};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use pocketkms_benches::{
    candidates::{AwsLc, Cipher, candidates},
    rates,
};
use sha2::{Digest, Sha256, Sha384};
use std::hint::black_box;

/// A prepared key is measured with these.
const SIZES: [usize; 4] = [4 << 10, 64 << 10, 256 << 10, 1 << 20];
/// A message of a KMS: the key is prepared for it alone.
const SMALL: usize = 1 << 10;
const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [3; 12];

fn prepared(criterion: &mut Criterion) {
    for size in SIZES {
        for candidate in candidates() {
            let key = (candidate.key)(&KEY);
            let mut group = criterion.benchmark_group(format!("aead/{size}"));
            group.throughput(Throughput::Bytes(size as u64));
            let mut data = vec![1; size];
            group.bench_function(BenchmarkId::new("seal", candidate.name), |bencher| {
                bencher.iter(|| key.seal(NONCE, black_box(&mut data)));
            });
            let plain = vec![1; size];
            let mut data = plain.clone();
            let tag = key.seal(NONCE, &mut data);
            let sealed = data.clone();
            assert!(key.open(NONCE, &mut data, &tag) && data == plain);
            // In place, opening destroys its input: a copy for each round, outside of the time.
            group.bench_function(BenchmarkId::new("open", candidate.name), |bencher| {
                bencher.iter_batched_ref(
                    || sealed.clone(),
                    |data| key.open(NONCE, black_box(data), &tag),
                    BatchSize::LargeInput,
                );
            });
        }
    }
}

/// From one buffer into another: by the library itself, and by a copy and the call in place.
fn between_buffers(criterion: &mut Criterion) {
    let key = AwsLc::new(&KEY);
    for size in SIZES {
        let mut group = criterion.benchmark_group(format!("between/{size}"));
        group.throughput(Throughput::Bytes(size as u64));
        let plain = vec![1; size];
        let mut sealed = plain.clone();
        let mut out = vec![0; size];
        let tag = key.seal_into(NONCE, &plain, &mut sealed);
        group.bench_function(BenchmarkId::new("seal", "direct"), |bencher| {
            bencher.iter(|| key.seal_into(NONCE, black_box(&plain), black_box(&mut out)));
        });
        group.bench_function(BenchmarkId::new("seal", "copy"), |bencher| {
            bencher.iter(|| {
                out.copy_from_slice(black_box(&plain));
                Cipher::seal(&key, NONCE, black_box(&mut out))
            });
        });
        group.bench_function(BenchmarkId::new("open", "direct"), |bencher| {
            bencher.iter(|| key.open_into(NONCE, black_box(&sealed), &tag, black_box(&mut out)));
        });
        group.bench_function(BenchmarkId::new("open", "copy"), |bencher| {
            bencher.iter(|| {
                out.copy_from_slice(black_box(&sealed));
                Cipher::open(&key, NONCE, black_box(&mut out), &tag)
            });
        });
    }
}

/// With key set-up.
fn small(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(format!("aead/{SMALL}"));
    group.throughput(Throughput::Bytes(SMALL as u64));
    for candidate in candidates() {
        let mut data = vec![1; SMALL];
        group.bench_function(BenchmarkId::new("seal", candidate.name), |bencher| {
            bencher.iter(|| (candidate.key)(black_box(&KEY)).seal(NONCE, black_box(&mut data)));
        });
        let tag = (candidate.key)(&KEY).seal(NONCE, &mut data);
        let sealed = data;
        group.bench_function(BenchmarkId::new("open", candidate.name), |bencher| {
            bencher.iter_batched_ref(
                || sealed.clone(),
                |data| (candidate.key)(black_box(&KEY)).open(NONCE, black_box(data), &tag),
                BatchSize::SmallInput,
            );
        });
    }
}

/// What a KMS operation hashes for its key derivation, and what a signed message does.
fn hashes(criterion: &mut Criterion) {
    use ::hmac::{Hmac, KeyInit, Mac};
    let mut group = criterion.benchmark_group("hmac_sha256/99");
    let parts = [&[1; 4][..], &[2; 26], &[3; 32], &[4; 37]];
    let key = Hmac::<Sha256>::new_from_slice(&KEY).expect("any length");
    group.bench_function("sha2", |bencher| {
        bencher.iter(|| {
            let mut mac = key.clone();
            for part in black_box(&parts) {
                mac.update(part);
            }
            mac.finalize()
        });
    });
    let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
    group.bench_function("aws-lc-rs", |bencher| {
        bencher.iter(|| {
            let mut mac = hmac::Context::with_key(&key);
            for part in black_box(&parts) {
                mac.update(part);
            }
            mac.sign()
        });
    });
    group.finish();

    let message = vec![1; 64 << 10];
    let mut group = criterion.benchmark_group("sha384/65536");
    group.throughput(Throughput::Bytes(message.len() as u64));
    group.bench_function("sha2", |bencher| bencher.iter(|| Sha384::digest(black_box(&message))));
    group.bench_function("aws-lc-rs", |bencher| {
        bencher.iter(|| digest::digest(&digest::SHA384, black_box(&message)));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    small(&mut criterion);
    prepared(&mut criterion);
    between_buffers(&mut criterion);
    hashes(&mut criterion);
    criterion.final_summary();

    let names: Vec<_> = candidates().iter().map(|candidate| candidate.name).collect();
    let sizes: Vec<_> = [&[SMALL], &SIZES[..]].concat();
    rates::print("with key set-up at 1 KiB, prepared above", "aead", &names, &sizes);
    rates::print("from one buffer into another, aws-lc-rs", "between", &["direct", "copy"], &SIZES);
}
