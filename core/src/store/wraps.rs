//! The root keys of an open vault: each wraps the vault key in a part of the header, and each comes and goes in a commit,
//! whatever the vault holds.

use super::{
    Cause, OpenVault, Transaction,
    header::{Header, MAX_PASSPHRASES, MAX_ROOT_KEYS, passphrases},
    name::VAULT,
    root_key::{RootKey, wrong},
    root_key_info::{RecoveryKey, RootKeyInfo, RootKeyKind},
    vault::gone,
    vault_key::{Opener, VaultKey},
    wrap::{Epoch, MAX_LABEL, Method, Wrap},
};
use crate::{
    clock::Timestamp,
    crypto::Provider,
    error::{Error, ErrorKind, Result},
    secret::{SecretArray, SecretText},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use subtle::ConstantTimeEq;

/// A wrap of a vault key for a root key, opened before it is written.
pub(super) fn new_wrap(
    provider: &Provider,
    root: &RootKey,
    epoch: Epoch,
    vault_key: &SecretArray<32>,
    label: &str,
    created: Timestamp,
) -> Result<(Wrap, Opener)> {
    let mut id = [0; 16];
    provider.fill_random(&mut id)?;
    let (method, key) = root.wrap(provider, &epoch.vault_id, &id)?;
    let opener = Opener { id, key };
    let wrap = Wrap::seal(provider, epoch, (id, label, created), method, vault_key, &opener.key)?;
    // What is derived is derived alike each time. Another's key may wrap and refuse to unwrap.
    if !wrap.is_keepable() {
        opens(provider, root, epoch, &wrap, vault_key)?;
    }
    Ok((wrap, opener))
}

/// Whether a root key opens a wrap, and comes to the vault key.
pub(super) fn opens(
    provider: &Provider,
    root: &RootKey,
    epoch: Epoch,
    wrap: &Wrap,
    vault_key: &SecretArray<32>,
) -> Result<()> {
    let key = root.unwrap(provider, &epoch.vault_id, &wrap.id, &wrap.method)?;
    match wrap.open(provider, epoch, &key) {
        Some(opened) if bool::from(opened.expose().ct_eq(vault_key.expose())) => Ok(()),
        _ => Err(wrong("the root key does not open what it has wrapped: it was not added")),
    }
}

impl OpenVault {
    /// The root keys that open the vault.
    pub(crate) fn root_keys(&self) -> Result<Vec<RootKeyInfo>> {
        let key = self.newest_key()?;
        Ok(key.header.staying().iter().map(|wrap| info(wrap, &key)).collect())
    }

    /// The record `vault` as the store has it: verified, unless the vault is locked.
    pub(crate) fn header(&self) -> Result<Vec<u8>> {
        if !self.is_locked() {
            self.newest_key()?;
        }
        Ok(self.store.get(VAULT)?.ok_or_else(gone)?.value.as_bytes().to_vec())
    }

    /// Another root key beside those that there are. Returns its id.
    pub(crate) fn add_root_key(&self, root: &RootKey, label: &str) -> Result<String> {
        check_label(label)?;
        let new = self.write_wrap(root, label, None)?;
        let (_, opener) = &*new;
        self.change_header(|key, header| {
            header.wrap(&opener.id)?.opened = true;
            Ok(key.opener.as_ref().map(Opener::copy))
        })?;
        Ok(hex::encode(opener.id))
    }

    /// A new recovery key.
    pub(crate) fn add_recovery_key(&self, label: &str) -> Result<RecoveryKey> {
        let text = self.once(|| RootKey::new_recovery_key(&self.provider))?;
        // Opened by what a person will read, and not by what it was made from.
        let text = SecretText::copy_of(str::from_utf8(text.expose()).unwrap_or_default());
        let root = RootKey::from_recovery_key(text.expose())?;
        Ok(RecoveryKey { id: self.add_root_key(&root, label)?, text })
    }

    /// Takes a root key away.
    pub(crate) fn remove_root_key(&self, id: &str) -> Result<()> {
        let id = read_id(id)?;
        self.change_any_header(|key, header| {
            // One that is lost would keep a shredding from being taken back.
            if header.rotation.as_ref().is_some_and(|rotation| rotation.keeps_all(&header.wraps)) {
                return Err(rotating());
            }
            header.remove(&id)?;
            Ok(key.opener.as_ref().filter(|opener| opener.id != id).map(Opener::copy))
        })
    }

    /// Puts a root key in the place of another, under the label of that. Returns its id.
    pub(crate) fn replace_root_key(&self, id: &str, root: &RootKey) -> Result<String> {
        let id = read_id(id)?;
        let key = self.key_to_change()?;
        let label = key.header.staying().iter().find(|wrap| wrap.id == id).ok_or_else(no_such)?.label.clone();
        let new = self.write_wrap(root, &label, Some(&id))?;
        let (_, opener) = &*new;
        self.change_header(|key, header| {
            header.wrap(&opener.id)?.opened = true;
            header.remove(&id)?;
            let replaced = key.opener.as_ref().filter(|own| own.id != id);
            Ok(Some(replaced.unwrap_or(opener).copy()))
        })?;
        Ok(hex::encode(opener.id))
    }

    /// Marks the wrap that the vault was opened by, where the one that added it did not come to that.
    pub(super) fn confirm_opener(&self) {
        let Ok(key) = self.key() else { return };
        let Some(opener) = &key.opener else { return };
        if key.header.wraps.iter().any(|wrap| wrap.id == opener.id && !wrap.opened) {
            // A store that takes no writes now does not keep anybody from reading.
            let _ = self.change_header(|key, header| {
                header.wrap(&opener.id)?.opened = true;
                Ok(key.opener.as_ref().map(Opener::copy))
            });
        }
    }

    /// Writes a wrap that does not count yet, and opens it as it stands in the store. What does not open is taken out again.
    fn write_wrap(&self, root: &RootKey, label: &str, instead_of: Option<&[u8; 16]>) -> Result<Arc<(Wrap, Opener)>> {
        let key = self.key_to_change()?;
        let new =
            self.once(|| new_wrap(&self.provider, root, key.header.writing(), &key.current, label, self.now()))?;
        let (wrap, opener) = &*new;
        self.once(|| {
            self.change_header(|now, header| {
                if header.epoch != key.header.epoch {
                    return Err(rotating());
                }
                header.wraps.push(wrap.clone());
                // Refused before anything is written.
                let mut after = header.clone();
                if let Some(id) = instead_of {
                    after.wrap(&wrap.id)?.opened = true;
                    after.remove(id)?;
                }
                check_numbers(&after)?;
                Ok(now.opener.as_ref().map(Opener::copy))
            })
        })?;
        self.once(|| self.open_written(root, &opener.id, &key)).inspect_err(|_| {
            if self.is_waiting() {
                return;
            }
            let _ = self.change_header(|key, header| {
                header.wraps.retain(|wrap| wrap.id != opener.id);
                Ok(key.opener.as_ref().map(Opener::copy))
            });
        })?;
        Ok(new)
    }

    fn open_written(&self, root: &RootKey, id: &[u8; 16], key: &VaultKey) -> Result<()> {
        let record = self.store.get(VAULT)?.ok_or_else(gone)?;
        let header = Header::read(record.value.as_bytes())?;
        let wrap = header.wraps.iter().find(|wrap| wrap.id == *id).ok_or_else(no_such)?;
        opens(&self.provider, root, key.header.writing(), wrap, &key.current)
    }

    /// The vault key and header as the store has them now.
    pub(super) fn newest_key(&self) -> Result<Arc<VaultKey>> {
        self.check_key(&*self.key()?)?;
        self.key()
    }

    /// As [`newest_key`](Self::newest_key), to change it: whatever was fetched before.
    pub(super) fn key_to_change(&self) -> Result<Arc<VaultKey>> {
        self.once(|| {
            self.fetched.iter().for_each(super::Fetched::forget);
            Ok(())
        })?;
        Ok(Arc::clone(&*self.once(|| self.newest_key())?))
    }

    /// As [`change_any_header`](Self::change_any_header), but not while the vault key is being rotated.
    fn change_header(&self, change: impl Fn(&VaultKey, &mut Header) -> Result<Option<Opener>>) -> Result<()> {
        self.change_any_header(|key, header| {
            if header.rotation.is_some() {
                return Err(rotating());
            }
            change(key, header)
        })
    }

    /// Changes the header in one commit. `change` returns the wrap that this handle continues with.
    fn change_any_header(&self, change: impl Fn(&VaultKey, &mut Header) -> Result<Option<Opener>>) -> Result<()> {
        self.transact(Cause::Caller, None, |transaction: &mut Transaction<'_>| {
            // What is refused is refused by the header as it is now.
            self.check_key(&transaction.key)?;
            if transaction.is_outdated() {
                return Err(rotating());
            }
            let key = &transaction.key;
            let mut header = key.header.clone();
            let opener = change(key, &mut header)?;
            let new = key.with_header(&self.provider, header, opener);
            transaction.put_header(new);
            Ok(())
        })
    }
}

