//! The vectors of the AWS Encryption SDK's message format, and a second reader of the format's shape.
//!
//! - [`manifest`]: what `manifest.json` says, type by type.
//! - [`vectors`]: where the vectors are: the copies in this repository, and the whole set beside it.
//! - [`layout`]: where the parts of a message begin and end.
//! - [`fixed`]: messages whose data key is known.
//! - [`writer`]: a second writer of the format, of false messages, too.

pub mod fixed;
pub mod layout;
pub mod manifest;
pub mod vectors;
pub mod writer;
