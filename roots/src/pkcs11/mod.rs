//! A key in a PKCS#11 token, which wraps a vault's wrapping key without ever leaving the token.

mod cluster;
mod error;
mod module;
mod token;

pub use cluster::TokenCluster;
pub use error::TokenError;

use cryptoki::{
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, AttributeType, ObjectHandle},
    session::Session,
};
use pocketkms::{KeyWrapper, Provider, Result, RootKey, Secret};
use std::{fmt::Write, path::PathBuf};
use token::Token;

/// What the token makes of a wrapping key: version, IV, and the key in AES-GCM with its tag.
const VERSION: u8 = 1;
const IV_LENGTH: usize = 12;
const AUTHENTICATED: &[u8] = b"PocketKMS Token Root Key 1";

/// An AES key of 256 bits in a PKCS#11 token: an HSM, a smart card, a TPM, `SoftHSM`.
///
/// The token encrypts with it (AES-GCM) and never gives it out: one that can be extracted is refused. The token is looked for at each
/// use, which is whenever a vault is made or opened or its root keys change: one that was unplugged is found again when it is back,
/// and a child that was forked has sessions of its own. The library is initialised at the first use, and again where a token is missing, unless
/// another part of the program has done so before.
///
/// Where the program itself is logged in to the token, the first use logs it out and in again: no other way tells whether the PIN is right. Its
/// sessions stay, and it looks for private objects again. After a wrong PIN it is logged out.
///
/// A vault needs another root key beside it, which a person can keep: a token may break.
///
/// ```no_run
/// use pocketkms::Vault;
/// use pocketkms_roots::TokenKey;
///
/// # fn main() -> pocketkms::Result<()> {
/// let key = TokenKey::new("/usr/lib/softhsm/libsofthsm2.so", "my token", "pocketkms", "1234".to_owned());
/// let root = key.root_key()?;
/// let vault = Vault::builder().create_in_memory(&root)?;
/// let recovery = vault.add_recovery_key("in the safe")?;
/// # Ok(())
/// # }
/// ```
pub struct TokenKey {
    token: Token,
    label: String,
    pin: Secret,
}

impl TokenKey {
    /// The key of that label in the token of that label.
    ///
    /// `module` is the library of the token's maker, which is loaded into this process: trust it as you trust this program. `pin` is the
    /// user's. One that the token refused is not given to it again: make another `TokenKey` for another attempt.
    pub fn new(
        module: impl Into<PathBuf>,
        token: impl Into<String>,
        label: impl Into<String>,
        pin: impl Into<Secret>,
    ) -> Self {
        Self { token: Token::new(module, token), label: label.into(), pin: pin.into() }
    }

    /// Makes the key in the token: sensitive, never to be extracted, for encryption alone.
    ///
    /// # Errors
    /// [`AlreadyExists`](pocketkms::ErrorKind::AlreadyExists) if the token has a key of that label.
    pub fn generate(&self) -> Result<()> {
        self.in_token(true, |session| token::generate(session, &self.label))
    }

    /// The root key. Its name in the vault's header is the key's PKCS#11 URI (RFC 7512), so that an administrator sees which token to
    /// look for: `pkcs11:token=my%20token;object=pocketkms;type=secret-key`.
    pub fn root_key(self) -> Result<RootKey> {
        let name = self.uri();
        RootKey::from_callback(&name, self)
    }

    fn uri(&self) -> String {
        format!("pkcs11:token={};object={};type=secret-key", escaped(&self.token.label), escaped(&self.label))
    }

    fn in_token<T>(&self, writes: bool, work: impl FnMut(&Session) -> Result<T, TokenError>) -> Result<T> {
        Ok(self.token.with_session(&self.pin, writes, work)?)
    }

    /// The only key of that label, if it cannot leave the token.
    fn key(&self, session: &Session) -> Result<ObjectHandle, TokenError> {
        let key = token::key(session, &self.label)?;
        let attributes = session.get_attributes(key, &[AttributeType::Sensitive, AttributeType::Extractable])?;
        let stays = attributes.iter().all(|attribute| match attribute {
            Attribute::Sensitive(sensitive) => *sensitive,
            Attribute::Extractable(extractable) => !extractable,
            _ => true,
        });
        if stays && attributes.len() == 2 { Ok(key) } else { Err(TokenError::Extractable(self.label.clone())) }
    }
}

impl KeyWrapper for TokenKey {
    fn wrap(&self, key: &Secret) -> Result<Vec<u8>> {
        let mut iv = [0; IV_LENGTH];
        Provider::default().random.fill(&mut iv).map_err(pocketkms::PrimitiveError::from)?;
        self.in_token(false, |session| {
            let handle = self.key(session)?;
            let parameters = GcmParams::new(&mut iv, AUTHENTICATED, 128.into())?;
            let sealed = session.encrypt(&Mechanism::AesGcm(parameters), handle, key.expose())?;
            Ok([&[VERSION], &iv[..], &sealed].concat())
        })
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Secret> {
        self.in_token(false, |session| {
            let handle = self.key(session)?;
            let (iv, sealed) = match wrapped.split_first() {
                Some((&VERSION, rest)) => rest.split_first_chunk::<IV_LENGTH>().ok_or(TokenError::OtherKey)?,
                _ => return Err(TokenError::OtherKey),
            };
            let mut iv = *iv;
            let parameters = GcmParams::new(&mut iv, AUTHENTICATED, 128.into())?;
            Ok(session.decrypt(&Mechanism::AesGcm(parameters), handle, sealed)?.into())
        })
    }
}

/// As in a URI: letters, digits and `-._~` as they are.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(byte.into()),
            // A text takes all that is written to it.
            _ => _ = write!(escaped, "%{byte:02X}"),
        }
    }
    escaped
}
