//! Parts of a message: each is what decrypting the whole gives there, and nothing of it is believed unverified.

use super::stored::{header, info, keyring, message, plaintext, reader, rewrap, sidecar, with_sidecar, writer};
use pocketkms::{
    ErrorKind,
    envelope::{
        AlgorithmSuite, ContentType, EncryptOptions, EncryptionClient, RandomAccessReader, RangeOptions, RangePart,
        RangeReader,
    },
};
use pocketkms_tests::vault::{error, explained, refused};
use proptest::prelude::*;
use std::{
    io::{Cursor, Read, Seek, SeekFrom},
    ops::Range,
};

const UNSIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
const SIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384;

fn options(message_length: Option<usize>) -> RangeOptions {
    RangeOptions {
        message_length: message_length.map(|length| length as u64),
        accept_unverified_signature: true,
        ..Default::default()
    }
}

fn ranges(message: &[u8], length: Option<usize>) -> pocketkms::Result<RangeReader> {
    reader().range_reader(&keyring("key"), &options(length), header(message))
}

/// Fetches and opens a range, as far as the message has the bytes.
fn read(ranges: &RangeReader, message: &[u8], range: Range<u64>) -> pocketkms::Result<RangePart> {
    let extent = ranges.locate(&range)?;
    let part = |at: u64| usize::try_from(at).unwrap().min(message.len());
    ranges.open(&range, &message[part(extent.start)..part(extent.end)])
}

fn encrypt(suite: AlgorithmSuite, frame_length: u32, plaintext: &[u8]) -> Vec<u8> {
    let options =
        EncryptOptions { algorithm_suite: Some(suite), frame_length: Some(frame_length), ..Default::default() };
    writer(suite).encrypt(&keyring("key"), options, plaintext).unwrap().message
}

/// Only AWS's SDKs write unframed messages; one whose header says so is refused before anything is decrypted.
#[test]
fn an_unframed_message_has_no_parts() {
    let mut message = message(AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256, "key", 20);
    let end = header(&message).len();
    // Content type, four reserved bytes, IV length, frame length; then IV and tag.
    let at = end - 28 - 10;
    message[at] = 1;
    message[end - 32..end - 28].fill(0);
    assert_eq!(info(&message).header.content_type, ContentType::Unframed);
    assert_eq!(error(ranges(&message, None)).kind(), ErrorKind::UnsupportedOperation);
}

#[test]
fn a_signed_message_must_be_asked_for() {
    for &suite in AlgorithmSuite::ALL.iter().filter(|suite| suite.is_signed()) {
        let message = message(suite, "key", 100);
        let result = reader().range_reader(&keyring("key"), &RangeOptions::default(), &message);
        explained_message(result, "signed");
        let ranges = ranges(&message, Some(message.len())).unwrap();
        assert_eq!(ranges.plaintext_length(), None);
        assert_eq!(read(&ranges, &message, 30..60).unwrap().plaintext.expose(), &plaintext(100)[30..60]);
        let end = read(&ranges, &message, 90..1000).unwrap();
        assert_eq!((end.plaintext.expose(), end.end), (&plaintext(100)[90..], Some(100)));
    }
}

#[track_caller]
fn explained_message<T>(result: pocketkms::Result<T>, word: &str) {
    let error = error(result);
    assert_eq!(error.kind(), ErrorKind::UnsupportedOperation);
    assert!(error.message().contains(word), "{error}");
}

/// The header is verified before any range is opened.
#[test]
fn an_altered_header_or_another_key() {
    let message = message(UNSIGNED, "key", 100);
    let header = header(&message);
    for at in 0..header.len() {
        let mut altered = header.to_vec();
        altered[at] ^= 1;
        error(reader().range_reader(&keyring("key"), &options(None), &altered));
        error(reader().range_reader(&keyring("key"), &options(None), &header[..at]));
    }
    let other = reader().range_reader(&keyring("other"), &options(None), header);
    refused(other, ErrorKind::UnableToDecryptDataKey, "");
    let old = message_of_version_1();
    let result = EncryptionClient::default().range_reader(&keyring("key"), &options(None), &old);
    assert_eq!(error(result).kind(), ErrorKind::CommitmentPolicy);
}

fn message_of_version_1() -> Vec<u8> {
    message(AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256, "key", 100)
}

