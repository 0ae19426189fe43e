//! Which limits of the service model a request breaks that could not be read: the core says it, in AWS's words.

use super::bytes::length_of;
use crate::error::raise;
use pocketkms::shape::{Given, Member, Structure, Type, check_given};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBool, PyByteArray, PyBytes, PyDict, PyInt, PyString, PyTuple},
};

/// All of them, as one exception.
pub(super) fn broken(members: &Bound<'_, PyTuple>, shape: Type) -> PyErr {
    let Type::Structure(structure) = shape else { return PyTypeError::new_err("a request has members") };
    match check_given(&Asked::All(members, structure), shape) {
        Err(error) => raise(members.py(), &error),
        Ok(()) => PyTypeError::new_err("a value is not of its type"),
    }
}

enum Asked<'a, 'py> {
    /// The members of a request, in the order of the model.
    All(&'a Bound<'py, PyTuple>, &'static Structure),
    One(Bound<'py, PyAny>),
}

impl<'py> Asked<'_, 'py> {
    fn value(&self) -> Option<&Bound<'py, PyAny>> {
        match self {
            Self::One(value) => Some(value),
            Self::All(..) => None,
        }
    }
}

impl Given for Asked<'_, '_> {
    fn text(&self) -> Option<String> {
        self.value()?.cast::<PyString>().ok()?.extract().ok()
    }

    fn number(&self) -> Option<i32> {
        let number = self.value()?;
        let is_number = number.is_instance_of::<PyInt>() && !number.is_instance_of::<PyBool>();
        is_number.then(|| number.extract().ok()).flatten()
    }

    fn length(&self) -> Option<usize> {
        length_of(self.value()?)
    }

    fn items(&self) -> Option<Vec<Self>> {
        let list = self.value()?;
        let is_one = list.is_instance_of::<PyString>()
            || list.is_instance_of::<PyBytes>()
            || list.is_instance_of::<PyByteArray>();
        if is_one {
            return None;
        }
        list.try_iter().ok()?.map(|item| item.map(Self::One).ok()).collect()
    }

    fn pairs(&self) -> Option<Vec<(String, String)>> {
        self.value()?
            .cast::<PyDict>()
            .ok()?
            .extract()
            .ok()
            .map(|pairs: std::collections::HashMap<String, String>| pairs.into_iter().collect())
    }

    fn member(&self, member: &Member) -> Option<Self> {
        let value = match self {
            Self::All(members, structure) => {
                let at = structure.members.iter().position(|other| other.name == member.name)?;
                members.get_item(at).ok()?
            }
            Self::One(value) => value.getattr(member.name).ok()?,
        };
        (!value.is_none()).then_some(Self::One(value))
    }
}
