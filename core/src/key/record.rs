//! What the vault keeps about a key. Written as JSON, sealed (docs/formats.md, "Records").
//!
//! Unknown members are refused: a record of a newer version that was read without them and written back would lose
//! what they said.

use super::{
    AccountId, Arn, BranchKeyVersion, ExpirationModelType, ImportState, KeyId, KeyManagerType, KeySpec, KeyState,
    KeyUsageType, MaterialId, OriginType, Region, RotationType,
};
use crate::{
    clock::{DAY_MILLIS, Timestamp},
    context::EncryptionContext,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    sync::Arc,
    vec::Vec,
};
use serde::{Deserialize, Serialize};

/// A KMS key, all but its materials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRecord {
    pub(crate) id: KeyId,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    #[serde(with = "millis")]
    pub(crate) created: Timestamp,
    pub(crate) description: String,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsageType,
    pub(crate) origin: OriginType,
    pub(crate) manager: KeyManagerType,
    pub(crate) state: KeyState,
    /// Whether a policy was put to the key, which then stands in a record of its own. Else it has the default one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) has_policy: bool,
    /// How many grants there are on the key. They stand in records of their own; a key without any costs no look.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) grants: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    /// What encrypts; absent until material was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) current_material: Option<MaterialId>,
    /// How many materials the key ever had: the number of the next one.
    pub(crate) materials: u32,
    /// The aliases that name the key, `alias/orders`: to find them without opening those of other keys. What an alias names
    /// stands in its own record.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) aliases: BTreeSet<String>,
    /// How many of the materials `RotateKeyOnDemand` made.
    #[serde(default)]
    pub(crate) on_demand_rotations: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rotation: Option<RotationSchedule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletion: Option<PendingDeletion>,
    /// Of a key of origin `EXTERNAL` that ever had material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) imported: Option<ImportedRecord>,
    /// What a multi-Region key has in common with those of other Regions, as it is stored: in a record of its own, so that the
    /// two cannot differ.
    #[serde(skip)]
    pub(crate) multi_region: Option<Arc<MultiRegionRecord>>,
    /// Of a replica: the state of its primary, which decides whether they rotate.
    #[serde(skip)]
    pub(crate) primary_state: Option<KeyState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) custom_key_store: Option<String>,
    /// Of a key in a custom key store: whether that is not connected, so that the key cannot be used. It stands in the store's record.
    #[serde(skip)]
    pub(crate) is_detached: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_hsm_cluster: Option<String>,
    /// The id of the key in the cluster or the key manager behind the custom key store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external_key: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}

impl KeyRecord {
    /// The key's ARN.
    pub(crate) fn arn(&self) -> String {
        self.arn_in(&self.region)
    }

    /// The ARN that the key has in a Region, or would have.
    pub(crate) fn arn_in(&self, region: &Region) -> String {
        Arn::text(region, &self.account, &format_args!("key/{}", self.id))
    }
}

/// Automatic rotation, enabled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotationSchedule {
    /// 90 to 2560 days.
    pub(crate) period_days: u32,
    #[serde(with = "millis")]
    pub(crate) next: Timestamp,
}

/// A scheduled deletion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingDeletion {
    /// 7 to 30 days.
    pub(crate) window_days: u32,
    /// Absent while the replicas of a multi-Region primary key live.
    #[serde(default, with = "optional_millis", skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Timestamp>,
}

/// What is charged of a key that was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletedKeyRecord {
    /// In milliseconds, as the others.
    created: i64,
    /// When its deletion was scheduled.
    ended: i64,
    /// When it was rotated first, and for the second time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rotations: Vec<i64>,
}

impl DeletedKeyRecord {
    pub(crate) fn new(created: Timestamp, ended: Timestamp, rotations: &[Timestamp]) -> Self {
        let rotations = rotations.iter().map(|date| date.as_millis()).collect();
        Self { created: created.as_millis(), ended: ended.as_millis(), rotations }
    }

    pub(crate) fn created(&self) -> Timestamp {
        Timestamp::from_millis(self.created)
    }

    pub(crate) fn ended(&self) -> Timestamp {
        Timestamp::from_millis(self.ended)
    }

    pub(crate) fn rotations(&self) -> Vec<Timestamp> {
        self.rotations.iter().copied().map(Timestamp::from_millis).collect()
    }
}

impl PendingDeletion {
    /// When the deletion was scheduled, if it has a date: from then on the key costs nothing.
    pub(crate) fn scheduled(&self) -> Option<Timestamp> {
        let waits = i64::from(self.window_days).saturating_mul(DAY_MILLIS);
        self.date.map(|date| Timestamp::from_millis(date.as_millis().saturating_sub(waits)))
    }
}