/// Every bit of a frame counts, and each frame counts in its place alone.
#[test]
fn an_altered_moved_or_missing_frame() {
    let message = message(UNSIGNED, "key", 100);
    let ranges = ranges(&message, Some(message.len())).unwrap();
    let range = 20..44;
    let extent = ranges.locate(&range).unwrap();
    let bytes = &message[usize::try_from(extent.start).unwrap()..usize::try_from(extent.end).unwrap()];
    assert_eq!(bytes.len(), 2 * 48);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.to_vec();
            altered[at] ^= 1 << bit;
            refused(ranges.open(&range, &altered), ErrorKind::InvalidMessage, "");
        }
        refused(ranges.open(&range, &bytes[..at]), ErrorKind::InvalidMessage, "");
    }
    let moved = [&bytes[48..], &bytes[..48]].concat();
    refused(ranges.open(&range, &moved), ErrorKind::InvalidMessage, "");
    refused(ranges.open(&(36..60), bytes), ErrorKind::InvalidMessage, "");
    assert_eq!(ranges.open(&range, bytes).unwrap().plaintext.expose(), &plaintext(100)[20..44]);
}

/// A message that was cut, even between two frames, never looks like one that ends there.
#[test]
fn the_end_is_believed_only_where_the_final_frame_is() {
    let message = message(UNSIGNED, "key", 100);
    let whole = message.len();
    for length in header(&message).len()..whole {
        let cut = &message[..length];
        match ranges(cut, Some(length)) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidMessage),
            Ok(ranges) => {
                let stated = ranges.plaintext_length().unwrap();
                for range in [stated..stated + 1, 0..u64::MAX, stated.saturating_sub(1)..stated + 1, 500..501] {
                    refused(read(&ranges, cut, range), ErrorKind::InvalidMessage, "");
                }
            }
        }
        // Without a length, the range simply is not there.
        let ranges = ranges(cut, None).unwrap();
        refused(read(&ranges, cut, 0..101), ErrorKind::InvalidMessage, "");
        let reader = RandomAccessReader::new(&reader(), &keyring("key"), options(None), Cursor::new(cut));
        assert!(reader.is_err() || reader.unwrap().seek(SeekFrom::End(0)).is_err());
    }
    for extra in 1..100 {
        let longer = [&message[..], &vec![0; extra]].concat();
        if let Ok(ranges) = ranges(&longer, Some(longer.len())) {
            refused(read(&ranges, &longer, 0..u64::MAX), ErrorKind::InvalidMessage, "");
        }
    }
    let ranges = ranges(&message, Some(whole)).unwrap();
    for range in [100..101, 100..u64::MAX, 5000..5001] {
        let part = read(&ranges, &message, range).unwrap();
        assert_eq!((part.plaintext.len(), part.end), (0, Some(100)));
    }
}

#[test]
fn ranges_that_are_none() {
    let message = message(UNSIGNED, "key", 100);
    for length in [None, Some(message.len())] {
        let ranges = ranges(&message, length).unwrap();
        let (start, end) = (50, 40);
        assert_eq!(error(ranges.locate(&(start..end))).kind(), ErrorKind::Validation);
        assert!(ranges.locate(&(40..40)).unwrap().is_empty());
        assert!(ranges.open(&(40..40), b"").unwrap().plaintext.is_empty());
        // A range without end costs no more memory than the bytes given.
        error(ranges.open(&(0..u64::MAX), b""));
    }
    let ranges = ranges(&message, None).unwrap();
    assert_eq!(error(ranges.locate(&(u64::MAX - 1..u64::MAX))).kind(), ErrorKind::Validation);
    assert!(ranges.locate(&(0..u64::MAX)).unwrap().end > 1 << 32);
}

#[test]
fn with_a_sidecar() {
    let message = message(UNSIGNED, "old", 100);
    let sidecar = sidecar(rewrap("old", "key", &message));
    let options = RangeOptions { decrypt: with_sidecar(&sidecar), ..Default::default() };
    let ranges = reader().range_reader(&keyring("key"), &options, header(&message)).unwrap();
    assert_eq!(read(&ranges, &message, 30..60).unwrap().plaintext.expose(), &plaintext(100)[30..60]);
    let mut altered = sidecar;
    *altered.last_mut().unwrap() ^= 1;
    let options = RangeOptions { decrypt: with_sidecar(&altered), ..Default::default() };
    let result = reader().range_reader(&keyring("key"), &options, header(&message));
    explained(result, ErrorKind::InvalidMessage, &["sidecar was altered"]);
}

