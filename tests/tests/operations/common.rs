//! What the examples share.

use pocketkms::{Caller, ErrorKind, Kms, Result};
use pocketkms_tests::vault::{Opened, error, refused};

/// An id that no key has.
pub(crate) const NO_KEY: &str = "12345678-1234-4234-8234-123456789012";

/// What is said of it, in the Region and account of most tests.
pub(crate) const NO_KEY_MESSAGE: &str =
    "Key 'arn:aws:kms:us-east-1:000000000000:key/12345678-1234-4234-8234-123456789012' does not exist";

/// What a dry run answers if the request would succeed.
pub(crate) const WOULD_SUCCEED: &str = "The request would have succeeded, but the DryRun option is set.";

/// The same vault for the root user of another account or Region.
pub(crate) fn elsewhere(opened: &Opened, account: &str, region: &str) -> Kms {
    opened.vault.client_as(Caller::root(account, region).expect("an account and a Region"))
}

/// A call must fail with this kind, and a message with these words, which AWS would send too.
#[track_caller]
pub(crate) fn fails_with<T>(result: Result<T>, kind: ErrorKind, words: &str) {
    let error = error(result);
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(words), "'{}' does not say '{words}'", error.message());
}

/// What a constraint of the model says about a text of the wrong length, of which it repeats 2,048 characters.
pub(crate) fn text_error(member: &str, text: &str, relation: &str, limit: usize) -> String {
    let cut = if text.chars().count() > 2048 { "…" } else { "" };
    let text = text.chars().take(2048).collect::<String>() + cut;
    format!(
        "1 validation error detected: Value '{text}' at '{member}' failed to satisfy constraint: Member must have length \
         {relation} than or equal to {limit}"
    )
}

/// What a constraint of the model says about a list or blob of the wrong length.
pub(crate) fn length_error(member: &str, relation: &str, limit: usize) -> String {
    format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length \
         {relation} than or equal to {limit}"
    )
}

/// What a constraint of the model says about a number out of its range.
pub(crate) fn value_error(member: &str, value: i32, relation: &str, limit: i32) -> String {
    format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have \
         value {relation} than or equal to {limit}"
    )
}

/// A number is refused below and above its range.
#[track_caller]
pub(crate) fn in_range<T>(member: &str, min: i32, max: i32, call: impl Fn(i32) -> Result<T>) {
    for value in [i32::MIN, -1, 0, min - 1] {
        refused(call(value), ErrorKind::Validation, &value_error(member, value, "greater", min));
    }
    for value in [max + 1, i32::MAX] {
        refused(call(value), ErrorKind::Validation, &value_error(member, value, "less", max));
    }
    for value in [min, max] {
        assert!(call(value).is_ok(), "{member} {value} is refused");
    }
}

/// A page of a list: its items, the marker of the next one, and whether there is one.
pub(crate) type Page<T> = (Vec<T>, Option<String>, bool);

/// Every page of a list, from the first to the last.
#[track_caller]
pub(crate) fn pages<T>(page: impl Fn(Option<String>) -> Page<T>) -> Vec<Vec<T>> {
    let mut pages = Vec::new();
    let mut marker = None;
    loop {
        let (items, next, truncated) = page(marker);
        assert_eq!(truncated, next.is_some(), "Truncated and NextMarker contradict each other");
        pages.push(items);
        assert!(pages.len() <= 1000, "the list does not end");
        if next.is_none() {
            return pages;
        }
        marker = next;
    }
}

/// Markers that no response gave are refused.
#[track_caller]
pub(crate) fn refuses_bad_markers<T>(call: impl Fn(String) -> Result<T>) {
    // Not base64, of a length that base64 never has, bytes that are no text, and a control character.
    for marker in ["not a marker!", "A", "_w", "AA"] {
        let message = "The marker is not one that a truncated response returned.";
        refused(call(marker.into()), ErrorKind::InvalidMarker, message);
    }
    refused(call(String::new()), ErrorKind::Validation, &text_error("marker", "", "greater", 1));
    refused(call("A".repeat(1025)), ErrorKind::Validation, &text_error("marker", &"A".repeat(1025), "less", 1024));
}
