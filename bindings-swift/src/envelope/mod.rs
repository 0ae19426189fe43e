//! Envelope messages: data of any size, in the message format of the AWS Encryption SDK.

mod client;
mod file;
mod header;
mod keyring;
mod stored;
mod stream;
mod wrapper;

pub use client::{DecryptOptions, Decrypted, EncryptOptions, Encrypted, EncryptionClient};
pub use file::{FileError, FileProgress};
pub use header::{ContentType, EncryptedDataKey, MessageHeader};
pub use keyring::{DiscoveryFilter, Keyring};
pub use stored::{ByteRange, MessageInfo, MessageInspection, RangeReader, Rewrapped, WrappingKey, wrapping_key};
pub use stream::{Decryptor, Encryptor};
pub use wrapper::{DataKeyWrapper, WrappedDataKey};
