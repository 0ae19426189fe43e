//! One definition of each request and response, from which every binding makes its own types.
//!
//! `structures!` and `enumerations!` define a type once and derive what each interface needs: a [`Type`] that describes it,
//! documentation included; a [`Value`] that whoever writes it sees, and a way to read it from what was [`Given`], so that JSON,
//! JavaScript, Python and the audit trail have one writer and one reader each and not one per type; and UniFFI's traits behind the
//! feature `uniffi`. The TypeScript and Python types are generated from the description, and a test holds it against the service
//! model of AWS.

pub(crate) mod bytes;
mod given;
mod limits;
mod names;
mod settings;
mod value;

pub use given::{Given, GivenMembers, check_given, read};
pub use limits::{Limits, MAX_CONTEXT_BYTES, Pattern};
pub(crate) use limits::{Place, Violations};
pub(crate) use names::read_name;
pub(crate) use settings::settings;
pub use value::{Items, Members, Pairs, Value};

use crate::{
    clock::Timestamp,
    error::Result,
    secret::{Secret, SecretText},
};
use alloc::{string::String, vec::Vec};

/// What a value is, described for the generators of the bindings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    /// No value: the response of an operation that answers nothing.
    Unit,
    /// `true` or `false`.
    Boolean,
    /// A number that fits in 32 bits.
    Integer,
    /// A number from 0 to this one.
    Unsigned(u64),
    /// UTF-8 text.
    String,
    /// A length of time in seconds, which may have a fraction.
    Seconds,
    /// A point in time.
    Timestamp,
    /// Bytes that are no secret: a ciphertext.
    Bytes,
    /// Bytes that are: a plaintext, a data key.
    Secret,
    /// Text that is: a recovery key.
    SecretText,
    /// An encryption context: text by text.
    Map,
    /// So many of another type.
    List(&'static Type),
    /// One of a list of names.
    Enumeration(&'static Enumeration),
    /// Named members.
    Structure(&'static Structure),
}

impl Type {
    /// The type of a list's items.
    #[must_use]
    pub const fn item(self) -> Self {
        match self {
            Self::List(item) => *item,
            _ => Self::Unit,
        }
    }
}

/// The description of a request, a response or a part of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Structure {
    /// Its name in AWS's service model.
    pub name: &'static str,
    /// Its documentation, in Markdown.
    pub doc: &'static str,
    /// Its members, in the order of the service model.
    pub members: &'static [Member],
}

impl Structure {
    /// Its members as languages with named arguments have them: those of a flattened structure stand among its own. What is of
    /// use for streams alone is left out where it is not for one.
    pub fn offered(&self, streams: bool) -> impl Iterator<Item = &'static Member> + use<> {
        self.members
            .iter()
            .flat_map(|member| match member.shape {
                Type::Structure(inner) if member.flattened => inner.members,
                _ => core::slice::from_ref(member),
            })
            .filter(move |member| streams || !member.of_streams)
    }
}

/// A member of a [`Structure`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// Its name in Rust's casing, `key_id`.
    pub name: &'static str,
    /// Its name on the wire, `KeyId`; empty where a binding describes it, of which nothing goes over the wire.
    pub wire: &'static str,
    /// Its documentation, in Markdown.
    pub doc: &'static str,
    /// Whether it is always there.
    pub required: bool,
    /// Whether it is a structure whose members stand among those around it, where a language has named arguments.
    pub flattened: bool,
    /// Whether it is of use for streams alone.
    pub of_streams: bool,
    /// Its type.
    pub shape: Type,
    /// The value that it has where it is left out, as a literal; `None` where that is no value at all, or the empty one.
    pub preset: Option<&'static str>,
    /// What values it may have.
    pub limits: Limits,
}

impl Member {
    /// An optional member without limits, for what a binding describes itself.
    pub const fn optional(name: &'static str, shape: Type) -> Self {
        let (wire, doc, limits) = ("", "", Limits::NONE);
        Self { name, wire, doc, required: false, flattened: false, of_streams: false, shape, preset: None, limits }
    }

    /// Whether it is never shown where the structure is printed, nor compared.
    pub fn is_secret(&self) -> bool {
        matches!(self.shape, Type::Secret | Type::SecretText)
    }

    /// Its name in JavaScript, Swift and Kotlin, `keyId`.
    pub fn camel_name(&self) -> String {
        let (first, others) = self.name.split_once('_').unwrap_or((self.name, ""));
        first.chars().chain(others.split('_').flat_map(capitalised)).collect()
    }
}

fn capitalised(word: &str) -> impl Iterator<Item = char> {
    word.char_indices().map(|(at, letter)| if at == 0 { letter.to_ascii_uppercase() } else { letter })
}

