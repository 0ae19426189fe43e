//! The types of members and responses, as Python's annotations say them.

use pocketkms::shape::{Member, Type};

/// Whether a value is one that the user gives or one that the user gets.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    /// The user's own types are taken as they are: any sequence, anything with bytes.
    In,
    /// What the native function makes. Nothing in it can be changed.
    Out,
}

/// The annotation of a member, `| None` included.
pub(super) fn of_member(member: &Member, direction: Direction) -> String {
    let optional = if member.required || member.preset.is_some() { "" } else { " | None" };
    of(member.shape, direction) + optional
}

/// The annotation of a type.
pub(super) fn of(shape: Type, direction: Direction) -> String {
    match (shape, direction) {
        (Type::Unit, _) => "None".to_owned(),
        (Type::Boolean, _) => "bool".to_owned(),
        (Type::Integer | Type::Unsigned(_), _) => "int".to_owned(),
        (Type::Seconds, _) => "float".to_owned(),
        (Type::String | Type::SecretText, _) => "str".to_owned(),
        (Type::Timestamp, _) => "datetime".to_owned(),
        (Type::Bytes | Type::Secret, Direction::In) => "ReadableBuffer".to_owned(),
        (Type::Bytes | Type::Secret, Direction::Out) => "bytes".to_owned(),
        (Type::Map, _) => "Mapping[str, str]".to_owned(),
        (Type::List(&item), Direction::In) => format!("Sequence[{}]", of(item, direction)),
        (Type::List(&item), Direction::Out) => format!("tuple[{}, ...]", of(item, direction)),
        (Type::Enumeration(enumeration), _) => enumeration.name.to_owned(),
        (Type::Structure(structure), _) => structure.name.to_owned(),
    }
}
