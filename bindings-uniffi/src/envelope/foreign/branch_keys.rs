//! Branch keys that the app keeps, or chooses.

use super::passed;
use crate::KmsError;
use pocketkms::{Clock, EncryptionContext, Error, ErrorKind, Secret, SecretArray, Timestamp, keys::BranchKeyVersion};
use std::sync::Arc;

/// An app's own store of branch keys: AWS's key store in `DynamoDB`, say. What it returns is kept in memory for the keyring's
/// time to live, so a rotation, or a branch key that was taken away, takes effect when that has passed.
#[uniffi::export(with_foreign)]
pub trait BranchKeySource: Send + Sync {
    /// The version that encrypts.
    fn active_branch_key(&self, branch_key_id: String) -> Result<BranchKeyMaterials, KmsError>;

    /// A version that encrypted.
    fn branch_key_version(
        &self,
        branch_key_id: String,
        branch_key_version: String,
    ) -> Result<BranchKeyMaterials, KmsError>;

    /// Text that is another one as soon as this branch key, or this version of it, is another or may not be used any more;
    /// better still, throw then. The keyring and its cache ask for it at each message, and so use nothing that they keep once it
    /// changed. Without it, what is kept is used until its time is over.
    fn branch_key_state(&self, branch_key_id: String, branch_key_version: Option<String>) -> Result<String, KmsError>;
}

/// One version of a branch key, opened.
#[derive(uniffi::Record)]
pub struct BranchKeyMaterials {
    /// The version, a UUID.
    pub branch_key_version: String,
    /// The branch key, 32 bytes.
    pub branch_key: Secret,
}

/// Chooses the branch key by the encryption context, for keyrings of many tenants.
#[uniffi::export(with_foreign)]
pub trait BranchKeyIdSupplier: Send + Sync {
    /// The id of the branch key.
    fn branch_key_id(&self, encryption_context: EncryptionContext) -> Result<String, KmsError>;
}

/// The core's view of a store, with the clock by which the keyring forgets.
pub(in super::super) struct ForeignSource(
    pub(in super::super) Arc<dyn BranchKeySource>,
    pub(in super::super) Arc<dyn Clock>,
);

impl pocketkms::envelope::BranchKeySource for ForeignSource {
    fn active_branch_key(&self, id: &str) -> Result<pocketkms::envelope::BranchKeyMaterials, Error> {
        opened(passed(self.0.active_branch_key(id.into()))?)
    }

    fn branch_key_version(
        &self,
        id: &str,
        version: &BranchKeyVersion,
    ) -> Result<pocketkms::envelope::BranchKeyMaterials, Error> {
        let materials = opened(passed(self.0.branch_key_version(id.into(), version.to_string()))?)?;
        if materials.version != *version {
            return Err(Error::new(ErrorKind::Validation, "the store returned another version of the branch key"));
        }
        Ok(materials)
    }

    fn branch_key_state(&self, id: &str, version: Option<&BranchKeyVersion>) -> Result<String, Error> {
        passed(self.0.branch_key_state(id.into(), version.map(ToString::to_string)))
    }

    fn now(&self) -> Timestamp {
        self.1.now()
    }
}

fn opened(materials: BranchKeyMaterials) -> Result<pocketkms::envelope::BranchKeyMaterials, Error> {
    let BranchKeyMaterials { branch_key_version, branch_key } = materials;
    Ok(pocketkms::envelope::BranchKeyMaterials {
        version: branch_key_version.parse()?,
        branch_key: SecretArray::copy_of(branch_key.expose()).ok_or_else(|| {
            Error::new(
                ErrorKind::Validation,
                format!("a branch key has 32 bytes, the store returned {}", branch_key.len()),
            )
        })?,
    })
}

/// The core's view of a supplier.
pub(in super::super) struct ForeignSupplier(pub(in super::super) Arc<dyn BranchKeyIdSupplier>);

impl pocketkms::envelope::BranchKeyIdSupplier for ForeignSupplier {
    fn branch_key_id(&self, encryption_context: &EncryptionContext) -> Result<String, Error> {
        passed(self.0.branch_key_id(encryption_context.clone()))
    }
}
