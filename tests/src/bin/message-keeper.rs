//! A process with messages under way, for tests/secrecy to search.
//!
//! Its argument is the name of the provider. Data key, wrapping key and plaintext follow from a seed, and are written
//! right to where the library takes them over.

use pocketkms::{
    ManualClock, Provider, Result, Secret, Timestamp,
    envelope::{
        AlgorithmSuite, Attempts, CacheLimits, CachingMaterialsManager, DecryptOptions, DecryptReader,
        DecryptionMaterials, EncryptOptions, EncryptWriter, EncryptedDataKey, EncryptionClient, EncryptionMaterials,
        Keyring, MultiKeyring, Purpose, RangeOptions, RawAesKeyring, RewrapOptions, Transform,
    },
};
use pocketkms_tests::{
    esdk::{fixed, layout::Layout},
    providers,
    secrets::{Given, MESSAGE, checkpoint, secret},
};
use std::{
    io::{Read, Write},
    sync::Arc,
};

const FRAME_LENGTH: u32 = 512;

/// Gives the data key of the seed.
struct Seeded;

impl Keyring for Seeded {
    fn on_encrypt(&self, _: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        materials.add_encrypted_data_key(EncryptedDataKey {
            provider_id: "seed".into(),
            provider_info: Vec::new(),
            ciphertext: Vec::new(),
        });
        materials.set_data_key(secret(Given::DataKey))
    }

    fn on_decrypt(&self, _: &Provider, _: &mut DecryptionMaterials, _: &mut Attempts<'_>) -> Result<()> {
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        Ok(Some(b"seed".to_vec()))
    }
}

fn options(suite: AlgorithmSuite) -> EncryptOptions {
    EncryptOptions { algorithm_suite: Some(suite), frame_length: Some(FRAME_LENGTH), ..Default::default() }
}

fn main() {
    let name = std::env::args().nth(1).expect("the provider's name");
    let (_, provider) = providers::all().into_iter().find(|(known, _)| *known == name).expect("a known provider");
    let wrapping: Arc<dyn Keyring> = {
        let key = secret(Given::AeadKey(32));
        Arc::new(RawAesKeyring::new(&provider, "test", "key", &key).expect("a wrapping key"))
    };
    let keyring: Arc<dyn Keyring> =
        Arc::new(MultiKeyring::new(Some(Arc::new(Seeded)), vec![Arc::clone(&wrapping)]).expect("two keyrings"));
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
    let cache = CachingMaterialsManager::new(Arc::clone(&keyring), clock, CacheLimits::default()).expect("a cache");

    let mut messages = Vec::new();
    let mut open = Vec::new();
    for suite in fixed::WITHOUT_SIGNATURE {
        let client = EncryptionClient::new(provider.clone()).commitment_policy(fixed::policy(suite));
        let plaintext = secret(MESSAGE);
        let encrypted = client.encrypt(&cache, options(suite), plaintext.expose()).expect("a message");

        // Streams under way, that hold a part of a frame.
        let mut encryptor = client.encryptor(&keyring, options(suite)).expect("a stream");
        let mut out = vec![0; encryptor.update_length(plaintext.len())];
        encryptor.update(plaintext.expose(), &mut out).expect("frames");
        messages.push(out);
        let mut decryptor = client.decryptor(Arc::new(Arc::clone(&keyring)), DecryptOptions::default());
        let mut half = Secret::zeroed(encrypted.message.len());
        decryptor.update(&encrypted.message[..2000], half.expose_mut()).expect("frames");

        let through_files = read_and_write(&client, &keyring, suite, &plaintext);
        let refused = altered(&client, &keyring, &encrypted.message);
        let ranges =
            client.range_reader(&keyring, &RangeOptions::default(), &encrypted.message).expect("a range reader");
        let range = 700..1500;
        let located = ranges.locate(&range).expect("a range");
        let [start, end] = [located.start, located.end].map(|at| usize::try_from(at).expect("a short message"));
        let part = ranges.open(&range, &encrypted.message[start..end]).expect("a part").plaintext;
        let rewrapped = client
            .rewrap(&keyring, &*wrapping, &RewrapOptions::default(), &encrypted.message)
            .expect("a header or a sidecar");
        let decrypted = client.decrypt(&cache, DecryptOptions::default(), &encrypted.message).expect("the plaintext");
        messages.push(encrypted.message);
        open.push((plaintext, encryptor, decryptor, half, through_files, refused, ranges, part, rewrapped, decrypted));
    }

    // Everything is in use.
    checkpoint(&messages.iter().map(Vec::as_slice).collect::<Vec<_>>());

    // The streams and their plaintexts are gone; keyrings and cache are there.
    drop(open);
    checkpoint(&[]);

    // Nothing is in use.
    drop((cache, keyring, wrapping));
    checkpoint(&[]);
}

/// Through `std::io`, and back.
fn read_and_write(
    client: &EncryptionClient,
    keyring: &Arc<dyn Keyring>,
    suite: AlgorithmSuite,
    plaintext: &Secret,
) -> Secret {
    let encryptor = client.encryptor(keyring, options(suite)).expect("a stream");
    let mut writer = EncryptWriter::new(encryptor, Vec::new());
    writer.write_all(plaintext.expose()).expect("frames");
    let message = writer.finish().expect("a message");
    let decryptor = client.decryptor(Arc::new(Arc::clone(keyring)), DecryptOptions::default());
    let mut read = Secret::zeroed(plaintext.len());
    DecryptReader::new(decryptor, &message[..]).read_exact(read.expose_mut()).expect("the plaintext");
    assert!(read.constant_time_eq(plaintext));
    read
}

/// What fails to decrypt leaves nothing behind either, be it at the front, in the middle or at the end.
fn altered(client: &EncryptionClient, keyring: &Arc<dyn Keyring>, message: &[u8]) -> Vec<Vec<u8>> {
    let layout = Layout::of(message);
    let places = [layout.header_end() - 1, layout.frames[3].end - 1, message.len() - 1];
    let alter = |place: usize| {
        let mut altered = message.to_vec();
        altered[place] ^= 1;
        assert!(client.decrypt(keyring, DecryptOptions::default(), &altered).is_err());
        let mut decryptor = client.decryptor(Arc::new(Arc::clone(keyring)), DecryptOptions::default());
        let mut out = vec![0; altered.len()];
        assert!(decryptor.update(&altered, &mut out).is_err());
        out
    };
    places.into_iter().map(alter).collect()
}
