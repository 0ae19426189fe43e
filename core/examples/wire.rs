//! Answers requests of AWS's JSON protocol, as an SDK or a server passes them on: `cargo run -p pocketkms --example wire`.

use pocketkms::{Kms, RootKey, Vault};

fn main() -> pocketkms::Result<()> {
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    let kms = vault.client();
    ask(&kms, "TrentService.ListKeys", "{}");
    ask(&kms, "TrentService.CreateKey", r#"{"Description": "over the wire"}"#);
    ask(&kms, "TrentService.DescribeKey", r#"{"KeyId": "alias/none"}"#);
    ask(&kms, "TrentService.GenerateRandom", r#"{"NumberOfBytes": 0}"#);
    Ok(())
}

fn ask(kms: &Kms, target: &str, body: &str) {
    let response = kms.call(target, body.as_bytes());
    println!("{target} {body}\n  {} {}", response.status, String::from_utf8_lossy(response.body.expose()));
}
