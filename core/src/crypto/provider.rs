//! The primitives, each replaceable, with secrets around them.

#[cfg(all(feature = "getrandom", feature = "asymmetric"))]
use super::OsRandom;
use super::{
    Aead, Argon2Cost, Asymmetric, AuthenticationFailed, Cbc, Curve, Digest, Ed25519, EllipticCurves, EntropyError,
    Executor, Kdf, KeyWrap, Mac, MlDsa, MlKem, MlKemSet, Once, PasswordHash, PrimitiveError, Random, Rsa, RsaPadding,
    RsaPrivateKey, Runs, Sequential, Sm2,
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
};
use alloc::{string::ToString, sync::Arc, vec::Vec};
use core::fmt;
use pocketkms_rust_crypto::RustCrypto;

/// The cryptographic primitives, each replaceable.
///
/// Each is a trait over plain slices, of the crate `pocketkms-primitives`. The methods here put what is secret into memory
/// that is wiped.
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
    /// Signatures by Ed25519.
    pub ed25519: &'static dyn Ed25519,
    /// Signatures by ML-DSA.
    pub ml_dsa: &'static dyn MlDsa,
    /// Key encapsulation by ML-KEM.
    pub ml_kem: &'static dyn MlKem,
    /// RSA encryption and signatures.
    pub rsa: &'static dyn Rsa,
    /// Wrapped keys.
    pub key_wrap: &'static dyn KeyWrap,
    /// What is encrypted for attested environments.
    pub cbc: &'static dyn Cbc,
    /// Signatures, encryption and key agreement by SM2.
    pub sm2: &'static dyn Sm2,
    /// How many processors share the work on a long message.
    pub executor: &'static dyn Executor,
    /// Randomness. Asked at each use, so that a forked process never repeats its parent's.
    pub random: Arc<dyn Random>,
    /// Whether operations are run again, because some of these primitives come later.
    pub runs: &'static dyn Runs,
}

impl Provider {
    /// The implementations of the RustCrypto project, in pure Rust: for every target, with and without std.
    #[cfg(feature = "asymmetric")]
    pub fn rust_crypto(random: Arc<dyn Random>) -> Self {
        Self::with_asymmetric(random, &RustCrypto)
    }

    /// The same, but for what has public keys: that is the host's, which may have it elsewhere, and so can be built without the feature
    /// `asymmetric`.
    pub fn with_asymmetric(random: Arc<dyn Random>, asymmetric: &'static impl Asymmetric) -> Self {
        Self {
            aead: &RustCrypto,
            digest: &RustCrypto,
            mac: &RustCrypto,
            kdf: &RustCrypto,
            password: &RustCrypto,
            curves: asymmetric,
            ed25519: asymmetric,
            ml_dsa: asymmetric,
            ml_kem: asymmetric,
            rsa: asymmetric,
            key_wrap: &RustCrypto,
            cbc: &RustCrypto,
            sm2: asymmetric,
            executor: &Sequential,
            random,
            runs: &Once,
        }
    }

    /// The primitives that are fastest on this machine: AES-GCM by AWS-LC or *ring*, as the processor has it, elliptic
    /// curves, Ed25519, ML-DSA and RSA by AWS-LC, and all processors for long messages. Hash functions and what is made of them stay
    /// in pure Rust, which is as fast.
    ///
    /// Keys are made with `random`, but for those of RSA. For their primes, the nonces, salts and hedges of signatures, the seeds
    /// of OAEP and the blinding of RSA, AWS-LC has a generator of its own, which the operating system seeds and which
    /// notices a fork.
    #[cfg(feature = "native")]
    pub fn native(random: Arc<dyn Random>) -> Self {
        use pocketkms_native::Native;
        Self {
            aead: &Native,
            curves: &Native,
            ed25519: &Native,
            ml_dsa: &Native,
            rsa: &Native,
            executor: &Native,
            ..Self::rust_crypto(random)
        }
    }

    /// Random bytes, or the error that says that there are none; never a panic and never a guess.
    pub(crate) fn fill_random(&self, bytes: &mut [u8]) -> Result<()> {
        Ok(self.random.fill(bytes)?)
    }

    /// A new private key on a curve.
    pub fn generate_private_key(&self, curve: Curve) -> Result<Secret> {
        let mut private_key = Secret::zeroed(curve.field_length());
        self.curves.generate(curve, &*self.random, private_key.expose_mut())?;
        Ok(private_key)
    }

    /// A new RSA private key of 2048, 3072 or 4096 bits, a DER PKCS #8 `PrivateKeyInfo`.
    pub fn generate_rsa_key(&self, bits: usize) -> Result<Secret> {
        Ok(Secret::from(self.rsa.generate(bits, &*self.random)?))
    }

