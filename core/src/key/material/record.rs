//! How a material is kept: one byte that says what kind it is, then the material (docs/formats.md, "Key materials").

use crate::{
    crypto::{Curve, Provider},
    error::{Error, ErrorKind, Result},
    key::KeySpec,
    secret::Secret,
};
use alloc::format;

/// The first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Symmetric = 1,
    Hmac = 2,
    Curve = 3,
    Rsa = 4,
    Edwards = 5,
    MlDsa = 6,
    MlKem = 7,
    Sm2 = 8,
}

impl Kind {
    pub(super) fn of(spec: KeySpec) -> Self {
        match spec {
            KeySpec::SymmetricDefault => Self::Symmetric,
            KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => Self::Hmac,
            KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 | KeySpec::EccSecgP256k1 => Self::Curve,
            KeySpec::EccNistEdwards25519 => Self::Edwards,
            KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => Self::MlDsa,
            KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Self::MlKem,
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Self::Rsa,
            KeySpec::Sm2 => Self::Sm2,
        }
    }
}

/// The curve of a key's spec; `None` for a key on none, and for SM2, whose curve is not for ECDSA.
pub(super) fn curve(spec: KeySpec) -> Option<Curve> {
    match spec {
        KeySpec::EccNistP256 => Some(Curve::P256),
        KeySpec::EccNistP384 => Some(Curve::P384),
        KeySpec::EccNistP521 => Some(Curve::P521),
        KeySpec::EccSecgP256k1 => Some(Curve::K256),
        _ => None,
    }
}

/// How long the modulus is, in bits; `None` for a key that is not of RSA.
pub(super) fn rsa_bits(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::Rsa2048 => Some(2048),
        KeySpec::Rsa3072 => Some(3072),
        KeySpec::Rsa4096 => Some(4096),
        _ => None,
    }
}

/// How many bytes the material has without its first, which says the kind; `None` for RSA, whose encoding is not always as long.
pub(super) fn length(spec: KeySpec) -> Option<usize> {
    match spec {
        // ML-DSA: the seed of FIPS 204, algorithm 1.
        KeySpec::SymmetricDefault
        | KeySpec::Hmac256
        | KeySpec::EccNistEdwards25519
        | KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87
        | KeySpec::Sm2 => Some(32),
        // "HMAC keys […] of 224, 256, 384 and 512 bits" (CreateKey): as long as what they make.
        KeySpec::Hmac224 => Some(28),
        KeySpec::Hmac384 => Some(48),
        // ML-KEM: d and z of FIPS 203, algorithm 19.
        KeySpec::Hmac512 | KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Some(64),
        _ => curve(spec).map(Curve::field_length),
    }
}

/// The value of a material's record. It is wiped on drop.
pub(crate) struct MaterialRecord {
    kind: Kind,
    bytes: Secret,
}

impl MaterialRecord {
    /// New, random material for a key of that spec.
    pub(crate) fn generate(provider: &Provider, spec: KeySpec) -> Result<Self> {
        let kind = Kind::of(spec);
        let material = match (rsa_bits(spec), curve(spec), length(spec)) {
            (Some(bits), ..) => provider.generate_rsa_key(bits)?,
            (None, Some(curve), _) => provider.generate_private_key(curve)?,
            (None, None, _) if kind == Kind::Sm2 => provider.generate_sm2_key()?,
            (None, None, Some(length)) => {
                let mut material = Secret::zeroed(length);
                provider.fill_random(material.expose_mut())?;
                material
            }
            (None, None, None) => {
                return Err(Error::new(ErrorKind::KmsInternal, format!("no material is made for {spec}")));
            }
        };
        Ok(Self::of(kind, &material))
    }

    /// Material for symmetric encryption that comes from elsewhere.
    pub(crate) fn symmetric(material: &[u8; 32]) -> Self {
        Self::of(Kind::Symmetric, &Secret::copy_of(material))
    }

    pub(super) fn of(kind: Kind, material: &Secret) -> Self {
        let mut bytes = Secret::zeroed(1 + material.len());
        for (to, from) in bytes.expose_mut().iter_mut().zip([kind as u8].iter().chain(material.expose())) {
            *to = *from;
        }
        Self { kind, bytes }
    }

    /// `None` for a kind that is not known.
    pub(crate) fn read(value: Secret) -> Option<Self> {
        let kind = match value.expose() {
            [1, ..] => Kind::Symmetric,
            [2, ..] => Kind::Hmac,
            [3, ..] => Kind::Curve,
            [4, ..] => Kind::Rsa,
            [5, ..] => Kind::Edwards,
            [6, ..] => Kind::MlDsa,
            [7, ..] => Kind::MlKem,
            [8, ..] => Kind::Sm2,
            _ => return None,
        };
        Some(Self { kind, bytes: value })
    }

    /// Whether it has the kind of a key of that spec, and the length, where each of these has the same.
    pub(super) fn fits(&self, spec: KeySpec) -> bool {
        Kind::of(spec) == self.kind && length(spec).is_none_or(|length| length == self.material().len())
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// All but the first byte.
    pub(super) fn material(&self) -> &[u8] {
        self.as_bytes().get(1..).unwrap_or_default()
    }

    /// What is kept.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.expose()
    }

    /// What is kept, to be stored.
    pub(crate) fn into_value(self) -> Secret {
        self.bytes
    }
}
