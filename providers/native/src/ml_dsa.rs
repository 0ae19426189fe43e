//! ML-DSA (FIPS 204) by AWS-LC, hedged by its own generator. Of a representative mu that comes from outside, which it does not
//! offer, signatures are made and checked in pure Rust.

use crate::Native;
use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING, PqdsaKeyPair,
    PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm, UnparsedPublicKey,
};
use pocketkms_primitives::{
    AuthenticationFailed, Error, MlDsa, MlDsaMessage, MlDsaPrivateKey, MlDsaSet, Random, Result,
    stack::clear_after_lattices,
};
use pocketkms_rust_crypto::RustCrypto;
use zeroize::Zeroizing;

impl MlDsa for Native {
    fn private_key(&self, set: MlDsaSet, seed: &[u8; 32]) -> Result<Box<dyn MlDsaPrivateKey>> {
        let key = clear_after_lattices(|| PqdsaKeyPair::from_seed(signing(set), seed));
        let key = key.map_err(|_| Error::MlDsaPrivateKey)?;
        Ok(Box::new(PrivateKey { set, key, seed: Zeroizing::new(*seed) }))
    }

    fn verify(
        &self,
        set: MlDsaSet,
        public_key: &[u8],
        message: MlDsaMessage<'_>,
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let algorithm = verification(set);
        match message {
            MlDsaMessage::Raw(message) if public_key.len() == signing(set).public_key_len() => {
                let key = UnparsedPublicKey::new(algorithm, public_key);
                key.verify(message, signature).map_err(|_| AuthenticationFailed)
            }
            MlDsaMessage::Raw(_) => Err(AuthenticationFailed),
            MlDsaMessage::Mu(_) => RustCrypto.verify(set, public_key, message, signature),
        }
    }
}

/// AWS-LC wipes its part on drop.
struct PrivateKey {
    set: MlDsaSet,
    key: PqdsaKeyPair,
    seed: Zeroizing<[u8; 32]>,
}

impl MlDsaPrivateKey for PrivateKey {
    fn public_key(&self) -> Vec<u8> {
        self.key.public_key().as_ref().to_vec()
    }

    fn sign(&self, message: MlDsaMessage<'_>, random: &dyn Random) -> Result<Vec<u8>> {
        let MlDsaMessage::Raw(message) = message else {
            return RustCrypto.private_key(self.set, &self.seed)?.sign(message, random);
        };
        let mut signature = vec![0; signing(self.set).signature_len()];
        let signed = clear_after_lattices(|| self.key.sign(message, &mut signature));
        signed.map_err(|_| Error::MlDsaPrivateKey)?;
        Ok(signature)
    }
}

fn signing(set: MlDsaSet) -> &'static PqdsaSigningAlgorithm {
    match set {
        MlDsaSet::MlDsa44 => &ML_DSA_44_SIGNING,
        MlDsaSet::MlDsa65 => &ML_DSA_65_SIGNING,
        MlDsaSet::MlDsa87 => &ML_DSA_87_SIGNING,
    }
}

fn verification(set: MlDsaSet) -> &'static PqdsaVerificationAlgorithm {
    match set {
        MlDsaSet::MlDsa44 => &ML_DSA_44,
        MlDsaSet::MlDsa65 => &ML_DSA_65,
        MlDsaSet::MlDsa87 => &ML_DSA_87,
    }
}
