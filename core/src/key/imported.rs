//! Keys whose material is imported: which of it is there, and for how long.

use super::{ImportedRecord, KeyRecord, KeyState, MaterialId, OriginType};
use crate::clock::Timestamp;

impl ImportedRecord {
    fn pending_valid_to(&self) -> Option<Timestamp> {
        self.pending.as_ref().and_then(|pending| pending.valid_to)
    }
}

impl KeyRecord {
    /// When the next of its imported materials expires, a pending one among them.
    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        let imported = self.imported.as_ref()?;
        imported.valid_to.into_iter().chain(imported.pending_valid_to()).min()
    }

    /// Its state at that time: material that has expired is not used, even where it could not be removed yet.
    pub(crate) fn state_at(&self, now: Timestamp) -> KeyState {
        let is_expired = self.imported.as_ref().and_then(|imported| imported.valid_to).is_some_and(|date| date <= now);
        if is_expired && !self.state.is_ending() { KeyState::PendingImport } else { self.shown_state() }
    }

    /// Its state as it is told: a key of a custom key store that is not connected cannot be used, whatever its own state.
    pub(crate) fn shown_state(&self) -> KeyState {
        if self.is_detached && !self.state.is_ending() { KeyState::Unavailable } else { self.state }
    }

    /// The material that waits for its rotation.
    pub(crate) fn pending_material(&self) -> Option<MaterialId> {
        self.imported.as_ref()?.pending.as_ref().map(|pending| pending.id)
    }

    /// The same, unless it has expired at that time, whether or not it could be removed.
    pub(crate) fn pending_material_at(&self, now: Timestamp) -> Option<MaterialId> {
        let pending = self.imported.as_ref()?.pending.as_ref()?;
        pending.valid_to.is_none_or(|date| date > now).then_some(pending.id)
    }

    /// The imported materials that are not there.
    pub(crate) fn missing_materials(&self) -> &[MaterialId] {
        self.imported.as_ref().map_or(&[], |imported| &imported.missing)
    }

    /// Whether it waits for material: it never had any, or some of it is gone.
    pub(crate) fn lacks_material(&self) -> bool {
        self.origin == OriginType::External && (self.materials == 0 || !self.missing_materials().is_empty())
    }

    /// Whether any imported material is there.
    pub(crate) fn has_imported(&self) -> bool {
        let missing = u32::try_from(self.missing_materials().len()).unwrap_or(u32::MAX);
        self.origin == OriginType::External && self.materials > missing
    }

    /// Brings the state in line with the materials that are there. One that is to be deleted stays so.
    pub(crate) fn settle_state(&mut self) {
        if self.state.is_ending() {
            return;
        }
        if self.lacks_material() {
            self.state = KeyState::PendingImport;
        } else if self.state == KeyState::PendingImport {
            self.state = KeyState::Enabled;
        }
    }
}

impl KeyState {
    /// Whether the key is to be deleted.
    fn is_ending(self) -> bool {
        matches!(self, Self::PendingDeletion | Self::PendingReplicaDeletion)
    }
}
