//! Where in a request a value stands, for errors.

use pocketkms::shape::{Limits, Member};
use std::fmt;

/// How many bytes a request over the wire has at most.
const LONGEST_REQUEST: usize = 1 << 20;

/// Made on the way down and only read when something is wrong.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// A member of the request: an argument of the method.
    Argument(&'static Member),
    /// A member of a structure.
    Member(&'a Place<'a>, &'static Member),
    /// An item of a list.
    Item(&'a Place<'a>, usize),
    /// A name in a map.
    Name(&'a Place<'a>),
    /// A value in a map.
    Value(&'a Place<'a>),
}

impl Place<'_> {
    /// The limits of the value there.
    fn limits(&self) -> Option<&Limits> {
        match self {
            Self::Argument(member) | Self::Member(_, member) => Some(&member.limits),
            Self::Item(list, _) => list.limits()?.items,
            Self::Name(_) | Self::Value(_) => None,
        }
    }

    /// Whether a value of that length is refused before it is copied: it is longer than the service model allows, and than any request
    /// may be. What is shorter the core refuses, which knows more to say of it.
    pub(super) fn is_exceeded_by(&self, length: usize) -> bool {
        let greatest = self.limits().and_then(|limits| limits.length).map(|(_, greatest)| greatest);
        length > LONGEST_REQUEST && greatest.is_some_and(|greatest| length > greatest)
    }
}

/// As Python writes it: `tags[0].tag_key`.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(member) => f.write_str(member.name),
            Self::Member(structure, member) => write!(f, "{structure}.{}", member.name),
            Self::Item(list, index) => write!(f, "{list}[{index}]"),
            Self::Name(map) => write!(f, "{map}: a name"),
            Self::Value(map) => write!(f, "{map}: a value"),
        }
    }
}
