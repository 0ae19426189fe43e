//! The host's handle of a vault.

use super::{Kms, handle::Handle, recording::record};
use crate::{
    access::Caller,
    api::{CreateKeyRequest, CreateKeyResponse, Operation},
    audit::{AuditReport, Call},
    clock::Timestamp,
    error::Result,
    key::KeyId,
    ops,
    secret::SecretArray,
    shape::{self, Shape},
    store::{Cause, DamagedRecord, RootKey, Store},
};
use alloc::{
    string::String,
    sync::{Arc, Weak},
    vec::Vec,
};
use core::time::Duration;

/// An open vault, for the app that keeps it: its snapshot, root key and time, and a client for each caller.
///
/// Give a [`Kms`] to code that calls on somebody's behalf, and keep this. Cloning is cheap and shares the vault. All methods
/// take `&self`, and may be called from several threads.
#[derive(Clone)]
pub struct Vault {
    pub(super) handle: Arc<Handle>,
    pub(super) caller: Caller,
}

/// A vault that is dropped, and so closed, when the last [`Vault`] and [`Kms`] of it are.
#[derive(Clone)]
pub struct WeakVault {
    handle: Weak<Handle>,
    caller: Caller,
}

impl WeakVault {
    /// The vault, unless it was dropped.
    pub fn upgrade(&self) -> Option<Vault> {
        Some(Vault { handle: self.handle.upgrade()?, caller: self.caller.clone() })
    }

    /// Whether it was dropped.
    pub fn is_dropped(&self) -> bool {
        self.handle.strong_count() == 0
    }
}

impl Vault {
    /// A handle that does not keep the vault open.
    pub fn downgrade(&self) -> WeakVault {
        WeakVault { handle: Arc::downgrade(&self.handle), caller: self.caller.clone() }
    }

    /// A client for [`caller`](Self::caller).
    pub fn client(&self) -> Kms {
        self.client_as(self.caller.clone())
    }

    /// A client for any caller. Who that is, the host has to know: nothing is asked of the caller here.
    pub fn client_as(&self, caller: Caller) -> Kms {
        Kms { handle: Arc::clone(&self.handle), caller: Arc::new(caller) }
    }

    /// Creates a key as the `caller` would, with an id, key material or both of the host's choice: fixed ones for tests, so that
    /// what is encrypted by one vault decrypts in every other that is made alike. An id is a UUID in lower case, or
    /// that of a multi-Region key. Only the first
    /// material can be given: what comes by rotation is random.
    ///
    /// Anyone who knows the material can decrypt all that the key encrypts. Keys that protect anything are made by
    /// [`Kms::create_key`].
    ///
    /// # Errors
    /// As [`Kms::create_key`]; [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is a key with that id in the Region.
    pub fn create_fixed_key(
        &self,
        caller: &Caller,
        key_id: Option<&str>,
        material: Option<&SecretArray<32>>,
        request: &CreateKeyRequest,
    ) -> Result<CreateKeyResponse> {
        let id: Option<KeyId> = key_id.map(str::parse).transpose()?;
        shape::check(request)?;
        let vault = self.handle.vault()?;
        vault.refresh();
        let shared = Arc::new(caller.clone());
        vault.transact(Cause::Caller, None, |transaction| {
            let answer = request.create(transaction, caller, id, material)?;
            let call = Call::Kms(Operation::CreateKey);
            record(transaction, call, &shared, request.value(), |event| event.answered(call, answer.value()));
            Ok(answer)
        })
    }

