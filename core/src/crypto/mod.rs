//! The primitives that the rest stands on, as a struct of replaceable parts, and what is constructed of them.
//!
//! A [`Provider`] is data: take `Provider::native` or `Provider::rust_crypto` and replace one field to use another
//! implementation of that part, and inherit the rest. The same tests run over every provider.

mod calibration;
mod cost;
pub(crate) mod der;
pub(crate) mod hybrid;
pub(crate) mod kdf;
#[cfg(feature = "getrandom")]
mod os_random;
pub(crate) mod pkcs8;
mod provider;
mod seal;
pub(crate) mod sigv4;
pub(crate) mod spki;

pub(crate) use calibration::calibrated;
pub use cost::Argon2Cost;
#[cfg(feature = "getrandom")]
pub use os_random::OsRandom;
pub(crate) use pocketkms_primitives::stack::clear_after;
pub use pocketkms_primitives::{
    Aead, AeadKey, Argon2Cost as PrimitiveArgon2Cost, Asymmetric, AuthenticationFailed, Cbc, Curve, Digest, Ed25519,
    Ed25519Mode, Ed25519PrivateKey, EllipticCurves, EntropyError, Error as PrimitiveError, Executor, Expansion, Hash,
    Hasher, Kdf, KeyWrap, Mac, MacKey, MlDsa, MlDsaMessage, MlDsaPrivateKey, MlDsaSet, MlKem, MlKemPrivateKey,
    MlKemSet, NONCE_LENGTH, OaepHash, Once, PasswordHash, Random, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    RsaScheme, Runs, Sequential, Sm2, Sm2Message, TAG_LENGTH, Work,
};
pub use provider::Provider;
pub(crate) use seal::{COMMITMENT_LENGTH, OVERHEAD, OpenError, SALT_LENGTH, Sealer};
