//! Rewrapping: what it must never do, and that messages move between keys without their bodies.

use super::stored::{
    Script, decrypt, header, info, is_rewritable, keyring, message, plaintext, reader, rewrap, sidecar, spliced,
    with_sidecar, writer,
};
use pocketkms::{
    EncryptionContext, ErrorKind, Provider, Secret,
    api::{DisableKeyRequest, PutKeyPolicyRequest, RotateKeyOnDemandRequest},
    envelope::{
        AlgorithmSuite, Attempts, CommitmentPolicy, DecryptOptions, DecryptionMaterials, EncryptOptions,
        EncryptedDataKey, EncryptionClient, EncryptionMaterials, EncryptionMaterialsRequest, Inspection, Keyring,
        KmsKeyring, Limits, MaterialsManager, MultiKeyring, Purpose, RewrapOptions, Rewrapped, Transform,
    },
};
use pocketkms_tests::vault::{create_key, describe, error, explained, refused, vault};
use proptest::prelude::*;
use std::{collections::HashSet, sync::Arc};

const UNSIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256;
const COMMITTING: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;

fn options() -> RewrapOptions {
    RewrapOptions::default()
}

/// A destination that must not be asked.
struct Untouchable;

impl Keyring for Untouchable {
    fn on_encrypt(&self, _: &Provider, _: &mut EncryptionMaterials) -> pocketkms::Result<()> {
        panic!("a data key was handed out before it was verified")
    }
    fn on_decrypt(&self, _: &Provider, _: &mut DecryptionMaterials, _: &mut Attempts<'_>) -> pocketkms::Result<()> {
        unreachable!()
    }
    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> pocketkms::Result<Option<Vec<u8>>> {
        unreachable!()
    }
}

/// A destination that encrypts a data key of its own.
struct Impostor;

impl Keyring for Impostor {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> pocketkms::Result<()> {
        let request = EncryptionMaterialsRequest {
            algorithm_suite: materials.algorithm_suite(),
            encryption_context: EncryptionContext::default(),
            required_encryption_context_keys: Vec::new(),
            plaintext_length: None,
        };
        *materials = EncryptionMaterials::new(provider, request)?;
        keyring("new").on_encrypt(provider, materials)
    }
    fn on_decrypt(&self, _: &Provider, _: &mut DecryptionMaterials, _: &mut Attempts<'_>) -> pocketkms::Result<()> {
        unreachable!()
    }
    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> pocketkms::Result<Option<Vec<u8>>> {
        unreachable!()
    }
}

#[test]
fn an_altered_header_is_refused_before_the_destination_sees_the_data_key() {
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "old", 20);
        let header = header(&message);
        for at in 0..header.len() {
            for bit in [1, 0x80] {
                let mut altered = header.to_vec();
                altered[at] ^= bit;
                error(reader().rewrap(&keyring("old"), &Untouchable, &options(), &altered));
            }
        }
        for cut in 0..header.len() {
            let error = error(reader().rewrap(&keyring("old"), &Untouchable, &options(), &header[..cut]));
            assert_eq!(error.kind(), ErrorKind::InvalidMessage, "{error}");
        }
        let wrong = reader().rewrap(&keyring("other"), &Untouchable, &options(), header);
        refused(wrong, ErrorKind::UnableToDecryptDataKey, "");
    }
}

#[test]
fn the_policy_and_the_limits_hold() {
    let message = message(UNSIGNED, "old", 20);
    let result = EncryptionClient::default().rewrap(&keyring("old"), &Untouchable, &options(), &message);
    assert_eq!(error(result).kind(), ErrorKind::CommitmentPolicy);

    let limits = Limits { max_encrypted_data_keys: 1, ..Default::default() };
    let two = MultiKeyring::new(Some(Arc::new(keyring("new"))), vec![Arc::new(keyring("newer")) as Arc<dyn Keyring>])
        .unwrap();
    let result = reader().limits(limits).rewrap(&keyring("old"), &two, &options(), &message);
    assert_eq!(error(result).kind(), ErrorKind::LimitExceeded);
    reader().rewrap(&keyring("old"), &two, &options(), &message).unwrap();

    let decrypt = DecryptOptions { unsigned_only: true, ..Default::default() };
    let signed = super::stored::message(AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384, "old", 20);
    let options = RewrapOptions { decrypt, ..Default::default() };
    assert_eq!(error(reader().rewrap(&keyring("old"), &Untouchable, &options, &signed)).kind(), ErrorKind::Validation);
}

