//! Every provider of primitives. What is tested with one is tested with all.

use pocketkms::{Aead, AeadKey, Error, ErrorKind, NONCE_LENGTH, OsRandom, Provider, Result, TAG_LENGTH, Unauthentic};
use pocketkms_native::aead::{Key, Library};
use std::sync::Arc;

/// The providers with their names. A new one is a line here.
pub fn all() -> Vec<(&'static str, Provider)> {
    let native = Provider::native(Arc::new(OsRandom));
    let mut all = vec![("RustCrypto", Provider::rust_crypto(Arc::new(OsRandom))), ("native", native.clone())];
    // The native one has AES-GCM from the library that is fastest on this processor. Another processor gets the other.
    for library in Library::ALL {
        let (name, aead): (_, &'static dyn Aead) = match library {
            Library::AwsLc => ("native with AWS-LC", &By(Library::AwsLc)),
            #[cfg(target_arch = "x86_64")]
            Library::Ring => ("native with ring", &By(Library::Ring)),
        };
        all.push((name, Provider { aead, ..native.clone() }));
    }
    all
}

/// AES-GCM by one library.
struct By(Library);

impl By {
    fn prepared(&self, key: &[u8]) -> Result<Prepared> {
        Key::with(self.0, key).map(Prepared).map_err(error)
    }

    /// Not inlined, so that what it moves lies where [`cover_the_stack`] writes then.
    #[inline(never)]
    fn boxed(&self, key: &[u8]) -> Result<Box<dyn AeadKey>> {
        Ok(Box::new(self.prepared(key)?))
    }
}

impl Aead for By {
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>> {
        let key = self.boxed(key);
        cover_the_stack();
        key
    }

    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        self.prepared(key)?.seal(nonce, aad, data)
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic> {
        self.prepared(key).map_err(|_| Unauthentic)?.open(nonce, aad, data, tag)
    }
}

/// As the core does behind its own adapter: the key schedule was on the stack before it moved to the heap.
#[expect(clippy::large_stack_arrays, reason = "it is the stack that has to be covered")]
#[inline(never)]
fn cover_the_stack() {
    std::hint::black_box(&mut [0_u8; 32 * 1024]);
}

struct Prepared(Key);

impl AeadKey for Prepared {
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        self.0.seal(nonce, aad, data).map_err(error)
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic> {
        self.0.open(nonce, aad, data, tag).map_err(|_| Unauthentic)
    }

    fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH]> {
        self.0.seal_into(nonce, aad, plaintext, ciphertext).map_err(error)
    }

    fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), Unauthentic> {
        self.0.open_into(nonce, aad, ciphertext, tag, plaintext).map_err(|_| Unauthentic)
    }
}

fn error(refused: pocketkms_native::Refused) -> Error {
    Error::new(ErrorKind::KmsInternal, refused.to_string())
}
