//! Envelope messages: the client, its streams, and the keyrings.

mod arguments;
mod batch;
mod client;
mod files;
pub(crate) mod held_objects;
mod keyring;
mod range;
mod reencrypt;
mod results;
mod stream;

pub(crate) use {
    batch::RewrapBatch,
    client::Client,
    files::{remove_abandoned, work as file_work},
    keyring::{
        CachingMaterialsManager, CallbackKeyring, HierarchicalKeyring, Keyring, KmsKeyring, MaterialsManager,
        MultiKeyring, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring,
    },
    range::Ranges,
    reencrypt::Reencryptor,
    stream::{Decryptor, Encryptor},
};