#[test]
fn a_destination_that_encrypts_another_data_key_is_refused() {
    for suite in [UNSIGNED, COMMITTING] {
        let message = message(suite, "old", 20);
        let result = reader().rewrap(&keyring("old"), &Impostor, &options(), &message);
        assert_eq!(error(result).kind(), ErrorKind::Validation);
    }
}

#[test]
fn a_destination_that_encrypts_nothing_is_refused() {
    let (kms, _) = vault();
    let discovery = KmsKeyring::discovery(Arc::new(kms.vault.client()), None);
    let message = message(COMMITTING, "old", 20);
    let result = reader().rewrap(&keyring("old"), &discovery, &options(), &message);
    assert_eq!(error(result).kind(), ErrorKind::Validation);
    let options = options();
    let client = reader();
    let request = client.decryption_materials_request(&options.decrypt, &message).unwrap();
    let source = keyring("old").decryption_materials(client.provider(), &request).unwrap();
    let result = client.rewrapping(source, &options, &message).unwrap().finish();
    assert_eq!(error(result).kind(), ErrorKind::Validation);
}

/// A GCM nonce that comes twice under one key gives the authentication key away: whatever randomness gives, the new IV
/// is neither the old one, nor zero, nor a frame's.
#[test]
fn a_nonce_is_never_used_twice() {
    let message = message(UNSIGNED, "old", 100);
    let rewritten = spliced(rewrap("old", "new", &message), &message);
    let iv_of = |message: &[u8]| -> [u8; 12] {
        let header = header(message);
        header[header.len() - 28..header.len() - 16].try_into().unwrap()
    };
    assert_eq!(iv_of(&message), [0; 12]);
    let data_key_iv = [1; 12];
    let mut highest_frame = [0; 12];
    highest_frame[8..].fill(0xff);
    for (used, message) in [([0; 12], &message), (highest_frame, &message), (iv_of(&rewritten), &rewritten)] {
        let key = if message == &rewritten { "new" } else { "old" };
        let script = Script::of(&[data_key_iv, used]);
        let client = script.client(CommitmentPolicy::RequireEncryptAllowDecrypt);
        let result = client.rewrap(&keyring(key), &keyring("newest"), &options(), message);
        assert_eq!(error(result).kind(), ErrorKind::Entropy);
        assert!(script.is_over());
    }
    // Randomness that fails is an error, too.
    let client = Script::of(&[data_key_iv]).client(CommitmentPolicy::RequireEncryptAllowDecrypt);
    let result = client.rewrap(&keyring("old"), &keyring("new"), &options(), &message);
    assert_eq!(error(result).kind(), ErrorKind::Entropy);

    let mut seen: HashSet<[u8; 12]> = [[0; 12]].into();
    let mut current = message;
    for round in 0..200 {
        let next = spliced(rewrap(if round == 0 { "old" } else { "new" }, "new", &current), &current);
        assert!(seen.insert(iv_of(&next)));
        current = next;
    }
}

proptest! {
    /// A header of version 2 has one nonce for ever, and a signature covers its header: neither is ever rewritten.
    #[test]
    fn only_an_unsigned_header_of_version_1_is_rewritten(
        suite in 0..AlgorithmSuite::ALL.len(),
        length in 0..100_usize,
        sidecar_only: bool,
        rounds in 1..4,
    ) {
        let suite = AlgorithmSuite::ALL[suite];
        let original = message(suite, "0", length);
        let (mut message, mut kept) = (original.clone(), None);
        for round in 0..rounds {
            let decrypt = DecryptOptions { sidecar: kept.clone(), ..Default::default() };
            let options = RewrapOptions { decrypt, sidecar_only };
            let (old, new) = (keyring(&round.to_string()), keyring(&(round + 1).to_string()));
            match reader().rewrap(&old, &new, &options, header(&message)).unwrap() {
                Rewrapped::Header { bytes, replaces } => {
                    prop_assert!(is_rewritable(suite) && !sidecar_only && kept.is_none());
                    message = [&bytes, &message[replaces..]].concat();
                }
                Rewrapped::Sidecar(bytes) => {
                    prop_assert!(!is_rewritable(suite) || sidecar_only);
                    prop_assert!(message == original);
                    kept = Some(bytes);
                }
            }
        }
        let options = DecryptOptions { sidecar: kept, ..Default::default() };
        let decrypted = decrypt(&rounds.to_string(), options.clone(), &message).unwrap();
        prop_assert_eq!(decrypted.plaintext.expose(), plaintext(length));
        prop_assert!(decrypt(&(rounds - 1).to_string(), options, &message).is_err());
    }
}