/// The description of an enumeration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Enumeration {
    /// Its name in AWS's service model.
    pub name: &'static str,
    /// Its documentation, in Markdown.
    pub doc: &'static str,
    /// Its values as AWS writes them, each with its documentation.
    pub values: &'static [(&'static str, &'static str)],
}

/// A type that describes itself, is shown as its description has it, and read from it.
pub trait Shape: Sized {
    /// The description.
    const TYPE: Type;

    /// The value, for whoever writes it.
    fn value(&self) -> Value<'_>;

    /// The value that was given; `None` where it is not of the type: a required member is missing, or a name is none of an
    /// enumeration's.
    fn read(given: Given) -> Option<Self>;
}

/// Refuses a request that breaks limits of its description, and says which: all of them.
pub(crate) fn check<T: Shape>(request: &T) -> Result<()> {
    check_value(request.value(), T::TYPE)
}

pub(crate) fn check_value(value: Value<'_>, shape: Type) -> Result<()> {
    let mut violations = Violations::default();
    value.check(shape, &Limits::NONE, &Place::Request, &mut violations);
    violations.finish()
}

/// Describes types: `Rust => Type`, how a value of it is shown, and how it is read.
macro_rules! shape {
    ($($rust:ty => $shape:expr, |$value:ident| $shown:expr, $given:pat => $read:expr;)*) => { $(
        impl $crate::shape::Shape for $rust {
            const TYPE: $crate::shape::Type = $shape;

            fn value(&self) -> $crate::shape::Value<'_> {
                use $crate::shape::Value::*;
                let $value = self;
                $shown
            }

            fn read(given: $crate::shape::Given) -> Option<Self> {
                use $crate::shape::Given::*;
                match given {
                    $given => $read,
                    _ => None,
                }
            }
        }
    )* };
}
pub(crate) use shape;

shape! {
    () => Type::Unit, |_value| Nothing, Nothing => Some(());
    bool => Type::Boolean, |value| Boolean(*value), Boolean(value) => Some(value);
    i32 => Type::Integer, |value| Integer(*value), Integer(value) => Some(value);
    u8 => Type::Unsigned(u8::MAX as u64), |value| Unsigned((*value).into()), Unsigned(value) => value.try_into().ok();
    u16 => Type::Unsigned(u16::MAX as u64), |value| Unsigned((*value).into()), Unsigned(value) => value.try_into().ok();
    u32 => Type::Unsigned(u32::MAX as u64), |value| Unsigned((*value).into()), Unsigned(value) => value.try_into().ok();
    u64 => Type::Unsigned(u64::MAX), |value| Unsigned(*value), Unsigned(value) => Some(value);
    usize => Type::Unsigned(u64::MAX), |value| Unsigned(*value as u64), Unsigned(value) => value.try_into().ok();
    f64 => Type::Seconds, |value| Seconds(*value), Seconds(value) => Some(value);
    String => Type::String, |value| Text(value), Text(value) => Some(value);
    Timestamp => Type::Timestamp, |value| Timestamp(*value), Timestamp(value) => Some(value);
    Secret => Type::Secret, |value| Secret(value), Secret(value) => Some(value);
    SecretText => Type::SecretText, |value| SecretText(value), SecretText(value) => Some(value);
}

impl<T: Shape> Shape for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);

    fn value(&self) -> Value<'_> {
        Value::List(self)
    }

    fn read(given: Given) -> Option<Self> {
        match given {
            Given::List(items) => items.into_iter().map(T::read).collect(),
            _ => None,
        }
    }
}

/// What may be missing is described as if it could not.
impl<T: Shape> Shape for Option<T> {
    const TYPE: Type = T::TYPE;

    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Nothing, Shape::value)
    }

    fn read(given: Given) -> Option<Self> {
        match given {
            Given::Nothing => Some(None),
            given => T::read(given).map(Some),
        }
    }
}

