//! The function that is shown the events of the audit trail.

use crate::{
    convert::{self, type_error},
    gate,
};
use pocketkms::{AuditSink, Result, api::AuditEvent};
use pyo3::{prelude::*, types::PyTuple};

/// A function of the host.
pub(crate) struct Sink(Py<PyAny>);

impl Sink {
    pub(crate) fn of(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        if !function.is_callable() {
            return Err(type_error("audit_sink", "a function that takes events", function));
        }
        Ok(Self(function.clone().unbind()))
    }
}

impl AuditSink for Sink {
    fn events(&self, events: &[AuditEvent]) -> Result<()> {
        gate::attach(|py| {
            let function = self.0.bind(py);
            let shown = events.iter().map(|event| convert::response(py, event)).collect::<PyResult<Vec<_>>>();
            let shown = shown.and_then(|events| function.call1((PyTuple::new(py, events)?,)));
            // The trail has the events, and the call that stored them succeeded: Python's hook for exceptions that no one can catch
            // hears of it.
            if let Err(exception) = shown {
                exception.write_unraisable(py, Some(function));
            }
        });
        Ok(())
    }
}
