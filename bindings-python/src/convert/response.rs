//! From the core to Python: a serializer that builds Python's own values and the generated dataclasses.

use super::{
    classes::{Class, class},
    failure::Failure,
    time::{from_seconds, to_datetime},
};
use crate::memory;
use pocketkms::TIMESTAMP;
use pyo3::{
    prelude::*,
    types::{PyBool, PyDict, PyFloat, PyInt, PyString, PyTuple},
};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};

/// The response of an operation: a dataclass, or `None`.
pub(crate) fn response<'py>(py: Python<'py>, response: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    response.serialize(ToPython(py)).map_err(PyErr::from)
}

type Value<'py> = Result<Bound<'py, PyAny>, Failure>;

#[derive(Clone, Copy)]
struct ToPython<'py>(Python<'py>);

/// What no type of the service model serializes as.
macro_rules! not_in_the_model {
    ($($method:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$result, Failure> {
            Err(Failure::custom(concat!("the service model has no use for ", stringify!($method))))
        })*
    };
}

impl<'py> Serializer for ToPython<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;
    type SerializeSeq = Items<'py>;
    type SerializeMap = Pairs<'py>;
    type SerializeStruct = Members<'py>;
    type SerializeTuple = Impossible<Self::Ok, Failure>;
    type SerializeTupleStruct = Impossible<Self::Ok, Failure>;
    type SerializeTupleVariant = Impossible<Self::Ok, Failure>;
    type SerializeStructVariant = Impossible<Self::Ok, Failure>;

    /// Bytes as bytes, not as base64.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_unit(self) -> Value<'py> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn serialize_none(self) -> Value<'py> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Value<'py> {
        value.serialize(self)
    }

    fn serialize_bool(self, value: bool) -> Value<'py> {
        Ok(PyBool::new(self.0, value).to_owned().into_any())
    }

    fn serialize_i32(self, value: i32) -> Value<'py> {
        Ok(PyInt::new(self.0, value).into_any())
    }

    fn serialize_u8(self, value: u8) -> Value<'py> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Value<'py> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Value<'py> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Value<'py> {
        Ok(PyInt::new(self.0, value).into_any())
    }

    fn serialize_f64(self, value: f64) -> Value<'py> {
        Ok(PyFloat::new(self.0, value).into_any())
    }

    fn serialize_str(self, value: &str) -> Value<'py> {
        Ok(PyString::new(self.0, value).into_any())
    }

    fn serialize_bytes(self, value: &[u8]) -> Value<'py> {
        Ok(memory::bytes(self.0, value)?.into_any())
    }

    /// The name of an enumeration's value, which is the same object each time.
    fn serialize_unit_variant(self, _: &'static str, _: u32, value: &'static str) -> Value<'py> {
        Ok(PyString::intern(self.0, value).into_any())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Value<'py> {
        let value = value.serialize(self)?;
        if name != TIMESTAMP {
            return Ok(value);
        }
        Ok(to_datetime(self.0, from_seconds(value.extract()?))?)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'py>, Failure> {
        Ok(Items { items: Vec::with_capacity(length.unwrap_or(0)), to_python: self })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Pairs<'py>, Failure> {
        Ok(Pairs { dict: PyDict::new(self.0), name: None, to_python: self })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members<'py>, Failure> {
        let class = class(self.0, name)?;
        Ok(Members { instance: class.instance(self.0)?, class, next: 0, to_python: self })
    }

    not_in_the_model! {
        serialize_i8(i8) -> Self::Ok;
        serialize_i16(i16) -> Self::Ok;
        serialize_i64(i64) -> Self::Ok;
        serialize_f32(f32) -> Self::Ok;
        serialize_char(char) -> Self::Ok;
        serialize_unit_struct(&'static str) -> Self::Ok;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Value<'py> {
        Err(Failure::custom(format_args!("the service model has no values in the variants of {name}")))
    }
}

/// A dataclass that is being built, member by member in the order of the model.
struct Members<'py> {
    to_python: ToPython<'py>,
    class: &'py Class,
    instance: Bound<'py, PyAny>,
    next: usize,
}

impl Members<'_> {
    fn push(&mut self, value: &Bound<'_, PyAny>) -> Result<(), Failure> {
        self.class.set(&self.instance, self.next, value)?;
        self.next += 1;
        Ok(())
    }
}

impl<'py> SerializeStruct for Members<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Failure> {
        self.push(&value.serialize(self.to_python)?)
    }

    fn skip_field(&mut self, _: &'static str) -> Result<(), Failure> {
        self.push(&self.to_python.serialize_none()?)
    }

    fn end(self) -> Value<'py> {
        Ok(self.instance)
    }
}

/// A list, which is a tuple in Python: what is answered does not change.
struct Items<'py> {
    to_python: ToPython<'py>,
    items: Vec<Bound<'py, PyAny>>,
}

impl<'py> SerializeSeq for Items<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.items.push(value.serialize(self.to_python)?);
        Ok(())
    }

    fn end(self) -> Value<'py> {
        Ok(PyTuple::new(self.to_python.0, self.items)?.into_any())
    }
}

/// A map of text by text.
struct Pairs<'py> {
    to_python: ToPython<'py>,
    dict: Bound<'py, PyDict>,
    name: Option<Bound<'py, PyAny>>,
}

impl<'py> SerializeMap for Pairs<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failure;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Failure> {
        self.name = Some(name.serialize(self.to_python)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        Ok(self.dict.set_item(self.name.take(), value.serialize(self.to_python)?)?)
    }

    fn end(self) -> Value<'py> {
        Ok(self.dict.into_any())
    }
}
