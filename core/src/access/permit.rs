//! The permit: proof that a caller may carry out one operation on one key, which every operation asks for.

use super::Caller;
use crate::{
    api::Operation,
    error::{Error, ErrorKind, Result},
    key::KeyRecord,
};
use alloc::{format, string::String, sync::Arc};

/// Leave for one operation on one key. It can be made by [`authorize`] alone, and the key's record is reached through
/// it, so that code which forgets to ask does not compile.
pub(crate) struct Permit {
    key: Arc<KeyRecord>,
    operation: Operation,
}

impl Permit {
    /// The key that the permit is for.
    pub(crate) fn key(&self) -> &KeyRecord {
        &self.key
    }

    /// The operation that the permit is for.
    pub(crate) fn operation(&self) -> Operation {
        self.operation
    }
}

/// Decides by the default key policy (AWS KMS Developer Guide, "Default key policy"): the account that owns the key
/// may do everything, others nothing.
pub(crate) fn authorize(caller: &Caller, operation: Operation, key: Arc<KeyRecord>) -> Result<Permit> {
    if key.account == *caller.account() {
        return Ok(Permit { key, operation });
    }
    Err(Error::new(
        ErrorKind::AccessDenied,
        format!(
            "User: {} is not authorized to perform: kms:{} on resource: {} because no resource-based policy allows \
             the kms:{} action",
            caller.principal(),
            operation.name(),
            key.arn(),
            operation.name(),
        ),
    ))
}

/// Grant tokens name grants. Without any grant in the vault, none can be valid, and none is silently ignored.
pub(crate) fn check_grant_tokens(tokens: Option<&[String]>) -> Result<()> {
    match tokens {
        None | Some([]) => Ok(()),
        Some(_) => Err(Error::new(ErrorKind::InvalidGrantToken, "The grant token is not valid.")
            .explain("the vault has no grants")),
    }
}