#[test]
fn an_empty_message_and_its_only_frame() {
    for suite in [UNSIGNED, SIGNED] {
        let message = encrypt(suite, 16, b"");
        for length in [None, Some(message.len())] {
            let part = read(&ranges(&message, length).unwrap(), &message, 0..1).unwrap();
            assert_eq!((part.plaintext.len(), part.end), (0, Some(0)));
        }
    }
}

proptest! {
    #[test]
    fn a_range_is_that_part_of_the_whole(
        suite in 0..AlgorithmSuite::ALL.len(),
        frame_length in 1..70_u32,
        length in 0..600_usize,
        start in 0..700_u64,
        count in 0..700_u64,
        known: bool,
    ) {
        let suite = AlgorithmSuite::ALL[suite];
        let plaintext = plaintext(length);
        let message = encrypt(suite, frame_length, &plaintext);
        let ranges = ranges(&message, known.then_some(message.len())).unwrap();
        if known && !suite.is_signed() {
            prop_assert_eq!(ranges.plaintext_length(), Some(length as u64));
        }
        let range = start..start + count;
        // Where the length is not known, a range that begins beyond the final frame has nothing that could verify it.
        if !known && start > length as u64 && count > 0 {
            let _ = read(&ranges, &message, range);
            return Ok(());
        }
        let part = match read(&ranges, &message, range.clone()) {
            Ok(part) => part,
            Err(error) => {
                prop_assert!(!known && start >= length as u64, "{}", error);
                return Ok(());
            }
        };
        let at = |at: u64| usize::try_from(at).unwrap().min(length);
        prop_assert_eq!(part.plaintext.expose(), &plaintext[at(range.start)..at(range.end)]);
        if let Some(end) = part.end {
            prop_assert_eq!(end, length as u64);
        }
        // Less than was asked for is the end, and verified.
        prop_assert!(part.plaintext.len() as u64 == count || part.end.is_some());
    }

    #[test]
    fn as_a_file(suite in 0..AlgorithmSuite::ALL.len(), frame_length in 1..70_u32, length in 0..600_usize,
        moves in prop::collection::vec((0..3_u8, -700..700_i64, 0..300_usize), 1..8)) {
        let suite = AlgorithmSuite::ALL[suite];
        let plaintext = plaintext(length);
        let message = encrypt(suite, frame_length, &plaintext);
        let mut file =
            RandomAccessReader::new(&reader(), &keyring("key"), options(None), Cursor::new(&message)).unwrap();
        let mut model = Cursor::new(&plaintext);
        for (kind, offset, count) in moves {
            let to = match kind {
                0 => SeekFrom::Start(offset.unsigned_abs()),
                1 => SeekFrom::Current(offset),
                _ => SeekFrom::End(offset),
            };
            match (file.seek(to), model.seek(to)) {
                (Ok(is), Ok(should)) => prop_assert_eq!(is, should),
                (is, should) => prop_assert!(is.is_err() && should.is_err()),
            }
            let (mut is, mut should) = (vec![], vec![]);
            file.by_ref().take(count as u64).read_to_end(&mut is).unwrap();
            model.by_ref().take(count as u64).read_to_end(&mut should).unwrap();
            prop_assert_eq!(is, should);
        }
    }
}

/// More than a window, and frames longer than one.
#[test]
fn long_messages_as_files() {
    for frame_length in [64 << 10, 3 << 20] {
        let plaintext = plaintext(5 << 20);
        let message = encrypt(UNSIGNED, frame_length, &plaintext);
        let new = || RandomAccessReader::new(&reader(), &keyring("key"), options(None), Cursor::new(&message)).unwrap();
        let mut whole = Vec::new();
        new().read_to_end(&mut whole).unwrap();
        assert!(whole == plaintext);
        let mut file = new();
        file.seek(SeekFrom::End(-1000)).unwrap();
        let mut end = Vec::new();
        file.read_to_end(&mut end).unwrap();
        assert!(end == plaintext[plaintext.len() - 1000..]);
        assert_eq!(file.ranges().header().frame_length, frame_length);
        assert!(file.ranges().encryption_context().is_empty());
    }
    // What is no message, and what has no whole header.
    for bytes in [&b""[..], b"\x02", b"\x02\x04\x78", b"no message"] {
        assert!(RandomAccessReader::new(&reader(), &keyring("key"), options(None), Cursor::new(bytes)).is_err());
    }
}