    /// A new private key of SM2.
    pub fn generate_sm2_key(&self) -> Result<Secret> {
        let mut private_key = Secret::zeroed(32);
        self.sm2.generate(&*self.random, private_key.expose_mut())?;
        Ok(private_key)
    }

    /// A new shared secret, and the ciphertext for the owner of a public key of ML-KEM.
    pub fn encapsulate(&self, set: MlKemSet, public_key: &[u8]) -> Result<(Vec<u8>, SecretArray<32>)> {
        let mut secret = SecretArray::zeroed();
        let ciphertext = self.ml_kem.encapsulate(set, public_key, &*self.random, secret.expose_mut())?;
        Ok((ciphertext, secret))
    }

    /// The shared secret of a key agreement: the x-coordinate, as long as a field element.
    pub fn agree(&self, curve: Curve, private_key: &Secret, public_key: &[u8]) -> Result<Secret> {
        let mut shared = Secret::zeroed(curve.field_length());
        self.curves.agree(curve, private_key.expose(), public_key, shared.expose_mut())?;
        Ok(shared)
    }

    /// The shared secret of a key agreement on the curve of SM2: the x-coordinate.
    pub fn sm2_agree(&self, private_key: &Secret, public_key: &[u8]) -> Result<Secret> {
        let mut shared = Secret::zeroed(32);
        self.sm2.agree(private_key.expose(), public_key, shared.expose_mut())?;
        Ok(shared)
    }

    /// Decrypts with SM2, with one error for every failure.
    pub fn sm2_decrypt(&self, private_key: &Secret, ciphertext: &[u8]) -> Result<Secret, AuthenticationFailed> {
        let mut message = Secret::zeroed(ciphertext.len());
        let length = self.sm2.decrypt(private_key.expose(), ciphertext, message.expose_mut())?;
        message.expose().get(..length).map(Secret::copy_of).ok_or(AuthenticationFailed)
    }

    /// Decrypts with RSA, with one error for every failure.
    pub fn rsa_decrypt(
        &self,
        private_key: &dyn RsaPrivateKey,
        padding: RsaPadding,
        ciphertext: &[u8],
    ) -> Result<Secret, AuthenticationFailed> {
        let mut plaintext = Secret::zeroed(private_key.modulus_length());
        let length = private_key.decrypt(padding, ciphertext, &*self.random, plaintext.expose_mut())?;
        plaintext.expose().get(..length).map(Secret::copy_of).ok_or(AuthenticationFailed)
    }

    /// Unwraps a key by AES key wrap with padding (RFC 5649).
    pub fn unwrap_key(&self, wrapping_key: &Secret, wrapped: &[u8]) -> Result<Secret, AuthenticationFailed> {
        let mut key = Secret::zeroed(self.key_wrap.unwrapped_length(wrapped.len()));
        let length = self.key_wrap.unwrap(wrapping_key.expose(), wrapped, key.expose_mut())?;
        key.expose().get(..length).map(Secret::copy_of).ok_or(AuthenticationFailed)
    }

    /// The 256-bit key of a passphrase by Argon2id version 0x13 (RFC 9106).
    pub fn argon2id(&self, passphrase: &Secret, salt: &[u8; 16], cost: Argon2Cost) -> Result<SecretArray<32>> {
        let mut key = SecretArray::zeroed();
        self.password.argon2id(passphrase.expose(), salt, cost.into(), key.expose_mut())?;
        Ok(key)
    }
}

/// With the operating system's entropy, the native provider where it is built in, else the one in pure Rust.
#[cfg(all(feature = "getrandom", feature = "asymmetric"))]
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

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::new(ErrorKind::Entropy, error.to_string())
    }
}

impl From<PrimitiveError> for Error {
    fn from(error: PrimitiveError) -> Self {
        let kind = match error {
            // A host's own implementation fails with the core's error, and gets it back as it was.
            PrimitiveError::Other(other) => {
                return match other.downcast::<Self>() {
                    Ok(error) => *error,
                    Err(other) => Self::new(ErrorKind::KmsInternal, other.to_string()),
                };
            }
            PrimitiveError::Entropy => ErrorKind::Entropy,
            // What a caller gave.
            PrimitiveError::Argon2Cost(_)
            | PrimitiveError::CurvePrivateKey(_)
            | PrimitiveError::CurvePublicKey(_)
            | PrimitiveError::MlKemPublicKey
            | PrimitiveError::RsaPrivateKey
            | PrimitiveError::RsaPublicKey
            | PrimitiveError::RsaBits(_)
            | PrimitiveError::RsaLength { .. }
            | PrimitiveError::Sm2PrivateKey
            | PrimitiveError::Sm2PublicKey
            | PrimitiveError::Sm2Message => ErrorKind::Validation,
            // What the core should not have asked for, or what the machine lacks.
            _ => ErrorKind::KmsInternal,
        };
        Self::new(kind, error.to_string())
    }
}
