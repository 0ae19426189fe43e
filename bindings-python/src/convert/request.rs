//! From Python to the core: what was given, as the core's description of its types has it.

use super::{
    bytes::{BYTES, bytes_of, length_of},
    classes::class,
    failure::type_error,
    place::Place,
    time::from_datetime,
};
use crate::{error::raise, memory};
use pocketkms::{
    Error, ErrorKind, Secret, SecretText,
    shape::{self, Given, Member, Shape, Structure, Type},
};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{
        PyBool, PyByteArray, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyMapping, PySequence, PyString, PyTuple,
    },
};

/// A request, or the arguments of a method that is no operation of KMS: from its members in the order of the description; `None` stands
/// for one that is left out.
pub(crate) fn request<R: Shape>(members: &Bound<'_, PyTuple>) -> PyResult<R> {
    let Type::Structure(structure) = R::TYPE else { return Err(PyTypeError::new_err("a request has members")) };
    if members.len() != structure.members.len() {
        return Err(PyTypeError::new_err("the Python and the native part of this package do not belong together"));
    }
    let given = structure.members.iter().zip(members).map(|(described, value)| {
        // What is flattened is read by itself.
        if described.flattened { Ok(Given::Nothing) } else { member(described, &value, &Place::Argument(described)) }
    });
    let given = Given::Structure(structure, given.collect::<PyResult<_>>()?);
    shape::read(given).map_err(|error| raise(members.py(), &error))
}

/// A structure by itself: an instance of its class.
pub(crate) fn structure<T: Shape>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    let Type::Structure(structure) = T::TYPE else { return Err(PyTypeError::new_err("a structure has members")) };
    if !class(value.py(), structure.name)?.is_class_of(value)? {
        return Err(type_error(name, structure.name, value));
    }
    let members = structure.members.iter().map(|member| value.getattr(member.name));
    request(&PyTuple::new(value.py(), members.collect::<PyResult<Vec<_>>>()?)?)
}

/// What of the options of a call belongs to `T`: itself the call's `whole`, or flattened into that.
pub(crate) fn options<T: Shape>(given: &Bound<'_, PyDict>, whole: Type, streams: bool) -> PyResult<T> {
    let (Type::Structure(part), Type::Structure(whole)) = (T::TYPE, whole) else {
        return Err(PyTypeError::new_err("options have names"));
    };
    for name in given.keys() {
        let name = name.cast::<PyString>()?.to_str()?;
        if !whole.offered(streams).any(|member| member.name == name) {
            let known = whole.offered(streams).map(|member| member.name).collect::<Vec<_>>().join(", ");
            return Err(PyTypeError::new_err(format!("'{name}' is no option here; these are: {known}")));
        }
    }
    let own = part.members.iter().map(|member| given.get_item(member.name)).collect::<PyResult<Vec<_>>>()?;
    request(&PyTuple::new(given.py(), own)?)
}

/// A member of a structure. What is left out has a default, if only that of being none.
fn member(described: &Member, value: &Bound<'_, PyAny>, place: &Place<'_>) -> PyResult<Given> {
    if !described.required && value.is_none() { Ok(Given::Nothing) } else { given(value, described.shape, place) }
}

/// What was given of a type, as far as it is of that form at all.
fn given(value: &Bound<'_, PyAny>, shape: Type, place: &Place<'_>) -> PyResult<Given> {
    let is_not = |wanted| type_error(place, wanted, value);
    Ok(match shape {
        Type::Unit => Given::Nothing,
        Type::Boolean => Given::Boolean(value.cast::<PyBool>().map_err(|_| is_not("bool"))?.is_true()),
        Type::Integer => Given::Integer(number(value, place, "of 32 bits")?),
        Type::Unsigned(greatest) => Given::Unsigned(unsigned(value, place, greatest)?),
        Type::Seconds => Given::Seconds(seconds(value).ok_or_else(|| is_not("float"))?),
        Type::Timestamp => {
            Given::Timestamp(from_datetime(value.cast::<PyDateTime>().map_err(|_| is_not("datetime"))?)?)
        }
        Type::SecretText => Given::SecretText(SecretText::copy_of(text(value, place)?)),
        Type::String | Type::Enumeration(_) => Given::Text(text(value, place)?.into()),
        Type::Bytes | Type::Secret => bytes(value, shape, place)?,
        Type::Map => Given::Map(pairs(value, place)?),
        Type::List(item) => Given::List(items(value, *item, place)?),
        Type::Structure(structure) => Given::Structure(structure, members(value, structure, place)?),
    })
}

