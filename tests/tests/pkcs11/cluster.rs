//! A token behind a custom key store.

use super::{PIN, Token};
use cryptoki::{
    context::Pkcs11,
    object::{Attribute, AttributeType},
    session::UserType,
    types::AuthPin,
};
use pocketkms::{
    CloudHsmCluster, ClusterErrorKind, ErrorKind, Secret, SecretText,
    api::{
        Blob, ConnectionErrorCodeType, ConnectionStateType, CreateCustomKeyStoreRequest, DecryptRequest,
        DisconnectCustomKeyStoreRequest, EncryptRequest, GenerateDataKeyRequest, GenerateRandomRequest,
        ListKeysRequest, ScheduleKeyDeletionRequest, UpdateCustomKeyStoreRequest,
    },
    keys::DataKeySpec,
};
use pocketkms_roots::TokenCluster;
use pocketkms_tests::{
    cluster::{ANCHOR, CLUSTER, connect, create_key_in, describe_store, key_request, store_request},
    store::Shared,
    vault::{Opened, builder, error, explained, root},
};
use std::fs;

fn cluster(token: &Token, label: &str) -> TokenCluster {
    TokenCluster::new(&token.library, label).with_trust_anchor(ANCHOR)
}

fn request(password: &str) -> CreateCustomKeyStoreRequest {
    CreateCustomKeyStoreRequest { key_store_password: Some(SecretText::copy_of(password)), ..store_request("hsm") }
}

/// A vault with a custom key store of the token, which is connected.
fn scene(token: &Token) -> (Opened, pocketkms::ManualClock, String) {
    let (builder, clock) = builder();
    let builder = builder.cloud_hsm_cluster(CLUSTER, cluster(token, "my token"));
    let kms: Opened = builder.create_in(Shared::new(), &root()).unwrap().into();
    let store = kms.create_custom_key_store(request(PIN)).unwrap().custom_key_store_id;
    connect(&kms, &store);
    assert_eq!(state(&kms, &store), (Some(ConnectionStateType::Connected), None));
    (kms, clock, store)
}

fn state(kms: &Opened, store: &str) -> (Option<ConnectionStateType>, Option<ConnectionErrorCodeType>) {
    let entry = describe_store(kms, store);
    (entry.connection_state, entry.connection_error_code)
}

fn encrypt(kms: &Opened, key: &str) -> pocketkms::Result<Blob> {
    let request = EncryptRequest {
        key_id: key.into(),
        plaintext: b"hello".to_vec().into(),
        encryption_context: Some([("tenant", "7")].into()),
        ..Default::default()
    };
    kms.encrypt(request).map(|answer| answer.ciphertext_blob)
}

fn decrypt(kms: &Opened, blob: Blob) -> pocketkms::Result<Secret> {
    let request = DecryptRequest {
        ciphertext_blob: Some(blob),
        encryption_context: Some([("tenant", "7")].into()),
        ..Default::default()
    };
    kms.decrypt(request).map(|answer| answer.plaintext)
}

/// The keys of a label in the token, by the test's own session.
fn in_token(
    context: &Pkcs11,
    label: &str,
    work: impl FnOnce(&cryptoki::session::Session, &[cryptoki::object::ObjectHandle]),
) {
    let labelled = |slot: &&_| context.get_token_info(**slot).is_ok_and(|info| info.label() == "my token");
    let slots = context.get_slots_with_initialized_token().unwrap();
    let session = context.open_ro_session(*slots.iter().find(labelled).unwrap()).unwrap();
    let _ = session.login(UserType::User, Some(&AuthPin::from(PIN.to_owned())));
    let found = session.find_objects(&[Attribute::Label(label.as_bytes().to_vec())]).unwrap();
    work(&session, &found);
}

