//! The audit trail, for the host: what was called, by whom, and what came of it.

use super::Vault;
use crate::{
    api::{AuditEvent, LookupEventsRequest, LookupEventsResponse},
    audit::{AuditOrder, AuditSink, Filter, Recorded, Sink},
    error::{Error, ErrorKind, Result},
    shape,
};
use alloc::{
    string::{String, ToString},
    sync::Arc,
    vec::{self, Vec},
};

/// How many events a page has where nothing is said, as in CloudTrail.
const PAGE: i32 = 50;
/// How many events are read at once where they pass through.
const STREAMED: i32 = 500;

/// The form in which events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditFormat {
    /// A file of AWS CloudTrail's: `{"Records": […]}`.
    CloudTrail,
    /// JSON lines: a record in each.
    JsonLines,
}

impl AuditFormat {
    const fn begin(self) -> &'static str {
        if matches!(self, Self::CloudTrail) { "{\"Records\":[" } else { "" }
    }

    const fn between(self) -> &'static str {
        if matches!(self, Self::CloudTrail) { ",\n" } else { "\n" }
    }

    const fn end(self, is_empty: bool) -> &'static str {
        match self {
            Self::CloudTrail => "]}\n",
            Self::JsonLines if is_empty => "",
            Self::JsonLines => "\n",
        }
    }
}

impl Vault {
    /// A page of the audit trail, after its window was stored: the events that the request asks for, in the form of AWS CloudTrail's.
    /// The newest come first, unless the request says otherwise. For the host alone: they may be any caller's.
    ///
    /// A call about another account's key makes two events of one, which come together: then a page has more than it was asked for.
    ///
    /// ```
    /// use pocketkms::{RootKey, Vault, api::*};
    ///
    /// let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    /// let kms = vault.client();
    /// let key = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
    /// kms.encrypt(EncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec().into(), ..Default::default() })?;
    ///
    /// let about_key = LookupEventsRequest { key_id: Some(key), ..Default::default() };
    /// let page = vault.lookup_events(&about_key)?;
    /// let names: Vec<_> = page.events.iter().map(|event| &*event.event_name).collect();
    /// assert_eq!(names, ["Encrypt", "CreateKey"]);
    /// assert!(page.events[0].cloud_trail_event.contains(r#""eventSource":"kms.amazonaws.com""#));
    /// # Ok::<(), pocketkms::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMarker`] of a marker that no page gave.
    pub fn lookup_events(&self, request: &LookupEventsRequest) -> Result<LookupEventsResponse> {
        shape::check(request)?;
        let from = request.marker.as_deref().map(str::parse).transpose()?;
        let order = if request.oldest_first == Some(true) { AuditOrder::OldestFirst } else { AuditOrder::NewestFirst };
        let limit = usize::try_from(request.max_results.unwrap_or(PAGE)).unwrap_or_default();
        let filter = Filter(request);
        // What does not read is an event of a newer version, which may be asked for.
        let read = |stored: &str| match Recorded::read(stored) {
            Some(event) => filter.takes(&event).then_some(Ok(event)),
            None => Some(Err(newer())),
        };
        let page = self.handle.vault()?.audit_page(from, order, limit, read)?;
        let mut events = Vec::new();
        for event in page.events {
            events.extend(event?.events());
        }
        Ok(LookupEventsResponse {
            events,
            truncated: page.next.is_some(),
            next_marker: page.next.map(|next| next.to_string()),
        })
    }

    /// The same events one after the other, read page by page. `max_results` is how many are read at once.
    pub fn audit_events(&self, request: LookupEventsRequest) -> AuditEvents {
        AuditEvents { vault: self.clone(), request: Some(request), page: Vec::new().into_iter() }
    }

