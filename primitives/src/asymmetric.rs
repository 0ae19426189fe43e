//! What takes most of the room, and not every host needs from the beginning.

use crate::{Ed25519, EllipticCurves, MlDsa, MlKem, Rsa, Sm2};

/// All that has public keys.
pub trait Asymmetric: EllipticCurves + Ed25519 + MlDsa + MlKem + Rsa + Sm2 {}

impl<T: EllipticCurves + Ed25519 + MlDsa + MlKem + Rsa + Sm2> Asymmetric for T {}
