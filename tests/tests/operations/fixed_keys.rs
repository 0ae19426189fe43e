//! Keys whose id and material the host gives, as the seeds of tests do.

use pocketkms::{Caller, ErrorKind, RootKey, SecretArray, Vault, api::*};
use pocketkms_tests::vault::refused;

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const MULTI_REGION_ID: &str = "mrk-1234abcd12ab34cd56ef1234567890ab";

fn vault() -> Vault {
    Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32]).unwrap()).unwrap()
}

fn fixed(vault: &Vault, caller: &Caller, material: u8) -> pocketkms::Result<CreateKeyResponse> {
    let request = CreateKeyRequest { description: Some("orders".into()), ..Default::default() };
    vault.create_fixed_key(caller, Some(ID), SecretArray::copy_of(&[material; 32]).as_ref(), &request)
}

#[test]
fn what_one_vault_encrypts_another_decrypts() {
    let (one, two, other) = (vault(), vault(), vault());
    let made = fixed(&one, one.caller(), 1).unwrap().key_metadata;
    assert_eq!(made.key_id, ID);
    assert_eq!(made.description, "orders");
    let same = fixed(&two, two.caller(), 1).unwrap().key_metadata;
    assert_eq!(made.current_key_material_id, same.current_key_material_id);
    fixed(&other, other.caller(), 2).unwrap();

    let request = EncryptRequest { key_id: ID.into(), plaintext: b"x".to_vec().into(), ..Default::default() };
    let blob = one.client().encrypt(request).unwrap().ciphertext_blob;
    let decrypt = || DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
    assert_eq!(two.client().decrypt(decrypt()).unwrap().plaintext.expose(), b"x");
    refused(other.client().decrypt(decrypt()), ErrorKind::InvalidCiphertext, "");

    // What comes by rotation is random.
    for vault in [&one, &two] {
        vault.client().rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: ID.into() }).unwrap();
    }
    let current = |vault: &Vault| {
        let request = DescribeKeyRequest { key_id: ID.into(), ..Default::default() };
        vault.client().describe_key(request).unwrap().key_metadata.current_key_material_id
    };
    assert_ne!(current(&one), current(&two));
}

#[test]
fn an_id_is_of_one_key() {
    let vault = vault();
    fixed(&vault, vault.caller(), 1).unwrap();
    refused(
        fixed(&vault, vault.caller(), 1),
        ErrorKind::AlreadyExists,
        &format!("A key with the id {ID} already exists"),
    );
    let elsewhere = vault.caller().with(None, Some("eu-central-1"), None).unwrap();
    assert!(fixed(&vault, &elsewhere, 1).unwrap().key_metadata.arn.contains(":eu-central-1:"));
}

#[test]
fn ids_that_are_none() {
    let vault = vault();
    let upper = ID.to_uppercase();
    for id in ["", "orders", &upper, "alias/orders"] {
        let made = vault.create_fixed_key(vault.caller(), Some(id), None, &CreateKeyRequest::default());
        refused(made, ErrorKind::NotFound, &format!("Invalid keyId '{id}'"));
    }
    let fixed_as = |id: &str, multi_region: bool| {
        let request = CreateKeyRequest { multi_region: Some(multi_region), ..Default::default() };
        vault.create_fixed_key(vault.caller(), Some(id), None, &request)
    };
    let message = "The id of a key with MultiRegion false does not begin with 'mrk-'.";
    refused(fixed_as(MULTI_REGION_ID, false), ErrorKind::Validation, message);
    refused(fixed_as(ID, true), ErrorKind::Validation, "The id of a key with MultiRegion true begins with 'mrk-'.");
    let made = vault.create_fixed_key(vault.caller(), Some(MULTI_REGION_ID), None, &CreateKeyRequest::default());
    assert_eq!(made.unwrap().key_metadata.key_id, MULTI_REGION_ID);
    // It is one key in all Regions.
    let elsewhere = vault.caller().with(None, Some("eu-central-1"), None).unwrap();
    let request = CreateKeyRequest { multi_region: Some(true), ..Default::default() };
    refused(
        vault.create_fixed_key(&elsewhere, Some(MULTI_REGION_ID), None, &request),
        ErrorKind::AlreadyExists,
        &format!("A key with the id {MULTI_REGION_ID} already exists"),
    );
}

#[test]
fn without_either_it_is_any_key() {
    let vault = vault();
    let make =
        || vault.create_fixed_key(vault.caller(), None, None, &CreateKeyRequest::default()).unwrap().key_metadata;
    let (one, two) = (make(), make());
    assert_ne!(one.key_id, two.key_id);
    assert_ne!(one.current_key_material_id, two.current_key_material_id);
}