    /// Writes the same events, the oldest first unless the request says otherwise, and says how many they were. They are read page by
    /// page, so that the memory it takes does not depend on the trail's length. An error of `write` ends it.
    ///
    /// ```
    /// # use pocketkms::{AuditFormat, RootKey, Vault, api::*};
    /// # let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?;
    /// # vault.client().create_key(CreateKeyRequest::default())?;
    /// let mut file = String::new();
    /// let count = vault.export_audit(AuditFormat::CloudTrail, LookupEventsRequest::default(), |text| {
    ///     file.push_str(text);
    ///     Ok(())
    /// })?;
    /// assert_eq!(count, 1);
    /// assert!(file.starts_with(r#"{"Records":[{"eventVersion":"1.11","#));
    /// # Ok::<(), pocketkms::Error>(())
    /// ```
    pub fn export_audit(
        &self,
        format: AuditFormat,
        request: LookupEventsRequest,
        mut write: impl FnMut(&str) -> Result<()>,
    ) -> Result<u64> {
        let (mut count, mut request) = (0, request);
        while let Some(marker) = self.write_page(format, &request, &mut count, &mut write)? {
            request.marker = Some(marker);
        }
        Ok(count)
    }

    /// The text of one page of an export, for hosts that wait between pages, and where the next page begins. `count` is how many events
    /// were written before, and is moved on.
    #[doc(hidden)]
    pub fn export_audit_page(
        &self,
        format: AuditFormat,
        request: &LookupEventsRequest,
        count: &mut u64,
    ) -> Result<(String, Option<String>)> {
        let mut text = String::new();
        let next = self.write_page(format, request, count, &mut |part: &str| {
            text.push_str(part);
            Ok(())
        })?;
        Ok((text, next))
    }

    fn write_page(
        &self,
        format: AuditFormat,
        request: &LookupEventsRequest,
        count: &mut u64,
        write: &mut impl FnMut(&str) -> Result<()>,
    ) -> Result<Option<String>> {
        let page = self.lookup_events(&LookupEventsRequest {
            oldest_first: Some(request.oldest_first.unwrap_or(true)),
            max_results: Some(request.max_results.unwrap_or(STREAMED)),
            ..request.clone()
        })?;
        if request.marker.is_none() {
            write(format.begin())?;
        }
        for event in &page.events {
            if *count > 0 {
                write(format.between())?;
            }
            write(&event.cloud_trail_event)?;
            *count += 1;
        }
        if page.next_marker.is_none() {
            write(format.end(*count == 0))?;
        }
        Ok(page.next_marker)
    }
}

/// One that hands them to a host's own, whose failures do not concern the vault.
pub(super) fn forwarding(sink: impl AuditSink + 'static) -> Sink {
    Arc::new(move |stored: &[String]| {
        let events: Vec<_> =
            stored.iter().filter_map(|stored| Recorded::read(stored)).flat_map(|event| event.events()).collect();
        let hand_over = || sink.events(&events);
        #[cfg(feature = "std")]
        let _ = std::panic::catch_unwind(core::panic::AssertUnwindSafe(hand_over));
        #[cfg(not(feature = "std"))]
        let _ = hand_over();
    })
}

fn newer() -> Error {
    Error::new(ErrorKind::UnsupportedVersion, "an event of the audit trail is of a newer version")
}

/// Events of the audit trail, one after the other: what [`Vault::audit_events`] gives. After an error there are no more.
pub struct AuditEvents {
    vault: Vault,
    /// What the next page is asked with; `None` after the last one.
    request: Option<LookupEventsRequest>,
    page: vec::IntoIter<AuditEvent>,
}

impl Iterator for AuditEvents {
    type Item = Result<AuditEvent>;

    fn next(&mut self) -> Option<Result<AuditEvent>> {
        loop {
            if let Some(event) = self.page.next() {
                return Some(Ok(event));
            }
            let request = self.request.take()?;
            match self.vault.lookup_events(&request) {
                Ok(LookupEventsResponse { events, next_marker, .. }) => {
                    self.page = events.into_iter();
                    let marker = |marker: String| LookupEventsRequest { marker: Some(marker), ..request };
                    self.request = next_marker.map(marker);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
