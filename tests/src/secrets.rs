//! What the processes that keep secrets and the one that searches for them agree on.

use crate::random::replay;
use pocketkms::{Curve, EllipticCurves, Secret, SecretText};
use std::io::{Read, Write};

/// The curves whose private keys are kept.
pub const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

/// What they sign.
pub const DIGEST: [u8; 32] = [7; 32];

/// With whom they agree on a secret: the public key of the private key 2, which is none.
pub fn peer(curves: &dyn EllipticCurves, curve: Curve) -> Vec<u8> {
    let mut two = Secret::zeroed(curve.field_length());
    *two.expose_mut().last_mut().expect("a byte") = 2;
    curves.public_key(curve, two.expose()).expect("a private key")
}

/// The plaintext of each message.
pub const MESSAGE: Given = Given::Plaintext(4096 - 100);

/// A secret that goes into the library.
#[derive(Clone, Copy, Debug)]
pub enum Given {
    /// The root key.
    Root,
    /// The passphrase in its place.
    Passphrase,
    /// A plaintext.
    Plaintext(usize),
    /// A key of AES-GCM.
    AeadKey(usize),
    /// A private key of a curve.
    PrivateKey(Curve),
    /// A data key that an RSA key decrypts.
    DataKey,
    /// The digest of a message, to be signed: anyone who has it can test guesses of the message.
    Digest,
    /// A message to which somebody invented a MAC.
    Forged,
    /// The password of the user of a cluster behind a custom key store.
    ClusterPassword,
    /// The secret key for an external key store proxy.
    ProxySecretKey,
}

impl Given {
    /// The plaintexts: of a whole number of blocks, of a part of one more, and the longest there is.
    pub const PLAINTEXTS: [Self; 3] = [Self::Plaintext(64), Self::Plaintext(75), Self::Plaintext(4096)];

    /// A key of each length.
    pub const AEAD_KEYS: [Self; 3] = [Self::AeadKey(16), Self::AeadKey(24), Self::AeadKey(32)];

    /// How many bytes it has.
    pub fn length(self) -> usize {
        match self {
            Self::Root | Self::Passphrase | Self::DataKey | Self::ClusterPassword => 32,
            Self::ProxySecretKey => 64,
            Self::Digest => 48,
            Self::Forged => 100,
            Self::Plaintext(length) | Self::AeadKey(length) => length,
            Self::PrivateKey(curve) => curve.field_length(),
        }
    }

    /// Writes it where it is wanted, and nowhere else.
    pub fn write(self, bytes: &mut [u8]) {
        let number = match self {
            Self::Root => 1,
            Self::Passphrase => 2,
            Self::Plaintext(length) => 3 + length as u64,
            Self::DataKey => 0x1_0000,
            Self::Digest => 0x4_0000,
            Self::Forged => 0x5_0000,
            Self::ClusterPassword => 0x6_0000,
            Self::ProxySecretKey => 0x7_0000,
            Self::AeadKey(length) => 0x3_0000 + length as u64,
            Self::PrivateKey(curve) => 0x2_0000 + curve.field_length() as u64,
        };
        replay(0x5ec2_e7ed_1234_5678, number, bytes);
        if let (Self::PrivateKey(Curve::P521), [first, ..]) = (self, &mut *bytes) {
            // 521 bits are 65 bytes and one bit.
            *first &= 1;
        }
        if matches!(self, Self::ClusterPassword | Self::ProxySecretKey) {
            // Text, of 32 letters.
            for byte in bytes {
                *byte = b'A' + (*byte & 15) + (*byte & 16) * 2;
            }
        }
    }
}

/// A text where the library takes it over.
pub fn secret_text(given: Given) -> SecretText {
    let text = secret(given);
    SecretText::copy_of(str::from_utf8(text.expose()).expect("letters"))
}

/// A secret where the library takes it over.
pub fn secret(given: Given) -> Secret {
    let mut secret = Secret::zeroed(given.length());
    given.write(secret.expose_mut());
    secret
}

/// Sends the searcher what is public (a line of hexadecimal digits per value, then an empty line), and waits to be sent
/// on.
pub fn checkpoint(public: &[&[u8]]) {
    let mut out = std::io::stdout().lock();
    for value in public {
        for byte in *value {
            write!(out, "{byte:02x}").expect("a searcher who listens");
        }
        writeln!(out).expect("a searcher who listens");
    }
    writeln!(out).expect("a searcher who listens");
    out.flush().expect("a searcher who listens");
    let mut go_on = [0];
    std::io::stdin().read_exact(&mut go_on).expect("a searcher who sends us on");
}
