//! Values on their way between Python and the core, whose types describe themselves.
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
    bytes::{BYTES, Bytes, bytes_of, bytes_with, length_of, secret_text},
    classes::{Class, GENERATED, class},
    failure::type_error,
    request::{options, request, structure},
    response::response,
    time::{from_datetime, to_datetime},
};
