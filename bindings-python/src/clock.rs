//! The clocks of vaults and caches: the one that is turned by hand, Python's own, and functions of the host.

use crate::{
    convert::{from_datetime, to_datetime, type_error},
    gate,
};
use pocketkms::{Clock, SystemClock, Timestamp};
use pyo3::{
    exceptions::PyValueError,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDateTime, PyDelta, PyInt},
};
use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// The clock of that argument; Python's own if there is none.
pub(crate) fn of(clock: Option<&Bound<'_, PyAny>>) -> PyResult<Arc<dyn Clock>> {
    let Some(clock) = clock else { return Ok(Arc::new(PythonTime)) };
    if let Ok(manual) = clock.cast::<ManualClock>() {
        return Ok(Arc::new(manual.get().0.clone()));
    }
    if !clock.is_callable() {
        return Err(type_error("clock", "ManualClock or a function that returns a datetime", clock));
    }
    // Asked once, so that a function that does not return a time is refused here, where its exception reaches the caller.
    let last = AtomicI64::new(asked(clock)?.as_millis());
    Ok(Arc::new(Function { function: clock.clone().unbind(), last }))
}

/// What `time.time()` showed when the call began, so that whatever turns that (freezegun, time-machine) turns the vaults, too.
/// It is read with the interpreter held, which nothing below the call then needs to wait for.
struct PythonTime;

thread_local! {
    static READING: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

/// The last reading of any thread, for threads of the core's own.
static LATEST: AtomicI64 = AtomicI64::new(i64::MIN);

impl Clock for PythonTime {
    fn now(&self) -> Timestamp {
        READING.get().unwrap_or_else(|| match LATEST.load(Ordering::Relaxed) {
            i64::MIN => SystemClock.now(),
            latest => Timestamp::from_millis(latest),
        })
    }
}

/// Holds for the length of a call what `time.time()` shows at its beginning.
pub(crate) struct Reading(Option<Timestamp>);

impl Reading {
    pub(crate) fn take(py: Python<'_>) -> PyResult<Self> {
        static TIME: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
        let module = TIME.get_or_try_init(py, || py.import("time").map(Bound::unbind))?;
        let seconds: f64 = module.bind(py).call_method0(intern!(py, "time"))?.extract()?;
        // Rounded down, as `datetime` does it, but for what is lost where a time of whole milliseconds becomes a double.
        let now = Timestamp::from_seconds(((seconds * 1000.0) + 0.000_5).floor() / 1000.0);
        LATEST.store(now.as_millis(), Ordering::Relaxed);
        Ok(Self(READING.replace(Some(now))))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // A call inside of a callback has a reading of its own.
        READING.set(self.0);
    }
}

/// A function of the host.
struct Function {
    function: Py<PyAny>,
    /// What it returned last, in milliseconds.
    last: AtomicI64,
}

impl Clock for Function {
    fn now(&self) -> Timestamp {
        gate::attach(|py| match asked(self.function.bind(py)) {
            Ok(now) => {
                self.last.store(now.as_millis(), Ordering::Relaxed);
                now
            }
            // A clock cannot fail: time stands still, and Python's hook for exceptions that no one can catch hears of it.
            Err(exception) => {
                exception.write_unraisable(py, Some(self.function.bind(py)));
                Timestamp::from_millis(self.last.load(Ordering::Relaxed))
            }
        })
    }
}

fn asked(function: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let now = function.call0()?;
    let datetime = now.cast::<PyDateTime>().map_err(|_| type_error("clock()", "a datetime", &now))?;
    from_datetime(datetime)
}

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
    fn advance_days(&self, days: &Bound<'_, PyAny>) -> PyResult<()> {
        let whole = days.cast::<PyInt>().map_err(|_| type_error("days", "an int", days))?;
        if whole.lt(0)? {
            return Err(PyValueError::new_err(
                "'days' must not be negative: advance() turns the time back, by a negative timedelta",
            ));
        }
        // As a product, which Python refuses by itself where it is too large.
        let day = PyDelta::new(days.py(), 1, 0, 0, false)?;
        self.advance(day.mul(whole)?.cast()?)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("ManualClock({})", self.now(py)?.repr()?))
    }
}
