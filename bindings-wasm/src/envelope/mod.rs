//! Messages: what the half in JavaScript composes encryption and decryption from.
//!
//! It takes the steps one by one, since those between may be promises: a keyring whose keys lie elsewhere, WebCrypto. Each
//! step is the core's; what stands between them is waiting, and moving bytes.

mod cache;
mod client;
mod keyring;
mod materials;
mod options;
mod planner;
mod range;
mod remote;
mod replay;
mod stream;
mod supplied;
