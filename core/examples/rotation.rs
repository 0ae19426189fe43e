//! Turns the clock by a year and sees a key rotate: `cargo run -p pocketkms --example rotation`.

use pocketkms::{
    ManualClock, RootKey, Timestamp, Vault,
    api::{CreateKeyRequest, DecryptRequest, EnableKeyRotationRequest, EncryptRequest, ListKeyRotationsRequest},
};

fn main() -> pocketkms::Result<()> {
    let clock = ManualClock::new(Timestamp::from_millis(1_700_000_000_000));
    let vault = Vault::builder().clock(clock.clone()).create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    let kms = vault.client();
    let key_id = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
    kms.enable_key_rotation(EnableKeyRotationRequest { key_id: key_id.clone(), ..Default::default() })?;

    let encrypt = || {
        let request =
            EncryptRequest { key_id: key_id.clone(), plaintext: b"old".to_vec().into(), ..Default::default() };
        kms.encrypt(request).map(|encrypted| encrypted.ciphertext_blob)
    };
    let decrypt = |blob| kms.decrypt(DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() });
    let before = encrypt()?;
    clock.advance_days(365);
    let after = encrypt()?;

    // What was encrypted before still decrypts, with the material that it was encrypted under.
    let (before, after) = (decrypt(before)?, decrypt(after)?);
    assert_ne!(before.key_material_id, after.key_material_id);
    assert_eq!(before.plaintext.expose(), after.plaintext.expose());
    let rotations = kms.list_key_rotations(ListKeyRotationsRequest { key_id, ..Default::default() })?.rotations;
    println!("{} rotation, of {:?}", rotations.len(), rotations.first().and_then(|rotation| rotation.rotation_type));
    Ok(())
}
