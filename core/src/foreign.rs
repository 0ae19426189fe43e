//! How values that are not plain records cross to Swift and Kotlin. Compiled with the feature `uniffi` alone.

use crate::{
    api::Blob,
    clock::Timestamp,
    context::EncryptionContext,
    secret::{Secret, SecretText},
};
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

uniffi::custom_type!(SecretText, String, {
    lower: |secret| secret.into_exposed(),
    try_lift: |text| {
        let text = zeroize::Zeroizing::new(text);
        Ok(SecretText::copy_of(&text))
    },
});

uniffi::custom_type!(EncryptionContext, HashMap<String, String>, {
    lower: |context| context.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
    try_lift: |pairs| Ok(pairs.into_iter().collect()),
});

// A length in memory is 64 bits wide on the other side, whatever it is here.
uniffi::custom_type!(usize, u64, {
    remote,
    lower: |length| u64::try_from(length).unwrap_or(u64::MAX),
    try_lift: |length| Ok(usize::try_from(length).unwrap_or(usize::MAX)),
});
