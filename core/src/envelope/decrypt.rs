//! Decrypting a message piece by piece.

use super::{
    body::Frames,
    client::{DecryptOptions, EncryptionClient, Limits},
    failure::{invalid_message, truncated},
    header::{MessageHeader, ReadHeader},
    kept::Lent,
    keys::MessageKeys,
    materials::{DecryptionMaterials, DecryptionMaterialsRequest, MaterialsManager},
    opening::whole,
    read::{Incomplete, Read, Reader},
    signature::Signature,
    stream::{STRETCH, Transform, check_room, dead},
};
use crate::{
    context::EncryptionContext,
    crypto::{AeadKey, Provider},
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{boxed::Box, format, sync::Arc, vec::Vec};
use zeroize::Zeroize;

/// Where the materials come from.
pub(crate) enum Source<'a> {
    Borrowed(&'a dyn MaterialsManager),
    Shared(Arc<dyn MaterialsManager>),
    /// From the caller, once the header has come.
    Caller,
}

impl Source<'_> {
    /// Whom to ask; `None` where the caller gives the materials.
    pub(crate) fn manager(&self) -> Option<&dyn MaterialsManager> {
        match self {
            Source::Borrowed(manager) => Some(*manager),
            Source::Shared(manager) => Some(&**manager),
            Source::Caller => None,
        }
    }
}

/// A message being decrypted: the message goes in by [`update`](Transform::update), plaintext comes out, as soon as
/// the frame that holds it is verified.
///
/// It keeps at most one frame, as far as it has come. Until [`finish`](Transform::finish) answered, the plaintext may
/// lack its end, and the signature of a signed message is not verified: [`DecryptOptions::unsigned_only`] refuses
/// those.
pub struct Decryptor<'a> {
    client: EncryptionClient,
    source: Source<'a>,
    options: DecryptOptions,
    /// The beginning of a piece that is not complete.
    buffer: Vec<u8>,
    /// How many bytes it has when it is complete, as far as that is known: until then nothing comes out.
    needed: usize,
    /// How many bytes were taken, the buffered ones included.
    position: u64,
    header: Option<ReadHeader>,
    /// What is left of the materials when the keys of the message are derived.
    verified: Option<Verified>,
    /// Whether its keys are taken away by a lock: those of a stream.
    is_stream: bool,
    signature: Option<Signature>,
    stage: Stage,
}

/// What is known of a message whose header was verified, and no secret.
struct Verified {
    encryption_context: Arc<EncryptionContext>,
    verification_key: Option<Vec<u8>>,
}

/// What comes next.
enum Stage {
    Header,
    /// The header has come, and the caller has to give the materials.
    Materials,
    Body {
        frames: Frames,
        sequence: u32,
    },
    Footer,
    /// All has come.
    End,
    /// And the caller knows.
    Finished,
    Failed,
}

impl EncryptionClient {
    /// Starts to decrypt a message.
    pub fn decryptor(&self, manager: Arc<dyn MaterialsManager>, options: DecryptOptions) -> Decryptor<'static> {
        Decryptor::new(self, Source::Shared(manager), options)
    }

    /// As [`decryptor`](Self::decryptor), with a materials manager that is not shared.
    pub fn decryptor_borrowing<'a>(&self, manager: &'a dyn MaterialsManager, options: DecryptOptions) -> Decryptor<'a> {
        Decryptor::new(self, Source::Borrowed(manager), options)
    }

    /// Starts to decrypt a message for whose header the caller gives the materials: for who gets them by other means,
    /// or asynchronously. See [`Decryptor::materials_request`].
    pub fn decryptor_without_materials(&self, options: DecryptOptions) -> Decryptor<'static> {
        Decryptor::new(self, Source::Caller, options)
    }
}

