//! The ARN of a KMS key or an alias, as far as a keyring has to understand it (AWS Encryption SDK specification, "AWS KMS
//! key ARN").
//!
//! Not as strict as the [`Arn`](crate::key::Arn) of a vault's own keys: it may be a key of AWS, in a partition or a Region
//! of which no one here has heard.

use crate::error::{Error, ErrorKind, Result, Untrusted};
use alloc::{format, string::String};

/// The most bytes that KMS takes as the name of a key. A message may have any text in the place of a key ARN, which is
/// asked for, and stands in errors.
const LONGEST: usize = 2048;

/// The parts of a key ARN, none of which is empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyArn<'a> {
    pub(super) partition: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    key_id: &'a str,
}

/// Where keys are: what the ARN of a key and that of an alias have in common. No part is empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
}

impl<'a> Place<'a> {
    /// The place in the ARN of an alias; `None` for any other text.
    pub(super) fn of_alias(text: &'a str) -> Option<Self> {
        let (place, resource) = Self::split(text)?;
        resource.strip_prefix("alias/").filter(|name| !name.is_empty()).map(|_| place)
    }

    /// The place and the resource in an ARN of KMS.
    fn split(text: &'a str) -> Option<(Self, &'a str)> {
        let mut parts = text.splitn(6, ':');
        (parts.next()? == "arn").then_some(())?;
        let partition = parts.next()?;
        (parts.next()? == "kms").then_some(())?;
        let (region, account) = (parts.next()?, parts.next()?);
        let complete = [partition, region, account].iter().all(|part| !part.is_empty());
        complete.then_some((Self { partition, region, account }, parts.next()?))
    }
}

impl<'a> KeyArn<'a> {
    /// Reads a key ARN; the ARN of an alias is none.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        let parse = || {
            let (Place { partition, region, account }, resource) = Place::split(text)?;
            let key_id = resource.strip_prefix("key/").filter(|id| !id.is_empty())?;
            Some(Self { partition, region, account, key_id })
        };
        parse().filter(|_| text.len() <= LONGEST).ok_or_else(|| {
            Error::new(ErrorKind::InvalidArn, format!("'{}' is not the ARN of a KMS key", Untrusted(text)))
        })
    }

    /// Where the key is.
    pub(super) fn place(&self) -> Place<'a> {
        let Self { partition, region, account, key_id: _ } = *self;
        Place { partition, region, account }
    }

    /// The ARN of this multi-Region key in the Region of that place, if it is in the same account.
    pub(super) fn replica_in(&self, place: &Place<'_>) -> Option<String> {
        let there = Place { region: place.region, ..self.place() };
        (self.is_multi_region() && there == *place).then(|| self.in_region(place.region))
    }

    /// The key ARN in a provider information.
    pub(super) fn from_provider_info(info: &'a [u8]) -> Result<Self> {
        let text = str::from_utf8(info);
        Self::parse(text.map_err(|_| Error::new(ErrorKind::InvalidArn, "the key ARN is not UTF-8"))?)
    }

    /// Whether it is a multi-Region key.
    pub(super) fn is_multi_region(&self) -> bool {
        self.key_id.starts_with("mrk-")
    }

    /// Whether both are the same multi-Region key, in whichever Regions.
    pub(super) fn is_replica_of(&self, other: &Self) -> bool {
        self.is_multi_region() && *self == Self { region: self.region, ..*other }
    }

    /// The ARN of the same key in another Region.
    pub(super) fn in_region(&self, region: &str) -> String {
        let Self { partition, region: _, account, key_id } = self;
        format!("arn:{partition}:kms:{region}:{account}:key/{key_id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_arn() {
        for text in [
            "",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:111122223333",
            "arn:aws:kms:us-east-1:111122223333:",
            "arn:aws:kms:us-east-1:111122223333:key",
            "arn:aws:kms:us-east-1:111122223333:key/",
            "arn:aws:kms:us-east-1:111122223333:key:1234",
            "arn:aws:kms:us-east-1:111122223333:alias/mrk-1234",
            "arn:aws:kms:us-east-1::key/1234",
            "arn:aws:kms::111122223333:key/1234",
            "arn::kms:us-east-1:111122223333:key/1234",
            "arn:aws:dynamodb:us-east-1:111122223333:key/1234",
            "arn-aws:kms:us-east-1:111122223333:key/1234",
            "ARN:aws:kms:us-east-1:111122223333:key/1234",
        ] {
            let Err(error) = KeyArn::parse(text) else { panic!("'{text}' was taken for a key ARN") };
            assert_eq!(error.kind(), ErrorKind::InvalidArn);
        }
        assert!(KeyArn::from_provider_info(b"arn:aws:kms:us-east-1:111122223333:key/\xff").is_err());
    }

    #[test]
    fn replicas() {
        let parse = |text| KeyArn::parse(text).unwrap();
        let key = parse("arn:aws-iso:kms:us-iso-east-1:111122223333:key/mrk-1/2:3");
        assert_eq!(key.in_region("eu-isoe-west-1"), "arn:aws-iso:kms:eu-isoe-west-1:111122223333:key/mrk-1/2:3");
        assert!(key.is_replica_of(&key));
        assert!(key.is_replica_of(&parse("arn:aws-iso:kms:us-iso-west-1:111122223333:key/mrk-1/2:3")));
        for other in [
            "arn:aws:kms:us-iso-east-1:111122223333:key/mrk-1/2:3",
            "arn:aws-iso:kms:us-iso-east-1:111122223334:key/mrk-1/2:3",
            "arn:aws-iso:kms:us-iso-east-1:111122223333:key/mrk-1/2:4",
        ] {
            assert!(!key.is_replica_of(&parse(other)), "{other}");
        }
        let single = parse("arn:aws:kms:us-east-1:111122223333:key/1234");
        assert!(!single.is_replica_of(&single));
    }
}
