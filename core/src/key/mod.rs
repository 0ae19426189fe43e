//! What a KMS key is: how it is named, what it can do, in which state it is, which materials it has.

mod algorithm;
mod id;
mod imported;
mod lifecycle;
mod material;
mod multi_region;
mod record;
mod rotation_secret;
mod spec;
mod state;

pub use algorithm::*;
pub(crate) use id::{ALIAS_PREFIX, AliasName, KeyReference};
pub use id::{AccountId, Arn, BranchKeyVersion, KeyId, MaterialId, Region};
pub(crate) use lifecycle::Due;
pub(crate) use material::{HmacMaterial, KeyPair, Material, MaterialRecord, Signed, SymmetricMaterial, open_pair};
pub(crate) use record::{
    AliasRecord, BranchKeyRecord, BranchKeyVersionRecord, CallerRecord, DeletedKeyRecord, ImportedRecord, KeyRecord,
    MaterialOrigin, MultiRegionRecord, ParcelKeyRecord, ParcelMaterial, ParcelRecord, PendingDeletion, PendingMaterial,
    RotationRecord, RotationSchedule,
};
pub(crate) use rotation_secret::RotationSecrets;
pub use spec::*;
pub(crate) use state::StateRule;
