//! Where the parts of a message begin and end: a second reader of the format's shape, made from AWS's page "AWS
//! Encryption SDK message format reference" and not from the core's code. It verifies nothing and trusts everything.

use std::ops::Range;

/// The parts of a message that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// 1 or 2.
    pub version: u8,
    /// The number of the algorithm suite.
    pub suite: u16,
    /// The message's id.
    pub message_id: Range<usize>,
    /// The pairs of the encryption context.
    pub context: Range<usize>,
    /// The number of encrypted data keys, and all of them.
    pub encrypted_data_keys: Range<usize>,
    /// The length of a frame; 0 in an unframed message.
    pub frame_length: usize,
    /// What commits to the data key: nothing in version 1.
    pub commitment: Range<usize>,
    /// The IV of version 1, and the tag.
    pub authentication: Range<usize>,
    /// The frames, the final one included; or the one unframed body.
    pub frames: Vec<Range<usize>>,
    /// Length and signature; empty without one.
    pub footer: Range<usize>,
}

impl Layout {
    /// Looks at a message that is whole. Panics at any other.
    pub fn of(message: &[u8]) -> Self {
        let mut layout = Self::of_header(message);
        let mut walk = Walk { message, at: layout.header_end() };
        loop {
            let start = walk.at;
            let in_frames = layout.frame_length > 0;
            let last = !in_frames || walk.number(4) == 0xffff_ffff;
            if in_frames {
                walk.take(if last { 4 + 12 } else { 12 });
                let length = if last { walk.number(4) } else { layout.frame_length };
                walk.take(length + 16);
            } else {
                walk.take(12);
                let length = walk.number(8);
                walk.take(length + 16);
            }
            layout.frames.push(start..walk.at);
            if last {
                break;
            }
        }
        layout.footer = walk.at..message.len();
        layout
    }

    /// Looks at the header alone: frames and footer are empty.
    pub fn of_header(message: &[u8]) -> Self {
        let mut walk = Walk { message, at: 0 };
        let version = message[0];
        walk.take(if version == 1 { 2 } else { 1 });
        let suite = u16::try_from(walk.number(2)).expect("two bytes");
        let message_id = walk.take(if version == 1 { 16 } else { 32 });
        let length = walk.number(2);
        let context = walk.take(length);
        let start = walk.at;
        for _ in 0..walk.number(2) * 3 {
            let length = walk.number(2);
            walk.take(length);
        }
        let encrypted_data_keys = start..walk.at;
        walk.take(1);
        // Four reserved bytes and the length of the IV.
        walk.take(if version == 1 { 5 } else { 0 });
        let frame_length = walk.number(4);
        let commitment = walk.take(if version == 1 { 0 } else { 32 });
        let authentication = walk.take(if version == 1 { 28 } else { 16 });
        Self {
            version,
            suite,
            message_id,
            context,
            encrypted_data_keys,
            frame_length,
            commitment,
            authentication,
            frames: Vec::new(),
            footer: 0..0,
        }
    }

    /// Where the header ends.
    pub fn header_end(&self) -> usize {
        self.authentication.end
    }

    /// Where the body ends.
    pub fn body_end(&self) -> usize {
        self.footer.start
    }

    /// The signature in the footer, of a message that has one.
    pub fn signature(&self, message: &[u8]) -> Option<Range<usize>> {
        if self.footer.is_empty() {
            return None;
        }
        let mut walk = Walk { message, at: self.footer.start };
        let length = walk.number(2);
        Some(walk.take(length))
    }
}

struct Walk<'a> {
    message: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn take(&mut self, length: usize) -> Range<usize> {
        let start = self.at;
        self.at += length;
        assert!(self.at <= self.message.len(), "the message is too short");
        start..self.at
    }

    fn number(&mut self, length: usize) -> usize {
        let range = self.take(length);
        self.message[range].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }
}
