//! The decision, in the steps of AWS's policy evaluation logic (AWS KMS Developer Guide, "Troubleshooting key access"; IAM
//! User Guide, "Policy evaluation logic").

use super::{
    grant::{Asked, Grant},
    grant_record::GrantRecord,
    key_policy::KeyPolicyRecord,
    named::{NamedPrincipal, Reach},
    policy::{Policy, Said},
    request::Request,
    resource::Resource,
};
use crate::key::{AccountId, KeyManagerType};
use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

/// The policy of a key.
#[derive(Clone, Copy)]
pub(crate) enum KeyPolicy<'a> {
    /// The default one: everything to the account.
    Default(&'a AccountId),
    Written(&'a Policy),
}

impl<'a> KeyPolicy<'a> {
    /// Of a resource, if it is a key, to which this policy was put.
    pub(crate) fn of(resource: Resource<'a>, put: Option<&'a KeyPolicyRecord>) -> Option<Self> {
        match (resource, put) {
            (Resource::Key(_), Some(written)) => Some(Self::Written(written.policy())),
            (Resource::Key(key), None) => Some(Self::Default(&key.account)),
            (Resource::Alias(_) | Resource::Role(..) | Resource::None, _) => None,
        }
    }
}

impl KeyPolicy<'_> {
    fn say(&self, request: &Request<'_>) -> Said {
        match self {
            Self::Default(account) if request.caller.account() == Some(account) => Said::TO_THE_ACCOUNT,
            Self::Default(_) => Said::default(),
            Self::Written(policy) => policy.say(request),
        }
    }
}

/// What is attached to a caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// Of the user and its groups, or of the role.
    pub(crate) policies: Vec<Arc<Policy>>,
    pub(crate) boundary: Option<Arc<Policy>>,
    /// Of the account and what is above it in the organization, a list each.
    pub(crate) service_control: Vec<Vec<Arc<Policy>>>,
    /// The tags of the user or role.
    pub(crate) tags: BTreeMap<String, String>,
    /// The ARN of the user or role. That of a role has a path, which its sessions do not show.
    pub(crate) arn: Option<String>,
}

/// All whose word counts.
#[derive(Clone, Copy)]
pub(crate) struct Parties<'a> {
    /// The caller's; `None` where no one keeps identities of its account: then identity policies allow everything, and
    /// the key policy alone decides.
    pub(crate) identity: Option<&'a Identity>,
    /// The caller's account keeps its identities, and the caller is not among them: it is allowed nothing.
    pub(crate) unknown: bool,
    /// Those of the session; none limits nothing.
    pub(crate) session: &'a [Arc<Policy>],
    /// `None` where the action concerns no key.
    pub(crate) key_policy: Option<KeyPolicy<'a>>,
    /// Of the key's account and what is above it in the organization, a list each.
    pub(crate) resource_control: &'a [Vec<Arc<Policy>>],
    pub(crate) endpoint: Option<&'a Policy>,
    /// Those of the key; those of others never match.
    pub(crate) grants: &'a [Arc<Grant>],
    pub(crate) asked: Asked<'a>,
}

/// Where a word comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    ServiceControl,
    ResourceControl,
    Key,
    Identity,
    Boundary,
    Session,
    Endpoint,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed(Basis),
    Denied(Reason),
}

/// What allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The grant with that id.
    Grant(String),
    /// The key policy alone.
    KeyPolicy,
    /// The key policy, which leaves it to the account, and the account.
    KeyPolicyAndIdentity,
    /// An identity policy alone, of an action without a key.
    Identity,
}

/// Why it is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The action never crosses accounts.
    OtherAccount,
    /// There is no such principal.
    Unknown,
    Explicit(Source),
    /// Nothing allows it, and this is what lacks.
    Lacking(Source),
}

/// What all parties say, each asked once.
#[derive(Default)]
struct Heard {
    identity: Said,
    boundary: Option<Said>,
    session: Option<Said>,
    service_control: Levels,
    resource_control: Levels,
    endpoint: Option<Said>,
    key: Option<Said>,
}

/// What the levels of an organization say.
#[derive(Default)]
struct Levels {
    denied: bool,
    /// One of them does not allow.
    lacking: bool,
}

fn all_of(policies: &[Arc<Policy>], request: &Request<'_>) -> Said {
    policies.iter().fold(Said::default(), |said, policy| said.and(policy.say(request)))
}

fn levels(levels: &[Vec<Arc<Policy>>], request: &Request<'_>) -> Levels {
    levels.iter().fold(Levels::default(), |heard, level| {
        let said = all_of(level, request);
        Levels { denied: heard.denied || said.denied, lacking: heard.lacking || !said.allowed() }
    })
}

