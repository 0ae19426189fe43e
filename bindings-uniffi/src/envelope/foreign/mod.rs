//! What an app implements in Swift or Kotlin: the traits, and how what it throws passes through the core.
//!
//! All of them are synchronous, as the core is, and are called on the thread that encrypts or decrypts: they may wait there.
//! Whatever they throw is thrown by the call that led to them, as it is, or stands in the attempts of a message that could not
//! be opened. Nothing that an app returns ends the process.

mod branch_keys;
mod kms_client;
mod wrapper;

pub use branch_keys::{BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource};
pub(super) use branch_keys::{ForeignSource, ForeignSupplier};
pub(super) use kms_client::ForeignClient;
pub use kms_client::KmsClient;
pub(super) use wrapper::ForeignWrapper;
pub use wrapper::{DataKeyWrapper, WrappedDataKey};

use crate::KmsError;
use pocketkms::Error;

/// Hands what an app returned or threw to the core.
fn passed<T>(result: Result<T, KmsError>) -> Result<T, Error> {
    result.map_err(Error::from)
}
