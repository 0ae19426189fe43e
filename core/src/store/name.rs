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
/// What the names of the index of keys by account begin with.
const ACCOUNT_KEYS: &str = "account-key/";
/// What the names of the deletion index begin with.
pub(crate) const DELETIONS: &str = "deletion/";
/// What the names of all keys begin with.
pub(crate) const KEYS: &str = "key/";
/// What the names of the trail's entries begin with.
pub(crate) const AUDIT: &str = "audit/";
/// What the names of the list of deleted keys begin with of which something is left.
pub(crate) const REMOVALS: &str = "removal/";

impl RecordName {
    /// A key's metadata.
    pub(crate) fn key(region: &Region, id: &[u8; 16]) -> Self {
        Self(join(&["key/", region.as_str(), "/"], id))
    }

    /// What the names of a Region's keys begin with.
    pub(crate) fn keys(region: &Region) -> String {
        ["key/", region.as_str(), "/"].concat()
    }

    /// What the keys of a multi-Region key share.
    pub(crate) fn multi_region(id: &KeyId) -> Self {
        Self(join(&["multi-region/"], id.as_bytes()))
    }

    /// An entry of the index of keys by account.
    pub(crate) fn account_key(account: &AccountId, region: &Region, id: &[u8; 16]) -> Self {
        let mut name = Self::account_keys(account, region);
        push_hex(&mut name, id);
        Self(name)
    }

    /// What the names of that index begin with, of one account and Region.
    pub(crate) fn account_keys(account: &AccountId, region: &Region) -> String {
        [&*Self::account_keys_anywhere(account), region.as_str(), "/"].concat()
    }

    /// The same, of all Regions.
    pub(crate) fn account_keys_anywhere(account: &AccountId) -> String {
        [ACCOUNT_KEYS, account.as_str(), "/"].concat()
    }

    /// What a key that was deleted is still charged for; `month` is that in which it was charged last.
    pub(crate) fn deleted_key_of(account: &AccountId, month: &str, region: &Region, id: &KeyId) -> Self {
        Self(join(&[&*Self::deleted_keys_of(account), month, "/", region.as_str(), "/"], id.as_bytes()))
    }

    /// What the names of those begin with, of one account. They are in the order of their months.
    pub(crate) fn deleted_keys_of(account: &AccountId) -> String {
        ["deleted-key/", account.as_str(), "/"].concat()
    }

    /// How many requests an account made in a month, `2026-11`.
    pub(crate) fn requests(account: &AccountId, month: &str) -> Self {
        Self(["requests/", account.as_str(), "/", month].concat())
    }

    /// How far the audit trail is counted.
    pub(crate) fn counted() -> Self {
        Self("counted".to_string())
    }

    /// When a key was last used.
    pub(crate) fn last_use(region: &Region, id: &KeyId) -> Self {
        Self(join(&["last-use/", region.as_str(), "/"], id.as_bytes()))
    }

