//! An event as a record of AWS CloudTrail.

use super::{Call, GAP, RESTART, dates, identity::UserIdentity, recorded::Recorded};
use crate::{
    access::{Principal, PrincipalKind},
    api::{AuditEvent, Operation},
    key::{ALIAS_PREFIX, Arn},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Builder;

/// The version of CloudTrail's record format.
const VERSION: &str = "1.11";

/// A record, its members in CloudTrail's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    user_identity: UserIdentity,
    event_time: String,
    event_source: &'static str,
    event_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws_region: Option<&'a str>,
    #[serde(rename = "sourceIPAddress", skip_serializing_if = "Option::is_none")]
    source_ip_address: Option<&'a str>,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<&'a Map<String, Value>>,
    response_elements: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    additional_event_data: &'a Map<String, Value>,
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    resources: Vec<Resource>,
    event_type: &'static str,
    management_event: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_account_id: Option<&'a str>,
    #[serde(rename = "sharedEventID", skip_serializing_if = "Option::is_none")]
    shared_event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_event_details: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_endpoint_id: Option<&'a str>,
    event_category: &'static str,
}

/// CloudTrail gives aliases the type of keys.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "ARN")]
    arn: String,
}

/// What the ids of an event are made of: another one for each of them.
#[derive(Clone, Copy)]
pub(super) enum Id {
    Event,
    Request,
    /// Of the record in the account of the key.
    Owner,
    /// Of what the records have in common.
    Shared,
    /// Of the record in the account of a second key, of `ReEncrypt`.
    SecondOwner,
}

impl Recorded {
    /// The records of the event: one in the caller's account, and another one in each other account whose key was used. What
    /// was denied stands in the caller's account alone.
    pub(crate) fn events(&self) -> Vec<AuditEvent> {
        let caller = self.principal();
        let own = caller.as_ref().map(|caller| caller.account().as_str()).or_else(|| self.accounts().next());
        let is_denied = self.error_code.as_deref() == Some("AccessDenied");
        let others = if is_denied { Vec::new() } else { self.others(own) };
        let shared = (!others.is_empty()).then(|| self.id(Id::Shared));
        let shared = shared.as_deref();
        let mut events = Vec::from([self.event(caller.as_ref(), own, &self.id(Id::Event), shared)]);
        let of_other = |other: &&str| self.event(caller.as_ref(), Some(other), &self.id_in(Some(other), own), shared);
        events.extend(others.iter().map(of_other));
        events
    }

