//! The entry point: [`Vault`] for the host, and [`Kms`] for a caller. Caller and request in, authorised, checked, carried out
//! and committed, response out.

mod audit;
mod billing;
mod branch_keys;
mod builder;
mod handle;
mod iam;
mod opening;
mod parcels;
#[cfg(test)]
mod questions;
mod recording;
mod root_keys;
mod vault;

pub use audit::{AuditEvents, AuditFormat};
pub use builder::VaultBuilder;
pub use opening::Opening;
pub use vault::{Vault, WeakVault};

#[allow(clippy::wildcard_imports, reason = "every request and response there is")]
use crate::{
    access::{Caller, Question},
    api::*,
    audit::{Call, Event},
    context::EncryptionContext,
    envelope::{KmsClient, KmsKeyring, Retire},
    error::Result,
    key::{Arn, DataKeyPairSpec, EncryptionAlgorithmSpec, KeyId, MaterialId},
    ops::{self, Execute, OtherRegionCharge},
    quota::Family,
    shape::{self, Member, Members, Shape, Structure, Type, Value},
    store::{Answer, Cause, OpenVault, Transaction, known},
};
use alloc::{
    boxed::Box,
    format,
    string::String,
    sync::{Arc, Weak},
};
use core::{any::TypeId, cell::Cell};
use handle::Handle;
use recording::{Asked, WithAnswer};

/// AWS KMS for one caller: a client of an open [`Vault`], as one of AWS's SDKs is a client of the service.
///
/// Anyone who has one calls as this caller and no other; what concerns the vault as a whole is the host's, in [`Vault`]. Cloning is
/// cheap and shares the vault. All methods take `&self`, and may be called from several threads.
#[derive(Clone)]
pub struct Kms {
    handle: Arc<Handle>,
    /// Shared with the events of its calls.
    caller: Arc<Caller>,
}

impl Kms {
    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the vault was closed.
    pub fn is_closed(&self) -> bool {
        self.handle.open_vault().is_err()
    }

    /// Fails with [`ErrorKind::VaultClosed`] if the vault was closed. For code that carries requests of the wire, where a closed
    /// vault is a `KMSInternalException`, which AWS's clients retry.
    ///
    /// [`ErrorKind::VaultClosed`]: crate::ErrorKind::VaultClosed
    pub fn check_open(&self) -> Result<()> {
        self.handle.vault().map(drop)
    }

    /// Carries out any request: what the operation methods do.
    #[expect(private_bounds, reason = "the operations are a closed set; `Request` is their public face")]
    pub fn execute<R: Execute>(&self, request: &R) -> Result<R::Response> {
        let work = |transaction: &mut Transaction<'_>| {
            let answer = request.execute(transaction, &self.caller)?;
            Ok(Box::new(answer) as Answer)
        };
        let with_answer = |event: Event, answer: &Answer| match answer.downcast_ref::<R::Response>() {
            Some(answer) => event.answered(Call::Kms(R::OPERATION), answer.value()),
            None => event,
        };
        known(self.execute_any(&AnyRequest {
            operation: R::OPERATION,
            shape: R::TYPE,
            value: request.value(),
            advice: request.advice(),
            key: request.charged_key(),
            pair: request.charged_pair(),
            other_region: request.charge_in_other_region(),
            kind: TypeId::of::<R::Response>(),
            work: &work,
            with_answer: &with_answer,
        })?)
    }

    fn execute_any(&self, request: &AnyRequest<'_>) -> Result<Answer> {
        let &AnyRequest { operation, key, .. } = request;
        // However often it is carried out until a commit succeeds, it counts once.
        let is_uncounted = Cell::new(key.is_some());
        let work = |transaction: &mut Transaction<'_>| {
            transaction.is_uncounted = is_uncounted.get() && transaction.vault().throttle.is_set();
            let answer = (request.work)(transaction);
            let answer = ops::counted(transaction, &self.caller, operation, key, answer);
            is_uncounted.set(transaction.is_uncounted);
            answer
        };
        self.carry_out(&Asked {
            call: Call::Kms(operation),
            request: request.value,
            kind: request.kind,
            admit: &|vault| self.admit(vault, request),
            work: &work,
            with_answer: Some(request.with_answer),
        })
    }

    /// What is checked before a request is carried out: the caller's quota, and the request's limits. One that breaks them counts, too.
    fn admit(&self, vault: &OpenVault, request: &AnyRequest<'_>) -> Result<()> {
        let &AnyRequest { operation, key, pair, .. } = request;
        if key.is_none() {
            self.charge(vault, operation, pair)?;
        }
        if let Err(error) = shape::check_value(request.value, request.shape) {
            // It is not carried out, so its key is looked for to count it.
            if let Some(key) = key {
                self.charge_by_key(vault, operation, key)?;
            }
            return Err(match request.advice {
                Some(advice) => error.explain(advice),
                None => error,
            });
        }
        request.other_region.as_ref().map_or(Ok(()), |other| self.charge_other_region(vault, other))
    }

    /// Counts what a request leads to in another Region.
    fn charge_other_region(&self, vault: &OpenVault, other: &OtherRegionCharge<'_>) -> Result<()> {
        if !vault.throttle.is_set() || !vault.counts()? {
            return Ok(());
        }
        let (region, family) = (other.region.parse()?, Family::of(other.operation, None, None));
        (0..other.requests).try_for_each(|_| vault.throttle.take(self.caller.account(), &region, family, vault.now()))
    }

    /// Counts a request against its quota, whatever becomes of it.
    fn charge(&self, vault: &OpenVault, operation: Operation, pair: Option<DataKeyPairSpec>) -> Result<()> {
        if vault.throttle.is_set() {
            ops::count(vault, &self.caller, Family::of(operation, None, pair), vault.now())?;
        }
        Ok(())
    }

    /// The same by the type of its key.
    fn charge_by_key(&self, vault: &OpenVault, operation: Operation, key: &str) -> Result<()> {
        if vault.throttle.is_set() {
            let question = Question::new(&self.caller, operation);
            let spec = vault.read(|transaction| Ok(ops::spec_of(transaction, &question, key)))?;
            ops::count(vault, &self.caller, Family::of(operation, spec, None), vault.now())?;
        }
        Ok(())
    }

    /// Carries out what a vault's records alone decide, after what fell due.
    fn perform(
        vault: &OpenVault,
        operation: Operation,
        kind: TypeId,
        work: &dyn Fn(&mut Transaction<'_>) -> Result<Answer>,
    ) -> Result<Answer> {
        if !operation.is_read_only() {
            // What is changed is looked at as it is now: also where the answer is that nothing needs changing.
            vault.refresh();
        }
        vault.flush_audit_if_due();
        ops::delete_expired_if_due(vault, operation);
        vault.transact_any(Cause::Caller, None, kind, work)
    }
}

