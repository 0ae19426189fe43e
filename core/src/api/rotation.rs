//! Rotation: new key material for new ciphertexts, with all old material kept for old ones.

use super::limits::{KEY_ID, MARKER};
use crate::{
    clock::Timestamp,
    key::{ExpirationModelType, ImportState, KeyMaterialState, RotationType},
    shape::{Limits, enumerations, structures},
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `EnableKeyRotation`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct EnableKeyRotationRequest {
        /// The symmetric encryption KMS key of origin `AWS_KMS`: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The days from now to the first rotation, and from each rotation to the next, 90 to 2560; 365 by default.
        pub rotation_period_in_days: optional(i32) limits(Limits::range(90, 2560)),
    }

    /// The request of `DisableKeyRotation`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DisableKeyRotationRequest {
        /// The symmetric encryption KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// The request of `GetKeyRotationStatus`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GetKeyRotationStatusRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// The response of `GetKeyRotationStatus`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GetKeyRotationStatusResponse {
        /// Whether the key is rotated automatically.
        pub key_rotation_enabled: required(bool),
        /// The KMS key.
        pub key_id: required(String),
        /// The days between automatic rotations; there when these are enabled.
        pub rotation_period_in_days: optional(i32),
        /// When the key will be rotated automatically; there when that is enabled.
        pub next_rotation_date: optional(Timestamp),
        /// When a rotation on demand was started that is not finished yet.
        pub on_demand_rotation_start_date: optional(Timestamp),
    }

    /// The request of `RotateKeyOnDemand`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RotateKeyOnDemandRequest {
        /// The symmetric encryption KMS key: its key id or key ARN. A key can be rotated on demand 25 times.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// The response of `RotateKeyOnDemand`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RotateKeyOnDemandResponse {
        /// The KMS key.
        pub key_id: required(String),
    }

    /// The request of `ListKeyRotations`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListKeyRotationsRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Which key materials to list; those that a rotation made by default.
        pub include_key_material: optional(IncludeKeyMaterial),
        /// The most key materials to return, 1 to 1000; 100 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
    }

    /// The response of `ListKeyRotations`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListKeyRotationsResponse {
        /// The completed rotations, or all key materials if the request asks for them.
        pub rotations: required(Vec<RotationsListEntry>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more.
        pub truncated: required(bool),
    }

    /// A key material in the response of `ListKeyRotations`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RotationsListEntry {
        /// The key id of the KMS key.
        pub key_id: required(String),
        /// The id of the key material, 64 hexadecimal digits.
        pub key_material_id: required(String),
        /// The description given when the material was imported, up to 256 characters; there for origin `EXTERNAL`.
        pub key_material_description: optional(String),
        /// Whether the imported material is there; there for origin `EXTERNAL`.
        pub import_state: optional(ImportState),
        /// What the material is used for.
        pub key_material_state: required(KeyMaterialState),
        /// Whether the imported material expires; there for origin `EXTERNAL`.
        pub expiration_model: optional(ExpirationModelType),
        /// When the imported material expires; there when `ExpirationModel` is `KEY_MATERIAL_EXPIRES`.
        pub valid_to: optional(Timestamp),
        /// When the rotation to this material was completed; not there for the first material, and for imported
        /// material that waits for its rotation.
        pub rotation_date: optional(Timestamp),
        /// What started the rotation; not there when `RotationDate` is not.
        pub rotation_type: optional(RotationType),
    }
}

enumerations! {
    /// Which key materials `ListKeyRotations` lists.
    pub enum IncludeKeyMaterial {
        /// The first one and those that wait for their rotation too.
        AllKeyMaterial = "ALL_KEY_MATERIAL",
        /// Those that a rotation made.
        RotationsOnly = "ROTATIONS_ONLY",
    }
}
