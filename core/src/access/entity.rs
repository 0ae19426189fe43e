//! What the registry keeps of users, groups, roles and accounts.

use super::{
    Principal,
    decision::Identity,
    iam_name::{EntityKind, EntityName},
    policy::{Policy, PolicyKind},
    requester::Requester,
    standing::{Known, Standing},
};
use crate::{
    api::{IamEntity, IamPolicy, OrganizationLevel, Tag},
    error::{Error, ErrorKind, Result, Untrusted},
    key::AccountId,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    sync::Arc,
    vec::Vec,
};
use serde::{Deserialize, Serialize};

/// The most bytes of the policies of one entity, so that its record stays far below what one commit may have.
const MAX_BYTES: usize = 262_144;

/// An entity as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityTerms {
    pub(crate) arn: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<NamedDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boundary: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) groups: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trust: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    levels: Vec<Level>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedDocument {
    name: String,
    document: String,
}

/// `None` limits nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<Vec<NamedDocument>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<Vec<NamedDocument>>,
}

fn kept(policies: &[IamPolicy]) -> Vec<NamedDocument> {
    let kept = |policy: &IamPolicy| NamedDocument {
        name: policy.policy_name.clone(),
        document: policy.policy_document.clone(),
    };
    policies.iter().map(kept).collect()
}

fn shown(policies: &[NamedDocument]) -> Vec<IamPolicy> {
    let shown = |policy: &NamedDocument| IamPolicy {
        policy_name: policy.name.clone(),
        policy_document: policy.document.clone(),
    };
    policies.iter().map(shown).collect()
}

/// An empty list counts as absent.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

impl EntityTerms {
    /// What is to be kept of an entity, checked.
    pub(crate) fn new(entity: &IamEntity) -> Result<(EntityName, Self)> {
        let name = EntityName::parse(&entity.arn)?;
        let only = |given: bool, kinds: &[EntityKind], member: &str| {
            if given && !kinds.contains(&name.kind) {
                return Err(invalid(&format!("{member} is not a member of this kind of entity: {}", entity.arn)));
            }
            Ok(())
        };
        let (user, role) = (EntityKind::User, EntityKind::Role);
        let holders = [user, EntityKind::Group, role, EntityKind::FederatedUser];
        only(entity.policies.is_some(), &holders, "Policies")?;
        only(entity.permissions_boundary.is_some(), &[user, role], "PermissionsBoundary")?;
        only(entity.groups.is_some(), &[user], "Groups")?;
        only(entity.assume_role_policy_document.is_some(), &[role], "AssumeRolePolicyDocument")?;
        only(entity.tags.is_some(), &[user, role, EntityKind::FederatedUser], "Tags")?;
        only(entity.organization.is_some(), &[EntityKind::Account], "Organization")?;
        let mut tags = BTreeMap::new();
        for Tag { tag_key, tag_value } in entity.tags.iter().flatten() {
            let same = |known: &String| known.to_lowercase() == tag_key.to_lowercase();
            if tags.keys().any(same) {
                return Err(invalid("Tag keys must differ in more than their case."));
            }
            tags.insert(tag_key.clone(), tag_value.clone());
        }
        let level = |level: &OrganizationLevel| Level {
            service: level.service_control_policies.as_deref().map(kept),
            resource: level.resource_control_policies.as_deref().map(kept),
        };
        let terms = Self {
            arn: entity.arn.clone(),
            policies: kept(entity.policies.as_deref().unwrap_or_default()),
            boundary: entity.permissions_boundary.clone(),
            groups: entity.groups.iter().flatten().cloned().collect(),
            trust: entity.assume_role_policy_document.clone(),
            tags,
            levels: entity.organization.iter().flatten().map(level).collect(),
        };
        terms.check_documents()?;
        Ok((name, terms))
    }

    /// Of an account of which nothing is said.
    pub(crate) fn of_account(account: &AccountId) -> Self {
        Self { arn: format!("arn:aws:iam::{account}:root"), ..Self::default() }
    }

