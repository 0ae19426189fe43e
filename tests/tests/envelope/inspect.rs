//! What a message says without being decrypted: from as few bytes as have come, and never more than they say.

use pocketkms::{
    Error, ErrorKind, Provider, Secret,
    api::RotateKeyOnDemandRequest,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, EncryptOptions, EncryptionClient, Inspection, Limits, MessageInfo,
        RawAesKeyring,
    },
};
use pocketkms_tests::vault::{create_key, describe, error, vault};

fn client() -> EncryptionClient {
    EncryptionClient::default()
}

fn inspect(client: &EncryptionClient, front: &[u8]) -> MessageInfo {
    match client.inspect(front).unwrap() {
        Inspection::Complete(info) => info,
        Inspection::Incomplete { needed } => panic!("needs {needed} bytes of {}", front.len()),
    }
}

/// A message of this suite under a raw AES key.
fn message(suite: AlgorithmSuite) -> Vec<u8> {
    let policy = if suite.is_committing() {
        CommitmentPolicy::RequireEncryptRequireDecrypt
    } else {
        CommitmentPolicy::ForbidEncryptAllowDecrypt
    };
    let keyring = RawAesKeyring::new(&Provider::default(), "space", "name", &Secret::from(vec![7; 32])).unwrap();
    let options = EncryptOptions {
        encryption_context: [("purpose", "test")].into(),
        algorithm_suite: Some(suite),
        ..Default::default()
    };
    client().commitment_policy(policy).encrypt(&keyring, options, &[1; 100]).unwrap().message
}

/// The header of a message that AWS's material providers wrote under a branch key (the outside vector `gen-0076`).
const UNDER_A_BRANCH_KEY: &str = "018000468097e8c534c943a68bab75af2270bbc1001f00020007707572706f73650004746573740006\
    74656e616e740004612d3432000100116177732d6b6d732d686965726172636879002436663162336130652d326633332d346630622d3961\
    33392d38663166366630663261313100549ce75360541664257d57943a5b3a25368b66920541fbaca08defbf6a0a4a2c8693f74f3b8b8c54\
    a0d1b8a0010ec337490660143a5659c87c11a50fd1f0efbd8deae9986056448fd1bfe1c9e76b98be702a7cfd9002000000000c0000008000\
    00000000000000000000006117bf01daa76bb7d2b95c1897a94fbc";

#[test]
fn what_is_no_message_is_refused_at_the_first_byte_that_tells() {
    let invalid = |front: &[u8]| -> Error {
        let error = error(client().inspect(front));
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidMessage, ""), "{error}");
        error
    };
    invalid(&[0]);
    invalid(&[3]);
    invalid(b"AQ");
    invalid(&[1, 0x81]);
    invalid(&[2, 0xff, 0xff]);
    // A suite of version 1 in a message of version 2.
    invalid(&[2, 0x01, 0x78]);

    let whole = message(AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey);
    let limits = Limits { max_encrypted_data_keys: 0, ..Default::default() };
    assert_eq!(error(client().limits(limits).inspect(&whole)).kind(), ErrorKind::LimitExceeded);
}

/// Following the answers leads to the header in a few steps, never past its end, and no prefix is taken for a whole.
#[test]
fn an_incomplete_header_says_how_much_it_needs() {
    for &suite in AlgorithmSuite::ALL {
        let whole = message(suite);
        let length = inspect(&client(), &whole).header_length;
        for cut in 0..length {
            let Inspection::Incomplete { needed } = client().inspect(&whole[..cut]).unwrap() else {
                panic!("{suite}: a header of {cut} bytes")
            };
            assert!(needed > cut && needed <= length, "{suite}: {needed} at {cut}, of {length}");
        }
        assert_eq!(inspect(&client(), &whole[..length]), inspect(&client(), &whole));
    }
}

#[test]
fn the_header_is_that_of_the_message() {
    for &suite in AlgorithmSuite::ALL {
        let info = inspect(&client(), &message(suite));
        assert_eq!(info.header.algorithm_suite, suite);
        assert_eq!(info.header.encryption_context["purpose"], "test");
        assert_eq!(info.header.commitment.is_some(), suite.is_committing());
        let [key] = &*info.wrapping_keys else { panic!("one wrapping key") };
        assert_eq!((&*key.provider_id, &*key.key_name), ("space", "name"));
        assert_eq!((&key.key_arn, &key.key_id, &key.key_material), (&None, &None, &None));
    }
}

#[test]
fn a_key_of_a_vault_and_its_material_are_told_apart_from_its_next_one() {
    let (kms, _) = vault();
    let (first, second) = (create_key(&kms), create_key(&kms));
    let keyring = kms.keyring(&first.key_id, &[&second.key_id]);
    let encrypt = || client().encrypt(&keyring, EncryptOptions::default(), b"text").unwrap().message;
    let before = inspect(&client(), &encrypt());
    let material = describe(&kms, &first.key_id).current_key_material_id.unwrap();
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: first.key_id.clone() }).unwrap();
    let after = inspect(&client(), &encrypt());

    for (info, expected) in
        [(&before, material), (&after, describe(&kms, &first.key_id).current_key_material_id.unwrap())]
    {
        let [key, other] = &*info.wrapping_keys else { panic!("two wrapping keys") };
        assert_eq!((&*key.provider_id, key.key_arn.as_deref()), ("aws-kms", Some(&*first.arn)));
        assert_eq!((key.key_name.as_str(), key.key_id.as_deref()), (&*first.arn, Some(&*first.key_id)));
        assert_eq!(key.key_material.as_deref(), Some(&expected[..32]));
        assert_eq!(other.key_arn.as_deref(), Some(&*second.arn));
    }
    assert_ne!(before.wrapping_keys[0], after.wrapping_keys[0]);
    assert_eq!(before.wrapping_keys[1], after.wrapping_keys[1]);
}

/// AWS's own ciphertexts show neither key nor material, and what is no ARN is not shown as one.
#[test]
fn what_a_data_key_does_not_tell_is_not_made_up() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let message = client().encrypt(&kms.keyring(&key.key_id, &[]), EncryptOptions::default(), b"text").unwrap().message;
    let mut data_key = inspect(&client(), &message).header.encrypted_data_keys.remove(0);

    // The ARN of another key beside a ciphertext of this one: both are reported as they are.
    data_key.provider_info = b"arn:aws:kms:eu-west-1:000000000000:key/mrk-1234abcd12ab34cd56ef1234567890ab".into();
    let info = data_key.wrapping_key();
    assert!(info.key_arn.unwrap().ends_with("7890ab"));
    assert_eq!(info.key_id, Some(key.key_id));

    data_key.ciphertext[0] = 1;
    let info = data_key.wrapping_key();
    assert_eq!((info.key_id, info.key_material), (None, None));
    data_key.provider_info = b"my key".into();
    let info = data_key.wrapping_key();
    assert_eq!((&*info.key_name, info.key_arn), ("my key", None));
}

#[test]
fn the_version_of_a_branch_key_is_told() {
    let info = inspect(&client(), &hex::decode(UNDER_A_BRANCH_KEY).unwrap());
    let key = &info.wrapping_keys[0];
    assert_eq!(key.key_name, "6f1b3a0e-2f33-4f0b-9a39-8f1f6f0f2a11");
    assert_eq!(key.key_material.as_deref(), Some("0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001"));
}
