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

        impl $crate::shape::Shape for $name {
            const TYPE: $crate::shape::Type = $crate::shape::Type::Structure(Self::STRUCTURE);

            fn value(&self) -> $crate::shape::Value<'_> {
                $crate::shape::Value::Structure(self)
            }

            fn read(given: $crate::shape::Given) -> Option<Self> {
                let mut members = given.members()?;
                Some(Self { $($member: members.read::<Option<$type>>()?.unwrap_or($value),)* })
            }
        }

        impl $crate::shape::Members for $name {
            fn structure(&self) -> &'static $crate::shape::Structure {
                Self::STRUCTURE
            }

            fn each(&self, show: &mut dyn FnMut($crate::shape::Value<'_>)) {
                $(show($crate::shape::Shape::value(&self.$member));)*
            }
        }
    )* };
}
pub(crate) use settings;
