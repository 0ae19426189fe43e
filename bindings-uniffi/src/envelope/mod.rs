//! Envelope messages: data of any size, in the message format of the AWS Encryption SDK.

mod batch;
mod client;
mod file;
mod foreign;
mod keyring;
mod reencrypt;
mod stored;
mod stream;

pub use batch::{RewrapBatch, RewrapFailure, RewrapOutcome, RewrapProgress, RewrapReport, RewrappedFile};
pub use client::EncryptionClient;
pub use file::{FileError, FileProgress, remove_abandoned};
pub use foreign::{
    BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource, DataKeyWrapper, KmsClient, WrappedDataKey,
};
pub use keyring::Keyring;
pub use reencrypt::Reencryptor;
pub use stored::{ByteRange, MessageInspection, RangeReader, Rewrapped, wrapping_key};
pub use stream::{Decryptor, Encryptor};
