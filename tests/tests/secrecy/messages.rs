//! What a message is made of: its data key, the keys that are derived of it, the plaintext.

use crate::{Kind, Needle};
use pocketkms::{Hash, Provider, envelope::AlgorithmSuite};
use pocketkms_tests::{
    esdk::layout::Layout,
    secrets::{Given, MESSAGE, secret},
};

/// The secrets of messages, each of which may lack its end.
pub(crate) fn needles(messages: &[Vec<u8>]) -> Vec<Needle> {
    let data_key = secret(Given::DataKey);
    let plaintext = secret(MESSAGE);
    let mut needles = vec![
        Needle::new(Kind::Material, "data key", data_key.expose()),
        Needle::new(Kind::Prepared, "wrapping key", secret(Given::AeadKey(32)).expose()),
    ];
    // Any part of it would be a leak: of the first frame, of one in between, of the last, which a stream holds.
    for at in [0, 1024, 1400, MESSAGE.length() - 16] {
        let part = &plaintext.expose()[at..at + 16];
        needles.push(Needle::new(Kind::Answer, format!("bytes {at} to {} in the clear", at + 16), part));
    }
    for (number, message) in messages.iter().enumerate() {
        let layout = Layout::of_header(message);
        let suite = AlgorithmSuite::from_id(layout.suite).expect("a suite");
        let id = &message[layout.message_id.clone()];
        let add = |kind, what: &str, bytes: &[u8]| Needle::new(kind, format!("message {number}, {what}"), bytes);
        if suite != AlgorithmSuite::AlgAes256GcmIv12Tag16NoKdf {
            let (hash, salt, label) = match layout.version {
                1 => (Hash::Sha256, &[][..], id),
                _ => (Hash::Sha512, id, &b"DERIVEKEY"[..]),
            };
            let info = [&layout.suite.to_be_bytes(), label].concat();
            let provider = Provider::default();
            let mut key = [0; 32];
            provider.kdf.hkdf(hash, data_key.expose(), salt, &info, &mut key).expect("a key");
            needles.push(add(Kind::Prepared, "key of the cipher", &key));
            let mut extracted = vec![0; hash.length()];
            // Without a salt there are as many zeros as the hash is long (RFC 5869, section 2.2).
            let salt = if salt.is_empty() { vec![0; hash.length()] } else { salt.to_vec() };
            provider.mac.key(hash, &salt).mac(&[data_key.expose()], &mut extracted);
            needles.push(add(Kind::Passing, "pseudorandom key of HKDF", &extracted));
        }
        // Regular frames have 4 bytes of number and 12 of IV in front.
        let first = &message[layout.header_end() + 16..];
        let keystream: Vec<_> =
            plaintext.expose()[..32].iter().zip(first).map(|(plain, sealed)| plain ^ sealed).collect();
        needles.push(add(Kind::Passing, "keystream of the first bytes", &keystream));
    }
    needles
}
