//! Sidecars: what is no sidecar of this message is refused; what is one opens it, with every way to decrypt.

use super::stored::{
    Script, decrypt, header, info, is_rewritable, keyring, message, plaintext, reader, rewrap, sidecar, spliced,
    with_sidecar, write_sidecar, writer,
};
use pocketkms::{
    ErrorKind, SystemClock,
    envelope::{
        AlgorithmSuite, CacheLimits, CachingMaterialsManager, CommitmentPolicy, DecryptOptions, DecryptReader,
        EncryptOptions, EncryptedDataKey, EncryptionClient, Keyring, Limits, MultiKeyring, RewrapOptions, Rewrapped,
        Transform, begins_like_message,
    },
};
use pocketkms_tests::vault::{error, explained, refused};
use std::{io::Read, sync::Arc};

const UNSIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256;
const COMMITTING: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
const SIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384;

/// Suites whose messages are rewrapped into a sidecar.
fn suites() -> impl Iterator<Item = AlgorithmSuite> {
    AlgorithmSuite::ALL.iter().copied().filter(|suite| !is_rewritable(*suite))
}

/// A message with a known id and data key, under the key of that name.
fn known(suite: AlgorithmSuite, key: &str, data_key: u8) -> Vec<u8> {
    let policy = if suite.is_committing() {
        CommitmentPolicy::RequireEncryptRequireDecrypt
    } else {
        CommitmentPolicy::ForbidEncryptAllowDecrypt
    };
    let id: &[u8] = if suite.is_committing() { &[9; 32] } else { &[9; 16] };
    let client = Script::of(&[&[1; 12], &[data_key; 32][..], id]).client(policy);
    let options = EncryptOptions { algorithm_suite: Some(suite), ..Default::default() };
    client.encrypt(&keyring(key), options, b"text").unwrap().message
}

/// Encrypted data keys in the format's encoding.
fn encode(keys: &[EncryptedDataKey]) -> Vec<u8> {
    let length = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    let mut bytes = length(keys.len()).to_vec();
    for EncryptedDataKey { provider_id, provider_info, ciphertext } in keys {
        for field in [provider_id.as_bytes(), provider_info, ciphertext] {
            bytes.extend([&length(field.len())[..], field].concat());
        }
    }
    bytes
}

#[test]
fn what_is_no_sidecar() {
    let message = message(COMMITTING, "old", 20);
    let whole = sidecar(rewrap("old", "new", &message));
    let invalid = |bytes: &[u8], words: &[&str]| {
        explained(decrypt("new", with_sidecar(bytes), &message), ErrorKind::InvalidMessage, words);
        explained(reader().inspect_sidecar(bytes), ErrorKind::InvalidMessage, words);
    };
    for cut in 0..whole.len() {
        invalid(&whole[..cut], &["truncated at byte"]);
    }
    invalid(&[&whole[..], &[0]].concat(), &["bytes follow the end"]);
    invalid(&message, &["no sidecar"]);
    let with_byte = |at: usize, byte: u8| {
        let mut altered = whole.clone();
        altered[at] = byte;
        altered
    };
    invalid(&with_byte(0, b'C'), &["no sidecar"]);
    invalid(&with_byte(2, 0xff), &["algorithm suite 0xff78 is unknown"]);
    let newer = reader().inspect_sidecar(&with_byte(1, 2));
    assert_eq!(error(newer).kind(), ErrorKind::UnsupportedVersion);
    assert_eq!(error(decrypt("new", with_sidecar(&with_byte(1, 2)), &message)).kind(), ErrorKind::UnsupportedVersion);
}

#[test]
fn any_altered_bit_is_refused() {
    for suite in [COMMITTING, SIGNED, AlgorithmSuite::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256] {
        let message = message(suite, "old", 20);
        let whole = sidecar(rewrap("old", "new", &message));
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut altered = whole.clone();
                altered[at] ^= 1 << bit;
                error(decrypt("new", with_sidecar(&altered), &message));
            }
        }
    }
}

