//! The entry point: caller and request in, authorised, checked, carried out and committed, answer out.

mod branch_keys;
mod builder;
mod handle;

pub use builder::KmsBuilder;

#[allow(clippy::wildcard_imports, reason = "every request and response there is")]
use crate::{
    access::Caller,
    api::*,
    envelope::{KmsClient, KmsKeyring, Retire},
    error::Result,
    key::{Arn, MaterialId},
    ops::{self, Execute},
    shape,
    store::{Cause, DamagedRecord, RootKey, Transaction},
};
use alloc::{
    format,
    string::String,
    sync::{Arc, Weak},
    vec::Vec,
};
use handle::Handle;

/// AWS KMS in this process: an open vault, and who calls.
///
/// Cloning is cheap and shares the vault. All methods take `&self`, and may be called from several threads.
#[derive(Clone)]
pub struct Kms {
    handle: Arc<Handle>,
    caller: Caller,
}

impl Kms {
    /// Starts with the operating system's clock, and the primitives of `Provider::default()`.
    #[cfg(all(feature = "std", feature = "getrandom"))]
    pub fn builder() -> KmsBuilder {
        KmsBuilder::new(crate::crypto::Provider::default(), Arc::new(crate::clock::SystemClock))
    }

    /// The same vault for another caller.
    #[must_use]
    pub fn as_caller(&self, caller: Caller) -> Self {
        Self { handle: Arc::clone(&self.handle), caller }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The whole vault as one sealed file, the same on every platform. Keys whose waiting period is over are not in it,
    /// unless the time is in doubt ([`Kms::time_in_doubt`]).
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let vault = self.handle.vault()?;
        ops::sweep(&vault)?;
        vault.snapshot()
    }

    /// The records that calls found damaged since the vault was opened, and that still are. A call that can do without a record
    /// passes it over: a list goes on after it, a snapshot has it in it as it is, a new root key leaves it as it was. What it
    /// left out is here.
    ///
    /// For the host alone: the records may be any caller's.
    pub fn damaged(&self) -> Result<Vec<DamagedRecord>> {
        self.handle.vault()?.damaged()
    }

    /// Opens every record of the vault, and returns those that are damaged. Takes as long as reading the whole store.
    ///
    /// For the host alone: the records may be any caller's.
    pub fn verify(&self) -> Result<Vec<DamagedRecord>> {
        self.handle.vault()?.verify()
    }

    /// Seals the vault under another root key. Ciphertexts and snapshots made before are not touched: an old snapshot
    /// still opens with the old root key, so destroy both together.
    ///
    /// A record that is damaged stays so, and no copy of it from before fits any more: [`verify`](Self::verify) first, and put
    /// damaged records back.
    pub fn change_root_key(&self, root: &RootKey) -> Result<()> {
        self.handle.vault()?.change_root_key(root)
    }

    /// How many changes the vault has seen, those of time included (a rotation or a deletion that fell due). Snapshots keep it: by
    /// it an older snapshot is told from the one that was saved last. Of two copies that went on by themselves it does not tell
    /// which is newer: a copy that nobody changed may have the greater one.
    pub fn revision(&self) -> Result<u64> {
        self.handle.vault()?.revision()
    }

    /// Whether something that a caller changed is in memory only, so that it is lost with the process: true from the creation
    /// of a vault in memory on, and after each change, until a [`Kms::snapshot`] is taken. Rotations and deletions that only
    /// fell due do not count, since every copy of the vault comes to the same. False in a store that lasts, and of a closed
    /// vault.
    pub fn needs_saving(&self) -> bool {
        self.handle.vault().is_ok_and(|vault| vault.needs_saving())
    }

    /// Closes the vault for every clone, caller and keyring of it, and wipes its keys. Calls under way end as if nothing had
    /// happened; those that come later fail with [`ErrorKind::VaultClosed`]. Caches of data keys and branch keys give nothing
    /// out any more; what they hold is wiped when they are dropped. A vault in memory is gone, unless a snapshot was taken. To
    /// close twice does no harm.
    ///
    /// [`ErrorKind::VaultClosed`]: crate::ErrorKind::VaultClosed
    pub fn close(&self) {
        self.handle.close();
    }

    /// Whether the vault was closed.
    pub fn is_closed(&self) -> bool {
        self.handle.vault().is_err()
    }

    /// Whether the clock is so far ahead of the latest known time that deletions wait ([`ClockTrust::System`]).
    ///
    /// [`ClockTrust::System`]: crate::ClockTrust::System
    pub fn time_in_doubt(&self) -> Result<bool> {
        Ok(self.handle.vault()?.is_time_in_doubt())
    }

    /// The clock is right, whatever it showed before: what fell due by it is carried out from now on.
    ///
    /// A vault whose record `generation` is damaged ([`damaged`](Self::damaged)) or gone can be read only, since it does not know any
    /// more when it was last used; it can be written again after this.
    pub fn confirm_time(&self) -> Result<()> {
        self.handle.vault()?.transact(Cause::Caller, None, |transaction| {
            transaction.confirm_time();
            Ok(())
        })
    }

    /// Carries out any request: what the operation methods do.
    #[expect(private_bounds, reason = "the operations are a closed set; `Request` is their public face")]
    pub fn call<R: Execute>(&self, request: &R) -> Result<R::Response> {
        shape::check(request).map_err(|error| match request.advice() {
            Some(advice) => error.explain(advice),
            None => error,
        })?;
        self.perform(R::OPERATION, |transaction| request.execute(transaction, &self.caller))
    }

    /// Carries out what a vault's records alone decide, after what fell due.
    fn perform<T>(&self, operation: Operation, work: impl Fn(&mut Transaction<'_>) -> Result<T>) -> Result<T> {
        let vault = self.handle.vault()?;
        ops::sweep_if_due(&vault, operation)?;
        vault.transact(Cause::Caller, None, work)
    }
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
        self.call(&request)
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.call(&request)
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.call(&request)
    }

    fn key_arn(&self, key_id: &str) -> Result<String> {
        // What is a key ARN needs no look-up, nor a permission to describe the key.
        if key_id.parse().is_ok_and(|arn: Arn| arn.resource.starts_with("key/")) {
            return Ok(key_id.into());
        }
        let request = DescribeKeyRequest { key_id: key_id.into(), ..Default::default() };
        Ok(self.call(&request)?.key_metadata.arn)
    }

    fn current_material(&self, key_id: &str, operation: Operation) -> Result<String> {
        self.arn_and_material(key_id, operation).map(|(arn, material)| format!("{arn} {material}"))
    }

    fn newest_material(&self, key_id: &str) -> Result<Option<MaterialId>> {
        self.arn_and_material(key_id, Operation::Encrypt).map(|(_, material)| Some(material))
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.handle.on_close(cache);
    }
}

impl Kms {
    /// The key's ARN, and the material that it encrypts with now.
    fn arn_and_material(&self, key_id: &str, operation: Operation) -> Result<(String, MaterialId)> {
        self.perform(operation, |transaction| ops::current_material(transaction, &self.caller, operation, key_id))
    }
}

/// One method per operation.
macro_rules! operation_methods {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        impl Kms {
            $(#[doc = $doc]
            pub fn $method(&self, request: $request) -> Result<$response> {
                self.call(&request)
            })*
        }
    };
}
crate::operations!(operation_methods);
