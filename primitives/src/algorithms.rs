//! What the primitives can be asked for by name.

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

/// The curves of NIST SP 800-186 in short Weierstrass form, and secp256k1 (SEC 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, also known as secp256r1 and prime256v1.
    P256,
    /// P-384, also known as secp384r1.
    P384,
    /// P-521, also known as secp521r1.
    P521,
    /// secp256k1.
    K256,
}

impl Curve {
    /// The length of a field element, and so of a private key and of a shared secret, in bytes.
    pub const fn field_length(self) -> usize {
        match self {
            Self::P256 | Self::K256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// Which of the two algorithms of RFC 8032 an Ed25519 key is used with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ed25519Mode {
    /// Ed25519: the message as it is.
    Pure,
    /// Ed25519ph: SHA-512 of the message, with an empty context.
    Prehashed,
}

/// The parameter sets of ML-DSA (FIPS 204, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlDsaSet {
    /// ML-DSA-44: security category 2.
    MlDsa44,
    /// ML-DSA-65: security category 3.
    MlDsa65,
    /// ML-DSA-87: security category 5.
    MlDsa87,
}

/// What is given to ML-DSA.
#[derive(Clone, Copy)]
pub enum MlDsaMessage<'a> {
    /// A message, with an empty context (FIPS 204, section 5.2).
    Raw(&'a [u8]),
    /// Its representative, which depends on the public key, too (FIPS 204, section 6.2).
    Mu(&'a [u8; 64]),
}

/// The parameter sets of ML-KEM (FIPS 203, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlKemSet {
    /// ML-KEM-512: security category 1.
    MlKem512,
    /// ML-KEM-768: security category 3.
    MlKem768,
    /// ML-KEM-1024: security category 5.
    MlKem1024,
}

/// The hash function of OAEP, of its label and of its mask generation function alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepHash {
    /// SHA-1: its weakness against collisions does not touch OAEP, and old keys are used with it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a message is padded before RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaPadding {
    /// RSAES-OAEP (RFC 8017, section 7.1) with an empty label.
    Oaep(OaepHash),
    /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2). For decrypting what is there already: anyone who can ask many times whether a
    /// ciphertext decrypts learns the plaintext (Bleichenbacher 1998, "Marvin" 2023).
    ///
    /// So an implementation may answer a wrong padding with bytes that follow from key and ciphertext alone, of any
    /// length, instead of an error ("implicit rejection", draft-irtf-cfrg-rsa-guidance). Only what the bytes
    /// are used for shows whether they are the message.
    Pkcs1,
}

/// How a digest is signed with RSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaScheme {
    /// RSASSA-PSS (RFC 8017, section 8.1), MGF1 with the same hash, and a salt as long as the hash.
    Pss,
    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
    Pkcs1,
}

/// What is given to SM2 to be signed.
#[derive(Clone, Copy)]
pub enum Sm2Message<'a> {
    /// A message, of a signer with the distinguishing id `1234567812345678` (GM/T 0009, section 10).
    Raw(&'a [u8]),
    /// Its digest e: SM3 of Z and the message, where Z is that of the distinguishing id and the public key (GB/T 32918.2, section 5.5).
    Digest(&'a [u8; 32]),
}

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

    /// Whether the cost is within the limits.
    pub fn is_within_limits(self) -> bool {
        let Self { memory_kib, passes, lanes } = self;
        (1..=Self::MAX_LANES).contains(&lanes)
            && (1..=Self::MAX_PASSES).contains(&passes)
            && (8 * lanes..=Self::MAX_MEMORY_KIB).contains(&memory_kib)
    }
}

/// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}
