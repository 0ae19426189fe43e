//! Envelope messages beside the bare primitives of the same provider, in one run.
//!
//! `make bench`, or `cargo bench -p pocketkms-benches --bench messages`. Bulk: as much data as `POCKETKMS_BENCH_MIB` says
//! (1024), through streams that see 4 MiB at a time, beside the bare AEAD over the same pieces. Small: a message of
//! 1 KiB beside the sum of the primitives that it cannot do without. Bare and whole take turns, and the median of their
//! ratios is printed: quote that and not the times, which belong to the machine and its mood.

use pocketkms::{
    Hash, Provider, Secret,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DEFAULT_FRAME_LENGTH, DecryptOptions, EncryptOptions, EncryptionClient,
        RawAesKeyring, Transform,
    },
};
use std::{
    env, fs,
    hint::black_box,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const PIECE: usize = 4 << 20;
const FRAME: usize = DEFAULT_FRAME_LENGTH as usize;
const ROUNDS: usize = 7;
const SMALL_ROUNDS: usize = 31;
const SMALL_REPEATS: u32 = 2_000;

fn main() {
    // Criterion's arguments are not for this bench; `cargo test --benches` only wants to see it start.
    if env::args().any(|argument| argument == "--test") {
        return;
    }
    let mib = env::var("POCKETKMS_BENCH_MIB").ok().and_then(|text| text.parse().ok()).unwrap_or(1024);
    let pieces = mib * (1 << 20) / PIECE;
    let many = Provider::default();
    let one = Provider { executor: Provider::rust_crypto(Arc::clone(&many.random)).executor, ..many.clone() };
    println!("{mib} MiB in frames of {} KiB, {} processors", FRAME / 1024, many.executor.width());
    bulk("one processor", &one, pieces);
    if many.executor.width() > 1 {
        bulk("all processors", &many, pieces);
        println!("  bare AEAD on all of them at once {:.1} % of it", 100.0 * bare_everywhere(&many, pieces));
    }
    small(&many);
}

fn keyring(provider: &Provider) -> Arc<RawAesKeyring> {
    Arc::new(RawAesKeyring::new(provider, "bench", "key", &Secret::from(vec![7; 32])).expect("a keyring"))
}

/// The bare AEAD: every frame of `pieces` pieces, prepared key, in place.
fn bare(provider: &Provider, data: &mut [u8], pieces: usize) -> Duration {
    let key = provider.aead.key(&[7; 32]).expect("a key");
    let start = Instant::now();
    for _ in 0..pieces {
        for frame in data.chunks_mut(FRAME) {
            black_box(key.seal(&[1; 12], &[2; 79], frame).expect("sealed"));
        }
    }
    start.elapsed()
}

/// How much faster the bare AEAD is on all processors at once than on one: what this machine has to give.
fn bare_everywhere(provider: &Provider, pieces: usize) -> f64 {
    let width = provider.executor.width();
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let one = bare(provider, &mut vec![1; PIECE], pieces);
            let start = Instant::now();
            thread::scope(|scope| {
                for _ in 0..width {
                    scope.spawn(|| bare(provider, &mut vec![1; PIECE], pieces / width));
                }
            });
            one.as_secs_f64() / start.elapsed().as_secs_f64()
        })
        .collect();
    median(&mut ratios)
}

fn bulk(name: &str, provider: &Provider, pieces: usize) {
    let client = EncryptionClient::new(provider.clone());
    let keyring = keyring(provider);
    let plaintext = vec![1; PIECE];
    let mut data = plaintext.clone();
    let (mut message, mut output) = (Vec::new(), Vec::new());
    let (mut encrypted, mut decrypted, mut bares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = bare(provider, &mut data, pieces);

        let mut encryptor = client.encryptor(&keyring, EncryptOptions::default()).expect("an encryptor");
        let start = Instant::now();
        for _ in 0..pieces {
            grow(&mut output, encryptor.update_length(PIECE));
            black_box(encryptor.update(&plaintext, &mut output).expect("encrypted"));
        }
        black_box(encryptor.finish().expect("the end"));
        let encrypt = start.elapsed();

        // One frame more than a piece, so that each piece of it gives a piece of plaintext; the message is made piece by
        // piece outside of the clock, for it must not be kept.
        let mut encryptor = client.encryptor(&keyring, EncryptOptions::default()).expect("an encryptor");
        let mut decryptor = client.decryptor(keyring.clone(), DecryptOptions::default());
        let mut decrypt = Duration::ZERO;
        for number in 0..=pieces {
            let length = if number < pieces {
                grow(&mut message, encryptor.update_length(PIECE));
                encryptor.update(&plaintext, &mut message).expect("encrypted")
            } else {
                message = encryptor.finish().expect("the end");
                message.len()
            };
            grow(&mut output, decryptor.update_length(length));
            let start = Instant::now();
            black_box(decryptor.update(&message[..length], &mut output).expect("decrypted"));
            decrypt += start.elapsed();
        }
        decryptor.finish().expect("the end");

        bares.push(rate(pieces, bare));
        encrypted.push(bare.as_secs_f64() / encrypt.as_secs_f64());
        decrypted.push(bare.as_secs_f64() / decrypt.as_secs_f64());
    }
    println!("\n{name}: bare AEAD {:.2} GB/s", median(&mut bares));
    println!("  encrypt {:>5.1} % of it", 100.0 * median(&mut encrypted));
    println!("  decrypt {:>5.1} % of it", 100.0 * median(&mut decrypted));
    println!("  peak memory of this process {} MiB", peak_mib());
}

