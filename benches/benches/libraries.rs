//! AES-256-GCM in the libraries among which `pocketkms-native` chose: repeat the choice on another machine.
//!
//! `cargo bench -p pocketkms-benches --bench libraries`. At the end the rates are printed side by side. AWS-LC listens to
//! `OPENSSL_ia32cap` (`:~0xd0030000` hides AVX-512); `ring` uses none; the others cannot be told.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use pocketkms_benches::{
    candidates::{AwsLc, candidates},
    rates,
};
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
                pocketkms_benches::candidates::Cipher::seal(&key, NONCE, black_box(&mut out))
            });
        });
        group.bench_function(BenchmarkId::new("open", "direct"), |bencher| {
            bencher.iter(|| key.open_into(NONCE, black_box(&sealed), &tag, black_box(&mut out)));
        });
        group.bench_function(BenchmarkId::new("open", "copy"), |bencher| {
            bencher.iter(|| {
                out.copy_from_slice(black_box(&sealed));
                pocketkms_benches::candidates::Cipher::open(&key, NONCE, black_box(&mut out), &tag)
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

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    small(&mut criterion);
    prepared(&mut criterion);
    between_buffers(&mut criterion);
    criterion.final_summary();

    let names: Vec<_> = candidates().iter().map(|candidate| candidate.name).collect();
    let sizes: Vec<_> = [&[SMALL], &SIZES[..]].concat();
    rates::print("with key set-up at 1 KiB, prepared above", "aead", &names, &sizes);
    rates::print("from one buffer into another, aws-lc-rs", "between", &["direct", "copy"], &SIZES);
}
