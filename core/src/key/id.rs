//! How KMS names things: account, Region, key id, material id, alias, ARN.

use crate::error::{Echo, Error, ErrorKind, Result, Untrusted};
use alloc::{format, string::String};
use core::{
    fmt::{self, Write},
    str::FromStr,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

/// What every alias name begins with.
pub(crate) const ALIAS_PREFIX: &str = "alias/";
/// What the id of a multi-Region key begins with, in place of a UUID's dashes.
const MULTI_REGION_PREFIX: &str = "mrk-";

/// Text of a checked form, read and written as text.
macro_rules! checked_text {
    ($($(#[doc = $doc:literal])* $visibility:vis $name:ident: $valid:expr, $what:literal;)*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        $visibility struct $name(String);

        impl $name {
            /// The text.
            $visibility fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(Error::new(ErrorKind::Validation, format!(concat!("'{}' is not ", $what), Untrusted(text))))
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )* };
}

checked_text! {
    /// The twelve digits of an AWS account.
    pub AccountId: |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "an account id: twelve digits";

    /// The name of an AWS Region: `us-east-1`.
    pub Region: |text| (1..=32).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        "the name of a Region: lower-case letters, digits and dashes";

    /// The name of an alias, with its prefix: `alias/orders`.
    pub(crate) AliasName: |text| text.len() <= 256
        && text.strip_prefix(ALIAS_PREFIX).is_some_and(|name| !name.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte)),
        "an alias name: 'alias/' and at most 250 letters, digits and :/_-";
}

/// In names of records the place of what the keys of a multi-Region key share. No Region is called so: they have no capitals.
const SHARED_PLACE: &str = "multi-Region";

impl Region {
    /// In names of records, in place of a Region: where the materials are that the keys of all Regions share.
    pub(crate) fn shared_place() -> Self {
        Self(SHARED_PLACE.into())
    }

    /// Whether it is [`Region::shared_place`].
    pub(crate) fn is_shared_place(&self) -> bool {
        self.0 == SHARED_PLACE
    }

    /// What stands for a Region in the name of a record.
    pub(crate) fn in_name(text: &str) -> Option<Self> {
        if text == SHARED_PLACE { Some(Self::shared_place()) } else { text.parse().ok() }
    }

    /// The partition in which the Region lies, the second part of every ARN.
    pub fn partition(&self) -> &'static str {
        match self.0.get(..3) {
            Some("cn-") => "aws-cn",
            _ if self.0.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// The id of a KMS key: a UUID, or `mrk-` and 32 hexadecimal digits for a multi-Region key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    bytes: [u8; 16],
    multi_region: bool,
}

impl KeyId {
    /// A new id, made of random bytes as RFC 9562 section 5.4 says.
    pub(crate) fn from_random(bytes: [u8; 16], multi_region: bool) -> Self {
        Self { bytes: *uuid::Builder::from_random_bytes(bytes).as_uuid().as_bytes(), multi_region }
    }

    /// The id in a record's name, which does not say whether the key is a multi-Region key.
    pub(crate) fn in_name(bytes: [u8; 16]) -> Self {
        Self { bytes, multi_region: false }
    }

    /// That of a multi-Region key, by its sixteen bytes.
    pub(crate) fn of_multi_region(bytes: [u8; 16]) -> Self {
        Self { bytes, multi_region: true }
    }

    /// The sixteen bytes that stand in a ciphertext.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Whether the key is a multi-Region key.
    pub fn is_multi_region(&self) -> bool {
        self.multi_region
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uuid = Uuid::from_bytes(self.bytes);
        if self.multi_region { write!(f, "{MULTI_REGION_PREFIX}{}", uuid.simple()) } else { uuid.hyphenated().fmt(f) }
    }
}

/// Only the one form that KMS writes; the crate would take upper case, braces and more.
impl FromStr for KeyId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let (digits, multi_region, length) = match text.strip_prefix(MULTI_REGION_PREFIX) {
            Some(digits) => (digits, true, 32),
            None => (text, false, 36),
        };
        // Of these lengths the crate knows one form each.
        let canonical = digits.len() == length && !digits.bytes().any(|byte| byte.is_ascii_uppercase());
        match Uuid::try_parse(digits) {
            Ok(uuid) if canonical => Ok(Self { bytes: uuid.into_bytes(), multi_region }),
            _ => Err(Error::new(ErrorKind::NotFound, format!("Invalid keyId '{}'", Echo(text)))),
        }
    }
}

/// A version of a branch key: a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchKeyVersion([u8; 16]);

impl BranchKeyVersion {
    /// A new version, made of random bytes as RFC 9562 section 5.4 says.
    pub(crate) fn from_random(bytes: [u8; 16]) -> Self {
        Self(*uuid::Builder::from_random_bytes(bytes).as_uuid().as_bytes())
    }

    /// Of the sixteen bytes that stand in an encrypted data key.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes that stand in an encrypted data key.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for BranchKeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

/// Only the one form that AWS writes.
impl FromStr for BranchKeyVersion {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let canonical = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match Uuid::try_parse(text) {
            Ok(uuid) if canonical => Ok(Self(uuid.into_bytes())),
            _ => Err(Error::new(
                ErrorKind::Validation,
                format!("'{}' is not the version of a branch key: a UUID", Untrusted(text)),
            )),
        }
    }
}

/// The id of a key material: 64 hexadecimal digits, a function of the material and its key, so that two copies of
/// the same material (a re-import, a multi-Region replica) have the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialId(pub(crate) [u8; 32]);

impl MaterialId {
    /// The first sixteen bytes: what stands in a ciphertext, and by which the material is found.
    pub(crate) fn reference(&self) -> &[u8; 16] {
        self.0.first_chunk().unwrap_or(&[0; 16])
    }
}

impl fmt::Display for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 64];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
        f.write_str(str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for MaterialId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| {
            Error::new(ErrorKind::Validation, format!("'{}' is not a key material id", Untrusted(text)))
        })?;
        Ok(Self(bytes))
    }
}

