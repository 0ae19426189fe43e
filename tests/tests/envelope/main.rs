//! Envelope messages, through the public doors.

mod round_trip;
