//! What describes a message, as JavaScript sees it.

use crate::{
    convert::{
        host::{bytes, list, object},
        write,
    },
    fault::Fault,
};
use pocketkms::envelope::{ContentType, EncryptedDataKey, MessageHeader, MessageInfo, SidecarInfo, WrappingKey};
use wasm_bindgen::JsValue;

pub(crate) fn header(header: &MessageHeader) -> Result<JsValue, Fault> {
    Ok(object([
        ("version", header.version().into()),
        ("algorithmSuite", header.algorithm_suite.as_str().into()),
        ("messageId", bytes(&header.message_id)?),
        ("encryptionContext", write(&header.encryption_context)?),
        ("encryptedDataKeys", encrypted_data_keys(&header.encrypted_data_keys)?),
        ("contentType", content_type(header.content_type).into()),
        ("frameLength", header.frame_length.into()),
        ("commitment", header.commitment.map_or(Ok(JsValue::UNDEFINED), |commitment| bytes(&commitment))?),
    ]))
}

pub(crate) fn encrypted_data_keys(keys: &[EncryptedDataKey]) -> Result<JsValue, Fault> {
    let keys = keys.iter().map(|EncryptedDataKey { provider_id, provider_info, ciphertext }| {
        Ok(object([
            ("providerId", provider_id.into()),
            ("providerInfo", bytes(provider_info)?),
            ("ciphertext", bytes(ciphertext)?),
        ]))
    });
    Ok(list(keys.collect::<Result<Vec<_>, Fault>>()?))
}

pub(crate) fn message_info(info: &MessageInfo) -> Result<JsValue, Fault> {
    Ok(object([
        ("header", header(&info.header)?),
        ("headerLength", info.header_length.into()),
        ("wrappingKeys", list(info.wrapping_keys.iter().map(wrapping_key))),
    ]))
}

pub(crate) fn sidecar_info(info: &SidecarInfo) -> Result<JsValue, Fault> {
    Ok(object([
        ("algorithmSuite", info.algorithm_suite.as_str().into()),
        ("messageId", bytes(&info.message_id)?),
        ("encryptedDataKeys", encrypted_data_keys(&info.encrypted_data_keys)?),
        ("wrappingKeys", list(info.wrapping_keys.iter().map(wrapping_key))),
    ]))
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