fn grow(buffer: &mut Vec<u8>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn rate(pieces: usize, time: Duration) -> f64 {
    (pieces * PIECE) as f64 / 1e9 / time.as_secs_f64()
}

fn small(provider: &Provider) {
    let keyring = keyring(provider);
    println!("\n1 KiB, raw AES keyring, beside the sum of its primitives");
    for suite in [AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256] {
        let client = EncryptionClient::new(provider.clone()).commitment_policy(if suite.is_committing() {
            CommitmentPolicy::RequireEncryptRequireDecrypt
        } else {
            CommitmentPolicy::ForbidEncryptAllowDecrypt
        });
        let options = || EncryptOptions { algorithm_suite: Some(suite), ..Default::default() };
        let plaintext = [1; 1024];
        let message = client.encrypt(&keyring, options(), &plaintext).expect("a message").message;
        let (mut encrypted, mut decrypted) = (Vec::new(), Vec::new());
        let (mut sums, mut times) = (Vec::new(), Vec::new());
        for _ in 0..SMALL_ROUNDS {
            let encrypt_sum = time(|| primitives(provider, suite, true));
            let decrypt_sum = time(|| primitives(provider, suite, false));
            let encrypt = time(|| {
                black_box(client.encrypt(&keyring, options(), black_box(&plaintext)).expect("a message"));
            });
            let decrypt = time(|| {
                black_box(client.decrypt(&keyring, DecryptOptions::default(), black_box(&message)).ok());
            });
            encrypted.push(encrypt / encrypt_sum);
            decrypted.push(decrypt / decrypt_sum);
            sums.push(encrypt_sum);
            times.push(encrypt);
        }
        println!(
            "  {suite}\n    encrypt {:.2} times ({:.2} of {:.2} us), decrypt {:.2} times",
            median(&mut encrypted),
            median(&mut times) * 1e6,
            median(&mut sums) * 1e6,
            median(&mut decrypted)
        );
    }
}

/// What a message of 1 KiB cannot do without: random bytes, wrapping, derivation, the header's tag, the frame.
fn primitives(provider: &Provider, suite: AlgorithmSuite, encrypting: bool) {
    thread_local! {
        static WRAPPING: std::cell::OnceCell<Box<dyn pocketkms::AeadKey>> = const { std::cell::OnceCell::new() };
    }
    let mut data = [1; 1024];
    let mut data_key = [7; 32];
    let nonce = [0; 12];
    if encrypting {
        let mut random = [0; 32 + 32 + 12];
        // Data key, message id and IV come from three calls, for they are needed in three places.
        for part in [0..32, 32..64, 64..76] {
            provider.random.fill(&mut random[part]).expect("random");
        }
        black_box(random);
    }
    WRAPPING.with(|key| {
        let key = key.get_or_init(|| provider.aead.key(&[9; 32]).expect("a key"));
        black_box(key.seal(&nonce, &[], &mut data_key).expect("wrapped"));
    });
    let mut key = [0; 32];
    if suite.is_committing() {
        for info in [b"DERIVEKEY\x04\x78", b"COMMITKEY\x04\x78"] {
            provider.kdf.hkdf(Hash::Sha512, &data_key, &[3; 32], info, &mut key).expect("derived");
        }
    } else {
        provider.kdf.hkdf(Hash::Sha256, &data_key, &[], &[3; 18], &mut key).expect("derived");
    }
    let key = provider.aead.key(&key).expect("a key");
    black_box(key.seal(&nonce, &[4; 150], &mut []).expect("tag"));
    black_box(key.seal(&nonce, &[5; 79], &mut data).expect("frame"));
}

/// Seconds for one call.
fn time(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..SMALL_REPEATS {
        call();
    }
    start.elapsed().as_secs_f64() / f64::from(SMALL_REPEATS)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What Linux says about the most memory that this process ever had; 0 elsewhere.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
