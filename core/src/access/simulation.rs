//! Trying policies out: the same decision as of a real call, of policies that need not be anybody's yet.

use super::{
    context::{LowerNames, RequestContext, Stated, check_stated, is_of_new_key},
    decision::{Decision, Identity, KeyPolicy, Parties, decide},
    denial,
    explain::explain,
    grant::{Asked, Constraints, Grant, Terms},
    named::NamedPrincipal,
    policy::{Policy, PolicyKind},
    principal::{Principal, is_service_name},
    request::Request,
    requester::Requester,
    resource::Resource,
    verb::Verb,
};
use crate::{
    api::{Action, ResourceKind},
    clock::Timestamp,
    context::EncryptionContext,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{
        Arn, KeyManagerType, KeyRecord, KeySpec, KeyState, KeyUsageType, MultiRegionKeyType, MultiRegionRecord,
        OriginType, Region,
    },
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use serde::{Deserialize, Serialize};

/// A question to the evaluator, with every policy that has a say. What is left out limits nothing, and allows nothing.
///
/// ```
/// use pocketkms::policies::{Simulation, SimulatedKey};
///
/// # fn main() -> pocketkms::Result<()> {
/// let simulation = Simulation {
///     principal: "arn:aws:iam::111122223333:user/alice".into(),
///     action: "kms:Decrypt".into(),
///     key: Some(SimulatedKey::new("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")),
///     ..Simulation::default()
/// };
/// // The default key policy leaves it to identity policies, and alice has none.
/// let simulated = simulation.run()?;
/// assert!(!simulated.allowed);
/// assert!(simulated.message.is_some_and(|message| message.ends_with("no identity-based policy allows the kms:Decrypt action")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Simulation {
    /// Who calls: an ARN of IAM or STS, or the name of an AWS service.
    pub principal: String,
    /// The action: `kms:Decrypt`. `ReEncrypt` asks for two, `kms:ReEncryptFrom` and `kms:ReEncryptTo`.
    pub action: String,
    /// The Region that is called; by default the key's, else `us-east-1`.
    pub region: Option<String>,
    /// The key.
    pub key: Option<SimulatedKey>,
    /// In place of a key, the ARN of an alias: actions on aliases ask for the alias and for its key.
    pub alias: Option<String>,
    /// The policy of the key; by default AWS's default one.
    pub key_policy: Option<String>,
    /// The policies of the user and its groups, or of the role.
    pub identity_policies: Vec<String>,
    /// The permissions boundary of the user or role.
    pub permissions_boundary: Option<String>,
    /// The policies of the session.
    pub session_policies: Vec<String>,
    /// The service control policies of the caller's account: a list for each level of the organization.
    pub service_control_policies: Vec<Vec<String>>,
    /// The resource control policies of the key's account: a list for each level of the organization.
    pub resource_control_policies: Vec<Vec<String>>,
    /// The policy of the VPC endpoint that the request comes through.
    pub endpoint_policy: Option<String>,
    /// The grants on the key.
    pub grants: Vec<SimulatedGrant>,
    /// The ids of the grants whose tokens come with the request.
    pub grant_tokens: Vec<String>,
    /// The encryption context of the request.
    pub encryption_context: Option<EncryptionContext>,
    /// The values of other condition keys: `kms:ViaService`, `aws:SourceIp`, `aws:PrincipalTag/team`.
    pub context: BTreeMap<String, Vec<String>>,
    /// The time of the request, in seconds since 1970.
    pub time: Timestamp,
}

/// A key, as far as policies ask for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct SimulatedKey {
    /// Its ARN.
    pub arn: String,
    /// Its spec; by default `SYMMETRIC_DEFAULT`.
    pub key_spec: Option<KeySpec>,
    /// Its usage; by default the first that its spec can have.
    pub key_usage: Option<KeyUsageType>,
    /// Its origin; by default `AWS_KMS`.
    pub origin: Option<OriginType>,
    /// Its part in a multi-Region key.
    pub multi_region_key_type: Option<MultiRegionKeyType>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The names of its aliases, `alias/orders`.
    pub aliases: BTreeSet<String>,
}

/// A grant on the key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct SimulatedGrant {
    /// Its id.
    pub grant_id: String,
    /// The grantee.
    pub grantee_principal: String,
    /// What it lets the grantee do.
    pub operations: Vec<String>,
    /// The encryption context that requests must have, no more and no less.
    pub encryption_context_equals: Option<EncryptionContext>,
    /// The pairs that the encryption context of requests must have at least.
    pub encryption_context_subset: Option<EncryptionContext>,
    /// The resource for which a service must ask.
    pub source_arn: Option<String>,
    /// From when on it counts without its token, in seconds since 1970.
    pub effective: Timestamp,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Simulated {
    /// Whether the call is allowed.
    pub allowed: bool,
    /// The message of the `AccessDeniedException`.
    pub message: Option<String>,
    /// Which statements decided, or what lacked; the most important first.
    pub explanation: Vec<String>,
}

