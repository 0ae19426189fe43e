//! Randomness: where it fails, the operation fails, nothing is changed and no one panics; where a process forks, the two
//! do not repeat each other.

use pocketkms::{
    ErrorKind, ManualClock, Result, Vault,
    api::*,
    keys::{DataKeyPairSpec, DataKeySpec},
};
use pocketkms_tests::{
    random::{Failing, Failure},
    store::Shared,
    vault::{Opened, START, create_key, decrypt, describe, encrypt, error, root, root_of},
};

struct Scene {
    kms: Opened,
    clock: ManualClock,
    random: Failing,
    store: Shared,
    key: String,
    blob: Blob,
}

fn scene() -> Scene {
    let (random, store, clock) = (Failing::new(), Shared::new(), ManualClock::new(START));
    let builder = Vault::builder().clock(clock.clone()).provider(random.provider());
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    // So that no other call draws ids for its event.
    kms.vault.flush_audit().unwrap();
    Scene { kms, clock, random, store, key, blob }
}

/// A rotation changes the store before it fails: it is set up in the same call.
const DUE: &str = "a rotation that is due";
/// Of several commits, each of which leaves a vault that works.
const STEPS: &str = "another vault key";

/// What needs randomness.
type Case = (&'static str, fn(&Scene) -> Result<()>);

const CASES: [Case; 14] = [
    ("CreateKey", |scene| scene.kms.create_key(CreateKeyRequest::default()).map(drop)),
    ("Encrypt", |scene| {
        let request = EncryptRequest { key_id: scene.key.clone(), plaintext: vec![1].into(), ..Default::default() };
        scene.kms.encrypt(request).map(drop)
    }),
    ("ReEncrypt", |scene| {
        let request = ReEncryptRequest {
            ciphertext_blob: Some(scene.blob.clone()),
            source_encryption_context: Some(pocketkms_tests::vault::context()),
            destination_key_id: scene.key.clone(),
            ..Default::default()
        };
        scene.kms.re_encrypt(request).map(drop)
    }),
    ("GenerateDataKey", |scene| {
        let (key_id, key_spec) = (scene.key.clone(), Some(DataKeySpec::Aes256));
        scene.kms.generate_data_key(GenerateDataKeyRequest { key_id, key_spec, ..Default::default() }).map(drop)
    }),
    ("GenerateDataKeyWithoutPlaintext", |scene| {
        let (key_id, key_spec) = (scene.key.clone(), Some(DataKeySpec::Aes256));
        let request = GenerateDataKeyWithoutPlaintextRequest { key_id, key_spec, ..Default::default() };
        scene.kms.generate_data_key_without_plaintext(request).map(drop)
    }),
    ("GenerateDataKeyPair", |scene| {
        let request = GenerateDataKeyPairRequest {
            encryption_context: None,
            key_id: scene.key.clone(),
            key_pair_spec: DataKeyPairSpec::EccNistP256,
            grant_tokens: None,
            recipient: None,
            dry_run: None,
        };
        scene.kms.generate_data_key_pair(request).map(drop)
    }),
    ("GenerateDataKeyPairWithoutPlaintext", |scene| {
        let request = GenerateDataKeyPairWithoutPlaintextRequest {
            encryption_context: None,
            key_id: scene.key.clone(),
            key_pair_spec: DataKeyPairSpec::EccNistP521,
            grant_tokens: None,
            dry_run: None,
        };
        scene.kms.generate_data_key_pair_without_plaintext(request).map(drop)
    }),
    ("GenerateRandom", |scene| {
        let request = GenerateRandomRequest { number_of_bytes: Some(32), ..Default::default() };
        scene.kms.generate_random(request).map(drop)
    }),
    ("RotateKeyOnDemand", |scene| {
        scene.kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: scene.key.clone() }).map(drop)
    }),
    ("ScheduleKeyDeletion", |scene| {
        let request = ScheduleKeyDeletionRequest { key_id: scene.key.clone(), pending_window_in_days: None };
        scene.kms.schedule_key_deletion(request).map(drop)
    }),
    (DUE, |scene| {
        let request = EnableKeyRotationRequest { key_id: scene.key.clone(), rotation_period_in_days: None };
        scene.random.spare(|| scene.kms.enable_key_rotation(request))?;
        scene.clock.advance_days(365);
        // Decrypting would go on without the rotation.
        let plaintext = b"kept".to_vec().into();
        scene.kms.encrypt(EncryptRequest { key_id: scene.key.clone(), plaintext, ..Default::default() }).map(drop)
    }),
    ("a snapshot", |scene| scene.kms.vault.snapshot().map(drop)),
    ("a root key less", |scene| {
        let id = scene.random.spare(|| scene.kms.vault.add_root_key(&root_of(8), "second"))?;
        scene.kms.vault.remove_root_key(&id)
    }),
    (STEPS, |scene| scene.kms.vault.rotate_vault_key(&[&root()])),
];

