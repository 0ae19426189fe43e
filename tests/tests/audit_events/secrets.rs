//! No secret is in the trail, whatever is called and whatever comes of it.

use super::{
    base64,
    operations::{bodies, make_ready, prepared},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms_tests::cluster::{ACCESS_KEY_ID, PASSWORD, SECRET_KEY};
use serde_json::Value;

/// Members of answers that may not be in the trail: bytes, and tokens.
const WITHHELD: [&str; 12] = [
    "Plaintext",
    "CiphertextBlob",
    "Mac",
    "Signature",
    "PublicKey",
    "SharedSecret",
    "SharedSecretCiphertextBlob",
    "PrivateKeyPlaintext",
    "PrivateKeyCiphertextBlob",
    "GrantToken",
    "ImportToken",
    "Policy",
];

/// The withheld texts of an answer, however deep.
fn withheld(answer: &Value, found: &mut Vec<(String, String)>) {
    match answer {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if WITHHELD.contains(&name.as_str()) => {
                        found.push((name.clone(), text.clone()));
                    }
                    value => withheld(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| withheld(item, found)),
        _ => {}
    }
}

#[test]
fn no_call_leaves_a_secret_in_the_trail() {
    let mut answered = 0;
    for (operation, body) in bodies() {
        let mut scene = prepared();
        make_ready(&mut scene, operation);
        let mut secrets: Vec<(String, String)> =
            ["SECRET", "CIPHERTEXT", "MAC_BYTES", "SIGNATURE", "PEER", "GRANT_TOKEN", "IMPORT_BLOB", "WRAPPED"]
                .into_iter()
                .map(|name| (name.to_string(), scene.read(name)))
                .collect();
        withheld(&scene.call(operation, body), &mut secrets);
        // The same again, with what it must not have: a token of a grant, and bytes where there are none.
        let with_tokens = body.replacen('{', r#"{"GrantTokens": ["GRANT_TOKEN"], "DryRun": true, "#, 1);
        let _ = scene.try_call(&scene.kms, operation, &with_tokens.replace(r#", "GrantTokens": []"#, ""));
        let _ = scene.try_call(&scene.client("arn:aws:iam::444455556666:user/Mallory"), operation, body);
        let trail = scene.exported();
        assert!(trail.contains(&format!("\"eventName\":\"{operation}\"")));
        for (name, text) in &secrets {
            // A policy is the answer of GetKeyPolicy, which CloudTrail leaves out; as a parameter it is shown.
            if name == "Policy" {
                continue;
            }
            answered += 1;
            assert!(!trail.contains(text.as_str()), "{operation} left its {name}");
            if let Ok(bytes) = BASE64_STANDARD.decode(text) {
                let digits = hex::encode(bytes);
                assert!(!trail.contains(&digits), "{operation} left its {name} in hexadecimal digits");
            }
        }
        assert!(!trail.contains("what nobody may read"), "{operation}");
        for secret in [PASSWORD, ACCESS_KEY_ID, SECRET_KEY] {
            assert!(!trail.contains(secret), "{operation} left what opens a custom key store");
        }
        assert!(!trail.contains(&base64(b"what nobody may read")[..16]), "{operation}");
    }
    assert!(answered > 240, "{answered} secrets were looked for");
}
