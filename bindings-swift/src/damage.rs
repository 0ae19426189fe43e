//! What of a vault is damaged, for its host.

use crate::{Kms, KmsError};

/// A record of the vault that does not open. Calls that can do without it pass it over.
#[derive(uniffi::Record)]
pub struct DamagedRecord {
    /// The record's name: which key, alias or material it belongs to, whosever that is.
    pub name: String,
    /// The name of the exception that its users get: `RecordCorruptedException`, or `UnsupportedVersionException`.
    pub exception: String,
    /// What is wrong with it.
    pub explanation: String,
}

impl From<pocketkms::DamagedRecord> for DamagedRecord {
    fn from(record: pocketkms::DamagedRecord) -> Self {
        let pocketkms::DamagedRecord { name, kind, explanation, .. } = record;
        Self { name, exception: kind.name().into(), explanation }
    }
}

#[uniffi::export]
impl Kms {
    /// The records that calls found damaged since the vault was opened, and that still are. A list goes on after one, a
    /// snapshot has it in it as it is, a new root key leaves it as it was. For the host alone: they may be any caller's.
    pub fn damaged(&self) -> Result<Vec<DamagedRecord>, KmsError> {
        Ok(self.0.damaged()?.into_iter().map(Into::into).collect())
    }

    /// Opens every record of the vault, and returns those that are damaged. For the host alone: they may be any caller's.
    pub fn verify(&self) -> Result<Vec<DamagedRecord>, KmsError> {
        Ok(self.0.verify()?.into_iter().map(Into::into).collect())
    }
}
