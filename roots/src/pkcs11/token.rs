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
use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A token. It is looked for at each use: one that was unplugged is found again when it is back, and a child that was forked has
/// sessions of its own.
pub(super) struct Token {
    module: PathBuf,
    pub(super) label: String,
    /// The PIN that it refused last, and how.
    refused: Mutex<Option<(Secret, TokenError)>>,
    /// The PIN that it took last.
    taken: Mutex<Option<Secret>>,
}

impl Token {
    pub(super) fn new(module: impl Into<PathBuf>, label: impl Into<String>) -> Self {
        Self { module: module.into(), label: label.into(), refused: Mutex::default(), taken: Mutex::default() }
    }

    /// Works in a session with the token, as its user.
    pub(super) fn with_session<T>(
        &self,
        pin: &Secret,
        writes: bool,
        mut work: impl FnMut(&Session) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        self.check_refusal(pin)?;
        self.with_slot(|context, slot| {
            let session = if writes { context.open_rw_session(slot) } else { context.open_ro_session(slot) }?;
            self.log_in(&session, pin)?;
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

    /// A PIN that was refused may be tried again, and one that was taken has to be.
    pub(super) fn forget_pins(&self) {
        *self.refused() = None;
        *self.taken() = None;
    }

    fn taken(&self) -> MutexGuard<'_, Option<Secret>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self) -> MutexGuard<'_, Option<(Secret, TokenError)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_refusal(&self, pin: &Secret) -> Result<(), TokenError> {
        match &*self.refused() {
            Some((refused, error)) if refused.constant_time_eq(pin) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Looks once more at what was refused, since one thread at a time works with the library: of many that wait with a PIN that was
    /// changed, the first alone gives it to the token, which locks itself after a few attempts.
    fn log_in(&self, session: &Session, pin: &Secret) -> Result<(), TokenError> {
        self.check_refusal(pin)?;
        let text = str::from_utf8(pin.expose()).map_err(|_| TokenError::WrongPin)?;
        let given = AuthPin::from(text.to_owned());
        let log_in = || session.login(UserType::User, Some(&given));
        let logged_in = match log_in() {
            // The program did so itself, and a token that somebody is logged in to looks at no PIN.
            Err(Pkcs11Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                if self.has_taken(pin) {
                    return Ok(());
                }
                session.logout().and_then(|()| log_in())
            }
            result => result,
        };
        let logged_in = logged_in.map_err(TokenError::from).inspect_err(|error| {
            if matches!(error, TokenError::WrongPin | TokenError::PinLocked) {
                *self.refused() = Some((Secret::copy_of(pin.expose()), error.clone()));
            }
        });
        if logged_in.is_ok() && !self.has_taken(pin) {
            *self.taken() = Some(Secret::copy_of(pin.expose()));
        }
        logged_in
    }

    fn has_taken(&self, pin: &Secret) -> bool {
        self.taken().as_ref().is_some_and(|taken| taken.constant_time_eq(pin))
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
