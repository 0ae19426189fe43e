//! Parcels: a multi-Region key on its way into another vault, which makes a replica of it.
//!
//! They are no operations of AWS KMS, where all Regions are one service's. The permissions are those of `ReplicateKey`.

use super::{
    Blob, KeyMetadata, Tag,
    limits::{DESCRIPTION, KEY_ID, MARKER, POLICY},
};
use crate::{
    clock::Timestamp,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

/// Hands the list of the methods of parcels to another macro, in the form of [`operations!`](crate::operations).
#[macro_export]
macro_rules! parcel_operations {
    ($callback:path) => {
        $callback! {
            (CreateParcelKey, create_parcel_key, "createParcelKey", CreateParcelKeyRequest, ParcelKeyMetadata,
                "Makes a parcel key in the vault that is to have a replica of a multi-Region key: what the vault of the primary key seals a \
                 parcel to. It is good for one parcel, within 24 hours. Its public part is no secret, but has to reach the other vault \
                 unaltered: anyone who exchanges it on the way gets the key.")
            (ListParcelKeys, list_parcel_keys, "listParcelKeys", ListParcelKeysRequest, ListParcelKeysResponse,
                "Lists the parcel keys of the caller's account and Region that no parcel was opened with yet, page by page.")
            (DeleteParcelKey, delete_parcel_key, "deleteParcelKey", DeleteParcelKeyRequest, DeleteParcelKeyResponse,
                "Deletes a parcel key, so that no parcel opens with it any more.")
            (SealParcel, seal_parcel, "sealParcel", SealParcelRequest, SealParcelResponse,
                "Seals a multi-Region primary key with all its key materials for another vault, which opens it with the parcel key that it \
                 gave. Of imported key material only the ids are in it. Needs the permission for `ReplicateKey`, in the Region of the \
                 replica.")
            (OpenParcel, open_parcel, "openParcel", OpenParcelRequest, OpenParcelResponse,
                "Opens a parcel, which makes a replica of the key in it in the caller's Region, or brings the replica that is there up to the \
                 primary key's latest rotation. The parcel key is gone then. Needs the permission for `CreateKey`; for a replica that is \
                 there, that for `ImportKeyMaterial`.")
        }
    };
}

/// The length of a fingerprint: 32 hexadecimal digits, and what may stand between them.
const FINGERPRINT: Limits = Limits::length(32, 64);

/// The longest that a parcel key is: with a Region of 32 letters.
const PARCEL_KEY: Limits = Limits::length(1, 1304);

structures! {
    /// The request to make a parcel key.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CreateParcelKeyRequest {
        /// The multi-Region primary key in the other vault: its key ARN, or its key id if it is of the caller's account, as it has to be. It
        /// must be in another Region than the caller's, of the same partition.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// What is known of a parcel key.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ParcelKeyMetadata {
        /// The id of the parcel key, a UUID.
        pub parcel_key_id: required(String),
        /// What the other vault is given, about 1.3 KiB. It is no secret, but must not be altered on the way.
        pub parcel_key: required(Blob),
        /// The first 128 bits of the SHA-256 of `ParcelKey` in hexadecimal digits, for a person to compare: whoever gives the
        /// other vault another parcel key than this gets the key.
        pub fingerprint: required(String),
        /// The id of the multi-Region key that a parcel must have in it.
        pub key_id: required(String),
        /// When it was made.
        pub creation_date: required(Timestamp),
        /// When it is of no use any more: 24 hours later.
        pub expiration_date: required(Timestamp),
    }

    /// The request to list the parcel keys of the caller's account and Region, page by page.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListParcelKeysRequest {
        /// The most entries of the answer, 1 to 1000; 100 where there is none.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// The `NextMarker` of the page before.
        pub marker: optional(String) limits(MARKER),
    }

    /// A page of parcel keys, in no order that means anything. Those that have expired are left out.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListParcelKeysResponse {
        /// The parcel keys.
        pub parcel_keys: required(Vec<ParcelKeyMetadata>),
        /// Where the next page begins; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more.
        pub truncated: required(bool),
    }

    /// The request to delete a parcel key.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DeleteParcelKeyRequest {
        /// The id of the parcel key, a UUID.
        pub parcel_key_id: required(String) limits(Limits::length(1, 64)),
    }

    /// Which parcel key was deleted.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteParcelKeyResponse {
        /// The id of the parcel key, a UUID.
        pub parcel_key_id: required(String),
    }

    /// The request to seal a parcel.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SealParcelRequest {
        /// The multi-Region primary key: its key id or key ARN. It has at most 40 key materials.
        pub key_id: required(String) limits(KEY_ID),
        /// The `ParcelKey` that the other vault made for this key.
        pub parcel_key: required(Blob) limits(PARCEL_KEY),
        /// The fingerprint that the other vault shows, where a person has read it there. Another one is refused. Spaces and dashes do
        /// not count.
        pub fingerprint: optional(String) limits(FINGERPRINT),
    }

    /// A parcel.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SealParcelResponse {
        /// What the other vault opens, by itself alone: about 1.5 KiB and 200 bytes for each key material.
        pub parcel: required(Blob),
        /// The first 128 bits of the SHA-256 of `Parcel` in hexadecimal digits, for a person to compare: anyone who has the parcel key
        /// can seal a key of their own in place of this one.
        pub fingerprint: required(String),
        /// The primary key, as its ARN.
        pub key_id: required(String),
        /// The Region of the replica.
        pub replica_region: required(String),
    }

    /// The request to open a parcel.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct OpenParcelRequest {
        /// The parcel.
        pub parcel: required(Blob) limits(Limits::length(1, 65_536)),
        /// The fingerprint that the other vault shows, where a person has read it there. Another one is refused. Spaces and dashes do
        /// not count. Required for a replica that is there already and has imported key material: nothing secret of it is in a
        /// parcel, so that nothing else proves whose the parcel is.
        pub fingerprint: optional(String) limits(FINGERPRINT),
        /// Of a new replica: its key policy, a JSON document of up to 32,768 bytes; the default policy if there is none, and not that of the primary.
        pub policy: optional(String) limits(POLICY),
        /// Of a new replica: skips the check that the key policy lets the caller change it again; `false` by default. With `true` a key
        /// can become unmanageable.
        pub bypass_policy_lockout_safety_check: optional(bool),
        /// Of a new replica: its description, up to 8,192 characters; empty by default. Not for secrets: it may show up in logs.
        pub description: optional(String) limits(DESCRIPTION),
        /// Of a new replica: its tags, each tag key at most once.
        pub tags: optional(Vec<Tag>),
    }

    /// What came of a parcel.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OpenParcelResponse {
        /// The replica.
        pub key_metadata: required(KeyMetadata),
        /// How many key materials this vault did not know before.
        pub new_key_materials: required(i32),
    }
}

macro_rules! define_model {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        /// The description of every method of parcels.
        pub const fn parcel_model() -> &'static [super::OwnOperationModel] {
            &[$(super::OwnOperationModel {
                name: stringify!($name),
                method_name: stringify!($method),
                camel_name: $camel,
                doc: $doc,
                request: <$request as crate::shape::Shape>::TYPE,
                response: <$response as crate::shape::Shape>::TYPE,
            },)*]
        }
    };
}
parcel_operations!(define_model);
