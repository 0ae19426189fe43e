//! Aliases: friendly names that can move from one KMS key to another.

use super::limits::{ALIAS_NAME, KEY_ID, MARKER};
use crate::{
    clock::Timestamp,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `CreateAlias`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CreateAliasRequest {
        /// The alias name: `alias/` and more, 1 to 256 letters, digits, `/`, `_` and `-`. Names that begin with
        /// `alias/aws/` are reserved.
        pub alias_name: required(String) limits(ALIAS_NAME),
        /// The KMS key that it names: a key id or key ARN in the same account and Region.
        pub target_key_id: required(String) limits(KEY_ID),
    }

    /// The request of `UpdateAlias`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct UpdateAliasRequest {
        /// The alias that moves, `alias/...`. Its name cannot be changed.
        pub alias_name: required(String) limits(ALIAS_NAME),
        /// The KMS key that it names from now on: a key id or key ARN in the same account and Region. The key must be of
        /// the same type (symmetric, asymmetric, HMAC) and usage as the one before.
        pub target_key_id: required(String) limits(KEY_ID),
    }

    /// The request of `DeleteAlias`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DeleteAliasRequest {
        /// The alias to delete, `alias/...`.
        pub alias_name: required(String) limits(ALIAS_NAME),
    }

    /// The request of `ListAliases`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListAliasesRequest {
        /// Lists the aliases of this KMS key only: its key id or key ARN. All of the account and Region by default.
        pub key_id: optional(String) limits(KEY_ID),
        /// The most aliases to return, 1 to 100; 50 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 100)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
    }

    /// The response of `ListAliases`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListAliasesResponse {
        /// The aliases.
        pub aliases: required(Vec<AliasListEntry>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more aliases.
        pub truncated: required(bool),
    }

    /// An alias in the response of `ListAliases`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AliasListEntry {
        /// The alias name, `alias/...`.
        pub alias_name: required(String),
        /// The alias ARN.
        pub alias_arn: required(String),
        /// The key id of the KMS key that it names. A predefined alias that has no key yet names none.
        pub target_key_id: optional(String),
        /// When the alias was created.
        pub creation_date: required(Timestamp),
        /// When the alias was last given a KMS key.
        pub last_updated_date: required(Timestamp),
    }
}
