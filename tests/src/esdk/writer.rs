//! A second writer of the format, made from AWS's pages and not from the core's code.
//!
//! It writes what the core never would, unframed messages and false claims, and authenticates them as rightly as any
//! other: what refuses them must have looked at the claim.

use super::fixed::Fixed;
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{Curve, Hash, Provider, Secret, envelope::AlgorithmSuite};

/// A message about to be written; what its fields hold is written as it is, be it right or wrong.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What the keys are derived for, and the frames are encrypted with.
    pub suite: AlgorithmSuite,
    /// The data key.
    pub data_key: Vec<u8>,
    /// The version of the format.
    pub version: u8,
    /// The type, in version 1.
    pub message_type: u8,
    /// The suite's number in the header.
    pub suite_id: u16,
    /// The message's id.
    pub message_id: Vec<u8>,
    /// The encryption context, without the length of the whole.
    pub context: Vec<u8>,
    /// How many encrypted data keys there are said to be.
    pub count: u16,
    /// The encrypted data keys.
    pub encrypted_data_keys: Vec<u8>,
    /// 1 for an unframed body, 2 for frames.
    pub content_type: u8,
    /// Zero, in version 1.
    pub reserved: [u8; 4],
    /// The length of the IV, in version 1.
    pub iv_length: u8,
    /// The length of the frames; 0 for an unframed body.
    pub frame_length: u32,
}

/// The private key of every signed message.
fn signing_key(curve: Curve) -> Secret {
    Secret::from(vec![0x51; curve.field_length()])
}

/// The curve and the hash of the suite's signature.
pub fn signature(suite: AlgorithmSuite) -> Option<(Curve, Hash)> {
    match suite.id() {
        0x0214 => Some((Curve::P256, Hash::Sha256)),
        0x0346 | 0x0378 | 0x0578 => Some((Curve::P384, Hash::Sha384)),
        _ => None,
    }
}

impl Draft {
    /// A right message under the suite's [`Fixed`] data key; unframed where the frame length is 0.
    pub fn new(suite: AlgorithmSuite, frame_length: u32) -> Self {
        let Fixed { data_key, .. } = Fixed::new(suite);
        let version = if suite.id() >= 0x0400 { 2 } else { 1 };
        let mut pairs = vec![(b"purpose".to_vec(), b"test".to_vec())];
        if let Some((curve, _)) = signature(suite) {
            let public_key =
                Provider::default().curves.public_key(curve, signing_key(curve).expose()).expect("a public key");
            pairs.insert(0, (b"aws-crypto-public-key".to_vec(), BASE64_STANDARD.encode(public_key).into_bytes()));
        }
        Self {
            suite,
            data_key,
            version,
            message_type: 0x80,
            suite_id: suite.id(),
            message_id: vec![0x1d; if version == 1 { 16 } else { 32 }],
            context: context(&pairs),
            count: 1,
            encrypted_data_keys: encrypted_data_key(b"test", b"key", b"not encrypted at all"),
            content_type: if frame_length == 0 { 1 } else { 2 },
            reserved: [0; 4],
            iv_length: 12,
            frame_length,
        }
    }

    /// The header, without its IV and tag.
    pub fn header(&self) -> Vec<u8> {
        let mut header = vec![self.version];
        if self.version == 1 {
            header.push(self.message_type);
        }
        header.extend(self.suite_id.to_be_bytes());
        header.extend(&self.message_id);
        header.extend(field(&self.context));
        header.extend(self.count.to_be_bytes());
        header.extend(&self.encrypted_data_keys);
        header.push(self.content_type);
        if self.version == 1 {
            header.extend(self.reserved);
            header.push(self.iv_length);
        }
        header.extend(self.frame_length.to_be_bytes());
        if self.version == 2 {
            header.extend(self.derive(b"COMMITKEY", 32));
        }
        header
    }

    /// The header with its IV, which is zero, and its tag.
    pub fn sealed_header(&self) -> Vec<u8> {
        let header = self.header();
        let tag = Provider::default().aead.seal(&self.key(), &[0; 12], &header, &mut []).expect("a key");
        let iv: &[u8] = if self.version == 1 { &[0; 12] } else { &[] };
        [&header, iv, &tag].concat()
    }

