//! Values on their way between Python and the core, in one pass and without a type of our own: the core's types
//! describe and serialize themselves.
//!
//! [`request`] reads the members of a request from a tuple, [`response`] builds the generated dataclasses.

mod bytes;
mod classes;
mod failure;
mod place;
mod request;
mod response;
mod time;

pub(crate) use {
    bytes::{BYTES, Bytes, bytes_of, bytes_with},
    classes::{Class, GENERATED},
    failure::type_error,
    request::{arguments, request},
    response::response,
    time::{from_datetime, to_datetime},
};
