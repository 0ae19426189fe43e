//! A PKCS#11 token as the AWS CloudHSM cluster behind a custom key store.

use super::{
    TokenError,
    token::{Token, generate, key},
};
use cryptoki::{
    error::{Error as Pkcs11Error, RvError},
    mechanism::{Mechanism, MechanismType, aead::GcmParams},
    session::Session,
};
use pocketkms::{CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, Secret};
use std::path::PathBuf;

/// A PKCS#11 token behind a custom key store: an HSM, a smart card, `SoftHSM`, and AWS CloudHSM itself by its own library.
///
/// The key of each KMS key is made in the token, sensitive and not extractable, with the id of the KMS key as its label, and encrypts
/// there (AES-GCM). The custom key store's `KeyStorePassword` is the user's PIN. The token is looked for and logged in to at each call:
/// one that was unplugged is used again when it is back. A PIN that it refused is not given to it again before the store is connected
/// again: a token locks itself after a few attempts. Where the program itself is logged in to the token, connecting logs it out and in again,
/// since no other way tells whether the PIN is right; after a wrong one it is logged out.
///
/// AWS CloudHSM's own library needs two settings more:
///
/// ```no_run
/// # use pocketkms_roots::TokenCluster;
/// let cluster = TokenCluster::new("/opt/cloudhsm/lib/libcloudhsm_pkcs11.so", "hsm1").with_user("kmsuser").with_ivs_of_token();
/// ```
///
/// ```no_run
/// use pocketkms::{RootKey, Vault};
/// use pocketkms_roots::TokenCluster;
///
/// # fn main() -> pocketkms::Result<()> {
/// # let root = RootKey::from_bytes(&[7; 32])?;
/// let token = TokenCluster::new("/usr/lib/softhsm/libsofthsm2.so", "my token");
/// let vault = Vault::builder().cloud_hsm_cluster("cluster-abcdefg2345", token).create_in_memory(&root)?;
/// # Ok(())
/// # }
/// ```
pub struct TokenCluster {
    token: Token,
    trust_anchor: Option<String>,
    user: Option<String>,
    has_own_ivs: bool,
}

impl TokenCluster {
    /// The token of that label. `module` is the library of its maker, which is loaded into this process: trust it as you trust this
    /// program.
    pub fn new(module: impl Into<PathBuf>, token: impl Into<String>) -> Self {
        Self { token: Token::new(module, token), trust_anchor: None, user: None, has_own_ivs: false }
    }

    /// The certificate that custom key stores of it have to name as its trust anchor. Without one, they may name any.
    #[must_use]
    pub fn with_trust_anchor(self, certificate: impl Into<String>) -> Self {
        Self { trust_anchor: Some(certificate.into()), ..self }
    }

    /// The user has a name, which the token is given with the password: `kmsuser:password` is its PIN, as AWS CloudHSM has it.
    #[must_use]
    pub fn with_user(self, name: impl Into<String>) -> Self {
        Self { user: Some(name.into()), ..self }
    }

    /// The token makes the initialization vectors of AES-GCM itself, and takes none: AWS CloudHSM's library wants zeros in their place, and writes
    /// them there. A token that leaves the zeros as they are encrypts nothing: under one vector twice, a key would be known.
    #[must_use]
    pub fn with_ivs_of_token(self) -> Self {
        Self { has_own_ivs: true, ..self }
    }

    fn in_token<T>(
        &self,
        password: &Secret,
        writes: bool,
        work: impl FnMut(&Session) -> Result<T, TokenError>,
    ) -> Result<T, ClusterError> {
        let pin = self.user.as_ref().map(|user| Secret::from([user.as_bytes(), b":", password.expose()].concat()));
        self.token.with_session(pin.as_ref().unwrap_or(password), writes, work).map_err(|error| told(&error))
    }
}

/// As the custom key store tells it.
fn told(error: &TokenError) -> ClusterError {
    let kind = match error {
        // A library does not begin where its tokens are gone, or what it reaches them by.
        TokenError::NoToken(_) | TokenError::Gone | TokenError::Module(..) => ClusterErrorKind::Unreachable,
        TokenError::WrongPin => ClusterErrorKind::InvalidCredentials,
        TokenError::PinLocked => ClusterErrorKind::UserLockedOut,
        TokenError::NoUser => ClusterErrorKind::UserNotFound,
        TokenError::OtherUser => ClusterErrorKind::UserLoggedIn,
        TokenError::Full => ClusterErrorKind::Full,
        TokenError::NoKey(_) | TokenError::SeveralKeys(_) => ClusterErrorKind::KeyNotFound,
        TokenError::OtherKey => ClusterErrorKind::InvalidCiphertext,
        _ => ClusterErrorKind::Internal,
    };
    ClusterError::new(kind, error.to_string())
}

