//! Envelope messages, through the public doors.

mod cache;
mod inspect;
mod io;
mod keyrings;
mod plan;
mod round_trip;
mod streams;
mod tampering;
mod vectors;
