//! A value as its description has it: what every writer sees, whether it makes JSON, JavaScript, Python or an audit event, so that
//! none is written once per type.

use super::{Enumeration, Limits, Place, Shape, Structure, Type, Violations};
use crate::{
    clock::Timestamp,
    secret::{Secret, SecretText},
};
use alloc::vec::Vec;

/// A value, borrowed from where it is.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing: a member that is left out, or what an operation answers that answers nothing.
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
    /// Of [`Type::String`].
    Text(&'a str),
    /// Of [`Type::SecretText`].
    SecretText(&'a SecretText),
    /// Of [`Type::Bytes`].
    Bytes(&'a [u8]),
    /// Of [`Type::Secret`].
    Secret(&'a Secret),
    /// Bytes that were not copied, as [`Given`](super::Given) has them.
    TooManyBytes(usize),
    /// Of [`Type::Enumeration`]: its name.
    Name(&'static str),
    /// Of [`Type::Map`].
    Map(&'a dyn Pairs),
    /// Of [`Type::List`].
    List(&'a dyn Items),
    /// Of [`Type::Structure`].
    Structure(&'a dyn Members),
}

/// The values of a list.
pub trait Items {
    /// How many there are.
    fn count(&self) -> usize;

    /// Shows each, in order.
    fn each(&self, show: &mut dyn FnMut(Value<'_>));
}

/// The names and values of a map.
pub trait Pairs {
    /// Shows each, with the value where there is one: in what came in it may be missing.
    fn each(&self, show: &mut dyn FnMut(&str, Option<&str>));
}

/// The values of a structure.
pub trait Members {
    /// Its description.
    fn structure(&self) -> &'static Structure;

    /// Shows each member's, in the order of the description. What is flattened is shown as nothing.
    fn each(&self, show: &mut dyn FnMut(Value<'_>));
}

impl<T: Shape> Items for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn each(&self, show: &mut dyn FnMut(Value<'_>)) {
        for item in self {
            show(item.value());
        }
    }
}

impl Value<'_> {
    /// Collects what the value breaks of its limits.
    pub(crate) fn check(self, shape: Type, limits: &Limits, place: &Place<'_>, violations: &mut Violations) {
        match self {
            Self::Integer(number) => violations.number(place, limits, number),
            Self::Text(text) => match shape {
                Type::Enumeration(allowed) => one_of(allowed, text, place, violations),
                _ => violations.text(place, limits, text),
            },
            Self::SecretText(text) => violations.secret_text(place, limits, text.expose()),
            Self::Bytes(bytes) => violations.length(place, limits, bytes.len()),
            Self::Secret(secret) => violations.length(place, limits, secret.len()),
            Self::TooManyBytes(length) => violations.length(place, limits, length),
            Self::Map(pairs) => {
                let mut size = 0_usize;
                pairs.each(&mut |name, value| match value {
                    Some(value) => size = size.saturating_add(name.len()).saturating_add(value.len()),
                    None => violations.hidden(place, "Map value must satisfy constraint: [Member must not be null]"),
                });
                violations.context(place, size);
            }
            Self::List(items) => {
                violations.length(place, limits, items.count());
                let (item, each) = (shape.item(), limits.items.unwrap_or(&Limits::NONE));
                let mut index = 0;
                items.each(&mut |value| {
                    let place = Place::Item(place, index);
                    match value {
                        Value::Nothing => violations.missing(&place),
                        value => value.check(item, each, &place, violations),
                    }
                    index += 1;
                });
            }
            Self::Structure(members) => {
                let mut described = members.structure().members.iter();
                members.each(&mut |value| {
                    let Some(member) = described.next() else { return };
                    let place = Place::Member(place, member);
                    match value {
                        Value::Nothing if member.required => violations.missing(&place),
                        value => value.check(member.shape, &member.limits, &place, violations),
                    }
                });
            }
            // A name is one of the type's own.
            Self::Nothing
            | Self::Boolean(_)
            | Self::Unsigned(_)
            | Self::Seconds(_)
            | Self::Timestamp(_)
            | Self::Name(_) => {}
        }
    }
}

/// A name that came in as text.
fn one_of(allowed: &Enumeration, name: &str, place: &Place<'_>, violations: &mut Violations) {
    if !allowed.values.iter().any(|(value, _)| *value == name) {
        violations.name(place, name, allowed);
    }
}
