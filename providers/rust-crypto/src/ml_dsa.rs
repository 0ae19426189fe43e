//! ML-DSA (FIPS 204).

use crate::{RustCrypto, random::Source};
use alloc::{boxed::Box, vec::Vec};
use ml_dsa::{
    EncodedVerifyingKey, Keypair, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, SigningKey, VerifyingKey,
};
use pocketkms_primitives::{
    AuthenticationFailed, Error, MlDsa, MlDsaMessage, MlDsaPrivateKey, MlDsaSet, Random, Result,
    stack::clear_after_lattices,
};

impl MlDsa for RustCrypto {
    fn private_key(&self, set: MlDsaSet, seed: &[u8; 32]) -> Result<Box<dyn MlDsaPrivateKey>> {
        Ok(clear_after_lattices(|| match set {
            MlDsaSet::MlDsa44 => prepared::<MlDsa44>(seed),
            MlDsaSet::MlDsa65 => prepared::<MlDsa65>(seed),
            MlDsaSet::MlDsa87 => prepared::<MlDsa87>(seed),
        }))
    }

    fn verify(
        &self,
        set: MlDsaSet,
        public_key: &[u8],
        message: MlDsaMessage<'_>,
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let verified = match set {
            MlDsaSet::MlDsa44 => verified::<MlDsa44>(public_key, message, signature),
            MlDsaSet::MlDsa65 => verified::<MlDsa65>(public_key, message, signature),
            MlDsaSet::MlDsa87 => verified::<MlDsa87>(public_key, message, signature),
        };
        if verified == Some(true) { Ok(()) } else { Err(AuthenticationFailed) }
    }
}

fn prepared<P: MlDsaParams + Send + Sync + 'static>(seed: &[u8; 32]) -> Box<dyn MlDsaPrivateKey> {
    Box::new(PrivateKey(SigningKey::<P>::from_seed(seed.into())))
}

/// `None` for what is no public key or no signature.
fn verified<P: MlDsaParams>(public_key: &[u8], message: MlDsaMessage<'_>, signature: &[u8]) -> Option<bool> {
    let key = VerifyingKey::<P>::decode(&EncodedVerifyingKey::<P>::try_from(public_key).ok()?);
    let signature = Signature::<P>::try_from(signature).ok()?;
    Some(match message {
        MlDsaMessage::Raw(message) => key.verify_with_context(message, &[], &signature),
        MlDsaMessage::Mu(mu) => key.verify_mu(mu.into(), &signature),
    })
}

/// Its crate wipes it on drop.
struct PrivateKey<P: MlDsaParams>(SigningKey<P>);

impl<P: MlDsaParams + Send + Sync> MlDsaPrivateKey for PrivateKey<P> {
    fn public_key(&self) -> Vec<u8> {
        self.0.verifying_key().encode().to_vec()
    }

    fn sign(&self, message: MlDsaMessage<'_>, random: &dyn Random) -> Result<Vec<u8>> {
        let source = &mut Source::new(random);
        let key = self.0.expanded_key();
        // It fails where there is no randomness, and where 814 attempts in a row were rejected, which does not happen.
        let signature = clear_after_lattices(|| match message {
            MlDsaMessage::Raw(message) => key.sign_randomized(message, &[], source),
            MlDsaMessage::Mu(mu) => key.sign_mu_randomized(mu.into(), source),
        });
        Ok(signature.map_err(|_| Error::Entropy)?.encode().to_vec())
    }
}
