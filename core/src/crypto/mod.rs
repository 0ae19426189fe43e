//! The primitives that the rest stands on, as a struct of replaceable parts. No word of KMS is known here.
//!
//! A [`Provider`] is data: take `Provider::native` or [`Provider::rust_crypto`] and replace one field to use another
//! implementation of that part, and inherit the rest. The same tests run over every provider.

mod asymmetric;
pub(crate) mod kdf;
#[cfg(feature = "native")]
mod native;
mod rust_crypto;
mod seal;
mod stack;

pub use asymmetric::{Curve, EllipticCurves, OaepHash, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey};
#[cfg(feature = "getrandom")]
pub use rust_crypto::OsRandom;
pub(crate) use seal::{COMMITMENT_LENGTH, OVERHEAD, OpenError, SALT_LENGTH, Sealer};
pub(crate) use stack::{clear_after, clear_after_long};

use crate::{
    error::{Error, ErrorKind, Result},
    secret::SecretArray,
};
use alloc::{boxed::Box, format, sync::Arc, vec::Vec};
use core::fmt;

/// The length of an AES-GCM tag: 128 bits, the only one offered.
pub const TAG_LENGTH: usize = 16;
/// The length of an AES-GCM nonce: 96 bits, the only one offered.
pub const NONCE_LENGTH: usize = 12;

/// The cryptographic primitives, each replaceable.
#[derive(Clone)]
pub struct Provider {
    /// Authenticated encryption.
    pub aead: &'static dyn Aead,
    /// Hash functions.
    pub digest: &'static dyn Digest,
    /// Message authentication codes.
    pub mac: &'static dyn Mac,
    /// Key derivation.
    pub kdf: &'static dyn Kdf,
    /// Keys from passphrases.
    pub password: &'static dyn PasswordHash,
    /// Signatures and key agreement on elliptic curves.
    pub curves: &'static dyn EllipticCurves,
    /// RSA encryption.
    pub rsa: &'static dyn Rsa,
    /// How many processors share the work on a long message.
    pub executor: &'static dyn Executor,
    /// Randomness. Asked at each use, so that a forked process never repeats its parent's.
    pub random: Arc<dyn Random>,
}

impl Provider {
    /// The implementations of the RustCrypto project, in pure Rust: for every target, with and without std.
    pub fn rust_crypto(random: Arc<dyn Random>) -> Self {
        use rust_crypto::RustCrypto;
        Self {
            aead: &RustCrypto,
            digest: &RustCrypto,
            mac: &RustCrypto,
            kdf: &RustCrypto,
            password: &RustCrypto,
            curves: &RustCrypto,
            rsa: &RustCrypto,
            executor: &OneAfterAnother,
            random,
        }
    }

    /// Random bytes, or the error that says that there are none; never a panic and never a guess.
    pub(crate) fn fill_random(&self, bytes: &mut [u8]) -> Result<()> {
        Ok(self.random.fill(bytes)?)
    }
}

/// With the operating system's entropy, the native provider where it is built in, else the one in pure Rust.
#[cfg(feature = "getrandom")]
impl Default for Provider {
    fn default() -> Self {
        let random = Arc::new(OsRandom);
        #[cfg(feature = "native")]
        return Self::native(random);
        #[cfg(not(feature = "native"))]
        Self::rust_crypto(random)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
    }
}

/// The tag did not match: the key, nonce, associated data or ciphertext is not the one that it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unauthentic;

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyError;

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of randomness failed")
    }
}

impl core::error::Error for EntropyError {}

impl From<EntropyError> for Error {
    fn from(EntropyError: EntropyError) -> Self {
        Self::new(ErrorKind::Entropy, "the source of randomness failed")
    }
}

/// AES-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
pub trait Aead: Send + Sync {
    /// Prepares a key of 16, 24 or 32 bytes, so that what depends on the key alone is computed once.
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>>;

    /// Encrypts `data` in place and returns its tag. `key` has 16, 24 or 32 bytes.
    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]>;

    /// Decrypts `data` in place, if the tag matches. Otherwise `data` holds no plaintext afterwards.
    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic>;
}

/// A prepared AES-GCM key. It is wiped on drop.
pub trait AeadKey: Send + Sync {
    /// Encrypts `data` in place and returns its tag.
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]>;

    /// Decrypts `data` in place, if the tag matches. Otherwise `data` holds no plaintext afterwards.
    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic>;

    /// Encrypts from one buffer into another of the same length, and returns the tag.
    fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH]> {
        ciphertext.copy_from_slice(plaintext);
        self.seal(nonce, aad, ciphertext)
    }

    /// Decrypts from one buffer into another of the same length, if the tag matches. Otherwise `plaintext` holds none
    /// afterwards.
    fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), Unauthentic> {
        plaintext.copy_from_slice(ciphertext);
        self.open(nonce, aad, plaintext, tag)
    }
}

