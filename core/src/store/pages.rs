//! Many records, read page by page.

use super::{Record, Store};
use crate::error::Result;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// Records in the order of their names. Each page is of one moment, and no two need be of the same.
pub(super) struct Pages<'s> {
    store: &'s dyn Store,
    prefix: String,
    length: usize,
    last: Option<String>,
    ended: bool,
}

impl<'s> Pages<'s> {
    /// The records that begin so, `length` at a time.
    pub(super) fn new(store: &'s dyn Store, prefix: &str, length: usize) -> Self {
        Self { store, prefix: prefix.to_string(), length, last: None, ended: false }
    }

    /// Those that come after that name.
    pub(super) fn after(self, last: Option<String>) -> Self {
        Self { last, ..self }
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<Record>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.store.scan(&self.prefix, self.last.as_deref(), self.length) {
            Ok(page) => {
                self.ended = page.len() < self.length;
                self.last = page.last().map(|record| record.name.clone());
                (!page.is_empty()).then_some(Ok(page))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error.into()))
            }
        }
    }
}