    /// The key of the cipher.
    fn key(&self) -> Vec<u8> {
        let length = self.data_key.len();
        let id = self.suite.id().to_be_bytes();
        let (hash, info) = match self.suite.id() {
            0x0014 | 0x0046 | 0x0078 => return self.data_key.clone(),
            0x0478 | 0x0578 => return self.derive(&[&id, &b"DERIVEKEY"[..]].concat(), length),
            0x0346 | 0x0378 => (Hash::Sha384, [&id, &self.message_id[..]].concat()),
            _ => (Hash::Sha256, [&id, &self.message_id[..]].concat()),
        };
        let mut key = vec![0; length];
        Provider::default().kdf.hkdf(hash, &self.data_key, &[], &info, &mut key).expect("a short output");
        key
    }

    /// What suites with commitment derive.
    fn derive(&self, info: &[u8], length: usize) -> Vec<u8> {
        let mut derived = vec![0; length];
        let kdf = Provider::default().kdf;
        kdf.hkdf(Hash::Sha512, &self.data_key, &self.message_id, info, &mut derived).expect("a short output");
        derived
    }

    /// A piece's ciphertext and tag.
    fn seal(&self, label: &str, sequence: u32, iv: [u8; 12], plaintext: &[u8]) -> Vec<u8> {
        let label = format!("AWSKMSEncryptionClient {label}");
        let length = (plaintext.len() as u64).to_be_bytes();
        let aad = [&self.message_id, label.as_bytes(), &sequence.to_be_bytes(), &length].concat();
        let mut data = plaintext.to_vec();
        let tag = Provider::default().aead.seal(&self.key(), &iv, &aad, &mut data).expect("a key");
        data.extend(tag);
        data
    }

    /// A regular frame.
    pub fn regular(&self, sequence: u32, iv: [u8; 12], plaintext: &[u8]) -> Vec<u8> {
        let sealed = self.seal("Frame", sequence, iv, plaintext);
        [&sequence.to_be_bytes(), &iv[..], &sealed].concat()
    }

    /// A final frame.
    pub fn last(&self, sequence: u32, iv: [u8; 12], plaintext: &[u8]) -> Vec<u8> {
        let sealed = self.seal("Final Frame", sequence, iv, plaintext);
        let length = u32::try_from(plaintext.len()).expect("a short plaintext").to_be_bytes();
        [&[0xff; 4], &sequence.to_be_bytes(), &iv[..], &length, &sealed].concat()
    }

    /// An unframed body.
    pub fn unframed(&self, iv: [u8; 12], plaintext: &[u8]) -> Vec<u8> {
        let sealed = self.seal("Single Block", 1, iv, plaintext);
        [&iv[..], &(plaintext.len() as u64).to_be_bytes(), &sealed].concat()
    }

    /// The footer of a header and a body, if the suite signs.
    pub fn footer(&self, message: &[u8]) -> Vec<u8> {
        let Some((curve, hash)) = signature(self.suite) else { return Vec::new() };
        let provider = Provider::default();
        let mut hasher = provider.digest.start(hash);
        hasher.update(message);
        let key = signing_key(curve);
        field(&provider.curves.sign(curve, key.expose(), &hasher.finish(), &*provider.random).expect("a signature"))
    }

    /// The whole message.
    pub fn write(&self, plaintext: &[u8]) -> Vec<u8> {
        let mut message = self.sealed_header();
        if self.content_type == 1 {
            message.extend(self.unframed(iv(1), plaintext));
        } else {
            let mut pieces = plaintext.chunks(self.frame_length as usize).collect::<Vec<_>>();
            let last = pieces.pop().unwrap_or_default();
            let mut sequence = 1;
            for piece in pieces {
                message.extend(self.regular(sequence, iv(sequence), piece));
                sequence += 1;
            }
            message.extend(self.last(sequence, iv(sequence), last));
        }
        let footer = self.footer(&message);
        message.extend(footer);
        message
    }
}

/// The IV that writers take for a frame.
pub fn iv(sequence: u32) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[8..].copy_from_slice(&sequence.to_be_bytes());
    iv
}

/// Bytes with their length before them.
pub fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a short field").to_be_bytes();
    [&length, bytes].concat()
}

/// The pairs of an encryption context, in the order given.
pub fn context(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = u16::try_from(pairs.len()).expect("few pairs").to_be_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend(field(name));
        bytes.extend(field(value));
    }
    bytes
}

/// An encrypted data key.
pub fn encrypted_data_key(provider_id: &[u8], provider_info: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    [field(provider_id), field(provider_info), field(ciphertext)].concat()
}
