//! Envelope messages: data of any size, in the message format of the AWS Encryption SDK.

mod client;
mod header;
mod keyring;
mod stream;

pub use client::{Decrypted, DecryptOptions, EncryptOptions, Encrypted, EncryptionClient};
pub use header::{ContentType, EncryptedDataKey, MessageHeader};
pub use keyring::{DiscoveryFilter, Keyring};
pub use stream::{Decryptor, Encryptor};
