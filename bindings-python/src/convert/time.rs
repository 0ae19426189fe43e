//! Points in time, as `datetime`s that know their time zone.

use pocketkms::Timestamp;
use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyDateTime, PyDelta, PyTzInfo},
};

/// Milliseconds since 1970, fractions rounded down. An exception for a `datetime` without a time zone, since it does
/// not say which point in time it is.
pub(crate) fn from_datetime(time: &Bound<'_, PyDateTime>) -> PyResult<Timestamp> {
    let py = time.py();
    if time.call_method0(intern!(py, "utcoffset"))?.is_none() {
        return Err(PyTypeError::new_err("a datetime needs a time zone here: datetime(..., tzinfo=timezone.utc)"));
    }
    // In UTC, which is what it is shown in: a zone may put it beyond the first or the last day of Python, an OverflowError.
    let time = time.call_method1(intern!(py, "astimezone"), (PyTzInfo::utc(py)?,))?;
    // Python's whole numbers: no rounding through a float.
    let millis = time.sub(epoch(py)?)?.floor_div(PyDelta::new(py, 0, 0, 1000, false)?)?;
    millis.extract().map(Timestamp::from_millis)
}

/// A `datetime` in UTC.
pub(crate) fn to_datetime(py: Python<'_>, time: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    // Not `datetime.fromtimestamp`, which goes through a float and refuses times before 1970 on Windows.
    epoch(py)?.add(PyDelta::new(py, 0, 0, 1000, false)?.mul(time.as_millis())?)
}

fn epoch(py: Python<'_>) -> PyResult<Bound<'_, PyDateTime>> {
    PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&PyTzInfo::utc(py)?.to_owned()))
}
