//! What JavaScript finds out for a keyring before it runs: the id of a branch key, or the fingerprint of a callback.

use crate::fault::Thrown;
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Result, Secret, Untrusted,
    envelope::{AlgorithmSuite, BranchKeyIdSupplier, DataKeyWrapper, EncryptedDataKey, Purpose, WrappedDataKey},
};
use std::sync::{Arc, Mutex, PoisonError};

/// A text that the half in JavaScript sets before each run.
#[derive(Clone, Default)]
pub(crate) struct Supplied(Arc<Mutex<Option<Found>>>);

/// The text; or the words of what was thrown, and that itself.
type Found = std::result::Result<String, (String, Thrown)>;

impl Supplied {
    pub(crate) fn set(&self, found: Option<Found>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn get(&self) -> Result<Option<String>> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(text.clone())),
            Some(Err((reason, thrown))) => Err(Error::new(ErrorKind::Validation, "")
                .explain(Untrusted(reason).to_string())
                .with_origin(thrown.to_origin())),
        }
    }
}

/// The id of the branch key for one message.
impl BranchKeyIdSupplier for Supplied {
    fn branch_key_id(&self, _: &EncryptionContext) -> Result<String> {
        self.get()?.ok_or_else(|| Error::new(ErrorKind::Validation, "no branch key was chosen"))
    }
}

/// Stands for a keyring that answers later, where only its fingerprint is asked for.
impl DataKeyWrapper for Supplied {
    fn wrap_data_key(&self, _: &Secret, _: &EncryptionContext, _: AlgorithmSuite) -> Result<WrappedDataKey> {
        Err(later())
    }

    fn unwrap_data_key(&self, _: &EncryptedDataKey, _: &EncryptionContext, _: AlgorithmSuite) -> Result<Secret> {
        Err(later())
    }

    fn fingerprint(&self, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        Ok(self.get()?.map(String::into_bytes))
    }
}

fn later() -> Error {
    Error::new(ErrorKind::UnsupportedOperation, "the callback answers later")
}