impl<'a> Decryptor<'a> {
    pub(crate) fn new(client: &EncryptionClient, source: Source<'a>, options: DecryptOptions) -> Self {
        Self {
            client: client.clone(),
            source,
            options,
            buffer: Vec::new(),
            needed: 0,
            position: 0,
            header: None,
            verified: None,
            is_stream: true,
            signature: None,
            stage: Stage::Header,
        }
    }

    /// The message's header, once it is there. It is authentic as soon as plaintext has come out, or the stream ended.
    pub fn header(&self) -> Option<&MessageHeader> {
        self.header.as_ref().map(|read| &read.header)
    }

    /// What the caller has to find materials for, once the header has come.
    pub fn materials_request(&self) -> Option<DecryptionMaterialsRequest> {
        let read = self.header.as_ref().filter(|_| matches!(self.stage, Stage::Materials))?;
        Some(read.materials_request(&self.options))
    }

    /// Gives the materials. What came after the header is decrypted by the next [`update`](Transform::update).
    #[allow(clippy::needless_pass_by_value, reason = "they are handed over, as to every other stream")]
    pub fn set_materials(&mut self, materials: Arc<DecryptionMaterials>) -> Result<()> {
        let (Stage::Materials, Some(header)) = (&self.stage, self.header.take()) else { return Err(dead()) };
        // The header's own bytes are the front of what is buffered.
        let bytes = self.buffer.drain(..header.length).collect::<Vec<_>>();
        let result = self.begin(&bytes, header, &materials);
        self.ended_well(result)
    }

