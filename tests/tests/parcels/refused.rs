//! What no parcel opens with, and who gets nothing.

use super::calls::{HERE, Scene, THERE, ask, in_region, open, rotate, scene, seal};
use pocketkms::{
    ErrorKind, Kms,
    api::*,
    keys::{KeySpec, MultiRegionKeyType, OriginType},
};
use pocketkms_tests::{
    imports,
    vault::{
        Opened, builder, create_key, create_multi_region_key, decrypt, describe, encrypt, error, explained, refused,
        root_of,
    },
};

fn has_no_keys(kms: &Kms) -> bool {
    kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty()
}

#[test]
fn an_altered_or_cut_parcel_opens_nothing_and_keeps_its_parcel_key() {
    let scene = scene();
    let parcel = scene.parcel();
    // Type, version; the ciphertexts of both parts; salt, commitment, ciphertext and tag of the seal.
    let places = [0, 1, 18, 600, 1105, 1106, 1120, 1138, 1139, 1171, 1203, 1300, parcel.len() - 1];
    for at in places {
        let mut altered = parcel.clone();
        altered[at] ^= 1;
        assert_eq!(error(open(&scene.there, &altered)).kind(), ErrorKind::InvalidCiphertext, "byte {at}");
    }
    for length in [1, 2, 17, 18, 19, 1138, 1139, 1200, 1219, parcel.len() - 1] {
        assert_eq!(error(open(&scene.there, &parcel[..length])).kind(), ErrorKind::InvalidCiphertext, "{length} bytes");
    }
    let longer = [&parcel[..], &[0]].concat();
    assert_eq!(error(open(&scene.there, &longer)).kind(), ErrorKind::InvalidCiphertext);
    assert!(has_no_keys(&scene.there));
    open(&scene.there, &parcel).expect("the parcel itself");
}

#[test]
fn every_byte_of_a_parcel_counts() {
    let scene = scene();
    let parcel = scene.parcel();
    for at in (0..parcel.len()).step_by(5) {
        let mut altered = parcel.clone();
        altered[at] ^= 0x80;
        let kind = error(open(&scene.there, &altered)).kind();
        // The id of a parcel key that is not there.
        let expected = if (2..18).contains(&at) { ErrorKind::NotFound } else { ErrorKind::InvalidCiphertext };
        assert_eq!(kind, expected, "byte {at}");
    }
}

#[test]
fn a_parcel_opens_once_in_the_vault_that_asked() {
    let scene = scene();
    let other = Opened::from(builder().0.region(THERE).create_in_memory(&root_of(9)).unwrap());
    let parcel = scene.parcel();
    explained(open(&other, &parcel), ErrorKind::NotFound, &["good for one parcel, in the vault"]);
    explained(open(&scene.here, &parcel), ErrorKind::NotFound, &[]);
    explained(open(&in_region(&scene.there, "eu-west-3"), &parcel), ErrorKind::NotFound, &[]);
    open(&scene.there, &parcel).unwrap();
    explained(open(&scene.there, &parcel), ErrorKind::NotFound, &["does not exist"]);
}

#[test]
fn a_parcel_of_one_parcel_key_does_not_open_with_another() {
    let scene = scene();
    let (one, other) = (ask(&scene.there, &scene.key.arn).unwrap(), ask(&scene.there, &scene.key.arn).unwrap());
    let mut parcel = seal(&scene.here, &scene.key.key_id, &one.parcel_key).unwrap().parcel.to_vec();
    parcel[2..18].copy_from_slice(&other.parcel_key[2..18]);
    assert_eq!(error(open(&scene.there, &parcel)).kind(), ErrorKind::InvalidCiphertext);
}

