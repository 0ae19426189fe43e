//! The audit trail, for JavaScript.

use crate::{
    convert::{
        host::{list, object},
        read, time, write,
    },
    fault::Fault,
    vault::Vault,
};
use pocketkms::{AuditFormat, AuditProblemKind, AuditReport};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Vault {
    /// A page of the audit trail.
    #[wasm_bindgen(js_name = lookupEvents)]
    pub fn lookup_events(&self, request: &JsValue) -> Result<JsValue, JsValue> {
        let request = read(request, "the request")?;
        Ok(write(&self.vault.lookup_events(&request).map_err(Fault::from)?)?)
    }

    /// The text of one page of an export after so many events: with how many they are then, and where the next page begins.
    #[wasm_bindgen(js_name = exportAuditPage)]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it comes from here, and no trail has 2^53 events"
    )]
    pub fn export_audit_page(&self, json_lines: bool, request: &JsValue, count: f64) -> Result<JsValue, JsValue> {
        let format = if json_lines { AuditFormat::JsonLines } else { AuditFormat::CloudTrail };
        let request = read(request, "the request")?;
        let mut count = count as u64;
        let page = self.vault.export_audit_page(format, &request, &mut count);
        let (text, marker) = page.map_err(Fault::from)?;
        Ok(object([
            ("text", text.into()),
            ("count", (count as f64).into()),
            ("marker", marker.map_or(JsValue::UNDEFINED, Into::into)),
        ]))
    }

    /// Stores the events that wait.
    #[wasm_bindgen(js_name = flushAudit)]
    pub fn flush_audit(&self) -> Result<(), JsValue> {
        Ok(self.vault.flush_audit().map_err(Fault::from)?)
    }

    /// How many milliseconds they may wait; `undefined` where none do.
    #[wasm_bindgen(getter, js_name = eventsWait)]
    pub fn events_wait(&self) -> Option<f64> {
        self.vault.events_wait().map(|patience| patience.as_secs_f64() * 1000.0)
    }

    /// Looks through the whole trail.
    #[wasm_bindgen(js_name = verifyAudit)]
    pub fn verify_audit(&self) -> Result<JsValue, JsValue> {
        Ok(report(&self.vault.verify_audit().map_err(Fault::from)?))
    }

    /// Removes the events from before that time; how many they were.
    #[wasm_bindgen(js_name = removeAuditBefore)]
    #[expect(clippy::cast_precision_loss, reason = "no trail has 2^53 events")]
    pub fn remove_audit_before(&self, before: f64) -> Result<f64, JsValue> {
        Ok(self.vault.remove_audit_before(time(before)).map_err(Fault::from)? as f64)
    }

    /// The state of the vault, to be pinned elsewhere.
    pub fn head(&self) -> Result<String, JsValue> {
        Ok(self.vault.head().map_err(Fault::from)?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "no trail has 2^53 events")]
fn report(report: &AuditReport) -> JsValue {
    let problems = report.problems.iter().map(|problem| {
        object([
            ("kind", kind_name(problem.kind).into()),
            ("entry", (problem.entry as f64).into()),
            ("explanation", (&problem.explanation).into()),
        ])
    });
    object([("events", (report.events as f64).into()), ("problems", list(problems))])
}

const fn kind_name(kind: AuditProblemKind) -> &'static str {
    match kind {
        AuditProblemKind::Removed => "REMOVED",
        AuditProblemKind::Edited => "EDITED",
        AuditProblemKind::Reordered => "REORDERED",
        AuditProblemKind::Inserted => "INSERTED",
        AuditProblemKind::Restarted => "RESTARTED",
        AuditProblemKind::Gap => "GAP",
        // A kind of a newer core.
        _ => "OTHER",
    }
}
