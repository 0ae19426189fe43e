//! The names of many records, read page by page.

use super::{OpenVault, Record, RecordName, pages::Pages};
use crate::error::Result;
use alloc::{
    string::String,
    vec::{IntoIter, Vec},
};

/// How many records are read at once.
pub(super) const PAGE: usize = 256;

/// Names of records in their order.
pub(crate) struct Names<'v> {
    pages: Pages<'v>,
    page: IntoIter<Record>,
}

impl OpenVault {
    /// The names of all records that begin so. What they lead to must be read.
    pub(crate) fn names(&self, prefix: &str) -> Names<'_> {
        Names { pages: Pages::new(&*self.store, prefix, PAGE), page: Vec::new().into_iter() }
    }
}

impl Names<'_> {
    /// Those that come after that name.
    pub(crate) fn after(self, last: Option<String>) -> Self {
        Self { pages: self.pages.after(last), ..self }
    }
}

impl Iterator for Names<'_> {
    type Item = Result<RecordName>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 {
            match self.pages.next()? {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
        self.page.next().map(|record| Ok(RecordName::from(record.name)))
    }
}
