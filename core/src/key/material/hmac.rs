//! The material of HMAC keys (RFC 2104): as long as the output of the hash that it is for.

use super::MaterialRecord;
use crate::{
    crypto::{Hash, MacKey, Provider, clear_after},
    key::KeySpec,
};
use alloc::{boxed::Box, vec, vec::Vec};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The material of an HMAC key, prepared for use.
pub(crate) struct HmacMaterial {
    hash: Hash,
    key: Box<dyn MacKey>,
}

impl HmacMaterial {
    /// `None` for a key that makes no MACs.
    pub(super) fn open(provider: &Provider, spec: KeySpec, record: &MaterialRecord) -> Option<Self> {
        let hash = match spec {
            KeySpec::Hmac224 => Hash::Sha224,
            KeySpec::Hmac256 => Hash::Sha256,
            KeySpec::Hmac384 => Hash::Sha384,
            KeySpec::Hmac512 => Hash::Sha512,
            _ => return None,
        };
        Some(Self { hash, key: clear_after(|| provider.mac.key(hash, record.material())) })
    }

    /// The MAC of a message, as long as the hash.
    pub(crate) fn mac(&self, message: &[u8]) -> Vec<u8> {
        let mut mac = vec![0; self.hash.length()];
        clear_after(|| self.key.mac(&[message], &mut mac));
        mac
    }

    /// Whether it is the MAC of the message, whole, in a time that reveals nothing about the right one. Of a forged message the
    /// right one is a secret: it is wiped.
    pub(crate) fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        Zeroizing::new(self.mac(message)).ct_eq(mac).into()
    }
}
