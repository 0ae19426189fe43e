//! Envelope messages, through the public doors.

mod cache;
mod io;
mod round_trip;
mod vectors;
