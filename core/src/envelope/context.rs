//! The encryption context of a message: which pairs are stored, which are only authenticated, and their bytes.

use crate::{
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
};
use alloc::{format, string::String, vec::Vec};

/// The pair that holds the public key of a signed message: base64 of the compressed point.
pub(crate) const PUBLIC_KEY: &str = "aws-crypto-public-key";
/// What the names of pairs begin with that belong to the format itself.
const RESERVED_PREFIX: &str = "aws-crypto-";

/// The pairs of a context as the format writes them: their number, then per pair the length of the name (2 bytes, big
/// endian), the name, the length of the value, the value. No pairs are no bytes.
///
/// They are sorted by the UTF-8 bytes of their names, as AWS's specification demands where they are authenticated.
pub(crate) fn serialize(context: &EncryptionContext) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if context.is_empty() {
        return Ok(bytes);
    }
    bytes.extend_from_slice(&length(context.len())?);
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(&length(text.len())?);
        bytes.extend_from_slice(text.as_bytes());
    }
    length(bytes.len()).map(|_| bytes)
}

/// A length in two bytes.
pub(crate) fn length(length: usize) -> Result<[u8; 2]> {
    u16::try_from(length).map(u16::to_be_bytes).map_err(|_| {
        Error::new(
            ErrorKind::LimitExceeded,
            "the encryption context or an encrypted data key is longer than the message format allows: 65,535 bytes",
        )
    })
}

/// Checks what a caller wants to encrypt with.
pub(crate) fn check(context: &EncryptionContext, required: &[String]) -> Result<()> {
    if let Some(name) = context.keys().find(|name| name.starts_with(RESERVED_PREFIX)) {
        return Err(invalid(format!(
            "the encryption context may not have the name '{name}': names that begin with '{RESERVED_PREFIX}' are reserved"
        )));
    }
    if let Some(name) = required.iter().find(|name| !context.contains_key(*name)) {
        return Err(invalid(format!("the required encryption context key '{name}' is missing from the context")));
    }
    Ok(())
}

/// The pairs with these names, and the others.
pub(crate) fn split(context: &EncryptionContext, names: &[String]) -> (EncryptionContext, EncryptionContext) {
    let (chosen, others): (Vec<_>, Vec<_>) = context.iter().partition(|(name, _)| names.contains(name));
    (chosen.into_iter().collect(), others.into_iter().collect())
}

/// The context that a message was encrypted with, of the pairs it stores and those that the caller gives again.
/// What is in both must be equal.
pub(crate) fn merge(stored: &EncryptionContext, reproduced: &EncryptionContext) -> Result<EncryptionContext> {
    let mut context = stored.clone();
    for (name, value) in reproduced.iter() {
        match stored.get(name) {
            Some(other) if other != value => {
                return Err(invalid(format!(
                    "the encryption context given differs from the message's in the value of '{name}'"
                )));
            }
            _ => context.insert(name.clone(), value.clone()),
        };
    }
    Ok(context)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Validation, message)
}
