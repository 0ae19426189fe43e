//! The wire: whatever comes in, an answer or an exception of AWS goes out.

use crate::vault::vault;
use pocketkms::{Kms, WireResponse};
use serde_json::Value;
use std::cell::LazyCell;

/// How deep the wire reads (docs/wire.md).
const MAX_DEPTH: usize = 32;

thread_local! {
    static KMS: LazyCell<Kms> = LazyCell::new(|| vault().0.vault.client());
}

/// The name of an operation, a line feed, and a body.
pub fn wire(data: &[u8]) -> bool {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (name, body) = (String::from_utf8_lossy(&data[..at]), data.get(at + 1..).unwrap_or_default());
    KMS.with(|kms| {
        agrees_with_another_reader(kms, body);
        let response = kms.call(&format!("TrentService.{name}"), body);
        let answer = json(&response);
        if response.status != 200 {
            let name = answer["__type"].as_str().expect("an exception has a name");
            assert!(matches!(response.status, 400 | 413), "{name} with status {}", response.status);
            assert!(
                answer.as_object().is_some_and(|members| members.keys().all(|key| key == "__type" || key == "message"))
            );
        }
        response.status == 200
    })
}

/// What is JSON to the wire is JSON to `serde_json`, and the other way round.
fn agrees_with_another_reader(kms: &Kms, body: &[u8]) {
    if body.len() > 1 << 20 {
        return;
    }
    let response = kms.call("TrentService.ListKeys", body);
    let malformed = json(&response) == serde_json::json!({ "__type": "SerializationException" });
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => assert_eq!(malformed, depth(&value) > MAX_DEPTH, "{value}"),
        // `serde_json` refuses numbers that no float can be, also where no one reads them.
        Err(error) => assert!(malformed || error.to_string().starts_with("number out of range"), "{error}"),
    }
}

fn json(response: &WireResponse) -> Value {
    match response.body.expose() {
        [] => Value::Null,
        bytes => serde_json::from_slice(bytes).expect("an answer in JSON"),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
