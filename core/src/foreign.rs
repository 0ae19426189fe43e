//! How values that are not plain records cross to Swift and Kotlin. Compiled with the feature `uniffi` alone.

use crate::{api::Blob, clock::Timestamp, context::EncryptionContext, secret::Secret};
use std::{collections::HashMap, string::String, vec::Vec};

// Swift's `Date` and Kotlin's `Instant` are made of milliseconds by the bindings' own configuration.
uniffi::custom_type!(Timestamp, i64, {
    lower: |time| time.as_millis(),
    try_lift: |millis| Ok(Timestamp::from_millis(millis)),
});

uniffi::custom_type!(Blob, Vec<u8>, {
    lower: |blob| blob.into_vec(),
    try_lift: |bytes| Ok(Blob::from(bytes)),
});

// On the other side it is that language's business to forget it.
uniffi::custom_type!(Secret, Vec<u8>, {
    lower: |secret| secret.into_exposed(),
    try_lift: |bytes| Ok(Secret::from(bytes)),
});

uniffi::custom_type!(EncryptionContext, HashMap<String, String>, {
    lower: |context| context.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    try_lift: |pairs| Ok(pairs.into_iter().collect()),
});
