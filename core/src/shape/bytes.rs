//! How bytes cross an interface: base64 where the format is text, as they are where it is binary.

use super::Type;
use crate::secret::Secret;
use alloc::{string::String, vec::Vec};
use base64::{Engine, prelude::BASE64_STANDARD};
use core::fmt;
use serde::{
    Deserializer, Serializer,
    de::{SeqAccess, Visitor},
};
use zeroize::Zeroizing;

/// The only type of bytes without a name of its own: `structures!` takes no other for `bytes`.
pub(crate) trait Plain {
    const TYPE: Type;
}

impl Plain for Vec<u8> {
    const TYPE: Type = Type::Bytes;
}

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        let mut text = Secret::zeroed(bytes.len().div_ceil(3).saturating_mul(4));
        let written = BASE64_STANDARD.encode_slice(bytes, text.expose_mut()).map_err(serde::ser::Error::custom)?;
        let text = text.expose().get(..written).and_then(|text| str::from_utf8(text).ok());
        serializer.serialize_str(text.unwrap_or_default())
    } else {
        serializer.serialize_bytes(bytes)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(Base64Visitor)
    } else {
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

/// Decodes from where the text stands, without a copy of it that would have to be wiped.
struct Base64Visitor;

impl Visitor<'_> for Base64Visitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        BASE64_STANDARD.decode(text).map_err(|_| E::custom("not valid base64"))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Vec<u8>, E> {
        self.visit_str(&Zeroizing::new(text))
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    /// For formats that know no bytes. What is claimed is not believed: the vector grows by what really comes.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

/// Bytes that may be missing.
pub(crate) mod optional {
    use alloc::vec::Vec;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    struct Bytes<T>(T);

    impl Serialize for Bytes<&[u8]> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            super::serialize(self.0, serializer)
        }
    }

    impl<'de> Deserialize<'de> for Bytes<Vec<u8>> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            super::deserialize(deserializer).map(Self)
        }
    }

    #[allow(clippy::ref_option, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_deref().map(Bytes).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Bytes<Vec<u8>>>::deserialize(deserializer)?.map(|bytes| bytes.0))
    }
}