/// The Amazon Resource Name of a KMS key or an alias: `arn:aws:kms:<Region>:<account>:<resource>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arn {
    /// The Region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// `key/…` or `alias/…`.
    pub resource: String,
}

impl Arn {
    /// An ARN as text, of its parts.
    pub(crate) fn text(region: &Region, account: &AccountId, resource: &dyn fmt::Display) -> String {
        // Room for any key's ARN, since every answer has one. Writing to a String cannot fail.
        let mut text = String::with_capacity(112);
        for part in ["arn:", region.partition(), ":kms:", region.as_str(), ":", account.as_str(), ":"] {
            text.push_str(part);
        }
        let _ = write!(text, "{resource}");
        text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::text(&self.region, &self.account, &self.resource))
    }
}

impl FromStr for Arn {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let parse = || {
            let mut parts = text.splitn(6, ':');
            (parts.next()? == "arn").then_some(())?;
            let partition = parts.next()?;
            (parts.next()? == "kms").then_some(())?;
            let region: Region = parts.next()?.parse().ok()?;
            let account = parts.next()?.parse().ok()?;
            let resource = parts.next()?.into();
            (region.partition() == partition).then_some(Self { region, account, resource })
        };
        parse().ok_or_else(|| Error::new(ErrorKind::InvalidArn, format!("Invalid arn '{}'", Echo(text))))
    }
}

/// What a `KeyId` parameter names, before anything is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyReference {
    /// A key id; with its account and Region where an ARN gave them.
    Key(KeyId, Option<(AccountId, Region)>),
    /// An alias name; with its account and Region where an ARN gave them.
    Alias(AliasName, Option<(AccountId, Region)>),
}

impl KeyReference {
    /// Reads what a request has for a key. `bad_arn` is the error of an ARN that names no key and no alias.
    pub(crate) fn parse(text: &str, bad_arn: ErrorKind) -> Result<Self> {
        if !text.starts_with("arn:") {
            return Self::from_resource(text, text, None);
        }
        let invalid = || Error::new(bad_arn, format!("Invalid arn '{}'", Echo(text)));
        let Arn { region, account, resource } = text.parse().map_err(|_| invalid())?;
        let resource = match resource.strip_prefix("key/") {
            Some(id) => id,
            None if resource.starts_with(ALIAS_PREFIX) => &resource,
            None => return Err(invalid()),
        };
        Self::from_resource(resource, text, Some((account, region)))
    }

    fn from_resource(resource: &str, whole: &str, place: Option<(AccountId, Region)>) -> Result<Self> {
        let invalid = |_| Error::new(ErrorKind::NotFound, format!("Invalid keyId '{}'", Echo(whole)));
        if resource.starts_with(ALIAS_PREFIX) {
            resource.parse().map(|name| Self::Alias(name, place)).map_err(invalid)
        } else {
            resource.parse().map(|id| Self::Key(id, place)).map_err(invalid)
        }
    }
}

/// Ids are text in every format.
macro_rules! serde_as_text {
    ($($name:ident),*) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )* };
}
serde_as_text!(BranchKeyVersion, KeyId, MaterialId);
