//! Where in a request a value stands, for errors.

use pocketkms::shape::Member;
use std::fmt;

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
    /// The member that it is, or that it is in.
    pub(super) fn member(&self) -> &'static Member {
        match self {
            Self::Argument(member) | Self::Member(_, member) => member,
            Self::Item(outer, _) | Self::Name(outer) | Self::Value(outer) => outer.member(),
        }
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
