//! ML-KEM (FIPS 203).

use crate::RustCrypto;
use alloc::{boxed::Box, vec::Vec};
use ml_kem::{
    DecapsulationKey, EncapsulationKey, MlKem512, MlKem768, MlKem1024,
    kem::{Decapsulate, KeyExport},
};
use pocketkms_primitives::{Error, MlKem, MlKemPrivateKey, MlKemSet, Random, Result, stack::clear_after_lattices};
use zeroize::Zeroizing;

/// Runs the same body with the types of the parameter set.
macro_rules! with_set {
    ($set:expr, $parameters:ident => $body:expr) => {
        match $set {
            MlKemSet::MlKem512 => {
                type $parameters = MlKem512;
                $body
            }
            MlKemSet::MlKem768 => {
                type $parameters = MlKem768;
                $body
            }
            MlKemSet::MlKem1024 => {
                type $parameters = MlKem1024;
                $body
            }
        }
    };
}

impl MlKem for RustCrypto {
    fn private_key(&self, set: MlKemSet, seed: &[u8; 64]) -> Result<Box<dyn MlKemPrivateKey>> {
        Ok(clear_after_lattices(
            || with_set!(set, P => Box::new(PrivateKey(DecapsulationKey::<P>::from_seed((*seed).into()))) as Box<dyn MlKemPrivateKey>),
        ))
    }

    fn encapsulate(
        &self,
        set: MlKemSet,
        public_key: &[u8],
        random: &dyn Random,
        secret: &mut [u8; 32],
    ) -> Result<Vec<u8>> {
        // FIPS 203, algorithm 20: the secret and all that is random follow from 32 bytes.
        let mut message = Zeroizing::new([0; 32]);
        random.fill(&mut *message)?;
        clear_after_lattices(|| {
            with_set!(set, P => {
                let key = public_key.try_into().map_err(|_| Error::MlKemPublicKey)?;
                let key = EncapsulationKey::<P>::new(key).map_err(|_| Error::MlKemPublicKey)?;
                let (ciphertext, mut shared) = key.encapsulate_deterministic((&*message).into());
                secret.copy_from_slice(&shared);
                zeroize::Zeroize::zeroize(shared.as_mut_slice());
                Ok(ciphertext.to_vec())
            })
        })
    }
}

/// Its crate wipes it on drop.
struct PrivateKey<K>(K);

macro_rules! private_keys {
    ($($parameters:ident)*) => {
        $(impl MlKemPrivateKey for PrivateKey<DecapsulationKey<$parameters>> {
            fn public_key(&self) -> Vec<u8> {
                self.0.encapsulation_key().to_bytes().to_vec()
            }

            fn decapsulate(&self, ciphertext: &[u8], secret: &mut [u8; 32]) -> Result<()> {
                let ciphertext = ciphertext.try_into().map_err(|_| Error::MlKemCiphertext)?;
                clear_after_lattices(|| {
                    let mut shared = self.0.decapsulate(ciphertext);
                    secret.copy_from_slice(&shared);
                    zeroize::Zeroize::zeroize(shared.as_mut_slice());
                });
                Ok(())
            }
        })*
    };
}

private_keys!(MlKem512 MlKem768 MlKem1024);
