//! A token, by the library of its maker and its label: how it is found and logged in to.

use super::{TokenError, module};
use cryptoki::{
    context::Pkcs11,
    error::{Error as Pkcs11Error, RvError},
    mechanism::Mechanism,
    object::{Attribute, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use pocketkms::Secret;
use std::path::PathBuf;

/// A token. It is looked for at each use: one that was unplugged is found again when it is back, and a child that was forked has
/// sessions of its own.
pub(super) struct Token {
    module: PathBuf,
    pub(super) label: String,
}

impl Token {
    pub(super) fn new(module: impl Into<PathBuf>, label: impl Into<String>) -> Self {
        Self { module: module.into(), label: label.into() }
    }

    /// Works in a session with the token, as its user.
    pub(super) fn with_session<T>(
        &self,
        pin: &Secret,
        writes: bool,
        mut work: impl FnMut(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        self.with_slot(|context, slot| {
            let session = if writes { context.open_rw_session(slot) } else { context.open_ro_session(slot) }?;
            log_in(&session, pin)?;
            // Ended by closing the session, where the program has no other one with the token: what it logged in itself stays.
            work(&session)
        })
    }

    /// Works with the slot that the token is in.
    pub(super) fn with_slot<T>(
        &self,
        mut work: impl FnMut(&Pkcs11, Slot) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        module::with(&self.module, |context| work(context, self.slot(context)?))
    }

    fn slot(&self, context: &Pkcs11) -> Result<Slot, TokenError> {
        let mut found = None;
        for slot in context.get_slots_with_token()? {
            // One that is unplugged at this moment is not the one.
            let Ok(info) = context.get_token_info(slot) else { continue };
            if info.token_initialized() && info.label() == self.label {
                if found.is_some() {
                    return Err(TokenError::SeveralTokens(self.label.clone()));
                }
                found = Some(slot);
            }
        }
        found.ok_or_else(|| TokenError::NoToken(self.label.clone()))
    }
}

fn log_in(session: &Session, pin: &Secret) -> Result<(), TokenError> {
    let pin = str::from_utf8(pin.expose()).map_err(|_| TokenError::WrongPin)?;
    let pin = AuthPin::from(pin.to_owned());
    match session.login(UserType::User, Some(&pin)) {
        // The program did so itself.
        Err(Pkcs11Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        result => Ok(result?),
    }
}

/// The AES keys of a label.
fn keys(session: &Session, label: &str) -> Result<Vec<ObjectHandle>, TokenError> {
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    Ok(session.find_objects(&template)?)
}

/// The only AES key of a label.
pub(super) fn key(session: &Session, label: &str) -> Result<ObjectHandle, TokenError> {
    match *keys(session, label)? {
        [key] => Ok(key),
        [] => Err(TokenError::NoKey(label.to_owned())),
        _ => Err(TokenError::SeveralKeys(label.to_owned())),
    }
}

/// Makes an AES key of 256 bits in the token: sensitive, never to be extracted, for encryption alone.
pub(super) fn generate(session: &Session, label: &str) -> Result<(), TokenError> {
    if !keys(session, label)?.is_empty() {
        return Err(TokenError::KeyExists(label.to_owned()));
    }
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(32.into()),
        Attribute::Label(label.as_bytes().to_vec()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
    ];
    session.generate_key(&Mechanism::AesKeyGen, &template)?;
    Ok(())
}
