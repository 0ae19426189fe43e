package pocketkms

import java.io.File
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.api.*

/** What calls and objects leave behind, in a virtual machine of its own with a small heap. */
class SmallHeapTest {
    private fun run(what: String, megabytes: Int) {
        val classes = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val java = File(System.getProperty("java.home"), "bin/java").path
        val process = ProcessBuilder(java, "-Xmx${megabytes}m", "-cp", classes, "pocketkms.SmallHeap", what).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(10, TimeUnit.MINUTES))
        assertEquals(0, process.exitValue(), said)
        assertTrue(said.endsWith("done\n"), said)
    }

    /** One thread of JNA's gives memory back; eight took more than it could. */
    @Test
    fun manyThreadsThatEncrypt() = run("threads", 48)

    @Test
    fun manyObjects() = run("objects", 64)
}

internal object SmallHeap {
    @JvmStatic
    fun main(arguments: Array<String>) {
        when (arguments.single()) {
            "threads" -> threads()
            "objects" -> objects()
        }
        println("done")
    }

    private fun threads() = Fixture().use { fixture ->
        val failure = AtomicReference<Throwable>()
        val threads = List(8) {
            thread {
                try {
                    repeat(8_000) { fixture.encrypt("secret", mapOf("tenant" to "42")) }
                } catch (error: Throwable) {
                    failure.compareAndSet(null, error)
                }
            }
        }
        threads.forEach(Thread::join)
        failure.get()?.let { throw it }
    }

    /** 200,000, every other one closed. Their native halves go, too. */
    private fun objects() {
        round(20_000)
        val before = resident()
        round(180_000)
        val after = resident()
        check(after - before < 32_000) { "$before KiB, and then $after" }
    }

    private fun round(count: Int) {
        val key = ByteArray(32)
        for (number in 0 until count) {
            val made: AutoCloseable = when (number / 2 % 4) {
                0 -> RootKey.fromBytes(key)
                1 -> Keyring.rawAes("namespace", "name", key)
                2 -> ManualClock(Fixture.START)
                else -> EncryptionClient()
            }
            if (number % 2 == 0) made.close()
        }
        repeat(10) {
            System.gc()
            Thread.sleep(20)
        }
    }

    /** What the process has in memory, in KiB. */
    private fun resident(): Int =
        File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toInt()
}