    /// The key of an entry of that index.
    pub(crate) fn key_of_account(&self) -> Option<Self> {
        let (_, place) = self.0.strip_prefix(ACCOUNT_KEYS)?.split_once('/')?;
        Some(Self(["key/", place].concat()))
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

    /// Whether it is the name of a material.
    pub(crate) fn is_material(&self) -> bool {
        self.0.starts_with("material/")
    }

    /// The policy that was put to a key.
    pub(crate) fn policy(region: &Region, id: &KeyId) -> Self {
        Self(join(&["policy/", region.as_str(), "/"], id.as_bytes()))
    }

    /// A grant, by its id.
    pub(crate) fn grant(region: &Region, key: &[u8; 16], id: &str) -> Self {
        Self(Self::grants(region, key) + id)
    }

    /// What the names of a key's grants begin with.
    pub(crate) fn grants(region: &Region, key: &[u8; 16]) -> String {
        join(&["grant/", region.as_str(), "/"], key) + "/"
    }

    /// An entry of the index of grants by grantee.
    pub(crate) fn grantee(region: &Region, key: &[u8; 16], whom: &[u8; 16], constraint: &[u8; 16], id: &str) -> Self {
        let mut name = Self::grants_for(region, key, whom);
        push_hex(&mut name, constraint);
        Self(name + "/" + id)
    }

    /// What the names of that index begin with, of one key, grantee and operation.
    pub(crate) fn grants_for(region: &Region, key: &[u8; 16], whom: &[u8; 16]) -> String {
        let mut name = Self::grantees(region, key);
        push_hex(&mut name, whom);
        name + "/"
    }

    /// The constraint's digits and the id of the grant in an entry of that index.
    pub(crate) fn granted(&self, grants_for: &str) -> Option<(&str, &str)> {
        self.0.strip_prefix(grants_for)?.split_once('/')
    }

    /// What the names of that index begin with, of one key.
    pub(crate) fn grantees(region: &Region, key: &[u8; 16]) -> String {
        join(&["grantee/", region.as_str(), "/"], key) + "/"
    }

    /// An entry of the index of grants by retiring principal.
    pub(crate) fn retirable(region: &Region, principal: &[u8; 16], key: &[u8; 16], id: &str) -> Self {
        let mut name = Self::retirables(region, principal);
        push_hex(&mut name, key);
        Self(name + "/" + id)
    }

    /// What the names of that index begin with, of one principal.
    pub(crate) fn retirables(region: &Region, principal: &[u8; 16]) -> String {
        join(&["retirable/", region.as_str(), "/"], principal) + "/"
    }

    /// The bytes of the key's id and the id of the grant in an entry of that index.
    pub(crate) fn retirable_grant(&self) -> Option<([u8; 16], &str)> {
        let mut parts = self.0.rsplit('/');
        let id = parts.next()?;
        let mut key = [0; 16];
        hex::decode_to_slice(parts.next()?, &mut key).ok()?;
        Some((key, id))
    }

    /// What the registry keeps of an entity of an account, or of the account itself; `rest` is its kind and its name in lower case.
    pub(crate) fn entity(account: &AccountId, rest: &str) -> Self {
        Self(Self::entities(account) + rest)
    }

    /// What the names of an account's entities begin with.
    pub(crate) fn entities(account: &AccountId) -> String {
        ["iam/", account.as_str(), "/"].concat()
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

    /// The key that one parcel may be sealed to; `id` is its id.
    pub(crate) fn parcel_key(account: &AccountId, region: &Region, id: &[u8; 16]) -> Self {
        let mut name = Self::parcel_keys(account, region);
        push_hex(&mut name, id);
        Self(name)
    }

    /// What the names of an account's parcel keys begin with.
    pub(crate) fn parcel_keys(account: &AccountId, region: &Region) -> String {
        ["parcel-key/", account.as_str(), "/", region.as_str(), "/"].concat()
    }

    /// The private key of a parcel key.
    pub(crate) fn parcel_key_secret(account: &AccountId, region: &Region, id: &[u8; 16]) -> Self {
        Self(join(&["parcel-key-secret/", account.as_str(), "/", region.as_str(), "/"], id))
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

    /// An entry of the audit trail; the names are in the order of the numbers.
    pub(crate) fn audit(number: u64) -> String {
        format!("{AUDIT}{number:020}")
    }

    /// The number of an entry of that name.
    pub(crate) fn audit_number(name: &str) -> Option<u64> {
        let digits = name.strip_prefix(AUDIT)?;
        digits.parse().ok().filter(|number| Self::audit(*number) == name)
    }

    /// A deleted key of which something is left.
    pub(crate) fn removal(region: &Region, id: &KeyId) -> Self {
        Self(join(&[REMOVALS, region.as_str(), "/"], id.as_bytes()))
    }

    /// The entry of that list for the key whose record has this name.
    pub(crate) fn removal_of_key(&self) -> Option<Self> {
        Some(Self([REMOVALS, self.0.strip_prefix("key/")?].concat()))
    }

    /// The same for what the key shared with those of other Regions.
    pub(crate) fn shared_removal_of_key(&self) -> Option<Self> {
        let (_, id) = self.0.strip_prefix("key/")?.split_once('/')?;
        Some(Self([REMOVALS, Region::shared_place().as_str(), "/", id].concat()))
    }

    /// The key of an entry of that list, in its Region, or [`Region::shared_place`].
    pub(crate) fn removed_key(&self) -> Option<(Region, KeyId)> {
        let (region, id) = self.0.strip_prefix(REMOVALS)?.split_once('/')?;
        let mut bytes = [0; 16];
        hex::decode_to_slice(id, &mut bytes).ok()?;
        Some((Region::in_name(region)?, KeyId::in_name(bytes)))
    }

    /// A custom key store, by its id.
    pub(crate) fn key_store(account: &AccountId, region: &Region, id: &str) -> Self {
        Self(Self::key_stores(account, region) + id)
    }

    /// What the names of an account's custom key stores begin with.
    pub(crate) fn key_stores(account: &AccountId, region: &Region) -> String {
        ["key-store/", account.as_str(), "/", region.as_str(), "/"].concat()
    }

    /// The password or secret key of a custom key store.
    pub(crate) fn key_store_secret(account: &AccountId, region: &Region, id: &str) -> Self {
        Self(["key-store-secret/", account.as_str(), "/", region.as_str(), "/", id].concat())
    }

    /// What only one custom key store of an account and Region may have; `hash` is the SHA-256 of it.
    pub(crate) fn key_store_claim(account: &AccountId, region: &Region, hash: &[u8; 32]) -> Self {
        Self(["key-store-claim/", account.as_str(), "/", region.as_str(), "/", &*hex::encode(hash)].concat())
    }

    /// The key of a custom key store that has this id there.
    pub(crate) fn key_store_key(store: &str, key: &str) -> Self {
        Self(Self::key_store_keys(store) + key)
    }

    /// What the names of those begin with, of one custom key store.
    pub(crate) fn key_store_keys(store: &str) -> String {
        ["key-store-key/", store, "/"].concat()
    }

    /// The part after the last of the fixed parts: `alias/orders` of an alias.
    pub(crate) fn after<'a>(&'a self, prefix: &str) -> Option<&'a str> {
        self.0.strip_prefix(prefix)
    }

    /// Whether every decision asks for the record, and most vaults have none: that is remembered, too. Not of other names,
    /// which any caller can make up.
    pub(crate) fn is_mostly_absent(&self) -> bool {
        self.0.starts_with("iam/")
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
