//! A stream is dead after an error and after its end, and gives nothing that was not verified.

use pocketkms::{
    ErrorKind,
    envelope::{AlgorithmSuite, DecryptOptions, Decryptor, EncryptOptions, Encryptor, Transform},
};
use pocketkms_tests::esdk::{
    fixed::{Fixed, client, encrypt, plaintext},
    layout::Layout,
};
use std::{
    io::{Cursor, ErrorKind as IoErrorKind, Read, Write},
    sync::Arc,
};

const SUITE: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;

fn encryptor(plaintext_length: Option<u64>) -> Encryptor {
    let options = EncryptOptions { frame_length: Some(16), plaintext_length, ..Default::default() };
    client(SUITE).encryptor(&Fixed::new(SUITE), options).expect("a stream")
}

fn decryptor() -> Decryptor<'static> {
    client(SUITE).decryptor(Arc::new(Fixed::new(SUITE)), DecryptOptions::default())
}

/// Everything that can be asked of a stream is answered with the same error.
fn is_dead(stream: &mut dyn Transform, why: &str) {
    for input in [&b""[..], b"x"] {
        let mut output = [0xaa; 1024];
        let error = stream.update(input, &mut output).expect_err("a dead stream");
        assert_eq!(error.kind(), ErrorKind::StreamState, "{why}: {error}");
    }
    let error = stream.finish().expect_err("a dead stream");
    assert_eq!(error.kind(), ErrorKind::StreamState, "{why}: {error}");
}

#[test]
fn an_end_is_an_end() {
    let mut stream = encryptor(None);
    let mut message = stream.update_vec(b"plaintext").unwrap();
    message.extend(stream.finish().unwrap());
    is_dead(&mut stream, "the message was finished");

    let mut stream = decryptor();
    assert_eq!(stream.update_vec(&message).unwrap(), b"plaintext");
    stream.finish().unwrap();
    is_dead(&mut stream, "the plaintext was finished");
}

#[test]
fn too_little_room_kills() {
    let message = encrypt(SUITE, &[], 16, &plaintext(40));
    for missing in [1, 2, 10] {
        let mut stream = encryptor(None);
        let length = stream.update_length(40);
        let error = stream.update(&plaintext(40), &mut vec![0; length - missing]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        is_dead(&mut stream, "the output was too short");

        let mut stream = decryptor();
        let mut output = vec![0; stream.update_length(message.len()) - missing];
        let error = stream.update(&message, &mut output).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
        assert!(output.iter().all(|byte| *byte == 0), "something came out");
        is_dead(&mut stream, "the output was too short");
    }
}

#[test]
fn a_plaintext_has_the_length_that_was_announced() {
    let mut stream = encryptor(Some(40));
    stream.update_vec(&plaintext(40)).unwrap();
    let error = stream.update_vec(b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    is_dead(&mut stream, "more came than was announced");

    let mut stream = encryptor(Some(40));
    stream.update_vec(&plaintext(39)).unwrap();
    assert_eq!(stream.finish().unwrap_err().kind(), ErrorKind::Validation);
    is_dead(&mut stream, "less came than was announced");
}

#[test]
fn a_fault_kills_and_takes_back_what_came_with_it() {
    let message = encrypt(SUITE, &[], 16, &plaintext(100));
    let layout = Layout::of(&message);
    for (number, frame) in layout.frames.iter().enumerate() {
        let mut altered = message.clone();
        altered[frame.end - 1] ^= 1;

        // In the same call as verified frames: nothing of them remains.
        let mut stream = decryptor();
        let mut output = vec![0xaa; stream.update_length(altered.len()) + 7];
        let error = stream.update(&altered, &mut output).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidMessage, "{error}");
        assert!(output.iter().all(|byte| *byte == 0), "plaintext was left in the output");
        is_dead(&mut stream, "a frame was altered");

        // In later calls: what was verified has come out, and no more.
        let mut stream = decryptor();
        let mut released = Vec::new();
        let error = altered.iter().find_map(|byte| {
            let result = stream.update_vec(&[*byte]);
            result.map(|plaintext| released.extend(plaintext)).err()
        });
        assert_eq!(error.expect("an error").kind(), ErrorKind::InvalidMessage);
        assert_eq!(released, plaintext(100)[..number * 16], "frame {number}");
        is_dead(&mut stream, "a frame was altered");
    }
}

#[test]
fn a_message_that_ends_too_early_is_an_error_at_finish() {
    let message = encrypt(SUITE, &[], 16, &plaintext(40));
    for length in 0..message.len() {
        let mut stream = decryptor();
        let released = stream.update_vec(&message[..length]).unwrap();
        assert!(plaintext(40).starts_with(&released));
        let error = stream.finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidMessage);
        assert_eq!(error.message(), "");
        let explanation = error.explanation().unwrap();
        assert!(explanation.contains(&format!("ends at byte {length},")), "{explanation}");
        is_dead(&mut stream, "the message was truncated");
    }
}

