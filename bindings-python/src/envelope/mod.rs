//! Envelope messages: the client, its streams, and the keyrings.

mod arguments;
mod client;
mod keyring;
mod kms;
mod pending;
mod results;
mod stream;

pub(crate) use {
    client::Client,
    keyring::{Keyring, KmsKeyring, MaterialsManager, MultiKeyring, RawAesKeyring},
    stream::{Decryptor, Encryptor},
};
