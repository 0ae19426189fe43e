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
}

impl Kind {
    /// `None` for a spec that is not offered.
    pub(super) fn of(spec: KeySpec) -> Option<Self> {
        match spec {
            KeySpec::SymmetricDefault => Some(Self::Symmetric),
            KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => Some(Self::Hmac),
            KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 => Some(Self::Curve),
            _ => None,
        }
    }
}

/// The curve of a key's spec; `None` for a key on none, or on one that is not offered.
pub(super) fn curve(spec: KeySpec) -> Option<Curve> {
    match spec {
        KeySpec::EccNistP256 => Some(Curve::P256),
        KeySpec::EccNistP384 => Some(Curve::P384),
        KeySpec::EccNistP521 => Some(Curve::P521),
        _ => None,
    }
}

/// How many bytes the material has without its first, which says the kind; `None` for a spec that is not offered.
pub(super) fn length(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::SymmetricDefault | KeySpec::Hmac256 => Some(32),
        // "HMAC keys […] of 224, 256, 384 and 512 bits" (CreateKey): as long as what they make.
        KeySpec::Hmac224 => Some(28),
        KeySpec::Hmac384 => Some(48),
        KeySpec::Hmac512 => Some(64),
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
        let (Some(kind), Some(length)) = (Kind::of(spec), length(spec)) else { return Ok(None) };
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

    fn of(kind: Kind, material: &Secret) -> Self {
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
            _ => return None,
        };
        Some(Self { kind, bytes: value })
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
