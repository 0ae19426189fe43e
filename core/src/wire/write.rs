//! A response as JSON, in a buffer that leaves no copy of a secret behind where it grows.

use super::json::special;
use crate::{secret::Secret, shape::Value};
use alloc::string::ToString;
use base64::{Engine, prelude::BASE64_STANDARD};
use core::fmt::Display;

/// The bytes of a value. Secrets that are empty are left out: AWS has none where an answer is encrypted for a recipient.
pub(super) fn write(value: Value<'_>) -> Secret {
    let mut buffer = Buffer { room: Secret::zeroed(2048), length: 0 };
    buffer.put_value(value);
    Secret::copy_of(buffer.written())
}

/// What is written so far, in room that is wiped.
struct Buffer {
    room: Secret,
    length: usize,
}

impl Buffer {
    fn written(&self) -> &[u8] {
        self.room.expose().get(..self.length).unwrap_or_default()
    }

    fn put_value(&mut self, value: Value<'_>) {
        match value {
            Value::Nothing | Value::TooManyBytes(_) => self.put("null"),
            Value::Boolean(value) => self.put_shown(value),
            Value::Integer(value) => self.put_shown(value),
            Value::Unsigned(value) => self.put_shown(value),
            Value::Seconds(value) => self.put_shown(value),
            Value::Timestamp(value) => self.put_shown(value.as_seconds()),
            Value::Text(text) => self.put_text(text),
            Value::SecretText(text) => self.put_text(text.expose()),
            Value::Name(name) => self.put_text(name),
            Value::Bytes(bytes) => self.put_base64(bytes),
            Value::Secret(secret) => self.put_base64(secret.expose()),
            Value::Map(pairs) => {
                let mut begin = "{";
                pairs.each(&mut |name, value| {
                    self.put(begin);
                    self.put_text(name);
                    self.put(":");
                    self.put_text(value.unwrap_or_default());
                    begin = ",";
                });
                self.put(if begin == "{" { "{}" } else { "}" });
            }
            Value::List(items) => {
                let mut begin = "[";
                items.each(&mut |item| {
                    self.put(begin);
                    self.put_value(item);
                    begin = ",";
                });
                self.put(if begin == "[" { "[]" } else { "]" });
            }
            Value::Structure(members) => {
                let mut described = members.structure().members.iter();
                let mut begin = "{";
                members.each(&mut |value| {
                    let Some(member) = described.next() else { return };
                    let is_left_out = match value {
                        Value::Nothing => true,
                        Value::Secret(secret) => secret.is_empty(),
                        _ => false,
                    };
                    if !is_left_out {
                        self.put(begin);
                        self.put_text(member.wire);
                        self.put(":");
                        self.put_value(value);
                        begin = ",";
                    }
                });
                self.put(if begin == "{" { "{}" } else { "}" });
            }
        }
    }

    fn put_base64(&mut self, bytes: &[u8]) {
        let mut text = Secret::zeroed(bytes.len().div_ceil(3).saturating_mul(4));
        let written = BASE64_STANDARD.encode_slice(bytes, text.expose_mut()).unwrap_or_default();
        let text = text.expose().get(..written).and_then(|text| str::from_utf8(text).ok());
        self.put("\"");
        self.put(text.unwrap_or_default());
        self.put("\"");
    }

    fn put(&mut self, text: &str) {
        let end = self.length.saturating_add(text.len());
        if end > self.room.len() {
            let mut larger = Secret::zeroed(end.saturating_mul(2));
            larger.expose_mut().iter_mut().zip(self.written()).for_each(|(place, byte)| *place = *byte);
            // The smaller one is wiped as it is dropped.
            self.room = larger;
        }
        if let Some(place) = self.room.expose_mut().get_mut(self.length..end) {
            place.copy_from_slice(text.as_bytes());
            self.length = end;
        }
    }

    fn put_shown(&mut self, value: impl Display) {
        self.put(&value.to_string());
    }

    fn put_text(&mut self, text: &str) {
        self.put("\"");
        let mut rest = text;
        while let Some((plain, quoted)) = special(rest.as_bytes()).and_then(|at| rest.split_at_checked(at)) {
            self.put(plain);
            let mut characters = quoted.chars();
            match characters.next() {
                Some(quoted @ ('"' | '\\')) => self.put(if quoted == '"' { "\\\"" } else { "\\\\" }),
                Some(control) => self.put(&alloc::format!("\\u{:04x}", u32::from(control))),
                None => {}
            }
            rest = characters.as_str();
        }
        self.put(rest);
        self.put("\"");
    }
}
