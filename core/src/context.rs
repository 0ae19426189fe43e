//! The encryption context: non-secret pairs that are authenticated with a ciphertext and must be given again, exactly
//! the same, to decrypt it.

use crate::shape::{Pairs, Type, shape};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::ops::{Deref, DerefMut};
use serde::{Deserialize, Serialize};

/// An encryption context. Its pairs are kept sorted by the UTF-8 bytes of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncryptionContext(BTreeMap<String, String>);

shape! { EncryptionContext => Type::Map, |context| Map(context), Map(pairs) => of_pairs(pairs); }

fn of_pairs(pairs: Vec<(String, Option<String>)>) -> Option<EncryptionContext> {
    pairs.into_iter().map(|(name, value)| Some((name, value?))).collect::<Option<_>>().map(EncryptionContext)
}

impl Pairs for EncryptionContext {
    fn each(&self, show: &mut dyn FnMut(&str, Option<&str>)) {
        self.0.iter().for_each(|(name, value)| show(name, Some(value)));
    }
}

impl EncryptionContext {
    /// No pairs, the same as none given.
    pub const EMPTY: &'static Self = &Self(BTreeMap::new());

    /// The canonical bytes: per pair, in the order of the names' UTF-8 bytes, the length of the name (4 bytes, big
    /// endian), the name, the length of the value, the value. No two contexts share them: `{"a":"bc"}` and
    /// `{"ab":"c"}` differ.
    pub(crate) fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size() + 8 * self.0.len());
        for text in self.0.iter().flat_map(|(name, value)| [name, value]) {
            // Operations refuse contexts beyond `MAX_CONTEXT_BYTES`, so every length fits.
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    /// The bytes of all names and values together.
    pub(crate) fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum()
    }
}

impl Deref for EncryptionContext {
    type Target = BTreeMap<String, String>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for EncryptionContext {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for EncryptionContext {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<String>, V: Into<String>, const LENGTH: usize> From<[(N, V); LENGTH]> for EncryptionContext {
    fn from(pairs: [(N, V); LENGTH]) -> Self {
        pairs.into_iter().collect()
    }
}