/// Fails at the first call, then at the second, and so on, until it was not asked that often. Says how often it was.
fn fails_at_each(name: &str, call: fn(&Scene) -> Result<()>, failure: fn(usize) -> Failure) -> usize {
    for asked in 0.. {
        let scene = scene();
        scene.random.plan(Some(failure(asked)));
        let before = scene.store.records();
        let Err(failure) = call(&scene) else { return asked };
        assert_eq!(failure.kind(), ErrorKind::Entropy, "{name}: {failure}");
        assert_eq!(failure.message(), "the source of randomness failed", "{name}");
        scene.random.plan(None);
        if ![DUE, STEPS, "a root key less"].contains(&name) {
            assert_eq!(scene.store.records(), before, "{name} failed at call {asked}, and changed something");
        }
        assert_eq!(decrypt(&scene.kms, &scene.blob).unwrap(), b"kept", "{name}");
        call(&scene).unwrap_or_else(|error| panic!("{name} does not recover: {error}"));
    }
    unreachable!("it is asked for ever")
}

#[test]
fn where_randomness_fails_nothing_is_changed() {
    for (name, call) in CASES {
        let (once, from) = (fails_at_each(name, call, Failure::At), fails_at_each(name, call, Failure::From));
        assert!(once > 0, "{name} did not ask for randomness");
        assert_eq!(once, from, "{name} goes on after a failure");
    }
}

#[test]
fn what_needs_no_randomness_goes_on_without() {
    let scene = scene();
    let kms = &scene.kms;
    scene.random.plan(Some(Failure::From(0)));
    assert_eq!(decrypt(kms, &scene.blob).unwrap(), b"kept");
    describe(kms, &scene.key);
    kms.list_keys(ListKeysRequest::default()).unwrap();
    kms.list_aliases(ListAliasesRequest::default()).unwrap();
    kms.list_key_rotations(ListKeyRotationsRequest { key_id: scene.key.clone(), ..Default::default() }).unwrap();
    let builder = || Vault::builder().provider(scene.random.provider());
    let reopened = Opened::from(builder().open(scene.store.clone(), &root()).unwrap());
    assert_eq!(decrypt(&reopened, &scene.blob).unwrap(), b"kept");
    assert_eq!(scene.random.calls(), 0);
}

#[test]
fn without_randomness_no_vault_is_made() {
    for passphrase in [false, true] {
        for asked in 0.. {
            let (random, store) = (Failing::new(), Shared::new());
            random.plan(Some(Failure::From(asked)));
            let root = if passphrase {
                let cost = pocketkms::Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };
                pocketkms::RootKey::from_passphrase_with_cost(b"passphrase".to_vec(), cost).unwrap()
            } else {
                root()
            };
            let made = Vault::builder().provider(random.provider()).create_in(store.clone(), &root);
            if made.is_ok() {
                assert!(asked >= 3, "a vault is made of an id, a key and a salt at least");
                break;
            }
            assert_eq!(error(made).kind(), ErrorKind::Entropy);
            assert_eq!(store.records(), []);
        }
    }
}

/// A generator in the process would go on with the same state on both sides of a fork.
#[cfg(unix)]
#[test]
fn a_forked_process_does_not_repeat_its_parent() {
    use std::io::Read;

    fn draw(scene: &Scene) -> Vec<u8> {
        let mut drawn = encrypt(&scene.kms, &scene.key, b"x").to_vec();
        let request = GenerateRandomRequest { number_of_bytes: Some(64), ..Default::default() };
        drawn.extend_from_slice(scene.kms.generate_random(request).unwrap().plaintext.expose());
        drawn
    }

    let scene = scene();
    // Whatever would be set up at the first use is set up before.
    draw(&scene);
    let (mut reader, writer) = std::io::pipe().unwrap();
    // SAFETY: the child uses nothing that another thread of the test could have locked: it draws, writes and goes.
    match unsafe { libc::fork() } {
        0 => {
            let drawn = draw(&scene);
            let written = std::io::Write::write_all(&mut &writer, &drawn);
            // SAFETY: ends the child at once, without the parent's destructors and output buffers.
            unsafe { libc::_exit(written.is_err().into()) }
        }
        child => {
            assert!(child > 0, "fork failed");
            drop(writer);
            let ours = draw(&scene);
            let mut theirs = Vec::new();
            reader.read_to_end(&mut theirs).unwrap();
            let mut status = 0;
            // SAFETY: waits for the child made above.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            assert_eq!(status, 0, "the child failed");
            assert_eq!(ours.len(), theirs.len());
            // The salt of the ciphertext, and the random bytes at the end.
            assert_ne!(ours[34..66], theirs[34..66]);
            let end = ours.len() - 64;
            assert_ne!(ours[end..], theirs[end..]);
        }
    }
}
