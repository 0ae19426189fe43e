//! What a replica in another vault is, and how it follows its primary.

use super::calls::{HERE, Scene, THERE, ask, in_region, open, rotate, scene, seal};
use pocketkms::{
    Audit, ErrorKind, Kms, Vault,
    api::*,
    keys::{KeySpec, KeyState, KeyUsageType, MultiRegionKeyType, OriginType},
};
use pocketkms_tests::{
    imports,
    vault::{
        Opened, builder, create_multi_region_key, decrypt, describe, encrypt, error, generate_mac, public_key, root_of,
        sign,
    },
};

#[test]
fn what_one_vault_encrypts_the_other_decrypts() {
    let scene = scene();
    let Scene { here, there, key, .. } = &scene;
    let before = encrypt(here, &key.key_id, b"before");
    rotate(here, &key.key_id);
    let opened = scene.replicate();
    assert_eq!(opened.new_key_materials, 2);
    let replica = opened.key_metadata;
    assert_eq!((&replica.key_id, replica.key_state), (&key.key_id, KeyState::Enabled));
    assert_eq!(replica.arn, key.arn.replace(HERE, THERE));
    assert_eq!(replica.current_key_material_id, describe(here, &key.key_id).current_key_material_id);
    let regions = replica.multi_region_configuration.clone().unwrap();
    assert_eq!(regions.multi_region_key_type, MultiRegionKeyType::Replica);
    assert_eq!(regions.primary_key.arn, key.arn);
    assert_eq!(describe(there, &key.key_id), replica);

    assert_eq!(decrypt(there, &before).unwrap(), b"before");
    assert_eq!(decrypt(here, &encrypt(there, &key.key_id, b"after")).unwrap(), b"after");
    assert_eq!(decrypt(there, &encrypt(here, &key.key_id, b"after")).unwrap(), b"after");
    let rotations = |kms: &Kms| {
        let request = ListKeyRotationsRequest {
            key_id: key.key_id.clone(),
            include_key_material: Some(IncludeKeyMaterial::AllKeyMaterial),
            ..Default::default()
        };
        kms.list_key_rotations(request).unwrap().rotations
    };
    let materials = |kms: &Kms| rotations(kms).into_iter().map(|entry| entry.key_material_id).collect::<Vec<_>>();
    assert_eq!(materials(there), materials(here));
}

#[test]
fn another_parcel_brings_the_replica_up_to_the_primary() {
    let scene = scene();
    let Scene { here, there, key, .. } = &scene;
    scene.replicate();
    // What the primary rotated to since then does not open yet.
    rotate(here, &key.key_id);
    let newer = encrypt(here, &key.key_id, b"newer");
    assert_eq!(error(decrypt(there, &newer)).kind(), ErrorKind::InvalidCiphertext);
    let request = DisableKeyRequest { key_id: key.key_id.clone() };
    there.disable_key(request).unwrap();
    let opened = scene.replicate();
    assert_eq!((opened.new_key_materials, opened.key_metadata.key_state), (1, KeyState::Disabled));
    there.enable_key(EnableKeyRequest { key_id: key.key_id.clone() }).unwrap();
    assert_eq!(decrypt(there, &newer).unwrap(), b"newer");
    assert_eq!(scene.replicate().new_key_materials, 0);

    let asked = ask(there, &key.arn).unwrap().parcel_key;
    let parcel = seal(here, &key.key_id, &asked).unwrap().parcel;
    let request = OpenParcelRequest { parcel, description: Some("new".into()), ..Default::default() };
    assert_eq!(error(there.open_parcel(request)).kind(), ErrorKind::Validation);
}

/// Its schedule is the primary's own, and another vault does not follow it by itself.
#[test]
fn a_replica_in_another_vault_is_rotated_by_parcels_alone() {
    let scene = scene();
    let Scene { here, there, clock, key } = &scene;
    let request = EnableKeyRotationRequest { key_id: key.key_id.clone(), rotation_period_in_days: Some(90) };
    here.enable_key_rotation(request).unwrap();
    scene.replicate();
    clock.advance_days(91);
    let newer = encrypt(here, &key.key_id, b"newer");
    assert_ne!(
        describe(here, &key.key_id).current_key_material_id,
        describe(there, &key.key_id).current_key_material_id
    );
    let request = GetKeyRotationStatusRequest { key_id: key.key_id.clone() };
    assert!(!there.get_key_rotation_status(request).unwrap().key_rotation_enabled);
    assert_eq!(scene.replicate().new_key_materials, 1);
    assert_eq!(decrypt(there, &newer).unwrap(), b"newer");
}

