//! PocketKMS for Swift and Kotlin.
//!
//! From what this crate exports, and from the requests and responses of the core itself, UniFFI generates the Swift
//! module `PocketKMS` and the Kotlin packages `pocketkms` and `pocketkms.api`. Nothing is decided here: each method
//! converts, delegates and maps the error.

mod clock;
mod damage;
mod envelope;
mod error;
mod kms;
mod root_key;

pub use clock::{ClockTrust, ManualClock};
pub use damage::DamagedRecord;
pub use envelope::{
    BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource, ByteRange, ContentType, DataKeyWrapper, DecryptOptions,
    Decrypted, Decryptor, DiscoveryFilter, EncryptOptions, Encrypted, EncryptedDataKey, EncryptionClient, Encryptor,
    FileError, FileProgress, Keyring, KmsClient, MessageHeader, MessageInfo, MessageInspection, RangeReader,
    ReencryptOptions, Reencryptor, RewrapBatch, RewrapFailure, RewrapOutcome, RewrapProgress, RewrapReport, Rewrapped,
    RewrappedFile, WrappedDataKey, WrappingKey, remove_abandoned, wrapping_key,
};
pub use error::{ErrorDetails, KmsError};
pub use kms::{Caller, Kms};
pub use root_key::{Argon2Cost, RootKey};

uniffi::setup_scaffolding!();

// The functions that carry the core's types are called from the other side alone; without this the linker would take
// them for unused.
pocketkms::uniffi_reexport_scaffolding!();
