//! Envelope messages: data of any size, in the message format of the AWS Encryption SDK.

mod batch;
mod client;
mod file;
mod foreign;
mod header;
mod keyring;
mod reencrypt;
mod stored;
mod stream;

pub use batch::{RewrapBatch, RewrapFailure, RewrapOutcome, RewrapProgress, RewrapReport, RewrappedFile};
pub use client::{DecryptOptions, Decrypted, EncryptOptions, Encrypted, EncryptionClient};
pub use file::{FileError, FileProgress, remove_abandoned};
pub use foreign::{
    BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource, DataKeyWrapper, KmsClient, WrappedDataKey,
};
pub use header::{ContentType, EncryptedDataKey, MessageHeader};
pub use keyring::{DiscoveryFilter, Keyring};
pub use reencrypt::{ReencryptOptions, Reencryptor};
pub use stored::{ByteRange, MessageInfo, MessageInspection, RangeReader, Rewrapped, WrappingKey, wrapping_key};
pub use stream::{Decryptor, Encryptor};
