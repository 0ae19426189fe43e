//! A key encapsulation that neither a quantum computer nor a flaw of the youngest of its parts breaks: ML-KEM-768 and ECDH on P-256,
//! together.
//!
//! The parts are those of MLKEM768-P256 (draft-irtf-cfrg-concrete-hybrid-kems), combined as by `UniversalCombiner` of
//! draft-irtf-cfrg-hybrid-kems, which NIST SP 800-227, section 4.6, allows: both secrets, both ciphertexts and both public keys go into the
//! key derivation. So the secret is good as long as one of the two is, whatever is found out about the other, and is bound to all that was
//! sent. The key derivation is the two-step one of NIST SP 800-56C, HKDF with SHA-256 (docs/formats.md, "Parcel").

use super::{Curve, Hash, MlKemSet, Provider, clear_after};
use crate::{
    error::Result,
    secret::{Secret, SecretArray},
};
use alloc::vec::Vec;

const SET: MlKemSet = MlKemSet::MlKem768;
const CURVE: Curve = Curve::P256;

/// The seed of ML-KEM (FIPS 203, algorithm 19).
const SEED_LENGTH: usize = 64;
/// The encapsulation key of ML-KEM-768.
const LATTICE_KEY_LENGTH: usize = 1184;
const LATTICE_CIPHERTEXT_LENGTH: usize = 1088;
/// A point of P-256, compressed.
const POINT_LENGTH: usize = 33;

/// Seed and scalar.
pub(crate) const PRIVATE_KEY_LENGTH: usize = SEED_LENGTH + 32;
/// The encapsulation key, and the point.
pub(crate) const PUBLIC_KEY_LENGTH: usize = LATTICE_KEY_LENGTH + POINT_LENGTH;
/// The ciphertext of ML-KEM, and the point of the other side.
pub(crate) const CIPHERTEXT_LENGTH: usize = LATTICE_CIPHERTEXT_LENGTH + POINT_LENGTH;

/// A new private key, and its public key.
pub(crate) fn generate(provider: &Provider) -> Result<(Secret, Vec<u8>)> {
    let mut private_key = Secret::zeroed(PRIVATE_KEY_LENGTH);
    let (seed, scalar) = private_key.expose_mut().split_at_mut(SEED_LENGTH);
    provider.fill_random(seed)?;
    provider.curves.generate(CURVE, &*provider.random, scalar)?;
    let mut public_key = match lattice_key(&private_key) {
        Some((seed, _)) => provider.ml_kem.private_key(SET, seed)?.public_key(),
        None => Vec::new(),
    };
    let (_, scalar) = private_key.expose().split_at(SEED_LENGTH);
    public_key.extend_from_slice(&provider.curves.public_key(CURVE, scalar)?);
    Ok((private_key, public_key))
}

/// A new secret, and the ciphertext for the owner of a public key.
pub(crate) fn encapsulate(
    provider: &Provider,
    public_key: &[u8; PUBLIC_KEY_LENGTH],
    label: &[u8],
) -> Result<(Vec<u8>, SecretArray<32>)> {
    let (lattice_key, point) = public_key.split_at(LATTICE_KEY_LENGTH);
    let (mut ciphertext, lattice_secret) = provider.encapsulate(SET, lattice_key)?;
    let ephemeral = provider.generate_private_key(CURVE)?;
    let curve_secret = provider.agree(CURVE, &ephemeral, point)?;
    ciphertext.extend_from_slice(&provider.curves.public_key(CURVE, ephemeral.expose())?);
    let secret = combine(provider, &lattice_secret, &curve_secret, [&ciphertext, public_key, label])?;
    Ok((ciphertext, secret))
}

/// The secret of a ciphertext; `None` for what is no ciphertext. Of one that was made for another key it is another secret.
pub(crate) fn decapsulate(
    provider: &Provider,
    private_key: &Secret,
    public_key: &[u8; PUBLIC_KEY_LENGTH],
    ciphertext: &[u8; CIPHERTEXT_LENGTH],
    label: &[u8],
) -> Option<SecretArray<32>> {
    let (seed, scalar) = lattice_key(private_key)?;
    let (lattice_ciphertext, point) = ciphertext.split_at(LATTICE_CIPHERTEXT_LENGTH);
    let mut lattice_secret = SecretArray::zeroed();
    let lattice_key = provider.ml_kem.private_key(SET, seed).ok()?;
    lattice_key.decapsulate(lattice_ciphertext, lattice_secret.expose_mut()).ok()?;
    let curve_secret = provider.agree(CURVE, &Secret::copy_of(scalar), point).ok()?;
    combine(provider, &lattice_secret, &curve_secret, [ciphertext, public_key, label]).ok()
}

/// The two halves of a private key.
fn lattice_key(private_key: &Secret) -> Option<(&[u8; SEED_LENGTH], &[u8])> {
    private_key.expose().split_first_chunk::<SEED_LENGTH>()
}

/// `HKDF-SHA-256(salt = none, ss_PQ || ss_T || ct_PQ || ct_T || ek_PQ || ek_T || label, info = none, 32)`. All but the label have one
/// length, so that the parts can be separated in one way only.
fn combine(
    provider: &Provider,
    lattice_secret: &SecretArray<32>,
    curve_secret: &Secret,
    public: [&[u8]; 3],
) -> Result<SecretArray<32>> {
    let parts = [&lattice_secret.expose()[..], curve_secret.expose()].into_iter().chain(public);
    let mut input = Secret::zeroed(parts.clone().map(<[u8]>::len).sum());
    input.expose_mut().iter_mut().zip(parts.flatten()).for_each(|(to, from)| *to = *from);
    let mut secret = SecretArray::zeroed();
    clear_after(|| provider.kdf.hkdf(Hash::Sha256, input.expose(), &[], &[], secret.expose_mut()))?;
    Ok(secret)
}
