//! The `CiphertextBlob` of a key in a cluster: frozen, and read by what docs/formats.md says of it.

use pocketkms::{Provider, api::*};
use pocketkms_tests::cluster::{connect, key_request, vault_with_store};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// What the cluster of the tests makes of a key with that id, as its first message.
const FROZEN: &str = "43021234abcd12ab34cd56ef1234567890ab1e54a0676d86b6566cff583d7d9595b0\
                      000000000000000000000001652c75347cb05d5a8a0772268c0d1dee4a58e98f3c";

#[test]
fn the_blob_is_as_the_formats_say() {
    let (kms, _, _, store) = vault_with_store();
    connect(&kms, &store);
    kms.vault.create_fixed_key(kms.vault.caller(), Some(ID), None, &key_request(&store)).unwrap();
    let request = EncryptRequest {
        key_id: ID.into(),
        plaintext: b"hello".to_vec().into(),
        encryption_context: Some([("tenant", "7")].into()),
        ..Default::default()
    };
    let blob = kms.encrypt(request).unwrap().ciphertext_blob;
    assert_eq!(hex::encode(&*blob), FROZEN);

    let key_id = hex::decode(ID.replace('-', "")).unwrap();
    assert_eq!(&blob[..18], [&b"C\x02"[..], &key_id].concat());
    // The id of the material: from the id of the key in the cluster, which tells nothing about the key.
    let in_cluster = Provider::default().digest.sha256(&[b"PocketKMS Cluster Key 1", format!("hsm-{ID}").as_bytes()]);
    let label = "PocketKMS Key Material Id 1";
    let material = pocketkms_tests::format::kdf(&in_cluster, label, &key_id, 32);
    assert_eq!(blob[18..34], material[..16]);
    // Length and text of each name and value, sorted by the names.
    let context = [&[0, 0, 0, 6][..], b"tenant", &[0, 0, 0, 1], b"7"].concat();
    let aad = [&blob[..34], &context].concat();
    let key = Provider::default().digest.sha256(&[format!("hsm-{ID}").as_bytes()]);
    let (iv, rest) = blob[34..].split_first_chunk().unwrap();
    let (ciphertext, tag) = rest.split_last_chunk().unwrap();
    let mut data = ciphertext.to_vec();
    Provider::default().aead.open(&key, iv, &aad, &mut data, tag).expect("the plaintext");
    assert_eq!(data, b"hello");
    let request = DecryptRequest {
        ciphertext_blob: Some(hex::decode(FROZEN).unwrap().into()),
        encryption_context: Some([("tenant", "7")].into()),
        ..Default::default()
    };
    assert_eq!(kms.decrypt(request).unwrap().plaintext.expose(), b"hello");
}