/// The hash functions of FIPS 180-4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The length of its output in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// Hash functions.
pub trait Digest: Send + Sync {
    /// SHA-256 of the parts in a row.
    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32];

    /// A hash of what comes piece by piece.
    fn start(&self, hash: Hash) -> Box<dyn Hasher>;
}

/// A hash under way.
pub trait Hasher: Send + Sync {
    /// Adds a piece.
    fn update(&mut self, bytes: &[u8]);

    /// The hash of all pieces in a row.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// HMAC (RFC 2104, FIPS 198-1).
pub trait Mac: Send + Sync {
    /// Prepares a key of any length, so that what depends on the key alone is computed once.
    fn key(&self, hash: Hash, key: &[u8]) -> Box<dyn MacKey>;
}

/// A prepared MAC key. It is wiped on drop.
pub trait MacKey: Send + Sync {
    /// Writes the MAC of the parts in a row to `out`, which has the hash's length or is shorter, for a truncated MAC.
    fn mac(&self, parts: &[&[u8]], out: &mut [u8]);
}

/// HKDF (RFC 5869).
pub trait Kdf: Send + Sync {
    /// Extracts from `secret` with `salt`, once, and expands with each `info` into the output beside it. Fails where one
    /// is longer than 255 times the hash's length.
    fn hkdf_each(&self, hash: Hash, secret: &[u8], salt: &[u8], outputs: &mut [Expansion<'_>]) -> Result<()>;

    /// The same for one output.
    fn hkdf(&self, hash: Hash, secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
        self.hkdf_each(hash, secret, salt, &mut [(info, out)])
    }
}

/// What HKDF expands with, and into.
pub type Expansion<'a> = (&'a [u8], &'a mut [u8]);

/// The cost of a passphrase hash (RFC 9106): what an attacker pays for each guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory in KiB, from 8 times `lanes` to [`Argon2Cost::MAX_MEMORY_KIB`].
    pub memory_kib: u32,
    /// Passes over the memory, 1 to [`Argon2Cost::MAX_PASSES`].
    pub passes: u32,
    /// Lanes, 1 to [`Argon2Cost::MAX_LANES`].
    pub lanes: u32,
}

impl Argon2Cost {
    /// 1 GiB. The cost stands in a file's header, so a forged one must not make a reader allocate without bound.
    pub const MAX_MEMORY_KIB: u32 = 1 << 20;
    /// See [`Argon2Cost::MAX_MEMORY_KIB`].
    pub const MAX_PASSES: u32 = 32;
    /// See [`Argon2Cost::MAX_MEMORY_KIB`].
    pub const MAX_LANES: u32 = 16;

    /// The cost, if it is within the bounds.
    pub(crate) fn checked(self) -> Result<Self> {
        let Self { memory_kib, passes, lanes } = self;
        if (1..=Self::MAX_LANES).contains(&lanes)
            && (1..=Self::MAX_PASSES).contains(&passes)
            && (8 * lanes..=Self::MAX_MEMORY_KIB).contains(&memory_kib)
        {
            return Ok(self);
        }
        Err(Error::new(
            ErrorKind::Validation,
            format!("the Argon2id cost of {memory_kib} KiB, {passes} passes and {lanes} lanes is outside the limits"),
        ))
    }
}

/// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

/// Keys from passphrases.
pub trait PasswordHash: Send + Sync {
    /// Argon2id version 0x13 (RFC 9106) into a 256-bit key.
    fn argon2id(&self, passphrase: &[u8], salt: &[u8; 16], cost: Argon2Cost) -> Result<SecretArray<32>>;
}

/// A source of randomness fit for keys.
pub trait Random: Send + Sync {
    /// Fills `bytes`, or says that it could not.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// One piece of work, independent of the others.
pub type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs independent pieces of work. The core itself has no threads: a host that has them passes them in.
pub trait Executor: Send + Sync {
    /// How many pieces can run at once.
    fn width(&self) -> usize;

    /// Runs all pieces, and returns when the last has ended.
    fn run(&self, work: Vec<Work<'_>>);
}

/// For hosts without threads.
struct OneAfterAnother;

impl Executor for OneAfterAnother {
    fn width(&self) -> usize {
        1
    }

    fn run(&self, work: Vec<Work<'_>>) {
        for piece in work {
            piece();
        }
    }
}