/// Beside a sidecar the message's own encrypted data keys do not count.
#[test]
fn the_keys_of_the_message_are_not_a_second_chance() {
    for suite in suites() {
        let message = message(suite, "old", 20);
        let sidecar = sidecar(rewrap("old", "new", &message));
        refused(decrypt("old", with_sidecar(&sidecar), &message), ErrorKind::UnableToDecryptDataKey, "");
        refused(decrypt("new", DecryptOptions::default(), &message), ErrorKind::UnableToDecryptDataKey, "");
    }
}

/// What removal and replay achieve, as docs/formats.md says: the keys of that time count again, and nothing else.
#[test]
fn a_sidecar_removed_or_replayed() {
    for suite in suites() {
        let message = message(suite, "0", 20);
        let first = sidecar(rewrap("0", "1", &message));
        let options = RewrapOptions { decrypt: with_sidecar(&first), ..Default::default() };
        let second = sidecar(reader().rewrap(&keyring("1"), &keyring("2"), &options, header(&message)).unwrap());
        for (key, options) in
            [("0", DecryptOptions::default()), ("1", with_sidecar(&first)), ("2", with_sidecar(&second))]
        {
            assert_eq!(decrypt(key, options, &message).unwrap().plaintext.expose(), plaintext(20));
        }
    }
}

#[test]
fn a_sidecar_of_another_message() {
    for suite in AlgorithmSuite::ALL {
        let (one, other) = (message(*suite, "old", 20), message(*suite, "old", 20));
        let options = RewrapOptions { sidecar_only: true, ..Default::default() };
        let of =
            |message: &[u8]| sidecar(reader().rewrap(&keyring("old"), &keyring("new"), &options, message).unwrap());
        decrypt("new", with_sidecar(&of(&one)), &one).unwrap();
        explained(decrypt("new", with_sidecar(&of(&other)), &one), ErrorKind::InvalidMessage, &["another message"]);
        // Rewrapping does not take it either.
        let options = RewrapOptions { decrypt: with_sidecar(&of(&other)), ..Default::default() };
        let result = reader().rewrap(&keyring("new"), &keyring("newer"), &options, &one);
        explained(result, ErrorKind::InvalidMessage, &["another message"]);
        let needs = reader().needs_rewrap(&keyring("new"), &one, Some(&of(&other)));
        explained(needs, ErrorKind::InvalidMessage, &["another message"]);
    }
}

/// Two messages with the same id: by chance, or because someone made the second from the first.
#[test]
fn a_sidecar_of_the_same_id_and_another_commitment_or_header() {
    for suite in [COMMITTING, UNSIGNED] {
        let (one, other) = (known(suite, "old", 1), known(suite, "old", 2));
        assert_eq!(info(&one).header.message_id, info(&other).header.message_id);
        let options = RewrapOptions { sidecar_only: true, ..Default::default() };
        let foreign = sidecar(reader().rewrap(&keyring("old"), &keyring("new"), &options, &other).unwrap());
        explained(decrypt("new", with_sidecar(&foreign), &one), ErrorKind::InvalidMessage, &["another message"]);
    }
    // A header of version 1 that was rewritten is another header: its sidecar is over.
    let options = RewrapOptions { sidecar_only: true, ..Default::default() };
    let message = known(UNSIGNED, "old", 1);
    let before = sidecar(reader().rewrap(&keyring("old"), &keyring("new"), &options, &message).unwrap());
    let rewritten = spliced(rewrap("old", "new", &message), &message);
    explained(decrypt("new", with_sidecar(&before), &rewritten), ErrorKind::InvalidMessage, &["another header"]);
}

#[test]
fn swapped_suites() {
    let message = known(COMMITTING, "old", 1);
    let header = info(&message).header;
    let binding = header.commitment.unwrap();
    let keys = encode(&header.encrypted_data_keys);
    let right = write_sidecar(COMMITTING.id(), &header.message_id, &binding, &keys, &[1; 32]);
    decrypt("old", with_sidecar(&right), &message).unwrap();
    // Made for the other suite with the same id, commitment and data key; and the tag of the one with the suite of the other.
    let other = write_sidecar(SIGNED.id(), &header.message_id, &binding, &keys, &[1; 32]);
    explained(decrypt("old", with_sidecar(&other), &message), ErrorKind::InvalidMessage, &["another message"]);
    let mut mixed = other;
    mixed[2..4].copy_from_slice(&COMMITTING.id().to_be_bytes());
    explained(decrypt("old", with_sidecar(&mixed), &message), ErrorKind::InvalidMessage, &["altered"]);
}

