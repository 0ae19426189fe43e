//! What a vault computes with: the root key, the vault key, the key materials, the keys derived from each for each
//! message, and the prepared HMAC states, which are as good as the keys that they were made from.

use crate::{Kind, Needle, rsa};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{Argon2Cost, Hash, Provider, Secret};
use pocketkms_tests::{
    format::{self, Snapshot, Wrap},
    secrets::{Given, secret},
};

/// The first bytes of the materials that do not encrypt (docs/formats.md, "Key materials").
const HMAC: u8 = 2;
const CURVE: u8 = 3;
const RSA: u8 = 4;
const EDWARDS: u8 = 5;
const ML_DSA: u8 = 6;
const ML_KEM: u8 = 7;
const SM2: u8 = 8;

/// What every secret of the keeper is, computed from what is public and what it was given.
pub(crate) fn needles(passphrase: bool, public: &[Vec<u8>]) -> Vec<Needle> {
    let mut needles = Vec::new();
    let mut add = |kind, name: &str, bytes: &[u8]| {
        needles.push(Needle::new(kind, name, bytes));
    };
    let given = |given: Given| secret(given).expose().to_vec();
    let [answers @ .., cached, snapshot, recovery] = public else {
        unreachable!("the keeper gives five blobs, a snapshot and a recovery key")
    };
    add(Kind::Answer, "recovery key", recovery);

    let prefix = format::prefix_length(snapshot);
    let header = &snapshot[30..prefix];
    let wrap = Wrap::read(header);
    let root: [u8; 32] = if passphrase {
        let passphrase = given(Given::Passphrase);
        add(Kind::Root, "passphrase", &passphrase);
        let number = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().expect("4 bytes"));
        let at = wrap.parameters.start;
        let cost = Argon2Cost { memory_kib: number(at), passes: number(at + 4), lanes: number(at + 8) };
        let salt = header[at + 12..at + 28].try_into().expect("16 bytes");
        let root = *Provider::default().argon2id(&Secret::copy_of(&passphrase), salt, cost).expect("a cost").expose();
        add(Kind::Passing, "root key made of the passphrase", &root);
        for (number, block) in argon2_memory(&passphrase, salt, cost).iter().enumerate() {
            let bytes: Vec<_> = block.as_ref()[64..68].iter().flat_map(|word| word.to_ne_bytes()).collect();
            add(Kind::Passing, &format!("block {number} of Argon2id's memory"), &bytes);
        }
        root
    } else {
        let root: [u8; 32] = given(Given::Root).try_into().expect("32 bytes");
        add(Kind::Root, "root key", &root);
        root
    };
    add_prepared(&mut add, Kind::Passing, "root key", &root);
    // The handle keeps the wrapping key, to follow when another process rotates the vault key.
    let wrapping_key = wrap.wrapping_key(&root);
    add(Kind::Vault, "wrapping key", &wrapping_key);
    add_prepared(&mut add, Kind::Passing, "wrapping key", &wrapping_key);
    let salt = &header[wrap.sealed.start..wrap.sealed.start + 32];
    let key = format::derived(&wrapping_key, "PocketKMS Vault Key 1", salt, &wrap.authenticated);
    add(Kind::Passing, "key that seals the vault key", &key[..32]);

    let vault_key = format::vault_key(header, &root);
    add(Kind::Vault, "vault key", &vault_key);
    add_prepared(&mut add, Kind::Vault, "vault key", &vault_key);
    let key = message_key(&vault_key, "PocketKMS Snapshot 1", snapshot, prefix);
    add(Kind::Passing, "key that seals the snapshot", &key);

    let (mut materials, mut of_rsa, mut seeds) = (Vec::new(), Vec::new(), 0);
    for record in Snapshot::read(snapshot, &root).records() {
        let bytes = record.value.as_bytes();
        let aad = [&bytes[..6], &record.revision.to_be_bytes(), record.name.as_bytes()].concat();
        let key = format::derived(&vault_key, "PocketKMS Record 1", &bytes[6..38], &aad);
        add(Kind::Passing, &format!("key that seals {}", record.name), &key[..32]);
        if record.name.starts_with("material/") {
            // The first byte says what kind it is.
            let mut record_bytes = format::open_record(&vault_key, &record);
            let material = record_bytes.split_off(1);
            if record_bytes == [RSA] {
                of_rsa.extend(rsa::numbers(Kind::Material, &material));
                continue;
            }
            if matches!(record_bytes[..], [CURVE | EDWARDS | ML_DSA | ML_KEM | SM2]) {
                seeds += 1;
                add(Kind::Material, &record.name, &material);
                continue;
            }
            add(Kind::Passing, &record.name, &material);
            if record_bytes == [HMAC] {
                let mut mac = [0; 64];
                Provider::default().mac.key(Hash::Sha512, &material).mac(&[&given(Given::Forged)], &mut mac);
                add(Kind::Passing, "MAC of the forged message", &mac);
                continue;
            }
            add_prepared(&mut add, Kind::Material, &record.name, &material);
            materials.push(material);
        }
    }
    add(Kind::Passing, "signed digest", &given(Given::Digest));
    add(Kind::Vault, "password of a cluster", &given(Given::ClusterPassword));
    add(Kind::Vault, "secret key for a proxy", &given(Given::ProxySecretKey));
    assert_eq!(materials.len(), 4);

    // The cached data key stays for as long as the vault is open.
    for (blob, kind) in answers.iter().map(|blob| (blob, Kind::Answer)).chain([(cached, Kind::Vault)]) {
        let (header, sealed) = blob.split_at(34);
        let label = "PocketKMS CiphertextBlob 1";
        let mut opened = materials.iter().filter_map(|key| Some((key, format::open(key, label, header, sealed)?)));
        let (material, plaintext) = opened.next().expect("one of the materials");
        let length = plaintext.len();
        add(Kind::Passing, &format!("key of the message of {length} bytes"), &message_key(material, label, blob, 34));
        // Any part of it would be a leak: its beginning, a block in between, its end.
        for at in [0, 16, length - 16] {
            let part = &plaintext[at..at + 16];
            add(kind, &format!("bytes {at} to {} of {length} in the clear", at + 16), part);
            let keystream: Vec<_> = part.iter().zip(&sealed[64 + at..]).map(|(plain, sealed)| plain ^ sealed).collect();
            add(Kind::Passing, &format!("keystream of bytes {at} to {} of {length}", at + 16), &keystream);
        }
    }
    assert!(!of_rsa.is_empty() && seeds == 6, "a material of each kind");
    needles.extend(of_rsa);
    for plaintext in Given::PLAINTEXTS {
        assert!(needles.iter().any(|needle| needle.bytes == given(plaintext)[..16]), "{plaintext:?} is missing");
        // As the wire answers it.
        let text = BASE64_STANDARD.encode(&given(plaintext)[..48]);
        needles.push(Needle::new(Kind::Answer, format!("{plaintext:?} in base64"), text.as_bytes()));
    }
    needles
}

