//! Moves a stored message to another key without its body: `cargo run -p pocketkms --example rewrap`.

use pocketkms::{
    RootKey, Vault,
    api::{CreateKeyRequest, DisableKeyRequest},
    envelope::{DecryptOptions, EncryptOptions, EncryptionClient, RewrapOptions, Rewrapped},
};

fn main() -> pocketkms::Result<()> {
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    let kms = vault.client();
    let create = || kms.create_key(CreateKeyRequest::default()).map(|created| created.key_metadata);
    let (old, new) = (create()?, create()?);
    let (source, destination) = (kms.keyring(&old.arn, &[]), kms.keyring(&new.arn, &[]));
    let client = EncryptionClient::default();
    let message = client.encrypt(&source, EncryptOptions::default(), &vec![0; 1_000_000])?.message;

    // A message with key commitment keeps its header: what changed stands in a sidecar, some hundred bytes beside it.
    assert!(client.needs_rewrap(&destination, &message, None)?);
    let rewrapped = client.rewrap(&source, &destination, &RewrapOptions::default(), &message)?;
    let Rewrapped::Sidecar(sidecar) = rewrapped else { unreachable!("the default suite commits to its key") };
    println!("a sidecar of {} bytes for a message of {}", sidecar.len(), message.len());

    kms.disable_key(DisableKeyRequest { key_id: old.key_id })?;
    let options = DecryptOptions { sidecar: Some(sidecar), ..Default::default() };
    println!("{} bytes decrypted", client.decrypt(&destination, options, &message)?.plaintext.len());
    Ok(())
}
