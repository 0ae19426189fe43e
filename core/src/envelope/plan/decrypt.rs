//! Planning the frames of a message to be decrypted.

use crate::{
    envelope::{
        decrypt::{Decryptor, Opened},
        failure::{invalid_message, truncated},
        frame::{FINAL_PREFIX, FramePlan, UNFRAMED_OVERHEAD, altered, framed_plaintext},
        header::{ContentType, MessageHeader},
        materials::DecryptionMaterials,
        read::{Incomplete, Read, Reader},
        stream::dead,
    },
    error::{Error, Result},
    secret::Secret,
};
use alloc::{sync::Arc, vec::Vec};

/// A message whose frames a cipher outside of this library decrypts, each as it is planned here.
///
/// A frame's plaintext may be given out as soon as the cipher found its tag right, and the frames before it were given
/// out. Until [`finish`](Self::finish) answered, the plaintext may lack its end, and a signature is not verified.
pub struct DecryptionPlanner {
    opened: Opened,
    /// What was taken of the message.
    position: u64,
    /// The number of the next frame.
    sequence: u32,
    stage: Stage,
    /// What the decryptor was given beyond the header.
    rest: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Body,
    /// The footer, of which so many bytes are known to be needed.
    Footer(usize),
    End,
    Failed,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecryptionStep {
    /// Wait until so many bytes are there.
    Needs(usize),
    /// Decrypt a piece, of which all bytes are there: [`FramePlan::whole_length`] of them.
    Frame(FramePlan),
    /// Skip so many bytes: the message's footer, and its signature is right.
    Footer(usize),
}

impl Decryptor<'_> {
    /// Leaves the message's body to a cipher elsewhere; in place of [`Decryptor::set_materials`].
    pub fn into_planner(self, materials: Arc<DecryptionMaterials>) -> Result<DecryptionPlanner> {
        let (opened, rest) = self.open(materials)?;
        let position = opened.read.length as u64;
        Ok(DecryptionPlanner { opened, position, sequence: 1, stage: Stage::Body, rest })
    }
}

impl DecryptionPlanner {
    /// The message's header, verified.
    pub fn header(&self) -> &MessageHeader {
        &self.opened.read.header
    }

    /// The encryption context, verified: the pairs that the message stores, and those that were given again.
    pub fn encryption_context(&self) -> &crate::context::EncryptionContext {
        self.opened.materials.encryption_context()
    }

    /// The key of AES-GCM for the frames, of this message alone; nothing the second time.
    pub fn take_key(&mut self) -> Secret {
        core::mem::take(&mut self.opened.key)
    }

    /// What the decryptor was given beyond the header: where the body begins. Nothing the second time.
    pub fn take_rest(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.rest)
    }

    /// No more plaintext than this is in a message of that length. Where the message is not signed, it is the plaintext's
    /// very length.
    pub fn plaintext_capacity(&self, message: usize) -> usize {
        let header = self.header();
        let body = message.saturating_sub(self.opened.read.length);
        match header.content_type {
            ContentType::Unframed => body.saturating_sub(UNFRAMED_OVERHEAD),
            ContentType::Framed => framed_plaintext(body, header.frame_length as usize),
        }
    }

    /// How many bytes [`next`](Self::next) wants to see, as far as they are there.
    pub fn front_length(&self) -> usize {
        match self.stage {
            Stage::Body => FINAL_PREFIX,
            Stage::Footer(length) => length,
            Stage::End | Stage::Failed => 1,
        }
    }

    /// Says what to do with what comes next. `front` are its first bytes, `available` is how many there are.
    pub fn next(&mut self, front: &[u8], available: usize) -> Result<DecryptionStep> {
        let step = match self.step(front, available) {
            Err(Incomplete::Needs(length)) => Ok(DecryptionStep::Needs(length)),
            Err(Incomplete::Invalid(error)) => Err(error),
            Ok(step) => Ok(step),
        };
        match &step {
            Ok(DecryptionStep::Frame(plan)) => self.position += plan.whole_length() as u64,
            Ok(DecryptionStep::Footer(length)) => self.position += *length as u64,
            Ok(DecryptionStep::Needs(length)) if matches!(self.stage, Stage::Footer(_)) => {
                self.stage = Stage::Footer(*length);
            }
            Ok(DecryptionStep::Needs(_)) => {}
            Err(_) => self.stage = Stage::Failed,
        }
        step
    }

    fn step(&mut self, front: &[u8], available: usize) -> Read<DecryptionStep> {
        match self.stage {
            Stage::Body => {
                let Opened { read, limits, signature, .. } = &self.opened;
                let plan = FramePlan::read(&read.header, limits.max_unframed_length, self.sequence, front)?;
                if plan.whole_length() > available {
                    return Err(Incomplete::Needs(plan.whole_length()));
                }
                self.sequence = self.sequence.saturating_add(1);
                match (plan.last, signature) {
                    (false, _) => {}
                    (true, Some(_)) => self.stage = Stage::Footer(2),
                    (true, None) => self.stage = Stage::End,
                }
                Ok(DecryptionStep::Frame(plan))
            }
            Stage::Footer(_) => {
                let mut reader = Reader::new(front);
                let footer = reader.field()?;
                self.opened.verify(footer)?;
                self.stage = Stage::End;
                Ok(DecryptionStep::Footer(reader.position()))
            }
            Stage::End if available == 0 => Err(Incomplete::Needs(1)),
            Stage::End => Err(invalid_message("bytes follow the end of the message").into()),
            Stage::Failed => Err(dead().into()),
        }
    }

    /// Whether the frames are signed: then each must be given to [`hash`](Self::hash).
    pub fn is_signed(&self) -> bool {
        self.opened.signature.is_some()
    }

    /// Takes a planned piece into the check of the signature, or the next part of one: all bytes of the pieces, in the
    /// order of the message.
    pub fn hash(&mut self, piece: &[u8]) {
        if let Some(signature) = &mut self.opened.signature {
            signature.update(piece);
        }
    }

    /// The error that says that the cipher found the tag of a piece wrong. The message is dead.
    pub fn refuse(&mut self, sequence: u32) -> Error {
        self.stage = Stage::Failed;
        altered(sequence)
    }

    /// Ends the message. `available` bytes are there that no step took; it fails where the message has not ended.
    pub fn finish(&mut self, available: usize) -> Result<()> {
        let result = match self.stage {
            Stage::End if available == 0 => Ok(()),
            Stage::End => Err(invalid_message("bytes follow the end of the message")),
            Stage::Failed => Err(dead()),
            _ => Err(truncated(self.position.saturating_add(available as u64))),
        };
        self.stage = Stage::Failed;
        result
    }
}
