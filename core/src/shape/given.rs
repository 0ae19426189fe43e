//! A value on its way in: what every reader makes, whether from JSON, JavaScript or Python, and every type is read from.

use super::{
    Shape, Structure, Type, check_value,
    value::{Items, Members, Pairs, Value},
};
use crate::{
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretText},
};
use alloc::{
    string::String,
    vec::{self, Vec},
};

/// A value as a reader found it, held against its [`Type`] so far that it has that form. It may still lack members that are required,
/// and break limits: [`check_given`] says which.
pub enum Given {
    /// Nothing: a member that was left out.
    Nothing,
    /// Of [`Type::Boolean`].
    Boolean(bool),
    /// Of [`Type::Integer`].
    Integer(i32),
    /// Of [`Type::Unsigned`].
    Unsigned(u64),
    /// Of [`Type::Seconds`].
    Seconds(f64),
    /// Of [`Type::Timestamp`].
    Timestamp(Timestamp),
    /// Of [`Type::String`], or of [`Type::Enumeration`], whether or not it has such a name.
    Text(String),
    /// Of [`Type::SecretText`].
    SecretText(SecretText),
    /// Of [`Type::Bytes`].
    Bytes(Vec<u8>),
    /// Of [`Type::Secret`].
    Secret(Secret),
    /// Of [`Type::Bytes`] or [`Type::Secret`]: so many that they were not copied.
    TooManyBytes(usize),
    /// Of [`Type::Map`].
    Map(Vec<(String, Option<String>)>),
    /// Of [`Type::List`]. Nothing is no item.
    List(Vec<Self>),
    /// Of [`Type::Structure`]: its members, in the order of the description.
    Structure(&'static Structure, Vec<Self>),
}

/// The members of a structure, to be read one after the other.
pub struct GivenMembers(vec::IntoIter<Given>);

impl GivenMembers {
    /// The next member's value, as the type wants it; `None` if that is not what it is.
    pub fn read<T: Shape>(&mut self) -> Option<T> {
        T::read(self.take()?)
    }

    /// The next member's value, as it was given: to be read otherwise, or passed over.
    pub fn take(&mut self) -> Option<Given> {
        self.0.next()
    }

    /// The same; what was left out has the type's default.
    pub fn read_or_default<T: Shape + Default>(&mut self) -> Option<T> {
        match self.take()? {
            Given::Nothing => Some(T::default()),
            given => T::read(given),
        }
    }
}

impl Given {
    /// The members of a structure, if it is one.
    pub fn members(self) -> Option<GivenMembers> {
        match self {
            Self::Structure(_, members) => Some(GivenMembers(members.into_iter())),
            _ => None,
        }
    }

    /// Whether all that is required is there, and names are those of their enumerations.
    fn is_whole(&self, shape: Type) -> bool {
        match (self, shape) {
            (Self::TooManyBytes(_), _) => false,
            (Self::Text(name), Type::Enumeration(allowed)) => allowed.values.iter().any(|(value, _)| value == name),
            (Self::List(items), Type::List(item)) => items.iter().all(|given| given.is_whole(*item)),
            (Self::Structure(structure, members), _) => structure.members.iter().zip(members).all(|(member, given)| {
                if matches!(given, Self::Nothing) { !member.required } else { given.is_whole(member.shape) }
            }),
            _ => true,
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Nothing => Value::Nothing,
            Self::Boolean(boolean) => Value::Boolean(*boolean),
            Self::Integer(number) => Value::Integer(*number),
            Self::Unsigned(number) => Value::Unsigned(*number),
            Self::Seconds(seconds) => Value::Seconds(*seconds),
            Self::Timestamp(time) => Value::Timestamp(*time),
            Self::Text(text) => Value::Text(text),
            Self::SecretText(text) => Value::SecretText(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Secret(secret) => Value::Secret(secret),
            Self::TooManyBytes(length) => Value::TooManyBytes(*length),
            Self::Map(pairs) => Value::Map(pairs),
            Self::List(items) => Value::List(items),
            Self::Structure(..) => Value::Structure(self),
        }
    }
}

impl Items for Vec<Given> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each(&self, show: &mut dyn FnMut(Value<'_>)) {
        for item in self {
            show(item.value());
        }
    }
}

impl Pairs for Vec<(String, Option<String>)> {
    fn each(&self, show: &mut dyn FnMut(&str, Option<&str>)) {
        for (name, value) in self {
            show(name, value.as_deref());
        }
    }
}

impl Members for Given {
    fn structure(&self) -> &'static Structure {
        match self {
            Self::Structure(structure, _) => structure,
            _ => &Structure { name: "", doc: "", members: &[] },
        }
    }

    fn each(&self, show: &mut dyn FnMut(Value<'_>)) {
        if let Self::Structure(_, members) = self {
            Items::each(members, show);
        }
    }
}

/// Reads a type from what was given. Where it lacks what the type needs, the error says all that it breaks; what can be read is
/// checked when it is carried out.
pub fn read<T: Shape>(given: Given) -> Result<T> {
    if !given.is_whole(T::TYPE) {
        check_given(&given, T::TYPE)?;
    }
    T::read(given).ok_or_else(|| Error::new(ErrorKind::Validation, "a value is not of its type"))
}

/// Refuses a value that breaks limits of its description, and says which: all of them. For readers, where a type could not be read
/// from it; a request that could be read is checked when it is carried out.
pub fn check_given(given: &Given, shape: Type) -> Result<()> {
    check_value(given.value(), shape)
}
