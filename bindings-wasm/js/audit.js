// The options by which a vault is audited.
import { addSink, dropSink } from "./host.js";
import { takeOut } from "./own.js";

/** `audit` as the native half reads it: how long events wait is a text of milliseconds there. */
function checkAudit(audit) {
  if (audit === undefined || audit === "OFF" || audit === "STRICT") {
    return audit;
  }
  const { milliseconds, ...others } = typeof audit === "object" && audit !== null ? audit : {};
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 0 || Object.keys(others).length > 0) {
    throw new TypeError('audit must be "OFF", "STRICT" or { milliseconds }, a whole number');
  }
  return String(milliseconds);
}

/** Takes the audit's options out of those of a vault; returns what builds a handle by `make(settings)`, with a sink of its own. */
export function audited(settings) {
  settings.audit = checkAudit(takeOut(settings, "audit") ?? undefined);
  settings.expectedHead ??= undefined;
  const sink = takeOut(settings, "auditSink") ?? undefined;
  if (sink !== undefined && typeof sink !== "function") {
    throw new TypeError("auditSink must be a function, which is shown events");
  }
  return (make) => {
    if (sink === undefined) {
      return make(settings);
    }
    const auditSink = addSink(sink);
    try {
      return make({ __proto__: null, ...settings, auditSink });
    } catch (error) {
      dropSink(auditSink);
      throw error;
    }
  };
}