    /// The caller whom the vault was opened for: who was named then, else the one that it was created for.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The whole vault as one sealed file, the same on every platform. Keys whose waiting period is over are not in it,
    /// unless the time is in doubt ([`Vault::time_in_doubt`]).
    ///
    /// Of a vault in memory, say so when the file is where it lasts: [`mark_saved`](Self::mark_saved).
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let vault = self.handle.vault()?;
        ops::delete_expired(&vault)?;
        vault.snapshot()
    }

    /// The file is where it lasts: what this [`snapshot`](Self::snapshot) has needs saving no more ([`needs_saving`](Self::needs_saving)).
    /// Called after the file was written and synced, and not where that failed.
    ///
    /// It takes the snapshot itself, and not a revision, so that a change that came in between is never taken for saved.
    ///
    /// # Errors
    /// [`Validation`](crate::ErrorKind::Validation) if it is not one of the latest 64 snapshots taken of this vault since it was opened.
    pub fn mark_saved(&self, snapshot: &[u8]) -> Result<()> {
        self.handle.vault()?.mark_saved(snapshot)
    }

    /// The records that calls found damaged since the vault was opened, and that still are. A call that can do without a record
    /// passes it over: a list goes on after it, a snapshot has it in it as it is, a new root key leaves it as it was. What it
    /// left out is here.
    ///
    /// For the host alone: the records may be any caller's.
    pub fn damaged(&self) -> Result<Vec<DamagedRecord>> {
        self.handle.vault()?.damaged()
    }

    /// Opens every record of the vault, and returns those that are damaged: that do not open, or are not as the audit trail says,
    /// since someone put an earlier one back, took one away or put one there. Takes as long as reading the whole store, and
    /// its audit trail once for each 100,000 records.
    ///
    /// For the host alone: the records may be any caller's.
    pub fn verify(&self) -> Result<Vec<DamagedRecord>> {
        self.handle.vault()?.verify()
    }

    /// As [`verify`](Self::verify), for a copy of this vault in another store: a backup that is to be relied on. It must have been
    /// made since the root keys were changed last. Whether it is complete its own audit trail says: open it, and verify it there.
    pub fn verify_copy(&self, copy: &impl Store) -> Result<Vec<DamagedRecord>> {
        self.handle.vault()?.verify_copy(copy)
    }

    /// Stores the events of the audit trail that wait in memory ([`Audit`](crate::Audit)): on a timer, where nothing calls for a while,
    /// and before the process is suspended.
    pub fn flush_audit(&self) -> Result<()> {
        self.handle.vault()?.flush_audit()
    }

    /// How long such events may wait that do; nothing where none do, or the vault is closed.
    pub fn events_wait(&self) -> Option<Duration> {
        self.handle.vault().ok()?.events_wait()
    }

    /// Looks through the whole audit trail: whether an entry was removed, edited, moved or inserted, or events could not be stored.
    pub fn verify_audit(&self) -> Result<AuditReport> {
        self.handle.vault()?.verify_audit()
    }

    /// Removes the events from before that time, and returns how many those were. What is left can be verified as before. The newest
    /// events stay in any case, those of the last commit.
    ///
    /// A head that was pinned before ([`head`](Self::head)) is no good any more if entries after it were removed: pin one afterwards.
    pub fn remove_audit_before(&self, time: Timestamp) -> Result<u64> {
        self.handle.vault()?.remove_audit_before(time)
    }

    /// The state of the vault, in about 150 printable characters: which vault it is, how many changes it has seen, and the digest of its
    /// audit trail. Kept out of reach of anyone who can write the store, it reveals a store that was restored as a whole
    /// ([`VaultBuilder::expected_head`](crate::VaultBuilder::expected_head)). It is no secret.
    pub fn head(&self) -> Result<String> {
        self.handle.vault()?.head()
    }

    /// Works with the store that the vault was made or opened in, if it is of that type.
    pub fn with_store<S: Store, T>(&self, work: impl FnOnce(&S) -> T) -> Result<Option<T>> {
        Ok(self.handle.vault()?.store_as().map(work))
    }

    /// How many changes the vault has seen, those of time (a rotation or a deletion that fell due) and of the audit trail included.
    /// Snapshots keep it: it distinguishes an older snapshot from the one that was saved last. Of two copies that went on separately it does not say
    /// which is newer: a copy that no one changed may have the greater one.
    pub fn revision(&self) -> Result<u64> {
        self.handle.vault()?.revision()
    }

    /// The next call sees what other processes have changed until now. A handle sees that by itself within the store's lease
    /// ([`Store::lease`](crate::Store::lease), at most a second, and at each call where there is none): call this where a message
    /// says sooner that something was changed. It costs nothing by itself.
    pub fn refresh(&self) {
        if let Ok(vault) = self.handle.vault() {
            vault.refresh();
        }
    }

    /// Whether something that a caller changed is in memory only, so that it is lost with the process: true from the creation
    /// of a vault in memory on, and after each change, until a snapshot with it is said to be saved ([`mark_saved`](Self::mark_saved)).
    /// A key whose deletion fell due counts too: the file that was saved last still has it. Rotations that only fell due do not,
    /// since every copy of the vault comes to the same. False in a store that lasts, and of a closed vault.
    pub fn needs_saving(&self) -> bool {
        let Ok(vault) = self.handle.open_vault() else { return false };
        if !vault.lives_in_copies() {
            return false;
        }
        if vault.has_due_deletion() {
            // What cannot be deleted now is still in memory, too, and needs no saving.
            let _ = ops::delete_expired(&vault);
        }
        vault.needs_saving()
    }

    /// Closes the vault for every clone, client and keyring of it, and wipes its keys. Calls under way end as if nothing had
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
        self.handle.open_vault().is_err()
    }

    /// Locks the vault for every clone, client and keyring of it, and wipes its keys, until it is [unlocked](Self::unlock): for an app
    /// that goes into the background. Calls under way come to their end, or fail as those that come later do, with
    /// [`ErrorKind::VaultLocked`]; what they had begun is whole or not there. Caches of data keys and branch keys are wiped. Streams and
    /// range readers whose keys came from the vault lose them and have to be begun again; one of them that works on a piece at
    /// this moment is waited for, so do not call this in a callback of a stream's own. A vault in memory keeps its records, sealed
    /// as in a snapshot. To lock twice, or a vault that is closed, does no harm.
    ///
    /// Not wiped is what the app has: plaintexts, the root key, and what carries requests elsewhere.
    ///
    /// [`ErrorKind::VaultLocked`]: crate::ErrorKind::VaultLocked
    pub fn lock(&self) {
        self.handle.lock();
    }

    /// Unlocks the vault by any of its root keys, as opening it would: every clone, client, keyring and cache of it works again. A root key
    /// is asked also where the vault is not locked.
    ///
    /// # Errors
    /// As opening the vault: [`WrongRootKey`](crate::ErrorKind::WrongRootKey), [`RolledBack`](crate::ErrorKind::RolledBack) if the store was
    /// put back meanwhile. The vault stays locked then. [`VaultClosed`](crate::ErrorKind::VaultClosed) if it was closed.
    pub fn unlock(&self, root: &RootKey) -> Result<()> {
        self.handle.unlock(root)
    }

    /// Whether the vault is locked.
    pub fn is_locked(&self) -> bool {
        self.handle.open_vault().is_ok_and(|vault| vault.is_locked())
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
}
