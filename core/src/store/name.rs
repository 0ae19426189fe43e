//! The names of records: what a store sorts and finds by. Specified in docs/formats.md, "Record names".

use crate::{
    clock::Timestamp,
    key::{AccountId, BranchKeyVersion, KeyId, Region},
};
use alloc::{
    format,
    string::{String, ToString},
};

/// The name of a record. No part but the last can hold a `/`, so that no two things share a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RecordName(String);

/// The texts, then sixteen bytes in hexadecimal, in one allocation: names are made at each operation.
fn join(texts: &[&str], bytes: &[u8; 16]) -> String {
    // Room for a slash and another sixteen bytes, which `RecordName::material` appends.
    let mut name = String::with_capacity(texts.iter().map(|text| text.len()).sum::<usize>() + 65);
    for text in texts {
        name.push_str(text);
    }
    push_hex(&mut name, bytes);
    name
}

fn push_hex(name: &mut String, bytes: &[u8; 16]) {
    let mut digits = [0; 32];
    // Hexadecimal digits always fit and are always text; spelt so that nothing here can panic.
    let text = hex::encode_to_slice(bytes, &mut digits).ok().and_then(|()| str::from_utf8(&digits).ok());
    name.push_str(text.unwrap_or_default());
}

/// The vault's header, the one record that is not sealed under the vault key, since it holds it.
pub(crate) const VAULT: &str = "vault";
/// Which state of the vault this is, written by every commit.
pub(crate) const GENERATION: &str = "generation";
/// Whom the vault was made for.
pub(crate) const CALLER: &str = "caller";
/// What the names of the deletion index begin with.
pub(crate) const DELETIONS: &str = "deletion/";

impl RecordName {
    /// A key's metadata.
    pub(crate) fn key(region: &Region, id: &[u8; 16]) -> Self {
        Self(join(&["key/", region.as_str(), "/"], id))
    }

    /// What the names of a Region's keys begin with.
    pub(crate) fn keys(region: &Region) -> String {
        ["key/", region.as_str(), "/"].concat()
    }

    /// One of a key's materials, found by the reference that a ciphertext carries.
    pub(crate) fn material(region: &Region, id: &KeyId, reference: &[u8; 16]) -> Self {
        let mut name = Self::materials(region, id);
        push_hex(&mut name, reference);
        Self(name)
    }

    /// What the names of a key's materials begin with.
    pub(crate) fn materials(region: &Region, id: &KeyId) -> String {
        join(&["material/", region.as_str(), "/"], id.as_bytes()) + "/"
    }

    /// What a key's due materials are derived from.
    pub(crate) fn rotation_secrets(region: &Region, id: &KeyId) -> Self {
        Self(join(&["rotation-secret/", region.as_str(), "/"], id.as_bytes()))
    }

    /// What is known about a key's material number so and so, counted from 0.
    pub(crate) fn rotation(region: &Region, id: &KeyId, number: u32) -> Self {
        Self(format!("{}{number:08x}", Self::rotations(region, id)))
    }

    /// What the names of a key's rotations begin with.
    pub(crate) fn rotations(region: &Region, id: &KeyId) -> String {
        join(&["rotation/", region.as_str(), "/"], id.as_bytes()) + "/"
    }

    /// An alias; `name` has its prefix, `alias/orders`.
    pub(crate) fn alias(account: &AccountId, region: &Region, name: &str) -> Self {
        Self(Self::aliases(account, region) + name)
    }

    /// What the names of an account's aliases begin with.
    pub(crate) fn aliases(account: &AccountId, region: &Region) -> String {
        ["alias/", account.as_str(), "/", region.as_str(), "/"].concat()
    }

    /// A branch key; `hash` is the SHA-256 of its id, which may be any text.
    pub(crate) fn branch_key(account: &AccountId, region: &Region, hash: &[u8; 32]) -> Self {
        Self(Self::branch_keys(account, region) + &hex::encode(hash))
    }

    /// What the names of an account's branch keys begin with.
    pub(crate) fn branch_keys(account: &AccountId, region: &Region) -> String {
        ["branch-key/", account.as_str(), "/", region.as_str(), "/"].concat()
    }

    /// A version of a branch key.
    pub(crate) fn branch_key_version(
        account: &AccountId,
        region: &Region,
        hash: &[u8; 32],
        version: &BranchKeyVersion,
    ) -> Self {
        Self(Self::branch_key_versions(account, region, hash) + &hex::encode(version.as_bytes()))
    }

    /// What the names of a branch key's versions begin with.
    pub(crate) fn branch_key_versions(account: &AccountId, region: &Region, hash: &[u8; 32]) -> String {
        ["branch-key-version/", account.as_str(), "/", region.as_str(), "/", &*hex::encode(hash), "/"].concat()
    }

    /// An entry of the index of scheduled deletions, in the order of their dates.
    pub(crate) fn deletion(date: Timestamp, region: &Region, id: &KeyId) -> Self {
        // Times before 1970 sort first, as 0: what is that long due is due.
        let millis = u64::try_from(date.as_millis()).unwrap_or(0);
        Self(format!("{DELETIONS}{millis:016x}/{region}/{}", hex::encode(id.as_bytes())))
    }

    /// The date of an entry of that index.
    pub(crate) fn deletion_date(&self) -> Option<Timestamp> {
        let millis = u64::from_str_radix(self.0.strip_prefix(DELETIONS)?.get(..16)?, 16).ok()?;
        i64::try_from(millis).ok().map(Timestamp::from_millis)
    }

    /// The key of an entry of that index.
    pub(crate) fn deleted_key(&self) -> Option<Self> {
        let place = self.0.strip_prefix(DELETIONS)?.get(17..)?;
        Some(Self(["key/", place].concat()))
    }

    /// The part after the last of the fixed parts: `alias/orders` of an alias.
    pub(crate) fn after<'a>(&'a self, prefix: &str) -> Option<&'a str> {
        self.0.strip_prefix(prefix)
    }

    /// The whole name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RecordName {
    fn from(name: &str) -> Self {
        Self(name.to_string())
    }
}

impl From<String> for RecordName {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl From<RecordName> for String {
    fn from(name: RecordName) -> Self {
        name.0
    }
}
