//! Errors, as bytes.

use crate::bytes::{Reader, Value, Writer};
use alloc::boxed::Box;
use core::fmt;
use pocketkms_primitives::{AuthenticationFailed, Error};

/// No one is there who could do it, or what came back is no answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotThere;

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the asymmetric primitives are not there")
    }
}

impl core::error::Error for NotThere {}

impl From<NotThere> for Error {
    fn from(error: NotThere) -> Self {
        Self::Other(Box::new(error))
    }
}

/// Which check failed, no one learns: nor whether it was asked at all.
impl From<NotThere> for AuthenticationFailed {
    fn from(_: NotThere) -> Self {
        Self
    }
}

impl Value<'_> for AuthenticationFailed {
    fn write(&self, _: &mut Writer) {}

    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(Self)
    }
}

/// The errors of asymmetric primitives, each with a number of its own. What is none of them has no more to say than that.
macro_rules! errors {
    ($($number:literal $variant:ident $(($($part:ident),*))? $({$($member:ident),*})?;)*) => {
        impl Value<'_> for Error {
            fn write(&self, writer: &mut Writer) {
                match self {
                    $(Self::$variant $(($($part),*))? $({$($member),*})? => {
                        <u8 as Value<'_>>::write(&$number, writer);
                        $($($part.write(writer);)*)?
                        $($($member.write(writer);)*)?
                    })*
                    _ => u8::MAX.write(writer),
                }
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                Some(match u8::read(reader)? {
                    $($number => {
                        $($(let $part = Value::read(reader)?;)*)?
                        $($(let $member = Value::read(reader)?;)*)?
                        Self::$variant $(($($part),*))? $({$($member),*})?
                    })*
                    _ => NotThere.into(),
                })
            }
        }
    };
}

errors! {
    0 Entropy;
    1 Memory;
    2 CurvePrivateKey(curve);
    3 CurvePublicKey(curve);
    4 Ed25519PrivateKey;
    5 MlDsaPrivateKey;
    6 MlKemPublicKey;
    7 MlKemCiphertext;
    8 RsaPrivateKey;
    9 RsaPublicKey;
    10 RsaBits(bits);
    11 RsaLength { bits, hash, length };
    12 Sm2PrivateKey;
    13 Sm2PublicKey;
    14 Sm2Message;
    15 DigestLength;
    16 BufferLength;
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use pocketkms_primitives::{Curve, OaepHash};

    #[test]
    fn an_error_says_on_the_other_side_what_it_says_on_this() {
        for error in [
            Error::Entropy,
            Error::CurvePrivateKey(Curve::P521),
            Error::RsaBits(1024),
            Error::RsaLength { bits: 2048, hash: OaepHash::Sha384, length: 500 },
            Error::Sm2Message,
            Error::BufferLength,
            NotThere.into(),
        ] {
            let mut writer = Writer::default();
            error.write(&mut writer);
            let written = writer.finish();
            let read = Error::read(&mut Reader(&written)).map(|read| read.to_string());
            assert_eq!(read, Some(error.to_string()));
        }
    }
}
