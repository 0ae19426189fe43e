//! Parcels have events of their own, as branch keys have.

use super::Scene;
use pocketkms::{
    Error, ErrorKind, Vault,
    api::{
        CreateParcelKeyRequest, DeleteParcelKeyRequest, ListParcelKeysRequest, OpenParcelRequest, SealParcelRequest,
    },
};
use pocketkms_tests::vault::{builder, create_multi_region_key, root};

#[test]
fn what_is_done_with_parcels_is_recorded_in_both_vaults() -> Result<(), Error> {
    let scene = Scene::new();
    let kms = &scene.kms;
    let other: Vault = builder().0.account_id("111122223333").region("eu-central-1").create_in_memory(&root())?;
    let key = create_multi_region_key(&other.client());
    let ask = || kms.create_parcel_key(CreateParcelKeyRequest { key_id: key.arn.clone() });
    kms.delete_parcel_key(DeleteParcelKeyRequest { parcel_key_id: ask()?.parcel_key_id })?;
    let asked = ask()?;
    kms.list_parcel_keys(ListParcelKeysRequest::default())?;
    let request = SealParcelRequest { key_id: key.key_id, parcel_key: asked.parcel_key, fingerprint: None };
    let parcel = other.client().seal_parcel(request)?.parcel;
    let cut = OpenParcelRequest { parcel: parcel[..1200].to_vec().into(), ..Default::default() };
    assert_eq!(kms.open_parcel(cut).unwrap_err().kind(), ErrorKind::InvalidCiphertext);
    let opened = kms.open_parcel(OpenParcelRequest { parcel, ..Default::default() })?;

    let records = scene.newest(6);
    let mut names: Vec<_> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["CreateParcelKey", "CreateParcelKey", "DeleteParcelKey", "ListParcelKeys", "OpenParcel", "OpenParcel"]
    );
    for record in &records {
        assert_eq!(record["eventSource"], "pocketkms");
        assert_eq!(record["readOnly"], record["eventName"] == "ListParcelKeys");
        let text = record.to_string();
        assert!(!text.to_ascii_lowercase().contains("\"parcelkey\"") && !text.contains("\"parcel\""), "{text}");
    }
    let opening: Vec<_> = records.iter().filter(|record| record["eventName"] == "OpenParcel").collect();
    assert!(opening.iter().any(|record| record["errorCode"] == "InvalidCiphertextException"));
    let made = opening.iter().find(|record| record["errorCode"].is_null()).unwrap();
    assert_eq!(made["resources"][0]["ARN"], opened.key_metadata.arn);
    Ok(())
}
