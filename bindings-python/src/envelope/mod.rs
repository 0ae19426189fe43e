//! Envelope messages: the client, its streams, and the keyrings.

mod arguments;
mod below;
mod client;
mod files;
mod keyring;
mod pending;
mod results;
mod stream;

pub(crate) use {
    client::Client,
    keyring::{
        CachingMaterialsManager, CallbackKeyring, HierarchicalKeyring, Keyring, KmsKeyring, MaterialsManager,
        MultiKeyring, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring,
    },
    stream::{Decryptor, Encryptor},
};