impl CloudHsmCluster for TokenCluster {
    fn describe(&self) -> Result<ClusterDescription, ClusterError> {
        let found = self.token.with_slot(|context, slot| {
            let offered = context.get_mechanism_list(slot)?;
            for needed in [MechanismType::AES_KEY_GEN, MechanismType::AES_GCM] {
                if !offered.contains(&needed) {
                    return Err(TokenError::Failed(format!("it does not offer {needed}")));
                }
            }
            Ok(())
        });
        match found {
            Ok(()) => Ok(ClusterDescription { trust_anchor_certificate: self.trust_anchor.clone() }),
            // A library that is not there, too: the host named something that is no token.
            Err(error @ (TokenError::NoToken(_) | TokenError::SeveralTokens(_) | TokenError::Module(..))) => {
                Err(ClusterError::new(ClusterErrorKind::NotFound, error.to_string()))
            }
            Err(error) => Err(told(&error)),
        }
    }

    fn connect(&self, password: &Secret) -> Result<(), ClusterError> {
        self.token.forget_pins();
        self.in_token(password, false, |_| Ok(()))
    }

    fn disconnect(&self) {}

    fn create_key(&self, password: &Secret, label: &str) -> Result<String, ClusterError> {
        self.in_token(password, true, |session| generate(session, label))?;
        Ok(label.to_owned())
    }

    fn delete_key(&self, password: &Secret, id: &str) -> Result<(), ClusterError> {
        self.in_token(password, true, |session| Ok(session.destroy_object(key(session, id)?)?))
    }

    fn encrypt(
        &self,
        password: &Secret,
        id: &str,
        plaintext: &Secret,
        aad: &[u8],
    ) -> Result<ClusterCiphertext, ClusterError> {
        self.in_token(password, false, |session| {
            let key = key(session, id)?;
            let mut iv = [0; 12];
            if !self.has_own_ivs {
                session.generate_random_slice(&mut iv)?;
            }
            let parameters = GcmParams::new(&mut iv, aad, 128.into())?;
            let sealed = session.encrypt(&Mechanism::AesGcm(parameters), key, plaintext.expose())?;
            let split = sealed.split_last_chunk::<16>();
            let (ciphertext, tag) = split.ok_or_else(|| TokenError::Failed("its ciphertext has no tag".into()))?;
            // A token that makes it itself has written it there.
            if iv == [0; 12] {
                return Err(TokenError::Failed("it made no initialization vector of its own".into()));
            }
            Ok(ClusterCiphertext { iv, ciphertext: ciphertext.to_vec(), tag: *tag })
        })
    }

    fn decrypt(
        &self,
        password: &Secret,
        id: &str,
        ciphertext: &ClusterCiphertext,
        aad: &[u8],
    ) -> Result<Secret, ClusterError> {
        let sealed = [&ciphertext.ciphertext[..], &ciphertext.tag].concat();
        self.in_token(password, false, |session| {
            let key = key(session, id)?;
            let mut iv = ciphertext.iv;
            let parameters = GcmParams::new(&mut iv, aad, 128.into())?;
            let opened = session.decrypt(&Mechanism::AesGcm(parameters), key, &sealed);
            Ok(opened.map_err(wrong_tag)?.into())
        })
    }

    fn random(&self, password: &Secret, length: usize) -> Result<Secret, ClusterError> {
        self.in_token(password, false, |session| {
            let mut bytes = Secret::zeroed(length);
            session.generate_random_slice(bytes.expose_mut())?;
            Ok(bytes)
        })
    }
}

/// A tag that does not match has an error of its own in PKCS#11 3.0 alone: before, tokens give one of these, `SoftHSM` the general one.
fn wrong_tag(error: Pkcs11Error) -> TokenError {
    match error {
        Pkcs11Error::Pkcs11(RvError::GeneralError | RvError::FunctionFailed | RvError::DataInvalid, _) => {
            TokenError::OtherKey
        }
        error => error.into(),
    }
}
