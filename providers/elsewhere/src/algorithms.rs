//! What primitives are asked for by name, as bytes.

use crate::bytes::{Reader, Value, Writer};
use pocketkms_primitives::{
    Curve, Ed25519Mode, Hash, MlDsaMessage, MlDsaSet, MlKemSet, OaepHash, RsaPadding, RsaScheme, Sm2Message,
};

/// Names without more to them: each is its place in the list.
macro_rules! names {
    ($($type:ident: $($name:path),*;)*) => {
        $(impl Value<'_> for $type {
            fn write(&self, writer: &mut Writer) {
                let place = [$($name),*].iter().position(|name| name == self);
                // The compiler looks that the list has all of them.
                match self { $($name => {})* }
                place.unwrap_or(usize::MAX).write(writer);
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                [$($name),*].get(usize::read(reader)?).copied()
            }
        })*
    };
}

names! {
    Curve: Curve::P256, Curve::P384, Curve::P521, Curve::K256;
    Hash: Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512;
    Ed25519Mode: Ed25519Mode::Pure, Ed25519Mode::Prehashed;
    MlDsaSet: MlDsaSet::MlDsa44, MlDsaSet::MlDsa65, MlDsaSet::MlDsa87;
    MlKemSet: MlKemSet::MlKem512, MlKemSet::MlKem768, MlKemSet::MlKem1024;
    OaepHash: OaepHash::Sha1, OaepHash::Sha256, OaepHash::Sha384, OaepHash::Sha512;
    RsaScheme: RsaScheme::Pss, RsaScheme::Pkcs1;
}

impl Value<'_> for RsaPadding {
    fn write(&self, writer: &mut Writer) {
        let oaep = match self {
            Self::Oaep(hash) => Ok(*hash),
            Self::Pkcs1 => Err(()),
        };
        oaep.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Result::<_, ()>::read(reader)?.map_or(Self::Pkcs1, Self::Oaep))
    }
}

impl<'a> Value<'a> for MlDsaMessage<'a> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Raw(message) => Ok::<_, &[u8; 64]>(*message),
            Self::Mu(mu) => Err(*mu),
        }
        .write(writer);
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        Some(Result::read(reader)?.map_or_else(Self::Mu, Self::Raw))
    }
}

impl<'a> Value<'a> for Sm2Message<'a> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Raw(message) => Ok::<_, &[u8; 32]>(*message),
            Self::Digest(digest) => Err(*digest),
        }
        .write(writer);
    }

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        Some(Result::read(reader)?.map_or_else(Self::Digest, Self::Raw))
    }
}