/// What the other vault said goes into the seal: a parcel key that was altered on the way is of no use to anyone without the
/// private key, and of none to the vault that made it.
#[test]
fn a_parcel_key_that_was_altered_leads_to_nothing() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap().parcel_key;
    // The date of expiry, the public keys of both parts.
    for at in [24, 60, 700, 1240, 1260] {
        let mut altered = asked.to_vec();
        altered[at] ^= 1;
        match seal(&scene.here, &scene.key.key_id, &altered) {
            Ok(sealed) => {
                let kind = error(open(&scene.there, &sealed.parcel)).kind();
                assert_eq!(kind, ErrorKind::InvalidCiphertext, "byte {at}");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Validation, "byte {at}: {error}"),
        }
    }
    // The account, the key, the Region.
    for (at, kind) in [(26, ErrorKind::Validation), (40, ErrorKind::Validation)] {
        let mut altered = asked.to_vec();
        altered[at] ^= 1;
        assert_eq!(error(seal(&scene.here, &scene.key.key_id, &altered)).kind(), kind, "byte {at}");
    }
    let mut altered = asked.to_vec();
    let last = altered.len() - 1;
    altered[last] = b'2';
    let sealed = seal(&scene.here, &scene.key.key_id, &altered).unwrap();
    assert_eq!(sealed.replica_region, "eu-central-2");
    assert_eq!(error(open(&scene.there, &sealed.parcel)).kind(), ErrorKind::InvalidCiphertext);
}

#[test]
fn what_is_no_parcel_key_is_refused() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap().parcel_key.to_vec();
    let cut = asked[..asked.len() - 1].to_vec();
    let longer = [&asked[..], b"a"].concat();
    let mut version = asked.clone();
    version[1] = 2;
    for bytes in [vec![0], asked[..18].to_vec(), asked[..1271].to_vec(), cut, longer, version] {
        refused(seal(&scene.here, &scene.key.key_id, &bytes), ErrorKind::Validation, "The bytes are no parcel key.");
    }
    assert_eq!(error(seal(&scene.here, &scene.key.key_id, &[0; 1305])).kind(), ErrorKind::Validation);
    assert_eq!(error(open(&scene.there, &vec![0; 65_537])).kind(), ErrorKind::Validation);
    assert_eq!(error(open(&scene.there, &[])).kind(), ErrorKind::Validation);
}

#[test]
fn a_parcel_key_is_good_for_24_hours_by_either_clock() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap();
    assert_eq!(asked.expiration_date.as_millis() - asked.creation_date.as_millis(), 24 * 60 * 60 * 1000);
    let parcel = seal(&scene.here, &scene.key.key_id, &asked.parcel_key).unwrap().parcel;
    scene.clock.advance_days(1);
    let text = "The parcel key has expired.";
    refused(seal(&scene.here, &scene.key.key_id, &asked.parcel_key), ErrorKind::ExpiredImportToken, text);
    refused(open(&scene.there, &parcel), ErrorKind::ExpiredImportToken, text);
    assert!(has_no_keys(&scene.there));
}

#[test]
fn fingerprints_are_compared_where_a_person_has_read_them() {
    let scene = scene();
    let asked = ask(&scene.there, &scene.key.arn).unwrap();
    assert_eq!(asked.fingerprint.len(), 39);
    let sealed = |fingerprint: &str| {
        scene.here.seal_parcel(SealParcelRequest {
            key_id: scene.key.key_id.clone(),
            parcel_key: asked.parcel_key.clone(),
            fingerprint: Some(fingerprint.into()),
        })
    };
    let other = ask(&scene.there, &scene.key.arn).unwrap().fingerprint;
    explained(sealed(&other), ErrorKind::Validation, &["not that of the ParcelKey", "exchanged"]);
    // Half of it is none.
    assert_eq!(error(sealed(&asked.fingerprint[..19])).kind(), ErrorKind::Validation);
    let sealed = sealed(&asked.fingerprint.to_uppercase().replace('-', " ")).unwrap();
    let opened = |fingerprint: &str| {
        scene.there.open_parcel(OpenParcelRequest {
            parcel: sealed.parcel.clone(),
            fingerprint: Some(fingerprint.into()),
            ..Default::default()
        })
    };
    explained(opened(&asked.fingerprint), ErrorKind::Validation, &["not that of the Parcel"]);
    opened(&sealed.fingerprint).unwrap();
}

