//! Stored messages, read in parts.

use super::options::length;
use crate::{
    convert::{bytes, host::list, read, write},
    fault::Fault,
};
use pocketkms::{api::Blob, envelope};
use wasm_bindgen::prelude::*;

/// Decrypts parts of a message.
#[wasm_bindgen]
pub struct RangeReader(pub(super) envelope::RangeReader);

#[wasm_bindgen]
impl RangeReader {
    /// The message's header, verified.
    #[wasm_bindgen(getter)]
    pub fn header(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.0.header())?)
    }

    /// The encryption context, verified.
    #[wasm_bindgen(getter, js_name = encryptionContext)]
    pub fn encryption_context(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.0.encryption_context())?)
    }

    /// The length of the plaintext, as far as it is known.
    #[wasm_bindgen(getter, js_name = plaintextLength)]
    #[expect(clippy::cast_precision_loss, reason = "no longer than the message, whose length is a safe integer")]
    pub fn plaintext_length(&self) -> Option<f64> {
        self.0.plaintext_length().map(|length| length as f64)
    }

    /// Where in the message the range is: its first byte, and the one after its last.
    #[expect(clippy::cast_precision_loss, reason = "a place in the message, whose length is a safe integer")]
    pub fn locate(&self, start: f64, end: f64) -> Result<JsValue, JsValue> {
        let place = self.0.locate(&range(start, end)).map_err(Fault::from)?;
        Ok(list([(place.start as f64).into(), (place.end as f64).into()]))
    }

    /// The range, from the bytes of that place.
    pub fn open(&self, start: f64, end: f64, message: &JsValue) -> Result<JsValue, JsValue> {
        let message: Blob = read(message, "what read() answered")?;
        let part = self.0.open(&range(start, end), &message).map_err(Fault::from)?;
        Ok(bytes(part.plaintext.expose())?)
    }
}

/// As JavaScript counted them: safe integers.
fn range(start: f64, end: f64) -> std::ops::Range<u64> {
    length(Some(start)).unwrap_or_default()..length(Some(end)).unwrap_or_default()
}
