package pocketkms

import pocketkms.api.*

/**
 * The events of the audit trail that the request asks for, one after the other, read page by page: see [Vault.lookupEvents]. `maxResults`
 * is how many are read at once. The iteration throws what that throws.
 */
@Throws(KmsException::class)
@JvmOverloads
fun Vault.auditEvents(request: LookupEventsRequest = LookupEventsRequest()): Sequence<AuditEvent> {
    check(!isClosed()) { "this Vault is closed" }
    return pages(request.marker, LookupEventsResponse::nextMarker) { lookupEvents(request.copy(marker = it)) }.flatMap { it.events }
}

/**
 * Writes the events that the request asks for to a `Writer` or anything else that takes text, the oldest first unless the request says
 * otherwise, and returns how many they were. They are read page by page. What [out] throws ends it, and is thrown. [out] is not closed.
 */
@Throws(KmsException::class)
@JvmOverloads
fun Vault.exportAudit(
    out: Appendable, format: AuditFormat = AuditFormat.CLOUD_TRAIL, request: LookupEventsRequest = LookupEventsRequest(),
): Long = exportAudit(
    format, request,
    object : AuditWriter {
        override fun write(text: String) {
            out.append(text)
        }
    },
)
