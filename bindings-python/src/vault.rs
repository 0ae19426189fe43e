//! An open vault and the one native function above which the generated methods stand.

use crate::{
    clock::ManualClock,
    convert::{self, type_error},
    error::raise,
    interrupt,
    pending::run,
    root_key::RootKey,
};
use pocketkms::{
    Caller, ClockTrust, Kms, KmsBuilder,
    api::{self, Request},
    shape::Shape,
};
use pyo3::{
    exceptions::PyLookupError,
    prelude::*,
    types::{PyBytes, PyString, PyTuple},
};
use serde::{Serialize, de::DeserializeOwned};

/// An open vault, and who calls.
#[pyclass(frozen, module = "pocketkms._native")]
pub(crate) struct Vault(Kms);

#[pymethods]
impl Vault {
    #[staticmethod]
    fn create(
        py: Python<'_>,
        root: &Bound<'_, RootKey>,
        clock: Option<&Bound<'_, ManualClock>>,
        clock_trust: Option<&Bound<'_, PyAny>>,
        account: Option<&str>,
        region: Option<&str>,
    ) -> PyResult<Self> {
        let (root, builder) = (&root.get().0, builder(clock, clock_trust, account, region)?);
        run(py, true, || builder.create(root)).map(Self)
    }

    #[staticmethod]
    fn open_snapshot(
        py: Python<'_>,
        snapshot: &Bound<'_, PyAny>,
        root: &Bound<'_, RootKey>,
        clock: Option<&Bound<'_, ManualClock>>,
        clock_trust: Option<&Bound<'_, PyAny>>,
        account: Option<&str>,
        region: Option<&str>,
    ) -> PyResult<Self> {
        let snapshot =
            convert::bytes_of(snapshot).unwrap_or_else(|| Err(type_error("snapshot", convert::BYTES, snapshot)))?;
        let (root, builder) = (&root.get().0, builder(clock, clock_trust, account, region)?);
        run(py, true, || builder.open_snapshot(&snapshot, root)).map(Self)
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
        run(py, true, || self.0.snapshot()).map(|snapshot| PyBytes::new(py, &snapshot))
    }

    fn change_root_key(&self, py: Python<'_>, root: &Bound<'_, RootKey>) -> PyResult<()> {
        let root = &root.get().0;
        run(py, true, || self.0.change_root_key(root))
    }

    fn as_caller(&self, py: Python<'_>, account: &str, region: &str) -> PyResult<Self> {
        let caller = Caller::root(account, region).map_err(|error| raise(py, &error))?;
        Ok(Self(self.0.as_caller(caller)))
    }

    /// Who calls: the account and the Region.
    fn caller(&self) -> (String, String) {
        (self.0.caller().account().to_string(), self.0.caller().region().to_string())
    }

    fn revision(&self, py: Python<'_>) -> PyResult<u64> {
        run(py, true, || self.0.revision())
    }

    fn needs_saving(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, true, || Ok(self.0.needs_saving()))
    }

    fn time_in_doubt(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, true, || self.0.time_in_doubt())
    }

    fn confirm_time(&self, py: Python<'_>) -> PyResult<()> {
        run(py, true, || self.0.confirm_time())
    }

    /// The damaged records: name, exception name and explanation of each. Of all records, or those that calls met.
    fn damaged(&self, py: Python<'_>, all: bool) -> PyResult<Vec<(String, &'static str, String)>> {
        let records = run(py, true, || if all { self.0.verify() } else { self.0.damaged() })?;
        Ok(records.into_iter().map(|record| (record.name, record.kind.name(), record.explanation)).collect())
    }

    /// Closes the vault for all its callers, after the calls that are under way, and wipes its secrets.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        run(py, true, || {
            self.0.close();
            Ok(())
        })
    }

    fn is_closed(&self, py: Python<'_>) -> PyResult<bool> {
        run(py, true, || Ok(self.0.is_closed()))
    }
}

impl Vault {
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
        let response = run(py, true, || operation(&self.0, request))?;
        convert::response(py, &response)
    }

    /// What a keyring keeps of the vault.
    pub(crate) fn kms(&self) -> Kms {
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

/// What is not named is as the core has it.
fn builder(
    clock: Option<&Bound<'_, ManualClock>>,
    clock_trust: Option<&Bound<'_, PyAny>>,
    account: Option<&str>,
    region: Option<&str>,
) -> PyResult<KmsBuilder> {
    let mut builder = Kms::builder().provider(interrupt::provider());
    if let Some(clock) = clock {
        builder = builder.clock(clock.get().0.clone());
    }
    if let Some(trust) = clock_trust {
        let named = trust.cast::<PyString>().ok().map(|name| name.to_string_lossy().into_owned());
        builder = builder.clock_trust(match named.as_deref() {
            Some("TRUSTED") => ClockTrust::Trusted,
            Some("SYSTEM") => ClockTrust::System,
            _ => return Err(type_error("clock_trust", "'TRUSTED' or 'SYSTEM'", trust)),
        });
    }
    if let Some(account) = account {
        builder = builder.account_id(account);
    }
    if let Some(region) = region {
        builder = builder.region(region);
    }
    Ok(builder)
}
