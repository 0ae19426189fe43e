//! Planning the frames of a message to be encrypted.

use crate::{
    envelope::{
        client::EncryptionClient,
        encrypt::{Announced, Begun},
        frame::{FramePlan, framed_length, next_sequence},
        header::MessageHeader,
        materials::EncryptionMaterials,
        stream::dead,
    },
    error::Result,
    secret::Secret,
};
use alloc::{sync::Arc, vec::Vec};

/// A message whose frames a cipher outside of this library encrypts, each as it is planned here.
pub struct EncryptionPlanner {
    begun: Begun,
    announced: Announced,
    /// The number of the next frame.
    sequence: u32,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Body,
    Footer,
    End,
}

impl EncryptionClient {
    /// Starts a message whose body is encrypted elsewhere.
    pub fn encryption_planner(
        &self,
        materials: Arc<EncryptionMaterials>,
        frame_length: Option<u32>,
        plaintext_length: Option<u64>,
    ) -> Result<EncryptionPlanner> {
        let (begun, _) = self.begin(materials, frame_length)?;
        Ok(EncryptionPlanner { begun, announced: Announced(plaintext_length), sequence: 1, stage: Stage::Body })
    }
}

impl EncryptionPlanner {
    /// The message's header.
    pub fn header(&self) -> &MessageHeader {
        &self.begun.header
    }

    /// What the message begins with; nothing the second time.
    pub fn take_header_bytes(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.begun.bytes)
    }

    /// The key of AES-GCM for the frames, of this message alone; nothing the second time.
    pub fn take_key(&mut self) -> Secret {
        core::mem::take(&mut self.begun.key)
    }

    /// The length of the message for so much plaintext, without the footer of a signed one.
    pub fn message_length(&self, plaintext: usize) -> usize {
        framed_length(plaintext, self.begun.header.frame_length as usize).saturating_add(self.begun.header_length)
    }

    /// Plans the next frame, given how many bytes of plaintext there are that were not planned yet, and whether those
    /// are all. `None`: nothing can be done before more of them have come; or all are planned.
    pub fn next(&mut self, available: usize, ended: bool) -> Result<Option<FramePlan>> {
        let frame_length = self.begun.header.frame_length as usize;
        // A frame that may be the last waits for more: the final frame is never empty, unless the message is.
        let full = available > frame_length;
        if self.stage != Stage::Body || !(full || ended) {
            return Ok(None);
        }
        let plan = self.plan(available.min(frame_length), !full);
        // After an error no further frame may be encrypted.
        self.stage = match &plan {
            Ok(plan) if plan.last => Stage::Footer,
            Ok(_) => Stage::Body,
            Err(_) => Stage::End,
        };
        plan.map(Some)
    }

    fn plan(&mut self, length: usize, last: bool) -> Result<FramePlan> {
        self.announced.take(length)?;
        let sequence = self.sequence;
        if last {
            self.announced.end()?;
        } else {
            self.sequence = next_sequence(sequence, 1)?;
        }
        Ok(FramePlan::write(&self.begun.header.message_id, sequence, length, last))
    }

    /// Whether the frames are signed: then each must be given to [`sign`](Self::sign).
    pub fn is_signed(&self) -> bool {
        self.begun.signature.is_some()
    }

    /// Takes a finished frame into the signature, or the next part of one: all bytes in the order of the message.
    pub fn sign(&mut self, frame: &[u8]) {
        if let Some(signature) = &mut self.begun.signature {
            signature.update(frame);
        }
    }

    /// The message's footer, after its last frame: the signature, or nothing.
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        if self.stage != Stage::Footer {
            return Err(dead());
        }
        self.stage = Stage::End;
        self.begun.footer()
    }
}
