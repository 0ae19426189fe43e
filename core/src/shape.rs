//! One definition of each request and response, from which every binding makes its own types.
//!
//! `structures!` and `enumerations!` define a type once and derive what each interface needs: serde with the names of
//! AWS's JSON protocol, UniFFI's traits behind the feature `uniffi`, and a [`Type`] that describes it, documentation
//! included. The TypeScript and Python types are generated from that description, and a test holds it against the
//! service model of AWS.

pub(crate) mod bytes;
mod given;
mod limits;
mod settings;

pub use given::{Given, check_given};
pub use limits::{Limits, MAX_CONTEXT_BYTES, Pattern};
pub(crate) use limits::{Place, Violations};
pub(crate) use settings::settings;

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
    /// Its name on the wire where that is not the `PascalCase` of `name`.
    pub wire: Option<&'static str>,
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
        let (wire, doc, limits) = (None, "", Limits::NONE);
        Self { name, wire, doc, required: false, flattened: false, of_streams: false, shape, preset: None, limits }
    }

    /// Whether it is never shown where the structure is printed, nor compared.
    pub fn is_secret(&self) -> bool {
        matches!(self.shape, Type::Secret | Type::SecretText)
    }

    /// Whether this is its name on the wire.
    pub fn has_wire_name(&self, name: &str) -> bool {
        match self.wire {
            Some(wire) => wire == name,
            None => self.name.split('_').flat_map(capitalised).eq(name.chars()),
        }
    }

    /// Its name on the wire, `KeyId`.
    pub fn wire_name(&self) -> String {
        self.wire.map_or_else(|| self.name.split('_').flat_map(capitalised).collect(), String::from)
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

/// A type that describes itself.
pub trait Shape {
    /// The description.
    const TYPE: Type;

    /// Collects what this value breaks of the limits in the description.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "the types described are a closed set")]
    fn check(&self, _limits: &Limits, _place: &Place<'_>, _violations: &mut Violations) {}
}

/// Refuses a request that breaks limits of its description, and says which: all of them.
pub(crate) fn check(request: &impl Shape) -> Result<()> {
    let mut violations = Violations::default();
    request.check(&Limits::NONE, &Place::Request, &mut violations);
    violations.finish()
}

/// Describes types: `Rust => Type`, and what a value of it is to [`Violations`].
macro_rules! shape {
    ($($rust:ty => $shape:expr $(, |$value:ident| $check:ident($actual:expr))?;)*) => { $(
        impl $crate::shape::Shape for $rust {
            const TYPE: $crate::shape::Type = $shape;

            $(
                #[allow(private_interfaces, reason = "the types described are a closed set")]
                fn check(
                    &self,
                    limits: &$crate::shape::Limits,
                    place: &$crate::shape::Place<'_>,
                    violations: &mut $crate::shape::Violations,
                ) {
                    let $value = self;
                    violations.$check(place, limits, $actual);
                }
            )?
        }
    )* };
}
pub(crate) use shape;

shape! {
    () => Type::Unit;
    bool => Type::Boolean;
    i32 => Type::Integer, |number| number(*number);
    u8 => Type::Unsigned(u8::MAX as u64);
    u16 => Type::Unsigned(u16::MAX as u64);
    u32 => Type::Unsigned(u32::MAX as u64);
    u64 => Type::Unsigned(u64::MAX);
    usize => Type::Unsigned(u64::MAX);
    f64 => Type::Seconds;
    String => Type::String, |text| text(text);
    Timestamp => Type::Timestamp;
    Secret => Type::Secret, |secret| length(secret.len());
    SecretText => Type::SecretText, |secret| secret_text(secret.expose());
}

impl<T: Shape> Shape for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);

    #[allow(private_interfaces, reason = "the types described are a closed set")]
    fn check(&self, limits: &Limits, place: &Place<'_>, violations: &mut Violations) {
        violations.length(place, limits, self.len());
        let each = limits.items.unwrap_or(&Limits::NONE);
        self.iter().enumerate().for_each(|(index, item)| item.check(each, &Place::Item(place, index), violations));
    }
}

/// What may be missing is described as if it could not.
impl<T: Shape> Shape for Option<T> {
    const TYPE: Type = T::TYPE;

    #[allow(private_interfaces, reason = "the types described are a closed set")]
    fn check(&self, limits: &Limits, place: &Place<'_>, violations: &mut Violations) {
        if let Some(value) = self {
            value.check(limits, place, violations);
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
        #[derive(serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
        #[serde(rename_all = "PascalCase")]
        pub struct $name {
            $(
                $(#[doc = $member_doc])*
                $(#[serde(rename = $wire)])?
                $(
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: Option<$optional>,
                )?
                $(pub $member: $required,)?
                $(
                    #[serde(default)]
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: $default,
                )?
                // A binding reads it beside the rest: serde would guess the types of what it flattens.
                $(
                    #[serde(skip)]
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: $flattened,
                )?
                $(
                    #[serde(with = "crate::shape::bytes")]
                    pub $member: $bytes,
                )?
                $(
                    #[serde(default, with = "crate::shape::bytes::optional", skip_serializing_if = "Option::is_none")]
                    #[cfg_attr(feature = "uniffi", uniffi(default))]
                    pub $member: Option<$optional_bytes>,
                )?
            )*
        }

        impl $crate::shape::Shape for $name {
            const TYPE: $crate::shape::Type = $crate::shape::Type::Structure(&$crate::shape::Structure {
                name: stringify!($name),
                doc: concat!($($doc, "\n",)* ""),
                members: &[$($crate::shape::Member {
                    name: stringify!($member),
                    wire: $crate::shape::first(&[$($wire)?]),
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
            });

            #[allow(private_interfaces, reason = "the types described are a closed set")]
            fn check(
                &self,
                _: &$crate::shape::Limits,
                place: &$crate::shape::Place<'_>,
                violations: &mut $crate::shape::Violations,
            ) {
                let $crate::shape::Type::Structure(structure) = Self::TYPE else { return };
                let mut members = structure.members.iter();
                $(if let Some(member) = members.next() {
                    let place = $crate::shape::Place::Member(place, member);
                    $crate::shape::Shape::check(&self.$member, &member.limits, &place, violations);
                })*
            }
        }
    )* };
}
pub(crate) use structures;

/// The first of none or one: how `structures!` turns what may be missing into an `Option`.
pub(crate) const fn first(list: &[&'static str]) -> Option<&'static str> {
    list.first().copied()
}

/// Defines enumerations of the service model: `Variant = "AWS_NAME"`.
macro_rules! enumerations {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $value_doc:literal])* $variant:ident = $value:literal,)*
        }
    )*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        pub enum $name {
            $($(#[doc = $value_doc])* #[serde(rename = $value)] $variant,)*
        }

        impl $name {
            /// Every value, in the order of the service model.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that AWS uses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $value,)* }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::shape::Shape for $name {
            const TYPE: $crate::shape::Type = $crate::shape::Type::Enumeration(&$crate::shape::Enumeration {
                name: stringify!($name),
                doc: concat!($($doc, "\n",)* ""),
                values: &[$(($value, concat!($($value_doc, "\n",)* "")),)*],
            });
        }
    )* };
}
pub(crate) use enumerations;
