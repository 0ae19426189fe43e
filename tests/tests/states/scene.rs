//! A vault with a key in some state, and how the key came into it.

use pocketkms::{
    ManualClock,
    api::*,
    keys::{EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, KeySpec, KeyUsageType},
};
use pocketkms_tests::{
    imports::{external_key, import_request},
    store::Shared,
    vault::{
        Opened, builder, create_alias, create_key, create_key_for, create_key_of, create_multi_region_key, encrypt,
        generate_mac, public_key, root, sign,
    },
};

/// A vault with a key in some state, and what operations need to be tried on it.
pub(crate) struct Scene {
    pub(crate) kms: Opened,
    pub(crate) clock: ManualClock,
    pub(crate) store: Shared,
    /// The key that the state is about.
    pub(crate) key: KeyMetadata,
    /// An enabled key.
    pub(crate) other: KeyMetadata,
    /// What the key encrypted while it was enabled, or its MAC, signature or public key, or an import token for it.
    pub(crate) blob: Blob,
    /// What the other key encrypted, or the material that goes with the token.
    pub(crate) other_blob: Blob,
    /// The id of a grant on the key.
    pub(crate) grant: String,
}

/// An alias of the key.
pub(crate) const ALIAS: &str = "alias/of-the-key";
/// An alias of the other key.
pub(crate) const OTHER_ALIAS: &str = "alias/of-the-other-key";
/// An alias that does not exist.
pub(crate) const NEW_ALIAS: &str = "alias/new";

/// By this spec a scene has a key with imported material.
pub(crate) const WITH_IMPORTED_MATERIAL: KeySpec = KeySpec::Hmac512;

impl Scene {
    /// The key is a symmetric one.
    pub(crate) fn set(state: State) -> Self {
        Self::set_with(state, KeySpec::SymmetricDefault, false)
    }

    /// The key is one of that spec.
    pub(crate) fn set_with(state: State, spec: KeySpec, is_multi_region: bool) -> Self {
        Self::of(state, spec, is_multi_region, |_| ())
    }

    /// With something done while the key is still enabled.
    pub(crate) fn set_for(state: State, spec: KeySpec, prepare: impl FnOnce(&Self)) -> Self {
        Self::of(state, spec, false, prepare)
    }

    fn of(state: State, spec: KeySpec, is_multi_region: bool, prepare: impl FnOnce(&Self)) -> Self {
        let (builder, clock) = builder();
        // There alone are keys of SM2.
        let builder = if spec == KeySpec::Sm2 { builder.region("cn-north-1") } else { builder };
        let store = Shared::new();
        let kms = Opened::from(builder.create_in(store.clone(), &root()).expect("a vault"));
        let key = match spec {
            KeySpec::SymmetricDefault if is_multi_region => create_multi_region_key(&kms),
            KeySpec::EccNistP384 => create_key_for(&kms, spec, KeyUsageType::KeyAgreement),
            WITH_IMPORTED_MATERIAL => external_key(&kms, spec),
            KeySpec::Rsa3072 => create_key_for(&kms, spec, KeyUsageType::SignVerify),
            _ => create_key_of(&kms, spec),
        };
        let other = create_key(&kms);
        create_alias(&kms, ALIAS, &key.key_id);
        create_alias(&kms, OTHER_ALIAS, &other.key_id);
        let mut other_blob = encrypt(&kms, &other.key_id, b"of the other key");
        let blob = match spec {
            WITH_IMPORTED_MATERIAL => {
                let request = import_request(&kms, &key, &[3; 64]);
                kms.import_key_material(request.clone()).expect("a key that waits for material");
                other_blob = request.encrypted_key_material;
                request.import_token
            }
            KeySpec::SymmetricDefault => encrypt(&kms, &key.key_id, b"of the key"),
            KeySpec::Hmac256 => generate_mac(&kms, &key, b"of the key").into(),
            KeySpec::MlKem512 => {
                let request = EncapsulateRequest {
                    key_id: key.key_id.clone(),
                    encapsulation_algorithm: EncapsulationAlgorithmSpec::MlKem,
                    grant_tokens: None,
                    dry_run: None,
                };
                kms.encapsulate(request).expect("a usable key").shared_secret_ciphertext_blob
            }
            _ if key.signing_algorithms.is_some() => sign(&kms, &key, b"of the key"),
            KeySpec::Rsa2048 | KeySpec::Sm2 => {
                let by_sm2 = (spec == KeySpec::Sm2).then_some(EncryptionAlgorithmSpec::Sm2pke);
                let request = EncryptRequest {
                    key_id: key.key_id.clone(),
                    plaintext: b"of the key".to_vec().into(),
                    encryption_algorithm: by_sm2.or(Some(EncryptionAlgorithmSpec::RsaesOaepSha256)),
                    ..Default::default()
                };
                kms.encrypt(request).expect("a usable key").ciphertext_blob
            }
            // Its own public key is one that it can agree with, too.
            _ => public_key(&kms, &key),
        };
        let grant = kms.create_grant(grant(&key.key_id)).expect("a grant").grant_id;
        let scene = Self { kms, clock, store, key, other, blob, other_blob, grant };
        prepare(&scene);
        state.bring_about(&scene);
        scene
    }

    /// How requests name the key.
    pub(crate) fn key(&self) -> String {
        self.key.key_id.clone()
    }

    /// Has requests name the keys by their ARNs, as other accounts must.
    pub(crate) fn by_arn(mut self) -> Self {
        for key in [&mut self.key, &mut self.other] {
            key.key_id.clone_from(&key.arn);
        }
        self
    }

    pub(crate) fn alias_arn(&self, alias: &str) -> String {
        let (place, _) = self.key.arn.split_once("key/").expect("the ARN of a key");
        format!("{place}{alias}")
    }
}

/// A grant that every kind of key can have.
pub(crate) fn grant(key_id: &str) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: key_id.into(),
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        operations: vec![GrantOperation::DescribeKey],
        ..Default::default()
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
