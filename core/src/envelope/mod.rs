//! Envelope messages: data of any size, in the message format of the AWS Encryption SDK.
//!
//! A message carries its data key in encrypted form, so that anyone who may use one of the wrapping keys can decrypt it,
//! with this library or with AWS's. A [`Keyring`] wraps data keys, an [`EncryptionClient`] encrypts and decrypts
//! messages, in one shot or as a stream.

mod arguments;
mod body;
mod cache;
mod client;
mod context;
mod decrypt;
mod encrypt;
mod failure;
mod frame;
mod header;
mod inspect;
#[cfg(feature = "std")]
mod io;
mod kept;
mod keyring;
mod keys;
mod materials;
mod one_shot;
mod opening;
mod plan;
mod range;
mod read;
mod reencrypt;
mod rewrap;
mod sidecar;
mod signature;
mod stream;
mod suite;

pub use arguments::{CacheOptions, DiscoveryFilter, KmsDiscoveryOptions, KmsKeyringOptions, MessageClientOptions};
pub use cache::{CacheLimits, CacheSlot, Cached, CachingMaterialsManager};
pub use client::{DecryptOptions, Decrypted, EncryptOptions, Encrypted, EncryptionClient, Limits};
pub use decrypt::Decryptor;
pub use encrypt::Encryptor;
pub use frame::FramePlan;
pub use header::{ContentType, EncryptedDataKey, MessageHeader};
pub use inspect::{Inspection, MessageInfo, SidecarInfo, WrappingKey, begins_like_message};
#[cfg(feature = "std")]
pub use io::{DecryptReader, DecryptWriter, EncryptReader, EncryptWriter, TransformReader, TransformWriter};
pub use kept::Retire;
pub use keyring::{
    Attempts, BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource, CallbackKeyring, DataKeyWrapper, EcdhCurveSpec,
    HierarchicalKeyring, Keyring, KmsClient, KmsKeyring, MultiKeyring, PaddingScheme, Purpose, RawAesKeyring,
    RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring, WrappedDataKey,
};
pub use materials::{
    DecryptionMaterials, DecryptionMaterialsRequest, EncryptionMaterials, EncryptionMaterialsRequest, MaterialsManager,
};
pub use one_shot::{OneShotDecryption, OneShotEncryption};
pub use plan::{DecryptionPlanner, DecryptionStep, EncryptionPlanner};
#[cfg(feature = "std")]
pub use range::RandomAccessReader;
pub use range::{RangeOptions, RangePart, RangeReader};
pub use reencrypt::{ReencryptOptions, Reencryptor};
pub use rewrap::{RewrapBatchOptions, RewrapOptions, Rewrapped, Rewrapping};
pub use stream::Transform;
pub use suite::{AlgorithmSuite, CommitmentPolicy};

/// The length of a frame where the caller gives none, in bytes of plaintext.
pub const DEFAULT_FRAME_LENGTH: u32 = 64 * 1024;
