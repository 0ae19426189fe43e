//! The names of many records, read page by page.

use super::{OpenVault, Record, RecordName, Store};
use crate::error::Result;
use alloc::{
    string::{String, ToString},
    vec::{IntoIter, Vec},
};

/// How many records are read at once.
pub(super) const PAGE: usize = 256;

/// Names of records in their order. Each page is of one moment, and no two need be of the same.
pub(crate) struct Names<'v> {
    store: &'v dyn Store,
    prefix: String,
    page: IntoIter<Record>,
    last: Option<String>,
    ended: bool,
}

impl OpenVault {
    /// The names of all records that begin so. What they lead to must be read.
    pub(crate) fn names(&self, prefix: &str) -> Names<'_> {
        let (prefix, page) = (prefix.to_string(), Vec::new().into_iter());
        Names { store: &*self.store, prefix, page, last: None, ended: false }
    }
}

impl Names<'_> {
    /// Those that come after that name.
    pub(crate) fn after(self, last: Option<String>) -> Self {
        Self { last, ..self }
    }
}

impl Iterator for Names<'_> {
    type Item = Result<RecordName>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 && !self.ended {
            match self.store.scan(&self.prefix, self.last.as_deref(), PAGE) {
                Ok(page) => {
                    self.ended = page.len() < PAGE;
                    self.last = page.last().map(|record| record.name.clone());
                    self.page = page.into_iter();
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error.into()));
                }
            }
        }
        self.page.next().map(|record| Ok(RecordName::from(record.name)))
    }
}