#[test]
fn a_new_header_differs_from_the_old_one_in_keys_and_iv_alone() {
    for &suite in AlgorithmSuite::ALL.iter().filter(|suite| is_rewritable(**suite)) {
        let message = message(suite, "old", 40);
        let rewritten = spliced(rewrap("old", "a longer name", &message), &message);
        let (before, after) = (info(&message), info(&rewritten));
        assert_eq!(message[before.header_length..], rewritten[after.header_length..]);
        assert_ne!(before.header_length, after.header_length);
        assert_eq!(after.wrapping_keys[0].key_name, "a longer name");
        let mut header = after.header.clone();
        header.encrypted_data_keys = before.header.encrypted_data_keys.clone();
        assert_eq!(header, before.header);
        decrypt("a longer name", DecryptOptions::default(), &rewritten).unwrap();
        refused(decrypt("old", DecryptOptions::default(), &rewritten), ErrorKind::UnableToDecryptDataKey, "");

        // Both headers are of the same key: neither tag goes with the other.
        let mut mixed = rewritten.clone();
        let (end, old_end) = (after.header_length, before.header_length);
        mixed[end - 28..end].copy_from_slice(&message[old_end - 28..old_end]);
        refused(decrypt("a longer name", DecryptOptions::default(), &mixed), ErrorKind::InvalidMessage, "");
    }
}

/// The data key is encrypted under the whole context, and what was not stored is not stored now.
#[test]
fn required_pairs_stay_required() {
    for suite in [UNSIGNED, COMMITTING] {
        let encrypt = EncryptOptions {
            encryption_context: [("purpose", "test"), ("secret", "4711")].into(),
            required_encryption_context_keys: vec!["secret".into()],
            algorithm_suite: Some(suite),
            ..Default::default()
        };
        let message = writer(suite).encrypt(&keyring("old"), encrypt, b"text").unwrap().message;
        let result = reader().rewrap(&keyring("old"), &Untouchable, &options(), &message);
        assert_eq!(error(result).kind(), ErrorKind::UnableToDecryptDataKey);

        let reproduced = DecryptOptions { encryption_context: [("secret", "4711")].into(), ..Default::default() };
        let options = RewrapOptions { decrypt: reproduced.clone(), ..Default::default() };
        let (message, without, with) =
            match reader().rewrap(&keyring("old"), &keyring("new"), &options, &message).unwrap() {
                rewrapped @ Rewrapped::Header { .. } => {
                    (spliced(rewrapped, &message), DecryptOptions::default(), reproduced)
                }
                Rewrapped::Sidecar(bytes) => {
                    let with = DecryptOptions { sidecar: Some(bytes.clone()), ..reproduced };
                    (message, with_sidecar(&bytes), with)
                }
            };
        refused(decrypt("new", without, &message), ErrorKind::UnableToDecryptDataKey, "");
        let decrypted = decrypt("new", with, &message).unwrap();
        assert_eq!(decrypted.encryption_context["secret"], "4711");
        assert!(!decrypted.header.encryption_context.contains_key("secret"));
    }
}

