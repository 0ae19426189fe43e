//! PocketKMS for Swift and Kotlin.
//!
//! From what this crate exports, and from the requests and responses of the core itself, UniFFI generates the Swift
//! module `PocketKMS` and the Kotlin packages `pocketkms` and `pocketkms.api`. Nothing is decided here: each method
//! converts, delegates and maps the error.

mod audit;
mod clock;
mod cluster;
mod envelope;
mod error;
mod kms;
mod root_key;
mod root_keys;
mod seconds;
mod thrown;
mod vault;
mod xks;

pub use audit::{Audit, AuditFormat, AuditProblem, AuditProblemKind, AuditReport, AuditSink, AuditWriter};
pub use clock::ManualClock;
pub use cluster::{CloudHsmCluster, cluster_error};
pub use envelope::{
    BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource, ByteRange, DataKeyWrapper, Decryptor, EncryptionClient,
    Encryptor, FileError, FileProgress, Keyring, KmsClient, MessageInspection, RangeReader, Reencryptor, RewrapBatch,
    RewrapFailure, RewrapOutcome, RewrapProgress, RewrapReport, Rewrapped, RewrappedFile, WrappedDataKey,
    remove_abandoned, wrapping_key,
};
pub use error::{Attempt, ErrorDetails, KmsError};
pub use kms::{Kms, WireResponse};
pub use root_key::{KeyWrapper, RootKey};
pub use thrown::{Thrown, ThrownHolder};
pub use vault::{Caller, DamagedRecord, Vault, flush_all};
pub use xks::{XksRequest, XksResponse, XksTransport};

uniffi::setup_scaffolding!();

// The functions that carry the core's types are called from the other side alone; without this the linker would take
// them for unused.
pocketkms::uniffi_reexport_scaffolding!();
