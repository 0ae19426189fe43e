//! Encrypting and decrypting one file, and encrypting it anew.

use crate::{
    error::{Error, Result},
    output::{Kind, Output},
    sidecar::{read_sidecar, remove_sidecar},
};
use pocketkms::{
    EncryptionContext, ErrorKind, Secret,
    envelope::{
        DecryptOptions, EncryptOptions, EncryptionClient, MaterialsManager, MessageHeader, ReencryptOptions, Transform,
    },
};
use std::{
    fs::File,
    io::{self, Read, Write},
    ops::ControlFlow,
    path::Path,
};

/// How much is read at once: enough for several processors.
const CHUNK: usize = 4 << 20;

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many bytes of the source were worked on.
    pub done: u64,
    /// How many bytes the source has.
    pub total: u64,
}

/// What a decrypted file's message said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptedFile {
    /// The message's header, verified.
    pub header: MessageHeader,
    /// The pairs that the message stores, and those that were given again.
    pub encryption_context: EncryptionContext,
}

/// Encrypts a file.
///
/// The destination may be there already, and is replaced then; the source it may not be. `progress` is told after each
/// piece how far the file is, and may end the work. The source must not change meanwhile: a length that differs from
/// the one at the beginning is an error. A sidecar beside the destination, which belongs to the message that is replaced,
/// is removed.
pub fn encrypt_file(
    client: &EncryptionClient,
    manager: &dyn MaterialsManager,
    mut options: EncryptOptions,
    source: &Path,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<MessageHeader> {
    let (mut input, total) = open(source, destination)?;
    options.plaintext_length.get_or_insert(total);
    let mut encryptor = client.encryptor(manager, options)?;
    let mut output = Output::create(destination, Kind::Message)?;
    transform(&mut encryptor, (&mut input, source, total), &mut output, destination, progress)?;
    output.commit()?;
    remove_sidecar(destination)?;
    Ok(encryptor.header().clone())
}

/// Encrypts the message in a file anew, under a new data key, for where [rewrapping](crate::RewrapBatch) does not do.
///
/// Its sidecar is taken from beside it, as by [`decrypt_file`]; the new message has none. Source and destination may not
/// be the same file: while the old message is there, nothing is lost. Otherwise as [`encrypt_file`].
pub fn reencrypt_file(
    client: &EncryptionClient,
    old: &dyn MaterialsManager,
    new: &dyn MaterialsManager,
    mut options: ReencryptOptions,
    source: &Path,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<MessageHeader> {
    let (mut input, total) = open(source, destination)?;
    if options.decrypt.sidecar.is_none() {
        options.decrypt.sidecar = read_sidecar(source)?;
    }
    let mut reencryptor = client.reencryptor_borrowing(old, new, options);
    let mut output = Output::create(destination, Kind::Message)?;
    transform(&mut reencryptor, (&mut input, source, total), &mut output, destination, progress)?;
    output.commit()?;
    remove_sidecar(destination)?;
    let header = reencryptor.header().cloned();
    header.ok_or_else(|| pocketkms::Error::new(ErrorKind::InvalidMessage, "").into())
}

/// Decrypts a file. Its sidecar is taken from beside it ([`sidecar_path`](crate::sidecar_path)), if there is one and
/// the options have none.
///
/// The destination has its name only after the whole message was verified, its end and its signature included; before,
/// and on Unix afterwards, its owner alone may read it. A process that is killed leaves what it had decrypted under the
/// temporary name: [`remove_abandoned`](crate::remove_abandoned). Otherwise as [`encrypt_file`].
pub fn decrypt_file(
    client: &EncryptionClient,
    manager: &dyn MaterialsManager,
    mut options: DecryptOptions,
    source: &Path,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<DecryptedFile> {
    let (mut input, total) = open(source, destination)?;
    if options.sidecar.is_none() {
        options.sidecar = read_sidecar(source)?;
    }
    let mut decryptor = client.decryptor_borrowing(manager, options);
    let mut output = Output::create(destination, Kind::Plaintext)?;
    transform(&mut decryptor, (&mut input, source, total), &mut output, destination, progress)?;
    output.commit()?;
    match (decryptor.header(), decryptor.encryption_context()) {
        (Some(header), Some(context)) => {
            Ok(DecryptedFile { header: header.clone(), encryption_context: context.clone() })
        }
        _ => Err(pocketkms::Error::new(ErrorKind::InvalidMessage, "").into()),
    }
}

/// Opens the source, which must not be the destination, by whatever name.
fn open(source: &Path, destination: &Path) -> Result<(File, u64)> {
    let input = File::open(source).map_err(Error::at(source))?;
    match same_file::is_same_file(source, destination) {
        Ok(true) => {
            let message = "source and destination are the same file";
            return Err(pocketkms::Error::new(ErrorKind::Validation, message).into());
        }
        Ok(false) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::at(destination)(error)),
    }
    let metadata = input.metadata().map_err(Error::at(source))?;
    if !metadata.is_file() {
        return Err(Error::at(source)(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    Ok((input, metadata.len()))
}

/// Reads all, and writes what the stream makes of it.
fn transform(
    stream: &mut dyn Transform,
    (input, source, total): (&mut File, &Path, u64),
    output: &mut Output,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    let mut chunk = Secret::zeroed(CHUNK.min(usize::try_from(total).unwrap_or(CHUNK)).max(1));
    let mut buffer = Secret::zeroed(0);
    let mut done = 0;
    loop {
        let count = match input.read(chunk.expose_mut()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::at(source)(error)),
        };
        let needed = stream.update_length(count);
        if buffer.len() < needed {
            buffer = Secret::zeroed(needed);
        }
        let read = chunk.expose().get(..count).unwrap_or_default();
        let written = stream.update(read, buffer.expose_mut())?;
        let made = buffer.expose().get(..written).unwrap_or_default();
        output.file().write_all(made).map_err(Error::at(destination))?;
        done += count as u64;
        if progress(Progress { done, total: total.max(done) }).is_break() {
            return Err(Error::Cancelled);
        }
    }
    let last = Secret::from(stream.finish()?);
    output.file().write_all(last.expose()).map_err(Error::at(destination))
}