/// An old message that no one may decrypt any more: its key is rotated, the message rewrapped, the old material gone.
#[test]
fn to_the_newest_material_of_the_same_key() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let keyring = kms.keyring(&key.key_id, &[]);
    for &suite in AlgorithmSuite::ALL {
        let encrypt = EncryptOptions { algorithm_suite: Some(suite), ..Default::default() };
        let message = writer(suite).encrypt(&keyring, encrypt, b"text").unwrap().message;
        let client = reader();
        assert!(!client.needs_rewrap(&keyring, &message, None).unwrap());
        kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).unwrap();
        let current = describe(&kms, &key.key_id).current_key_material_id.unwrap();
        assert!(client.needs_rewrap(&keyring, &message, None).unwrap());

        let (message, sidecar) = match client.rewrap(&keyring, &keyring, &options(), &message).unwrap() {
            rewrapped @ Rewrapped::Header { .. } => (spliced(rewrapped, &message), None),
            Rewrapped::Sidecar(bytes) => (message, Some(bytes)),
        };
        assert!(!client.needs_rewrap(&keyring, &message, sidecar.as_deref()).unwrap());
        let wrapping_keys = match &sidecar {
            Some(sidecar) => client.inspect_sidecar(sidecar).unwrap().wrapping_keys,
            None => info(&message).wrapping_keys,
        };
        assert_eq!(wrapping_keys[0].key_material.as_deref(), Some(&current[..32]));
        let options = DecryptOptions { sidecar, ..Default::default() };
        assert_eq!(client.decrypt(&keyring, options, &message).unwrap().plaintext.expose(), b"text");
    }
}

#[test]
fn whether_a_message_needs_rewrapping() {
    let (kms, _) = vault();
    let (first, second) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let client = reader();
    let of = |keyring: &KmsKeyring| client.encrypt(keyring, EncryptOptions::default(), b"text").unwrap().message;
    let one = kms.keyring(&first, &[]);
    let both = kms.keyring(&first, &[&second]);
    let swapped = kms.keyring(&second, &[&first]);
    assert!(!client.needs_rewrap(&both, &of(&both), None).unwrap());
    assert!(!client.needs_rewrap(&swapped, &of(&both), None).unwrap());
    // A key too many, a key too few.
    assert!(client.needs_rewrap(&one, &of(&both), None).unwrap());
    assert!(client.needs_rewrap(&both, &of(&one), None).unwrap());
    assert!(client.needs_rewrap(&one, &message(COMMITTING, "old", 1), None).unwrap());

    let mixed = MultiKeyring::new(Some(Arc::new(one)), vec![Arc::new(keyring("new")) as Arc<dyn Keyring>]).unwrap();
    let message = client.encrypt(&mixed, EncryptOptions::default(), b"text").unwrap().message;
    assert!(!client.needs_rewrap(&mixed, &message, None).unwrap());
    assert!(client.needs_rewrap(&keyring("new"), &message, None).unwrap());
    // One that does not know.
    assert!(client.needs_rewrap(&Untouchable, &message, None).unwrap());
    assert!(client.needs_rewrap(&KmsKeyring::discovery(Arc::new(kms.vault.client()), None), &message, None).unwrap());
    // Bytes that say nothing, and a destination that may not be used.
    assert_eq!(error(client.needs_rewrap(&mixed, &message[..50], None)).kind(), ErrorKind::InvalidMessage);
    assert_eq!(error(client.needs_rewrap(&mixed, &message, Some(b"S"))).kind(), ErrorKind::InvalidMessage);
    kms.disable_key(DisableKeyRequest { key_id: first }).unwrap();
    assert_eq!(error(client.needs_rewrap(&mixed, &message, None)).kind(), ErrorKind::Disabled);
}

