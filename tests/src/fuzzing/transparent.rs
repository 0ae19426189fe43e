//! Primitives that protect nothing: every tag is right. Behind them lies what a fuzzer would never reach, since it
//! cannot guess a tag.

use pocketkms::{
    Aead, AeadKey, AuthenticationFailed, Hash, Mac, MacKey, NONCE_LENGTH, PrimitiveError, Provider, TAG_LENGTH,
};

type Result<T, E = PrimitiveError> = std::result::Result<T, E>;

/// The primitives of the tests, but for ciphers and MACs.
pub(super) fn provider() -> Provider {
    Provider {
        aead: &Transparent,
        mac: &Transparent,
        ..Provider::rust_crypto(std::sync::Arc::new(pocketkms::OsRandom))
    }
}

struct Transparent;

impl Aead for Transparent {
    fn key(&self, _: &[u8]) -> Result<Box<dyn AeadKey>> {
        Ok(Box::new(Self))
    }

    fn seal(&self, _: &[u8], _: &[u8; NONCE_LENGTH], _: &[u8], _: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        Ok([0; TAG_LENGTH])
    }

    fn open(
        &self,
        _: &[u8],
        _: &[u8; NONCE_LENGTH],
        _: &[u8],
        _: &mut [u8],
        _: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        Ok(())
    }
}

impl AeadKey for Transparent {
    fn seal(&self, _: &[u8; NONCE_LENGTH], _: &[u8], _: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        Ok([0; TAG_LENGTH])
    }

    fn open(
        &self,
        _: &[u8; NONCE_LENGTH],
        _: &[u8],
        _: &mut [u8],
        _: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        Ok(())
    }
}

impl Mac for Transparent {
    fn key(&self, _: Hash, _: &[u8]) -> Box<dyn MacKey> {
        Box::new(Self)
    }
}

impl MacKey for Transparent {
    fn mac(&self, _: &[&[u8]], out: &mut [u8]) {
        out.fill(0);
    }
}
