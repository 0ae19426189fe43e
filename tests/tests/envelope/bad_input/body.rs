//! False claims of the body, after a header that is authentic: of a writer with the data key, or of one that lost its way.

use super::{SUITES, decryptor, is_named, refused_immediately};
use pocketkms::{
    ErrorKind,
    envelope::{DecryptOptions, Limits, Transform},
};
use pocketkms_tests::esdk::{
    fixed::{Fixed, client, plaintext},
    writer::{Draft, iv},
};

const INVALID: ErrorKind = ErrorKind::InvalidMessage;
const LIMIT: ErrorKind = ErrorKind::LimitExceeded;

#[test]
fn what_the_second_writer_writes_is_read() {
    for suite in pocketkms::envelope::AlgorithmSuite::ALL {
        for frame_length in [0, 1, 16, 4096] {
            for length in [0, 1, 16, 33] {
                let message = Draft::new(*suite, frame_length).write(&plaintext(length));
                let opened = client(*suite).decrypt(&Fixed::new(*suite), DecryptOptions::default(), &message);
                assert_eq!(opened.unwrap().plaintext.expose(), plaintext(length), "{suite}");
            }
        }
    }
}

#[test]
fn numbers_of_frames() {
    for suite in SUITES {
        let draft = Draft::new(suite, 16);
        // The very last numbers claim that about 2^32 frames came before.
        for number in [0, 2, 3, 0x8000_0000, u32::MAX - 1] {
            let claim = [draft.sealed_header(), number.to_be_bytes().to_vec()].concat();
            refused_immediately(suite, &claim, INVALID, &["frame 1 should come next", &number.to_string()]);
        }
        for number in [0, 2, 3, 0x8000_0000, u32::MAX] {
            let claim = [&draft.sealed_header(), &[0xff; 4][..], &number.to_be_bytes()].concat();
            refused_immediately(suite, &claim, INVALID, &["frame 1 should come next", &number.to_string()]);
        }
        // Rightly sealed under a number that leaves one out.
        let mut gap = [draft.sealed_header(), draft.regular(1, iv(1), &[1; 16])].concat();
        gap.extend(3_u32.to_be_bytes());
        refused_immediately(suite, &gap, INVALID, &["frame 2 should come next", "frame 3 comes"]);
        let mut again = [draft.sealed_header(), draft.regular(1, iv(1), &[1; 16])].concat();
        again.extend(1_u32.to_be_bytes());
        refused_immediately(suite, &again, INVALID, &["frame 2 should come next", "frame 1 comes"]);
    }
}

#[test]
fn lengths_of_final_frames() {
    for suite in SUITES {
        let draft = Draft::new(suite, 16);
        for length in [17, 1 << 16, 1 << 31, u32::MAX] {
            let mut claim = [draft.sealed_header(), draft.last(1, iv(1), b"")[..20].to_vec()].concat();
            claim.extend(length.to_be_bytes());
            refused_immediately(suite, &claim, INVALID, &["final frame is longer"]);
        }
        // Authentic, and all the same too long.
        let sealed = [draft.sealed_header(), draft.last(1, iv(1), &[1; 17])].concat();
        let result = client(suite).decrypt(&Fixed::new(suite), DecryptOptions::default(), &sealed).map(drop);
        is_named(suite, &result.unwrap_err(), INVALID, &["final frame is longer"]);
    }
}

#[test]
fn lengths_of_unframed_bodies() {
    for suite in SUITES {
        let draft = Draft::new(suite, 0);
        for length in [(64 << 20) + 1, 1 << 32, 1 << 36, 1 << 63, u64::MAX] {
            let claim = [&draft.sealed_header(), &iv(1)[..], &length.to_be_bytes()].concat();
            refused_immediately(suite, &claim, LIMIT, &["unframed length", &length.to_string(), "67108864"]);
        }
    }
}

/// Where a caller allows everything, a claim is believed, and nothing comes of it.
#[test]
fn any_limit_may_be_raised() {
    let limits =
        Limits { max_encrypted_data_keys: u16::MAX, max_frame_length: u32::MAX, max_unframed_length: u64::MAX };
    for suite in SUITES {
        for length in [1 << 36, 1 << 63, u64::MAX - 100, u64::MAX] {
            let claim = [&Draft::new(suite, 0).sealed_header(), &iv(1)[..], &length.to_be_bytes()].concat();
            let mut stream = decryptor(suite, limits);
            stream.update_vec(&claim).unwrap();
            assert!(stream.update_vec(&[0; 1000]).unwrap().is_empty());
            is_named(suite, &stream.finish().unwrap_err(), INVALID, &["truncated"]);
        }
        let draft = Draft::new(suite, u32::MAX);
        let mut stream = decryptor(suite, limits);
        stream.update_vec(&draft.sealed_header()).unwrap();
        assert!(stream.update_vec(&[&1_u32.to_be_bytes()[..], &[0; 1000]].concat()).unwrap().is_empty());
        is_named(suite, &stream.finish().unwrap_err(), INVALID, &["truncated"]);
        // A short final frame of very long ones is a message like any other.
        let message = draft.write(b"short");
        let mut stream = decryptor(suite, limits);
        assert_eq!(stream.update_vec(&message).unwrap(), b"short");
        stream.finish().unwrap();
    }
}

#[test]
fn lengths_of_signatures() {
    for suite in SUITES.into_iter().filter(|suite| suite.is_signed()) {
        let draft = Draft::new(suite, 16);
        let unsigned = [draft.sealed_header(), draft.last(1, iv(1), b"x")].concat();
        for signature in [&[][..], &[0], &[0x30, 0], &[0x30, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0; 1000]] {
            let length = u16::try_from(signature.len()).unwrap().to_be_bytes();
            let footer = [&unsigned, &length[..], signature].concat();
            refused_immediately(suite, &footer, INVALID, &["signature does not match"]);
        }
        // Up to the longest that can be claimed it is waited for.
        let mut stream = decryptor(suite, Limits::default());
        stream.update_vec(&[&unsigned, &[0xff, 0xff][..], &vec![0; 65_534]].concat()).unwrap();
        assert_eq!(stream.update_vec(&[0]).unwrap_err().kind(), INVALID);
    }
}
