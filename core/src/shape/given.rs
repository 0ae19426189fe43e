//! The constraints broken by a request that cannot be read as its type: a required member is missing, or a name is not in its
//! enumeration.

use super::{Enumeration, Limits, Member, Place, Type, Violations};
use crate::error::Result;
use alloc::{string::String, vec::Vec};
use zeroize::Zeroizing;

/// A value of a binding's language, before it is read. Each method returns `None` where the value is of another type: that is
/// a mistake in the program, which the binding reports in its own language's way.
pub trait Given: Sized {
    /// A text.
    fn text(&self) -> Option<String>;

    /// A number.
    fn number(&self) -> Option<i32>;

    /// How many bytes these are.
    fn length(&self) -> Option<usize>;

    /// The items of a list.
    fn items(&self) -> Option<Vec<Self>>;

    /// The names and values of an encryption context.
    fn pairs(&self) -> Option<Vec<(String, String)>>;

    /// A member of a structure, if it is given.
    fn member(&self, member: &Member) -> Option<Self>;
}

/// Refuses a request that breaks limits of its description, and says which: all of them. For bindings, where reading a
/// request has failed; one that could be read is checked when it is carried out.
pub fn check_given(request: &impl Given, shape: Type) -> Result<()> {
    let mut violations = Violations::default();
    collect(request, shape, &Limits::NONE, &Place::Request, &mut violations);
    violations.finish()
}

fn collect(given: &impl Given, shape: Type, limits: &Limits, place: &Place<'_>, violations: &mut Violations) {
    match shape {
        Type::Unit | Type::Boolean | Type::Seconds | Type::Timestamp | Type::Unsigned(_) => {}
        Type::Integer => given.number().into_iter().for_each(|number| violations.number(place, limits, number)),
        Type::String => given.text().iter().for_each(|text| violations.text(place, limits, text)),
        Type::SecretText => {
            if let Some(text) = given.text().map(Zeroizing::new) {
                violations.secret_text(place, limits, &text);
            }
        }
        Type::Bytes | Type::Secret => {
            given.length().into_iter().for_each(|length| violations.length(place, limits, length));
        }
        Type::Enumeration(allowed) => given.text().iter().for_each(|name| one_of(allowed, name, place, violations)),
        Type::Map => {
            if let Some(pairs) = given.pairs() {
                let sizes = pairs.iter().map(|(name, value)| name.len().saturating_add(value.len()));
                violations.context(place, sizes.fold(0, usize::saturating_add));
            }
        }
        Type::List(item) => {
            if let Some(items) = given.items() {
                violations.length(place, limits, items.len());
                let each = limits.items.unwrap_or(&Limits::NONE);
                for (index, given) in items.iter().enumerate() {
                    collect(given, *item, each, &Place::Item(place, index), violations);
                }
            }
        }
        Type::Structure(structure) => {
            for member in structure.offered(true) {
                let place = Place::Member(place, member);
                match given.member(member) {
                    Some(given) => collect(&given, member.shape, &member.limits, &place, violations),
                    None if member.required => violations.missing(&place),
                    None => {}
                }
            }
        }
    }
}

fn one_of(allowed: &Enumeration, name: &str, place: &Place<'_>, violations: &mut Violations) {
    if !allowed.values.iter().any(|(value, _)| *value == name) {
        violations.name(place, name, allowed);
    }
}
