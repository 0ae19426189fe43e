//! How a material is kept: one byte that says what kind it is, then the material (docs/formats.md, "Key materials").

use crate::{
    crypto::{Curve, Provider},
    error::Result,
    key::KeySpec,
    secret::Secret,
};

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
}

impl Kind {
    /// `None` for a spec that is not offered.
    pub(super) fn of(spec: KeySpec) -> Option<Self> {
        match spec {
            KeySpec::SymmetricDefault => Some(Self::Symmetric),
            KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => Some(Self::Hmac),
            KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 | KeySpec::EccSecgP256k1 => {
                Some(Self::Curve)
            }
            KeySpec::EccNistEdwards25519 => Some(Self::Edwards),
            KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => Some(Self::MlDsa),
            KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Some(Self::MlKem),
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Some(Self::Rsa),
            KeySpec::Sm2 => None,
        }
    }
}

/// The curve of a key's spec; `None` for a key on none, or on one that is not offered.
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

/// How many bytes the material has without its first, which says the kind; `None` for a spec that is not offered, and for RSA,
/// whose encoding is not always as long.
pub(super) fn length(spec: KeySpec) -> Option<usize> {
    match spec {
        // ML-DSA: the seed of FIPS 204, algorithm 1.
        KeySpec::SymmetricDefault
        | KeySpec::Hmac256
        | KeySpec::EccNistEdwards25519
        | KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87 => Some(32),
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
    /// Whether there are keys of that spec.
    pub(crate) fn is_offered(spec: KeySpec) -> bool {
        Kind::of(spec).is_some()
    }

    /// New, random material for a key of that spec; `None` if the spec is not offered.
    pub(crate) fn generate(provider: &Provider, spec: KeySpec) -> Result<Option<Self>> {
        let Some(kind) = Kind::of(spec) else { return Ok(None) };
        if let Some(bits) = rsa_bits(spec) {
            return Ok(Some(Self::of(kind, &provider.generate_rsa_key(bits)?)));
        }
        let Some(length) = length(spec) else { return Ok(None) };
        if let Some(curve) = curve(spec) {
            return Ok(Some(Self::of(kind, &provider.generate_private_key(curve)?)));
        }
        let mut record = Self::of(kind, &Secret::zeroed(length));
        if let [_, material @ ..] = record.bytes.expose_mut() {
            provider.fill_random(material)?;
        }
        Ok(Some(record))
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
            _ => return None,
        };
        Some(Self { kind, bytes: value })
    }

    /// Whether it has the kind of a key of that spec, and the length, where each of these has the same.
    pub(super) fn fits(&self, spec: KeySpec) -> bool {
        Kind::of(spec) == Some(self.kind) && length(spec).is_none_or(|length| length == self.material().len())
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
