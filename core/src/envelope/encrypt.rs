//! Encrypting a message piece by piece.

use super::{
    body::Frames,
    client::{EncryptOptions, EncryptionClient},
    context,
    frame::{framed_length, next_sequence},
    header::{ContentType, MessageHeader, header_tag},
    kept::Lent,
    keys::MessageKeys,
    materials::{EncryptionMaterials, EncryptionMaterialsRequest, MaterialsManager},
    signature::Signature,
    stream::{STRETCH, Transform, check_room, dead},
};
use crate::{
    crypto::{AeadKey, NONCE_LENGTH, Provider},
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{boxed::Box, format, sync::Arc, vec, vec::Vec};

/// A message being encrypted: plaintext goes in by [`update`](Transform::update), the message comes out.
///
/// It keeps at most one frame of plaintext.
pub struct Encryptor {
    begun: Begun,
    frames: Frames,
    /// The number of the next frame.
    sequence: u32,
    /// Plaintext that may be the last: the final frame is never empty, unless the message is.
    held: Held,
    announced: Announced,
    alive: bool,
}

/// A message of which the header is made.
pub(crate) struct Begun {
    pub(crate) header: MessageHeader,
    /// The header's bytes, until they are given out.
    pub(crate) bytes: Vec<u8>,
    pub(crate) header_length: usize,
    /// The key of the cipher.
    pub(crate) key: Secret,
    pub(crate) signature: Option<Signature>,
    provider: Provider,
    materials: Lent<Arc<EncryptionMaterials>>,
}

impl Begun {
    /// The signature over the header and what was added since, or nothing.
    pub(crate) fn footer(&mut self) -> Result<Vec<u8>> {
        let Some(signature) = self.signature.take() else { return Ok(Vec::new()) };
        self.materials.with(|materials| match materials.signing_key() {
            Some(key) => signature.sign(&self.provider, key),
            None => Ok(Vec::new()),
        })
    }
}

/// How many more bytes of plaintext the caller announced, if any.
pub(crate) struct Announced(pub(crate) Option<u64>);

impl Announced {
    pub(crate) fn take(&mut self, length: usize) -> Result<()> {
        if let Some(left) = &mut self.0 {
            *left = left.checked_sub(length as u64).ok_or_else(|| {
                Error::new(ErrorKind::LimitExceeded, "the plaintext is longer than the plaintext length announced")
            })?;
        }
        Ok(())
    }

    pub(crate) fn end(&self) -> Result<()> {
        if self.0.is_some_and(|left| left > 0) {
            let message = "the plaintext is shorter than the plaintext length announced";
            return Err(Error::new(ErrorKind::Validation, message));
        }
        Ok(())
    }
}

/// At most one frame of plaintext, in a buffer that grows with what comes, and leaves no copy behind.
struct Held {
    bytes: Secret,
    length: usize,
}

impl Held {
    fn expose(&self) -> &[u8] {
        self.bytes.expose().get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, more: &[u8], frame_length: usize) {
        let length = self.length + more.len();
        if length > self.bytes.len() {
            let mut grown = Secret::zeroed(length.next_power_of_two().min(frame_length).max(length));
            let (front, _) = grown.expose_mut().split_at_mut(self.length);
            front.copy_from_slice(self.expose());
            self.bytes = grown;
        }
        if let Some(place) = self.bytes.expose_mut().get_mut(self.length..length) {
            place.copy_from_slice(more);
        }
        self.length = length;
    }
}

impl EncryptionClient {
    /// Starts a message.
    pub fn encryptor(&self, manager: &dyn MaterialsManager, options: EncryptOptions) -> Result<Encryptor> {
        let encryptor = self.encryptor_for_one_call(manager, options)?;
        // Its secrets go when a vault is locked that they came from.
        manager.on_lock(&encryptor.frames.key.taker());
        manager.on_lock(&encryptor.begun.materials.taker());
        Ok(encryptor)
    }

    /// As [`encryptor`](Self::encryptor), for a message that is whole when the call returns.
    pub(crate) fn encryptor_for_one_call(
        &self,
        manager: &dyn MaterialsManager,
        options: EncryptOptions,
    ) -> Result<Encryptor> {
        let (frame_length, plaintext_length) = (options.frame_length, options.plaintext_length);
        let request = self.encryption_request(options)?;
        let materials = manager.encryption_materials(&self.provider, request)?;
        self.encryptor_with(materials, frame_length, plaintext_length)
    }

    /// What a message with these options asks of a materials manager.
    pub fn encryption_request(&self, options: EncryptOptions) -> Result<EncryptionMaterialsRequest> {
        let suite = options.algorithm_suite.unwrap_or(self.commitment_policy.default_suite());
        self.commitment_policy.check_encryption(suite)?;
        Ok(EncryptionMaterialsRequest {
            algorithm_suite: suite,
            encryption_context: options.encryption_context,
            required_encryption_context_keys: options.required_encryption_context_keys,
            plaintext_length: options.plaintext_length,
        })
    }

    /// Starts a message with materials that are there already: for who gets them by other means, or asynchronously.
    pub fn encryptor_with(
        &self,
        materials: Arc<EncryptionMaterials>,
        frame_length: Option<u32>,
        plaintext_length: Option<u64>,
    ) -> Result<Encryptor> {
        let (mut begun, key) = self.begin(materials, frame_length)?;
        // The cipher has it.
        begun.key = Secret::default();
        let frames = Frames {
            key: Lent::new(key),
            message_id: begun.header.message_id.clone(),
            frame_length: begun.header.frame_length as usize,
            executor: self.provider.executor,
        };
        Ok(Encryptor {
            begun,
            frames,
            sequence: 1,
            held: Held { bytes: Secret::zeroed(0), length: 0 },
            announced: Announced(plaintext_length),
            alive: true,
        })
    }

    /// Makes the header, and the key of the frames.
    pub(crate) fn begin(
        &self,
        materials: Arc<EncryptionMaterials>,
        frame_length: Option<u32>,
    ) -> Result<(Begun, Box<dyn AeadKey>)> {
        let suite = materials.algorithm_suite();
        self.commitment_policy.check_encryption(suite)?;
        let frame_length = self.limits.frame_length(frame_length)?;
        let count = materials.encrypted_data_keys().len();
        if count > usize::from(self.limits.max_encrypted_data_keys) {
            let limit = self.limits.max_encrypted_data_keys;
            let message = format!("{count} encrypted data keys are more than this client's limit of {limit}");
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let data_key = materials.complete()?;
        let mut message_id = vec![0; suite.message_id_length()];
        self.provider.fill_random(&mut message_id)?;
        let MessageKeys { key, commitment } = MessageKeys::derive(&self.provider, suite, &message_id, data_key)?;
        let (unstored, stored) =
            context::split(materials.encryption_context(), materials.required_encryption_context_keys());
        let header = MessageHeader {
            version: suite.message_version(),
            algorithm_suite: suite,
            message_id,
            encryption_context: stored,
            encrypted_data_keys: materials.encrypted_data_keys().to_vec(),
            content_type: ContentType::Framed,
            frame_length,
            commitment: commitment.map(Into::into),
        };
        let cipher = self.provider.aead.key(key.expose())?;
        let mut bytes = header.write()?;
        let iv = [0; NONCE_LENGTH];
        let tag = header_tag(&*cipher, &iv, &bytes, &unstored)?;
        if header.version == 1 {
            bytes.extend_from_slice(&iv);
        }
        bytes.extend_from_slice(&tag);
        let mut signature = Signature::start(&self.provider, suite);
        if let Some(signature) = &mut signature {
            signature.update(&bytes);
        }
        let (provider, materials) = (self.provider.clone(), Lent::new(materials));
        Ok((Begun { header, header_length: bytes.len(), bytes, key, signature, provider, materials }, cipher))
    }
}

impl Encryptor {
    /// The message's header.
    pub fn header(&self) -> &MessageHeader {
        &self.begun.header
    }

    /// The most bytes that the whole message has for so much plaintext; without a signature exactly so many.
    pub(crate) fn capacity(&self, plaintext: usize) -> usize {
        let footer = self.begun.signature.as_ref().map_or(0, Signature::longest_footer);
        let body = framed_length(plaintext, self.frames.frame_length);
        self.begun.bytes.len().saturating_add(body).saturating_add(footer)
    }

    /// Encrypts a plaintext of which all is there to the front of `output`, which has room for all. Answers the length of
    /// the message, and its header.
    pub(crate) fn write_whole(
        mut self,
        plaintext: &[u8],
        output: &mut [u8],
        proceed: &mut dyn FnMut() -> Result<()>,
    ) -> Result<(usize, MessageHeader)> {
        self.announced.take(plaintext.len())?;
        self.announced.end()?;
        let room = output.len();
        let (header, output) = output.split_at_mut(self.begun.bytes.len());
        header.copy_from_slice(&self.begun.bytes);
        // As in a stream, the final frame is never empty, unless the message is.
        let count = plaintext.len().saturating_sub(1) / self.frames.frame_length;
        let (whole, last) = plaintext.split_at(count * self.frames.frame_length);
        let (frames, output) = output.split_at_mut(count * self.frames.whole_frame());
        let stretch = (STRETCH / self.frames.frame_length).max(1);
        let pieces = frames.chunks_mut(stretch * self.frames.whole_frame());
        for (plaintext, frames) in whole.chunks(stretch * self.frames.frame_length).zip(pieces) {
            proceed()?;
            self.seal(plaintext, frames, plaintext.len() / self.frames.frame_length)?;
        }
        let frame = self.frames.seal_final(self.sequence, last, output)?;
        if let Some(signature) = &mut self.begun.signature {
            signature.update(frame);
        }
        let written = frame.len();
        let output = output.get_mut(written..).unwrap_or_default();
        let footer = self.begun.footer()?;
        check_room(output, footer.len())?;
        let (place, unused) = output.split_at_mut(footer.len());
        place.copy_from_slice(&footer);
        Ok((room - unused.len(), self.begun.header))
    }

    fn process(&mut self, mut input: &[u8], output: &mut [u8]) -> Result<usize> {
        self.announced.take(input.len())?;
        let frame_length = self.frames.frame_length;
        let header = core::mem::take(&mut self.begun.bytes);
        let (front, output) = output.split_at_mut(header.len());
        front.copy_from_slice(&header);
        let mut written = header.len();
        let mut output = output;

        // The frame that has begun, if it is certain that it is not the last.
        if self.held.length > 0 && self.held.length + input.len() > frame_length {
            let (rest, more) = input.split_at(frame_length - self.held.length);
            self.held.push(rest, frame_length);
            input = more;
            let held = core::mem::replace(&mut self.held, Held { bytes: Secret::zeroed(0), length: 0 });
            let (frame, others) = output.split_at_mut(self.frames.whole_frame());
            self.seal(held.expose(), frame, 1)?;
            // Its buffer holds the next one.
            self.held = Held { length: 0, ..held };
            written += frame.len();
            output = others;
        }
        // Whole frames from where they are; what may be the last is held.
        let count = if self.held.length > 0 { 0 } else { input.len().saturating_sub(1) / frame_length };
        let (whole, rest) = input.split_at(count * frame_length);
        if count > 0 {
            let (frames, _) = output.split_at_mut(count * self.frames.whole_frame());
            self.seal(whole, frames, count)?;
            written += frames.len();
        }
        self.held.push(rest, frame_length);
        Ok(written)
    }

    fn seal(&mut self, plaintext: &[u8], frames: &mut [u8], count: usize) -> Result<()> {
        let next = next_sequence(self.sequence, count)?;
        self.frames.seal(self.sequence, plaintext, frames)?;
        self.sequence = next;
        if let Some(signature) = &mut self.begun.signature {
            signature.update(frames);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<Vec<u8>> {
        self.announced.end()?;
        let mut end = core::mem::take(&mut self.begun.bytes);
        let header = end.len();
        end.resize(header + framed_length(self.held.length, self.frames.frame_length), 0);
        let room = end.get_mut(header..).unwrap_or_default();
        let frame = self.frames.seal_final(self.sequence, self.held.expose(), room)?;
        if let Some(signature) = &mut self.begun.signature {
            signature.update(frame);
        }
        end.append(&mut self.begun.footer()?);
        self.held = Held { bytes: Secret::zeroed(0), length: 0 };
        Ok(end)
    }
}

impl Transform for Encryptor {
    fn update_length(&self, input: usize) -> usize {
        let total = self.held.length.saturating_add(input);
        let frames = total.saturating_sub(1) / self.frames.frame_length;
        self.begun.bytes.len().saturating_add(frames.saturating_mul(self.frames.whole_frame()))
    }

    fn update(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if !self.alive {
            return Err(dead());
        }
        let length = self.update_length(input.len());
        let result =
            check_room(output, length).and_then(|()| self.process(input, output.get_mut(..length).unwrap_or_default()));
        self.alive = result.is_ok();
        result
    }

    fn finish(&mut self) -> Result<Vec<u8>> {
        if !self.alive {
            return Err(dead());
        }
        self.alive = false;
        self.end()
    }
}
