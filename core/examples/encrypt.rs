//! Encrypts a secret under a KMS key, and decrypts it: `cargo run -p pocketkms --example encrypt`.

use pocketkms::{
    ErrorKind, RootKey, Vault,
    api::{CreateAliasRequest, CreateKeyRequest, DecryptRequest, EncryptRequest},
};

fn main() -> pocketkms::Result<()> {
    // An app keeps the root key where it keeps its secrets: in a keychain, a secret manager, an HSM.
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    let kms = vault.client();
    let key = kms.create_key(CreateKeyRequest::default())?.key_metadata;
    kms.create_alias(CreateAliasRequest { alias_name: "alias/cards".into(), target_key_id: key.key_id })?;

    // The context is not secret. It says what the ciphertext is for, and must be given again.
    let encrypted = kms.encrypt(EncryptRequest {
        key_id: "alias/cards".into(),
        plaintext: b"4242 4242 4242 4242".to_vec().into(),
        encryption_context: Some([("customer", "4711")].into()),
        ..Default::default()
    })?;
    let request = |customer| DecryptRequest {
        ciphertext_blob: Some(encrypted.ciphertext_blob.clone()),
        encryption_context: Some([("customer", customer)].into()),
        ..Default::default()
    };
    let decrypted = kms.decrypt(request("4711"))?;
    println!("{}", String::from_utf8_lossy(decrypted.plaintext.expose()));

    let refused = kms.decrypt(request("4712")).err().expect("another customer's context");
    println!("for another customer: {}", refused.kind().name());
    assert_eq!(refused.kind(), ErrorKind::InvalidCiphertext);
    Ok(())
}
