//! Structures of settings, each of which has a value where nothing is said.

/// Defines structures of settings: `name: Type = value`. A binding shows the values, and takes them for what is left out.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $($(#[doc = $member_doc:literal])* pub $member:ident: $type:ty = $value:literal,)*
        }
    )*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
        pub struct $name {
            $(
                $(#[doc = $member_doc])*
                #[cfg_attr(feature = "uniffi", uniffi(default = $value))]
                pub $member: $type,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($member: $value,)* }
            }
        }

        impl $name {
            const STRUCTURE: &'static $crate::shape::Structure = &$crate::shape::Structure {
                name: stringify!($name),
                doc: concat!($($doc, "\n",)* ""),
                members: &[$($crate::shape::Member {
                    doc: concat!($($member_doc, "\n",)* ""),
                    preset: Some(stringify!($value)),
                    ..$crate::shape::Member::optional(stringify!($member), <$type as $crate::shape::Shape>::TYPE)
                },)*],
            };
        }

        $crate::members! {
            $name,
            given => Self { $($member: given.read::<Option<$type>>()?.unwrap_or($value),)* },
            value => [$($crate::shape::Shape::value(&value.$member),)*]
        }
    )* };
}
pub(crate) use settings;
