//! Many stored messages moved to other keys.

use super::{
    arguments::rewrap_batch_options,
    client::{Client, bound},
    files::os_error,
    held_objects::HeldObjects,
    keyring::Keyring,
    results,
};
use crate::{
    convert::{Class, type_error},
    error::raise,
    gate,
    pending::{run, take_interruption},
};
use pocketkms::envelope::{self, EncryptionClient, RewrapOptions};
use pocketkms_files::{Error, FileProgress, Outcome, Report};
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::PyTypeError,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyBytes, PyDict, PyInt, PyIterator, PyString, PyTuple},
};
use std::{cell::RefCell, ops::ControlFlow, path::PathBuf, sync::Arc};

/// The module of the dataclasses.
const BATCH: &str = "pocketkms._batch";

/// How many failures a report keeps, as many as that of `pocketkms_files`.
const MAX_FAILURES: usize = 10_000;

/// Moves many stored messages to the keys of a destination.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct RewrapBatch {
    client: EncryptionClient,
    source: Arc<dyn envelope::MaterialsManager>,
    destination: Arc<dyn envelope::Keyring>,
    verifier: Option<Arc<dyn envelope::MaterialsManager>>,
    options: RewrapOptions,
    every: bool,
    /// The keyrings, kept as long as the batch may ask them.
    held: HeldObjects,
}

impl RewrapBatch {
    /// Works with the interpreter released, and gives the report.
    fn work<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
        work: impl FnOnce(&pocketkms_files::RewrapBatch<'_>, &Reporting) -> Report + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Some(progress) = progress.filter(|progress| !progress.is_callable()) {
            return Err(type_error("progress", "callable", progress));
        }
        let reporting = Reporting { progress: progress.map(|it| it.clone().unbind()), ..Reporting::default() };
        let (report, reporting) = run(py, true, || {
            let mut batch = pocketkms_files::RewrapBatch::new(&self.client, &*self.source, &*self.destination)
                .options(self.options.clone());
            if let Some(verifier) = &self.verifier {
                batch = batch.verify_with(&**verifier);
            }
            if self.every {
                batch = batch.every();
            }
            let report = work(&batch, &reporting);
            Ok((report, reporting))
        })?;
        match reporting.raised.into_inner() {
            Some(exception) => Err(exception),
            None => self::report(py, &report, reporting.failures.into_inner()),
        }
    }
}

#[pymethods]
impl RewrapBatch {
    #[new]
    #[pyo3(
        signature = (client, source, destination, *, verify_with = None, every = None, **options),
        text_signature = "(client, source, destination, *, verify_with=None, every=False, **options)"
    )]
    fn new<'py>(
        client: &Bound<'py, PyAny>,
        source: &Bound<'py, PyAny>,
        destination: &Bound<'py, PyAny>,
        verify_with: Option<&Bound<'py, PyAny>>,
        every: Option<&Bound<'py, PyAny>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Self> {
        let native = client.getattr("_client").map_err(|_| type_error("client", "EncryptionClient", client))?;
        let native = native.cast::<Client>().map_err(|_| type_error("client", "EncryptionClient", client))?;
        let source = bound("source", source)?;
        let Ok(destination) = destination.cast::<Keyring>() else {
            return Err(type_error("destination", "Keyring", destination));
        };
        let verifier = verify_with.map(|verifier| bound("verify_with", verifier)).transpose()?;
        let every = match every.map(|every| (every, every.cast::<PyBool>())) {
            None => false,
            Some((_, Ok(every))) => every.is_true(),
            Some((every, Err(_))) => return Err(type_error("every", "bool", every)),
        };
        let options = options.map(rewrap_batch_options).transpose()?.unwrap_or_default();
        if options.decrypt.sidecar.is_some() {
            return Err(PyTypeError::new_err("'sidecar' is no option here: each message has its own"));
        }
        let keyrings = [Some(source.as_any()), Some(destination.as_any()), verifier.map(Bound::as_any)];
        Ok(Self {
            client: native.get().0.clone(),
            source: Arc::clone(&source.get().manager),
            destination: Arc::clone(&destination.get().keyring),
            verifier: verifier.map(|verifier| Arc::clone(&verifier.get().manager)),
            options,
            every,
            held: HeldObjects::of(keyrings.into_iter().flatten().map(|keyring| keyring.clone().unbind())),
        })
    }

    /// Moves these files.
    #[pyo3(signature = (paths, *, progress = None))]
    fn files<'py>(
        &self,
        py: Python<'py>,
        paths: &Bound<'py, PyAny>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        // One path is an iterable, too, of its letters.
        let is_one = paths.is_instance_of::<PyString>() || paths.is_instance_of::<PyBytes>();
        let given = if is_one { None } else { paths.try_iter().ok() };
        let given = given.ok_or_else(|| type_error("paths", "an iterable of paths", paths))?.unbind();
        self.work(py, progress, move |batch, reporting| {
            batch.files(Paths { given, reporting }, &mut |file| reporting.report(&file))
        })
    }

    /// Moves all files in a directory and those below it.
    #[pyo3(signature = (path, *, progress = None))]
    #[expect(clippy::needless_pass_by_value, reason = "made of the argument for this call")]
    fn directory<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.work(py, progress, |batch, reporting| batch.directory(&path, &mut |file| reporting.report(&file)))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.held.traverse(&visit)
    }

    fn __clear__(&self) {
        self.held.clear();
    }
}

