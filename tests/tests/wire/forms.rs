//! Bodies that are no request, and requests that break limits.

use crate::{call, exception, ok, refused};
use pocketkms_tests::vault::{create_key, vault};
use serde_json::json;

#[test]
fn what_is_no_json_is_no_request() {
    let (kms, _) = vault();
    let nested = |depth: usize| format!("{{\"X\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    for body in [
        "",
        " ",
        "{",
        "}",
        "{}}",
        "{} x",
        "{\"Limit\"}",
        "{\"Limit\":}",
        "{\"Limit\":1,}",
        "{,}",
        "{Limit:1}",
        "{'Limit':1}",
        "{\"Limit\":01}",
        "{\"Limit\":+1}",
        "{\"Limit\":.5}",
        "{\"Limit\":1.}",
        "{\"Limit\":1e}",
        "{\"Limit\":-}",
        "nul",
        "{\"X\":\"\u{1}\"}",
        "{\"X\":\"\\x\"}",
        "{\"X\":\"\\u12\"}",
        "{\"X\":\"\\ud800\"}",
        "{\"X\":\"\\ud800\\u0041\"}",
        "{\"X\":\"\\udc00\"}",
        "{\"X\":\"abc",
        "{\"X\":\"abc\\",
        "{\"X\":[1,]}",
        "{\"X\":[1 2]}",
        "\u{feff}{}",
        &nested(64),
        &nested(100_000),
    ] {
        let (status, name, _) = exception(&kms.call("TrentService.ListKeys", body.as_bytes()));
        assert_eq!((status, &*name), (400, "SerializationException"), "{}", &body[..body.len().min(40)]);
    }
    let (_, name, _) = exception(&kms.call("TrentService.ListKeys", b"{\"X\":\"\xff\"}"));
    assert_eq!(name, "SerializationException");
    for body in
        ["{}", " {\t\"X\" :\r\n[ ] } ", &nested(16), "{\"Limit\":null}", "{\"X\":-1.5E+3,\"Y\":0,\"Z\":\"\\/\\u00fc\"}"]
    {
        assert_eq!(kms.call("TrentService.ListKeys", body.as_bytes()).status, 200, "{body}");
    }
}

#[test]
fn a_body_has_at_most_a_mebibyte() {
    let (kms, _) = vault();
    let body = |length: usize| format!("{{\"X\":\"{}\"}}", "a".repeat(length - 8));
    assert_eq!(kms.call("TrentService.ListKeys", body(1 << 20).as_bytes()).status, 200);
    assert_eq!(kms.call("TrentService.ListKeys", body((1 << 20) + 1).as_bytes()).status, 413);
}

#[test]
fn values_of_another_type_are_refused() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for (operation, request, message) in [
        ("DescribeKey", json!({ "KeyId": 1 }), "NUMBER_VALUE can not be converted to a String"),
        ("DescribeKey", json!({ "KeyId": true }), "TRUE_VALUE can not be converted to a String"),
        ("DescribeKey", json!({ "KeyId": [key] }), "Start of list found where not expected"),
        ("DescribeKey", json!({ "KeyId": {} }), "Start of structure or map found where not expected"),
        ("DescribeKey", json!([]), "Start of list found where not expected"),
        ("DescribeKey", json!("x"), "Expected map or null"),
        ("DescribeKey", json!({ "KeyId": key, "GrantTokens": "a" }), "Expected list or null"),
        ("DescribeKey", json!({ "KeyId": key, "GrantTokens": [1] }), "NUMBER_VALUE can not be converted to a String"),
        ("ListKeys", json!({ "Limit": "1" }), "STRING_VALUE can not be converted to an Integer"),
        ("ListKeys", json!({ "Limit": 1.5 }), "NUMBER_VALUE can not be converted to an Integer"),
        ("ListKeys", json!({ "Limit": 3_000_000_000_u32 }), "NUMBER_VALUE can not be converted to an Integer"),
        ("CreateKey", json!({ "MultiRegion": "true" }), "STRING_VALUE can not be converted to a Boolean"),
        ("CreateKey", json!({ "KeySpec": 1 }), "NUMBER_VALUE can not be converted to a String"),
        ("CreateKey", json!({ "Tags": [1] }), "Expected map or null"),
        ("Encrypt", json!({ "KeyId": key, "Plaintext": 1 }), "NUMBER_VALUE can not be converted to a Blob"),
        (
            "Encrypt",
            json!({ "KeyId": key, "Plaintext": "YQ==", "EncryptionContext": { "a": 1 } }),
            "NUMBER_VALUE can not be converted to a String",
        ),
    ] {
        refused(&kms, operation, &request, "SerializationException", Some(message));
    }
    for text in ["YQ", "YQ=", "Y", "====", "Y Q=", "YQ==YQ==", "_w=="] {
        let (_, name, _) = exception(&call(&kms, "Encrypt", &json!({ "KeyId": key, "Plaintext": text })));
        assert_eq!(name, "SerializationException", "{text}");
    }
}

#[test]
fn what_is_given_twice_is_refused() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for context in [r#"{"a":"1","a":"2"}"#, r#"{"a":"1","\u0061":"1"}"#] {
        let body = format!(r#"{{"KeyId":"{key}","Plaintext":"YQ==","EncryptionContext":{context}}}"#);
        assert_eq!(exception(&kms.call("TrentService.Encrypt", body.as_bytes())).1, "SerializationException");
    }
    let body = format!(r#"{{"KeyId":"{key}","KeyId":"{key}"}}"#);
    assert_eq!(exception(&kms.call("TrentService.DescribeKey", body.as_bytes())).1, "SerializationException");
}

#[test]
fn what_no_one_knows_is_passed_over() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    ok(&kms, "DescribeKey", &json!({ "KeyId": key, "keyId": 1, "New": { "a": [null] }, "GrantTokens": null }));
}

