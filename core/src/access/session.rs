//! What the host states of a caller's session and connection. Only the host can.

use super::{
    Principal, PrincipalKind,
    context::{Stated, check_stated},
    facts::{ConditionKey, Facts, Values},
    policy::{Policy, PolicyKind},
    principal::is_service_name,
};
use crate::{
    api::{SessionContext, Tag},
    clock::Timestamp,
    error::{Error, ErrorKind, Result, Untrusted},
    shape,
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::net::IpAddr;

/// A [`SessionContext`], checked and read once.
#[derive(Debug)]
pub(crate) struct Session {
    written: SessionContext,
    pub(crate) policies: Vec<Arc<Policy>>,
    pub(crate) endpoint: Option<Policy>,
    stated: Stated,
    multi_factor: Option<Timestamp>,
}

/// What it says, the rest follows from.
impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Session {}

impl Session {
    /// Checks what is stated of a principal's session.
    pub(crate) fn new(written: SessionContext, principal: &Principal) -> Result<Self> {
        shape::check(&written)?;
        let has_session = matches!(principal.kind(), PrincipalKind::AssumedRole | PrincipalKind::FederatedUser);
        let is_service = principal.kind() == PrincipalKind::Service;
        check_service(&written, principal, is_service)?;
        if !has_session && (written.policies.is_some() || written.tags.is_some()) {
            return Err(invalid(
                "session",
                principal.as_str(),
                "session policies and tags are of sessions of roles and of federated users",
            ));
        }
        let policies = written.policies.iter().flatten().enumerate();
        let parsed = |(at, document): (usize, &String)| {
            Policy::parse(document, PolicyKind::Identity)
                .map(|policy| Arc::new(policy.labelled(format!("session policy {}", at + 1))))
        };
        Ok(Self {
            policies: policies.map(parsed).collect::<Result<_>>()?,
            endpoint: written
                .vpc_endpoint_policy
                .as_deref()
                .map(|document| Policy::parse(document, PolicyKind::Endpoint))
                .transpose()?,
            stated: stated(&written)?,
            multi_factor: written.multi_factor_auth_time,
            written,
        })
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self, now: impl FnOnce() -> Timestamp) -> bool {
        self.written.expiration.is_some_and(|end| now() >= end)
    }

    /// The tags of the session.
    pub(crate) fn tags(&self) -> &[Tag] {
        self.written.tags.as_deref().unwrap_or_default()
    }

    pub(crate) fn source_identity(&self) -> Option<&str> {
        self.written.source_identity.as_deref()
    }

    /// The value of a condition key that the host stated, by its name in lower case; of several the first.
    pub(crate) fn stated(&self, key: &str) -> Option<&str> {
        match (key, self.multi_factor) {
            ("aws:multifactorauthpresent", Some(_)) => Some("true"),
            _ => self.stated.get(key)?.first().map(String::as_str),
        }
    }

    /// The AWS service that asks on the caller's behalf.
    pub(crate) fn via_service(&self) -> Option<&str> {
        self.written.via_service.as_deref()
    }

    /// The values for a condition key at a time.
    pub(crate) fn values(&self, key: &ConditionKey, now: Timestamp) -> Values<'_> {
        match (key.lower.as_str(), self.multi_factor) {
            ("aws:multifactorauthpresent", Some(_)) => Values::boolean(true),
            ("aws:multifactorauthage", Some(time)) => {
                let age = now.as_millis().saturating_sub(time.as_millis()).max(0) / 1000;
                Values::one(age.to_string())
            }
            _ => Facts::values(&self.stated, key),
        }
    }
}

/// Condition keys that an AWS service alone brings along: for which resource, and so for whom it asks.
const OF_SERVICES: [&str; 4] = ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

/// What an AWS service has beside others, and what it does not have.
fn check_service(written: &SessionContext, principal: &Principal, is_service: bool) -> Result<()> {
    let SessionContext { via_service, source_identity, multi_factor_auth_time, .. } = written;
    let of_principals = via_service.is_some() || source_identity.is_some() || multi_factor_auth_time.is_some();
    if is_service && of_principals {
        let why =
            "an AWS service that calls by itself calls through no other, and has no source identity or second factor";
        return Err(invalid("session", principal.as_str(), why));
    }
    let keys = written.context.iter().flatten().map(|entry| &entry.context_key_name);
    for key in keys.filter(|key| OF_SERVICES.contains(&&*key.to_lowercase())) {
        if !is_service && via_service.is_none() {
            return Err(invalid("context", key, "only an AWS service brings it along"));
        }
    }
    Ok(())
}

fn stated(written: &SessionContext) -> Result<Stated> {
    let mut stated = Stated::new();
    let mut state = |key: &str, values: &[&String]| {
        let values = values.iter().map(ToString::to_string).collect();
        match stated.insert(key.to_lowercase(), values) {
            Some(_) => Err(invalid("session", key, "it is stated twice")),
            None => Ok(()),
        }
    };
    for tag in written.tags.iter().flatten() {
        state(&format!("aws:PrincipalTag/{}", tag.tag_key), &[&tag.tag_value])?;
    }
    if let Some(identity) = &written.source_identity {
        state("aws:SourceIdentity", &[identity])?;
    }
    if let Some(address) = &written.source_ip {
        if address.parse::<IpAddr>().is_err() {
            return Err(invalid("sourceIp", address, "it is no IP address"));
        }
        state("aws:SourceIp", &[address])?;
    }
    if let Some(endpoint) = &written.vpc_endpoint_id {
        state("aws:SourceVpce", &[endpoint])?;
    }
    if let Some(service) = &written.via_service {
        if !is_service_name(service) {
            return Err(invalid("viaService", service, "it is no name of an AWS service"));
        }
        state("kms:ViaService", &[service])?;
        state("aws:ViaAWSService", &[&"true".to_string()])?;
        for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
            state(key, &[service])?;
        }
    }
    for entry in written.context.iter().flatten() {
        let (key, values) = (&entry.context_key_name, &entry.context_key_values);
        let lower = key.to_lowercase();
        let of_request = lower == "aws:tagkeys" || lower.starts_with("aws:requesttag/");
        if !lower.starts_with("aws:") || of_request {
            return Err(invalid("context", key, "its value is the request's"));
        }
        if written.multi_factor_auth_time.is_some() && lower.starts_with("aws:multifactorauth") {
            return Err(invalid("context", key, "it is stated twice"));
        }
        check_stated(key, values).map_err(|why| invalid("context", key, why))?;
        state(key, &values.iter().collect::<Vec<_>>())?;
    }
    Ok(stated)
}

fn invalid(member: &str, value: &str, why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("'{}' is not valid as {member}: {why}", Untrusted(value)))
}
