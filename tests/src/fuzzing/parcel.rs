//! What two vaults send each other: a parcel key that the vault of a primary key is given, and what is behind the seal of a parcel.

use super::transparent;
use crate::vault::{START, root};
use pocketkms::{
    Audit, ErrorKind, ManualClock, Vault, VaultBuilder,
    api::{
        CreateKeyRequest, CreateParcelKeyRequest, GetPublicKeyRequest, ListKeyRotationsRequest, OpenParcelRequest,
        SealParcelRequest,
    },
    keys::KeyId,
};
use std::cell::LazyCell;

const KEY: &str = "mrk-00112233445566778899aabbccddeeff";
/// As long as all that comes before the seal (docs/formats.md, "Parcel").
const HEAD: usize = 1139;

thread_local! {
    static SCENE: LazyCell<Scene> = LazyCell::new(Scene::new);
}

struct Scene {
    primary: Vault,
    /// A vault that waits for a parcel, and the parcel up to its seal.
    waiting: Vec<u8>,
    head: Vec<u8>,
}

fn builder(region: &str) -> VaultBuilder {
    let builder = Vault::builder().provider(transparent::provider()).clock(ManualClock::new(START));
    builder.region(region).audit(Audit::off())
}

impl Scene {
    fn new() -> Self {
        let primary = builder("us-east-1").create_in_memory(&root()).expect("a vault");
        primary.create_fixed_key(primary.caller(), Some(KEY), None, &CreateKeyRequest::default()).expect("a key");
        let replica = builder("eu-central-1").create_in_memory(&root()).expect("a vault");
        let asked = replica.client().create_parcel_key(CreateParcelKeyRequest { key_id: KEY.into() });
        let parcel_key = asked.expect("a parcel key").parcel_key;
        let request = SealParcelRequest { key_id: KEY.into(), parcel_key, fingerprint: None };
        let parcel = primary.client().seal_parcel(request).expect("a parcel").parcel;
        let waiting = replica.snapshot().expect("a snapshot");
        Self { primary, waiting, head: parcel[..HEAD].to_vec() }
    }
}

/// The first byte says which of the two it is.
pub fn parcel(data: &[u8]) -> bool {
    let [choice, data @ ..] = data else { return false };
    SCENE.with(|scene| if choice & 1 == 0 { plaintext(scene, data) } else { parcel_key(scene, data) })
}

/// What is taken is a key that can be used, or waits for its material.
fn plaintext(scene: &Scene, data: &[u8]) -> bool {
    let vault = builder("eu-central-1").open_snapshot(&scene.waiting, &root()).expect("the vault");
    let kms = vault.client();
    let parcel = [&scene.head[..], &[0; 64], data, &[0; 16]].concat();
    match kms.open_parcel(OpenParcelRequest { parcel: parcel.into(), ..Default::default() }) {
        Ok(opened) => {
            let key = opened.key_metadata;
            assert_eq!(key.key_id, KEY);
            let request = ListKeyRotationsRequest { key_id: KEY.into(), ..Default::default() };
            let _ = kms.list_key_rotations(request);
            let _ = kms.get_public_key(GetPublicKeyRequest { key_id: KEY.into(), ..Default::default() });
            assert!(vault.damaged().expect("open").is_empty());
            true
        }
        Err(error) => {
            let named = [ErrorKind::InvalidCiphertext, ErrorKind::Validation, ErrorKind::AlreadyExists];
            assert!(named.contains(&error.kind()), "{}", error.report());
            false
        }
    }
}

/// What is taken is answered with a parcel for it.
fn parcel_key(scene: &Scene, data: &[u8]) -> bool {
    let key: KeyId = KEY.parse().expect("an id");
    let request = SealParcelRequest { key_id: KEY.into(), parcel_key: data.to_vec().into(), fingerprint: None };
    match scene.primary.client().seal_parcel(request) {
        Ok(sealed) => {
            assert_eq!(sealed.parcel[2..18], data[2..18]);
            assert_eq!(data[38..54], *key.as_bytes());
            assert!(data.ends_with(sealed.replica_region.as_bytes()));
            true
        }
        Err(error) => {
            let named = [ErrorKind::Validation, ErrorKind::AlreadyExists, ErrorKind::ExpiredImportToken];
            assert!(named.contains(&error.kind()), "{}", error.report());
            false
        }
    }
}