/// A number within bounds.
fn number<N: for<'a> FromPyObject<'a, 'a>>(value: &Bound<'_, PyAny>, place: &Place<'_>, bounds: &str) -> PyResult<N> {
    // In Python a bool is an int, but whoever passes one means something else.
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(type_error(place, "int", value));
    }
    value.extract().map_err(|_| out_of_bounds(value.py(), place, bounds))
}

fn unsigned(value: &Bound<'_, PyAny>, place: &Place<'_>, greatest: u64) -> PyResult<u64> {
    let bounds = format!("from 0 to {}", with_commas(greatest));
    let number: u64 = number(value, place, &bounds)?;
    if number > greatest { Err(out_of_bounds(value.py(), place, &bounds)) } else { Ok(number) }
}

fn out_of_bounds(py: Python<'_>, place: &Place<'_>, bounds: &str) -> PyErr {
    raise(py, &Error::new(ErrorKind::Validation, format!("'{place}' must be a number {bounds}")))
}

/// `65,535`.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

fn seconds(value: &Bound<'_, PyAny>) -> Option<f64> {
    let is_number = value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>();
    if is_number && !value.is_instance_of::<PyBool>() { value.extract().ok() } else { None }
}

fn text<'a>(value: &'a Bound<'_, PyAny>, place: &Place<'_>) -> PyResult<&'a str> {
    let text = value.cast::<PyString>().map_err(|_| type_error(place, "str", value))?.to_str()?;
    // The text that says that one is too long may have all of it in it, and more than once.
    let copies = if place.is_exceeded_by(text.chars().count()) { 4 } else { 1 };
    memory::look_for(text.len().saturating_mul(copies))?;
    Ok(text)
}

fn bytes(value: &Bound<'_, PyAny>, shape: Type, place: &Place<'_>) -> PyResult<Given> {
    // By their length, before anything is copied.
    if let Some(length) = length_of(value).filter(|length| place.is_exceeded_by(*length)) {
        return Ok(Given::TooManyBytes(length));
    }
    let bytes = bytes_of(value).ok_or_else(|| type_error(place, BYTES, value))??;
    Ok(if shape == Type::Secret { Given::Secret(Secret::from(bytes)) } else { Given::Bytes(bytes) })
}

/// The pairs of a map of text by text.
fn pairs(value: &Bound<'_, PyAny>, place: &Place<'_>) -> PyResult<Vec<(String, Option<String>)>> {
    let dict = if let Ok(dict) = value.cast::<PyDict>() {
        dict.clone()
    } else {
        let mapping = value.cast::<PyMapping>().map_err(|_| type_error(place, "a mapping", value))?;
        value.py().get_type::<PyDict>().call1((mapping,))?.cast_into().map_err(PyErr::from)?
    };
    let pair = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Ok((text(&name, &Place::Name(place))?.into(), Some(text(&value, &Place::Value(place))?.into())))
    };
    dict.iter().map(pair).collect()
}

fn items(value: &Bound<'_, PyAny>, item: Type, place: &Place<'_>) -> PyResult<Vec<Given>> {
    // Text and bytes are sequences too, but passing one means that the brackets were forgotten.
    let is_one = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>();
    if is_one || value.cast::<PySequence>().is_err() {
        return Err(type_error(place, "a sequence", value));
    }
    value.try_iter()?.enumerate().map(|(index, value)| given(&value?, item, &Place::Item(place, index))).collect()
}

fn members(value: &Bound<'_, PyAny>, structure: &'static Structure, place: &Place<'_>) -> PyResult<Vec<Given>> {
    if !class(value.py(), structure.name)?.is_class_of(value)? {
        return Err(type_error(place, structure.name, value));
    }
    let of = |described: &'static Member| {
        member(described, &value.getattr(described.name)?, &Place::Member(place, described))
    };
    structure.members.iter().map(of).collect()
}
