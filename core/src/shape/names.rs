//! Names of enumerations in records, which are JSON.

use core::{fmt, marker::PhantomData};
use serde::{Deserializer, de::Error, de::Visitor};

/// The value whose name stands there.
pub(crate) fn read_name<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    named: fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Named(named, PhantomData))
}

struct Named<T>(fn(&str) -> Option<T>, PhantomData<T>);

impl<T> Visitor<'_> for Named<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name of the enumeration")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        (self.0)(name).ok_or_else(|| E::custom("no name of the enumeration"))
    }
}
