//! JavaScript values in and out, by the core's description of its types.
//!
//! The core shows each value as its description has it, and reads each type from what was given; what is here makes of that what
//! JavaScript has: `camelCase` members, `Uint8Array`, `Date`. Bytes go straight from one memory to the other, so that there is no copy
//! of a secret that would have to be found and wiped.

pub(crate) mod host;
mod read;
mod write;

pub(crate) use read::{options, read, time};
pub(crate) use write::{bytes, write};
