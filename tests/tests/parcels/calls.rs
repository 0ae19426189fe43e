//! Two vaults, a phone's and a browser's say, and what goes between them.

use pocketkms::{
    Kms, ManualClock, Result,
    api::{
        CreateParcelKeyRequest, KeyMetadata, OpenParcelRequest, OpenParcelResponse, ParcelKeyMetadata,
        RotateKeyOnDemandRequest, SealParcelRequest, SealParcelResponse,
    },
};
use pocketkms_tests::vault::{Opened, builder, create_multi_region_key, root, root_of};

pub(crate) const HERE: &str = "us-east-1";
pub(crate) const THERE: &str = "eu-central-1";

/// A vault with a primary key, and another one in another Region.
pub(crate) struct Scene {
    pub(crate) here: Opened,
    pub(crate) there: Opened,
    pub(crate) clock: ManualClock,
    pub(crate) key: KeyMetadata,
}

pub(crate) fn scene() -> Scene {
    let (other, clock) = builder();
    let there = other.region(THERE).create_in_memory(&root_of(8)).expect("a vault").into();
    let here = builder().0.clock(clock.clone()).region(HERE).create_in_memory(&root()).expect("a vault");
    let here = Opened::from(here);
    let key = create_multi_region_key(&here);
    Scene { here, there, clock, key }
}

/// A client of the vault in another Region.
pub(crate) fn in_region(vault: &Opened, region: &str) -> Kms {
    vault.vault.client_as(vault.vault.caller().with(None, Some(region), None).expect("a caller"))
}

pub(crate) fn ask(kms: &Kms, key: &str) -> Result<ParcelKeyMetadata> {
    kms.create_parcel_key(CreateParcelKeyRequest { key_id: key.into() })
}

pub(crate) fn seal(kms: &Kms, key: &str, parcel_key: &[u8]) -> Result<SealParcelResponse> {
    let parcel_key = parcel_key.to_vec().into();
    kms.seal_parcel(SealParcelRequest { key_id: key.into(), parcel_key, fingerprint: None })
}

pub(crate) fn open(kms: &Kms, parcel: &[u8]) -> Result<OpenParcelResponse> {
    kms.open_parcel(OpenParcelRequest { parcel: parcel.to_vec().into(), ..Default::default() })
}

pub(crate) fn rotate(kms: &Kms, key: &str) {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() }).expect("a rotation");
}

impl Scene {
    /// A parcel of the key for the other vault.
    pub(crate) fn parcel(&self) -> Vec<u8> {
        let parcel_key = ask(&self.there, &self.key.arn).expect("a parcel key").parcel_key;
        seal(&self.here, &self.key.key_id, &parcel_key).expect("a parcel").parcel.to_vec()
    }

    /// The key in the other vault, as it is now.
    pub(crate) fn replicate(&self) -> OpenParcelResponse {
        open(&self.there, &self.parcel()).expect("a replica")
    }
}
