//! The signature around an attestation document: `COSE_Sign1` (RFC 9052, section 4.2) by ES384 (RFC 9053, section 2.1), and nothing else.

use super::{
    cbor::{Cbor, bytes_head},
    certificate::Certificate,
    refusal::{Refused, refused},
};
use crate::crypto::{
    Curve, Hash, Provider,
    der::{Der, INTEGER, SEQUENCE},
};

/// The tag of `COSE_Sign1`, which may be left away.
const TAG: u64 = 18;
/// The label of the algorithm in a header, and ES384 (-35) as CBOR has it.
const ALGORITHM: u64 = 1;
const ES384: u64 = 34;
/// As long as two numbers of P-384.
const SIGNATURE_LENGTH: usize = 96;
/// AWS's limit ("Attestation Document Validation", section 3.1 of its process).
const LONGEST_PAYLOAD: usize = 16_384;
/// How what is signed begins: an array of four, and the text "Signature1" (RFC 9052, section 4.4).
const SIGNED: &[u8] = b"\x84\x6aSignature1";
/// No external data.
const NO_MORE: &[u8] = &[0x40];

/// A message with its signature, which nobody has checked yet.
pub(super) struct Signed<'a> {
    protected: &'a [u8],
    pub(super) payload: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        let signed = Self::read(bytes).ok_or_else(|| refused("it is not a COSE_Sign1 structure"))?;
        if Self::algorithm(signed.protected) != Some(ES384) {
            return Err(refused("it is not signed with ES384"));
        }
        if signed.payload.is_empty() || signed.payload.len() > LONGEST_PAYLOAD {
            return Err(refused("its content must have 1 to 16,384 bytes"));
        }
        Ok(signed)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut cbor = Cbor::new(bytes);
        cbor.skip_tag(TAG);
        if cbor.array()? != 4 {
            return None;
        }
        let protected = cbor.bytes()?;
        // AWS's has nothing in the unprotected header, and nothing in it counts.
        let mut unprotected = cbor;
        unprotected.map()?;
        cbor.skip()?;
        let (payload, signature) = (cbor.bytes()?, cbor.bytes()?);
        cbor.finish()?;
        Some(Self { protected, payload, signature })
    }

    /// The algorithm of the protected header, which has nothing else: what is there and not understood must not be ignored.
    fn algorithm(protected: &[u8]) -> Option<u64> {
        let mut cbor = Cbor::new(protected);
        let alone = cbor.map()? == 1 && cbor.unsigned()? == ALGORITHM;
        let algorithm = cbor.negative()?;
        cbor.finish()?;
        alone.then_some(algorithm)
    }

    /// Checks the signature by the key of a certificate.
    pub(super) fn verify(&self, provider: &Provider, signer: &Certificate<'_>) -> Result<(), Refused> {
        let mut hasher = provider.digest.start(Hash::Sha384);
        hasher.update(SIGNED);
        for (before, part) in [(&[][..], self.protected), (NO_MORE, self.payload)] {
            let (head, size) = bytes_head(part.len());
            hasher.update(before);
            hasher.update(head.get(..size).unwrap_or_default());
            hasher.update(part);
        }
        let digest = hasher.finish();
        let signature = der_of(self.signature);
        let checked = signature.and_then(|signature| {
            provider.curves.verify(Curve::P384, signer.public_key, &digest, signature.bytes()).ok()
        });
        checked.ok_or_else(|| refused("its signature is not that of its certificate's key"))
    }
}

/// The signature as DER: two numbers. COSE has them in a row.
fn der_of(signature: &[u8]) -> Option<Der> {
    if signature.len() != SIGNATURE_LENGTH {
        return None;
    }
    let (r, s) = signature.split_at_checked(SIGNATURE_LENGTH / 2)?;
    Some(Der::of(SEQUENCE, &[integer(r).bytes(), integer(s).bytes()]))
}

/// A number that is not negative, in its shortest form.
fn integer(bytes: &[u8]) -> Der {
    let significant = bytes.iter().position(|byte| *byte != 0).and_then(|at| bytes.get(at..)).unwrap_or(&[0]);
    let sign: &[u8] = if significant.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    Der::of(INTEGER, &[sign, significant])
}