#[test]
fn only_a_primary_key_is_sealed_and_only_for_another_region() {
    let scene = scene();
    let Scene { here, there, key, .. } = &scene;
    let single = create_key(here);
    refused(
        ask(there, &single.arn),
        ErrorKind::Validation,
        &format!("The key {} is no multi-Region key, whose id begins with 'mrk-'.", single.key_id),
    );
    assert_eq!(error(ask(there, "alias/photos")).kind(), ErrorKind::Validation);
    assert_eq!(error(ask(there, &key.arn.replace("000000000000", "111122223333"))).kind(), ErrorKind::Validation);
    let china = key.arn.replace(HERE, "cn-north-1").replace("arn:aws:", "arn:aws-cn:");
    assert_eq!(error(ask(there, &china)).kind(), ErrorKind::Validation);
    explained(ask(here, &key.arn), ErrorKind::AlreadyExists, &["whichever vaults they are in"]);

    // A key id does not say where the primary is: then its own vault says so.
    let same = Opened::from(builder().0.region(HERE).create_in_memory(&root_of(9)).unwrap());
    let asked = ask(&same, &key.key_id).unwrap().parcel_key;
    explained(seal(here, &key.key_id, &asked), ErrorKind::AlreadyExists, &["whichever vaults they are in"]);
    // So is a Region of a replica of this vault.
    let request =
        ReplicateKeyRequest { key_id: key.key_id.clone(), replica_region: THERE.into(), ..Default::default() };
    here.replicate_key(request).unwrap();
    let asked = ask(there, &key.arn).unwrap().parcel_key;
    explained(seal(here, &key.key_id, &asked), ErrorKind::AlreadyExists, &[]);
    // And a replica is not replicated.
    let replica = here.vault.client_as(here.vault.caller().with(None, Some(THERE), None).unwrap());
    let third = Opened::from(builder().0.region("eu-west-3").create_in_memory(&root_of(9)).unwrap());
    let asked = ask(&third, &key.key_id).unwrap().parcel_key;
    explained(
        seal(&replica, &key.key_id, &asked),
        ErrorKind::UnsupportedOperation,
        &["replica key which is not valid"],
    );

    let other = create_multi_region_key(here);
    assert_eq!(error(seal(here, &other.key_id, &asked)).kind(), ErrorKind::Validation, "the parcel key of another key");
}

#[test]
fn a_replica_in_another_vault_is_not_replicated_from_there() {
    let scene = scene();
    let replica = scene.replicate().key_metadata;
    let third = Opened::from(builder().0.region("eu-west-3").create_in_memory(&root_of(9)).unwrap());
    let asked = ask(&third, &replica.arn).unwrap().parcel_key;
    let words = ["call for the primary key, arn:aws:kms:us-east-1", "in the vault that the replica came from"];
    explained(seal(&scene.there, &replica.key_id, &asked), ErrorKind::UnsupportedOperation, &words);
    let request = ReplicateKeyRequest {
        key_id: replica.key_id.clone(),
        replica_region: "eu-west-3".into(),
        ..Default::default()
    };
    explained(scene.there.replicate_key(request), ErrorKind::UnsupportedOperation, &words);
    let request = RotateKeyOnDemandRequest { key_id: replica.key_id.clone() };
    explained(scene.there.rotate_key_on_demand(request), ErrorKind::UnsupportedOperation, &words);
}

