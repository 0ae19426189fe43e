//! Parts of a message, without what comes before them. What reads the message is in Python.

use crate::{
    convert::{Bytes, response},
    error::raise,
    memory,
    pending::{RELEASE, run},
};
use pocketkms::envelope;
use pyo3::{prelude::*, types::PyBytes};

/// What stands below `RangeReader`: where in a message the parts of its plaintext are, and what opens them.
#[pyclass(frozen, module = "pocketkms._native")]
pub(crate) struct Ranges(envelope::RangeReader);

impl Ranges {
    pub(super) fn new(reader: envelope::RangeReader) -> Self {
        Self(reader)
    }
}

#[pymethods]
impl Ranges {
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        response(py, self.0.header())
    }

    #[getter]
    fn encryption_context<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        response(py, self.0.encryption_context())
    }

    #[getter]
    fn plaintext_length(&self) -> Option<u64> {
        self.0.plaintext_length()
    }

    /// Which bytes of the message hold these of the plaintext.
    #[pyo3(signature = (start, end, /))]
    fn locate(&self, py: Python<'_>, start: u64, end: u64) -> PyResult<(u64, u64)> {
        self.0.locate(&(start..end)).map(|bytes| (bytes.start, bytes.end)).map_err(|error| raise(py, &error))
    }

    /// Decrypts what `locate` named; and the length of the whole plaintext, if the final frame was among it.
    #[pyo3(signature = (start, end, message, /))]
    fn open<'py>(
        &self,
        py: Python<'py>,
        start: u64,
        end: u64,
        message: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyBytes>, Option<u64>)> {
        let message = Bytes::of("message", message)?;
        // The plaintext, which the core makes, and the `bytes`.
        memory::look_for(message.len())?;
        let part = run(py, message.len() > RELEASE, || self.0.open(&(start..end), &message))?;
        Ok((memory::bytes(py, part.plaintext.expose())?, part.end))
    }
}