    /// The accounts of the keys.
    fn accounts(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|arn| account_of(arn))
    }

    /// Those that are not the caller's. `ReEncrypt` may have two.
    fn others(&self, own: Option<&str>) -> Vec<&str> {
        let mut others: Vec<_> = self.accounts().filter(|account| Some(*account) != own).collect();
        others.dedup();
        others
    }

    /// The id of the record in an account, where `own` is the caller's.
    pub(super) fn id_in(&self, account: Option<&str>, own: Option<&str>) -> String {
        let place = self.others(own).iter().position(|other| Some(*other) == account);
        self.id(match place {
            None => Id::Event,
            Some(0) => Id::Owner,
            Some(_) => Id::SecondOwner,
        })
    }

    fn event(&self, caller: Option<&Principal>, recipient: Option<&str>, id: &str, shared: Option<&str>) -> AuditEvent {
        let request = self.request_parameters();
        let response = self.response_elements();
        let more = self.additional_event_data();
        let is_service = caller.is_none();
        // What an AWS service sends comes from the service, whoever had it call.
        let service = match caller {
            None => Some("AWS Internal"),
            Some(caller) if caller.kind() == PrincipalKind::Service => Some(caller.as_str()),
            Some(_) => self.session.via_service.as_deref(),
        };
        let source = service.or(self.session.source_ip.as_deref());
        let own = concat!("PocketKMS/", env!("CARGO_PKG_VERSION"));
        let agent = service.or(self.session.user_agent.as_deref()).unwrap_or(own);
        let resources = self.resources();
        let is_own =
            [GAP, RESTART].contains(&&*self.name) || matches!(self.call(), Some(Call::BranchKey(_) | Call::Parcel(_)));
        let record = Record {
            event_version: VERSION,
            user_identity: match caller {
                Some(caller) => UserIdentity::of(caller, &self.session),
                None => UserIdentity::service(recipient),
            },
            event_time: dates::iso(self.time()),
            event_source: if is_own { "pocketkms" } else { "kms.amazonaws.com" },
            event_name: &self.name,
            aws_region: self.region.as_deref().or_else(|| self.keys.first().and_then(|arn| arn.split(':').nth(3))),
            source_ip_address: source,
            user_agent: agent,
            error_code: self.error_code.as_deref(),
            error_message: self.error_message.as_deref(),
            request_parameters: request.as_ref(),
            response_elements: response.as_ref(),
            additional_event_data: &more,
            request_id: caller.map(|_| self.id(Id::Request)),
            event_id: id,
            read_only: self.is_read_only(),
            resources: resources.iter().map(|arn| resource(arn)).collect(),
            event_type: if is_service { "AwsServiceEvent" } else { "AwsApiCall" },
            management_event: true,
            recipient_account_id: recipient,
            shared_event_id: shared,
            service_event_details: self.service.as_ref(),
            vpc_endpoint_id: self.session.vpc_endpoint_id.as_deref(),
            event_category: "Management",
        };
        AuditEvent {
            event_id: id.into(),
            event_name: self.name.clone(),
            event_time: self.time(),
            read_only: record.read_only,
            principal: self.caller.clone(),
            recipient_account_id: recipient.map(Into::into),
            error_code: self.error_code.clone(),
            cloud_trail_event: serde_json::to_string(&record).unwrap_or_default(),
            resources,
        }
    }

    /// The algorithm is always there, whether or not the request has it.
    fn request_parameters(&self) -> Option<Map<String, Value>> {
        let mut request = self.request.clone();
        let defaults: &[&str] = match self.call() {
            Some(Call::Kms(Operation::Encrypt | Operation::Decrypt)) => &["encryptionAlgorithm"],
            Some(Call::Kms(Operation::ReEncrypt)) => &["sourceEncryptionAlgorithm", "destinationEncryptionAlgorithm"],
            _ => &[],
        };
        for name in defaults {
            let request = request.get_or_insert_default();
            request.entry(*name).or_insert_with(|| "SYMMETRIC_DEFAULT".into());
        }
        request
    }

    /// Since December 2022 what answers nothing has the ARN of its key here.
    fn response_elements(&self) -> Option<Map<String, Value>> {
        if self.error_code.is_some() || self.is_read_only() {
            return None;
        }
        let has_key = matches!(self.call(), Some(Call::Kms(operation)) if operation != Operation::RetireGrant);
        let key = self.keys.first().filter(|_| has_key);
        let key_id = || key.map(|arn| Map::from_iter([("keyId".to_string(), Value::from(arn.as_str()))]));
        self.response.clone().or_else(key_id)
    }

    fn additional_event_data(&self) -> Map<String, Value> {
        let mut more = self.more.clone();
        if self.error_code.is_none() && self.call() == Some(Call::Kms(Operation::Encrypt)) {
            // The response of Encrypt does not have it.
            more.extend(self.material.iter().map(|id| ("keyMaterialId".to_string(), Value::from(id.as_str()))));
        }
        more.extend(self.recipient.iter().map(|recipient| ("recipient".to_string(), Value::from(recipient.clone()))));
        more.extend(self.grant.iter().map(|id| ("grantId".to_string(), Value::from(id.as_str()))));
        more
    }

    /// The ARNs of keys, and that of the alias that was changed.
    fn resources(&self) -> Vec<String> {
        let mut resources = self.keys.clone();
        let changes_alias = matches!(
            self.call(),
            Some(Call::Kms(Operation::CreateAlias | Operation::UpdateAlias | Operation::DeleteAlias))
        );
        let name =
            self.request.as_ref().filter(|_| changes_alias).and_then(|request| request.get("aliasName")?.as_str());
        let caller: Option<Principal> = self.caller.as_deref().and_then(|arn| arn.parse().ok());
        if let (Some(name), Some(caller), Some(region)) = (name, caller, &self.region)
            && let Ok(region) = region.parse()
            && name.starts_with(ALIAS_PREFIX)
        {
            resources.push(Arn::text(&region, caller.account(), &name));
        }
        resources
    }

    /// A UUID of the event's random bytes.
    pub(super) fn id(&self, id: Id) -> String {
        let mut bytes = [0; 16];
        // What was altered has no id.
        let _ = hex::decode_to_slice(&self.id, &mut bytes);
        made_of(bytes, id)
    }
}

/// The id of the request whose event is made of these bytes.
pub(crate) fn request_id(bytes: [u8; 16]) -> String {
    made_of(bytes, Id::Request)
}

fn made_of(mut bytes: [u8; 16], id: Id) -> String {
    // The ids of one event differ in these bits, and those of two events in the others.
    bytes[15] = bytes[15] & 0xf8 | id as u8;
    Builder::from_random_bytes(bytes).into_uuid().hyphenated().to_string()
}

pub(super) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

fn resource(arn: &str) -> Resource {
    Resource { account_id: account_of(arn).map(Into::into), kind: "AWS::KMS::Key", arn: arn.into() }
}