/// A request and what is asked of it before it is carried out, whichever operation's: what carries them out is compiled once.
struct AnyRequest<'a> {
    operation: Operation,
    shape: Type,
    value: Value<'a>,
    advice: Option<&'static str>,
    /// What it counts as.
    key: Option<&'a str>,
    pair: Option<DataKeyPairSpec>,
    other_region: Option<OtherRegionCharge<'a>>,
    /// The type of its answer.
    kind: TypeId,
    work: &'a dyn Fn(&mut Transaction<'_>) -> Result<Answer>,
    with_answer: WithAnswer<'a>,
}

impl Kms {
    /// A keyring of keys of this vault: the generator makes the data key of each message, the additional keys encrypt
    /// it, too. They are named by key id, key ARN, alias name or alias ARN.
    pub fn keyring(&self, generator: &str, additional: &[&str]) -> KmsKeyring {
        KmsKeyring::new(Arc::new(self.clone()), generator, additional)
    }
}

impl KmsClient for Kms {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.execute(&request)
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.execute(&request)
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.execute(&request)
    }

    fn key_arn(&self, key_id: &str) -> Result<String> {
        // What is a key ARN needs no look-up, nor a permission to describe the key.
        if key_id.starts_with("arn:") && key_id.parse().is_ok_and(|arn: Arn| arn.resource.starts_with("key/")) {
            return Ok(key_id.into());
        }
        // Nor does an id, which is one of the caller's own account and Region.
        if let Ok(id) = key_id.parse::<KeyId>() {
            let (region, account) = (self.caller.region(), self.caller.account());
            return Ok(Arn::text(region, account, &format_args!("key/{id}")));
        }
        let request = DescribeKeyRequest { key_id: key_id.into(), ..Default::default() };
        Ok(self.execute(&request)?.key_metadata.arn)
    }

    fn current_material(
        &self,
        key_id: &str,
        operation: Operation,
        encryption_context: &EncryptionContext,
    ) -> Result<String> {
        let (arn, material) = self.arn_and_material(key_id, operation, encryption_context)?;
        Ok(format!("{arn} {material}"))
    }

    fn region(&self) -> Option<String> {
        Some(self.caller().region().as_str().into())
    }

    fn newest_material(&self, key_id: &str, encryption_context: &EncryptionContext) -> Result<Option<MaterialId>> {
        let found = self.arn_and_material(key_id, Operation::Encrypt, encryption_context)?;
        Ok(Some(found.1))
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.handle.on_close(cache);
    }
}

/// What a keyring asks before it takes a data key from its cache.
struct Looked<'a> {
    key_id: &'a str,
    encryption_context: Option<&'a EncryptionContext>,
}

impl Members for Looked<'_> {
    fn structure(&self) -> &'static Structure {
        const KEY_ID: Member = Member { wire: "KeyId", ..Member::optional("key_id", Type::String) };
        const CONTEXT: Member =
            Member { wire: "EncryptionContext", ..Member::optional("encryption_context", Type::Map) };
        &Structure { name: "", doc: "", members: &[KEY_ID, CONTEXT] }
    }

    fn each(&self, show: &mut dyn FnMut(Value<'_>)) {
        show(Value::Text(self.key_id));
        show(self.encryption_context.map_or(Value::Nothing, |context| Value::Map(context)));
    }
}

impl Kms {
    /// The key's ARN, and the material that it encrypts with now.
    fn arn_and_material(
        &self,
        key_id: &str,
        operation: Operation,
        encryption_context: &EncryptionContext,
    ) -> Result<(String, MaterialId)> {
        let question = Question {
            encryption_context: Some(encryption_context).filter(|context| !context.is_empty()),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
            ..Question::new(&self.caller, operation)
        };
        let looked = Looked { key_id, encryption_context: question.encryption_context };
        let work = |transaction: &mut Transaction<'_>| ops::current_material(transaction, &question, key_id);
        self.recorded_if_refused(Call::Kms(operation), Value::Structure(&looked), work)
    }
}

/// One method per operation.
macro_rules! operation_methods {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        impl Kms {
            $(#[doc = $doc]
            #[doc = reference!($name)]
            pub fn $method(&self, request: $request) -> Result<$response> {
                self.execute(&request)
            })*
        }
    };
}
crate::operations!(operation_methods);
