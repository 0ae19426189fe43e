//! A branch key for each tenant, chosen by the encryption context: `cargo run -p pocketkms --example tenants`.

use pocketkms::{
    EncryptionContext, Error, ErrorKind, RootKey, Vault,
    api::{CreateBranchKeyRequest, CreateKeyRequest},
    envelope::{DecryptOptions, EncryptOptions, EncryptionClient, HierarchicalKeyring},
};
use std::{sync::Arc, time::Duration};

fn main() -> pocketkms::Result<()> {
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    let kms = vault.client();
    let key = kms.create_key(CreateKeyRequest::default())?.key_metadata;
    for tenant in ["acme", "globex"] {
        kms.create_branch_key(CreateBranchKeyRequest {
            kms_key_id: key.arn.clone(),
            branch_key_identifier: Some(tenant.into()),
            encryption_context: Some([("tenant", tenant)].into()),
        })?;
    }
    let choose = |context: &EncryptionContext| {
        let tenant = context.get("tenant").ok_or_else(|| Error::new(ErrorKind::Validation, "whose message is it?"))?;
        Ok(tenant.into())
    };
    let keyring = HierarchicalKeyring::with_supplier(
        Arc::new(kms),
        Arc::new(choose),
        Duration::from_secs(60),
        HierarchicalKeyring::DEFAULT_MAX_ENTRIES,
    )?;

    // One call to KMS serves a minute of messages of a tenant.
    let client = EncryptionClient::default();
    let options = EncryptOptions { encryption_context: [("tenant", "acme")].into(), ..Default::default() };
    let message = client.encrypt(&keyring, options, b"of acme")?.message;
    let decrypted = client.decrypt(&keyring, DecryptOptions::default(), &message)?;
    println!("{}", String::from_utf8_lossy(decrypted.plaintext.expose()));
    Ok(())
}
