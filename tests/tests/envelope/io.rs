//! Streams over `std::io`.

use super::round_trip::raw_aes;
use pocketkms::envelope::{
    DecryptOptions, DecryptReader, DecryptWriter, EncryptOptions, EncryptReader, EncryptWriter, EncryptionClient,
};
use std::{
    io::{self, Read, Write},
    sync::Arc,
};

fn plaintext() -> Vec<u8> {
    (0..300_000_u32).flat_map(u32::to_le_bytes).collect()
}

fn message() -> Vec<u8> {
    EncryptionClient::default().encrypt(&raw_aes(), EncryptOptions::default(), &plaintext()).unwrap().message
}

fn decrypt_reader<R: Read>(inner: R) -> DecryptReader<'static, R> {
    let decryptor = EncryptionClient::default().decryptor(Arc::new(raw_aes()), DecryptOptions::default());
    DecryptReader::new(decryptor, inner)
}

/// Gives a few bytes at a time, and is interrupted now and then.
struct Dribble<'a>(&'a [u8], u32);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(5) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = buffer.len().min(7919);
        self.0.read(&mut buffer[..length])
    }
}

/// The core's error inside says why, and the text of neither does.
fn truncated(error: &io::Error) {
    assert_eq!(error.to_string(), "InvalidMessageException");
    let inner: &pocketkms::Error = error.get_ref().and_then(|inner| inner.downcast_ref()).expect("the core's error");
    assert!(inner.explanation().is_some_and(|text| text.contains("truncated")), "{inner:?}");
}

#[test]
fn a_truncated_message_is_an_error_of_the_last_read() {
    let message = message();
    for length in [0, 1, 50, 70_000, message.len() - 1] {
        let mut out = Vec::new();
        let error = decrypt_reader(&message[..length]).read_to_end(&mut out).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        truncated(&error);
        assert!(plaintext().starts_with(&out));

        let decryptor = EncryptionClient::default().decryptor(Arc::new(raw_aes()), DecryptOptions::default());
        let mut writer = DecryptWriter::new(decryptor, Vec::new());
        writer.write_all(&message[..length]).unwrap();
        truncated(&writer.finish().unwrap_err());
    }
}

#[test]
fn an_altered_message_ends_the_stream() {
    let mut message = message();
    message[100_000] ^= 1;
    let mut reader = decrypt_reader(Dribble(&message, 0));
    let mut out = Vec::new();
    reader.read_to_end(&mut out).unwrap_err();
    // The frames before it are verified and come out; the altered one and what follows don't.
    assert_eq!(out, plaintext()[..64 * 1024]);
    let error = reader.read(&mut [0; 10]).unwrap_err();
    assert!(error.to_string().contains("StreamState"), "{error}");
}

#[test]
fn reading_and_writing_are_the_same() {
    let plaintext = plaintext();
    let client = EncryptionClient::default();
    let encryptor = || client.encryptor(&raw_aes(), EncryptOptions::default()).unwrap();

    let mut read = Vec::new();
    EncryptReader::new(encryptor(), Dribble(&plaintext, 0)).read_to_end(&mut read).unwrap();
    let mut writer = EncryptWriter::new(encryptor(), Vec::new());
    for piece in plaintext.chunks(99_991) {
        writer.write_all(piece).unwrap();
    }
    let written = writer.finish().unwrap();

    for message in [read, written] {
        let mut out = Vec::new();
        decrypt_reader(Dribble(&message, 0)).read_to_end(&mut out).unwrap();
        assert_eq!(out, plaintext);
        let decryptor = client.decryptor(Arc::new(raw_aes()), DecryptOptions::default());
        let mut writer = DecryptWriter::new(decryptor, Vec::new());
        writer.write_all(&message).unwrap();
        assert_eq!(writer.finish().unwrap(), plaintext);
    }
}

#[test]
fn a_writer_whose_sink_failed_is_dead() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let encryptor = EncryptionClient::default().encryptor(&raw_aes(), EncryptOptions::default()).unwrap();
    let mut writer = EncryptWriter::new(encryptor, Full);
    assert_eq!(writer.write_all(&vec![0; 100_000]).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(writer.write_all(&[0]).unwrap_err().to_string().contains("StreamState"));
    assert!(writer.finish().is_err());
}

/// Gives some bytes, fails once, and says then that it has ended.
struct Fails<'a>(&'a [u8], Option<io::ErrorKind>);

impl Read for Fails<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.0.read(buffer)?, self.1) {
            (0, Some(kind)) => {
                self.1 = None;
                Err(kind.into())
            }
            (count, _) => Ok(count),
        }
    }
}

/// A part is not sealed as if it were the whole because the source, asked again, has nothing more.
#[test]
fn a_reader_whose_source_failed_is_dead() {
    let reader = |kind| {
        let encryptor = EncryptionClient::default().encryptor(&raw_aes(), EncryptOptions::default()).unwrap();
        EncryptReader::new(encryptor, Fails(b"a part", Some(kind)))
    };
    let mut message = Vec::new();
    let mut broken = reader(io::ErrorKind::ConnectionReset);
    assert_eq!(broken.read_to_end(&mut message).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    for _ in 0..3 {
        assert!(broken.read_to_end(&mut message).is_err());
    }
    decrypt_reader(&*message).read_to_end(&mut Vec::new()).unwrap_err();

    // One that had nothing yet goes on.
    for kind in [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut] {
        let (mut message, mut waiting) = (Vec::new(), reader(kind));
        assert_eq!(waiting.read_to_end(&mut message).unwrap_err().kind(), kind);
        waiting.read_to_end(&mut message).unwrap();
        let mut plaintext = Vec::new();
        decrypt_reader(&*message).read_to_end(&mut plaintext).unwrap();
        assert_eq!(plaintext, b"a part");
    }
}
