//! What an app does about an error, whatever its kind.

use crate::{
    error::{Error, ErrorKind},
    shape::enumerations,
};

enumerations! {
    /// What an app does about an error, for those that it has no words of its own for. Each kind of error has one category.
    pub enum ErrorCategory {
        /// Something was not to be had for a moment: a store, a device, a key elsewhere, the quota. Nothing was changed, and the same
        /// call may succeed later. Try again, with backoff.
        Retry = "RETRY",
        /// The vault is not open for the caller: another root key, the vault's unlocking or a new session is needed. Ask the person, and
        /// then call again.
        Authenticate = "AUTHENTICATE",
        /// What was to be read is damaged, cut off, altered or not what it was taken for (a ciphertext under another encryption
        /// context is, too), and stays so. Take it from a copy, or say that it cannot be read.
        Lost = "LOST",
        /// The call itself is wrong, or this library is: it fails each time, and no person can do anything about it. Report it to the
        /// developers.
        Bug = "BUG",
        /// None of these: an answer that the app expects or shows (no such key, not allowed, the key is disabled, the signature is
        /// another one's), or something that has to be set right first (no room, a newer version's data, an outcome that is not known).
        /// Its kind says what. Of a message whose keys nobody opened, the attempts say why, each in an error with a category of its own.
        Other = "OTHER",
    }
}

macro_rules! define_category {
    ($(($variant:ident, $name:literal, $status:literal, $code:literal, $category:ident, $doc:literal))*) => {
        impl ErrorKind {
            /// What an app does about it.
            pub const fn category(self) -> ErrorCategory {
                match self { $(Self::$variant => ErrorCategory::$category,)* }
            }
        }
    };
}
crate::error_kinds!(define_category);

impl Error {
    /// What an app does about it: the category of its kind.
    pub fn category(&self) -> ErrorCategory {
        self.kind().category()
    }
}
