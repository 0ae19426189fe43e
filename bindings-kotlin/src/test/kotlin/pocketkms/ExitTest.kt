package pocketkms

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*
import java.nio.file.Path
import kotlin.io.path.readText

/** A process that uses a vault and ends without closing it. */
object LeftOpen {
    private lateinit var vault: Vault

    @JvmStatic
    fun main(arguments: Array<String>) {
        val sink = object : AuditSink {
            override fun events(events: List<AuditEvent>) = println(events.joinToString { it.eventName })
        }
        vault = Vault.open(arguments[0], RootKey.fromBytes(ByteArray(32)), audit = Audit.Window(3600.0), auditSink = sink)
        vault.client().listKeys(ListKeysRequest())
        if (arguments[1] == "exit") Runtime.getRuntime().exit(3)
    }
}

class ExitTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun eventsThatWaitAreStored() {
        for ((how, code) in listOf("return" to 0, "exit" to 3)) {
            val path = folder.resolve("$how.vault").toString()
            val rootKey = RootKey.fromBytes(ByteArray(32))
            Vault.create(path, rootKey).close()
            val log = folder.resolve("log")
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val process = ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), "pocketkms.LeftOpen", path, how)
                .redirectErrorStream(true).redirectOutput(log.toFile()).start()
            assertEquals(code, process.waitFor(), log.readText())
            assertEquals("ListKeys", log.readText().trim())
            Vault.open(path, rootKey).use { vault ->
                assertEquals(listOf("ListKeys"), vault.auditEvents().map { it.eventName }.toList())
            }
        }
    }
}