/// What Argon2id filled its memory with: who finds it is spared the cost of guessing.
fn argon2_memory(passphrase: &[u8], salt: &[u8], cost: Argon2Cost) -> Vec<Block> {
    let Argon2Cost { memory_kib, passes, lanes } = cost;
    let params = Params::new(memory_kib, passes, lanes, Some(32)).expect("a cost");
    let mut memory = vec![Block::default(); params.block_count()];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, &mut [0; 32], &mut memory)
        .expect("a key");
    memory
}

/// The key of a message whose seal begins at `at`, with everything before as its associated data.
fn message_key(key: &[u8], label: &str, message: &[u8], at: usize) -> Vec<u8> {
    format::derived(key, label, &message[at..at + 32], &message[..at])[..32].to_vec()
}

/// The two states of SHA-256 that a prepared HMAC key consists of, as they lie in memory.
fn add_prepared(add: &mut impl FnMut(Kind, &str, &[u8]), kind: Kind, name: &str, key: &[u8]) {
    const START: [u32; 8] =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    for (pad, which) in [(0x36, "inner"), (0x5c, "outer")] {
        let mut block = [pad; 64];
        block.iter_mut().zip(key).for_each(|(padded, byte)| *padded ^= byte);
        let mut state = START;
        sha2::block_api::compress256(&mut state, &[block]);
        add(kind, &format!("{name}, {which} state"), &state.map(u32::to_ne_bytes).concat());
        // The padded key itself; what follows is no secret.
        add(Kind::Passing, &format!("{name}, {which} padding"), &block[..32]);
    }
}