/// What each operation has to know of a key's imported materials, without reading the record of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedRecord {
    /// The materials that belong to the key for good and are not there: they expired or were deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<MaterialId>,
    /// When the first of the others expires.
    #[serde(default, with = "optional_millis", skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<Timestamp>,
    /// New material, which belongs to the key once it is rotated to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<PendingMaterial>,
}

/// A material that waits for its rotation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PendingMaterial {
    pub(crate) id: MaterialId,
    #[serde(default, with = "optional_millis", skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<Timestamp>,
}

/// What the keys of a multi-Region key share, beside what never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MultiRegionRecord {
    pub(crate) primary: Region,
    /// Whether the primary key is in another vault, from which the replicas came by parcels.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) primary_elsewhere: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) replicas: Vec<Region>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) current_material: Option<MaterialId>,
    #[serde(default)]
    pub(crate) materials: u32,
    #[serde(default)]
    pub(crate) on_demand_rotations: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rotation: Option<RotationSchedule>,
}

/// How a material came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MaterialOrigin {
    /// With the key.
    #[serde(rename = "INITIAL")]
    Initial,
    /// By the schedule.
    #[serde(rename = "AUTOMATIC")]
    Automatic,
    /// By `RotateKeyOnDemand`.
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

impl MaterialOrigin {
    /// As `ListKeyRotations` says it; the first material is no rotation.
    pub(crate) fn rotation_type(self) -> Option<RotationType> {
        match self {
            Self::Initial => None,
            Self::Automatic => Some(RotationType::Automatic),
            Self::OnDemand => Some(RotationType::OnDemand),
        }
    }
}

/// What is known about one material, all but the secret itself, which has a record of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotationRecord {
    pub(crate) material: MaterialId,
    pub(crate) origin: MaterialOrigin,
    /// When it became the current material.
    #[serde(with = "millis")]
    pub(crate) date: Timestamp,
    /// For imported material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// For imported material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) import_state: Option<ImportState>,
    /// For imported material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiration: Option<ExpirationModelType>,
    /// For imported material that expires.
    #[serde(default, with = "optional_millis", skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<Timestamp>,
}

/// The caller that a vault was made for: the default where no other is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallerRecord {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The ARN of the principal.
    pub(crate) principal: String,
}

/// An alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AliasRecord {
    pub(crate) target: KeyId,
    #[serde(with = "millis")]
    pub(crate) created: Timestamp,
    #[serde(with = "millis")]
    pub(crate) updated: Timestamp,
}

/// A branch key, all but its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BranchKeyRecord {
    pub(crate) id: String,
    #[serde(with = "millis")]
    pub(crate) created: Timestamp,
    /// The version that encrypts.
    pub(crate) active: BranchKeyVersion,
    /// How many versions there are.
    pub(crate) versions: u32,
    /// The ARN of the KMS key under which all versions are.
    pub(crate) kms_key: String,
    #[serde(default, skip_serializing_if = "no_pairs")]
    pub(crate) encryption_context: EncryptionContext,
}

/// A version of a branch key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BranchKeyVersionRecord {
    pub(crate) version: BranchKeyVersion,
    #[serde(with = "millis")]
    pub(crate) created: Timestamp,
    /// The ARN of the KMS key.
    pub(crate) kms_key: String,
    /// The material of the KMS key.
    pub(crate) material: String,
    /// The `CiphertextBlob` of the 32 bytes, in base64.
    pub(crate) ciphertext: String,
}

fn no_pairs(context: &EncryptionContext) -> bool {
    context.is_empty()
}

/// A key that one parcel may be sealed to, all but its private key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParcelKeyRecord {
    #[serde(with = "millis")]
    pub(crate) created: Timestamp,
    /// What the other vault is given, in base64.
    pub(crate) parcel_key: String,
}

/// What a parcel says of the key in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParcelRecord {
    pub(crate) key: KeyId,
    pub(crate) account: AccountId,
    /// The Region of the primary key.
    pub(crate) primary: Region,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsageType,
    pub(crate) origin: OriginType,
    pub(crate) on_demand_rotations: u32,
    /// Of each material, in the order in which they became current.
    pub(crate) materials: Vec<ParcelMaterial>,
}

/// What a parcel says of a material.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParcelMaterial {
    pub(crate) id: MaterialId,
    pub(crate) origin: MaterialOrigin,
    /// When it became the current material.
    #[serde(with = "millis")]
    pub(crate) date: Timestamp,
}

/// Times in records are whole milliseconds, which every language reads exactly.
mod millis {
    use crate::clock::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        time.as_millis().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_millis)
    }
}

/// [`millis`] for what may be absent.
mod optional_millis {
    use crate::clock::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::as_millis).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<i64>::deserialize(deserializer).map(|millis| millis.map(Timestamp::from_millis))
    }
}
