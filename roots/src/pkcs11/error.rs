//! What a token fails of, by name.

use cryptoki::error::{Error as Pkcs11Error, RvError};
use pocketkms::{Error, ErrorKind};
use std::{fmt, sync::Arc};

/// Why a key in a token could not be used. [`Error::origin`] has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The maker's library could not be loaded, or does not begin: its path, and what it says.
    Module(String, String),
    /// No token of that label is there: it is not plugged in, or in no slot.
    NoToken(String),
    /// More than one token of that label is there.
    SeveralTokens(String),
    /// The token went away during the call. Plug it in, and try again.
    Gone,
    /// The PIN is wrong. After some attempts a token locks itself.
    WrongPin,
    /// The token has locked its PIN: its security officer can set another one.
    PinLocked,
    /// The token has no user yet: its security officer makes one, with a PIN.
    NoUser,
    /// Another user is logged in to the token.
    OtherUser,
    /// The token has no room for another key.
    Full,
    /// The token has no AES key of that label.
    NoKey(String),
    /// The token has more than one AES key of that label.
    SeveralKeys(String),
    /// The token has an AES key of that label already.
    KeyExists(String),
    /// The key can leave the token, or is not sensitive.
    Extractable(String),
    /// The key of that label did not wrap this vault's key: it is another token's, or another key.
    OtherKey,
    /// Anything else, in the token's words.
    Failed(String),
}

impl From<Pkcs11Error> for TokenError {
    fn from(error: Pkcs11Error) -> Self {
        let Pkcs11Error::Pkcs11(code, _) = &error else { return Self::Failed(error.to_string()) };
        match code {
            RvError::TokenNotPresent
            | RvError::DeviceRemoved
            | RvError::SlotIdInvalid
            | RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::TokenNotRecognized => Self::Gone,
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => Self::WrongPin,
            RvError::PinLocked | RvError::PinExpired => Self::PinLocked,
            RvError::UserPinNotInitialized => Self::NoUser,
            RvError::UserAnotherAlreadyLoggedIn | RvError::UserTooManyTypes => Self::OtherUser,
            RvError::DeviceMemory => Self::Full,
            RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange => Self::OtherKey,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(path, why) => write!(f, "the PKCS#11 library {path} cannot be used: {why}"),
            Self::NoToken(label) => write!(f, "no token with the label '{label}' is there: plug it in"),
            Self::SeveralTokens(label) => {
                write!(f, "several tokens have the label '{label}': give them different ones")
            }
            Self::Gone => f.write_str("the token went away during the call: plug it in, and try again"),
            Self::WrongPin => f.write_str("the PIN of the token is wrong"),
            Self::PinLocked => f.write_str("the token has locked its PIN: its security officer can set another one"),
            Self::NoUser => f.write_str("the token has no user: its security officer makes one, with a PIN"),
            Self::OtherUser => f.write_str("another user is logged in to the token"),
            Self::Full => f.write_str("the token has no room for another key"),
            Self::NoKey(label) => write!(f, "the token has no AES key with the label '{label}'"),
            Self::SeveralKeys(label) => write!(f, "the token has several AES keys with the label '{label}'"),
            Self::KeyExists(label) => write!(f, "the token has a key with the label '{label}' already"),
            Self::Extractable(label) => {
                write!(f, "the key '{label}' can leave the token: a root key there is sensitive and not extractable")
            }
            Self::OtherKey => f.write_str("the key in the token did not wrap this vault's key"),
            Self::Failed(why) => write!(f, "the token failed: {why}"),
        }
    }
}

impl std::error::Error for TokenError {}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        let kind = match error {
            TokenError::WrongPin | TokenError::PinLocked | TokenError::OtherKey => ErrorKind::WrongRootKey,
            TokenError::NoKey(_) => ErrorKind::NotFound,
            TokenError::KeyExists(_) => ErrorKind::AlreadyExists,
            TokenError::SeveralTokens(_) | TokenError::SeveralKeys(_) | TokenError::Extractable(_) => {
                ErrorKind::Validation
            }
            _ => ErrorKind::KeyUnavailable,
        };
        Self::new(kind, error.to_string()).with_origin(Arc::new(error))
    }
}
