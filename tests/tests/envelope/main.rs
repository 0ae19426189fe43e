//! Envelope messages, through the public API.

mod bad_input;
mod cache;
mod corpus;
mod default_text;
mod inspect;
mod io;
mod keyrings;
mod limits;
mod plan;
mod range;
mod reencrypt;
mod rewrap;
mod round_trip;
mod sidecar;
mod sidecar_vectors;
mod stored;
mod streams;
mod tampering;
mod vectors;
