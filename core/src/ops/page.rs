//! Long answers, page by page.

use crate::{
    access::Caller,
    error::{Error, ErrorKind, Result},
    store::{MARKER_TAG_LENGTH, RecordName, Transaction},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

/// What a request says of the list that it asks for.
pub(super) struct List<'a> {
    /// The operation's name.
    pub(super) operation: &'a str,
    /// What else decides which items are in the list, as the request has it.
    pub(super) arguments: &'a [&'a str],
    pub(super) limit: Option<i32>,
    pub(super) marker: Option<&'a str>,
    /// How many items a page has where the request does not say.
    pub(super) default: usize,
}

impl<'a> List<'a> {
    /// A list that nothing else decides, of 100 items a page, as most of them have.
    pub(super) fn of(operation: &'a str, limit: Option<i32>, marker: Option<&'a str>) -> Self {
        Self { operation, arguments: &[], limit, marker, default: 100 }
    }
}

/// The items of a page, and the marker of the next one, if there is one.
type Cut<T> = (Vec<T>, Option<String>);

/// Which part of a list a request asks for.
pub(super) struct Page {
    /// The last position of the page before.
    pub(super) after: Option<String>,
    limit: usize,
    /// What the list is, and whose.
    list: Vec<String>,
}

impl Page {
    /// Reads `Limit` and `Marker`. A marker is the last position that was given, and a tag that binds it to the operation, its
    /// arguments, the caller and the Region: in another list it would lead to a page with items missing.
    pub(super) fn of(list: &List<'_>, transaction: &Transaction<'_>, caller: &Caller) -> Result<Self> {
        let limit = list.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(list.default);
        let whose = [caller.account().as_str(), caller.region().as_str(), caller.principal().as_str(), list.operation];
        let parts = whose.iter().chain(list.arguments).map(ToString::to_string).collect();
        let mut page = Self { after: None, limit, list: parts };
        if let Some(marker) = list.marker {
            page.after = Some(page.position(transaction, marker).ok_or_else(invalid_marker)?);
        }
        Ok(page)
    }

    /// The position in a marker, if it is one of this list.
    fn position(&self, transaction: &Transaction<'_>, marker: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(marker).ok()?;
        let (tag, position) = bytes.split_first_chunk::<MARKER_TAG_LENGTH>()?;
        let position = str::from_utf8(position).ok()?;
        bool::from(self.tag(transaction, position).ct_eq(tag)).then(|| position.to_string())
    }

    fn tag(&self, transaction: &Transaction<'_>, position: &str) -> [u8; MARKER_TAG_LENGTH] {
        let list: Vec<_> = self.list.iter().map(|part| &**part).collect();
        transaction.marker_tag(&list, position)
    }

    /// How many items to look for: one more than is answered, to know whether there are more.
    pub(super) fn fetch_count(&self) -> usize {
        self.limit + 1
    }

    /// The records of the page, of those under a prefix that `fits` takes, and the marker of the next page. The first page begins after
    /// `start`, or at the beginning.
    pub(super) fn records<T: DeserializeOwned>(
        &self,
        transaction: &Transaction<'_>,
        prefix: &str,
        start: Option<&str>,
        fits: impl Fn(&T) -> bool,
    ) -> Result<Cut<(RecordName, T)>> {
        let position = self.after.as_ref().map(|position| [prefix, position].concat());
        let found = transaction.list(prefix, position.as_deref().or(start), self.fetch_count(), fits)?;
        Ok(self.cut(transaction, found, |(name, _)| name.after(prefix).unwrap_or_default()))
    }

    /// Cuts what was found to the page, and gives the marker of the next one, if there is one.
    pub(super) fn cut<T>(
        &self,
        transaction: &Transaction<'_>,
        mut found: Vec<T>,
        position: impl Fn(&T) -> &str,
    ) -> Cut<T> {
        if found.len() <= self.limit {
            return (found, None);
        }
        found.truncate(self.limit);
        let marker = found.last().map(|last| {
            let position = position(last);
            BASE64_URL_SAFE_NO_PAD.encode([&self.tag(transaction, position)[..], position.as_bytes()].concat())
        });
        (found, marker)
    }
}

fn invalid_marker() -> Error {
    Error::new(ErrorKind::InvalidMarker, "The marker is not one that a truncated response returned.")
        .explain("a marker counts for the operation, arguments, caller and Region that it was given for, until the root key changes")
}