/// Defines structures: of the service model, of options and of results.
///
/// Each member is `required(Type)` (always there), `optional(Type)` (an `Option`), `default(Type)` (may be left out, and has the
/// type's default then), `flattened(Type)` (options of another call that this one takes, too), or, for bytes in a plain vector,
/// `bytes(Vec<u8>)` or `optional_bytes(Vec<u8>)`. `as "Name"` gives the name on the wire where it is not the `PascalCase` of the Rust
/// name, `limits(LIMITS)` what values it may have. `for streams` says that it is of use there alone.
macro_rules! structures {
    ($(
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        pub struct $name:ident {
            $(
                $(#[doc = $member_doc:literal])*
                pub $member:ident: $(required($required:ty))? $(optional($optional:ty))? $(default($default:ty))?
                    $(flattened($flattened:ty))? $(bytes($bytes:ty))? $(optional_bytes($optional_bytes:ty))?
                    $(as $wire:literal)? $(limits($limits:expr))? $(for $streams:ident)?,
            )*
        }
    )*) => { $(
        $(#[doc = $doc])*
        $(#[derive($($derive),*)])?
        #[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
        pub struct $name {
            $(
                $(#[doc = $member_doc])*
                $(
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: Option<$optional>,
                )?
                $(pub $member: $required,)?
                $(
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: $default,
                )?
                // A binding reads it beside the rest.
                $(
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: $flattened,
                )?
                $(pub $member: $bytes,)?
                $(
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: Option<$optional_bytes>,
                )?
            )*
        }

        impl $name {
            const STRUCTURE: &'static $crate::shape::Structure = &$crate::shape::Structure {
                name: stringify!($name),
                doc: concat!($($doc, "\n",)* ""),
                members: &[$($crate::shape::Member {
                    name: stringify!($member),
                    wire: $crate::shape::wire_name!($member $($wire)?),
                    doc: concat!($($member_doc, "\n",)* ""),
                    required: $crate::shape::first(&[$(stringify!($required))? $(stringify!($bytes))?]).is_some(),
                    flattened: $crate::shape::first(&[$(stringify!($flattened))?]).is_some(),
                    of_streams: $crate::shape::first(&[$(stringify!($streams))?]).is_some(),
                    shape: $(<$required as $crate::shape::Shape>::TYPE)? $(<$optional as $crate::shape::Shape>::TYPE)?
                        $(<$default as $crate::shape::Shape>::TYPE)? $(<$flattened as $crate::shape::Shape>::TYPE)?
                        $(<$bytes as $crate::shape::bytes::Plain>::TYPE)?
                        $(<$optional_bytes as $crate::shape::bytes::Plain>::TYPE)?,
                    preset: None,
                    limits: $crate::shape::Limits::given(&[$($limits)?]),
                },)*],
            };
        }

        $crate::members! {
            $name,
            given => {
                $($crate::shape::read_member!(
                    given, $member $(required $required)? $(optional $optional)? $(default $default)?
                    $(flattened $flattened)? $(bytes $bytes)? $(optional_bytes $optional_bytes)?
                );)*
                Self { $($member,)* }
            },
            value => [$($crate::shape::member_value!(
                value.$member, $(required $required)? $(optional $optional)? $(default $default)?
                $(flattened $flattened)? $(bytes $bytes)? $(optional_bytes $optional_bytes)?
            ),)*]
        }
    )* };
}
pub(crate) use structures;

/// The name of a member on the wire: what is given, or the `PascalCase` of its Rust name.
macro_rules! wire_name {
    ($member:ident $wire:literal) => {
        $wire
    };
    ($member:ident) => {{
        const NAME: &str = stringify!($member);
        const PASCAL: [u8; $crate::shape::pascal_length(NAME)] = $crate::shape::pascal_case(NAME);
        match core::str::from_utf8(&PASCAL) {
            Ok(name) => name,
            Err(_) => NAME,
        }
    }};
}
pub(crate) use wire_name;

/// How long a name in `snake_case` is in `PascalCase`.
pub(crate) const fn pascal_length(name: &str) -> usize {
    let (mut rest, mut length) = (name.as_bytes(), 0);
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'_' {
            length += 1;
        }
    }
    length
}

/// A name in `snake_case` as it is in `PascalCase`.
pub(crate) const fn pascal_case<const N: usize>(name: &str) -> [u8; N] {
    let (mut rest, mut pascal, mut length, mut begins) = (name.as_bytes(), [0; N], 0, true);
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'_' {
            begins = true;
        } else {
            if let Some(place) = pascal.split_at_mut(length).1.first_mut() {
                *place = if begins { first.to_ascii_uppercase() } else { *first };
            }
            length += 1;
            begins = false;
        }
    }
    pascal
}

/// The first of none or one: how `structures!` turns what may be missing into an `Option`.
pub(crate) const fn first(list: &[&'static str]) -> Option<&'static str> {
    list.first().copied()
}

/// Has a structure read and shown by its members: how it is made of those that were `given`, and how each of its own is shown. Its
/// description is `STRUCTURE`.
#[doc(hidden)]
#[macro_export]
macro_rules! members {
    ($name:ident, $given:ident => $read:expr, $value:ident => [$($shown:expr,)*]) => {
        impl $crate::shape::Shape for $name {
            const TYPE: $crate::shape::Type = $crate::shape::Type::Structure(Self::STRUCTURE);

            fn value(&self) -> $crate::shape::Value<'_> {
                $crate::shape::Value::Structure(self)
            }

            fn read(given: $crate::shape::Given) -> Option<Self> {
                let mut $given = given.members()?;
                Some($read)
            }
        }

        impl $crate::shape::Members for $name {
            fn structure(&self) -> &'static $crate::shape::Structure {
                Self::STRUCTURE
            }

            fn each(&self, show: &mut dyn FnMut($crate::shape::Value<'_>)) {
                let $value = self;
                $(show($shown);)*
            }
        }
    };
}

/// Defines a structure of arguments that may all be left out: for bindings, which describe what they take themselves.
///
/// `pub struct Name as "documentation" { "documentation" pub argument: Type, }`; `called "Name"` gives it another name for users.
#[doc(hidden)]
#[macro_export]
macro_rules! optional_arguments {
    (@name $name:ident $called:literal) => { $called };
    (@name $name:ident) => { stringify!($name) };
    ($(
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident as $doc:literal $(called $called:literal)? {
            $($argument_doc:literal $member_visibility:vis $argument:ident: $type:ty,)*
        }
    )*) => { $(
        $(#[$attribute])*
        #[doc = $doc]
        $visibility struct $name {
            $(#[doc = $argument_doc] $member_visibility $argument: Option<$type>,)*
        }

        impl $name {
            const STRUCTURE: &'static $crate::shape::Structure = &$crate::shape::Structure {
                name: $crate::optional_arguments!(@name $name $($called)?),
                doc: $doc,
                members: &[$($crate::shape::Member {
                    doc: $argument_doc,
                    ..$crate::shape::Member::optional(stringify!($argument), <$type as $crate::shape::Shape>::TYPE)
                },)*],
            };
        }

        $crate::members! {
            $name,
            given => Self { $($argument: given.read()?,)* },
            value => [$($crate::shape::Shape::value(&value.$argument),)*]
        }
    )* };
}

/// Reads a member of a structure.
macro_rules! read_member {
    ($members:ident, $member:ident flattened $type:ty) => {
        $members.take();
        let $member = <$type>::default();
    };
    ($members:ident, $member:ident default $type:ty) => {
        let $member = $members.read_or_default()?;
    };
    ($members:ident, $member:ident bytes $type:ty) => {
        let $member = $crate::shape::bytes::read($members.take()?)?;
    };
    ($members:ident, $member:ident optional_bytes $type:ty) => {
        let $member = match $members.take()? {
            $crate::shape::Given::Nothing => None,
            given => Some($crate::shape::bytes::read(given)?),
        };
    };
    ($members:ident, $member:ident $kind:ident $type:ty) => {
        let $member = $members.read()?;
    };
}
pub(crate) use read_member;

/// Shows a member of a structure.
macro_rules! member_value {
    ($member:expr, flattened $type:ty) => {
        $crate::shape::Value::Nothing
    };
    ($member:expr, bytes $type:ty) => {
        $crate::shape::Value::Bytes(&$member)
    };
    ($member:expr, optional_bytes $type:ty) => {
        $member.as_deref().map_or($crate::shape::Value::Nothing, $crate::shape::Value::Bytes)
    };
    ($member:expr, $kind:ident $type:ty) => {
        $crate::shape::Shape::value(&$member)
    };
}
pub(crate) use member_value;

/// Defines enumerations of the service model: `Variant = "AWS_NAME"`.
macro_rules! enumerations {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $value_doc:literal])* $variant:ident = $value:literal,)*
        }
    )*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        pub enum $name {
            $($(#[doc = $value_doc])* $variant,)*
        }

        impl $name {
            /// Every value, in the order of the service model.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that AWS uses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $value,)* }
            }

            /// The value of that name.
            fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// In records, by its name.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::shape::read_name(deserializer, Self::named)
            }
        }

        impl $crate::shape::Shape for $name {
            const TYPE: $crate::shape::Type = $crate::shape::Type::Enumeration(&$crate::shape::Enumeration {
                name: stringify!($name),
                doc: concat!($($doc, "\n",)* ""),
                values: &[$(($value, concat!($($value_doc, "\n",)* "")),)*],
            });

            fn value(&self) -> $crate::shape::Value<'_> {
                $crate::shape::Value::Name(self.as_str())
            }

            fn read(given: $crate::shape::Given) -> Option<Self> {
                match given {
                    $crate::shape::Given::Text(name) => Self::named(&name),
                    _ => None,
                }
            }
        }
    )* };
}
pub(crate) use enumerations;
