//! What an event counts as: a request that is charged, and a use of its keys.

use super::{
    BranchKeyCall, Call,
    cloudtrail::{Id, account_of},
    recorded::Recorded,
};
use crate::{
    api::{BillItem, KeyLastUsageTrackingOperation, Operation, QuotaClass},
    audit::LastUse,
    error::ErrorKind,
    key::{AccountId, KeySpec},
};

/// What AWS's API begins the names of the operations with that make data key pairs.
const DATA_KEY_PAIR: &str = "GenerateDataKeyPair";

impl Recorded {
    /// Who pays for the request, in which Region, and what kind it is; nothing where it is none.
    ///
    /// AWS charges for requests whatever becomes of them. Those that were throttled are not charged here, since AWS does not say.
    pub(in crate::audit) fn charged(&self) -> Option<(AccountId, &str, BillItem)> {
        let caller = self.principal()?;
        let region = self.region.as_deref()?;
        let is_throttled = self.error_code.as_deref() == Some(ErrorKind::Throttling.name());
        let item = self.item().filter(|_| !is_throttled)?;
        Some((caller.account().clone(), region, item))
    }

    fn item(&self) -> Option<BillItem> {
        let operation = match self.call()? {
            Call::Kms(operation) => operation,
            // AWS's libraries read these from a table, which is no request to KMS.
            Call::BranchKey(BranchKeyCall::Describe | BranchKeyCall::List) => return None,
            Call::BranchKey(_) | Call::Parcel(_) => return Some(BillItem::Requests),
        };
        if self.name.starts_with(DATA_KEY_PAIR) {
            let pair = self.request.as_ref().and_then(|request| request.get("keyPairSpec")?.as_str());
            let is_rsa = pair.is_some_and(|spec| spec.starts_with("RSA"));
            return Some(if is_rsa { BillItem::RsaDataKeyPairs } else { BillItem::EccDataKeyPairs });
        }
        // What manages an asymmetric key costs as much as what manages any other.
        let uses_key = operation.quota_class() == QuotaClass::Cryptographic || operation == Operation::GetPublicKey;
        Some(match self.spec.as_deref().filter(|_| uses_key) {
            None => BillItem::Requests,
            Some(spec) if spec == KeySpec::Rsa2048.as_str() => BillItem::Rsa2048Requests,
            Some(_) => BillItem::AsymmetricRequests,
        })
    }

    /// The keys that were used successfully, by ARN, and how.
    pub(in crate::audit) fn uses(&self) -> impl Iterator<Item = (&str, LastUse)> {
        let is_named = |operation: &&KeyLastUsageTrackingOperation| operation.as_str() == self.name;
        let operation = KeyLastUsageTrackingOperation::ALL.iter().find(is_named);
        let operation = operation.filter(|_| self.error_code.is_none());
        let caller = self.principal();
        operation.into_iter().flat_map(move |operation| {
            let caller = caller.clone();
            self.keys.iter().map(move |key| {
                let own = caller.as_ref().map(|caller| caller.account().as_str());
                let event = self.id_in(account_of(key), own);
                (key.as_str(), LastUse::new(*operation, self.time(), event, self.id(Id::Request)))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn item(name: &str, members: &str) -> Option<BillItem> {
        let caller = "arn:aws:iam::111122223333:root";
        let text =
            format!(r#"{{"time":0,"name":"{name}","caller":"{caller}","region":"eu-west-1"{members},"id":"00"}}"#);
        let event = Recorded::read(&text).unwrap();
        let charged = event.charged();
        assert!(
            charged
                .as_ref()
                .is_none_or(|(account, region, _)| (account.as_str(), *region) == ("111122223333", "eu-west-1"))
        );
        charged.map(|(_, _, item)| item)
    }

    #[test]
    fn a_request_costs_by_the_spec_of_its_key() {
        let spec = |name: &str, spec: &str| item(name, &format!(r#","spec":"{spec}""#));
        assert_eq!(item("Encrypt", ""), Some(BillItem::Requests));
        assert_eq!(spec("Encrypt", "RSA_2048"), Some(BillItem::Rsa2048Requests));
        assert_eq!(spec("GetPublicKey", "RSA_2048"), Some(BillItem::Rsa2048Requests));
        assert_eq!(spec("ReEncrypt", "RSA_4096"), Some(BillItem::AsymmetricRequests));
        assert_eq!(spec("Sign", "ECC_NIST_P256"), Some(BillItem::AsymmetricRequests));
        assert_eq!(spec("DescribeKey", "RSA_4096"), Some(BillItem::Requests));
        assert_eq!(item("Sign", r#","errorCode":"AccessDenied""#), Some(BillItem::Requests));
        assert_eq!(item("Encrypt", r#","errorCode":"ThrottlingException""#), None);
        assert_eq!(item("OpenBranchKey", ""), Some(BillItem::Requests));
        assert_eq!(item("DescribeBranchKey", ""), None);
        assert_eq!(item("AuditTrailGap", ""), None);
    }

    #[test]
    fn what_no_one_called_is_no_request() {
        let event = Recorded::read(
            r#"{"time":0,"name":"RotateKey","keys":["arn:aws:kms:eu-west-1:111122223333:key/x"],"id":"00"}"#,
        );
        assert!(event.unwrap().charged().is_none());
    }
}