/// Someone who may encrypt for the reader, but has not the message's data key, puts a data key of their own beside it.
#[test]
fn a_sidecar_with_another_data_key() {
    for suite in [COMMITTING, UNSIGNED] {
        let message = known(suite, "old", 1);
        let header = info(&message).header;
        let foreign = info(&known(suite, "attacker", 2)).header.encrypted_data_keys;
        let binding = header.commitment.unwrap_or_else(|| {
            let options = RewrapOptions { sidecar_only: true, ..Default::default() };
            let own = reader().rewrap(&keyring("old"), &keyring("new"), &options, &message).unwrap();
            sidecar(own)[20..52].to_vec()
        });
        let keys = encode(&foreign);
        let both: Vec<Arc<dyn Keyring>> = vec![Arc::new(keyring("old")), Arc::new(keyring("attacker"))];
        let trusting = MultiKeyring::new(None, both).unwrap();
        // Its tag made with their own data key: the message's commitment, or its header's tag, does not match.
        let own = write_sidecar(suite.id(), &header.message_id, &binding, &keys, &[2; 32]);
        let result = reader().decrypt(&trusting, with_sidecar(&own), &message);
        let reason = if suite.is_committing() { "another data key" } else { "header was altered" };
        explained(result, ErrorKind::InvalidMessage, &[reason]);
        // The right data key in other hands: the tag cannot be made without it.
        let moved = info(&known(suite, "attacker", 1)).header.encrypted_data_keys;
        let forged = write_sidecar(suite.id(), &header.message_id, &binding, &encode(&moved), &[3; 32]);
        let result = reader().decrypt(&trusting, with_sidecar(&forged), &message);
        explained(result, ErrorKind::InvalidMessage, &["sidecar was altered"]);
    }
}

#[test]
fn the_limit_on_data_keys_holds() {
    let message = known(COMMITTING, "old", 1);
    let header = info(&message).header;
    let binding = header.commitment.unwrap();
    let keys = vec![header.encrypted_data_keys[0].clone(); 3];
    let three = write_sidecar(COMMITTING.id(), &header.message_id, &binding, &encode(&keys), &[1; 32]);
    let client =
        |most| EncryptionClient::default().limits(Limits { max_encrypted_data_keys: most, ..Default::default() });
    let options = || with_sidecar(&three);
    assert_eq!(error(client(2).decrypt(&keyring("old"), options(), &message)).kind(), ErrorKind::LimitExceeded);
    assert_eq!(error(client(2).inspect_sidecar(&three)).kind(), ErrorKind::LimitExceeded);
    client(3).decrypt(&keyring("old"), options(), &message).unwrap();
    // A claim alone, before anything of it has come.
    let claim = [b"S\x01", &COMMITTING.id().to_be_bytes()[..], &header.message_id, &binding, &[0xff, 0xff]].concat();
    assert_eq!(error(client(100).inspect_sidecar(&claim)).kind(), ErrorKind::LimitExceeded);
    let none = write_sidecar(COMMITTING.id(), &header.message_id, &binding, &[0, 0], &[1; 32]);
    explained(client(3).inspect_sidecar(&none), ErrorKind::InvalidMessage, &["no encrypted data key"]);
}

/// What this library writes is what the page says.
#[test]
fn the_bytes_are_those_of_the_page() {
    let message = known(COMMITTING, "old", 1);
    let header = info(&message).header;
    let made = sidecar(rewrap("old", "new", &message));
    let info = reader().inspect_sidecar(&made).unwrap();
    assert_eq!((info.algorithm_suite, &info.message_id), (COMMITTING, &header.message_id));
    assert_eq!(info.wrapping_keys[0].key_name, "new");
    let keys = encode(&info.encrypted_data_keys);
    let binding = header.commitment.unwrap();
    assert_eq!(made, write_sidecar(COMMITTING.id(), &header.message_id, &binding, &keys, &[1; 32]));
}