fn hear(request: &Request<'_>, parties: &Parties<'_>) -> Heard {
    let mut heard = Heard::default();
    let service_linked = request.caller.session().is_some_and(|(role, _)| role.starts_with("AWSServiceRoleFor"));
    if let Some(identity) = parties.identity.filter(|_| !request.caller.is_service()) {
        heard.identity = all_of(&identity.policies, request);
        heard.boundary = identity.boundary.as_ref().map(|policy| policy.say(request));
        if !service_linked {
            heard.service_control = levels(&identity.service_control, request);
        }
    }
    heard.session = (!parties.session.is_empty()).then(|| all_of(parties.session, request));
    // The root user needs no identity policy; it can have none. An AWS service has none, and is allowed nothing by one.
    if (parties.identity.is_none() && !request.caller.is_service()) || request.caller.is_root() {
        heard.identity = heard.identity.and(Said::to(Reach::Everyone));
    }
    let managed = matches!(request.resource, Resource::Key(key) if key.manager == KeyManagerType::Aws);
    if !service_linked && !managed {
        heard.resource_control = levels(parties.resource_control, request);
    }
    heard.endpoint = parties.endpoint.map(|policy| policy.say(request));
    heard.key = parties.key_policy.map(|policy| policy.say(request));
    heard
}

/// Decides one question.
pub(crate) fn decide(request: &Request<'_>, parties: &Parties<'_>) -> Decision {
    if parties.unknown {
        return Decision::Denied(Reason::Unknown);
    }
    if stays_in_its_account(request) {
        return Decision::Denied(Reason::OtherAccount);
    }
    if is_reserved(request) {
        return Decision::Denied(Reason::Lacking(Source::Identity));
    }
    let mut heard = hear(request, parties);
    if let Some(source) = explicit_deny(&heard) {
        return Decision::Denied(Reason::Explicit(source));
    }
    if let Some(source) = limits(&heard) {
        return Decision::Denied(Reason::Lacking(source));
    }
    let own = own_account(request);
    if let Some(id) = grant(request, parties, &mut heard, own) {
        return Decision::Allowed(Basis::Grant(id));
    }
    let decided = match heard.key {
        None => without_key(&heard),
        Some(key) if request.caller.is_service() => service(key),
        Some(key) if own => own_key(&heard, key),
        Some(key) => key_of_another_account(&heard, key),
    };
    match decided {
        Ok(basis) => Decision::Allowed(basis),
        Err(lacking) => Decision::Denied(Reason::Lacking(lacking)),
    }
}

/// Decides whether a grant may be retired (AWS KMS API reference, `RetireGrant`). The key policy has no say in that but to deny.
pub(crate) fn decide_to_retire(request: &Request<'_>, parties: &Parties<'_>, grant: &GrantRecord) -> Decision {
    if parties.unknown {
        return Decision::Denied(Reason::Unknown);
    }
    let heard = hear(request, parties);
    if let Some(source) = explicit_deny(&heard) {
        return Decision::Denied(Reason::Explicit(source));
    }
    if let Some(source) = limits(&heard) {
        return Decision::Denied(Reason::Lacking(source));
    }
    let itself = |named: &NamedPrincipal| named.reach(request.caller).filter(|reach| *reach != Reach::Account);
    let of_account = |named: &NamedPrincipal| named.reach(request.caller) == Some(Reach::Account);
    let retiring = grant.retiring.as_ref();
    let named = request.action.of_kms().is_some_and(|action| grant.grant.terms.operations.contains(&action));
    let as_retiring = retiring.and_then(itself);
    let as_grantee = named.then(|| itself(&grant.grant.grantee)).flatten();
    let mut reaches = [as_retiring, as_grantee].into_iter().flatten().peekable();
    if reaches.peek().is_some() {
        // Of a role, its sessions' policies and its boundary limit that, as they limit the use of a grant.
        let limit = lacking_limit(&heard).filter(|_| reaches.all(|reach| reach == Reach::Role));
        return limit.map_or_else(
            || Decision::Allowed(Basis::Grant(grant.grant.id.clone())),
            |source| Decision::Denied(Reason::Lacking(source)),
        );
    }
    // Of the issuing account, those whom its identity policies allow; where these are not kept, its root user, and whom the key
    // policy lets.
    let issuer = request.caller.account() == Some(&grant.written.issuer)
        && (parties.identity.is_some() || request.caller.is_root() || heard.key.is_some_and(Said::allowed));
    if !issuer && !retiring.is_some_and(of_account) {
        return Decision::Denied(Reason::Lacking(Source::Key));
    }
    match by_identity(&heard, Basis::Identity) {
        Ok(basis) => Decision::Allowed(basis),
        Err(lacking) => Decision::Denied(Reason::Lacking(lacking)),
    }
}

/// Whether the resource is of the caller's account.
fn own_account(request: &Request<'_>) -> bool {
    request.resource.account().is_none_or(|account| request.caller.account() == Some(account))
}

/// Step 1: an action that does not cross accounts, on another account's key. An AWS service is of no account: policies
/// name it or not.
fn stays_in_its_account(request: &Request<'_>) -> bool {
    !request.action.crosses_accounts() && !request.caller.is_service() && !own_account(request)
}

