//! What the trail keeps of requests and responses, written in the names of CloudTrail: no bytes and no tokens, so neither
//! plaintexts, data keys, ciphertexts, messages, signatures and MACs, nor what gives a permission.

use super::{dates, json::put_text};
use crate::shape::Value;
use alloc::{format, vec::Vec};

/// The longest value of a member. CloudTrail leaves out longer ones as well, so that one call cannot fill the trail.
const LONGEST: usize = 100 * 1024;

/// Members of text that give a permission or lead to a secret, and what stands elsewhere in a record. Secrets have types of their own.
const WITHHELD: [&str; 4] = ["GrantToken", "GrantTokens", "Recipient", "XksProxyAuthenticationCredential"];

/// Which members are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Everything,
    /// The ids of the key materials that were used, which CloudTrail has beside the response.
    MaterialIds,
}

impl Kept {
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Everything => !WITHHELD.contains(&name),
            Self::MaterialIds => name.ends_with("KeyMaterialId"),
        }
    }
}

/// Appends a member with a structure as its value, if anything of it is kept.
pub(super) fn put_member(into: &mut Vec<u8>, name: &str, value: Value<'_>, kept: Kept) {
    let before = into.len();
    into.extend_from_slice(b",\"");
    into.extend_from_slice(name.as_bytes());
    into.extend_from_slice(b"\":");
    let begun = into.len();
    let is_kept = put_value(into, value, kept);
    let is_too_long = into.len() - begun > LONGEST;
    if !is_kept || is_too_long || into.get(begun..) == Some(b"{}") {
        into.truncate(before);
    }
    if is_too_long {
        into.shrink_to(before);
    }
}

/// Appends a value, unless it is none to keep.
fn put_value(into: &mut Vec<u8>, value: Value<'_>, kept: Kept) -> bool {
    match value {
        Value::Nothing | Value::SecretText(_) | Value::Bytes(_) | Value::Secret(_) | Value::TooManyBytes(_) => {
            return false;
        }
        Value::Boolean(value) => put_shown(into, format_args!("{value}")),
        Value::Integer(value) => put_shown(into, format_args!("{value}")),
        Value::Unsigned(value) => put_shown(into, format_args!("{value}")),
        Value::Seconds(value) => put_shown(into, format_args!("{value}")),
        Value::Timestamp(time) => put_text(into, &dates::spoken(time)),
        Value::Text(text) => put_text(into, text),
        Value::Name(name) => put_text(into, name),
        // An encryption context: its names are the caller's, and stay as they are.
        Value::Map(pairs) => {
            let mut begin = b'{';
            pairs.each(&mut |name, value| {
                into.push(begin);
                put_text(into, name);
                into.push(b':');
                put_text(into, value.unwrap_or_default());
                begin = b',';
            });
            end(into, begin, *b"{}");
        }
        Value::List(items) => {
            let mut begin = b'[';
            items.each(&mut |item| {
                let before = into.len();
                into.push(begin);
                if put_value(into, item, kept) {
                    begin = b',';
                } else {
                    into.truncate(before);
                }
            });
            end(into, begin, *b"[]");
        }
        Value::Structure(members) => {
            let mut described = members.structure().members.iter();
            let mut begin = b'{';
            members.each(&mut |value| {
                let Some(name) = described.next().map(|member| member.wire) else { return };
                if !kept.takes(name) {
                    return;
                }
                let before = into.len();
                into.push(begin);
                put_name(into, name);
                if put_value(into, value, kept) {
                    begin = b',';
                } else {
                    into.truncate(before);
                }
            });
            end(into, begin, *b"{}");
        }
    }
    true
}

/// CloudTrail's names are AWS's with their first letter in lower case: `keyId`, `aWSAccountId`.
fn put_name(into: &mut Vec<u8>, name: &str) {
    let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
    into.push(b'"');
    into.extend(first.bytes().map(|letter| letter.to_ascii_lowercase()));
    into.extend_from_slice(rest.as_bytes());
    into.extend_from_slice(b"\":");
}

/// Ends a list or an object: `empty` is one that was not begun.
fn end(into: &mut Vec<u8>, begin: u8, empty: [u8; 2]) {
    if begin == b',' {
        into.push(empty[1]);
    } else {
        into.extend_from_slice(&empty);
    }
}

fn put_shown(into: &mut Vec<u8>, shown: core::fmt::Arguments<'_>) {
    into.extend_from_slice(format!("{shown}").as_bytes());
}