    /// Takes the header of a message of which all is there, and gives what follows it.
    pub(crate) fn take_header<'m>(&mut self, message: &'m [u8]) -> Result<&'m [u8]> {
        self.is_stream = false;
        let (taken, _) = whole(self.piece(message, &mut []), message)?;
        self.position = taken as u64;
        Ok(message.get(taken..).unwrap_or_default())
    }

    /// How much plaintext is in a body of which all is there, as far as its pieces are in order: what is wrong with them
    /// is said when they are decrypted.
    pub(crate) fn plaintext_length(&self, body: &[u8]) -> usize {
        let (Stage::Body { frames, .. }, Some(read)) = (&self.stage, &self.header) else { return 0 };
        frames.plaintext_length((&read.header, self.client.limits.max_unframed_length), body)
    }

    /// Decrypts a body of which all is there into `output`, which is as long as its plaintext. Answers the encryption
    /// context and the header.
    pub(crate) fn write_whole(
        mut self,
        body: &[u8],
        output: &mut [u8],
        proceed: &mut dyn FnMut() -> Result<()>,
    ) -> Result<(EncryptionContext, MessageHeader)> {
        // Whole frames, so that none is cut and copied; an unframed body is one piece.
        let stretch = match &self.stage {
            Stage::Body { frames, .. } if frames.frame_length > 0 => {
                (STRETCH / frames.whole_frame()).max(1).saturating_mul(frames.whole_frame())
            }
            _ => body.len().max(1),
        };
        let mut written = 0;
        let result = body.chunks(stretch).try_for_each(|piece| {
            proceed()?;
            let room = output.get_mut(written..).unwrap_or_default();
            written += self.process(piece, room)?;
            Ok(())
        });
        let result = result.and_then(|()| self.finish());
        match (result, self.header, self.verified) {
            (Ok(_), Some(read), Some(verified)) => Ok((Arc::unwrap_or_clone(verified.encryption_context), read.header)),
            (result, ..) => {
                output.zeroize();
                Err(result.err().unwrap_or_else(dead))
            }
        }
    }

    /// The encryption context, verified: the pairs that the message stores, and those that were given again.
    pub fn encryption_context(&self) -> Option<&EncryptionContext> {
        self.verified.as_ref().map(|verified| &*verified.encryption_context)
    }

    /// Takes pieces from the buffer and then from the input, as long as they are complete.
    fn process(&mut self, mut input: &[u8], output: &mut [u8]) -> Result<usize> {
        self.position = self.position.saturating_add(input.len() as u64);
        if self.buffer.len().saturating_add(input.len()) < self.needed {
            self.buffer.extend_from_slice(input);
            return Ok(0);
        }
        self.needed = 0;
        let mut written = 0;
        loop {
            // Two places where a piece may begin: what is buffered is completed first.
            let buffered = !self.buffer.is_empty();
            let front = core::mem::take(&mut self.buffer);
            let room = output.get_mut(written..).unwrap_or_default();
            match self.piece(if buffered { &front } else { input }, room) {
                Ok((taken, plaintext)) => {
                    written += plaintext;
                    if taken == 0 {
                        self.buffer = front;
                        self.buffer.extend_from_slice(input);
                        return Ok(written);
                    }
                    if buffered {
                        // Nearly always all of it; more where the caller was late with the materials.
                        self.buffer = front;
                        self.buffer.drain(..taken);
                    } else {
                        input = input.get(taken..).unwrap_or_default();
                    }
                }
                Err(Incomplete::Needs(needs)) => {
                    self.buffer = front;
                    let missing = needs.saturating_sub(self.buffer.len()).min(input.len());
                    let (more, rest) = input.split_at(missing);
                    self.buffer.extend_from_slice(more);
                    input = rest;
                    if self.buffer.len() < needs {
                        self.needed = needs;
                        return Ok(written);
                    }
                }
                Err(Incomplete::Invalid(error)) => return Err(error),
            }
        }
    }

    /// Takes one piece, or several frames, from the front of `bytes`. Answers how many bytes it took and wrote; none
    /// taken means that the stage waits.
    fn piece(&mut self, bytes: &[u8], output: &mut [u8]) -> Read<(usize, usize)> {
        match &mut self.stage {
            Stage::Header => {
                let read = self.client.read_header(&self.options, bytes)?;
                let Some(manager) = self.source.manager() else {
                    self.header = Some(read);
                    self.stage = Stage::Materials;
                    return Ok((0, 0));
                };
                let request = read.materials_request(&self.options);
                let materials = manager.decryption_materials(&self.client.provider, &request)?;
                let length = read.length;
                self.begin(bytes.get(..length).unwrap_or_default(), read, &materials)?;
                if let (true, Stage::Body { frames, .. }, Some(manager)) =
                    (self.is_stream, &self.stage, self.source.manager())
                {
                    manager.on_lock(&frames.key.taker());
                }
                Ok((length, 0))
            }
            Stage::Materials => Ok((0, 0)),
            Stage::Body { frames, sequence } => {
                let read = self.header.as_ref().ok_or_else(dead)?;
                let rules = (&read.header, self.client.limits.max_unframed_length);
                let taken = frames.open_pieces(rules, sequence, bytes, output)?;
                if let (Some(signature), Some(taken)) = (&mut self.signature, bytes.get(..taken.bytes)) {
                    signature.update(taken);
                }
                if taken.last {
                    self.stage = if self.signature.is_some() { Stage::Footer } else { Stage::End };
                }
                Ok((taken.bytes, taken.plaintext))
            }
            Stage::Footer => {
                let mut reader = Reader::new(bytes);
                let footer = reader.field()?;
                let key = self.verified.as_ref().and_then(|verified| verified.verification_key.as_deref());
                if let (Some(signature), Some(key)) = (self.signature.take(), key) {
                    signature.verify(&self.client.provider, key, footer)?;
                    self.stage = Stage::End;
                    return Ok((reader.position(), 0));
                }
                Err(dead().into())
            }
            Stage::End if bytes.is_empty() => Ok((0, 0)),
            Stage::End => Err(invalid_message("bytes follow the end of the message").into()),
            Stage::Finished | Stage::Failed => Err(dead().into()),
        }
    }

    /// Verifies the header, of which `bytes` are all, and goes on to the body.
    fn begin(&mut self, bytes: &[u8], read: ReadHeader, materials: &DecryptionMaterials) -> Result<()> {
        let (_, key) = self.unlock(bytes, &read, materials)?;
        let frames = Frames {
            key: Lent::new(key),
            message_id: read.header.message_id.clone(),
            frame_length: read.header.frame_length as usize,
            executor: self.client.provider.executor,
        };
        self.stage = Stage::Body { frames, sequence: 1 };
        self.header = Some(read);
        self.verified = Some(Verified {
            encryption_context: materials.shared_encryption_context(),
            verification_key: materials.verification_key().map(Into::into),
        });
        Ok(())
    }

    /// Verifies the header, and starts the check of the signature.
    fn unlock(
        &mut self,
        bytes: &[u8],
        read: &ReadHeader,
        materials: &DecryptionMaterials,
    ) -> Result<(MessageKeys, Box<dyn AeadKey>)> {
        let provider = &self.client.provider;
        let keys = read.unlock(provider, bytes, materials)?;
        self.signature = Signature::start(provider, read.header.algorithm_suite);
        if let Some(signature) = &mut self.signature {
            signature.update(bytes);
        }
        Ok(keys)
    }

    /// Verifies the header, and gives all that the body needs where it is decrypted elsewhere, and what came of it.
    pub(crate) fn open(mut self, materials: Arc<DecryptionMaterials>) -> Result<(Opened, Vec<u8>)> {
        let (Stage::Materials, Some(read)) = (&self.stage, self.header.take()) else { return Err(dead()) };
        let mut bytes = core::mem::take(&mut self.buffer);
        let rest = bytes.split_off(read.length.min(bytes.len()));
        let (MessageKeys { key, .. }, _) = self.unlock(&bytes, &read, &materials)?;
        let EncryptionClient { provider, limits, .. } = self.client;
        Ok((Opened { read, materials, key, signature: self.signature, provider, limits }, rest))
    }

    fn ended_well<T>(&mut self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.stage = Stage::Failed;
            self.buffer = Vec::new();
            // Nothing is waited for any more: the next call must hear that the stream is dead.
            self.needed = 0;
        }
        result
    }
}