/// In a program that uses the library itself, which finds the key as it was made: nothing gets it out of there.
pub(super) fn a_kms_key_is_made_in_the_token_and_stays_there(token: &Token) {
    let (kms, clock, store) = scene(token);
    let key = create_key_in(&kms, &store);
    let context = Pkcs11::new(&token.library).unwrap();
    in_token(&context, &key.key_id, |session, found| {
        let [handle] = *found else { panic!("one key of that label") };
        let kinds = [AttributeType::Sensitive, AttributeType::Extractable, AttributeType::NeverExtractable];
        let attributes = session.get_attributes(handle, &kinds).unwrap();
        for expected in [Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::NeverExtractable(true)] {
            assert!(attributes.contains(&expected), "{attributes:?}");
        }
        assert!(session.get_attributes(handle, &[AttributeType::Value]).is_ok_and(|found| found.is_empty()));
    });
    let request = ScheduleKeyDeletionRequest { key_id: key.key_id.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    clock.advance_days(8);
    kms.list_keys(ListKeysRequest::default()).unwrap();
    in_token(&context, &key.key_id, |_, found| assert!(found.is_empty(), "deleted with the KMS key"));
}

pub(super) fn keys_of_a_custom_key_store_are_used_in_the_token(token: &Token) {
    let (kms, _, store) = scene(token);
    let [one, other] = [(); 2].map(|()| create_key_in(&kms, &store).key_id);
    let (first, second) = (encrypt(&kms, &one).unwrap(), encrypt(&kms, &one).unwrap());
    assert!(first[34..46] != second[34..46], "an IV of its own");
    assert_eq!(decrypt(&kms, first.clone()).unwrap().expose(), b"hello");
    for at in [18, 34, 46, first.len() - 1] {
        let mut altered = first.to_vec();
        altered[at] ^= 1;
        assert_eq!(error(decrypt(&kms, altered.into())).kind(), ErrorKind::InvalidCiphertext, "byte {at}");
    }
    let of_other = encrypt(&kms, &other).unwrap();
    let swapped = [&of_other[..34], &first[34..]].concat();
    assert_eq!(error(decrypt(&kms, swapped.into())).kind(), ErrorKind::InvalidCiphertext);
    let request = GenerateDataKeyRequest { key_id: one, key_spec: Some(DataKeySpec::Aes256), ..Default::default() };
    let data_key = kms.generate_data_key(request).unwrap();
    let request = DecryptRequest { ciphertext_blob: Some(data_key.ciphertext_blob), ..Default::default() };
    assert!(kms.decrypt(request).unwrap().plaintext.constant_time_eq(&data_key.plaintext));
    let request = || GenerateRandomRequest {
        number_of_bytes: Some(1024),
        custom_key_store_id: Some(store.clone()),
        ..Default::default()
    };
    let [one, other] = [(); 2].map(|()| kms.generate_random(request()).unwrap().plaintext);
    assert!(one.len() == 1024 && !one.constant_time_eq(&other));
}

pub(super) fn a_wrong_pin_fails_the_connection_and_is_not_tried_again(token: &Token) {
    let (builder, _) = builder();
    let builder = builder.cloud_hsm_cluster(CLUSTER, cluster(token, "my token"));
    let kms: Opened = builder.create_in_memory(&root()).unwrap().into();
    let store = kms.create_custom_key_store(request("1234567")).unwrap().custom_key_store_id;
    connect(&kms, &store);
    let failed = (Some(ConnectionStateType::Failed), Some(ConnectionErrorCodeType::InvalidCredentials));
    assert_eq!(state(&kms, &store), failed);
    kms.disconnect_custom_key_store(DisconnectCustomKeyStoreRequest { custom_key_store_id: store.clone() }).unwrap();
    let right = UpdateCustomKeyStoreRequest {
        custom_key_store_id: store.clone(),
        key_store_password: Some(SecretText::copy_of(PIN)),
        ..Default::default()
    };
    kms.update_custom_key_store(right).unwrap();
    connect(&kms, &store);
    assert_eq!(state(&kms, &store).0, Some(ConnectionStateType::Connected));
    // The token is asked once: it would lock itself. So it is not missed while it is away.
    let (cluster, wrong) = (cluster(token, "my token"), Secret::from("7654321".to_owned()));
    let kind = |cluster: &TokenCluster| cluster.random(&wrong, 8).err().expect("an error").kind();
    assert_eq!(kind(&cluster), ClusterErrorKind::InvalidCredentials);
    let away = token.tokens.with_file_name("away");
    fs::rename(&token.tokens, &away).unwrap();
    assert_eq!(kind(&cluster), ClusterErrorKind::InvalidCredentials);
    let connected = cluster.connect(&wrong).err().map(|error| error.kind());
    let _ = fs::remove_dir_all(&token.tokens);
    fs::rename(&away, &token.tokens).unwrap();
    assert_eq!(connected, Some(ClusterErrorKind::Unreachable), "to connect is another attempt");
    assert!(cluster.random(&Secret::from(PIN.to_owned()), 8).is_ok(), "another PIN is tried");
}

pub(super) fn a_token_behind_a_store_may_be_gone_and_back(token: &Token) {
    let (kms, _, store) = scene(token);
    let key = create_key_in(&kms, &store).key_id;
    let blob = encrypt(&kms, &key).unwrap();
    let away = token.tokens.with_file_name("away");
    fs::rename(&token.tokens, &away).unwrap();
    let refused = error(decrypt(&kms, blob.clone()));
    let made = error(kms.create_key(key_request(&store)));
    connect(&kms, &store);
    let failed = state(&kms, &store);
    let _ = fs::remove_dir_all(&token.tokens);
    fs::rename(&away, &token.tokens).unwrap();
    assert_eq!(refused.kind(), ErrorKind::KeyUnavailable, "{}", refused.report());
    assert_eq!(made.kind(), ErrorKind::DependencyTimeout, "{}", made.report());
    assert_eq!(failed, (Some(ConnectionStateType::Failed), Some(ConnectionErrorCodeType::ClusterNotFound)));
    kms.disconnect_custom_key_store(DisconnectCustomKeyStoreRequest { custom_key_store_id: store.clone() }).unwrap();
    connect(&kms, &store);
    assert_eq!(decrypt(&kms, blob).unwrap().expose(), b"hello");
}

pub(super) fn what_is_no_token_is_no_cluster(token: &Token) {
    let made = |cluster: TokenCluster| {
        let kms: Opened = builder().0.cloud_hsm_cluster(CLUSTER, cluster).create_in_memory(&root()).unwrap().into();
        kms.create_custom_key_store(request(PIN))
    };
    explained(made(cluster(token, "no token")), ErrorKind::CloudHsmClusterNotFound, &["no token with the label"]);
    explained(made(TokenCluster::new("/dev/null", "my token")), ErrorKind::CloudHsmClusterNotFound, &["/dev/null"]);
    let other = TokenCluster::new(&token.library, "my token").with_trust_anchor("another");
    assert_eq!(error(made(other)).kind(), ErrorKind::IncorrectTrustAnchor);
    made(TokenCluster::new(&token.library, "my token")).unwrap();
}

/// As AWS CloudHSM has it: name and password are the PIN.
pub(super) fn a_user_may_have_a_name(token: &Token) {
    let context = Pkcs11::new(&token.library).unwrap();
    super::make_of(&context, "named", "kmsuser:1234567");
    let password = Secret::from("1234567".to_owned());
    let named = TokenCluster::new(&token.library, "named").with_user("kmsuser");
    named.connect(&password).unwrap();
    let other = TokenCluster::new(&token.library, "named").with_user("another");
    for wrong in [&other, &TokenCluster::new(&token.library, "named")] {
        assert_eq!(wrong.connect(&password).unwrap_err().kind(), ClusterErrorKind::InvalidCredentials);
    }
}

/// `SoftHSM` takes the vector that it is given: under zeros a second time, the key would be known.
pub(super) fn a_token_that_makes_no_vector_encrypts_nothing(token: &Token) {
    let cluster = TokenCluster::new(&token.library, "my token").with_ivs_of_token();
    let password = Secret::from(PIN.to_owned());
    let key = cluster.create_key(&password, "zeros").unwrap();
    let refused = cluster.encrypt(&password, &key, &Secret::from(vec![7; 5]), b"").unwrap_err();
    assert_eq!(refused.kind(), ClusterErrorKind::Internal);
    assert!(refused.to_string().contains("no initialization vector of its own"), "{refused}");
    cluster.delete_key(&password, &key).unwrap();
}

/// A token that the program is logged in to looks at no PIN.
pub(super) fn a_program_that_is_logged_in_makes_no_wrong_pin_right(token: &Token) {
    let context = Pkcs11::new(&token.library).unwrap();
    let labelled = |slot: &&_| context.get_token_info(**slot).is_ok_and(|info| info.label() == "my token");
    let slots = context.get_slots_with_initialized_token().unwrap();
    let session = context.open_ro_session(*slots.iter().find(labelled).unwrap()).unwrap();
    let logged_in = || session.get_session_info().unwrap().session_state();
    session.login(UserType::User, Some(&AuthPin::from(PIN.to_owned()))).unwrap();
    let state = logged_in();
    let (right, wrong) = (Secret::from(PIN.to_owned()), Secret::from("7654321".to_owned()));
    let kind = |cluster: &TokenCluster, pin: &Secret| cluster.connect(pin).err().map(|error| error.kind());
    let cluster = cluster(token, "my token");
    assert_eq!(kind(&cluster, &right), None);
    assert_eq!(logged_in(), state, "the program stays logged in");
    assert_eq!(kind(&cluster, &wrong), Some(ClusterErrorKind::InvalidCredentials));
    assert!(cluster.random(&wrong, 8).is_err());
    // The right PIN still logs in, and with it the program.
    assert!(cluster.random(&right, 8).is_ok());
    assert_eq!(logged_in(), state);
    assert!(cluster.random(&wrong, 8).is_err());
    assert!(cluster.random(&right, 8).is_ok());
    assert_eq!(logged_in(), state);
}