impl Header {
    fn wrap(&mut self, id: &[u8; 16]) -> Result<&mut Wrap> {
        self.wraps.iter_mut().find(|wrap| wrap.id == *id).ok_or_else(no_such)
    }

    /// Takes a wrap out, unless no one could open the vault after it whose root key is in a person's hands.
    fn remove(&mut self, id: &[u8; 16]) -> Result<()> {
        let removed = self.wrap(id)?.clone();
        self.wraps.retain(|wrap| wrap.id != *id);
        let mut left = self.wraps.iter().filter(|wrap| wrap.opened);
        let enough = if removed.is_keepable() { left.any(Wrap::is_keepable) } else { left.next().is_some() };
        // One that never opened the vault was no way into it.
        if enough || !removed.opened {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::LastRootKey,
            "this is the last root key of the vault that a person can keep: add another one first (bytes, a passphrase or a recovery key)",
        ))
    }
}

fn info(wrap: &Wrap, key: &VaultKey) -> RootKeyInfo {
    let (kind, cost, name) = match &wrap.method {
        Method::Bytes => (RootKeyKind::Bytes, None, None),
        Method::Passphrase { cost, .. } => (RootKeyKind::Passphrase, Some(*cost), None),
        Method::Recovery => (RootKeyKind::Recovery, None, None),
        Method::Callback { name, .. } => (RootKeyKind::Callback, None, Some(name.clone())),
    };
    RootKeyInfo {
        id: hex::encode(wrap.id),
        kind,
        label: wrap.label.clone(),
        created: wrap.created,
        cost,
        name,
        opened: wrap.opened,
        in_use: key.opener.as_ref().is_some_and(|opener| opener.id == wrap.id),
    }
}

/// Refuses more wraps than there may be when the change is done.
fn check_numbers(after: &Header) -> Result<()> {
    let limit = if after.wraps.len() > MAX_ROOT_KEYS {
        format!("a vault has at most {MAX_ROOT_KEYS} root keys")
    } else if passphrases(&after.wraps) > MAX_PASSPHRASES {
        format!("at most {MAX_PASSPHRASES} root keys of a vault are passphrases: opening it tries each of them")
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::LimitExceeded, limit))
}

fn check_label(label: &str) -> Result<()> {
    if label.len() > MAX_LABEL || label.chars().any(char::is_control) {
        let words = format!("a label has at most {MAX_LABEL} bytes, and no control characters");
        return Err(Error::new(ErrorKind::Validation, words));
    }
    Ok(())
}

fn read_id(id: &str) -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(id, &mut bytes).map_err(|_| no_such())?;
    Ok(bytes)
}

fn no_such() -> Error {
    Error::new(ErrorKind::NotFound, "the vault has no root key of that id".to_string())
}

pub(super) fn rotating() -> Error {
    Error::new(ErrorKind::Conflict, "the vault key is being rotated: finish the rotation first")
}
