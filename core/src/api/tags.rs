//! Tags: pairs of text that label KMS keys.

use super::limits::{KEY_ID, MARKER, TAG_KEY};
use crate::shape::{Limits, structures};
use alloc::{string::String, vec::Vec};

structures! {
    /// A tag. Not for secrets: it may show up in logs.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Tag {
        /// The tag key, 1 to 128 characters.
        pub tag_key: required(String) limits(TAG_KEY),
        /// The tag value, up to 256 characters; it may be empty.
        pub tag_value: required(String) limits(Limits::length(0, 256)),
    }

    /// The request of `TagResource`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct TagResourceRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The tags, each tag key at most once. A tag key that the KMS key has already gets the new value.
        pub tags: required(Vec<Tag>),
    }

    /// The request of `UntagResource`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct UntagResourceRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The tag keys to remove. One that the KMS key does not have is no error.
        pub tag_keys: required(Vec<String>) limits(Limits::NONE.each(&TAG_KEY)),
    }

    /// The request of `ListResourceTags`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListResourceTagsRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The most tags to return, 1 to 50; 50 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 50)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
    }

    /// The response of `ListResourceTags`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListResourceTagsResponse {
        /// The tags.
        pub tags: required(Vec<Tag>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more tags.
        pub truncated: required(bool),
    }
}
