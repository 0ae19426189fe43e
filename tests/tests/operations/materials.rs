//! `RotateKeyOnDemand` and `ListKeyRotations`: the materials of a key, and old ciphertexts under each.

use super::common::{in_range, pages, refuses_bad_markers};
use pocketkms::{
    ErrorKind, Vault,
    api::*,
    keys::{KeyMaterialState, RotationType},
};
use pocketkms_tests::vault::{Opened, START, context, create_key, decrypt, describe, encrypt, refused, root, vault};

fn rotate(kms: &Opened, key: &KeyMetadata) {
    let answer = kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).unwrap();
    assert_eq!(answer.key_id, key.arn);
}

fn enable(kms: &Opened, key: &KeyMetadata, days: i32) {
    let request = EnableKeyRotationRequest { key_id: key.key_id.clone(), rotation_period_in_days: Some(days) };
    kms.enable_key_rotation(request).unwrap();
}

fn list(
    kms: &Opened,
    key: &KeyMetadata,
    include_key_material: Option<IncludeKeyMaterial>,
    limit: Option<i32>,
) -> Vec<Vec<RotationsListEntry>> {
    pages(|marker| {
        let key_id = key.key_id.clone();
        let request = ListKeyRotationsRequest { key_id, include_key_material, limit, marker };
        let answer = kms.list_key_rotations(request).unwrap();
        (answer.rotations, answer.next_marker, answer.truncated)
    })
}

const ALL: Option<IncludeKeyMaterial> = Some(IncludeKeyMaterial::AllKeyMaterial);

#[test]
fn every_material_is_listed_with_how_it_came_to_be() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    assert_eq!(list(&kms, &key, None, None), [[]]);
    enable(&kms, &key, 90);
    clock.advance_days(10);
    rotate(&kms, &key);
    let second = describe(&kms, &key.key_id).current_key_material_id.unwrap();
    clock.advance_days(80);
    let third = describe(&kms, &key.key_id).current_key_material_id.unwrap();

    let entry = |material: &str| RotationsListEntry {
        key_id: key.arn.clone(),
        key_material_id: material.into(),
        key_material_description: None,
        import_state: None,
        key_material_state: KeyMaterialState::NonCurrent,
        expiration_model: None,
        valid_to: None,
        rotation_date: None,
        rotation_type: None,
    };
    let first = entry(&key.current_key_material_id.clone().unwrap());
    let second = RotationsListEntry {
        rotation_date: Some(START.plus_days(10)),
        rotation_type: Some(RotationType::OnDemand),
        ..entry(&second)
    };
    let third = RotationsListEntry {
        rotation_date: Some(START.plus_days(90)),
        rotation_type: Some(RotationType::Automatic),
        key_material_state: KeyMaterialState::Current,
        ..entry(&third)
    };
    let rotations = [[second.clone(), third.clone()]];
    assert_eq!(list(&kms, &key, None, None), rotations);
    assert_eq!(list(&kms, &key, Some(IncludeKeyMaterial::RotationsOnly), None), rotations);
    // The first material came with the key; no rotation made it.
    assert_eq!(list(&kms, &key, ALL, None), [[first, second, third]]);
}

#[test]
fn a_key_rotates_on_demand_25_times_and_by_its_schedule_without_end() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    enable(&kms, &key, 90);
    for _ in 0..25 {
        rotate(&kms, &key);
    }
    let again = || kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() });
    let message = format!(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed \
         for this key: {}",
        key.arn
    );
    refused(again(), ErrorKind::LimitExceeded, &message);
    clock.advance_days(90 * 30);
    assert_eq!(list(&kms, &key, None, None).concat().len(), 55);
    // Neither time nor anything else gives new ones.
    refused(again(), ErrorKind::LimitExceeded, &message);
    kms.disable_key_rotation(DisableKeyRotationRequest { key_id: key.key_id.clone() }).unwrap();
    refused(again(), ErrorKind::LimitExceeded, &message);
    // Another key has its own.
    rotate(&kms, &create_key(&kms));
}

