//! What conditions find in the request of an operation.

use super::{
    decision::{KeyPolicy, Parties},
    facts::{ConditionKey, Facts, Values, pair},
    grant_record::GrantTerms,
    guard::Guard,
    hearing::{Call, Hearing},
    principal::{PrincipalKind, is_service_name},
    question::{NewKey, Question},
    request::Request,
    resource::Resource,
    session::Session,
    verb::Verb,
};
use crate::{
    api::{Action, AlgorithmSpec, MessageType, WrappingKeySpec},
    key::{
        DataKeyPairSpec, EncryptionAlgorithmSpec, ExpirationModelType, KeyAgreementAlgorithmSpec, MacAlgorithmSpec,
        MultiRegionKeyType, SigningAlgorithmSpec,
    },
};
use alloc::{borrow::Cow, string::ToString, vec::Vec};

/// Values of the request itself. What is true of the caller and of the key stands in [`RequestContext`].
impl Facts for Question<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        if let Some(name) = key.after("aws:requesttag/") {
            return pair(self.tags.iter().map(|tag| (&tag.tag_key, &tag.tag_value)), name);
        }
        if let Some(name) = key.after("kms:recipientattestation:") {
            return Values::maybe(self.attested.and_then(|attested| attested.measurement(name)));
        }
        let number = |number: Option<i32>| Values::maybe(number.map(|number| number.to_string()));
        match key.lower.as_str() {
            "kms:requestalias" => Values::maybe(self.request_alias),
            "kms:encryptionalgorithm" => Values::maybe(self.encryption_algorithm.map(EncryptionAlgorithmSpec::as_str)),
            "kms:macalgorithm" => Values::maybe(self.mac_algorithm.map(MacAlgorithmSpec::as_str)),
            "kms:signingalgorithm" => Values::maybe(self.signing_algorithm.map(SigningAlgorithmSpec::as_str)),
            "kms:messagetype" => Values::maybe(self.message_type.map(MessageType::as_str)),
            "kms:keyagreementalgorithm" => {
                Values::maybe(self.key_agreement_algorithm.map(KeyAgreementAlgorithmSpec::as_str))
            }
            "kms:datakeypairspec" => Values::maybe(self.data_key_pair_spec.map(DataKeyPairSpec::as_str)),
            "kms:reencryptonsamekey" => match (self.other_key, self.resource) {
                (Some(other), Resource::Key(key)) => Values::boolean(other == key.id),
                _ => Values::Absent,
            },
            "kms:bypasspolicylockoutsafetycheck" => {
                self.bypass_policy_lockout_safety_check.map_or(Values::Absent, Values::boolean)
            }
            "kms:grantisforawsresource" => match self.action {
                Action::CreateGrant | Action::ListGrants | Action::RevokeGrant => Values::boolean(self.of_a_service()),
                _ => Values::Absent,
            },
            "kms:replicaregion" => Values::maybe(self.replica_region),
            "kms:primaryregion" => Values::maybe(self.primary_region),
            "kms:policyname" => Values::maybe(self.policy_name),
            "kms:rotationperiodindays" => number(self.rotation_period_in_days),
            "kms:schedulekeydeletionpendingwindowindays" => number(self.pending_window_in_days),
            "kms:wrappingalgorithm" => Values::maybe(self.wrapping_algorithm.map(AlgorithmSpec::as_str)),
            "kms:wrappingkeyspec" => Values::maybe(self.wrapping_key_spec.map(WrappingKeySpec::as_str)),
            "kms:expirationmodel" => Values::maybe(self.expiration_model.map(ExpirationModelType::as_str)),
            "kms:validto" => Values::maybe(self.valid_to.map(|date| date.as_millis().div_euclid(1000).to_string())),
            "aws:tagkeys" => {
                let added = self.tags.iter().map(|tag| &tag.tag_key);
                let keys: Vec<_> = added.chain(self.tag_keys).map(|key| Cow::Borrowed(key.as_str())).collect();
                if keys.is_empty() { Values::Absent } else { Values::Several(keys) }
            }
            name => match (self.new_key, self.new_grant, self.retired_grant) {
                (Some(new), ..) => new_key(new, name),
                (None, Some(new), _) => new_grant(new.written, name),
                (None, None, Some(grant)) if name == "kms:grantconstrainttype" => constraint_type(grant),
                (None, None, _) => Values::Absent,
            },
        }
    }
}

impl Question<'_> {
    /// Whether an AWS service asks: by itself, or for the caller.
    fn of_a_service(&self) -> bool {
        let by_itself = self.caller.principal().kind() == PrincipalKind::Service;
        by_itself || self.caller.session().and_then(Session::via_service).is_some()
    }
}

/// What is known of a key that is to be made.
fn new_key(new: NewKey, name: &str) -> Values<'static> {
    match name {
        "kms:keyspec" | "kms:customermasterkeyspec" => Values::one(new.spec.as_str()),
        "kms:keyusage" | "kms:customermasterkeyusage" => Values::one(new.usage.as_str()),
        "kms:keyorigin" => Values::one(new.origin.as_str()),
        "kms:multiregion" => Values::boolean(new.multi_region.is_some()),
        "kms:multiregionkeytype" => Values::maybe(new.multi_region.map(MultiRegionKeyType::as_str)),
        _ => Values::Absent,
    }
}

/// What is known of a grant that is to be made.
fn new_grant<'a>(new: &'a GrantTerms, name: &str) -> Values<'a> {
    let if_service = |text: &'a str, wanted: bool| Values::maybe((is_service_name(text) == wanted).then_some(text));
    let retiring = |wanted| new.retiring.as_deref().map_or(Values::Absent, |text| if_service(text, wanted));
    match name {
        "kms:granteeprincipal" => if_service(&new.grantee, false),
        "kms:granteeserviceprincipal" => if_service(&new.grantee, true),
        "kms:retiringprincipal" => retiring(false),
        "kms:retiringserviceprincipal" => retiring(true),
        "kms:grantoperations" => {
            Values::Several(new.operations.iter().map(|operation| Cow::Borrowed(operation.as_str())).collect())
        }
        "kms:grantconstrainttype" => constraint_type(new),
        "kms:grantconstraintsourcearn" => Values::maybe(new.source.as_deref()),
        _ => Values::Absent,
    }
}

/// Which constraint on the encryption context a grant has.
fn constraint_type(grant: &GrantTerms) -> Values<'static> {
    match (&grant.equals, &grant.subset) {
        (Some(_), _) => Values::one("EncryptionContextEquals"),
        (None, Some(_)) => Values::one("EncryptionContextSubset"),
        (None, None) => Values::Absent,
    }
}

impl Call for Question<'_> {
    fn put<T>(&self, guard: &Guard, answer: impl FnOnce(&Request<'_>, &Parties<'_>) -> T) -> T {
        let hearing = Hearing {
            caller: self.caller,
            action: Verb::Kms(self.action),
            resource: self.resource,
            facts: self,
            encryption_context: self.encryption_context,
            child: self.new_grant.map(|new| new.terms),
        };
        hearing.hold(guard, KeyPolicy::of(self.resource, guard.policy.as_deref()), answer)
    }
}
