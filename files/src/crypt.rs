//! Encrypting, decrypting and re-encrypting one file.

use crate::{
    destination::{Destination, Model},
    error::{Error, Result},
    output::Output,
    sidecar::message_and_sidecar,
    source::Source,
};
use pocketkms::{
    EncryptionContext, ErrorKind, Secret,
    envelope::{
        DecryptOptions, EncryptOptions, EncryptionClient, MaterialsManager, MessageHeader, ReencryptOptions, Transform,
    },
};
use std::{
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
/// The source is a regular file, or a symbolic link to one. It must not change meanwhile: that is an error.
///
/// The destination is a regular file, which is replaced, or is not there. Anything else (a link, a device, a directory) is
/// refused, and so is the source itself. A file that is replaced keeps its permissions, owner and extended attributes. A
/// name needs 18 bytes less than the file system allows, so that a [sidecar](crate::sidecar_path) has place beside it, and
/// may not be a sidecar's: that is found out before anything is written. A sidecar beside the destination, which belongs to
/// the message that is replaced, is removed.
///
/// `progress` is called after each piece with how far the file is, and may end the work.
pub fn encrypt_file(
    client: &EncryptionClient,
    manager: &dyn MaterialsManager,
    mut options: EncryptOptions,
    source: &Path,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<MessageHeader> {
    let mut source = Source::open(source)?;
    let destination = Destination::for_message(destination, &source)?;
    options.plaintext_length.get_or_insert(source.length());
    let mut encryptor = client.encryptor(manager, options)?;
    let mut output = destination.create()?;
    transform(&mut encryptor, &mut source, &mut output, progress)?;
    source.check_content()?;
    destination.commit(output, Model::New)?;
    Ok(encryptor.header().clone())
}

/// Re-encrypts the message in a file under a new data key, for where [rewrapping](crate::RewrapBatch) does not do.
///
/// Its sidecar is taken from beside it, as by [`decrypt_file`]; the new message has none. Source and destination may not
/// be the same file: while the old message is there, nothing is lost. The new message has the old one's times and, where it
/// replaces no other file, its permissions, owner and extended attributes. Otherwise as [`encrypt_file`].
pub fn reencrypt_file(
    client: &EncryptionClient,
    old: &dyn MaterialsManager,
    new: &dyn MaterialsManager,
    mut options: ReencryptOptions,
    source: &Path,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<MessageHeader> {
    let mut source = open_message(client, source, &mut options.decrypt)?;
    let destination = Destination::for_message(destination, &source)?;
    let mut reencryptor = client.reencryptor_borrowing(old, new, options);
    let mut output = destination.create()?;
    transform(&mut reencryptor, &mut source, &mut output, progress)?;
    destination.commit(output, Model::Like(&source))?;
    let header = reencryptor.header().cloned();
    header.ok_or_else(|| pocketkms::Error::new(ErrorKind::InvalidMessage, "").into())
}

/// Decrypts a file. Its sidecar is taken from beside it ([`sidecar_path`](crate::sidecar_path)), if there is one and
/// the options have none. One of a message that stood there before counts as none.
///
/// The destination has its name only after the whole message was verified, its end and its signature included. Until then
/// its owner alone may read it, on Unix; and afterwards, where it does not replace a file of the same owner, whose
/// permissions it keeps then. A process that is killed leaves what it had decrypted under the temporary name:
/// [`remove_abandoned`](crate::remove_abandoned). Otherwise as [`encrypt_file`].
pub fn decrypt_file(
    client: &EncryptionClient,
    manager: &dyn MaterialsManager,
    mut options: DecryptOptions,
    source: &Path,
    destination: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<DecryptedFile> {
    let mut source = open_message(client, source, &mut options)?;
    let destination = Destination::for_plaintext(destination, &source)?;
    let mut decryptor = client.decryptor_borrowing(manager, options);
    let mut output = destination.create()?;
    transform(&mut decryptor, &mut source, &mut output, progress)?;
    destination.commit(output, Model::New)?;
    match (decryptor.header(), decryptor.encryption_context()) {
        (Some(header), Some(context)) => {
            Ok(DecryptedFile { header: header.clone(), encryption_context: context.clone() })
        }
        _ => Err(pocketkms::Error::new(ErrorKind::InvalidMessage, "").into()),
    }
}

/// Opens a message, and puts the sidecar that belongs to it to the options, if they have none.
fn open_message(client: &EncryptionClient, path: &Path, options: &mut DecryptOptions) -> Result<Source> {
    if options.sidecar.is_some() {
        return Source::open(path);
    }
    let (source, sidecar) = message_and_sidecar(client, path)?;
    options.sidecar = sidecar;
    Ok(source)
}

/// Reads all, and writes what the stream makes of it.
fn transform(
    stream: &mut dyn Transform,
    source: &mut Source,
    output: &mut Output,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    let (total, from, to) = (source.length(), source.place.path(), output.path());
    let mut chunk = Secret::zeroed(CHUNK.min(usize::try_from(total).unwrap_or(CHUNK)).max(1));
    let mut buffer = Secret::zeroed(0);
    let mut done = 0;
    loop {
        let count = match source.file.read(chunk.expose_mut()) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::at(&from)(error)),
        };
        let needed = stream.update_length(count);
        if buffer.len() < needed {
            buffer = Secret::zeroed(needed);
        }
        let read = chunk.expose().get(..count).unwrap_or_default();
        let written = stream.update(read, buffer.expose_mut())?;
        let made = buffer.expose().get(..written).unwrap_or_default();
        output.file().write_all(made).map_err(Error::at(&to))?;
        done += count as u64;
        if progress(Progress { done, total: total.max(done) }).is_break() {
            return Err(Error::Cancelled);
        }
    }
    let last = Secret::from(stream.finish()?);
    output.file().write_all(last.expose()).map_err(Error::at(&to))
}
