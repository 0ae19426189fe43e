//! Request quotas: how many requests of a family a caller's account may make in a Region each second (AWS KMS Developer Guide,
//! "Request quotas"). Counted in this process, by the vault's clock, and never stored.

use crate::{
    api::{Operation, QuotaClass, RequestQuota},
    clock::Timestamp,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{AccountId, DataKeyPairSpec, KeySpec, Region},
    shape,
    sync::RwLock,
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::sync::atomic::{AtomicBool, Ordering};

/// What shares one quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Cryptographic operations with symmetric and HMAC keys, and `GenerateRandom`.
    Symmetric,
    Rsa,
    /// Elliptic curves.
    Ecc,
    MlDsa,
    MlKem,
    /// Data key pairs of a spec, with and without their plaintext.
    Pair(DataKeyPairSpec),
    /// The others: each operation has a quota of its own.
    Own(Operation),
}

impl Family {
    /// Of an operation with a key of that spec, where it is known, that makes a data key pair of that other one, if it makes any.
    pub(crate) fn of(operation: Operation, spec: Option<KeySpec>, pair: Option<DataKeyPairSpec>) -> Self {
        if let Some(pair) = pair {
            return Self::Pair(pair);
        }
        let name = spec.map_or("", KeySpec::as_str);
        match operation.quota_class() {
            QuotaClass::Own => Self::Own(operation),
            QuotaClass::Cryptographic if name.starts_with("RSA") => Self::Rsa,
            QuotaClass::Cryptographic if name.starts_with("ECC") || name == "SM2" => Self::Ecc,
            QuotaClass::Cryptographic if name.starts_with("ML_DSA") => Self::MlDsa,
            QuotaClass::Cryptographic if name.starts_with("ML_KEM") => Self::MlKem,
            QuotaClass::Cryptographic => Self::Symmetric,
        }
    }

    /// By the name that hosts use.
    fn named(name: &str) -> Option<Self> {
        let own = || Operation::ALL.iter().find(|operation| operation.name() == name);
        let pair = name.strip_prefix("GenerateDataKeyPair (").and_then(|name| name.strip_suffix(')'));
        if let Some(pair) = pair {
            return DataKeyPairSpec::ALL.iter().find(|spec| spec.as_str() == pair).copied().map(Self::Pair);
        }
        match name {
            "Symmetric" => Some(Self::Symmetric),
            "RSA" => Some(Self::Rsa),
            "ECC" => Some(Self::Ecc),
            "ML-DSA" => Some(Self::MlDsa),
            "ML-KEM" => Some(Self::MlKem),
            _ => own().filter(|operation| operation.quota_class() == QuotaClass::Own).copied().map(Self::Own),
        }
    }

    /// The name that hosts use.
    fn name(self) -> String {
        match self {
            Self::Symmetric => "Symmetric".into(),
            Self::Rsa => "RSA".into(),
            Self::Ecc => "ECC".into(),
            Self::MlDsa => "ML-DSA".into(),
            Self::MlKem => "ML-KEM".into(),
            Self::Pair(spec) => format!("GenerateDataKeyPair ({spec})"),
            Self::Own(operation) => operation.name().into(),
        }
    }

