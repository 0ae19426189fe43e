//! The vault's head, pinned outside: by it it shows that a store was put back as a whole.

use super::super::{OpenVault, RecordName, Transaction, name::AUDIT};
use crate::{
    audit::{Head, Link, Trail},
    error::{Error, ErrorKind, Result},
};
use alloc::{
    format,
    string::{String, ToString},
};

fn link(trail: Option<Trail>) -> Option<Link> {
    trail.map(|Trail { entry, digest, .. }| Link { entry, digest })
}

impl OpenVault {
    /// The state that the vault is in.
    pub(crate) fn head(&self) -> Result<String> {
        self.flush_first()?;
        self.read(|transaction| {
            let current = transaction.generation()?;
            let vault = transaction.key.header.vault_id;
            Ok(Head { vault, generation: current.revision, trail: link(current.generation.audit()) }.to_string())
        })
    }

    /// Refuses a vault that is not as the host has to expect it, where it knows.
    pub(in crate::store) fn check_expected_head(&self) -> Result<()> {
        match &self.expected_head {
            Some(expected) => self.check_head(&Head::read(expected)?),
            None => Ok(()),
        }
    }

    /// Refuses a vault that is not the one of that head, or a later state of it.
    fn check_head(&self, expected: &Head) -> Result<()> {
        self.read(|transaction| {
            let current = transaction.generation()?;
            if transaction.key.header.vault_id != expected.vault {
                return Err(refused("the store holds another vault than the expected head names", ""));
            }
            if current.revision < expected.generation {
                let (found, known) = (current.revision, expected.generation);
                let words = "the vault is older than the expected head says: it was put back from a copy";
                return Err(refused(words, &format!("it has seen {found} changes, and had seen {known}")));
            }
            let checked = self.check_continuation(transaction, expected, current.generation.audit());
            transaction.unless_outdated(checked)?
        })
    }

    /// Whether each entry after the expected one names the one before, up to the newest.
    fn check_continuation(&self, transaction: &Transaction<'_>, expected: &Head, trail: Option<Trail>) -> Result<()> {
        let other = |why: &str| {
            let words =
                "the vault is no continuation of the expected head: it was put back from a copy, and changed since";
            refused(words, why)
        };
        let newest = link(trail);
        let mut known = expected.trail;
        let after = RecordName::audit(known.map_or(0, |known| known.entry));
        for records in self.pages_after(AUDIT, Some(after)) {
            for record in records? {
                // What is no entry, or comes after the newest, was put there: it belongs to no state of this vault.
                let number = RecordName::audit_number(&record.name);
                if number.is_none_or(|number| newest.is_none_or(|newest| number > newest.entry)) {
                    continue;
                }
                let Some((number, entry, link)) = self.read_entry(transaction, &record)? else {
                    return Err(other(&format!("the record '{}' does not open", record.name)));
                };
                if entry.header.previous != known {
                    let why = if trail.is_some_and(|trail| trail.first == number) {
                        "the entries of the audit trail since then were removed: pin a head after each removal"
                    } else {
                        "its audit trail leads to another state"
                    };
                    return Err(other(why));
                }
                known = Some(link);
            }
        }
        if known == newest { Ok(()) } else { Err(other("its audit trail ends elsewhere")) }
    }
}

fn refused(words: &'static str, why: &str) -> Error {
    let error = Error::new(ErrorKind::RolledBack, words);
    if why.is_empty() { error } else { error.explain(why.to_string()) }
}