    fn check_documents(&self) -> Result<()> {
        let lists = || {
            let of_levels = self.levels.iter().flat_map(|level| [&level.service, &level.resource]).flatten();
            of_levels.chain([&self.policies])
        };
        for list in lists() {
            let names: BTreeSet<_> = list.iter().map(|policy| &policy.name).collect();
            if names.len() < list.len() {
                return Err(invalid("Policies must have different names."));
            }
        }
        let named = lists().flatten().map(|policy| policy.document.len());
        let bytes: usize = named.chain([&self.boundary, &self.trust].into_iter().flatten().map(String::len)).sum();
        if bytes > MAX_BYTES {
            let message = format!("The policies of an entity can have at most {MAX_BYTES} bytes together.");
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        Ok(())
    }

    /// As the host gave it.
    pub(crate) fn shown(&self) -> IamEntity {
        let tag = |(key, value): (&String, &String)| Tag { tag_key: key.clone(), tag_value: value.clone() };
        let level = |level: &Level| OrganizationLevel {
            service_control_policies: level.service.as_deref().map(shown),
            resource_control_policies: level.resource.as_deref().map(shown),
        };
        IamEntity {
            arn: self.arn.clone(),
            policies: some(shown(&self.policies)),
            permissions_boundary: self.boundary.clone(),
            groups: some(self.groups.iter().cloned().collect()),
            assume_role_policy_document: self.trust.clone(),
            tags: some(self.tags.iter().map(tag).collect()),
            organization: some(self.levels.iter().map(level).collect()),
        }
    }
}

/// An entity as it is kept, its policies read once.
#[derive(Debug, Deserialize)]
#[serde(try_from = "EntityTerms")]
pub(crate) struct EntityRecord {
    pub(crate) written: EntityTerms,
    pub(crate) policies: Vec<Arc<Policy>>,
    pub(crate) boundary: Option<Arc<Policy>>,
    pub(crate) trust: Option<Policy>,
    pub(crate) service_control: Vec<Vec<Arc<Policy>>>,
    pub(crate) resource_control: Arc<Vec<Vec<Arc<Policy>>>>,
    /// Of an account.
    pub(crate) known: Known,
}

impl TryFrom<EntityTerms> for EntityRecord {
    type Error = Error;
    fn try_from(written: EntityTerms) -> Result<Self> {
        let whose = written.arn.splitn(6, ':').nth(5).unwrap_or_default();
        let named = |kind: PolicyKind, text: &'static str| {
            move |policy: &NamedDocument| {
                let label = format!("{text} '{}' of {whose}", Untrusted(&policy.name));
                Policy::parse(&policy.document, kind).map(|policy| Arc::new(policy.labelled(label)))
            }
        };
        let level =
            |list: &Vec<NamedDocument>, kind, text| list.iter().map(named(kind, text)).collect::<Result<Vec<_>>>();
        let service = written.levels.iter().filter_map(|one| one.service.as_ref());
        let resource = written.levels.iter().filter_map(|one| one.resource.as_ref());
        Ok(Self {
            policies: written.policies.iter().map(named(PolicyKind::Identity, "policy")).collect::<Result<_>>()?,
            boundary: written
                .boundary
                .as_deref()
                .map(|document| Policy::parse(document, PolicyKind::Identity).map(Arc::new))
                .transpose()?,
            trust: written
                .trust
                .as_deref()
                .map(|document| {
                    Policy::parse(document, PolicyKind::Trust).map(|policy| policy.labelled("trust policy".into()))
                })
                .transpose()?,
            service_control: service
                .map(|list| level(list, PolicyKind::ServiceControl, "service control policy"))
                .collect::<Result<_>>()?,
            resource_control: Arc::new(
                resource
                    .map(|list| level(list, PolicyKind::ResourceControl, "resource control policy"))
                    .collect::<Result<_>>()?,
            ),
            known: Known::default(),
            written,
        })
    }
}

impl EntityRecord {
    /// How the root user of an account stands, which has this record: nothing but its organization limits it.
    pub(crate) fn root(&self) -> Standing {
        Standing::Known(Arc::new(Identity { service_control: self.service_control.clone(), ..Identity::default() }))
    }

    /// How a caller of the account stands whose record was found, with those of its groups.
    pub(crate) fn holder(&self, caller: &Principal, entity: &Self, groups: &[Arc<Self>]) -> Standing {
        // A path is part of a user's ARN, and a session shows its role's name alone, in its own case.
        let arn = &entity.written.arn;
        let same = match Requester::Principal(caller).session() {
            Some((role, _)) => arn.rsplit('/').next() == Some(role),
            None => arn == caller.as_str(),
        };
        if !same || arn.split(':').nth(1) != Some(caller.partition()) {
            return Standing::Unknown;
        }
        let of_groups = groups.iter().flat_map(|group| &group.policies);
        Standing::Known(Arc::new(Identity {
            policies: entity.policies.iter().chain(of_groups).cloned().collect(),
            boundary: entity.boundary.clone(),
            service_control: self.service_control.clone(),
            tags: entity.written.tags.clone(),
            arn: Some(arn.clone()),
        }))
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Validation, message)
}