#[test]
fn a_key_that_is_the_vaults_own_is_not_written_over() {
    let scene = scene();
    let caller = scene.there.vault.caller();
    let request = CreateKeyRequest::default();
    scene.there.vault.create_fixed_key(caller, Some(&scene.key.key_id), None, &request).unwrap();
    let blob = encrypt(&scene.there, &scene.key.key_id, b"own");
    let parcel = scene.parcel();
    assert_eq!(error(open(&scene.there, &parcel)).kind(), ErrorKind::AlreadyExists);
    // Nor is one that shares its id with those of the vault's other Regions.
    let elsewhere = in_region(&scene.there, "eu-west-3");
    let asked = ask(&elsewhere, &scene.key.arn).unwrap().parcel_key;
    let parcel = seal(&scene.here, &scene.key.key_id, &asked).unwrap().parcel;
    assert_eq!(error(open(&elsewhere, &parcel)).kind(), ErrorKind::AlreadyExists);
    assert_eq!(decrypt(&scene.there, &blob).unwrap(), b"own");
}

#[test]
fn an_older_parcel_takes_nothing_back() {
    let scene = scene();
    let older = scene.parcel();
    rotate(&scene.here, &scene.key.key_id);
    scene.replicate();
    let blob = encrypt(&scene.there, &scene.key.key_id, b"new");
    let text = "The parcel is older than the replica key.";
    refused(open(&scene.there, &older), ErrorKind::IncorrectKeyMaterial, text);
    assert_eq!(decrypt(&scene.here, &blob).unwrap(), b"new");
}

/// Anyone who can put a parcel in the way of the right one can make a key of the same id.
#[test]
fn a_key_of_the_same_id_is_not_the_same_key() {
    let scene = scene();
    scene.replicate();
    let (forger, _) = builder();
    let forger = Opened::from(forger.region(HERE).create_in_memory(&root_of(9)).unwrap());
    let caller = forger.vault.caller();
    forger.vault.create_fixed_key(caller, Some(&scene.key.key_id), None, &CreateKeyRequest::default()).unwrap();
    let asked = ask(&scene.there, &scene.key.arn).unwrap();
    let other = seal(&forger, &scene.key.key_id, &asked.parcel_key).unwrap();
    let text = "The parcel has another key material than the replica key.";
    refused(open(&scene.there, &other.parcel), ErrorKind::IncorrectKeyMaterial, text);
}

#[test]
fn a_key_of_many_materials_is_too_long_for_a_parcel() {
    let scene = scene();
    let request = EnableKeyRotationRequest { key_id: scene.key.key_id.clone(), rotation_period_in_days: Some(90) };
    scene.here.enable_key_rotation(request).unwrap();
    scene.clock.advance_days(90 * 39);
    let asked = ask(&scene.there, &scene.key.arn).unwrap().parcel_key;
    let parcel = seal(&scene.here, &scene.key.key_id, &asked).unwrap().parcel;
    assert_eq!(open(&scene.there, &parcel).unwrap().new_key_materials, 40);
    scene.clock.advance_days(90);
    let asked = ask(&scene.there, &scene.key.arn).unwrap().parcel_key;
    explained(seal(&scene.here, &scene.key.key_id, &asked), ErrorKind::LimitExceeded, &["at most 40 key materials"]);
}

#[test]
fn a_key_of_china_stays_there() {
    let (there, clock) = builder();
    let there = Opened::from(there.region(THERE).create_in_memory(&root_of(8)).unwrap());
    let china = Opened::from(builder().0.clock(clock).region("cn-north-1").create_in_memory(&root_of(9)).unwrap());
    let request = CreateKeyRequest {
        key_spec: Some(KeySpec::Sm2),
        key_usage: Some(pocketkms::keys::KeyUsageType::SignVerify),
        multi_region: Some(true),
        ..Default::default()
    };
    let key = china.create_key(request).unwrap().key_metadata;
    let asked = ask(&there, &key.key_id).unwrap().parcel_key;
    assert_eq!(error(seal(&china, &key.key_id, &asked)).kind(), ErrorKind::Validation);
}

fn imported_key(kms: &Kms) -> KeyMetadata {
    let request =
        CreateKeyRequest { origin: Some(OriginType::External), multi_region: Some(true), ..Default::default() };
    let key = kms.create_key(request).unwrap().key_metadata;
    imports::import(kms, &key, &[1; 32]).unwrap();
    key
}

