//! Re-encrypting a stored message, as a stream: for where the message itself must change, its data key included.
//!
//! Rewrapping leaves the data key as it is, so who found it once can always decrypt. This makes a new message with a new
//! data key under other keys, in another suite or with other frames; the encryption context stays.

use super::{
    client::{DecryptOptions, EncryptOptions, EncryptionClient},
    decrypt::{Decryptor, Source},
    encrypt::Encryptor,
    header::{self, MessageHeader},
    materials::MaterialsManager,
    read::Incomplete,
    stream::{Transform, check_room, dead},
    suite::AlgorithmSuite,
};
use crate::{
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
    secret::Secret,
    shape::structures,
};
use alloc::{sync::Arc, vec::Vec};

structures! {
    /// How a message is to be re-encrypted; each part has a default. The new message has no sidecar, and does not store the pairs that
    /// the old one does not store.
    #[derive(Clone, Debug, Default)]
    pub struct ReencryptOptions {
        /// What is asked of the old message, as when decrypting it.
        pub decrypt: flattened(DecryptOptions),
        /// The algorithm suite of the new message, as far as the commitment policy allows it.
        pub algorithm_suite: optional(AlgorithmSuite),
        /// The length of its frames in bytes of plaintext, at least 1 and at most the client's limit; 64 KiB by default.
        pub frame_length: optional(u32),
    }
}

impl ReencryptOptions {
    /// How the new message is encrypted: bound to the same pairs, of which it stores the same ones.
    pub fn encrypt(&self, old: &MessageHeader, encryption_context: &EncryptionContext) -> EncryptOptions {
        let mut context = encryption_context.clone();
        context.remove(super::context::PUBLIC_KEY);
        let unstored = context.keys().filter(|name| !old.encryption_context.contains_key(*name)).cloned().collect();
        EncryptOptions {
            encryption_context: context,
            required_encryption_context_keys: unstored,
            algorithm_suite: self.algorithm_suite,
            frame_length: self.frame_length,
            plaintext_length: None,
        }
    }
}

/// A message being re-encrypted: the old one goes in, the new one comes out. Pairs that the old one does not store are
/// not stored in the new one either.
///
/// What came out is of use only after [`finish`](Transform::finish) answered: before, the old message may lack its end,
/// or have a wrong signature.
pub struct Reencryptor<'a> {
    client: EncryptionClient,
    destination: Source<'a>,
    options: ReencryptOptions,
    decryptor: Decryptor<'a>,
    encryptor: Option<Encryptor>,
    /// What came before the new message could begin: the old header, then what came with its end.
    held: Vec<u8>,
    alive: bool,
}

impl EncryptionClient {
    /// Starts to re-encrypt a message.
    pub fn reencryptor(
        &self,
        source: Arc<dyn MaterialsManager>,
        destination: Arc<dyn MaterialsManager>,
        options: ReencryptOptions,
    ) -> Reencryptor<'static> {
        Reencryptor::new(self, Source::Shared(source), Source::Shared(destination), options)
    }

    /// As [`reencryptor`](Self::reencryptor), with materials managers that are not shared.
    pub fn reencryptor_borrowing<'a>(
        &self,
        source: &'a dyn MaterialsManager,
        destination: &'a dyn MaterialsManager,
        options: ReencryptOptions,
    ) -> Reencryptor<'a> {
        Reencryptor::new(self, Source::Borrowed(source), Source::Borrowed(destination), options)
    }
}

impl<'a> Reencryptor<'a> {
    fn new(client: &EncryptionClient, source: Source<'a>, destination: Source<'a>, options: ReencryptOptions) -> Self {
        let decryptor = Decryptor::new(client, source, options.decrypt.clone());
        Self { client: client.clone(), destination, options, decryptor, encryptor: None, held: Vec::new(), alive: true }
    }

    /// The new message's header, as soon as the old one's has come.
    pub fn header(&self) -> Option<&MessageHeader> {
        self.encryptor.as_ref().map(Encryptor::header)
    }

    /// Begins the new message when the old header is whole; what came beyond it stays held.
    fn begin(&mut self) -> Result<()> {
        let length = match header::read(&self.held, &self.client.limits) {
            Ok(read) => read.length,
            Err(Incomplete::Needs(_)) => return Ok(()),
            Err(Incomplete::Invalid(error)) => return Err(error),
        };
        let rest = self.held.split_off(length);
        self.decryptor.update(&self.held, &mut alloc::vec![0; self.held.len()])?;
        self.held = rest;
        let header = self.decryptor.header().ok_or_else(dead)?;
        let options = self.options.encrypt(header, self.decryptor.encryption_context().ok_or_else(dead)?);
        let destination = self.destination.manager().ok_or_else(dead)?;
        self.encryptor = Some(self.client.encryptor(destination, options)?);
        Ok(())
    }

    fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let Some(encryptor) = &mut self.encryptor else {
            self.held.extend_from_slice(input);
            self.begin()?;
            return Ok(0);
        };
        let mut input = input;
        let held = core::mem::take(&mut self.held);
        let joined;
        if !held.is_empty() {
            joined = [&held, input].concat();
            input = &joined;
        }
        let mut plaintext = Secret::zeroed(self.decryptor.update_length(input.len()));
        let length = self.decryptor.update(input, plaintext.expose_mut())?;
        encryptor.update(plaintext.expose().get(..length).unwrap_or_default(), output)
    }

    fn end(&mut self) -> Result<Vec<u8>> {
        let mut last = alloc::vec![0; self.update_length(0)];
        let written = self.process(&[], &mut last)?;
        last.truncate(written);
        self.decryptor.finish()?;
        let encryptor = self.encryptor.as_mut().ok_or_else(dead)?;
        last.append(&mut encryptor.finish()?);
        Ok(last)
    }
}

impl Transform for Reencryptor<'_> {
    fn update_length(&self, input: usize) -> usize {
        let plaintext = self.decryptor.update_length(self.held.len().saturating_add(input));
        self.encryptor.as_ref().map_or(0, |encryptor| encryptor.update_length(plaintext))
    }

    fn update(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if !self.alive {
            return Err(dead());
        }
        check_room(output, self.update_length(input.len()))?;
        let result = self.process(input, output);
        self.alive = result.is_ok();
        result
    }

    /// Fails where the old message has not ended.
    fn finish(&mut self) -> Result<Vec<u8>> {
        if !core::mem::take(&mut self.alive) {
            return Err(dead());
        }
        if self.encryptor.is_none() {
            return Err(Error::new(ErrorKind::InvalidMessage, "").explain("the message ends before its header does"));
        }
        self.end()
    }
}