impl SimulatedKey {
    /// A symmetric encryption key with that ARN.
    pub fn new(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), ..Self::default() }
    }

    fn record(&self) -> Result<KeyRecord> {
        let Arn { region, account, resource } = self.arn.parse()?;
        let id =
            resource.strip_prefix("key/").ok_or_else(|| invalid("Key", &self.arn, "it is not the ARN of a key"))?;
        let spec = self.key_spec.unwrap_or(KeySpec::SymmetricDefault);
        let usage = self.key_usage.or_else(|| spec.usages().first().copied()).unwrap_or(KeyUsageType::EncryptDecrypt);
        // Of a replica the primary is elsewhere, wherever that is.
        let primary = |kind| if kind == MultiRegionKeyType::Primary { region.clone() } else { Region::shared_place() };
        let multi_region = self.multi_region_key_type.map(|kind| Arc::new(MultiRegionRecord::new(primary(kind))));
        Ok(KeyRecord {
            id: id.parse()?,
            account,
            region,
            created: Timestamp::default(),
            description: String::new(),
            spec,
            usage,
            origin: self.origin.unwrap_or(OriginType::AwsKms),
            manager: KeyManagerType::Customer,
            state: KeyState::Enabled,
            has_policy: false,
            grants: 0,
            tags: self.tags.clone(),
            current_material: None,
            materials: 0,
            aliases: self.aliases.clone(),
            on_demand_rotations: 0,
            rotation: None,
            deletion: None,
            imported: None,
            multi_region,
            primary_state: None,
            custom_key_store: None,
            is_detached: false,
            cloud_hsm_cluster: None,
            external_key: None,
        })
    }
}

impl SimulatedGrant {
    fn grant(&self) -> Result<Grant> {
        let grantee = &self.grantee_principal;
        let named = NamedPrincipal::aws(grantee)
            .or_else(|| NamedPrincipal::service(grantee))
            .filter(|named| *named != NamedPrincipal::Everyone);
        let operations = self.operations.iter().map(|name| action(name)).collect::<Result<_>>()?;
        Ok(Grant {
            id: self.grant_id.clone(),
            grantee: named.ok_or_else(|| invalid("GranteePrincipal", grantee, "it names no one"))?,
            terms: Terms {
                operations,
                constraints: Constraints {
                    equals: self.encryption_context_equals.clone(),
                    subset: self.encryption_context_subset.clone(),
                    source_arn: self.source_arn.clone(),
                },
            },
            effective: self.effective,
        })
    }
}

/// With or without the prefix `kms:`, in any case.
fn action(name: &str) -> Result<Action> {
    let named =
        |action: &&Action| [action.name(), action.full_name()].iter().any(|known| known.eq_ignore_ascii_case(name));
    Action::ALL.iter().find(named).copied().ok_or_else(|| invalid("Action", name, "KMS has no such action"))
}

fn invalid(member: &str, value: &str, why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("'{}' is not valid as {member}", Untrusted(value))).explain(why)
}

fn parsed(documents: &[String], kind: PolicyKind) -> Result<Vec<Arc<Policy>>> {
    documents.iter().map(|document| Policy::parse(document, kind).map(Arc::new)).collect()
}

fn parsed_levels(levels: &[Vec<String>], kind: PolicyKind) -> Result<Vec<Vec<Arc<Policy>>>> {
    levels.iter().map(|level| parsed(level, kind)).collect()
}

fn parsed_one(document: Option<&String>, kind: PolicyKind) -> Result<Option<Policy>> {
    document.map(|document| Policy::parse(document, kind)).transpose()
}

impl Simulation {
    /// Decides, and says why.
    pub fn run(&self) -> Result<Simulated> {
        Ok(self.prepare()?.run())
    }