#[test]
fn keys_of_every_kind_go_into_another_vault() {
    let Scene { here, there, .. } = scene();
    let replicate = |spec: KeySpec, usage: KeyUsageType| {
        let (key_spec, key_usage) = (Some(spec), Some(usage));
        let request = CreateKeyRequest { key_spec, key_usage, multi_region: Some(true), ..Default::default() };
        let key = here.create_key(request).unwrap().key_metadata;
        let asked = ask(&there, &key.arn).unwrap().parcel_key;
        let parcel = seal(&here, &key.key_id, &asked).unwrap().parcel;
        let replica = open(&there, &parcel).unwrap().key_metadata;
        assert_eq!((replica.key_spec, replica.key_usage), (spec, usage));
        (key, replica)
    };
    for spec in [KeySpec::Rsa2048, KeySpec::EccNistP384, KeySpec::EccNistEdwards25519, KeySpec::MlDsa44] {
        let (signer, replica) = replicate(spec, KeyUsageType::SignVerify);
        assert_eq!(public_key(&here, &signer), public_key(&there, &replica), "{spec}");
        let request = VerifyRequest {
            key_id: signer.key_id.clone(),
            message: b"m".to_vec().into(),
            signature: sign(&there, &replica, b"m"),
            signing_algorithm: signer.signing_algorithms.clone().unwrap()[0],
            message_type: None,
            grant_tokens: None,
            dry_run: None,
        };
        assert!(here.verify(request).unwrap().signature_valid);
    }
    let (hmac, replica) = replicate(KeySpec::Hmac512, KeyUsageType::GenerateVerifyMac);
    assert_eq!(generate_mac(&here, &hmac, b"m"), generate_mac(&there, &replica, b"m"));
}

#[test]
fn policy_tags_and_description_are_the_replicas_own() {
    let scene = scene();
    let Scene { here, there, key, .. } = &scene;
    let asked = ask(there, &key.arn).unwrap().parcel_key;
    let parcel = seal(here, &key.key_id, &asked).unwrap().parcel;
    let tag = Tag { tag_key: "of".into(), tag_value: "the browser".into() };
    let opened = there.open_parcel(OpenParcelRequest {
        parcel,
        description: Some("in the browser".into()),
        tags: Some(vec![tag.clone()]),
        ..Default::default()
    });
    assert_eq!(opened.unwrap().key_metadata.description, "in the browser");
    let request = ListResourceTagsRequest { key_id: key.key_id.clone(), ..Default::default() };
    assert_eq!(there.list_resource_tags(request.clone()).unwrap().tags, [tag]);
    assert_eq!(here.list_resource_tags(request).unwrap().tags, []);
}

