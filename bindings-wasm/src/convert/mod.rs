//! JavaScript values in and out, by the core's description of its types.
//!
//! Serde walks the Rust side, [`Type`](pocketkms::shape::Type) says what the JavaScript side looks like: `camelCase`
//! members, `Uint8Array`, `Date`. Bytes go straight from one memory to the other: no text, no tree of values in
//! between, and so no copy of a secret that would have to be found and wiped.
//!
//! `serde-wasm-bindgen` would do the walking, but names members as AWS does on the wire, takes bytes for base64 text
//! (it calls itself human-readable), passes over unknown members, and turns text that is no Unicode into other text.

pub(crate) mod host;
mod read;
mod write;

pub(crate) use read::{options, read, time};
pub(crate) use write::{bytes, write};
