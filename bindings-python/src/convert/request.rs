//! From Python to the core: a deserializer that reads the members of a request from a tuple.

use super::{
    broken::broken,
    bytes::{BYTES, bytes_of, length_of},
    classes::class,
    failure::{Failure, type_error},
    place::Place,
    time::{from_datetime, to_seconds},
};
use crate::{error::raise, memory};
use pocketkms::{
    Error, ErrorKind,
    shape::{Shape, Structure, Type},
};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{
        PyBool, PyByteArray, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyMapping, PySequence, PyString, PyTuple,
        dict::BoundDictIterator,
    },
};
use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

/// A request, from its members in the order of the model; `None` stands for one that is left out.
pub(crate) fn request<R: Shape + DeserializeOwned>(members: &Bound<'_, PyTuple>) -> PyResult<R> {
    read(members, R::TYPE)
}

/// The arguments of a method that is no operation of KMS, from a tuple in the order in which `shape` names them.
pub(crate) fn arguments<T: DeserializeOwned>(shape: &'static Structure, values: &Bound<'_, PyTuple>) -> PyResult<T> {
    read(values, Type::Structure(shape))
}

/// A structure by itself: an instance of its class.
pub(crate) fn structure<T: Shape + DeserializeOwned>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    let Type::Structure(structure) = T::TYPE else { return Err(PyTypeError::new_err("a structure has members")) };
    if !class(value.py(), structure.name)?.is_class_of(value)? {
        return Err(type_error(name, structure.name, value));
    }
    let members = structure.members.iter().map(|member| value.getattr(member.name));
    request(&PyTuple::new(value.py(), members.collect::<PyResult<Vec<_>>>()?)?)
}

/// What of the options of a call belongs to `T`: itself the call's `whole`, or flattened into that.
pub(crate) fn options<T: Shape + DeserializeOwned>(
    given: &Bound<'_, PyDict>,
    whole: Type,
    streams: bool,
) -> PyResult<T> {
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
    read(&PyTuple::new(given.py(), own)?, T::TYPE)
}

fn read<T: DeserializeOwned>(members: &Bound<'_, PyTuple>, shape: Type) -> PyResult<T> {
    T::deserialize(Arguments { members, shape }).map_err(|failure| match failure.into_exception() {
        Some(exception) => exception,
        None => broken(members, shape),
    })
}

/// All that was given to a method.
struct Arguments<'a, 'py> {
    members: &'a Bound<'py, PyTuple>,
    shape: Type,
}

impl<'de> Deserializer<'de> for Arguments<'_, '_> {
    type Error = Failure;

    /// serde takes the members by their places.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let Type::Structure(structure) = self.shape else { return Err(Failure::custom("a request has members")) };
        if self.members.len() != structure.members.len() {
            return Err(Failure::custom("the Python and the native part of this package do not belong together"));
        }
        visitor.visit_seq(Values(
            structure
                .members
                .iter()
                .zip(self.members)
                // What is flattened is read by itself.
                .filter(|(member, _)| !member.flattened)
                .map(|(member, value)| Ok(Given { value, shape: member.shape, place: Place::Argument(member) })),
        ))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A value, and what it should be.
struct Given<'a, 'py> {
    value: Bound<'py, PyAny>,
    shape: Type,
    place: Place<'a>,
}

impl Given<'_, '_> {
    fn is_not(&self, wanted: &str) -> Failure {
        type_error(self.place, wanted, &self.value).into()
    }

    /// A number within bounds.
    fn number<N: for<'a> FromPyObject<'a, 'a>>(&self, bounds: &str) -> Result<N, Failure> {
        // In Python a bool is an int, but who gives one means something else.
        if !self.value.is_instance_of::<PyInt>() || self.value.is_instance_of::<PyBool>() {
            return Err(self.is_not("int"));
        }
        self.value.extract().map_err(|_| {
            let message = format!("'{}' must be {bounds}", self.place);
            raise(self.value.py(), &Error::new(ErrorKind::Validation, message)).into()
        })
    }

    fn text(&self) -> Result<&str, Failure> {
        Ok(self.value.cast::<PyString>().map_err(|_| self.is_not("str"))?.to_str()?)
    }
}

impl<'de> Deserializer<'de> for Given<'_, '_> {
    type Error = Failure;

