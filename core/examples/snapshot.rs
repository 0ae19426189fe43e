//! Keeps a vault in a file, under a passphrase: `cargo run -p pocketkms --example snapshot`.

use pocketkms::{
    RootKey, Vault,
    api::{CreateKeyRequest, ListKeysRequest},
};
use std::{env, fs, process};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = env::temp_dir().join(format!("example-{}.vault", process::id()));
    let root = RootKey::from_passphrase(b"correct horse battery staple".to_vec())?;
    let vault = Vault::builder().account_id("111122223333").region("eu-central-1").create_in_memory(&root)?;
    vault.client().create_key(CreateKeyRequest { description: Some("kept".into()), ..Default::default() })?;

    // Sealed and the same on every platform. Write it under another name and rename, so that a crash leaves the old one whole.
    let draft = file.with_extension("new");
    let snapshot = vault.snapshot()?;
    fs::write(&draft, &snapshot)?;
    fs::rename(&draft, &file)?;
    vault.mark_saved(&snapshot)?;
    assert!(!vault.needs_saving());
    vault.close();

    // The vault remembers whose it is.
    let reopened = Vault::builder().open_snapshot(&fs::read(&file)?, &root)?;
    fs::remove_file(&file)?;
    let keys = reopened.client().list_keys(ListKeysRequest::default())?.keys;
    println!("{} key: {}", keys.len(), keys.first().map_or("", |key| &key.key_arn));
    let wrong = RootKey::from_passphrase(b"Tr0ub4dor&3".to_vec())?;
    let refused = Vault::builder().open_snapshot(&reopened.snapshot()?, &wrong).err().expect("a wrong passphrase");
    println!("with another passphrase: {}", refused.kind().name());
    Ok(())
}
