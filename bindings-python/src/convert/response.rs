//! From the core to Python: Python's own values and the generated dataclasses.

use super::{classes::class, time::to_datetime};
use crate::memory;
use pocketkms::shape::{Items, Members, Pairs, Shape, Value};
use pyo3::{
    prelude::*,
    types::{PyBool, PyDict, PyFloat, PyInt, PyString, PyTuple},
};

/// The response of an operation: a dataclass, or `None`.
pub(crate) fn response<'py>(py: Python<'py>, response: &impl Shape) -> PyResult<Bound<'py, PyAny>> {
    shown(py, response.value())
}

fn shown<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Nothing | Value::TooManyBytes(_) => py.None().into_bound(py),
        Value::Boolean(value) => PyBool::new(py, value).to_owned().into_any(),
        Value::Integer(value) => PyInt::new(py, value).into_any(),
        Value::Unsigned(value) => PyInt::new(py, value).into_any(),
        Value::Seconds(value) => PyFloat::new(py, value).into_any(),
        Value::Timestamp(time) => to_datetime(py, time)?,
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::SecretText(text) => PyString::new(py, text.expose()).into_any(),
        // The same object each time.
        Value::Name(name) => PyString::intern(py, name).into_any(),
        Value::Bytes(bytes) => memory::bytes(py, bytes)?.into_any(),
        Value::Secret(secret) => memory::bytes(py, secret.expose())?.into_any(),
        Value::Map(pairs) => map(py, pairs)?.into_any(),
        Value::List(items) => list(py, items)?.into_any(),
        Value::Structure(members) => structure(py, members)?,
    })
}

fn map<'py>(py: Python<'py>, pairs: &dyn Pairs) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let mut outcome = Ok(());
    pairs.each(&mut |name, value| {
        if outcome.is_ok() {
            outcome = dict.set_item(name, value);
        }
    });
    outcome.map(|()| dict)
}

/// A list, which is a tuple in Python: what is answered does not change.
fn list<'py>(py: Python<'py>, items: &dyn Items) -> PyResult<Bound<'py, PyTuple>> {
    let mut list = Vec::with_capacity(items.count());
    items.each(&mut |item| list.push(shown(py, item)));
    PyTuple::new(py, list.into_iter().collect::<PyResult<Vec<_>>>()?)
}

/// A dataclass, built member by member in the order of the description.
fn structure<'py>(py: Python<'py>, members: &dyn Members) -> PyResult<Bound<'py, PyAny>> {
    let class = class(py, members.structure().name)?;
    let instance = class.instance(py)?;
    let (mut next, mut outcome) = (0, Ok(()));
    members.each(&mut |value| {
        if outcome.is_ok() {
            outcome = shown(py, value).and_then(|value| class.set(&instance, next, &value));
        }
        next += 1;
    });
    outcome.map(|()| instance)
}
