//! An event as the trail has it, read back.

use super::{Call, identity::Session};
use crate::{access::Principal, clock::Timestamp};
use alloc::{string::String, vec::Vec};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What [`Event::write`](super::Event::write) wrote.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Recorded {
    time: i64,
    pub(super) name: String,
    /// The caller's ARN, or the name of an AWS service; absent where time did it.
    pub(super) caller: Option<String>,
    /// On whose behalf an AWS service called: twelve digits.
    #[serde(rename = "for")]
    behalf: Option<String>,
    pub(super) region: Option<String>,
    #[serde(default)]
    pub(super) session: Session,
    pub(super) request: Option<Map<String, Value>>,
    pub(super) response: Option<Map<String, Value>>,
    /// Ids of key materials.
    #[serde(default)]
    pub(super) more: Map<String, Value>,
    pub(super) service: Option<Map<String, Value>>,
    /// ARNs.
    #[serde(default)]
    pub(super) keys: Vec<String>,
    /// The current material of the first one.
    pub(super) material: Option<String>,
    /// The spec of an asymmetric key among them.
    pub(super) spec: Option<String>,
    pub(super) grant: Option<String>,
    /// What an attestation document proved of who alone can read the answer.
    pub(super) recipient: Option<Map<String, Value>>,
    pub(super) error_code: Option<String>,
    pub(super) error_message: Option<String>,
    /// 16 bytes in hexadecimal digits.
    pub(super) id: String,
}

impl Recorded {
    /// Reads a stored event; `None` if it is none.
    pub(crate) fn read(stored: &str) -> Option<Self> {
        serde_json::from_str(stored).ok()
    }

    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.time)
    }

    /// Who called, if anyone did.
    pub(super) fn principal(&self) -> Option<Principal> {
        let text = self.caller.as_deref()?;
        match &self.behalf {
            Some(account) => Principal::service(text, &account.parse().ok()?),
            None => text.parse().ok(),
        }
    }

    /// The call, if this version knows it.
    pub(super) fn call(&self) -> Option<Call> {
        Call::named(&self.name)
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.call().is_some_and(Call::is_read_only)
    }
}
