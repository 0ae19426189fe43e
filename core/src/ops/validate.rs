//! Constraints that stand in no description of a type.

use crate::{
    error::{Error, ErrorKind, Result},
    key::{KeySpec, Region},
    shape::{Place, Violations},
};
use alloc::{format, string::String};

/// A `ValidationException`.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}

/// What the request must have where the description does not always ask for it.
pub(super) fn missing(member: &str) -> Error {
    Violations::missing_alone(&Place::Named(member))
}

/// What AWS has and this version does not: refused by name, in place of a promise.
pub(super) fn not_offered(what: &str) -> Error {
    Error::new(ErrorKind::UnsupportedOperation, format!("This version of PocketKMS does not offer {what}."))
}

/// "SM2 (China Regions only)" (`CreateKey`): elsewhere no key and no data key pair of that spec is made.
pub(super) fn in_region(spec: KeySpec, region: &Region) -> Result<()> {
    if spec == KeySpec::Sm2 && region.partition() != "aws-cn" {
        let message = format!("The key spec {spec} is not supported in the Region {region}.");
        return Err(Error::new(ErrorKind::UnsupportedOperation, message)
            .explain("SM2 is for China Regions only; those are the Regions whose names begin with 'cn-'"));
    }
    Ok(())
}
