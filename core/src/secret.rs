//! Secret bytes: wiped on drop, never printed, cloned or compared.
//!
//! This is the only room that exposes them, and each place that looks says so by calling `expose`. There is no
//! `Debug`, so that a log line cannot leak one; no `Clone`, so that every copy is visible; no `PartialEq`, since `==`
//! stops at the first difference and so shows an attacker who measures time how much of a guess was right.
//!
//! ```compile_fail
//! let secret = pocketkms::Secret::from(vec![1, 2, 3]);
//! println!("{secret:?}");
//! ```
//! ```compile_fail
//! let secret = pocketkms::Secret::from(vec![1, 2, 3]);
//! let copy = secret.clone();
//! ```
//! ```compile_fail
//! let secret = pocketkms::Secret::from(vec![1, 2, 3]);
//! secret == pocketkms::Secret::from(vec![1, 2, 3]);
//! ```

use alloc::{boxed::Box, string::String, vec, vec::Vec};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, optimization_barrier};

/// Secret bytes of any length: a plaintext, a data key.
///
/// A boxed slice has no spare capacity, and so cannot leave an unwiped copy behind by growing.
#[derive(Default)]
pub struct Secret(Box<[u8]>);

impl Drop for Secret {
    fn drop(&mut self) {
        // At the speed of memory, for plaintexts may be long; `zeroize` alone writes byte by byte.
        self.0.fill(0);
        optimization_barrier(&*self.0);
    }
}

impl ZeroizeOnDrop for Secret {}

impl Secret {
    /// `length` zero bytes, to be written through [`Secret::expose_mut`].
    pub fn zeroed(length: usize) -> Self {
        Self(vec![0; length].into_boxed_slice())
    }

    /// A copy of bytes that live elsewhere, whose wiping stays the caller's concern.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(Box::from(bytes))
    }

    /// The bytes in the clear.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes in the clear, to be written.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Hands the bytes over; from here on their wiping is the caller's concern.
    pub fn into_exposed(mut self) -> Vec<u8> {
        core::mem::take(&mut self.0).into_vec()
    }

    /// How many bytes; a length is no secret.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both hold the same bytes, in a time that depends on the length alone.
    pub fn constant_time_eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// Takes the bytes over. Shrinking a vector may move it, so one with spare capacity is copied and wiped.
impl From<Vec<u8>> for Secret {
    fn from(mut bytes: Vec<u8>) -> Self {
        if bytes.len() == bytes.capacity() {
            return Self(bytes.into_boxed_slice());
        }
        let secret = Self::copy_of(&bytes);
        bytes.zeroize();
        secret
    }
}

/// The UTF-8 bytes of a text, taken over: a passphrase.
impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

/// Secret text: a recovery key, which a person has to read. Wiped and hidden as [`Secret`] is.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(Box<str>);

impl SecretText {
    /// A copy of text that lives elsewhere, whose wiping stays the caller's concern.
    pub fn copy_of(text: &str) -> Self {
        Self(Box::from(text))
    }

    /// The text in the clear.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Hands the text over; from here on its wiping is the caller's concern.
    pub fn into_exposed(mut self) -> String {
        core::mem::take(&mut self.0).into_string()
    }
}

/// Secret bytes of a fixed length: a root key, a derived key. Boxed, so that moving one leaves no copy on the stack.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretArray<const N: usize>(Box<[u8; N]>);

impl<const N: usize> SecretArray<N> {
    /// All zero, to be written through [`SecretArray::expose_mut`].
    pub fn zeroed() -> Self {
        Self(Box::new([0; N]))
    }

    /// A copy of bytes that live elsewhere, whose wiping stays the caller's concern; `None` for another length.
    pub fn copy_of(bytes: &[u8]) -> Option<Self> {
        let mut array = Self::zeroed();
        if bytes.len() != N {
            return None;
        }
        array.0.copy_from_slice(bytes);
        Some(array)
    }

    /// The bytes in the clear.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes in the clear, to be written.
    pub fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}
