//! What JavaScript found out before it asks a keyring that answers at once.

use pocketkms::{
    EncryptionContext, Error, ErrorKind, Result, Secret, Untrusted,
    envelope::{AlgorithmSuite, BranchKeyIdSupplier, DataKeyWrapper, EncryptedDataKey, Purpose, WrappedDataKey},
};
use std::sync::{Arc, Mutex, PoisonError};

/// An answer, which the half in JavaScript sets before each question.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Answer>>>);

type Answer = Result<String, String>;

impl Slot {
    pub(crate) fn set(&self, answer: Option<Answer>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn get(&self) -> Result<Option<String>> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let refused = |reason: String| Error::new(ErrorKind::Validation, "").explain(Untrusted(&reason).to_string());
        answer.transpose().map_err(refused)
    }
}

/// The id of the branch key for one message.
impl BranchKeyIdSupplier for Slot {
    fn branch_key_id(&self, _: &EncryptionContext) -> Result<String> {
        self.get()?.ok_or_else(|| Error::new(ErrorKind::Validation, "no branch key was chosen"))
    }
}

/// Stands for a keyring that answers later, where only its fingerprint is asked for.
impl DataKeyWrapper for Slot {
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
