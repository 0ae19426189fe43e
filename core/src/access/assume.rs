//! Who may assume a role: the same decision as of a key, with the role's trust policy in place of the key's.

use super::{
    Principal, PrincipalKind,
    caller::Caller,
    decision::{Decision, KeyPolicy, Reason, decide},
    entity::EntityRecord,
    explain::explain,
    facts::{ConditionKey, Facts, Values, pair},
    guard::Guard,
    hearing::Hearing,
    resource::Resource,
    session::Session,
    verb::Verb,
};
use crate::{
    api::{AssumeRoleRequest, Tag},
    error::{Error, ErrorKind, Result, Untrusted},
    key::AccountId,
};
use alloc::{borrow::Cow, format, vec::Vec};

/// What conditions find of a request to assume a role.
struct Assumed<'a> {
    request: &'a AssumeRoleRequest,
    tags: &'a [Tag],
}

impl Facts for Assumed<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        if let Some(name) = key.after("aws:requesttag/") {
            return pair(self.tags.iter().map(|tag| (&tag.tag_key, &tag.tag_value)), name);
        }
        let session = self.request.session.as_ref();
        match key.lower.as_str() {
            "sts:externalid" => Values::maybe(self.request.external_id.as_deref()),
            "sts:rolesessionname" => Values::one(self.request.role_session_name.as_str()),
            "sts:sourceidentity" => Values::maybe(session.and_then(|session| session.source_identity.as_deref())),
            "aws:tagkeys" if !self.tags.is_empty() => {
                Values::Several(self.tags.iter().map(|tag| Cow::Borrowed(tag.tag_key.as_str())).collect())
            }
            _ => Values::Absent,
        }
    }
}

/// The caller that a session of the role is, no matter who assumed it.
pub(crate) fn session_of(role_arn: &str, caller: &Caller, request: &AssumeRoleRequest) -> Result<Caller> {
    let mut parts = role_arn.splitn(6, ':');
    let (partition, account) = (parts.nth(1).unwrap_or_default(), parts.nth(2).unwrap_or_default());
    let role = parts.next().and_then(|resource| resource.rsplit('/').next()).unwrap_or_default();
    let principal = format!("arn:{partition}:sts::{account}:assumed-role/{role}/{}", request.role_session_name);
    let principal: Principal = principal.parse().map_err(|_| {
        let name = Untrusted(&request.role_session_name);
        Error::new(ErrorKind::Validation, format!("'{name}' is not valid as RoleSessionName"))
    })?;
    // Each has an action of its own that the trust policy must allow, which would not be asked about what is stated so.
    let stated = request.session.iter().flat_map(|session| session.context.iter().flatten());
    for key in stated.map(|entry| entry.context_key_name.to_lowercase()) {
        if key.starts_with("aws:principaltag/") || key == "aws:sourceidentity" {
            let message =
                format!("'{}' is not valid as context: give it as a tag or the source identity", Untrusted(&key));
            return Err(Error::new(ErrorKind::Validation, message));
        }
    }
    let assumed = Caller::new(principal.as_str(), caller.region().as_str())?;
    assumed.with_session(request.session.clone().unwrap_or_default())
}

/// Asks whether the caller may assume the role; `None` where there is no such role.
pub(crate) fn authorize_to_assume(
    caller: &Caller,
    assumed: &Caller,
    role: Option<&EntityRecord>,
    guard: &Guard,
    request: &AssumeRoleRequest,
) -> Result<()> {
    let account: &AccountId = assumed.account();
    // In AWS's words: it has no session policies, and no reason to become less than it is.
    if caller.principal().kind() == PrincipalKind::Root {
        return Err(Error::new(ErrorKind::AccessDenied, "Roles may not be assumed by root accounts."));
    }
    let session = assumed.session();
    let tags = session.map_or(&[][..], Session::tags);
    let mut verbs = Vec::from([Verb::AssumeRole]);
    verbs.extend((!tags.is_empty()).then_some(Verb::TagSession));
    verbs.extend(session.and_then(Session::source_identity).map(|_| Verb::SetSourceIdentity));
    let facts = Assumed { request, tags };
    let role_arn = role.map_or(request.role_arn.as_str(), |role| &role.written.arn);
    for action in verbs {
        let denied = || {
            let message = format!(
                "User: {} is not authorized to perform: {} on resource: {}",
                caller.principal(),
                action.full_name(),
                Untrusted(&request.role_arn)
            );
            Error::new(ErrorKind::AccessDenied, message)
        };
        let Some(trust) = role.and_then(|role| role.trust.as_ref()) else {
            return Err(if caller.account() == account {
                denied().explain("the registry has no such role, or it has no trust policy")
            } else {
                denied()
            });
        };
        let hearing = Hearing {
            caller,
            action,
            resource: Resource::Role(role_arn, account),
            facts: &facts,
            encryption_context: None,
            child: None,
        };
        hearing.hold(guard, Some(KeyPolicy::Written(trust)), |asked, parties| match decide(asked, parties) {
            Decision::Allowed(_) => Ok(()),
            decision @ Decision::Denied(
                Reason::OtherAccount | Reason::Unknown | Reason::Explicit(_) | Reason::Lacking(_),
            ) => {
                let own = caller.account() == account;
                Err(if own { denied().explain(explain(asked, parties, &decision).join("; ")) } else { denied() })
            }
        })?;
    }
    Ok(())
}
