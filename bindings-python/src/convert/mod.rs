//! Values on their way between Python and the core, in one pass and without a type of our own: the core's types
//! describe and serialize themselves.
//!
//! [`request`] reads the members of a request from a tuple, [`response`] builds the generated dataclasses.

mod broken;
mod bytes;
mod classes;
mod failure;
mod place;
mod request;
mod response;
mod time;

pub(crate) use {
    bytes::{BYTES, Bytes, bytes_of, bytes_with, length_of, secret_text},
    classes::{Class, GENERATED, class},
    failure::type_error,
    request::{arguments, options, request, structure},
    response::response,
    time::{from_datetime, from_seconds, to_datetime},
};
