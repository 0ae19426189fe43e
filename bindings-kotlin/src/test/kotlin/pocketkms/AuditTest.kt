package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*
import java.io.IOException
import java.io.StringWriter
import java.nio.file.Path
import java.time.Duration
import java.util.Collections

/** The audit trail: asked, written out, verified, pinned, shown to a sink. */
class AuditTest {
    @TempDir
    lateinit var folder: Path

    private val mallory = "arn:aws:iam::444455556666:user/Mallory"

    /** A vault that has seen some calls: three of its caller, one that was denied. */
    private fun audited() = Fixture().apply {
        decrypt(encrypt("secret", mapOf("tenant" to "7")), mapOf("tenant" to "7"))
        assertThrows<KmsException.AccessDenied> { vault.client(principal = mallory).describeKey(DescribeKeyRequest(key.arn)) }
    }

    private fun names(events: Sequence<AuditEvent>) = events.map { it.eventName }.toList()

    /** Keeps what it is shown. */
    private class Keeping(val then: () -> Unit = {}) : AuditSink {
        val shown: MutableList<AuditEvent> = Collections.synchronizedList(ArrayList())

        override fun events(events: List<AuditEvent>) {
            shown += events
            then()
        }
    }

    @Test
    fun whatIsNoRequestIsRefused(): Unit = audited().use {
        assertThrows<KmsException.InvalidMarker> { it.vault.lookupEvents(LookupEventsRequest(marker = "none")) }
        assertThrows<KmsException.Validation> { it.vault.lookupEvents(LookupEventsRequest(maxResults = 0)) }
        for (seconds in listOf(-1.0, Double.NaN)) {
            assertThrows<KmsException.Validation> { Vault.inMemory(it.root, audit = Audit.Window(seconds)) }
        }
        assertThrows<KmsException.Validation> { Vault.openSnapshot(it.vault.snapshot(), it.root, expectedHead = "none") }
        Unit
    }

    @Test
    fun eventsAreThoseOfTheCalls() = audited().use {
        val events = it.vault.auditEvents(LookupEventsRequest(oldestFirst = true)).toList()
        assertEquals(listOf("CreateKey", "Encrypt", "Decrypt", "DescribeKey"), events.map { event -> event.eventName })
        assertEquals(Fixture.START, events[1].eventTime)
        assertEquals(Triple("AccessDenied", mallory, "444455556666"), events[3].run { Triple(errorCode, principal, recipientAccountId) })
        assertTrue(events[1].cloudTrailEvent.contains("\"encryptionContext\":{\"tenant\":\"7\"}"))
        assertFalse(events.any { event -> event.cloudTrailEvent.contains("secret") })
    }

    @Test
    fun aFilterTakesWhatItSaysInPages() = audited().use {
        it.clock.advanceDays(1)
        it.kms.listKeys(ListKeysRequest())
        val (vault, later) = it.vault to Fixture.START + Duration.ofHours(1)
        assertEquals(listOf("DescribeKey"), names(vault.auditEvents(LookupEventsRequest(principal = mallory))))
        assertEquals(listOf("DescribeKey"), names(vault.auditEvents(LookupEventsRequest(errorsOnly = true))))
        assertEquals(listOf("ListKeys"), names(vault.auditEvents(LookupEventsRequest(startTime = later))))
        assertEquals(4, vault.auditEvents(LookupEventsRequest(endTime = later)).count())
        assertFalse("ListKeys" in names(vault.auditEvents(LookupEventsRequest(keyId = it.keyId))))
        assertEquals(vault.auditEvents().toList(), vault.auditEvents(LookupEventsRequest(maxResults = 1)).toList())
        val page = vault.lookupEvents(LookupEventsRequest(maxResults = 3))
        assertTrue(page.truncated)
        val rest = vault.lookupEvents(LookupEventsRequest(marker = page.nextMarker)).events
        assertEquals(vault.auditEvents().toList(), page.events + rest)
    }

