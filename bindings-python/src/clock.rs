//! The clock that is turned by hand, in the words of Python's `datetime`.

use crate::convert::{from_datetime, to_datetime};
use pyo3::{
    prelude::*,
    types::{PyDateTime, PyDelta},
};

/// A clock that stands still until it is turned: "don't make me wait a year to test rotation". It counts milliseconds.
///
/// Give it to a vault and keep it, to turn what the vault sees.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct ManualClock(pub(crate) pocketkms::ManualClock);

#[pymethods]
impl ManualClock {
    /// A clock that shows `now`.
    #[new]
    #[pyo3(signature = (now, /))]
    fn new(now: &Bound<'_, PyDateTime>) -> PyResult<Self> {
        from_datetime(now).map(|now| Self(pocketkms::ManualClock::new(now)))
    }

    /// The time that it shows, in UTC.
    fn now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_datetime(py, pocketkms::Clock::now(&self.0))
    }

    /// Sets the time.
    #[pyo3(signature = (now, /))]
    fn set(&self, now: &Bound<'_, PyDateTime>) -> PyResult<()> {
        self.0.set(from_datetime(now)?);
        Ok(())
    }

    /// Turns the time, forward or, with a negative `by`, backward.
    #[pyo3(signature = (by, /))]
    fn advance(&self, by: &Bound<'_, PyDelta>) -> PyResult<()> {
        // Python's arithmetic, so that what no `datetime` can show is refused here and not at the next `now()`.
        let now = self.now(by.py())?.add(by)?;
        self.set(now.cast()?)
    }

    /// Turns the time forward by so many days.
    #[pyo3(signature = (days, /))]
    fn advance_days(&self, py: Python<'_>, days: u32) -> PyResult<()> {
        let day = PyDelta::new(py, 1, 0, 0, false)?;
        self.advance(day.mul(days)?.cast()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("ManualClock({})", self.now(py)?.repr()?))
    }
}