#[test]
fn every_call_takes_it() {
    for suite in suites() {
        let message = message(suite, "old", 100);
        let sidecar = sidecar(rewrap("old", "new", &message));
        let options = || with_sidecar(&sidecar);
        let new: Arc<dyn Keyring> = Arc::new(keyring("new"));
        // Piece by piece.
        let mut decryptor = reader().decryptor(Arc::new(new.clone()), options());
        let mut decrypted = Vec::new();
        for piece in message.chunks(7) {
            decrypted.extend(decryptor.update_vec(piece).unwrap());
        }
        decryptor.finish().unwrap();
        assert_eq!(decrypted, plaintext(100));
        assert_eq!(decryptor.header(), Some(&info(&message).header));
        // Over std::io, through a cache.
        let cache = CachingMaterialsManager::new(new, Arc::new(SystemClock), CacheLimits::default()).unwrap();
        let cache = Arc::new(cache);
        for _ in 0..2 {
            let mut decrypted = Vec::new();
            let decryptor = reader().decryptor(cache.clone(), options());
            DecryptReader::new(decryptor, &message[..]).read_to_end(&mut decrypted).unwrap();
            assert_eq!(decrypted, plaintext(100));
        }
        let without = reader().decrypt(&*cache, DecryptOptions::default(), &message);
        refused(without, ErrorKind::UnableToDecryptDataKey, "");
        // With the materials from elsewhere.
        let mut decryptor = reader().decryptor_without_materials(options());
        decryptor.update_vec(&message).unwrap();
        let request = decryptor.materials_request().unwrap();
        assert_eq!(request.encrypted_data_keys[0].wrapping_key().key_name, "new");
    }
}

/// A message with a sidecar gets a new sidecar, whatever its suite: a new header would not be the old sidecar's.
#[test]
fn rewrapping_again() {
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "0", 20);
        let options = RewrapOptions { sidecar_only: true, ..Default::default() };
        let mut kept = sidecar(reader().rewrap(&keyring("0"), &keyring("1"), &options, header(&message)).unwrap());
        for round in 1..4 {
            let (old, new) = (keyring(&round.to_string()), keyring(&(round + 1).to_string()));
            let options = RewrapOptions { decrypt: with_sidecar(&kept), ..Default::default() };
            let rewrapped = reader().rewrap(&old, &new, &options, header(&message)).unwrap();
            assert!(matches!(rewrapped, Rewrapped::Sidecar(_)));
            kept = sidecar(rewrapped);
        }
        decrypt("4", with_sidecar(&kept), &message).unwrap();
        refused(decrypt("0", with_sidecar(&kept), &message), ErrorKind::UnableToDecryptDataKey, "");
        // Anyone who may use the first key could always decrypt the message as it is, and still can.
        writer(suite).decrypt(&keyring("0"), DecryptOptions::default(), &message).unwrap();
    }
}

#[test]
fn what_belongs_to_a_message_is_told_without_its_data_key() {
    for suite in suites() {
        let (own, other) = (message(suite, "old", 20), message(suite, "old", 20));
        let whole = sidecar(rewrap("old", "new", &own));
        assert!(reader().sidecar_belongs(&own, &whole).unwrap());
        assert!(!reader().sidecar_belongs(&other, &whole).unwrap());
        explained(reader().sidecar_belongs(&own[..30], &whole), ErrorKind::InvalidMessage, &["ends"]);
        explained(reader().sidecar_belongs(&own, &whole[..30]), ErrorKind::InvalidMessage, &["truncated"]);
    }
}

#[test]
fn what_begins_like_a_message() {
    for suite in AlgorithmSuite::ALL {
        let whole = message(*suite, "old", 20);
        assert!((1..8).all(|length| begins_like_message(&whole[..length])));
        let info = if suite.is_committing() { 3 } else { 4 };
        assert!((0..info).all(|at| {
            let mut altered = whole.clone();
            altered[at] ^= 0x20;
            !begins_like_message(&altered)
        }));
    }
    let others = [&b""[..], b"PKMSSNAP\x00\x01", b"a text", b"\x02", b"\x01\x80", b"\x01\x80\x04\x78", b"\x02\x01\x78"];
    assert_eq!(others.map(begins_like_message), [false, false, false, true, true, false, false]);
}
