//! An open vault and the one native function above which the generated methods stand.

use crate::{clock::ManualClock, convert, error::raise, gate, interrupt, pending::run, root_key::RootKey};
use pocketkms::{
    Caller, Kms, KmsBuilder,
    api::{self, Request},
    shape::Shape,
};
use pyo3::{
    exceptions::{PyLookupError, PyValueError},
    prelude::*,
    types::{PyBytes, PyTuple},
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, PoisonError, RwLock};

/// An open vault, and who calls.
#[pyclass(frozen, module = "pocketkms._native")]
pub(crate) struct Vault(Handle);

/// A vault while it is open.
#[derive(Clone)]
pub(crate) struct Handle {
    /// Shared by all callers of the vault, so that closing it closes it for all and its secrets are wiped.
    open: Arc<RwLock<Option<Kms>>>,
    /// Another caller than the one that the vault was opened with.
    caller: Option<Caller>,
}

impl Handle {
    /// Works on the vault, if it is open. Call it without needing the interpreter inside: who waits for the lock may
    /// hold it.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Kms) -> T) -> Option<T> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        match (open.as_ref()?, &self.caller) {
            (kms, None) => Some(work(kms)),
            (kms, Some(caller)) => Some(work(&kms.as_caller(caller.clone()))),
        }
    }
}

/// As with a closed file.
pub(crate) fn closed() -> PyErr {
    PyValueError::new_err("the vault is closed")
}

#[pymethods]
impl Vault {
    #[staticmethod]
    fn create(
        py: Python<'_>,
        root: &Bound<'_, RootKey>,
        clock: Option<&Bound<'_, ManualClock>>,
        account: &str,
        region: &str,
    ) -> PyResult<Self> {
        let (root, builder) = (&root.get().0, builder(clock, account, region));
        Self::opened(py, || builder.create(root))
    }

    #[staticmethod]
    fn open_snapshot(
        py: Python<'_>,
        snapshot: &Bound<'_, PyAny>,
        root: &Bound<'_, RootKey>,
        clock: Option<&Bound<'_, ManualClock>>,
        account: &str,
        region: &str,
    ) -> PyResult<Self> {
        let snapshot = convert::bytes_of(snapshot)
            .unwrap_or_else(|| Err(convert::type_error("snapshot", convert::BYTES, snapshot)))?;
        let (root, builder) = (&root.get().0, builder(clock, account, region));
        Self::opened(py, || builder.open_snapshot(&snapshot, root))
    }

    /// Performs an operation: `members` are those of its request, in their order, `None` for each that is left out.
    fn call<'py>(
        &self,
        py: Python<'py>,
        operation: &str,
        members: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.dispatch(py, operation, members)
    }

    /// As [`Self::call`], of the methods of branch keys.
    fn branch_keys<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        members: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match method {
            "create" => self.answer(py, members, Kms::create_branch_key),
            "rotate" => self.answer(py, members, Kms::rotate_branch_key),
            "rewrap" => self.answer(py, members, Kms::rewrap_branch_keys),
            "describe" => self.answer(py, members, Kms::describe_branch_key),
            "list" => self.answer(py, members, Kms::list_branch_keys),
            _ => Err(PyLookupError::new_err(format!("there is no method {method}"))),
        }
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.work(py, Kms::snapshot).map(|snapshot| PyBytes::new(py, &snapshot))
    }

    fn change_root_key(&self, py: Python<'_>, root: &Bound<'_, RootKey>) -> PyResult<()> {
        let root = &root.get().0;
        self.work(py, |kms| kms.change_root_key(root))
    }

    fn as_caller(&self, py: Python<'_>, account: &str, region: &str) -> PyResult<Self> {
        let caller = Caller::root(account, region).map_err(|error| raise(py, &error))?;
        Ok(Self(Handle { open: Arc::clone(&self.0.open), caller: Some(caller) }))
    }

    /// Closes the vault for all its callers, after the calls that are under way, and wipes its secrets.
    fn close(&self, py: Python<'_>) {
        gate::released(py, || drop(self.0.open.write().unwrap_or_else(PoisonError::into_inner).take()));
    }
}

impl Vault {
    fn opened(py: Python<'_>, open: impl FnOnce() -> pocketkms::Result<Kms> + Send) -> PyResult<Self> {
        let kms = run(py, true, open)?;
        Ok(Self(Handle { open: Arc::new(RwLock::new(Some(kms))), caller: None }))
    }

    fn perform<'py, R>(
        &self,
        py: Python<'py>,
        members: &Bound<'py, PyTuple>,
        operation: fn(&Kms, R) -> pocketkms::Result<R::Response>,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        R: Request + DeserializeOwned + Send,
        R::Response: Serialize + Send,
    {
        self.answer(py, members, operation)
    }

    fn answer<'py, R, A>(
        &self,
        py: Python<'py>,
        members: &Bound<'py, PyTuple>,
        operation: fn(&Kms, R) -> pocketkms::Result<A>,
    ) -> PyResult<Bound<'py, PyAny>>
    where
        R: Shape + DeserializeOwned + Send,
        A: Serialize + Send,
    {
        let request = convert::request::<R>(members)?;
        let response = self.work(py, |kms| operation(kms, request))?;
        convert::response(py, &response)
    }

    /// Works on the vault with the interpreter released.
    fn work<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Kms) -> pocketkms::Result<T> + Send) -> PyResult<T> {
        // The lock is taken and given back while the interpreter is released: who waits for one never holds the other.
        run(py, true, || self.0.with(work).transpose())?.ok_or_else(closed)
    }

    /// What a keyring keeps of the vault.
    pub(crate) fn handle(&self) -> Handle {
        self.0.clone()
    }
}

macro_rules! dispatch {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        impl Vault {
            fn dispatch<'py>(
                &self,
                py: Python<'py>,
                operation: &str,
                members: &Bound<'py, PyTuple>,
            ) -> PyResult<Bound<'py, PyAny>> {
                match operation {
                    $(stringify!($name) => self.perform::<api::$request>(py, members, Kms::$method),)*
                    _ => Err(PyLookupError::new_err(format!("there is no operation {operation}"))),
                }
            }
        }
    };
}
pocketkms::operations!(dispatch);

fn builder(clock: Option<&Bound<'_, ManualClock>>, account: &str, region: &str) -> KmsBuilder {
    let builder = Kms::builder().provider(interrupt::provider()).account(account, region);
    match clock {
        Some(clock) => builder.clock(clock.get().0.clone()),
        None => builder,
    }
}
