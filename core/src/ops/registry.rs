//! The registry of principals among the records: an account, which counts as kept from its first entity on, and its entities.
//!
//! Every change writes the account's record, so that all that was put together from an account's entities stands or falls
//! with that one record.

use super::page::{List, Page};
use crate::{
    access::{
        Caller, EntityKind, EntityName, EntityRecord, EntityTerms, Guard, NamedPrincipal, PrincipalKind, Standing,
        authorize_to_assume, session_of,
    },
    api::{AssumeRoleRequest, IamEntity, ListIamEntitiesRequest, ListIamEntitiesResponse},
    error::{Error, ErrorKind, Result, Untrusted},
    key::AccountId,
    shape,
    store::{RecordName, Transaction, missing},
};
use alloc::{format, sync::Arc, vec::Vec};

fn record_name(name: &EntityName) -> RecordName {
    RecordName::entity(&name.account, &name.rest())
}

/// The record of an account; `None` where the registry does not keep it.
pub(super) fn account(transaction: &mut Transaction<'_>, account: &AccountId) -> Result<Option<Arc<EntityRecord>>> {
    transaction.get(record_name(&EntityName::account(account)))
}

/// How a caller stands, whose account has this record.
fn standing(transaction: &mut Transaction<'_>, caller: &Caller, account: &EntityRecord) -> Result<Standing> {
    let principal = caller.principal();
    // An AWS service is no principal of an account, and has no policies of its own.
    if principal.kind() == PrincipalKind::Service {
        return Ok(Standing::Unkept);
    }
    if let Some(known) = account.known.get(principal) {
        return Ok(known);
    }
    let name = EntityName::of_caller(principal);
    let standing = if name.kind == EntityKind::Account {
        account.root()
    } else {
        match transaction.get::<EntityRecord>(record_name(&name))? {
            None => Standing::Unknown,
            Some(entity) => {
                let mut groups = Vec::new();
                for group in &entity.written.groups {
                    let name = EntityName::new(&name.account, EntityKind::Group, group);
                    groups.push(
                        transaction.get(record_name(&name))?.ok_or_else(|| missing(record_name(&name).as_str()))?,
                    );
                }
                account.holder(principal, &entity, &groups)
            }
        }
    };
    // The account's record may be newer than what the transaction began with, and the entities older, from the cache: they
    // belong together only where nothing has changed meanwhile.
    if transaction.is_as_it_began() {
        account.known.put(principal, &standing);
    }
    Ok(standing)
}

/// What the registry has to say on a question about a resource of that account, or of none.
pub(super) fn guard(transaction: &mut Transaction<'_>, caller: &Caller, owner: Option<&AccountId>) -> Result<Guard> {
    let mut guard = Guard::new(transaction.now());
    let own = account(transaction, caller.account())?;
    if let Some(own) = &own {
        guard.standing = standing(transaction, caller, own)?;
    }
    let of_owner = match owner {
        None => None,
        Some(owner) if owner == caller.account() => own,
        Some(owner) => account(transaction, owner)?,
    };
    if let Some(owner) = of_owner {
        guard.resource_control = Arc::clone(&owner.resource_control);
    }
    Ok(guard)
}

/// Whether a principal that a policy or a grant names may exist: it must, where the registry keeps its account.
pub(super) fn may_exist(transaction: &mut Transaction<'_>, named: &NamedPrincipal) -> Result<bool> {
    let Some((name, arn)) = named.entity() else { return Ok(true) };
    // Only looked at: a policy can name more than one commit may expect.
    let place = record_name(&EntityName::account(&name.account));
    if transaction.peek::<EntityRecord>(place)?.is_none() {
        return Ok(true);
    }
    let entity = transaction.peek::<EntityRecord>(record_name(&name))?;
    Ok(entity.is_some_and(|entity| arn.is_none_or(|arn| arn == entity.written.arn)))
}

/// Puts an entity, in place of what was kept of it.
pub(crate) fn put(transaction: &mut Transaction<'_>, entity: &IamEntity) -> Result<()> {
    shape::check(entity)?;
    let (name, terms) = EntityTerms::new(entity)?;
    // Reading it is the check of its documents.
    EntityRecord::try_from(terms.clone())?;
    let known = account(transaction, &name.account)?;
    if name.kind == EntityKind::Account {
        return transaction.put(record_name(&name), &terms);
    }
    let own = record_name(&name);
    if let Some(other) = transaction.get::<EntityRecord>(own.clone())?.filter(|other| other.written.arn != terms.arn) {
        let message = format!("There is {} already, whose name is the same.", Untrusted(&other.written.arn));
        return Err(Error::new(ErrorKind::AlreadyExists, message));
    }
    for group in &terms.groups {
        let group = EntityName::new(&name.account, EntityKind::Group, group);
        transaction.get::<EntityRecord>(record_name(&group))?.ok_or_else(|| not_kept(&group.rest()))?;
    }
    transaction.put(own, &terms)?;
    touch(transaction, &name, known)
}