/// A key policy may allow encryption for some encryption contexts only: it is asked with the message's.
#[test]
fn whether_a_message_needs_rewrapping_is_asked_with_its_context() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let root = "arn:aws:iam::000000000000:root";
    let policy = format!(
        r#"{{"Statement": [
        {{"Effect": "Allow", "Principal": {{"AWS": "{root}"}}, "Action": ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:GenerateDataKey"], "Resource": "*"}},
        {{"Effect": "Allow", "Principal": {{"AWS": "{root}"}}, "Action": "kms:Encrypt", "Resource": "*",
          "Condition": {{"StringEquals": {{"kms:EncryptionContext:tenant": "42"}}}}}}]}}"#
    );
    kms.put_key_policy(PutKeyPolicyRequest { key_id: key.clone(), policy, ..Default::default() }).unwrap();
    let (keyring, client) = (kms.keyring(&key, &[]), reader());
    let of = |tenant: &str| {
        let encryption_context = [("tenant", tenant)].into_iter().collect();
        client.encrypt(&keyring, EncryptOptions { encryption_context, ..Default::default() }, b"text").unwrap().message
    };
    assert!(!client.needs_rewrap(&keyring, &of("42"), None).unwrap());
    assert_eq!(error(client.needs_rewrap(&keyring, &of("43"), None)).kind(), ErrorKind::AccessDenied);
}

/// For callers whose keys answer later: each step alone gives what `rewrap` gives.
#[test]
fn step_by_step() {
    let client = reader();
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "old", 20);
        let request = client.decryption_materials_request(&DecryptOptions::default(), header(&message)).unwrap();
        let source = keyring("old").decryption_materials(client.provider(), &request).unwrap();
        let mut rewrapping = client.rewrapping(source, &options(), &message).unwrap();
        let materials = rewrapping.materials();
        assert_eq!(materials.encryption_context().contains_key("aws-crypto-public-key"), suite.is_signed());
        let ciphertext: Vec<u8> = materials.data_key().unwrap().expose().iter().map(|byte| !byte).collect();
        let (provider_id, provider_info) = ("elsewhere".to_string(), b"key".to_vec());
        rewrapping.add_encrypted_data_key(EncryptedDataKey { provider_id, provider_info, ciphertext });
        let (message, options) = match rewrapping.finish().unwrap() {
            rewrapped @ Rewrapped::Header { .. } => (spliced(rewrapped, &message), DecryptOptions::default()),
            Rewrapped::Sidecar(bytes) => (message, with_sidecar(&bytes)),
        };
        let request = client.decryption_materials_request(&options, &message).unwrap();
        assert_eq!(request.encrypted_data_keys[0].provider_id, "elsewhere");
        let mut materials = DecryptionMaterials::new(&request).unwrap();
        let data_key: Vec<u8> = request.encrypted_data_keys[0].ciphertext.iter().map(|byte| !byte).collect();
        materials.set_data_key(Secret::from(data_key)).unwrap();
        let mut decryptor = client.decryptor_without_materials(options);
        assert_eq!(decryptor.update_vec(&message).unwrap(), b"");
        decryptor.set_materials(Arc::new(materials)).unwrap();
        assert_eq!(decryptor.update_vec(b"").unwrap(), plaintext(20));
        decryptor.finish().unwrap();
    }
}

/// A store that cannot replace the front of an object keeps the header of any message.
#[test]
fn a_sidecar_on_demand() {
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "old", 20);
        let options = RewrapOptions { sidecar_only: true, ..Default::default() };
        let rewrapped = reader().rewrap(&keyring("old"), &keyring("new"), &options, header(&message)).unwrap();
        let decrypted = decrypt("new", with_sidecar(&sidecar(rewrapped)), &message).unwrap();
        assert_eq!(decrypted.plaintext.expose(), plaintext(20));
    }
}

/// More than the header may be given, as much as a range request brought.
#[test]
fn what_follows_the_header_does_not_matter() {
    for suite in [UNSIGNED, COMMITTING] {
        let message = message(suite, "old", 100);
        let length = info(&message).header_length;
        for end in [length, length + 1, message.len()] {
            match reader().rewrap(&keyring("old"), &keyring("new"), &options(), &message[..end]).unwrap() {
                Rewrapped::Header { replaces, bytes } => {
                    assert_eq!(replaces, length);
                    let Inspection::Complete(info) = reader().inspect(&bytes).unwrap() else { panic!() };
                    assert_eq!(info.header_length, bytes.len());
                }
                Rewrapped::Sidecar(bytes) => {
                    decrypt("new", with_sidecar(&bytes), &message).unwrap();
                }
            }
        }
    }
    explained(
        reader().rewrap(&keyring("old"), &keyring("new"), &options(), b""),
        ErrorKind::InvalidMessage,
        &["truncated"],
    );
}