    /// Reads and checks everything, to decide more than once.
    pub fn prepare(&self) -> Result<PreparedSimulation> {
        let who = if is_service_name(&self.principal) {
            Who::Service(self.principal.clone())
        } else {
            Who::Principal(self.principal.parse()?)
        };
        let action = action(&self.action)?;
        let key = self.key.as_ref().map(SimulatedKey::record).transpose()?;
        let alias: Option<Arn> = self.alias.as_deref().map(str::parse).transpose()?;
        if let (Some(alias), true) = (&self.alias, key.is_some()) {
            return Err(invalid("Alias", alias, "a question is asked of a key or of an alias"));
        }
        let without_resource = key.is_none() && self.alias.is_none();
        // CreateKey with tags asks for kms:TagResource before there is a key.
        let may_be_without = action.resource() == ResourceKind::None || action == Action::TagResource;
        if without_resource != may_be_without && !(action == Action::TagResource && key.is_some()) {
            return Err(invalid(
                "Action",
                &self.action,
                "what it is asked of does not fit: a key, an alias, or neither",
            ));
        }
        let region = match (&self.region, &key) {
            (Some(region), _) => region.parse()?,
            (None, Some(key)) => key.region.clone(),
            (None, None) => "us-east-1".to_string().parse()?,
        };
        Ok(PreparedSimulation {
            who,
            action,
            stated: self.stated(key.is_some())?,
            region,
            key,
            alias,
            key_policy: parsed_one(self.key_policy.as_ref(), PolicyKind::Key)?,
            identity: Identity {
                policies: parsed(&self.identity_policies, PolicyKind::Identity)?,
                boundary: parsed_one(self.permissions_boundary.as_ref(), PolicyKind::Identity)?.map(Arc::new),
                service_control: parsed_levels(&self.service_control_policies, PolicyKind::ServiceControl)?,
                ..Identity::default()
            },
            session: parsed(&self.session_policies, PolicyKind::Identity)?,
            resource_control: parsed_levels(&self.resource_control_policies, PolicyKind::ResourceControl)?,
            endpoint: parsed_one(self.endpoint_policy.as_ref(), PolicyKind::Endpoint)?,
            grants: self.grants.iter().map(|grant| grant.grant().map(Arc::new)).collect::<Result<_>>()?,
            grant_tokens: self.grant_tokens.clone(),
            encryption_context: self.encryption_context.clone(),
            now: self.time,
        })
    }

    /// The stated values by their names in lower case. Without a key, the properties of the key-to-be may be stated.
    fn stated(&self, has_key: bool) -> Result<Stated> {
        let mut stated = Stated::new();
        for (key, values) in &self.context {
            let lower = key.to_lowercase();
            if has_key || !is_of_new_key(&lower) {
                check_stated(key, values).map_err(|why| invalid("Context", key, why))?;
            }
            stated.insert(lower, values.clone());
        }
        Ok(stated)
    }
}

/// A [`Simulation`] whose policies are read.
#[derive(Debug)]
pub struct PreparedSimulation {
    who: Who,
    action: Action,
    region: Region,
    key: Option<KeyRecord>,
    alias: Option<Arn>,
    key_policy: Option<Policy>,
    identity: Identity,
    session: Vec<Arc<Policy>>,
    resource_control: Vec<Vec<Arc<Policy>>>,
    endpoint: Option<Policy>,
    grants: Vec<Arc<Grant>>,
    grant_tokens: Vec<String>,
    encryption_context: Option<EncryptionContext>,
    stated: Stated,
    now: Timestamp,
}

#[derive(Debug)]
enum Who {
    Principal(Principal),
    Service(String),
}

impl PreparedSimulation {
    /// Whether the call is allowed.
    pub fn is_allowed(&self) -> bool {
        self.ask(|request, parties| matches!(decide(request, parties), Decision::Allowed(_)))
    }

    /// Decides, and says why.
    pub fn run(&self) -> Simulated {
        self.ask(|request, parties| {
            let decision = decide(request, parties);
            let explanation = explain(request, parties, &decision);
            let message = match decision {
                Decision::Allowed(_) => None,
                Decision::Denied(reason) => Some(denial::message(request, reason)),
            };
            Simulated { allowed: message.is_none(), message, explanation }
        })
    }

    fn ask<T>(&self, answer: impl FnOnce(&Request<'_>, &Parties<'_>) -> T) -> T {
        let caller = match &self.who {
            Who::Principal(principal) => Requester::Principal(principal),
            Who::Service(name) => Requester::Service(name, None),
        };
        let resource = match (&self.key, &self.alias) {
            (Some(key), _) => Resource::Key(key),
            (None, Some(alias)) => Resource::Alias(alias),
            (None, None) => Resource::None,
        };
        let context = RequestContext {
            caller,
            principal_arn: None,
            region: &self.region,
            now: self.now,
            resource,
            encryption_context: self.encryption_context.as_ref(),
            lower_names: LowerNames::default(),
            rest: &self.stated,
        };
        let request = Request {
            caller,
            action: Verb::Kms(self.action),
            resource,
            facts: &context,
            context: self.encryption_context.as_ref(),
            bounded: self.identity.boundary.is_some(),
        };
        let tokens_of: Vec<&str> = self.grant_tokens.iter().map(String::as_str).collect();
        let parties = Parties {
            identity: Some(&self.identity),
            unknown: false,
            session: &self.session,
            key_policy: self
                .key
                .as_ref()
                .map(|key| self.key_policy.as_ref().map_or(KeyPolicy::Default(&key.account), KeyPolicy::Written)),
            resource_control: &self.resource_control,
            endpoint: self.endpoint.as_ref(),
            grants: &self.grants,
            asked: Asked { now: self.now, tokens_of: &tokens_of, child: None },
        };
        answer(&request, &parties)
    }
}
