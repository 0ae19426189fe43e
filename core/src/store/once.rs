//! What an operation of several commits does once, where it is run again until the store has answered (`fetched`).

use super::{OpenVault, fetched::waiting};
use crate::error::Result;
use alloc::sync::Arc;
use core::any::Any;

impl OpenVault {
    /// Does a part of an operation: what it came to is kept for the runs that follow, so that each commit is made once, nothing is drawn
    /// or hashed twice, and what was decided before a commit is not decided again after it. The parts come in the same order in
    /// each run. In a store that answers at once there is one run.
    pub(crate) fn once<T: Any + Send + Sync>(&self, part: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let Some(fetched) = &self.fetched else { return self.unless_waiting(part()?).map(Arc::new) };
        let place = fetched.next_part();
        if let Some(done) = place.and_then(|place| fetched.part_done(place)) {
            return Ok(done);
        }
        // It may have gone on without something that it asked for.
        let result = Arc::new(self.unless_waiting(part()?)?);
        if let Some(place) = place {
            fetched.keep_part(place, result.clone());
        }
        Ok(result)
    }

    /// Whether what a run comes to says no more than that the store has not answered yet, or that a primitive is not there yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.provider.runs.lacks() || self.fetched.as_ref().is_some_and(super::Fetched::is_waiting)
    }

    /// What a run came to; an error, which no one sees, where it says no more than that.
    pub(super) fn unless_waiting<T>(&self, found: T) -> Result<T> {
        if self.is_waiting() { Err(waiting()) } else { Ok(found) }
    }
}