    @Test
    fun filesHaveEveryEvent() = audited().use {
        val file = StringWriter()
        assertEquals(4, it.vault.exportAudit(file))
        assertTrue(file.toString().startsWith("{\"Records\":[{\"eventVersion\":") && file.toString().endsWith("}]}\n"))
        assertEquals(4, Regex("\"eventName\":").findAll(file.toString()).count())
        val lines = StringWriter()
        assertEquals(1, it.vault.exportAudit(lines, AuditFormat.JSON_LINES, LookupEventsRequest(errorsOnly = true)))
        assertEquals(1, lines.toString().trimEnd().lines().size)
        assertTrue(lines.toString().contains("\"errorCode\":\"AccessDenied\""))
        val full = IOException("no space left")
        val failing = object : Appendable by StringWriter() {
            override fun append(text: CharSequence?) = throw full
        }
        assertSame(full, assertThrows<IOException> { it.vault.exportAudit(failing) })
    }

    @Test
    fun aTrailIsVerifiedAndShortened() = audited().use {
        it.vault.flushAudit()
        assertEquals(AuditReport(4L, emptyList()), it.vault.verifyAudit())
        it.clock.advanceDays(1)
        it.kms.createKey(CreateKeyRequest())
        assertEquals(4L, it.vault.removeAuditBefore(Fixture.START + Duration.ofHours(1)))
        assertEquals(listOf("CreateKey"), names(it.vault.auditEvents()))
        assertEquals(emptyList<AuditProblem>(), it.vault.verifyAudit().problems)
    }

    @Test
    fun aHeadRevealsAStoreThatWasPutBack() {
        val (path, copy) = listOf("keys.vault", "copy.vault").map { folder.resolve(it).toString() }
        val root = RootKey.fromBytes(ByteArray(32))
        val head = Vault.create(path, root).use { vault ->
            vault.client().createKey(CreateKeyRequest())
            vault.backup(copy)
            vault.client().createKey(CreateKeyRequest())
            vault.head()
        }
        assertThrows<KmsException.RolledBack> { Vault.open(copy, root, expectedHead = head) }
        assertThrows<KmsException.RolledBack> { Vault.openOrCreate(copy, root, expectedHead = head) }
        // None is made where one is expected.
        val none = folder.resolve("none.vault").toString()
        assertThrows<KmsException.RolledBack> { Vault.openOrCreate(none, root, expectedHead = head) }
        assertThrows<KmsException.RolledBack> { Vault.inMemory(root, expectedHead = head) }
        Vault.open(path, root, expectedHead = head).close()
    }

    @Test
    fun anAppSaysWhenEventsAreStored() {
        val root = RootKey.fromBytes(ByteArray(32))
        for ((audit, count) in listOf(Audit.Off to 0, Audit.Strict to 2, Audit.Window(0.0) to 2, Audit.Window(5.5) to 2, null to 2)) {
            Vault.inMemory(root, audit = audit).use { vault ->
                vault.client().createKey(CreateKeyRequest())
                vault.client().listKeys(ListKeysRequest())
                assertEquals(count, vault.auditEvents().count(), "$audit")
            }
        }
    }

    @Test
    fun aSinkIsShownWhatWasStoredAndBreaksNoCall() {
        val root = RootKey.fromBytes(ByteArray(32))
        for (failure in listOf(null, IOException("no network"), AssertionError("no network"))) {
            val sink = Keeping { failure?.let { throw it } }
            Vault.inMemory(root, audit = Audit.Window(1000.0), auditSink = sink).use { vault ->
                val keyId = vault.client().createKey(CreateKeyRequest()).keyMetadata.keyId
                assertEquals(listOf("CreateKey"), names(sink.shown.asSequence()))
                vault.client().encrypt(EncryptRequest(keyId, ByteArray(1)))
                assertEquals(1, sink.shown.size, "it waits")
                vault.flushAudit()
                assertEquals(vault.auditEvents(LookupEventsRequest(oldestFirst = true)).toList(), sink.shown)
                vault.client().encrypt(EncryptRequest(keyId, ByteArray(1)))
            }
            assertEquals(listOf("CreateKey", "Encrypt", "Encrypt"), names(sink.shown.asSequence()), "when it was closed, too")
        }
    }

    /** Also where nothing else is asked of the vault. */
    @Test
    fun eventsAreStoredInTime() {
        val sink = Keeping()
        Vault.inMemory(RootKey.fromBytes(ByteArray(32)), audit = Audit.Window(0.02), auditSink = sink).use { vault ->
            vault.client().listKeys(ListKeysRequest())
            while (sink.shown.isEmpty()) Thread.sleep(1)
            assertEquals(listOf("ListKeys"), names(sink.shown.asSequence()))
        }
    }
}
