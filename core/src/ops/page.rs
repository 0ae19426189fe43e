//! Long answers, page by page.

use super::validate::Validator;
use crate::error::{Error, ErrorKind, Result};
use alloc::{string::String, vec::Vec};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// Which part of a list a request asks for.
pub(super) struct Page {
    /// The last position of the page before.
    pub(super) after: Option<String>,
    limit: usize,
}

impl Page {
    /// Reads `Limit` and `Marker`. A marker is the last position that was given, in base64: opaque to the caller,
    /// and of no use to one who makes one up, since the list is filtered by permission anew for each page.
    pub(super) fn new(limit: Option<i32>, marker: Option<&str>, default: usize, max: i32) -> Result<Self> {
        let characters = marker.map_or(1, |marker| marker.chars().count());
        Validator::new().value("limit", limit, 1..=max).length("marker", characters, 1..=1024).finish()?;
        let after = marker
            .map(|marker| {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(marker).ok()?;
                String::from_utf8(bytes).ok().filter(|position| position.bytes().all(|byte| byte >= b' '))
            })
            .map(|position| position.ok_or_else(invalid_marker))
            .transpose()?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default);
        Ok(Self { after, limit })
    }

    /// How many items to look for: one more than is answered, to know whether there are more.
    pub(super) fn wanted(&self) -> usize {
        self.limit + 1
    }

    /// Cuts what was found to the page, and gives the marker of the next one, if there is one.
    pub(super) fn cut<T>(&self, mut found: Vec<T>, position: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        if found.len() <= self.limit {
            return (found, None);
        }
        found.truncate(self.limit);
        let marker = found.last().map(|last| BASE64_URL_SAFE_NO_PAD.encode(position(last)));
        (found, marker)
    }
}

fn invalid_marker() -> Error {
    Error::new(ErrorKind::InvalidMarker, "The marker is not one that a truncated response returned.")
}