/// A message of which the header is verified.
pub(crate) struct Opened {
    pub(crate) read: ReadHeader,
    pub(crate) materials: Arc<DecryptionMaterials>,
    /// The key of the cipher.
    pub(crate) key: Secret,
    pub(crate) signature: Option<Signature>,
    pub(crate) limits: Limits,
    provider: Provider,
}

impl Opened {
    /// Checks the signature of a signed message.
    pub(crate) fn verify(&mut self, footer: &[u8]) -> Result<()> {
        match (self.signature.take(), self.materials.verification_key()) {
            (Some(signature), Some(key)) => signature.verify(&self.provider, key, footer),
            _ => Err(dead()),
        }
    }
}

impl Transform for Decryptor<'_> {
    fn update_length(&self, input: usize) -> usize {
        let length = self.buffer.len().saturating_add(input);
        if length < self.needed { 0 } else { length }
    }

    fn update(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let length = self.update_length(input.len());
        let result =
            check_room(output, length).and_then(|()| self.process(input, output.get_mut(..length).unwrap_or_default()));
        if result.is_err() {
            output.zeroize();
        }
        self.ended_well(result)
    }

    /// Fails where the message has not ended.
    fn finish(&mut self) -> Result<Vec<u8>> {
        let result = match self.stage {
            Stage::End => {
                self.stage = Stage::Finished;
                return Ok(Vec::new());
            }
            Stage::Finished | Stage::Failed => Err(dead()),
            Stage::Materials => Err(Error::new(ErrorKind::StreamState, "the stream waits for its materials")),
            _ => Err(truncated(self.position)),
        };
        self.ended_well(result)
    }
}

impl core::fmt::Debug for Decryptor<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&format!("Decryptor at byte {}", self.position))
    }
}
