//! What the audit trail is asked, in the terms of AWS CloudTrail's `LookupEvents`.

use super::limits::MARKER;
use crate::{
    clock::Timestamp,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request to look for events in the audit trail. What is left out excludes none.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct LookupEventsRequest {
        /// Events about this KMS key: its key id or key ARN.
        pub key_id: optional(String) limits(Limits::length(1, 2048)),
        /// Calls of this principal, by its ARN.
        pub principal: optional(String) limits(Limits::length(1, 2048)),
        /// Events of this name: that of an operation as AWS writes it, in capitals, or `RotateKey`, `DeleteKey`.
        pub event_name: optional(String) limits(Limits::length(1, 128)),
        /// Events of this time and later.
        pub start_time: optional(Timestamp),
        /// Events before this time.
        pub end_time: optional(Timestamp),
        /// Calls that failed alone.
        pub errors_only: optional(bool),
        /// The oldest events first. By default the newest ones come first, as in CloudTrail.
        pub oldest_first: optional(bool),
        /// The most events of a page. By default 50, as in CloudTrail.
        pub max_results: optional(i32) limits(Limits::range(1, 1000)),
        /// Where to go on: the `NextMarker` of the page before.
        pub marker: optional(String) limits(MARKER),
    }

    /// A page of events.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct LookupEventsResponse {
        /// The events. A page may have fewer than were asked for, and even none, although others follow.
        pub events: required(Vec<AuditEvent>),
        /// Where the next page begins; absent after the last one.
        pub next_marker: optional(String),
        /// Whether other events follow.
        pub truncated: required(bool),
    }

    /// An event of the audit trail: a call or what time did, as AWS CloudTrail would record it.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct AuditEvent {
        /// Its id.
        pub event_id: required(String),
        /// What was done: the name of the operation, as AWS writes it.
        pub event_name: required(String),
        /// When.
        pub event_time: required(Timestamp),
        /// Whether it changed nothing. Cryptographic operations are among these.
        pub read_only: required(bool),
        /// Who called, by ARN; absent where time did it.
        pub principal: optional(String),
        /// The account that the event is for: a call about another account's key makes an event for each of both.
        pub recipient_account_id: optional(String),
        /// The exception, if the call failed: `AccessDenied`.
        pub error_code: optional(String),
        /// The ARNs of the KMS keys and of the alias that it was about.
        pub resources: required(Vec<String>),
        /// The whole record in the form of AWS CloudTrail, JSON.
        pub cloud_trail_event: required(String),
    }
}
