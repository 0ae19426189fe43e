//! The request context: what the engine itself knows of a request, and what the host stated of the session. No one else can
//! set either.

use super::{
    facts::{ConditionKey, Facts, Values, pair},
    pattern::steps,
    requester::Requester,
    resource::Resource,
};
use crate::{
    clock::Timestamp,
    context::EncryptionContext,
    key::{AccountId, KeyRecord, MultiRegionKeyType, Region},
};
use alloc::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    vec::Vec,
};
use core::cell::OnceCell;

/// The most aliases of a key that a condition distinguishes (AWS KMS Developer Guide, "Resource quotas").
const MOST_ALIASES: usize = 50;

/// Condition keys that can have several values.
const SEVERAL: &[&str] = &[
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
    "kms:resourcealiases",
    "aws:tagkeys",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:calledvia",
    "aws:principalservicenameslist",
];

/// Condition keys whose values the engine knows: stating them would be a lie, or no news.
const KNOWN: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:userid",
    "aws:username",
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:resourceaccount",
    "kms:calleraccount",
    "kms:resourcealiases",
    "kms:encryptioncontextkeys",
];
const KNOWN_PREFIXES: &[&str] = &["aws:resourcetag/", "kms:encryptioncontext:"];

/// Values of condition keys, by their names in lower case.
pub(crate) type Stated = BTreeMap<String, Vec<String>>;

/// Those of them that a request without a key may say of the key-to-be, by today's members and by the former ones: `CreateKey` takes both.
const OF_NEW_KEY: &[&str] = &[
    "kms:keyspec",
    "kms:keyusage",
    "kms:keyorigin",
    "kms:customermasterkeyspec",
    "kms:customermasterkeyusage",
    "kms:multiregion",
    "kms:multiregionkeytype",
];

/// Whether the value of a condition key, in lower case, is a property of the key that a request asks for.
pub(crate) fn is_of_new_key(lower: &str) -> bool {
    OF_NEW_KEY.contains(&lower)
}

/// Whether a host may state the values of a condition key: `Err` says why not.
pub(crate) fn check_stated(key: &str, values: &[String]) -> Result<(), &'static str> {
    let lower = key.to_lowercase();
    let is_known = KNOWN.contains(&lower.as_str()) || is_of_new_key(&lower);
    if is_known || KNOWN_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        return Err("its value follows from the principal, the key, the encryption context or the clock");
    }
    if values.len() > 1 && !SEVERAL.contains(&lower.as_str()) {
        return Err("it has one value");
    }
    Ok(())
}

/// The values of an encryption context by the names in lower case: made once, however often a policy asks.
#[derive(Default)]
pub(crate) struct LowerNames<'a>(OnceCell<BTreeMap<String, BTreeSet<&'a str>>>);

impl<'a> LowerNames<'a> {
    /// The value of the pair that a name (in lower case) means, as [`pair`] finds it.
    fn value(&self, context: &'a EncryptionContext, lower: &str) -> Values<'a> {
        let names = self.0.get_or_init(|| {
            let mut names: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
            for (name, value) in context.iter() {
                steps::add(name.len());
                let lower = name.chars().flat_map(char::to_lowercase).collect();
                names.entry(lower).or_default().insert(value.as_str());
            }
            names
        });
        let Some(found) = names.get(lower) else { return Values::Absent };
        match found.len() {
            1 => Values::maybe(found.first().copied()),
            _ => Values::Ambiguous(found.iter().map(|value| Cow::Borrowed(*value)).collect()),
        }
    }
}

/// The context of one question.
pub(crate) struct RequestContext<'a> {
    pub(crate) caller: Requester<'a>,
    /// The ARN of the caller, or of its role with its path, where the registry has it.
    pub(crate) principal_arn: Option<&'a str>,
    pub(crate) region: &'a Region,
    pub(crate) now: Timestamp,
    pub(crate) resource: Resource<'a>,
    pub(crate) encryption_context: Option<&'a EncryptionContext>,
    /// Made when a condition or variable first asks for a name in another case.
    pub(crate) lower_names: LowerNames<'a>,
    /// What else the request or the session has.
    pub(crate) rest: &'a dyn Facts,
}

