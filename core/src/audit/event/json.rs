//! JSON as text, straight into bytes: an event is made where a caller waits.

use alloc::{format, vec::Vec};

/// Appends a text, quoted. Line breaks and other control characters are escaped, so that an event stays in one line.
pub(super) fn put_text(into: &mut Vec<u8>, text: &str) {
    into.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, special) = rest.split_at(at);
        into.extend_from_slice(plain);
        let Some((special, after)) = special.split_first() else { break };
        match special {
            b'"' | b'\\' => into.extend_from_slice(&[b'\\', *special]),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\r' => into.extend_from_slice(b"\\r"),
            b'\t' => into.extend_from_slice(b"\\t"),
            control => into.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = after;
    }
    into.extend_from_slice(rest);
    into.push(b'"');
}

/// How many bytes `put_text` appends, about.
pub(super) fn text_length(text: &str) -> usize {
    let length = |byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(length).sum::<usize>() + 2
}

/// Appends a number.
pub(super) fn put_number(into: &mut Vec<u8>, number: i64) {
    into.extend_from_slice(format!("{number}").as_bytes());
}
