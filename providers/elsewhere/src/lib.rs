//! The asymmetric primitives of [PocketKMS](https://docs.rs/pocketkms) where they are in another memory, such as that of a second
//! WebAssembly module: [`Elsewhere`] asks for them on this side, and a [`Service`] does what it is asked for on the other.
//!
//! A request and its answer are bytes, which the two sides hand over by a [`Channel`]. Both hold secrets, and are wiped on either side
//! when they are done with. What may be asked is written down once (`calls`). It is no format: both sides are of one build, which they can
//! see by a number ([`BUILD`]).

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod algorithms;
mod asking;
mod bytes;
mod calls;
mod channel;
mod errors;
mod keys;
mod service;

pub use asking::Elsewhere;
pub use calls::BUILD;
pub use channel::Channel;
pub use service::Service;