#[test]
fn what_waits_for_materials_gives_nothing() {
    let message = encrypt(SUITE, &[], 16, &plaintext(40));
    let mut stream = client(SUITE).decryptor_without_materials(DecryptOptions::default());
    assert_eq!(stream.update_vec(&message).unwrap(), b"");
    assert!(stream.header().is_some() && stream.materials_request().is_some());
    assert_eq!(stream.finish().unwrap_err().kind(), ErrorKind::StreamState);
    is_dead(&mut stream, "there are no materials");
}

/// A frame may be long and come in many small pieces: the room that is asked for is not that of all of it each time.
#[test]
fn room_is_asked_for_when_something_comes_out() {
    let message = encrypt(SUITE, &[], 1000, &plaintext(3000));
    let layout = Layout::of(&message);
    let mut stream = decryptor();
    let mut asked = 0;
    for byte in &message {
        asked += stream.update_length(1);
        stream.update_vec(&[*byte]).unwrap();
    }
    stream.finish().unwrap();
    assert!(asked < 10 * message.len(), "{asked} bytes of room for {} of {:?}", message.len(), layout.frames);
}

/// A reader that failed does not look as if it had come to its end.
#[test]
fn a_reader_fails_again_and_again() {
    use pocketkms::envelope::DecryptReader;
    let message = encrypt(SUITE, &[], 16, &plaintext(40));
    let truncated = message[..message.len() - 1].to_vec();
    let mut altered = message.clone();
    altered[message.len() - 1] ^= 1;
    let mut trailing = message.clone();
    trailing.push(0);
    for bad in [truncated, altered, trailing] {
        let mut reader = DecryptReader::new(decryptor(), Cursor::new(bad));
        let mut plaintext = Vec::new();
        reader.read_to_end(&mut plaintext).expect_err("a bad message");
        for _ in 0..3 {
            let error = reader.read(&mut [0; 10]).expect_err("a reader that failed");
            assert_eq!(error.kind(), IoErrorKind::InvalidData);
        }
    }
    let mut reader = DecryptReader::new(decryptor(), Cursor::new(message));
    let mut whole = Vec::new();
    reader.read_to_end(&mut whole).unwrap();
    assert_eq!(whole, plaintext(40));
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0, "the end stays the end");
}

#[test]
fn a_writer_that_failed_cannot_be_finished() {
    use pocketkms::envelope::DecryptWriter;
    let mut message = encrypt(SUITE, &[], 16, &plaintext(40));
    let last = message.len() - 1;
    message[last] ^= 1;
    let mut writer = DecryptWriter::new(decryptor(), Vec::new());
    writer.write_all(&message).expect_err("an altered message");
    writer.write_all(b"x").expect_err("a writer that failed");
    writer.finish().expect_err("a writer that failed");

    let mut writer = DecryptWriter::new(decryptor(), Vec::new());
    writer.write_all(&message[..last]).unwrap();
    writer.finish().expect_err("a message that is not whole");
}

/// When the place that it writes to is full, a part of the output is missing there for ever.
#[test]
fn a_writer_to_a_full_place_cannot_be_finished() {
    use pocketkms::envelope::EncryptWriter;
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(std::io::Error::other("full")) } else { Ok(taken) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for room in [0, 1, 50, 200] {
        let mut writer = EncryptWriter::new(encryptor(None), Full(room));
        let written = writer.write_all(&plaintext(1000));
        assert!(written.is_err(), "{room}");
        assert!(writer.write(b"x").is_err(), "{room}");
        assert!(writer.flush().is_err(), "{room}");
        assert!(writer.finish().is_err(), "{room}");
    }
}
