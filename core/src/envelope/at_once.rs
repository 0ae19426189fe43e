//! Whole messages at once.

use super::{
    client::{DecryptOptions, Decrypted, EncryptOptions, Encrypted, EncryptionClient},
    decrypt::{Decryptor, Source},
    materials::MaterialsManager,
    reencrypt::ReencryptOptions,
    stream::{Transform, dead},
};
use crate::{error::Result, secret::Secret};
use alloc::{vec, vec::Vec};

/// How much of a message is encrypted anew at a time: enough for several processors.
const PIECE: usize = 4 << 20;

impl EncryptionClient {
    /// Encrypts a message.
    pub fn encrypt(
        &self,
        manager: &dyn MaterialsManager,
        mut options: EncryptOptions,
        plaintext: &[u8],
    ) -> Result<Encrypted> {
        options.plaintext_length = Some(plaintext.len() as u64);
        let mut encryptor = self.encryptor(manager, options)?;
        let mut message = Vec::with_capacity(encryptor.message_length(plaintext.len()));
        message.resize(encryptor.update_length(plaintext.len()), 0);
        encryptor.update(plaintext, &mut message)?;
        message.append(&mut encryptor.finish()?);
        Ok(Encrypted { message, header: encryptor.into_header() })
    }

    /// Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included.
    pub fn decrypt(
        &self,
        manager: &dyn MaterialsManager,
        options: DecryptOptions,
        message: &[u8],
    ) -> Result<Decrypted> {
        let mut decryptor = Decryptor::new(self, Source::Borrowed(manager), options);
        // No longer than the message, which has come; only the plaintext's share of it is kept.
        let mut buffer = Secret::from(vec![0; decryptor.update_length(message.len())]);
        let written = decryptor.update(message, buffer.expose_mut())?;
        decryptor.finish()?;
        let plaintext = Secret::copy_of(buffer.expose().get(..written).unwrap_or_default());
        decryptor.into_decrypted(plaintext)
    }

    /// Encrypts a message anew. Nothing of the new one is seen before all of the old one is verified.
    pub fn reencrypt(
        &self,
        source: &dyn MaterialsManager,
        destination: &dyn MaterialsManager,
        options: ReencryptOptions,
        message: &[u8],
    ) -> Result<Encrypted> {
        let mut reencryptor = self.reencryptor_borrowing(source, destination, options);
        let mut made = Vec::with_capacity(message.len());
        for piece in message.chunks(PIECE) {
            made.append(&mut reencryptor.update_vec(piece)?);
        }
        made.append(&mut reencryptor.finish()?);
        let header = reencryptor.header().cloned().ok_or_else(dead)?;
        Ok(Encrypted { message: made, header })
    }
}
