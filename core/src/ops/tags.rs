//! `TagResource`, `UntagResource`, `ListResourceTags`.

use super::{
    Execute,
    page::{List, Page},
    quotas::quota,
    target::{permit, update},
};
use crate::{
    access::{Caller, Question},
    api::{ListResourceTagsRequest, ListResourceTagsResponse, Request, Tag, TagResourceRequest, UntagResourceRequest},
    error::{Error, ErrorKind, Result},
    store::Transaction,
};
use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// The most tags on a key (AWS KMS Developer Guide, "Resource quotas").
const MAX_TAGS: u32 = 50;
/// Tag keys that begin so, in any case, are for AWS's own use.
const RESERVED: &str = "aws:";

/// The tags of a key after these were added or changed.
pub(super) fn merged(
    transaction: &Transaction<'_>,
    old: &BTreeMap<String, String>,
    tags: &[Tag],
) -> Result<BTreeMap<String, String>> {
    let mut new = BTreeMap::new();
    for Tag { tag_key, tag_value } in tags {
        check_key(tag_key)?;
        if new.insert(tag_key.clone(), tag_value.clone()).is_some() {
            return Err(tag_error("Duplicate tag keys"));
        }
    }
    let mut all = old.clone();
    all.append(&mut new);
    let most = quota(transaction, |quotas| quotas.tags_per_key, MAX_TAGS);
    if all.len() as u64 > u64::from(most) {
        return Err(tag_error("Too many tags"));
    }
    Ok(all)
}

fn check_key(key: &str) -> Result<()> {
    if key.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED)) {
        return Err(tag_error("Tags beginning with aws: are reserved"));
    }
    Ok(())
}

fn tag_error(message: &str) -> Error {
    Error::new(ErrorKind::Tag, message)
}

impl Execute for TagResourceRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let question = Question { tags: &self.tags, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        let tags = merged(transaction, &permit.key().tags, &self.tags)?;
        update(transaction, &permit, |key| key.tags = tags)
    }
}

impl Execute for UntagResourceRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let question = Question { tag_keys: &self.tag_keys, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        self.tag_keys.iter().try_for_each(|key| check_key(key))?;
        // A tag that is not there is no error, as in AWS.
        update(transaction, &permit, |key| key.tags.retain(|tag, _| !self.tag_keys.contains(tag)))
    }
}

impl Execute for ListResourceTagsRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListResourceTagsResponse> {
        let list = List {
            arguments: &[&self.key_id],
            default: 50,
            ..List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref())
        };
        let page = Page::of(&list, transaction, caller)?;
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        let tags = permit.key().tags.iter();
        let rest = tags.filter(|(key, _)| page.after.as_ref().is_none_or(|after| *key > after));
        let found: Vec<_> = rest
            .take(page.fetch_count())
            .map(|(key, value)| Tag { tag_key: key.clone(), tag_value: value.clone() })
            .collect();
        let (tags, next_marker) = page.cut(transaction, found, |tag| &tag.tag_key);
        Ok(ListResourceTagsResponse { tags, truncated: next_marker.is_some(), next_marker })
    }
}