#[test]
fn all_that_a_request_breaks_is_reported_in_one_error() {
    let (kms, _) = vault();
    let at = |place: &str| format!(" at '{place}' failed to satisfy constraint: Member must ");
    let request = json!({ "Plaintext": "", "GrantTokens": ["", "a"], "EncryptionAlgorithm": "ROT13" });
    let (_, name, message) = exception(&call(&kms, "Encrypt", &request));
    assert_eq!(name, "ValidationException");
    let (key, token, algorithm) = (at("keyId"), at("grantTokens.1.member"), at("encryptionAlgorithm"));
    let message = message.expect("a text");
    assert_eq!(
        message,
        format!(
            "4 validation errors detected: Value null{key}not be null; Value{}have length greater than or equal to 1; \
             Value ''{token}have length greater than or equal to 1; Value 'ROT13'{algorithm}satisfy enum value set: \
             [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE]",
            at("plaintext")
        )
    );
    // A constraint comes before anything is looked up, and a wrong type before a constraint.
    let request = json!({ "KeyId": "alias/none", "PendingWindowInDays": 6 });
    let message = format!(
        "1 validation error detected: Value '6'{}have value greater than or equal to 7",
        at("pendingWindowInDays")
    );
    refused(&kms, "ScheduleKeyDeletion", &request, "ValidationException", Some(&message));
    let request = json!({ "KeyId": "", "PendingWindowInDays": "6" });
    let message = "STRING_VALUE can not be converted to an Integer";
    refused(&kms, "ScheduleKeyDeletion", &request, "SerializationException", Some(message));
}

/// A long text that breaks two limits, each character of which is escaped twice, is quoted in part.
#[test]
fn a_long_text_is_quoted_in_part() {
    let (kms, _) = vault();
    let name = "\u{7f}".repeat(1_000_000);
    let response =
        kms.call("TrentService.CreateAlias", format!(r#"{{"AliasName":"{name}","TargetKeyId":"k"}}"#).as_bytes());
    let length = response.body.expose().len();
    assert!(length < 10_000, "{length} bytes");
    let (_, kind, message) = exception(&response);
    assert_eq!(kind, "ValidationException");
    let message = message.expect("a text");
    assert!(
        message.contains("…' at 'aliasName' failed to satisfy constraint: Member must have length"),
        "{message:.99}"
    );
}

/// A list that breaks a limit with each of its items makes no answer that is many times as long as the request.
#[test]
fn an_answer_is_no_longer_than_what_was_sent() {
    let (kms, _) = vault();
    let items = |item: &str| vec![item; 20_000].join(",");
    for (operation, request, count) in [
        ("TagResource", format!(r#"{{"KeyId":"k","Tags":[{}]}}"#, items("{}")), 40_000),
        ("TagResource", format!(r#"{{"KeyId":"k","Tags":[{}]}}"#, items("null")), 20_000),
        ("CreateGrant", format!(r#"{{"KeyId":"k","GranteePrincipal":"a","Operations":[{}]}}"#, items("\"x\"")), 20_000),
        ("DescribeKey", format!(r#"{{"KeyId":"k","GrantTokens":[{}]}}"#, items("\"\"")), 20_001),
    ] {
        let response = kms.call(&format!("TrentService.{operation}"), request.as_bytes());
        let length = response.body.expose().len();
        assert!(length < request.len(), "{operation}: {length} bytes for {}", request.len());
        let (_, name, message) = exception(&response);
        assert_eq!(name, "ValidationException");
        let message = message.expect("a text");
        assert!(message.starts_with(&format!("{count} validation errors detected: ")), "{message:.99}");
        assert!(message.ends_with(&format!("; and {} more", count - 50)), "{message:.99}");
    }
}

/// The length of base64 is found without decoding it; what is not base64 is refused all the same.
#[test]
fn base64_is_what_the_decoder_takes() {
    let (kms, _) = vault();
    let symbols = b"ABCDQRwxyz0189+/=-_ ";
    let mut state = 1_u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let mut valid = 0;
    for _ in 0..20_000 {
        // Mostly of whole groups and padded at the end, so that many are valid.
        let mut text = Vec::new();
        for _ in 0..next(13) {
            let odd = next(8) == 0;
            text.push(symbols[next(if odd { 20 } else { 16 })]);
        }
        while text.len() % 4 != 0 && next(10) != 0 {
            text.push(b'=');
        }
        let text = String::from_utf8(text).unwrap();
        let decoded = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &text);
        let response = kms.call("TrentService.Decrypt", json!({ "CiphertextBlob": text }).to_string().as_bytes());
        let body: serde_json::Value = serde_json::from_slice(response.body.expose()).unwrap();
        let refused = body["__type"] == "SerializationException";
        assert_eq!(refused, decoded.is_err(), "{text:?}: {body}");
        valid += usize::from(decoded.is_ok());
    }
    assert!(valid > 1000, "{valid} of them are base64");
}

/// Texts with and without escapes, around the blocks in which they are read and written.
#[test]
fn texts_of_every_length_come_back() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for length in 0..200 {
        for special in ["\"", "\\", "\n", "\u{1f}", "ü", "🔑"] {
            let description = format!("{}{special}{}", "x".repeat(length), "y".repeat(length % 7));
            let updated = call(&kms, "UpdateKeyDescription", &json!({ "KeyId": key, "Description": description }));
            assert_eq!(updated.status, 200);
            let described = ok(&kms, "DescribeKey", &json!({ "KeyId": key }));
            assert_eq!(described["KeyMetadata"]["Description"], description.as_str());
        }
    }
}
