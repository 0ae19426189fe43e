//! The native half of the npm package `pocketkms`: the core, as JavaScript can call it.
//!
//! JavaScript values are read and written by the core's own description of its types (`convert`), so that there is
//! one generic way in, `Kms::execute`, and no operation is written here by name. What users see is the other
//! half, in `js/`: a `Vault`, and a `Kms` whose methods return promises, and errors with classes.

#![forbid(unsafe_code)]

mod asymmetric;
mod audit;
mod convert;
mod durable;
mod envelope;
mod fault;
mod kms;
mod outside;
mod root_key;
mod root_keys;
mod run;
mod trail;
mod vault;
