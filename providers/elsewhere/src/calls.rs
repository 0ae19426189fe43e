//! All that one side asks of the other, written down once: a function that asks, and what answers.

use crate::{
    bytes::{Reader, Value, Wiped, Writer},
    channel::Channel,
    errors::NotThere,
};
use alloc::vec::Vec;
use pocketkms_primitives::{
    AuthenticationFailed, Curve, Ed25519Mode, Error, Hash, MlDsaMessage, MlDsaSet, MlKemSet, OaepHash, RsaPadding,
    RsaScheme, Sm2Message,
};

/// The number that a prepared key has on the other side.
pub(crate) type Number = u32;

/// All that decides which bytes a request and its answer are: what may be asked, the places of names in their lists, the numbers of
/// errors, how a value is written.
const WRITTEN: [&str; 4] =
    [include_str!("calls.rs"), include_str!("algorithms.rs"), include_str!("errors.rs"), include_str!("bytes.rs")];

/// A number that follows from all that, and from the version: both sides have the same, or they do not understand each other.
pub const BUILD: u32 = {
    let [calls, algorithms, errors, bytes] = WRITTEN;
    let hash = hashed(env!("CARGO_PKG_VERSION"), 0x811c_9dc5);
    hashed(bytes, hashed(errors, hashed(algorithms, hashed(calls, hash))))
};

/// FNV-1a, from what was hashed before.
const fn hashed(text: &str, mut hash: u32) -> u32 {
    let mut text = text.as_bytes();
    while let [byte, rest @ ..] = text {
        hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
        text = rest;
    }
    hash
}

/// Most requests are no longer.
const MOSTLY: usize = 512;

fn ask<T: for<'a> Value<'a>, E: for<'a> Value<'a> + From<NotThere>>(
    channel: &dyn Channel,
    request: Writer,
) -> Result<T, E> {
    let answer = channel.call(&request.finish()).ok_or(NotThere)?;
    Value::read(&mut Reader(&answer)).ok_or(NotThere)?
}

macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty, $error:ty;)*) => {
        /// The numbers of the calls.
        #[allow(non_camel_case_types, reason = "named as what asks")]
        #[derive(Clone, Copy)]
        enum Call { $($name),* }

        $(#[allow(clippy::extra_unused_lifetimes, reason = "not every call has an argument that borrows")]
        pub(crate) fn $name<'a>(channel: &dyn Channel, $($argument: $type),*) -> Result<$answer, $error> {
            let mut request = Writer::with_room(MOSTLY);
            (Call::$name as u8).write(&mut request);
            $(<$type as Value<'a>>::write(&$argument, &mut request);)*
            ask(channel, request)
        })*

        /// What does them.
        pub(crate) trait Calls {
            $(#[allow(clippy::extra_unused_lifetimes, clippy::needless_lifetimes, reason = "not every call has an argument that borrows")]
            fn $name<'a>(&mut self, $($argument: $type),*) -> Result<$answer, $error>;)*
        }

        /// Carries out what is asked for; nothing where these bytes ask for nothing.
        pub(crate) fn answer(calls: &mut impl Calls, request: &[u8]) -> Option<Wiped> {
            let request = &mut Reader(request);
            let mut answer = Writer::with_room(MOSTLY);
            let number = u8::read(request)?;
            $(if number == Call::$name as u8 {
                $(let $argument = Value::read(request)?;)*
                calls.$name($($argument),*).write(&mut answer);
                return Some(answer.finish());
            })*
            None
        }
    };
}

calls! {
    curve_public_key(curve: Curve, private_key: &'a [u8]) -> Vec<u8>, Error;
    curve_compress(curve: Curve, public_key: &'a [u8]) -> Vec<u8>, Error;
    curve_decompress(curve: Curve, public_key: &'a [u8]) -> Vec<u8>, Error;
    curve_agree(curve: Curve, private_key: &'a [u8], public_key: &'a [u8]) -> Wiped, Error;
    curve_sign(curve: Curve, private_key: &'a [u8], digest: &'a [u8]) -> Vec<u8>, Error;
    curve_verify(curve: Curve, public_key: &'a [u8], digest: &'a [u8], signature: &'a [u8]) -> (), AuthenticationFailed;

    ed25519_prepare(seed: &'a [u8; 32]) -> (Number, [u8; 32]), Error;
    ed25519_sign(key: Number, mode: Ed25519Mode, message: &'a [u8]) -> [u8; 64], Error;
    ed25519_verify(public_key: &'a [u8; 32], mode: Ed25519Mode, message: &'a [u8], signature: &'a [u8]) -> (), AuthenticationFailed;

    ml_dsa_prepare(set: MlDsaSet, seed: &'a [u8; 32]) -> (Number, Vec<u8>), Error;
    ml_dsa_sign(key: Number, message: MlDsaMessage<'a>) -> Vec<u8>, Error;
    ml_dsa_verify(set: MlDsaSet, public_key: &'a [u8], message: MlDsaMessage<'a>, signature: &'a [u8]) -> (), AuthenticationFailed;

    ml_kem_prepare(set: MlKemSet, seed: &'a [u8; 64]) -> (Number, Vec<u8>), Error;
    ml_kem_encapsulate(set: MlKemSet, public_key: &'a [u8]) -> (Vec<u8>, Wiped), Error;
    ml_kem_decapsulate(key: Number, ciphertext: &'a [u8]) -> Wiped, Error;

    rsa_generate(bits: usize) -> Wiped, Error;
    rsa_prepare_public(spki: &'a [u8]) -> Number, Error;
    rsa_prepare_private(pkcs8: &'a [u8]) -> (Number, (usize, Vec<u8>)), Error;
    rsa_encrypt(key: Number, hash: OaepHash, data: &'a [u8]) -> Vec<u8>, Error;
    rsa_verify(key: Number, scheme: RsaScheme, hash: Hash, digest: &'a [u8], signature: &'a [u8]) -> (), AuthenticationFailed;
    rsa_decrypt(key: Number, padding: RsaPadding, ciphertext: &'a [u8]) -> Wiped, AuthenticationFailed;
    rsa_sign(key: Number, scheme: RsaScheme, hash: Hash, digest: &'a [u8]) -> Vec<u8>, Error;

    sm2_public_key(private_key: &'a [u8]) -> Vec<u8>, Error;
    sm2_agree(private_key: &'a [u8], public_key: &'a [u8]) -> Wiped, Error;
    sm2_sign(private_key: &'a [u8], message: Sm2Message<'a>) -> Vec<u8>, Error;
    sm2_verify(public_key: &'a [u8], message: Sm2Message<'a>, signature: &'a [u8]) -> (), AuthenticationFailed;
    sm2_encrypt(public_key: &'a [u8], message: &'a [u8]) -> Vec<u8>, Error;
    sm2_decrypt(private_key: &'a [u8], ciphertext: &'a [u8]) -> Wiped, AuthenticationFailed;

    // A prepared key is done with.
    release(key: Number) -> (), Error;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_follows_from_the_lists_that_give_bytes_their_meaning() {
        // In another order, or with one more in their middle, they are other bytes for the same.
        for list in ["curve_public_key(curve: Curve,", "Curve::P256, Curve::P384", "2 CurvePrivateKey(curve);"] {
            assert!(WRITTEN.iter().any(|source| source.contains(list)), "{list}");
        }
        assert_ne!(hashed("0 Entropy; 1 Memory;", 1), hashed("0 Memory; 1 Entropy;", 1));
    }
}
