//! What describes a message, as JavaScript sees it.

use crate::{convert::write, fault::Fault};
use js_sys::{Array, Object, Reflect, Uint8Array};
use pocketkms::envelope::{ContentType, EncryptedDataKey, MessageHeader, MessageInfo, SidecarInfo, WrappingKey};
use wasm_bindgen::JsValue;

/// A plain object with these members.
pub(crate) fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A new object takes any member.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

/// A copy in JavaScript's own memory.
pub(crate) fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

pub(crate) fn header(header: &MessageHeader) -> Result<JsValue, Fault> {
    Ok(object([
        ("version", header.version().into()),
        ("algorithmSuite", header.algorithm_suite.as_str().into()),
        ("messageId", bytes(&header.message_id)),
        ("encryptionContext", write(&header.encryption_context)?),
        ("encryptedDataKeys", header.encrypted_data_keys.iter().map(encrypted_data_key).collect::<Array>().into()),
        ("contentType", content_type(header.content_type).into()),
        ("frameLength", header.frame_length.into()),
        ("commitment", header.commitment.map_or(JsValue::UNDEFINED, |commitment| bytes(&commitment))),
    ]))
}

pub(crate) fn encrypted_data_key(key: &EncryptedDataKey) -> JsValue {
    let EncryptedDataKey { provider_id, provider_info, ciphertext } = key;
    object([
        ("providerId", provider_id.into()),
        ("providerInfo", bytes(provider_info)),
        ("ciphertext", bytes(ciphertext)),
    ])
}

pub(crate) fn message_info(info: &MessageInfo) -> Result<JsValue, Fault> {
    Ok(object([
        ("header", header(&info.header)?),
        ("headerLength", info.header_length.into()),
        ("wrappingKeys", info.wrapping_keys.iter().map(wrapping_key).collect::<Array>().into()),
    ]))
}

pub(crate) fn sidecar_info(info: &SidecarInfo) -> JsValue {
    object([
        ("algorithmSuite", info.algorithm_suite.as_str().into()),
        ("messageId", bytes(&info.message_id)),
        ("encryptedDataKeys", info.encrypted_data_keys.iter().map(encrypted_data_key).collect::<Array>().into()),
        ("wrappingKeys", info.wrapping_keys.iter().map(wrapping_key).collect::<Array>().into()),
    ])
}

fn wrapping_key(key: &WrappingKey) -> JsValue {
    let text = |text: &Option<String>| text.as_ref().map_or(JsValue::UNDEFINED, JsValue::from);
    object([
        ("providerId", (&key.provider_id).into()),
        ("keyName", (&key.key_name).into()),
        ("keyArn", text(&key.key_arn)),
        ("keyId", text(&key.key_id)),
        ("keyMaterial", text(&key.key_material)),
    ])
}

const fn content_type(content_type: ContentType) -> &'static str {
    match content_type {
        ContentType::Unframed => "UNFRAMED",
        ContentType::Framed => "FRAMED",
    }
}