    /// Bytes as bytes, not as base64.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Failure> {
        Err(Failure::custom(format_args!("'{}': the service model has no such type", self.place)))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.value.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_bool(self.value.cast::<PyBool>().map_err(|_| self.is_not("bool"))?.is_true())
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_i32(self.number("a number of 32 bits")?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_u16(self.number("a number from 0 to 65,535")?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_u32(self.number("a number from 0 to 4,294,967,295")?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_u64(self.number("a number from 0 to 18,446,744,073,709,551,615")?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let is_number = self.value.is_instance_of::<PyFloat>() || self.value.is_instance_of::<PyInt>();
        if !is_number || self.value.is_instance_of::<PyBool>() {
            return Err(self.is_not("float"));
        }
        visitor.visit_f64(self.value.extract().map_err(|_| self.is_not("float"))?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let text = self.text()?;
        if self.place.is_exceeded_by(text.chars().count()) {
            // The text that says so may have all of it in it, and more than once.
            memory::look_for(text.len().saturating_mul(4))?;
            return Err(Failure::BROKEN);
        }
        memory::look_for(text.len())?;
        visitor.visit_str(text)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        // By their length, before anything is copied.
        if length_of(&self.value).is_some_and(|length| self.place.is_exceeded_by(length)) {
            return Err(Failure::BROKEN);
        }
        visitor.visit_byte_buf(bytes_of(&self.value).ok_or_else(|| self.is_not(BYTES))??)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        if self.shape != Type::Timestamp {
            return visitor.visit_newtype_struct(self);
        }
        let time = self.value.cast::<PyDateTime>().map_err(|_| self.is_not("datetime"))?;
        visitor.visit_newtype_struct(to_seconds(from_datetime(time)?).into_deserializer())
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let name = self.text()?;
        let index = names.iter().position(|known| *known == name).ok_or(Failure::BROKEN)?;
        visitor.visit_enum(u32::try_from(index).unwrap_or(u32::MAX).into_deserializer())
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let &Self { ref value, shape: Type::List(&shape), ref place } = &self else {
            return self.deserialize_any(visitor);
        };
        // Text and bytes are sequences too, but who gives one forgot the brackets.
        let is_one = value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyBytes>()
            || value.is_instance_of::<PyByteArray>();
        if is_one || value.cast::<PySequence>().is_err() {
            return Err(self.is_not("a sequence"));
        }
        visitor.visit_seq(Values(
            value
                .try_iter()?
                .enumerate()
                .map(|(index, value)| Ok(Given { value: value?, shape, place: Place::Item(place, index) })),
        ))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let dict = if let Ok(dict) = self.value.cast::<PyDict>() {
            dict.clone()
        } else {
            let mapping = self.value.cast::<PyMapping>().map_err(|_| self.is_not("a mapping"))?;
            self.value.py().get_type::<PyDict>().call1((mapping,))?.cast_into().map_err(PyErr::from)?
        };
        visitor.visit_map(Pairs { rest: dict.iter(), value: None, place: &self.place })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let &Self { ref value, shape: Type::Structure(structure), ref place } = &self else {
            return self.deserialize_any(visitor);
        };
        let Structure { name, members, .. } = structure;
        if !class(value.py(), name)?.is_class_of(value)? {
            return Err(self.is_not(name));
        }
        visitor.visit_seq(Values(members.iter().map(|member| {
            Ok(Given { value: value.getattr(member.name)?, shape: member.shape, place: Place::Member(place, member) })
        })))
    }

    forward_to_deserialize_any! {
        i8 i16 i64 u8 f32 char str bytes unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The items of a list, or the members of a structure.
struct Values<I>(I);

impl<'de, 'a, 'py: 'a, I: Iterator<Item = PyResult<Given<'a, 'py>>>> SeqAccess<'de> for Values<I> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        match self.0.next().transpose()? {
            // Left out: it has a default, if only that of being none.
            Some(Given { value, place: Place::Argument(member), .. }) if !member.required && value.is_none() => {
                Ok(None)
            }
            given => given.map(|given| seed.deserialize(given)).transpose(),
        }
    }
}

/// The pairs of a map of text by text.
struct Pairs<'a, 'py> {
    rest: BoundDictIterator<'py>,
    value: Option<Bound<'py, PyAny>>,
    place: &'a Place<'a>,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_> {
    type Error = Failure;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(Given { value: name, shape: Type::String, place: Place::Name(self.place) }).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Failure> {
        let value = self.value.take().ok_or_else(|| Failure::custom("a value comes after its name"))?;
        seed.deserialize(Given { value, shape: Type::String, place: Place::Value(self.place) })
    }
}