    /// AWS's number.
    fn default_in(self, region: &Region) -> Rate {
        let requests = match self {
            Self::Symmetric => match region.as_str() {
                "us-east-1" | "us-west-2" | "eu-west-1" => 100_000,
                "us-east-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-1" | "eu-central-1" | "eu-west-2" => {
                    20_000
                }
                _ => 10_000,
            },
            Self::Rsa | Self::Ecc | Self::MlDsa | Self::MlKem => 1_000,
            Self::Pair(spec) => {
                let in_china = region.partition() == "aws-cn";
                match spec {
                    DataKeyPairSpec::Rsa2048 if in_china => 1,
                    DataKeyPairSpec::Rsa3072 if in_china => return Rate { requests: 1, seconds: 2 },
                    DataKeyPairSpec::Rsa4096 if in_china => return Rate { requests: 1, seconds: 10 },
                    DataKeyPairSpec::Rsa2048 => 20,
                    DataKeyPairSpec::Rsa3072 => 4,
                    DataKeyPairSpec::Rsa4096 => 1,
                    DataKeyPairSpec::Sm2 => 25,
                    _ => 100,
                }
            }
            Self::Own(operation) => match operation.name() {
                "DescribeKey" | "GetPublicKey" | "ListResourceTags" => 2_000,
                "GetKeyPolicy" | "GetKeyRotationStatus" => 1_000,
                "ListAliases" | "ListKeys" => 500,
                "ListGrants" | "ListRetirableGrants" | "ListKeyPolicies" | "ListKeyRotations" => 100,
                "CreateGrant" | "RetireGrant" | "RevokeGrant" => 50,
                "DeleteAlias"
                | "PutKeyPolicy"
                | "ScheduleKeyDeletion"
                | "EnableKeyRotation"
                | "ImportKeyMaterial"
                | "DeleteImportedKeyMaterial" => 15,
                "TagResource" => 10,
                "GetParametersForImport" => 1,
                _ => 5,
            },
        };
        Rate { requests, seconds: 1 }
    }
}

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug)]
struct Rate {
    requests: u32,
    seconds: u32,
}

/// A bucket of tokens: it holds what the time of the rate lets through, and fills steadily. In thousandths of a
/// token, so that milliseconds count exactly.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    milli: u64,
    filled: i64,
}

impl Rate {
    fn most(self) -> u64 {
        u64::from(self.requests).saturating_mul(1000).max(1000)
    }

    /// Takes a token, if there is one.
    fn take(self, bucket: Option<Bucket>, now: Timestamp) -> (Bucket, bool) {
        let now = now.as_millis();
        let full = Bucket { milli: self.most(), filled: now };
        let bucket = bucket.map_or(full, |bucket| {
            if now == bucket.filled {
                return bucket;
            }
            // A clock that was turned back fills nothing, and counts from where it is now: until it has caught up may be a year.
            let passed = u64::try_from(now.saturating_sub(bucket.filled)).unwrap_or(0);
            // Thousandths of a token in `passed` milliseconds; the time of what does not divide is kept for later.
            let requests = u64::from(self.requests).max(1);
            let seconds = u64::from(self.seconds).max(1);
            let gained = passed.saturating_mul(requests) / seconds;
            let spent = gained.saturating_mul(seconds).div_ceil(requests);
            if bucket.milli.saturating_add(gained) >= full.milli || now < bucket.filled {
                return Bucket { milli: bucket.milli.saturating_add(gained).min(full.milli), filled: now };
            }
            let filled = bucket.filled.saturating_add(i64::try_from(spent.min(passed)).unwrap_or(i64::MAX));
            Bucket { milli: bucket.milli + gained, filled }
        });
        match bucket.milli.checked_sub(1000) {
            Some(milli) if self.requests > 0 => (Bucket { milli, ..bucket }, true),
            _ => (bucket, false),
        }
    }
}

/// A quota, and what is left of it.
struct Meter {
    family: Family,
    rate: Rate,
    bucket: Bucket,
}

/// Those of an account in a Region of which it has used something: some sixty, so that looking through them is fast.
type Meters = Vec<Meter>;

/// The request quotas of a vault, and what was used of them in this process. None at first.
#[derive(Default)]
pub(crate) struct Throttle {
    /// Whether there are any: else a request waits for no lock.
    is_set: AtomicBool,
    quotas: RwLock<Quotas>,
}

#[derive(Default)]
struct Quotas {
    /// In place of AWS's numbers; of several for one family the last.
    set: Vec<(Family, Rate)>,
    meters: BTreeMap<AccountId, BTreeMap<Region, Meters>>,
}

