//! Encrypts a stream of any length as a message of the AWS Encryption SDK: `cargo run -p pocketkms --example message`.

use pocketkms::{
    RootKey, Vault,
    api::CreateKeyRequest,
    envelope::{DecryptOptions, DecryptReader, EncryptOptions, EncryptWriter, EncryptionClient},
};
use std::{
    io::{self, Write},
    sync::Arc,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    let kms = vault.client();
    let key = kms.create_key(CreateKeyRequest::default())?.key_metadata;
    let keyring = Arc::new(kms.keyring(&key.arn, &[]));
    let client = EncryptionClient::default();

    // Any `Write` takes the message; a few MiB are in memory, however long it is.
    let options = EncryptOptions { encryption_context: [("file", "numbers.txt")].into(), ..Default::default() };
    let mut writer = EncryptWriter::new(client.encryptor(&*keyring, options)?, Vec::new());
    for number in 0..200_000 {
        writeln!(writer, "{number}")?;
    }
    // Without its end a message is not whole: dropping the writer would leave a part, which no one can take for the whole.
    let message = writer.finish()?;
    println!("{} bytes of message", message.len());

    let mut reader = DecryptReader::new(client.decryptor(keyring, DecryptOptions::default()), &message[..]);
    println!("{} bytes of plaintext", io::copy(&mut reader, &mut io::sink())?);
    println!("for the file {:?}", reader.transform().header().and_then(|header| header.encryption_context.get("file")));
    Ok(())
}
