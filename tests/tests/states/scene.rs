//! A vault with a key in some state, and how the key came into it.

use pocketkms::{Kms, ManualClock, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{builder, create_alias, create_key, encrypt, root},
};

/// A vault with a key in some state, and what operations need to be tried on it.
pub(crate) struct Scene {
    pub(crate) kms: Kms,
    pub(crate) clock: ManualClock,
    pub(crate) store: Shared,
    /// The key that the state is about.
    pub(crate) key: KeyMetadata,
    /// An enabled key.
    pub(crate) other: KeyMetadata,
    /// What the key encrypted while it was enabled.
    pub(crate) blob: Blob,
    /// What the other key encrypted.
    pub(crate) other_blob: Blob,
}

/// An alias of the key.
pub(crate) const ALIAS: &str = "alias/of-the-key";
/// An alias of the other key.
pub(crate) const OTHER_ALIAS: &str = "alias/of-the-other-key";
/// An alias that does not exist.
pub(crate) const NEW_ALIAS: &str = "alias/new";

impl Scene {
    pub(crate) fn set(state: State) -> Self {
        let (builder, clock) = builder();
        let store = Shared::new();
        let kms = builder.create_in(store.clone(), &root()).expect("a vault");
        let (key, other) = (create_key(&kms), create_key(&kms));
        create_alias(&kms, ALIAS, &key.key_id);
        create_alias(&kms, OTHER_ALIAS, &other.key_id);
        let blob = encrypt(&kms, &key.key_id, b"of the key");
        let other_blob = encrypt(&kms, &other.key_id, b"of the other key");
        let scene = Self { kms, clock, store, key, other, blob, other_blob };
        state.bring_about(&scene);
        scene
    }

    pub(crate) fn key(&self) -> String {
        self.key.key_id.clone()
    }

    pub(crate) fn alias_arn(&self, alias: &str) -> String {
        self.key.arn.replace(&format!("key/{}", self.key.key_id), alias)
    }
}

/// The states, and how a key comes into each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    Enabled,
    Disabled,
    PendingDeletion,
    /// The deletion was cancelled, after which the key is disabled.
    Cancelled,
    /// It is gone.
    Deleted,
}

pub(crate) const STATES: [State; 5] =
    [State::Enabled, State::Disabled, State::PendingDeletion, State::Cancelled, State::Deleted];

impl State {
    fn bring_about(self, scene: &Scene) {
        let Scene { kms, clock, .. } = scene;
        let schedule = || {
            let request = ScheduleKeyDeletionRequest { key_id: scene.key(), pending_window_in_days: Some(7) };
            kms.schedule_key_deletion(request).expect("an enabled key");
        };
        match self {
            Self::Enabled => {}
            Self::Disabled => kms.disable_key(DisableKeyRequest { key_id: scene.key() }).expect("an enabled key"),
            Self::PendingDeletion => schedule(),
            Self::Cancelled => {
                schedule();
                kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: scene.key() }).expect("a scheduled key");
            }
            Self::Deleted => {
                schedule();
                clock.advance_days(7);
            }
        }
    }
}