/// The vault of the primary key does not know of it, and does not wait for it.
#[test]
fn each_vault_deletes_its_own() {
    let scene = scene();
    let Scene { here, there, clock, key } = &scene;
    scene.replicate();
    let blob = encrypt(here, &key.key_id, b"still");
    let schedule = |kms: &Kms| {
        let request = ScheduleKeyDeletionRequest { key_id: key.key_id.clone(), pending_window_in_days: Some(7) };
        kms.schedule_key_deletion(request).unwrap().key_state
    };
    assert_eq!(schedule(here), KeyState::PendingDeletion);
    clock.advance_days(8);
    assert_eq!(decrypt(there, &blob).unwrap(), b"still");
    // The last replica takes all that the vault has of the key along.
    assert_eq!(schedule(there), KeyState::PendingDeletion);
    clock.advance_days(8);
    let snapshot = there.vault.snapshot().unwrap();
    assert!(there.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
    assert_eq!(error(decrypt(there, &blob)).kind(), ErrorKind::AccessDenied);
    assert!(there.vault.verify().unwrap().is_empty());
    let (later, _) = builder();
    let again = Opened::from(later.clock(clock.clone()).open_snapshot(&snapshot, &root_of(8)).unwrap());
    assert!(again.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
}

#[test]
fn a_replica_comes_back_after_its_deletion() {
    let scene = scene();
    let Scene { here, there, clock, key } = &scene;
    scene.replicate();
    let blob = encrypt(here, &key.key_id, b"again");
    let request = ScheduleKeyDeletionRequest { key_id: key.key_id.clone(), pending_window_in_days: Some(7) };
    there.schedule_key_deletion(request).unwrap();
    let parcel = scene_parcel_refused(&scene);
    assert_eq!(error(open(there, &parcel)).kind(), ErrorKind::KmsInvalidState);
    clock.advance_days(8);
    scene.replicate();
    assert_eq!(decrypt(there, &blob).unwrap(), b"again");
}

/// A parcel whose parcel key was asked for in another Region's name, since the replica cannot be asked for while it waits.
fn scene_parcel_refused(scene: &Scene) -> Vec<u8> {
    let request = CancelKeyDeletionRequest { key_id: scene.key.key_id.clone() };
    scene.there.cancel_key_deletion(request).unwrap();
    let parcel = scene.parcel();
    let request = ScheduleKeyDeletionRequest { key_id: scene.key.key_id.clone(), pending_window_in_days: Some(7) };
    scene.there.schedule_key_deletion(request).unwrap();
    parcel
}

#[test]
fn two_regions_of_the_other_vault_share_the_key() {
    let scene = scene();
    let Scene { here, there, key, .. } = &scene;
    scene.replicate();
    rotate(here, &key.key_id);
    let paris = in_region(there, "eu-west-3");
    let asked = ask(&paris, &key.arn).unwrap().parcel_key;
    let parcel = seal(here, &key.key_id, &asked).unwrap().parcel;
    let opened = open(&paris, &parcel).unwrap();
    assert_eq!(opened.new_key_materials, 1);
    let newer = encrypt(here, &key.key_id, b"newer");
    // Both have the material at once, as the Regions of one vault have.
    for kms in [&**there, &paris] {
        assert_eq!(decrypt(kms, &newer).unwrap(), b"newer");
    }
    let regions = opened.key_metadata.multi_region_configuration.unwrap();
    let replicas: Vec<_> = regions.replica_keys.iter().map(|replica| &*replica.region).collect();
    assert_eq!(replicas, [THERE, "eu-west-3"]);
}

/// "If you replicate a multi-Region primary key with imported key material, the replica key is created with no key material."
#[test]
fn imported_material_is_given_to_the_other_vault_by_itself() {
    let scene = scene();
    let Scene { here, there, .. } = &scene;
    let request =
        CreateKeyRequest { origin: Some(OriginType::External), multi_region: Some(true), ..Default::default() };
    let key = here.create_key(request).unwrap().key_metadata;
    imports::import(here, &key, &[1; 32]).unwrap();
    let blob = encrypt(here, &key.key_id, b"imported");
    let asked = ask(there, &key.arn).unwrap().parcel_key;
    let parcel = seal(here, &key.key_id, &asked).unwrap().parcel;
    let replica = open(there, &parcel).unwrap().key_metadata;
    assert_eq!(replica.key_state, KeyState::PendingImport);
    assert_eq!(error(imports::import(there, &replica, &[2; 32])).kind(), ErrorKind::IncorrectKeyMaterial);
    imports::import(there, &replica, &[1; 32]).unwrap();
    assert_eq!(decrypt(there, &blob).unwrap(), b"imported");
}

#[test]
fn both_vaults_have_an_event_of_it() {
    let scene = scene();
    let replica = scene.replicate().key_metadata;
    let events = |kms: &Opened, name: &str| {
        let request = LookupEventsRequest { event_name: Some(name.into()), ..Default::default() };
        kms.vault.lookup_events(&request).unwrap().events
    };
    let [sealed] = &events(&scene.here, "SealParcel")[..] else { panic!("one event") };
    assert!(
        sealed.cloud_trail_event.contains(&scene.key.arn) && sealed.cloud_trail_event.contains(THERE),
        "{}",
        sealed.cloud_trail_event
    );
    let [asked] = &events(&scene.there, "CreateParcelKey")[..] else { panic!("one event") };
    assert!(asked.cloud_trail_event.contains("fingerprint"), "{}", asked.cloud_trail_event);
    let [opened] = &events(&scene.there, "OpenParcel")[..] else { panic!("one event") };
    assert!(opened.cloud_trail_event.contains(&replica.arn), "{}", opened.cloud_trail_event);
}

#[test]
fn a_replica_is_there_in_a_snapshot_and_needs_saving() {
    let scene = scene();
    scene.replicate();
    let blob = encrypt(&scene.here, &scene.key.key_id, b"kept");
    assert!(scene.there.vault.needs_saving());
    let snapshot = scene.there.vault.snapshot().unwrap();
    let builder = Vault::builder().audit(Audit::off()).clock(scene.clock.clone()).region(THERE);
    let again = Opened::from(builder.open_snapshot(&snapshot, &root_of(8)).unwrap());
    assert_eq!(decrypt(&again, &blob).unwrap(), b"kept");
    let other = create_multi_region_key(&scene.here);
    assert_ne!(other.key_id, scene.key.key_id);
}