/// Reports each file to Python, and keeps what Python answers.
#[derive(Default)]
struct Reporting {
    progress: Option<Py<PyAny>>,
    /// What ended the batch.
    raised: RefCell<Option<PyErr>>,
    failures: RefCell<Vec<(PathBuf, PyErr)>>,
}

impl Reporting {
    fn report(&self, file: &FileProgress<'_>) -> ControlFlow<()> {
        // What interrupted the work on this file, before other Python code runs.
        let interruption = take_interruption();
        gate::attach(|py| {
            let failure = match file.outcome {
                Outcome::Failed(Error::Message(error)) => Some(raise(py, error)),
                Outcome::Failed(Error::Io { path, error }) => Some(os_error(py, path.clone(), error)),
                _ => None,
            };
            let flow = match interruption {
                Some(exception) => Err(exception),
                // No one else looks whether Ctrl-C was pressed.
                None => py.check_signals().and_then(|()| self.call(py, file, failure)),
            };
            flow.unwrap_or_else(|exception| self.stop(exception))
        })
    }

    fn call(&self, py: Python<'_>, file: &FileProgress<'_>, failure: Option<PyErr>) -> PyResult<ControlFlow<()>> {
        let mut flow = ControlFlow::Continue(());
        if let Some(progress) = &self.progress {
            let outcome = match file.outcome {
                Outcome::Rewrapped => "REWRAPPED",
                Outcome::AlreadyDone => "ALREADY_DONE",
                Outcome::Skipped(_) => "SKIPPED",
                _ => "FAILED",
            };
            let reason = match file.outcome {
                Outcome::Skipped(skipped) => PyString::intern(py, skipped.reason()).into_any(),
                _ => py.None().into_bound(py),
            };
            let error = match &failure {
                Some(failure) => failure.value(py).clone().into_any(),
                None => py.None().into_bound(py),
            };
            let (path, outcome) = (file.path.into_pyobject(py)?.into_any(), PyString::intern(py, outcome));
            let members = [&path, &outcome, &reason, &error, &PyInt::new(py, file.done)];
            let file = results::instance(py, &classes(py)?.file, members)?;
            let answer = progress.bind(py).call1((file,))?;
            if answer.cast::<PyBool>().is_ok_and(|answer| !answer.is_true()) {
                flow = ControlFlow::Break(());
            }
        }
        if let Some(failure) = failure {
            let mut failures = self.failures.borrow_mut();
            if failures.len() < MAX_FAILURES {
                failures.push((file.path.to_owned(), failure));
            }
        }
        Ok(flow)
    }

    fn stop(&self, exception: PyErr) -> ControlFlow<()> {
        self.raised.replace(Some(exception));
        ControlFlow::Break(())
    }
}

/// The paths that a Python iterable gives, one by one: there may be more than memory holds.
struct Paths<'a> {
    given: Py<PyIterator>,
    reporting: &'a Reporting,
}

impl Iterator for Paths<'_> {
    type Item = PathBuf;

    fn next(&mut self) -> Option<PathBuf> {
        gate::attach(|py| {
            let path = self.given.bind(py).clone().next()?.and_then(|path| path.extract());
            path.map_err(|exception| self.reporting.stop(exception)).ok()
        })
    }
}

struct Classes {
    file: Class,
    failure: Class,
    report: Class,
}

fn classes(py: Python<'_>) -> PyResult<&Classes> {
    static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
    CLASSES.get_or_try_init(py, || {
        let module = py.import(BATCH)?;
        Ok(Classes {
            file: Class::new(&module, "RewrappedFile", ["path", "outcome", "reason", "error", "done"])?,
            failure: Class::new(&module, "RewrapFailure", ["path", "error"])?,
            report: Class::new(
                &module,
                "RewrapReport",
                ["rewrapped", "already_done", "skipped", "failed", "failures", "cancelled"],
            )?,
        })
    })
}

fn report<'py>(py: Python<'py>, report: &Report, failures: Vec<(PathBuf, PyErr)>) -> PyResult<Bound<'py, PyAny>> {
    let classes = classes(py)?;
    let failures = failures.into_iter().map(|(path, error)| {
        let (path, error) = (path.into_pyobject(py)?.into_any(), error.into_value(py).into_bound(py));
        results::instance(py, &classes.failure, [&path, error.as_any()])
    });
    let failures = PyTuple::new(py, failures.collect::<PyResult<Vec<_>>>()?)?;
    let [rewrapped, already_done, skipped, failed] =
        [report.rewrapped, report.already_done, report.skipped, report.failed].map(|count| PyInt::new(py, count));
    let cancelled = PyBool::new(py, report.cancelled).to_owned();
    let members = [&rewrapped, &already_done, &skipped, &failed, failures.as_any(), cancelled.as_any()];
    results::instance(py, &classes.report, members)
}
