//! Primitives that protect nothing: every tag is right. Behind them lies what a fuzzer would never reach, since it
//! cannot guess a tag.

use pocketkms::{
    Aead, AeadKey, AuthenticationFailed, Curve, EllipticCurves, Hash, Mac, MacKey, NONCE_LENGTH, PrimitiveError,
    Provider, Random, TAG_LENGTH,
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

/// The same, with elliptic curves on which every signature is right.
pub(super) fn trusting() -> Provider {
    let provider = provider();
    Provider { curves: Box::leak(Box::new(Trusting(provider.curves))), ..provider }
}

struct Transparent;

struct Trusting(&'static dyn EllipticCurves);

impl EllipticCurves for Trusting {
    fn generate(&self, curve: Curve, random: &dyn Random, private_key: &mut [u8]) -> Result<()> {
        self.0.generate(curve, random, private_key)
    }

    fn public_key(&self, curve: Curve, private_key: &[u8]) -> Result<Vec<u8>> {
        self.0.public_key(curve, private_key)
    }

    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        self.0.compress(curve, public_key)
    }

    fn decompress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        self.0.decompress(curve, public_key)
    }

    fn agree(&self, curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()> {
        self.0.agree(curve, private_key, public_key, secret)
    }

    fn sign(&self, curve: Curve, private_key: &[u8], digest: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        self.0.sign(curve, private_key, digest, random)
    }

    fn verify(&self, _: Curve, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), AuthenticationFailed> {
        Ok(())
    }
}

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
