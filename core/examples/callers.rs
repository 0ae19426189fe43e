//! One vault for several accounts and Regions: `cargo run -p pocketkms --example callers`.

use pocketkms::{
    ErrorKind, Kms, RootKey, Vault,
    api::{CreateKeyRequest, EncryptRequest, ListKeysRequest},
};

fn main() -> pocketkms::Result<()> {
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    // Who calls is for the app to know; nothing is asked of the caller here. A client cannot become another one.
    let client =
        |account| Ok::<_, pocketkms::Error>(vault.client_as(vault.caller().with(Some(account), None, None)?));
    let (orders, billing) = (client("111122223333")?, client("444455556666")?);

    let key = orders.create_key(CreateKeyRequest::default())?.key_metadata;
    println!("orders has {} key, billing has {}", count(&orders)?, count(&billing)?);

    let request = EncryptRequest { key_id: key.arn, plaintext: b"x".to_vec().into(), ..Default::default() };
    let refused = billing.encrypt(request).expect_err("a key of another account");
    println!("billing, with the key of orders: {refused}");
    assert_eq!(refused.kind(), ErrorKind::AccessDenied);
    Ok(())
}

fn count(kms: &Kms) -> pocketkms::Result<usize> {
    Ok(kms.list_keys(ListKeysRequest::default())?.keys.len())
}
