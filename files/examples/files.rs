//! A file is encrypted, its key is rotated, the file is moved to the new key material without its body, and decrypted.

use pocketkms::{
    RootKey, Vault,
    api::{CreateKeyRequest, RotateKeyOnDemandRequest},
    envelope::{DecryptOptions, EncryptOptions, EncryptionClient},
};
use pocketkms_files::{RewrapBatch, decrypt_file, encrypt_file};
use std::{error::Error, fs, ops::ControlFlow};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let [report, message, copy] =
        ["report.txt", "report.txt.encrypted", "copy.txt"].map(|name| folder.path().join(name));
    fs::write(&report, "a report ".repeat(1_000_000))?;

    let kms = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?.client();
    let key_id = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
    let (client, keyring) = (EncryptionClient::default(), kms.keyring(&key_id, &[]));
    let mut watch = |progress: pocketkms_files::Progress| {
        println!("{} of {} bytes", progress.done, progress.total);
        ControlFlow::Continue(())
    };
    encrypt_file(&client, &keyring, EncryptOptions::default(), &report, &message, &mut watch)?;

    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id })?;
    let batch = RewrapBatch::new(&client, &keyring, &keyring).verify_with(&keyring);
    for _ in 0..2 {
        let done = batch.files([message.clone()], &mut |_| ControlFlow::Continue(()));
        println!("{} rewrapped, {} already done, {} failed", done.rewrapped, done.already_done, done.failed);
    }

    decrypt_file(&client, &keyring, DecryptOptions::default(), &message, &copy, &mut watch)?;
    assert_eq!(fs::read(&copy)?, fs::read(&report)?);
    Ok(())
}
