//! A root key in a variable.

use crate::decode;
use pocketkms::{Error, ErrorKind, Result, RootKey, Secret};
use std::{env, ffi::OsStr};

pub(crate) fn read(name: &OsStr) -> Result<RootKey> {
    let shown = name.to_string_lossy();
    // A name of this kind is asked for by no system.
    let is_name = !name.is_empty() && !name.as_encoded_bytes().iter().any(|byte| matches!(byte, b'=' | 0));
    let value = is_name.then(|| env::var_os(name)).flatten().map(|value| Secret::from(value.into_encoded_bytes()));
    let Some(value) = value.filter(|value| !value.expose().trim_ascii().is_empty()) else {
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("the environment variable {shown} is not set, or is empty"),
        ));
    };
    if value.len() == 32 {
        let words = "a root key in a variable is written in 64 hexadecimal digits or in base64: this is neither";
        return Err(Error::new(ErrorKind::Validation, words).explain(format!("the environment variable {shown}")));
    }
    decode(&value, &format_args!("the environment variable {shown}"))
}
