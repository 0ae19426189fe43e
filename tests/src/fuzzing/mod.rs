//! What must hold of any bytes whatever. Each function takes a part of a message or a request of the wire, and panics where something does not
//! hold; the fuzz targets in `fuzz/` call them, and `tests/tests/envelope/corpus.rs` does, with the corpora.

mod attestation;
mod blob;
mod body;
mod footer;
mod header;
mod key_file;
mod key_reference;
mod parcel;
mod policy;
mod record;
mod scene;
mod seeds;
mod sidecar;
mod snapshot;
mod transparent;
mod wire;
mod xks;

pub use attestation::attestation;
pub use blob::blob;
pub use body::body;
pub use footer::footer;
pub use header::header;
pub use key_file::key_file;
pub use key_reference::key_reference;
pub use parcel::parcel;
pub use policy::policy;
pub use record::record;
pub use seeds::{Seed, seeds};
pub use sidecar::sidecar;
pub use snapshot::snapshot;
pub use wire::wire;
pub use xks::xks;

use pocketkms::{Error, ErrorKind};

/// A check of any bytes. It answers whether they were taken.
pub type Check = fn(&[u8]) -> bool;

/// All checks, by the names of their targets and corpora.
pub const ALL: [(&str, Check); 14] = [
    ("attestation", attestation),
    ("header", header),
    ("body", body),
    ("footer", footer),
    ("sidecar", sidecar),
    ("wire", wire),
    ("policy", policy),
    ("blob", blob),
    ("record", record),
    ("snapshot", snapshot),
    ("key_reference", key_reference),
    ("key_file", key_file),
    ("xks", xks),
    ("parcel", parcel),
];

/// Untrusted bytes are refused with an error that says so.
fn is_of_the_message(error: &Error) {
    let kind = error.kind();
    let named = matches!(
        kind,
        ErrorKind::InvalidMessage
            | ErrorKind::UnableToDecryptDataKey
            | ErrorKind::LimitExceeded
            | ErrorKind::UnsupportedVersion
    );
    assert!(named, "refused, but with {error}");
    assert!(error.explanation().is_some() || !error.message().is_empty(), "{kind:?} is not explained");
}