#[test]
fn a_rotation_on_demand_does_not_move_the_schedule() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    // Without a schedule it makes none.
    rotate(&kms, &key);
    let status = || kms.get_key_rotation_status(GetKeyRotationStatusRequest { key_id: key.key_id.clone() }).unwrap();
    assert!(!status().key_rotation_enabled);
    enable(&kms, &key, 730);
    clock.advance_days(726);
    let before = status();
    rotate(&kms, &key);
    assert_eq!(status(), before);
    assert_eq!(before.next_rotation_date, Some(START.plus_days(730)));
    clock.advance_days(4);
    assert_eq!(status().next_rotation_date, Some(START.plus_days(1460)));
    let made: Vec<_> = list(&kms, &key, None, None).concat();
    let made: Vec<_> = made.into_iter().map(|entry| (entry.rotation_type.unwrap(), entry.rotation_date)).collect();
    let (on_demand, automatic) = (RotationType::OnDemand, RotationType::Automatic);
    let day = |days| Some(START.plus_days(days));
    assert_eq!(made, [(on_demand, day(0)), (on_demand, day(726)), (automatic, day(730))]);
}

#[test]
fn old_ciphertexts_decrypt_after_many_rotations() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    enable(&kms, &key, 90);
    let mut made = Vec::new();
    for number in 0..60_u8 {
        let material = describe(&kms, &key.key_id).current_key_material_id;
        made.push((encrypt(&kms, &key.key_id, &[number]), material));
        if number % 3 == 0 {
            rotate(&kms, &key);
        } else {
            clock.advance_days(90);
        }
    }
    let opened =
        Opened::from(Vault::builder().clock(clock).open_snapshot(&kms.vault.snapshot().unwrap(), &root()).unwrap());
    for vault in [&kms, &opened] {
        for (number, (blob, material)) in (0_u8..).zip(&made) {
            let request = DecryptRequest {
                ciphertext_blob: Some(blob.clone()),
                encryption_context: Some(context()),
                ..Default::default()
            };
            let answer = vault.decrypt(request).unwrap();
            assert_eq!(answer.plaintext.expose(), [number]);
            assert_eq!(answer.key_material_id, *material);
        }
    }
    let mut materials: Vec<_> = made.into_iter().map(|(_, material)| material).collect();
    materials.sort();
    materials.dedup();
    assert_eq!(materials.len(), 60, "each rotation makes new material");
}

#[test]
fn materials_are_listed_page_by_page_in_their_order() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    enable(&kms, &key, 90);
    clock.advance_days(90 * 120);
    decrypt(&kms, &encrypt(&kms, &key.key_id, b"a key that is asked for")).unwrap();
    for (include, count) in [(None, 120), (Some(IncludeKeyMaterial::RotationsOnly), 120), (ALL, 121)] {
        let whole = list(&kms, &key, include, Some(1000));
        assert_eq!(whole.len(), 1);
        let whole = whole.concat();
        assert_eq!(whole.len(), count);
        assert!(whole.is_sorted_by_key(|entry| entry.rotation_date), "oldest first");
        for limit in [None, Some(1), Some(7), Some(119), Some(120), Some(121)] {
            let pages = list(&kms, &key, include, limit);
            let size = usize::try_from(limit.unwrap_or(100)).unwrap();
            assert!(pages.iter().rev().skip(1).all(|page| page.len() == size), "{limit:?}");
            assert_eq!(pages.len(), count.div_ceil(size), "{limit:?}");
            assert_eq!(pages.concat(), whole, "{limit:?}");
        }
    }
}

#[test]
fn list_key_rotations_refuses_bad_limits_and_markers() {
    let (kms, _) = vault();
    let key_id = create_key(&kms).key_id;
    let with = |limit, marker| {
        let include_key_material = None;
        kms.list_key_rotations(ListKeyRotationsRequest { key_id: key_id.clone(), include_key_material, limit, marker })
    };
    in_range("limit", 1, 1000, |limit| with(Some(limit), None));
    refuses_bad_markers(|marker| with(None, Some(marker)));
}
