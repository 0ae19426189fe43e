//! Multi-Region keys: KMS keys of several Regions with one id and one material (AWS KMS Developer Guide, "Multi-Region keys").
//!
//! What they share stands in one record, and each key's own record has only what is its own. So the keys of all Regions are in step at
//! any time, a rotation writes the same few records however many replicas there are, and a damaged key takes no other with it.

use super::{KeyRecord, KeyState, MultiRegionKeyType, MultiRegionRecord, OriginType, Region};
use alloc::{borrow::Cow, sync::Arc, vec::Vec};

impl MultiRegionRecord {
    /// That of a new primary key.
    pub(crate) fn new(primary: Region) -> Self {
        Self {
            primary,
            primary_elsewhere: false,
            replicas: Vec::new(),
            current_material: None,
            materials: 0,
            on_demand_rotations: 0,
            rotation: None,
        }
    }

    /// What the key of a Region is.
    pub(crate) fn kind(&self, region: &Region) -> MultiRegionKeyType {
        if self.primary == *region { MultiRegionKeyType::Primary } else { MultiRegionKeyType::Replica }
    }
}

impl KeyRecord {
    /// Whether it has its material in common with the keys of other Regions. Imported material comes to each Region by itself.
    pub(crate) fn shares_material(&self) -> bool {
        self.id.is_multi_region() && self.origin == OriginType::AwsKms
    }

    /// Where the key's materials are, in the names of their records.
    pub(crate) fn material_place(&self) -> Cow<'_, Region> {
        if self.shares_material() { Cow::Owned(Region::shared_place()) } else { Cow::Borrowed(&self.region) }
    }

    /// What it is, of a multi-Region key.
    pub(crate) fn multi_region_type(&self) -> Option<MultiRegionKeyType> {
        self.multi_region.as_ref().map(|shared| shared.kind(&self.region))
    }

    pub(crate) fn is_replica(&self) -> bool {
        self.multi_region_type() == Some(MultiRegionKeyType::Replica)
    }

    /// The state that decides whether the key rotates: that of the primary; nothing where it is not known.
    pub(crate) fn rotating_state(&self) -> Option<KeyState> {
        if self.is_replica() { self.primary_state } else { Some(self.state) }
    }

    /// The key with what it shares.
    pub(crate) fn joined(&self, shared: Arc<MultiRegionRecord>) -> Self {
        let key = self.clone();
        let key = if self.shares_material() {
            Self {
                current_material: shared.current_material,
                materials: shared.materials,
                on_demand_rotations: shared.on_demand_rotations,
                rotation: shared.rotation.clone(),
                ..key
            }
        } else {
            key
        };
        Self { multi_region: Some(shared), ..key }
    }

    /// What is written of the key itself.
    pub(crate) fn own_part(&self) -> Cow<'_, Self> {
        if !self.shares_material() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            current_material: None,
            materials: 0,
            on_demand_rotations: 0,
            rotation: None,
            ..self.clone()
        })
    }

    /// What is written of it for the keys of all Regions, of a multi-Region key.
    pub(crate) fn shared_part(&self) -> Option<MultiRegionRecord> {
        let shared = MultiRegionRecord::clone(self.multi_region.as_ref()?);
        Some(if self.shares_material() {
            MultiRegionRecord {
                current_material: self.current_material,
                materials: self.materials,
                on_demand_rotations: self.on_demand_rotations,
                rotation: self.rotation.clone(),
                ..shared
            }
        } else {
            shared
        })
    }
}
