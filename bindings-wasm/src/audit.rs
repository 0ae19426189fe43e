//! How a vault is audited: the options, and the function that is shown events.

use crate::{
    convert::{
        host::{drop_sink, show_events},
        write,
    },
    fault::Fault,
};
use pocketkms::{Audit, AuditSink, api};
use std::time::Duration;

/// `OFF`, `STRICT`, or how many milliseconds events may wait: `js/audit.js` has read what the caller gave.
pub(crate) fn audit_of(text: &str) -> Result<Audit, Fault> {
    match text {
        "OFF" => Ok(Audit::off()),
        "STRICT" => Ok(Audit::strict()),
        millis => {
            let millis = millis.parse().map_err(|_| Fault::misuse("audit is none that js/audit.js makes"))?;
            Ok(Audit::window(Duration::from_millis(millis)))
        }
    }
}

/// A function of the caller's, by the number that `js/host.js` has for it. It is called when no WebAssembly is under way any more.
pub(crate) struct Sink(pub(crate) u32);

impl AuditSink for Sink {
    fn events(&self, events: &[api::AuditEvent]) -> pocketkms::Result<()> {
        // Where there is no memory left for a copy, the trail still has them.
        if let Ok(events) = write(&events.to_vec()) {
            show_events(self.0, &events);
        }
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop_sink(self.0);
    }
}
