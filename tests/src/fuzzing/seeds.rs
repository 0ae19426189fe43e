//! What the corpora of a vault begin with. It follows from the vault that the fuzzers attack, and changes with its formats.

use super::scene::{Scene, builder};
use crate::vault::root;
use pocketkms::api::{CreateKeyRequest, EncryptRequest};

/// A target, the name of a file, and its bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// Of the targets `blob`, `record` and `snapshot`.
pub fn seeds() -> Vec<Seed> {
    let scene = Scene::new();
    let seeds = [("blob", blobs(&scene)), ("record", records(&scene)), ("snapshot", snapshots(&scene))];
    seeds
        .into_iter()
        .flat_map(|(target, seeds)| seeds.into_iter().map(move |(name, data)| (target, name, data)))
        .collect()
}

fn altered(data: &[u8], at: usize) -> Vec<u8> {
    let mut data = data.to_vec();
    data[at] ^= 0xff;
    data
}

fn blobs(scene: &Scene) -> Vec<(String, Vec<u8>)> {
    let encrypted = |length: usize| {
        let (key_id, plaintext) = (scene.key.key_id.clone(), vec![b'x'; length].into());
        let request = EncryptRequest { key_id, plaintext, ..Default::default() };
        scene.vault.client().encrypt(request).expect("a ciphertext").ciphertext_blob.to_vec()
    };
    let whole = &scene.blob;
    let seeds = [
        ("whole", whole.clone()),
        ("one", encrypted(1)),
        ("long", encrypted(4096)),
        ("empty", Vec::new()),
        ("truncated", whole[..whole.len() / 2].to_vec()),
        ("version", altered(whole, 1)),
        ("other-key", altered(whole, 2)),
        ("other-material", altered(whole, 18)),
        ("salt", altered(whole, 34)),
    ];
    seeds.map(|(name, data)| (name.to_owned(), data)).into()
}

/// The first byte says which record it is for.
fn records(scene: &Scene) -> Vec<(String, Vec<u8>)> {
    let records = scene.store.records();
    let mut seeds = Vec::new();
    for (number, record) in (0_u8..).zip(&records) {
        let kind = record.name.split('/').next().unwrap_or_default();
        let seed = |of: u8, value: &[u8]| [&[of], value].concat();
        let value = record.value.as_bytes();
        seeds.push((format!("{kind}-{number}"), seed(number, value)));
        if matches!(kind, "generation" | "key" | "vault") {
            seeds.push((format!("{kind}-{number}-cut"), seed(number, &value[..value.len() - 3])));
            seeds.push((format!("{kind}-{number}-as-another"), seed(number + 1, value)));
        }
    }
    seeds.push(("nothing".to_owned(), vec![0]));
    seeds
}

fn snapshots(scene: &Scene) -> Vec<(String, Vec<u8>)> {
    let whole = scene.vault.snapshot().expect("a snapshot");
    let other = builder().create_in_memory(&root()).expect("a vault");
    let empty = other.snapshot().expect("a snapshot");
    other.client().create_key(CreateKeyRequest::default()).expect("a key");
    let seeds = [
        ("one-key", other.snapshot().expect("a snapshot")),
        ("empty", empty),
        ("longer", [&*whole, &[0]].concat()),
        ("truncated", whole[..whole.len() - 20].to_vec()),
        ("header-only", whole[..40].to_vec()),
        ("nothing", Vec::new()),
        ("whole", whole),
    ];
    seeds.map(|(name, data)| (name.to_owned(), data)).into()
}
