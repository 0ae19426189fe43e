//! Whole messages: encrypted and decrypted in one go, into memory of the exact length.
//!
//! How long the message or the plaintext will be follows from the header and the length of what is given. So it is said
//! before anything is written, for those whose memory is not Rust's: a Python `bytes`, which is written once and never
//! copied. Fetching memory from the system costs more than encrypting what fits in it.

use super::{
    client::{DecryptOptions, Decrypted, EncryptOptions, Encrypted, EncryptionClient},
    decrypt::{Decryptor, Source},
    encrypt::Encryptor,
    header::MessageHeader,
    materials::MaterialsManager,
    reencrypt::ReencryptOptions,
    stream::{Transform, check_room, dead},
};
use crate::{context::EncryptionContext, error::Result, secret::Secret};
use alloc::{vec, vec::Vec};

/// How much of a message is re-encrypted at a time: enough for several processors.
const PIECE: usize = 4 << 20;

impl EncryptionClient {
    /// Encrypts a message.
    pub fn encrypt(
        &self,
        manager: &dyn MaterialsManager,
        options: EncryptOptions,
        plaintext: &[u8],
    ) -> Result<Encrypted> {
        let encryption = self.one_shot_encryption(manager, options, plaintext)?;
        let mut message = vec![0; encryption.capacity()];
        let (length, header) = encryption.write(&mut message)?;
        message.truncate(length);
        Ok(Encrypted { message, header })
    }

    /// Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included.
    pub fn decrypt(
        &self,
        manager: &dyn MaterialsManager,
        options: DecryptOptions,
        message: &[u8],
    ) -> Result<Decrypted> {
        let decryption = self.one_shot_decryption(manager, options, message)?;
        let mut plaintext = Secret::zeroed(decryption.length());
        let (encryption_context, header) = decryption.write(plaintext.expose_mut())?;
        Ok(Decrypted { plaintext, encryption_context, header })
    }

    /// Re-encrypts a message. Nothing of the new one is seen before all of the old one is verified.
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

    /// As [`encrypt`](Self::encrypt), into memory of the caller: this gets the materials and makes the header.
    pub fn one_shot_encryption<'a>(
        &self,
        manager: &dyn MaterialsManager,
        options: EncryptOptions,
        plaintext: &'a [u8],
    ) -> Result<OneShotEncryption<'a>> {
        let options = EncryptOptions { plaintext_length: Some(plaintext.len() as u64), ..options };
        Ok(OneShotEncryption { encryptor: self.encryptor_for_one_call(manager, options)?, plaintext })
    }

    /// As [`decrypt`](Self::decrypt), into memory of the caller: this finds the data key and verifies the header.
    pub fn one_shot_decryption<'a>(
        &self,
        manager: &'a dyn MaterialsManager,
        options: DecryptOptions,
        message: &'a [u8],
    ) -> Result<OneShotDecryption<'a>> {
        let mut decryptor = Decryptor::new(self, Source::Borrowed(manager), options);
        let body = decryptor.take_header(message)?;
        Ok(OneShotDecryption { length: decryptor.plaintext_length(body), decryptor, body })
    }
}

/// A message of which the header is made.
pub struct OneShotEncryption<'a> {
    encryptor: Encryptor,
    plaintext: &'a [u8],
}

impl OneShotEncryption<'_> {
    /// The length of the message in bytes; of a signed one the most that it may be, since signatures vary by some bytes.
    pub fn capacity(&self) -> usize {
        self.encryptor.capacity(self.plaintext.len())
    }

    /// Writes the message to the front of `output`, which has room for [`capacity`](Self::capacity). Answers how long the
    /// message is, and its header. After an error nothing in `output` is of use.
    pub fn write(self, output: &mut [u8]) -> Result<(usize, MessageHeader)> {
        self.write_while(output, &mut || Ok(()))
    }

    /// As [`write`](Self::write), and asks `proceed` every few MiB whether to go on: its error ends the work.
    pub fn write_while(
        self,
        output: &mut [u8],
        proceed: &mut dyn FnMut() -> Result<()>,
    ) -> Result<(usize, MessageHeader)> {
        check_room(output, self.capacity())?;
        self.encryptor.write_whole(self.plaintext, output, proceed)
    }
}

/// A message of which the header is verified.
pub struct OneShotDecryption<'a> {
    decryptor: Decryptor<'a>,
    body: &'a [u8],
    length: usize,
}

impl OneShotDecryption<'_> {
    /// The length of the plaintext in bytes: never more than the message has.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Writes the plaintext to `output`, which has exactly [`length`](Self::length) bytes. Answers the encryption context,
    /// of the pairs that the message stores and those that were given again, and the header. After an error `output` is
    /// zero.
    pub fn write(self, output: &mut [u8]) -> Result<(EncryptionContext, MessageHeader)> {
        self.write_while(output, &mut || Ok(()))
    }

    /// As [`write`](Self::write), and asks `proceed` every few MiB whether to go on: its error ends the work.
    pub fn write_while(
        self,
        output: &mut [u8],
        proceed: &mut dyn FnMut() -> Result<()>,
    ) -> Result<(EncryptionContext, MessageHeader)> {
        check_room(output, self.length)?;
        self.decryptor.write_whole(self.body, output, proceed)
    }
}
