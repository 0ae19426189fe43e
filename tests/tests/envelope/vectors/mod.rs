//! The vectors of the AWS Encryption SDK's message format: what AWS's SDKs wrote opens here, what was altered does not.
//!
//! Nothing is skipped: a run in which a case was not judged fails.

mod copies;
mod keyrings;
mod parsing;
mod reading;
mod rebuilding;
mod wrapping;

use pocketkms::{
    Provider,
    envelope::{CommitmentPolicy, EncryptionClient, Limits, MessageHeader},
};
use pocketkms_tests::esdk::{
    manifest::{Expect, Header, Hex},
    vectors::{Vector, Vectors},
};
use std::collections::BTreeMap;

/// Judges the cases that are `chosen`, prints how many of each source there were, and fails if one failed or none was
/// there.
fn run(name: &str, chosen: impl Fn(&Vector) -> bool, judge: impl Fn(&Vector) -> Result<(), String>) {
    let vectors = Vectors::load();
    let mut counts: BTreeMap<(&str, Expect), usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for vector in vectors.cases().filter(chosen) {
        let case = vector.case;
        *counts.entry((&case.source, case.expect)).or_default() += 1;
        if let Err(failure) = judge(&vector) {
            failures.push(format!("{} ({}, {}): {failure}", case.id, case.source, case.origin));
        }
    }
    for ((source, expect), count) in &counts {
        println!("{name}: {source} {expect:?} {count}");
    }
    let total: usize = counts.values().sum();
    println!("{name}: {total} cases, {} failed", failures.len());
    assert!(total > 0, "{name}: nothing ran");
    assert!(failures.is_empty(), "{name}: {} failed:\n{}", failures.len(), failures.join("\n"));
}

/// The client that the case's options ask for.
fn client(vector: &Vector, provider: Provider) -> EncryptionClient {
    let options = &vector.case.options;
    let policy = options.commitment_policy.as_deref().unwrap_or("require-encrypt-allow-decrypt");
    let policy = policy.to_uppercase().replace('-', "_");
    let policy = CommitmentPolicy::ALL.iter().find(|known| known.as_str() == policy).expect("a commitment policy");
    let mut limits = Limits::default();
    if let Some(max) = options.max_encrypted_data_keys {
        limits.max_encrypted_data_keys = max;
    }
    EncryptionClient::new(provider).commitment_policy(*policy).limits(limits)
}

/// Whether a header is as the case has it.
fn check_header(header: &MessageHeader, expected: &Header) -> Result<(), String> {
    let keys: Vec<_> = header
        .encrypted_data_keys
        .iter()
        .map(|key| (&*key.provider_id, &key.provider_info[..], key.ciphertext.len()))
        .collect();
    let expected_keys: Vec<_> =
        expected.edks.iter().map(|key| (&*key.provider_id, &key.provider_info_hex.0[..], key.ciphertext_len)).collect();
    let commitment = expected.commitment_hex.as_ref().map(|Hex(bytes)| &bytes[..]);
    equal("version", &header.version, &expected.version)?;
    equal("suite", &header.algorithm_suite.id(), &expected.suite)?;
    equal("message id", &header.message_id, &expected.message_id_hex.0)?;
    equal("encryption context", &*header.encryption_context, &expected.encryption_context)?;
    equal("encrypted data keys", &keys, &expected_keys)?;
    equal("content", &&*format!("{:?}", header.content_type).to_lowercase(), &&*expected.content)?;
    equal("frame length", &header.frame_length, &expected.frame_length)?;
    equal("commitment", &header.commitment.as_ref().map(|bytes| &bytes[..]), &commitment)
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should: &T) -> Result<(), String> {
    if is == should { Ok(()) } else { Err(format!("the {what} is {is:?} and should be {should:?}")) }
}