/// Its replicas have nothing secret in common, and so nothing that a parcel has to prove: only the account says whose they are.
#[test]
fn another_account_does_not_join_the_replicas_of_a_key() {
    let Scene { here, there, .. } = &scene();
    let key = imported_key(here);
    let asked = ask(there, &key.arn).unwrap().parcel_key;
    open(there, &seal(here, &key.key_id, &asked).unwrap().parcel).unwrap();

    let account = "999988887777";
    let stranger = there.vault.client_as(there.vault.caller().with(Some(account), Some("eu-west-3"), None).unwrap());
    let (forger, _) = builder();
    let forger = Opened::from(forger.account_id(account).region(HERE).create_in_memory(&root_of(9)).unwrap());
    let request = CreateKeyRequest { origin: Some(OriginType::External), ..Default::default() };
    let caller = forger.vault.caller();
    let own = forger.vault.create_fixed_key(caller, Some(&key.key_id), None, &request).unwrap().key_metadata;
    imports::import(&forger, &own, &[2; 32]).unwrap();
    let arn = key.arn.replace(&key.aws_account_id, account);
    let asked = ask(&stranger, &arn).unwrap().parcel_key;
    let parcel = seal(&forger, &key.key_id, &asked).unwrap().parcel;
    assert_eq!(error(open(&stranger, &parcel)).kind(), ErrorKind::AlreadyExists);
    let regions = describe(there, &key.key_id).multi_region_configuration.unwrap();
    assert_eq!((&*regions.primary_key.region, regions.replica_keys.len()), (HERE, 1));
}

/// Ids of imported key materials are no secret, so that whoever sees a parcel key could have the replica wait for others.
#[test]
fn a_replica_of_imported_material_follows_no_parcel_that_no_one_has_looked_at() {
    let Scene { here, there, .. } = &scene();
    let key = imported_key(here);
    let parcel = || seal(here, &key.key_id, &ask(there, &key.arn).unwrap().parcel_key).unwrap();
    open(there, &parcel().parcel).unwrap();
    let again = parcel();
    refused(
        open(there, &again.parcel),
        ErrorKind::Validation,
        "The Fingerprint of the parcel is needed: the replica key has imported key material.",
    );
    let request =
        OpenParcelRequest { parcel: again.parcel, fingerprint: Some(again.fingerprint), ..Default::default() };
    assert_eq!(there.open_parcel(request).unwrap().new_key_materials, 0);
}

/// The primary key moved in its own vault to a Region where this vault has a replica: two keys would have one place.
#[test]
fn a_primary_key_in_the_region_of_another_replica_is_refused() {
    let scene = scene();
    let Scene { here, there, key, .. } = &scene;
    scene.replicate();
    let paris = in_region(there, "eu-west-3");
    let asked = ask(&paris, &key.arn).unwrap().parcel_key;
    open(&paris, &seal(here, &key.key_id, &asked).unwrap().parcel).unwrap();
    let parcel_key = ask(there, &key.arn).unwrap().parcel_key;
    here.replicate_key(ReplicateKeyRequest {
        key_id: key.key_id.clone(),
        replica_region: "eu-west-3".into(),
        ..Default::default()
    })
    .unwrap();
    here.update_primary_region(UpdatePrimaryRegionRequest {
        key_id: key.key_id.clone(),
        primary_region: "eu-west-3".into(),
    })
    .unwrap();
    let moved = in_region(here, "eu-west-3");
    let parcel = seal(&moved, &key.key_id, &parcel_key).unwrap().parcel;
    assert_eq!(error(open(there, &parcel)).kind(), ErrorKind::AlreadyExists);
    assert_eq!(
        describe(&paris, &key.key_id).multi_region_configuration.unwrap().multi_region_key_type,
        MultiRegionKeyType::Replica
    );
}