/// Step 1, too: aliases that AWS manages are no one else's to make, move or delete.
fn is_reserved(request: &Request<'_>) -> bool {
    matches!(request.resource, Resource::Alias(arn) if arn.resource.starts_with("alias/aws/"))
}

/// Step 2: one explicit deny is enough, wherever it stands. In the order in which they are reported where several apply.
fn explicit_deny(heard: &Heard) -> Option<Source> {
    let denies = |said: Option<Said>| said.is_some_and(|said| said.denied);
    [
        (heard.service_control.denied, Source::ServiceControl),
        (heard.resource_control.denied, Source::ResourceControl),
        (denies(heard.key), Source::Key),
        (heard.identity.denied, Source::Identity),
        (denies(heard.boundary), Source::Boundary),
        (denies(heard.session), Source::Session),
        (denies(heard.endpoint), Source::Endpoint),
    ]
    .into_iter()
    .find_map(|(denied, source)| denied.then_some(source))
}

/// Step 3: what an organization and an endpoint let through at most.
fn limits(heard: &Heard) -> Option<Source> {
    [
        (heard.service_control.lacking, Source::ServiceControl),
        (heard.resource_control.lacking, Source::ResourceControl),
        (heard.endpoint.is_some_and(|said| !said.allowed()), Source::Endpoint),
    ]
    .into_iter()
    .find_map(|(lacking, source)| lacking.then_some(source))
}

/// Step 4: a grant allows without key policy or identity policy. One to a whole account leaves it to that account, as a key
/// policy does.
fn grant(request: &Request<'_>, parties: &Parties<'_>, heard: &mut Heard, own: bool) -> Option<String> {
    let key = heard.key?;
    for grant in parties.grants {
        match grant.reach(request, &parties.asked) {
            Some(Reach::Account) => heard.key = Some(key.and(Said::TO_THE_ACCOUNT)),
            // Limited as a key policy that names the grantee.
            Some(reach) if own && directly(heard, Said::to(reach)) => return Some(grant.id.clone()),
            Some(_) if !own && lacking_limit(heard).is_none() => return Some(grant.id.clone()),
            Some(_) | None => {}
        }
    }
    None
}

/// A permissions boundary or session policy that does not allow.
fn lacking_limit(heard: &Heard) -> Option<Source> {
    let lacks = |said: Option<Said>| said.is_some_and(|said| !said.allowed());
    [(lacks(heard.boundary), Source::Boundary), (lacks(heard.session), Source::Session)]
        .into_iter()
        .find_map(|(lacks, source)| lacks.then_some(source))
}

/// Whether a key policy of the caller's own account reaches the caller itself, and which limits still count then:
///
/// | names                        | boundary | session policy |
/// |------------------------------|----------|----------------|
/// | user, federated user, session| –        | –              |
/// | role                         | limits   | limits         |
/// | `*`                          | –        | limits         |
fn directly(heard: &Heard, key: Said) -> bool {
    let allows = |said: Option<Said>| said.is_none_or(Said::allowed);
    let named = [Reach::User, Reach::Session, Reach::FederatedUser].into_iter().any(|reach| key.reached(reach));
    named
        || (key.reached(Reach::Everyone) && allows(heard.session))
        || (key.reached(Reach::Role) && allows(heard.session) && allows(heard.boundary))
}

/// Step 5: a key of the caller's own account.
fn own_key(heard: &Heard, key: Said) -> Result<Basis, Source> {
    // a. The key policy reaches the caller itself.
    if directly(heard, key) {
        return Ok(Basis::KeyPolicy);
    }
    // b. It leaves it to the account, and the account allows. Without a statement for the account, identity policies give
    //    nothing.
    if key.reached(Reach::Account) && !heard.identity.allowed() {
        return Err(Source::Identity);
    }
    // c. Else nothing allows.
    if !key.allowed() {
        return Err(Source::Key);
    }
    match lacking_limit(heard) {
        Some(source) => Err(source),
        None => Ok(Basis::KeyPolicyAndIdentity),
    }
}

/// Step 6: a key of another account, whose policy reaches the caller in any way; and the caller's own account must let it.
fn key_of_another_account(heard: &Heard, key: Said) -> Result<Basis, Source> {
    if !key.allowed() {
        return Err(Source::Key);
    }
    by_identity(heard, Basis::KeyPolicyAndIdentity)
}

/// Step 7: an AWS service has no identity policies, and is of no account.
fn service(key: Said) -> Result<Basis, Source> {
    let reached = key.reached(Reach::Service) || key.reached(Reach::Everyone);
    if reached { Ok(Basis::KeyPolicy) } else { Err(Source::Key) }
}

/// Step 8: an action without a key, or on an alias.
fn without_key(heard: &Heard) -> Result<Basis, Source> {
    by_identity(heard, Basis::Identity)
}

fn by_identity(heard: &Heard, basis: Basis) -> Result<Basis, Source> {
    if !heard.identity.allowed() {
        return Err(Source::Identity);
    }
    match lacking_limit(heard) {
        Some(source) => Err(source),
        None => Ok(basis),
    }
}
