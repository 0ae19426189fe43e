//! A caller's client, and the one native function above which the generated methods stand.

use crate::{
    convert::{self, Bytes},
    gate, memory,
    pending::run,
};
use pocketkms::{Caller, api, shape::Shape};
use pyo3::{
    exceptions::PyLookupError,
    prelude::*,
    types::{PyBytes, PySlice, PyTuple},
};

/// A byte more than a body may have.
const MOST_COPIED: isize = pocketkms::Kms::MAX_CALL_BODY.cast_signed() + 1;

/// A client of an open vault.
#[pyclass(frozen, module = "pocketkms._native")]
pub(crate) struct Kms(pub(crate) pocketkms::Kms);

#[pymethods]
impl Kms {
    /// Performs an operation: `members` are those of its request, in their order, `None` for each that is left out.
    fn execute<'py>(
        &self,
        py: Python<'py>,
        operation: &str,
        members: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let performed = self.of_kms(py, operation, members);
        let performed = performed.or_else(|| self.of_branch_keys(py, operation, members));
        let performed = performed.or_else(|| self.of_parcels(py, operation, members));
        performed.unwrap_or_else(|| Err(PyLookupError::new_err(format!("there is no operation {operation}"))))
    }

    /// A request of AWS's JSON protocol. An error of PocketKMS's own is an exception, and not the error 500 that clients would try
    /// again.
    fn call<'py>(
        &self,
        py: Python<'py>,
        target: &str,
        body: &Bound<'py, PyAny>,
    ) -> PyResult<(u16, Bound<'py, PyBytes>)> {
        // Of one that is too long anyway, only enough for the core to see that is copied.
        let is_long = convert::length_of(body).is_some_and(|length| length > pocketkms::Kms::MAX_CALL_BODY);
        let start = is_long.then(|| body.get_item(PySlice::new(py, 0, MOST_COPIED, 1))).transpose()?;
        let body = Bytes::of("body", start.as_ref().unwrap_or(body))?;
        let response = run(py, true, || {
            let mut response = self.0.call(target, &body);
            response.cause.take().map_or(Ok(response), Err)
        })?;
        Ok((response.status, memory::bytes(py, response.body.expose())?))
    }

    fn caller(&self) -> (String, String, String) {
        described(self.0.caller())
    }

    fn is_closed(&self, py: Python<'_>) -> bool {
        gate::released(py, || self.0.is_closed())
    }
}

impl Kms {
    fn answer<'py, R, A>(
        &self,
        py: Python<'py>,
        members: &Bound<'py, PyTuple>,
        operation: fn(&pocketkms::Kms, R) -> pocketkms::Result<A>,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        R: Shape + Send,
        A: Shape + Send,
    {
        let request = convert::request::<R>(members)?;
        let response = run(py, true, || operation(&self.0, request))?;
        convert::response(py, &response)
    }
}

/// The account, the Region and the principal.
pub(crate) fn described(caller: &Caller) -> (String, String, String) {
    (caller.account().to_string(), caller.region().to_string(), caller.principal().to_string())
}

macro_rules! dispatch {
    ($dispatch:ident: $(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        impl Kms {
            /// The outcome of the method of this name; `None` if the list has no such method.
            fn $dispatch<'py>(
                &self,
                py: Python<'py>,
                operation: &str,
                members: &Bound<'py, PyTuple>,
            ) -> Option<PyResult<Bound<'py, PyAny>>> {
                match operation {
                    $(stringify!($name) => Some(self.answer::<api::$request, _>(py, members, pocketkms::Kms::$method)),)*
                    _ => None,
                }
            }
        }
    };
}
macro_rules! of_kms { ($($list:tt)*) => { dispatch!(of_kms: $($list)*); } }
macro_rules! of_branch_keys { ($($list:tt)*) => { dispatch!(of_branch_keys: $($list)*); } }
macro_rules! of_parcels { ($($list:tt)*) => { dispatch!(of_parcels: $($list)*); } }
pocketkms::operations!(of_kms);
pocketkms::branch_key_operations!(of_branch_keys);
pocketkms::parcel_operations!(of_parcels);
