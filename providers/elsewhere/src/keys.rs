//! Prepared keys, by the numbers that the other side knows them by.

use crate::calls::Number;
use alloc::{boxed::Box, vec::Vec};
use pocketkms_primitives::{Ed25519PrivateKey, MlDsaPrivateKey, MlKemPrivateKey, RsaPrivateKey, RsaPublicKey};

/// One of them. Each wipes itself.
pub(crate) enum Key {
    Ed25519(Box<dyn Ed25519PrivateKey>),
    MlDsa(Box<dyn MlDsaPrivateKey>),
    MlKem(Box<dyn MlKemPrivateKey>),
    RsaPublic(Box<dyn RsaPublicKey>),
    RsaPrivate(Box<dyn RsaPrivateKey>),
}

/// All that are in use.
#[derive(Default)]
pub(crate) struct Keys {
    places: Vec<Option<Key>>,
    free: Vec<usize>,
}

impl Keys {
    /// Keeps a key; the number that it has from now on.
    pub(crate) fn keep(&mut self, key: Key) -> Number {
        let place = self.free.pop().unwrap_or(self.places.len());
        if let Some(free) = self.places.get_mut(place) {
            *free = Some(key);
        } else {
            self.places.push(Some(key));
        }
        // A memory of 32 bits holds fewer.
        Number::try_from(place).unwrap_or(Number::MAX)
    }

    pub(crate) fn get(&self, number: Number) -> Option<&Key> {
        self.places.get(usize::try_from(number).ok()?)?.as_ref()
    }

    /// Ends a key.
    pub(crate) fn release(&mut self, number: Number) {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        if self.places.get_mut(place).and_then(Option::take).is_some() {
            self.free.push(place);
        }
    }
}
