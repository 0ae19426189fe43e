//! Which events a host asks for.

use super::recorded::Recorded;
use crate::{api::LookupEventsRequest, key::Arn};

/// What a [`LookupEventsRequest`] asks for.
pub(crate) struct Filter<'a>(pub(crate) &'a LookupEventsRequest);

impl Filter<'_> {
    /// Whether an event is among it.
    pub(crate) fn takes(&self, event: &Recorded) -> bool {
        let LookupEventsRequest { key_id, principal, event_name, start_time, end_time, errors_only, .. } = self.0;
        let time = event.time();
        start_time.is_none_or(|start| time >= start)
            && end_time.is_none_or(|end| time < end)
            && event_name.as_ref().is_none_or(|name| *name == event.name)
            && principal.as_ref().is_none_or(|arn| event.caller.as_ref() == Some(arn))
            && (*errors_only != Some(true) || event.error_code.is_some())
            && key_id.as_ref().is_none_or(|key| event.keys.iter().any(|arn| is_key(arn, key)) || asks_for(event, key))
    }
}

/// Whether an event that names no key, since it is another account's, is of a request for that one.
fn asks_for(event: &Recorded, key: &str) -> bool {
    let requested = event.request.as_ref().filter(|_| event.keys.is_empty());
    requested.and_then(|request| request.get("keyId")?.as_str()).is_some_and(|asked| asked == key || is_key(asked, key))
}

/// Whether an ARN is that of a key, which is named by its id or ARN.
fn is_key(arn: &str, key: &str) -> bool {
    arn == key || arn.parse::<Arn>().is_ok_and(|arn| arn.resource.strip_prefix("key/") == Some(key))
}