/// Writes the record of the account of an entity, which is made if there is none.
fn touch(transaction: &mut Transaction<'_>, name: &EntityName, known: Option<Arc<EntityRecord>>) -> Result<()> {
    let place = record_name(&EntityName::account(&name.account));
    match known {
        Some(known) => transaction.put(place, &known.written),
        None => transaction.put(place, &EntityTerms::of_account(&name.account)),
    }
}

/// What is kept of an entity.
pub(crate) fn get(transaction: &mut Transaction<'_>, arn: &str) -> Result<IamEntity> {
    let name = EntityName::parse(arn)?;
    let entity = transaction.get::<EntityRecord>(record_name(&name))?;
    let entity = entity.filter(|entity| entity.written.arn == arn).ok_or_else(|| not_kept(arn))?;
    Ok(entity.written.shown())
}

/// Removes an entity: a group when no user is in it, an account when nothing else is kept of it.
pub(crate) fn remove(transaction: &mut Transaction<'_>, arn: &str) -> Result<()> {
    let name = EntityName::parse(arn)?;
    let known = account(transaction, &name.account)?;
    let own = record_name(&name);
    let entity = transaction.get::<EntityRecord>(own.clone())?;
    entity.filter(|entity| entity.written.arn == arn).ok_or_else(|| not_kept(arn))?;
    let prefix = RecordName::entities(&name.account);
    let conflict = |message: &str| Err(Error::new(ErrorKind::Conflict, message));
    match name.kind {
        EntityKind::Account => {
            if transaction.names(&prefix).nth(1).transpose()?.is_some() {
                return conflict("The registry still keeps entities of the account: remove them first.");
            }
            transaction.delete(own);
            return Ok(());
        }
        EntityKind::Group => {
            let has = |user: &EntityTerms| {
                let names = |group| EntityName::new(&name.account, EntityKind::Group, group);
                user.groups.iter().any(|group| names(group) == name)
            };
            if !transaction.list(&[&*prefix, "user/"].concat(), None, 1, has)?.is_empty() {
                return conflict("Users are in the group: take them out first.");
            }
        }
        EntityKind::User | EntityKind::Role | EntityKind::FederatedUser => {}
    }
    transaction.delete(own);
    touch(transaction, &name, known)
}

/// The ARNs of what is kept of an account, page by page.
pub(crate) fn list(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &ListIamEntitiesRequest,
) -> Result<ListIamEntitiesResponse> {
    shape::check(request)?;
    let account = match &request.account_id {
        Some(account) => account.parse()?,
        None => caller.account().clone(),
    };
    let list = List {
        arguments: &[account.as_str()],
        ..List::of("ListIamEntities", request.limit, request.marker.as_deref())
    };
    let page = Page::of(&list, transaction, caller)?;
    let all = |_: &EntityTerms| true;
    let (entries, next_marker) = page.records(transaction, &RecordName::entities(&account), None, all)?;
    let arns = entries.into_iter().map(|(_, entity)| entity.arn).collect();
    Ok(ListIamEntitiesResponse { arns, truncated: next_marker.is_some(), next_marker })
}

/// The caller that a role's session is, if the caller may assume the role.
pub(crate) fn assume(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    request: &AssumeRoleRequest,
) -> Result<Caller> {
    shape::check(request)?;
    let name = EntityName::parse(&request.role_arn)?;
    if name.kind != EntityKind::Role {
        return Err(Error::new(
            ErrorKind::Validation,
            format!("{} is not the ARN of a role", Untrusted(&request.role_arn)),
        ));
    }
    let assumed = session_of(&request.role_arn, caller, request)?;
    let role = transaction.get::<EntityRecord>(record_name(&name))?;
    let role = role.filter(|role| role.written.arn == request.role_arn);
    let guard = guard(transaction, caller, Some(&name.account))?;
    authorize_to_assume(caller, &assumed, role.as_deref(), &guard, request)?;
    Ok(assumed)
}

/// Whether the registry keeps the account of a caller, and not the caller.
pub(crate) fn check(transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
    match guard(transaction, caller, None)?.standing {
        Standing::Unknown => Err(not_kept(caller.principal().as_str())),
        Standing::Unkept | Standing::Known(_) => Ok(()),
    }
}

fn not_kept(arn: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("The registry does not have '{}'.", Untrusted(arn)))
}
