//! The registry of principals: the host's, as IAM, STS and AWS Organizations stand beside AWS KMS.

use super::{Kms, Vault};
use crate::{
    access::Caller,
    api::{
        AssumeRoleRequest, IamEntity, ListIamEntitiesRequest, ListIamEntitiesResponse, RequestQuota, ResourceQuotas,
        SimulateRequest, SimulateResponse,
    },
    error::{Error, ErrorKind, Result},
    ops::{registry, simulate},
    store::Cause,
};
use alloc::format;

/// The longest delay of a grant, in seconds: five minutes, as AWS says of its own.
const MOST_GRANT_DELAY: u32 = 300;

impl Vault {
    /// Puts a user, group, role, federated user or account into the registry, in place of what was kept of it.
    ///
    /// From its first entity on, an account is kept: its principals are those of the registry, and their identity policies
    /// decide as AWS's do. Who is not in it is allowed nothing, and policies and grants cannot name it. Of an account that is not kept, key
    /// policies and grants alone decide, and its principals count as allowed by identity policies.
    ///
    /// # Errors
    /// [`ErrorKind::MalformedPolicyDocument`](crate::ErrorKind::MalformedPolicyDocument) of a policy;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) of a group that is not in the registry;
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) where a name differs from another's in case or path alone.
    pub fn put_iam_entity(&self, entity: &IamEntity) -> Result<()> {
        self.handle.vault()?.transact(Cause::Caller, None, |transaction| registry::put(transaction, entity))
    }

    /// What the registry keeps of an entity, by its ARN.
    pub fn get_iam_entity(&self, arn: &str) -> Result<IamEntity> {
        self.handle.vault()?.read(|transaction| registry::get(transaction, arn))
    }

    /// The ARNs of what the registry keeps of an account, page by page.
    pub fn list_iam_entities(&self, request: &ListIamEntitiesRequest) -> Result<ListIamEntitiesResponse> {
        self.handle.vault()?.read(|transaction| registry::list(transaction, &self.caller, request))
    }

    /// Removes an entity. Its clients are allowed nothing any more. A group goes when no user is in it, and an account when
    /// nothing else is kept of it: then identity policies of that account count no more.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) where something else is left.
    pub fn remove_iam_entity(&self, arn: &str) -> Result<()> {
        self.handle.vault()?.transact(Cause::Caller, None, |transaction| registry::remove(transaction, arn))
    }

    /// Tries out what the vault's policies, grants and principals decide of a call by a caller, and why: which statement of which
    /// policy or grant decides, which conditions do not hold and with what value, or what would be needed. Nothing is carried
    /// out, and keys of other accounts are explained, too: for the host alone.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) of a key that is not there.
    pub fn simulate(&self, caller: &Caller, request: &SimulateRequest) -> Result<SimulateResponse> {
        caller.check_session(|| self.handle.now())?;
        self.handle.vault()?.read(|transaction| simulate::run(transaction, caller, request))
    }

    /// Request quotas for all clients of the vault in this process: AWS's numbers, but for those that are given, by the vault's clock;
    /// `None` for none, as at first. The count begins again. Each process counts for itself.
    ///
    /// A request beyond its quota fails with [`ErrorKind::Throttling`](crate::ErrorKind::Throttling), which AWS's SDKs try again with backoff.
    /// Who asks pays, whosever the key is, and whatever becomes of the request.
    pub fn set_request_quotas(&self, quotas: Option<&[RequestQuota]>) -> Result<()> {
        self.handle.vault()?.throttle.set(quotas)
    }

    /// Resource quotas for all clients of the vault in this process: AWS's numbers, but for those that are given; `None` for AWS's, as at
    /// first. What is there already stays. More fails with [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded), tags with
    /// [`ErrorKind::Tag`](crate::ErrorKind::Tag).
    ///
    /// Keys are counted only where their number is given: by reading as many names at each `CreateKey`. Two that are made at the same moment may
    /// both be the last.
    pub fn set_resource_quotas(&self, quotas: Option<&ResourceQuotas>) -> Result<()> {
        self.handle.vault()?.allowance.write().quotas = quotas.cloned().unwrap_or_default();
        Ok(())
    }

    /// For how many seconds, by the vault's clock, a grant that is made from now on counts only for requests that bring its token; 0 as
    /// at first, when it counts at once. AWS takes up to five minutes, so an app that forgets its tokens fails there now and then: with
    /// a delay it fails here each time.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) of more than 300.
    pub fn set_grant_delay(&self, seconds: u32) -> Result<()> {
        let vault = self.handle.vault()?;
        if seconds > MOST_GRANT_DELAY {
            return Err(Error::new(ErrorKind::Validation, format!("{seconds} is not valid as the delay of grants"))
                .explain(format!("it has at most {MOST_GRANT_DELAY} seconds")));
        }
        vault.allowance.write().grant_delay_seconds = seconds;
        Ok(())
    }

    /// A client for a caller whom the registry has, or whose account it does not keep. [`client_as`](Self::client_as) leaves that to
    /// each call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where the registry keeps the account, but not the caller.
    pub fn client_of(&self, caller: Caller) -> Result<Kms> {
        self.handle.vault()?.read(|transaction| registry::check(transaction, &caller))?;
        Ok(self.client_as(caller))
    }

    /// Assumes a role as a caller: the client of a session of it, if its trust policy and the caller's own policies allow that.
    ///
    /// The host can also make the client of a session without asking: [`client_of`](Self::client_of) with the session's ARN.
    ///
    /// # Errors
    /// [`ErrorKind::AccessDenied`](crate::ErrorKind::AccessDenied), also where there is no such role.
    pub fn assume_role(&self, caller: &Caller, request: &AssumeRoleRequest) -> Result<Kms> {
        caller.check_session(|| self.handle.now())?;
        let assumed = self.handle.vault()?.read(|transaction| registry::assume(transaction, caller, request))?;
        Ok(self.client_as(assumed))
    }
}