impl Facts for RequestContext<'_> {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        match key.lower.split_once(':') {
            Some(("kms", name)) => self.kms(key, name),
            Some(("aws", name)) => self.aws(key, name),
            _ => self.rest.values(key),
        }
    }
}

impl RequestContext<'_> {
    /// The key, in questions that are asked of one. Of an alias nothing is known but its name.
    fn key(&self) -> Option<&KeyRecord> {
        match self.resource {
            Resource::Key(key) => Some(key),
            Resource::Alias(_) | Resource::Role(..) | Resource::None => None,
        }
    }

    fn kms(&self, key: &ConditionKey, name: &str) -> Values<'_> {
        if matches!(self.resource, Resource::Alias(_)) {
            return Values::Absent;
        }
        if let Some(name) = key.after("kms:encryptioncontext:") {
            return self.encryption_context.map_or(Values::Absent, |context| self.lower_names.value(context, name));
        }
        match name {
            "calleraccount" => Values::maybe(self.caller.asks_for().map(AccountId::as_str)),
            "encryptioncontextkeys" => match self.encryption_context {
                Some(context) if !context.is_empty() => {
                    Values::Several(context.keys().map(|name| Cow::Borrowed(name.as_str())).collect())
                }
                _ => Values::Absent,
            },
            _ => match self.key() {
                Some(record) => key_property(record, name).unwrap_or_else(|| self.rest.values(key)),
                None => self.rest.values(key),
            },
        }
    }

    fn aws(&self, key: &ConditionKey, name: &str) -> Values<'_> {
        if let Some(name) = key.after("aws:resourcetag/") {
            return self.key().map_or(Values::Absent, |record| pair(record.tags.iter(), name));
        }
        match name {
            "principalarn" => match self.principal_arn {
                Some(arn) => Values::one(arn),
                None if self.caller.is_service() => Values::Absent,
                None => Values::one(self.caller.principal_arn()),
            },
            "principalaccount" => Values::maybe(self.caller.account().map(AccountId::as_str)),
            "principaltype" => Values::maybe(self.caller.principal_type()),
            "principalisawsservice" => Values::boolean(self.caller.is_service()),
            "principalservicename" => Values::maybe(self.caller.is_service().then(|| self.caller.arn())),
            "principalservicenameslist" if self.caller.is_service() => {
                Values::Several(Vec::from([Cow::Borrowed(self.caller.arn())]))
            }
            "username" => Values::maybe(self.caller.user_name()),
            "userid" => Values::maybe(self.caller.user_id()),
            "currenttime" | "epochtime" => Values::one((self.now.as_millis().div_euclid(1000)).to_string()),
            "requestedregion" => Values::one(self.region.as_str()),
            "resourceaccount" => Values::maybe(self.resource.account().map(AccountId::as_str)),
            _ => self.rest.values(key),
        }
    }
}

/// Values that were stated.
impl Facts for Stated {
    fn values(&self, key: &ConditionKey) -> Values<'_> {
        let Some(values) = self.get(&key.lower) else { return Values::Absent };
        match values.as_slice() {
            [value] if !SEVERAL.contains(&key.lower.as_str()) => Values::one(value.as_str()),
            values => Values::Several(values.iter().map(|value| Cow::Borrowed(value.as_str())).collect()),
        }
    }
}

/// What is true of a key; `None` where the name is of none of its properties.
fn key_property<'a>(record: &'a KeyRecord, name: &str) -> Option<Values<'a>> {
    Some(match name {
        "keyspec" | "customermasterkeyspec" => Values::one(record.spec.as_str()),
        "keyusage" | "customermasterkeyusage" => Values::one(record.usage.as_str()),
        "keyorigin" => Values::one(record.origin.as_str()),
        "multiregion" => Values::boolean(record.id.is_multi_region()),
        "multiregionkeytype" => Values::maybe(record.multi_region_type().map(MultiRegionKeyType::as_str)),
        "resourcealiases" => match record.aliases.len() {
            0 => Values::Absent,
            count if count > MOST_ALIASES => Values::Undecidable,
            _ => Values::Several(record.aliases.iter().map(|alias| Cow::Borrowed(alias.as_str())).collect()),
        },
        _ => return None,
    })
}
