//! Messages whose frames WebCrypto encrypts and decrypts.

use crate::{
    convert::{
        bytes,
        host::{bytes_length, copy_bytes, object},
        read, write,
    },
    fault::Fault,
};
use pocketkms::{
    api::Blob,
    envelope::{self, DecryptionStep, FramePlan},
};
use wasm_bindgen::prelude::*;

/// How much of a signed message is hashed at once, and so is in two memories.
const HASHED: u32 = 64 * 1024;

/// A message being encrypted.
#[wasm_bindgen]
pub struct EncryptionPlanner(pub(super) envelope::EncryptionPlanner);

#[wasm_bindgen]
impl EncryptionPlanner {
    /// The message's header.
    #[wasm_bindgen(getter)]
    pub fn header(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.0.header())?)
    }

    /// The bytes that the message begins with, once.
    #[wasm_bindgen(js_name = takeHeader)]
    pub fn take_header(&mut self) -> Result<JsValue, JsValue> {
        Ok(bytes(&self.0.take_header_bytes())?)
    }

    /// The key of the frames, once. The caller wipes it.
    #[wasm_bindgen(js_name = takeKey)]
    pub fn take_key(&mut self) -> Result<JsValue, JsValue> {
        Ok(bytes(self.0.take_key().expose())?)
    }

    /// The length of the message for so much plaintext, without its signature.
    #[wasm_bindgen(js_name = messageLength)]
    pub fn message_length(&self, plaintext: usize) -> usize {
        self.0.message_length(plaintext)
    }

    /// The next frame, if there is enough for one.
    pub fn next(&mut self, available: usize, ended: bool) -> Result<JsValue, JsValue> {
        let plan = self.0.next(available, ended).map_err(Fault::from)?;
        Ok(plan.as_ref().map_or(Ok(JsValue::UNDEFINED), frame)?)
    }

    /// Whether the message is signed.
    #[wasm_bindgen(getter)]
    pub fn signed(&self) -> bool {
        self.0.is_signed()
    }

    /// Takes a finished frame into the signature.
    pub fn sign(&mut self, frame: &JsValue) {
        in_pieces(frame, |piece| self.0.sign(piece));
    }

    /// The bytes that the message ends with.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        Ok(bytes(&self.0.finish().map_err(Fault::from)?)?)
    }
}

/// A message being decrypted.
#[wasm_bindgen]
pub struct DecryptionPlanner(pub(super) envelope::DecryptionPlanner);

#[wasm_bindgen]
impl DecryptionPlanner {
    /// The encryption context, verified.
    #[wasm_bindgen(getter, js_name = encryptionContext)]
    pub fn encryption_context(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.0.encryption_context())?)
    }

    /// The key of the frames, once. The caller wipes it.
    #[wasm_bindgen(js_name = takeKey)]
    pub fn take_key(&mut self) -> Result<JsValue, JsValue> {
        Ok(bytes(self.0.take_key().expose())?)
    }

    /// What came after the header, as far as the decryptor was given it; once.
    #[wasm_bindgen(js_name = takeRest)]
    pub fn take_rest(&mut self) -> Result<JsValue, JsValue> {
        Ok(bytes(&self.0.take_rest())?)
    }

    /// How much plaintext is at most in a message of that length.
    #[wasm_bindgen(js_name = plaintextCapacity)]
    pub fn plaintext_capacity(&self, message: usize) -> usize {
        self.0.plaintext_capacity(message)
    }

    /// How many bytes `next` wants to see, as far as they are there.
    #[wasm_bindgen(getter, js_name = frontLength)]
    pub fn front_length(&self) -> usize {
        self.0.front_length()
    }

    /// What to do next: `{ needs }`, `{ frame }` or `{ skip }`.
    pub fn next(&mut self, front: &JsValue, available: usize) -> Result<JsValue, JsValue> {
        let front: Blob = read(front, "the message")?;
        Ok(match self.0.next(&front, available).map_err(Fault::from)? {
            DecryptionStep::Needs(length) => object([("needs", length.into())]),
            DecryptionStep::Frame(plan) => object([("frame", frame(&plan)?)]),
            DecryptionStep::Footer(length) => object([("skip", length.into())]),
        })
    }

    /// Whether the message is signed.
    #[wasm_bindgen(getter)]
    pub fn signed(&self) -> bool {
        self.0.is_signed()
    }

    /// Takes a planned piece into the check of the signature.
    pub fn hash(&mut self, piece: &JsValue) {
        in_pieces(piece, |piece| self.0.hash(piece));
    }

    /// Throws the error that says that WebCrypto refused a frame.
    pub fn refuse(&mut self, sequence: u32) -> Result<(), JsValue> {
        Err(Fault::from(self.0.refuse(sequence)).into())
    }

    /// Ends the message, of which so many bytes are left over.
    pub fn finish(&mut self, available: usize) -> Result<(), JsValue> {
        Ok(self.0.finish(available).map_err(Fault::from)?)
    }
}

fn frame(plan: &FramePlan) -> Result<JsValue, Fault> {
    Ok(object([
        ("sequence", plan.sequence.into()),
        ("prefix", bytes(&plan.prefix)?),
        ("iv", bytes(&plan.nonce)?),
        ("additionalData", bytes(&plan.associated_data)?),
        ("length", plan.length.into()),
        ("wholeLength", plan.whole_length().into()),
    ]))
}

/// Copies bytes of JavaScript's a few at a time.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a frame, which is no longer")]
fn in_pieces(bytes: &JsValue, mut take: impl FnMut(&[u8])) {
    let length = bytes_length(bytes).max(0.0) as u32;
    let mut buffer = vec![0; length.min(HASHED) as usize];
    let mut start = 0;
    while start < length {
        let end = length.min(start.saturating_add(HASHED));
        if let Some(room) = buffer.get_mut(..(end - start) as usize) {
            copy_bytes(bytes, start, room);
            take(room);
        }
        start = end;
    }
}
