//! Who called: `userIdentity` of a CloudTrail record (CloudTrail User Guide, "CloudTrail userIdentity element").

use super::json::{put_text, text_length};
use crate::access::{Caller, Principal, PrincipalKind, Requester};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use serde::{Deserialize, Serialize};

/// What the host stated of the caller's session and connection, as far as a record has it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Session {
    pub(super) source_ip: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) via_service: Option<String>,
    pub(super) vpc_endpoint_id: Option<String>,
    source_identity: Option<String>,
    mfa: Option<String>,
}

/// What of it is kept: its name in the trail, and that of its condition key.
const STATED: [(&str, &str); 6] = [
    ("sourceIp", "aws:sourceip"),
    ("userAgent", "aws:useragent"),
    ("viaService", "kms:viaservice"),
    ("vpcEndpointId", "aws:sourcevpce"),
    ("sourceIdentity", "aws:sourceidentity"),
    ("mfa", "aws:multifactorauthpresent"),
];

/// Appends it to an event.
pub(super) fn put_session(into: &mut Vec<u8>, caller: &Caller) {
    let Some(session) = caller.session() else { return };
    let mut begin: &[u8] = b",\"session\":{\"";
    for (name, key) in STATED {
        if let Some(value) = session.stated(key) {
            into.extend_from_slice(begin);
            into.extend_from_slice(name.as_bytes());
            into.extend_from_slice(b"\":");
            put_text(into, start_of(value));
            begin = b",\"";
        }
    }
    if begin == b",\"" {
        into.push(b'}');
    }
}

/// The most bytes of a stated value that are kept: some come from the caller's own requests, as the name of its program does.
const LONGEST: usize = 512;

fn start_of(value: &str) -> &str {
    let end = value.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST);
    end.and_then(|end| value.get(..end)).unwrap_or(value)
}

/// About how many bytes it appends.
pub(super) fn session_length(caller: &Caller) -> usize {
    let Some(session) = caller.session() else { return 0 };
    STATED.iter().filter_map(|(name, key)| Some(name.len() + text_length(start_of(session.stated(key)?)) + 6)).sum()
}

/// The element `userIdentity`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserIdentity {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// AWS's unique ids (`AIDA…`) do not exist here: names stand for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_issuer: Option<SessionIssuer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
    attributes: Attributes,
}

/// The role of a session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer {
    #[serde(rename = "type")]
    kind: &'static str,
    principal_id: String,
    arn: String,
    account_id: String,
    user_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    mfa_authenticated: String,
}

impl UserIdentity {
    /// Of a caller.
    pub(super) fn of(principal: &Principal, session: &Session) -> Self {
        let requester = Requester::of(principal);
        let account = principal.account().to_string();
        let (kind, has_session) = match principal.kind() {
            PrincipalKind::Root => ("Root", false),
            PrincipalKind::User => ("IAMUser", false),
            PrincipalKind::AssumedRole => ("AssumedRole", true),
            PrincipalKind::FederatedUser => ("FederatedUser", true),
            // It belongs to no account.
            PrincipalKind::Service => {
                return Self {
                    kind: Some("AWSService"),
                    invoked_by: Some(principal.to_string()),
                    ..Self::service(None)
                };
            }
        };
        let issuer = requester.session().map(|(role, _)| SessionIssuer {
            kind: "Role",
            principal_id: role.into(),
            arn: requester.principal_arn(),
            account_id: account.clone(),
            user_name: role.into(),
        });
        let is_stated = session.mfa.is_some() || session.source_identity.is_some();
        Self {
            kind: Some(kind),
            principal_id: requester.user_id(),
            arn: Some(principal.to_string()),
            account_id: Some(account),
            user_name: requester.user_name().map(Into::into),
            session_context: (has_session || is_stated).then(|| SessionContext {
                session_issuer: issuer,
                source_identity: session.source_identity.clone(),
                attributes: Attributes { mfa_authenticated: session.mfa.clone().unwrap_or_else(|| "false".into()) },
            }),
            invoked_by: session.via_service.clone(),
        }
    }

    /// Of AWS's own service, for an account.
    pub(super) fn service(account: Option<&str>) -> Self {
        Self {
            kind: None,
            principal_id: None,
            arn: None,
            account_id: account.map(Into::into),
            user_name: None,
            session_context: None,
            invoked_by: Some("AWS Internal".into()),
        }
    }
}
