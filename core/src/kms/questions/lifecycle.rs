//! Rotation, deletion and tags.

#[allow(clippy::wildcard_imports, reason = "the scene and all it is made of")]
use super::*;

pub(super) const CASES: &[Case] = &[
    (
        Operation::EnableKeyRotation,
        |scene| {
            let days = Some(90);
            let request = EnableKeyRotationRequest { key_id: scene.k.clone(), rotation_period_in_days: days };
            scene.kms.enable_key_rotation(request).unwrap();
        },
        &["kms:EnableKeyRotation K days=90"],
    ),
    (
        Operation::DisableKeyRotation,
        |scene| scene.kms.disable_key_rotation(DisableKeyRotationRequest { key_id: scene.k.clone() }).unwrap(),
        &["kms:DisableKeyRotation K"],
    ),
    (
        Operation::GetKeyRotationStatus,
        |scene| {
            scene.kms.get_key_rotation_status(GetKeyRotationStatusRequest { key_id: scene.k.clone() }).unwrap();
        },
        &["kms:GetKeyRotationStatus K"],
    ),
    (
        Operation::RotateKeyOnDemand,
        |scene| drop(scene.kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: scene.k.clone() }).unwrap()),
        &["kms:RotateKeyOnDemand K"],
    ),
    (
        Operation::ListKeyRotations,
        |scene| {
            let request = ListKeyRotationsRequest { key_id: scene.k.clone(), ..Default::default() };
            scene.kms.list_key_rotations(request).unwrap();
        },
        &["kms:ListKeyRotations K"],
    ),
    // The key is none that takes material, which is found out afterwards.
    (
        Operation::GetParametersForImport,
        |scene| {
            let request = GetParametersForImportRequest {
                key_id: scene.k.clone(),
                wrapping_algorithm: AlgorithmSpec::RsaesOaepSha256,
                wrapping_key_spec: WrappingKeySpec::Rsa3072,
            };
            assert!(scene.kms.get_parameters_for_import(request).is_err());
        },
        &["kms:GetParametersForImport K wrapping=RSAES_OAEP_SHA_256,RSA_3072"],
    ),
    (
        Operation::ImportKeyMaterial,
        |scene| {
            let request = ImportKeyMaterialRequest {
                key_id: scene.k.clone(),
                import_token: vec![1].into(),
                encrypted_key_material: vec![1].into(),
                expiration_model: Some(ExpirationModelType::KeyMaterialDoesNotExpire),
                ..Default::default()
            };
            assert!(scene.kms.import_key_material(request).is_err());
        },
        &["kms:ImportKeyMaterial K expiration=KEY_MATERIAL_DOES_NOT_EXPIRE"],
    ),
    (
        Operation::DeleteImportedKeyMaterial,
        |scene| {
            let request = DeleteImportedKeyMaterialRequest { key_id: scene.k.clone(), key_material_id: None };
            assert!(scene.kms.delete_imported_key_material(request).is_err());
        },
        &["kms:DeleteImportedKeyMaterial K"],
    ),
    (
        Operation::ScheduleKeyDeletion,
        |scene| {
            let days = Some(7);
            let request = ScheduleKeyDeletionRequest { key_id: scene.k.clone(), pending_window_in_days: days };
            scene.kms.schedule_key_deletion(request).unwrap();
        },
        &["kms:ScheduleKeyDeletion K days=7"],
    ),
    (
        Operation::CancelKeyDeletion,
        |scene| {
            let key_id = scene.k.clone();
            assert!(scene.kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id }).is_err());
        },
        &["kms:CancelKeyDeletion K"],
    ),
    (
        Operation::TagResource,
        |scene| {
            let tags = vec![Tag { tag_key: "a".into(), tag_value: "b".into() }];
            scene.kms.tag_resource(TagResourceRequest { key_id: scene.k.clone(), tags }).unwrap();
        },
        &["kms:TagResource K tags=a:b"],
    ),
    (
        Operation::UntagResource,
        |scene| {
            let request = UntagResourceRequest { key_id: scene.k.clone(), tag_keys: vec!["a".into()] };
            scene.kms.untag_resource(request).unwrap();
        },
        &["kms:UntagResource K keys=a"],
    ),
    (
        Operation::ListResourceTags,
        |scene| {
            let request = ListResourceTagsRequest { key_id: scene.k.clone(), ..Default::default() };
            scene.kms.list_resource_tags(request).unwrap();
        },
        &["kms:ListResourceTags K"],
    ),
];