impl Throttle {
    /// AWS's numbers from now on, but for those that are given; or none. The count begins again.
    pub(crate) fn set(&self, quotas: Option<&[RequestQuota]>) -> Result<()> {
        let set = quotas.unwrap_or_default().iter().map(rate_of).collect::<Result<_>>()?;
        let mut current = self.quotas.write();
        *current = Quotas { set, meters: BTreeMap::new() };
        self.is_set.store(quotas.is_some(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether requests are counted.
    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    /// Counts a request. The caller's account pays, no matter whose key it is.
    pub(crate) fn take(&self, account: &AccountId, region: &Region, family: Family, now: Timestamp) -> Result<()> {
        if !self.is_set() {
            return Ok(());
        }
        let mut quotas = self.quotas.write();
        let Quotas { set, meters } = &mut *quotas;
        let of_family = |meter: &&mut Meter| meter.family == family;
        // Copies of the names are made for the first request alone.
        let known = meters.get_mut(account).and_then(|regions| regions.get_mut(region)?.iter_mut().find(of_family));
        let (rate, taken) = if let Some(Meter { rate, bucket, .. }) = known {
            let taken;
            (*bucket, taken) = rate.take(Some(*bucket), now);
            (*rate, taken)
        } else {
            let rate =
                set.iter().rfind(|(of, _)| *of == family).map_or_else(|| family.default_in(region), |(_, rate)| *rate);
            let (bucket, taken) = rate.take(None, now);
            let regions = meters.entry(account.clone()).or_default();
            regions.entry(region.clone()).or_default().push(Meter { family, rate, bucket });
            (rate, taken)
        };
        if taken { Ok(()) } else { Err(refusal(account, region, family, rate)) }
    }
}

/// What the host sets in place of a number of AWS's.
fn rate_of(quota: &RequestQuota) -> Result<(Family, Rate)> {
    shape::check(quota)?;
    let name = &quota.quota_name;
    let family = Family::named(name).ok_or_else(|| {
        let message = format!("'{}' is not valid as QuotaName", Untrusted(name));
        Error::new(ErrorKind::Validation, message).explain(
            "a quota is called Symmetric, RSA, ECC, ML-DSA or ML-KEM, GenerateDataKeyPair (RSA_2048) with any KeyPairSpec, or as an \
             operation that is not cryptographic",
        )
    })?;
    let number = |number: i32| u32::try_from(number).unwrap_or(0);
    Ok((family, Rate { requests: number(quota.requests), seconds: number(quota.seconds.unwrap_or(1)) }))
}

fn refusal(account: &AccountId, region: &Region, family: Family, Rate { requests, seconds }: Rate) -> Error {
    let family = family.name();
    Error::new(
        ErrorKind::Throttling,
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    )
    .explain(format!(
        "the account {account} has {requests} requests of the quota {family} in {seconds} s in {region}: wait, and try again with \
         exponential backoff"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many of `asked` requests are let through at that time.
    fn through(rate: Rate, bucket: &mut Option<Bucket>, millis: i64, asked: usize) -> usize {
        (0..asked)
            .filter(|_| {
                let (after, taken) = rate.take(*bucket, Timestamp::from_millis(millis));
                *bucket = Some(after);
                taken
            })
            .count()
    }

    #[test]
    fn a_bucket_fills_steadily_and_never_beyond_a_second() {
        let rate = Rate { requests: 5, seconds: 1 };
        let mut bucket = None;
        let steps = [(0, 5), (199, 0), (200, 1), (399, 0), (1000, 4), (9000, 5), (8000, 0), (8200, 1), (9000, 4)];
        for (millis, expected) in steps {
            assert_eq!(through(rate, &mut bucket, millis, 100), expected, "at {millis}");
        }
    }

    #[test]
    fn parts_of_a_request_in_a_second_add_up() {
        let rate = Rate { requests: 1, seconds: 2 };
        let mut bucket = None;
        let allowed: usize = (0..10_000).step_by(7).map(|millis| through(rate, &mut bucket, millis, 1)).sum();
        assert_eq!(allowed, 5);
        let none = Rate { requests: 0, seconds: 1 };
        assert_eq!(through(none, &mut None, 0, 3), 0);
    }

    #[test]
    fn every_name_means_a_family() {
        for operation in Operation::ALL {
            assert_eq!(Family::named(operation.name()).is_some(), operation.quota_class() == QuotaClass::Own);
        }
        assert_eq!(Family::named("GenerateDataKeyPair (RSA_4096)"), Some(Family::Pair(DataKeyPairSpec::Rsa4096)));
        assert!(["symmetric", "", "GenerateDataKeyPair (AES_256)"].iter().all(|name| Family::named(name).is_none()));
    }
}
