//! SHA-2, and what is made of it: HMAC and HKDF.

use crate::RustCrypto;
use alloc::{boxed::Box, vec::Vec};
use hkdf::Hkdf;
use hmac::{
    Hmac, KeyInit, Mac as _,
    block_api::HmacCore,
    digest::block_api::{Buffer, CoreProxy, EagerHash},
};
use pocketkms_primitives::{Digest, Error, Expansion, Hash, Hasher, Kdf, Mac, MacKey, Result};
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

impl Digest for RustCrypto {
    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        hash.finalize().into()
    }

    fn start(&self, hash: Hash) -> Box<dyn Hasher> {
        match hash {
            Hash::Sha224 => Box::new(Hashing(Sha224::new())),
            Hash::Sha256 => Box::new(Hashing(Sha256::new())),
            Hash::Sha384 => Box::new(Hashing(Sha384::new())),
            Hash::Sha512 => Box::new(Hashing(Sha512::new())),
        }
    }
}

/// A hash under way.
struct Hashing<D>(D);

impl<D: sha2::Digest + Send + Sync> Hasher for Hashing<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

/// HMAC with the key's two hash states computed. Its crate wipes them on drop.
///
/// The states alone: the buffer of a whole `Hmac` is not initialised, so moving one here would move along what the stack
/// held where it was made, the padded key.
struct Prepared<D: EagerHash>(HmacCore<D>);

impl<D: EagerHash> MacKey for Prepared<D>
where
    HmacCore<D>: Send + Sync,
{
    fn mac(&self, parts: &[&[u8]], out: &mut [u8]) {
        let mut mac = Hmac::<D>::compose(self.0.clone(), Buffer::<HmacCore<D>>::default());
        for part in parts {
            mac.update(part);
        }
        let full = mac.finalize().into_bytes();
        for (out, byte) in out.iter_mut().zip(full) {
            *out = byte;
        }
    }
}

impl Mac for RustCrypto {
    fn key(&self, hash: Hash, key: &[u8]) -> Box<dyn MacKey> {
        macro_rules! prepare {
            ($hash:ty) => {
                Box::new(Prepared::<$hash>(HmacCore::new_from_slice(key).expect("HMAC takes any key")))
            };
        }
        // RFC 2104: a key of any length is a key. The crate's constructor fails only in other MACs.
        match hash {
            Hash::Sha224 => prepare!(Sha224),
            Hash::Sha256 => prepare!(Sha256),
            Hash::Sha384 => prepare!(Sha384),
            Hash::Sha512 => prepare!(Sha512),
        }
    }
}

impl Kdf for RustCrypto {
    fn hkdf_each(&self, hash: Hash, secret: &[u8], salt: &[u8], outputs: &mut [Expansion<'_>]) -> Result<()> {
        macro_rules! expand {
            ($hash:ty) => {{
                let extracted = Hkdf::<$hash>::new(Some(salt), secret);
                outputs.iter_mut().try_for_each(|(info, out)| extracted.expand(info, out))
            }};
        }
        match hash {
            Hash::Sha224 => expand!(Sha224),
            Hash::Sha256 => expand!(Sha256),
            Hash::Sha384 => expand!(Sha384),
            Hash::Sha512 => expand!(Sha512),
        }
        .map_err(|_| Error::KdfLength)
    }
}
