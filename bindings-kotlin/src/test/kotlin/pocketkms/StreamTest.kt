package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.BufferedInputStream
import java.io.BufferedOutputStream
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.io.FilterOutputStream
import java.io.IOException
import java.io.InputStream
import java.io.ObjectOutputStream
import java.io.OutputStream
import java.io.OutputStreamWriter
import java.io.PrintStream
import java.io.PushbackInputStream
import java.io.SequenceInputStream
import java.io.Writer
import java.nio.channels.Channels
import java.security.DigestInputStream
import java.security.DigestOutputStream
import java.security.MessageDigest
import java.util.Collections
import java.util.zip.DeflaterOutputStream
import java.util.zip.GZIPOutputStream
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import javax.crypto.Cipher
import javax.crypto.CipherInputStream
import javax.crypto.CipherOutputStream
import javax.crypto.NullCipher

/** How a stream ends, and how it does not: a source or a sink that fails, the wrappers of java.io, answers that no stream may give. */
class StreamTest {
    private val client = EncryptionClient()
    private val keyring = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
    private val photo = ByteArray(300_000) { (it * 31).toByte() }

    private fun decrypt(message: ByteArray) = client.decrypt(keyring, message).plaintext

    private fun assertDoesNotOpen(message: ByteArray) {
        assertThrows<KmsException> { decrypt(message) }
        assertThrows<IOException> { client.decryptingInputStream(keyring, message.inputStream()).readBytes() }
    }

    /** Gives half of the photo and throws; asked again, it says that it is at its end, as closed streams do. */
    private inner class Failing(val half: Int = photo.size / 2) : InputStream() {
        private val front = ByteArrayInputStream(photo, 0, half)
        private var thrown = false

        override fun read(): Int = ByteArray(1).let { if (read(it, 0, 1) < 0) -1 else it[0].toInt() and 0xff }

        override fun read(target: ByteArray, offset: Int, length: Int): Int {
            val count = front.read(target, offset, minOf(length, 10_000))
            if (count >= 0 || thrown) return count
            thrown = true
            throw IOException("the network is away")
        }
    }

    /** What a program puts around a stream, closing it with its wrapper. */
    private val wrappers = mapOf<String, (OutputStream) -> OutputStream>(
        "nothing" to { it },
        "BufferedOutputStream" to ::BufferedOutputStream,
        "DataOutputStream" to ::DataOutputStream,
        "PrintStream" to ::PrintStream,
        "GZIPOutputStream" to ::GZIPOutputStream,
        "DeflaterOutputStream" to ::DeflaterOutputStream,
        "ZipOutputStream" to { ZipOutputStream(it).apply { putNextEntry(ZipEntry("photo")) } },
        "ObjectOutputStream" to ::ObjectOutputStream,
        "DigestOutputStream" to { DigestOutputStream(it, MessageDigest.getInstance("SHA-256")) },
        "CipherOutputStream" to { CipherOutputStream(it, NullCipher()) },
        "OutputStreamWriter" to { Lines(OutputStreamWriter(it)) },
        "Channels" to { Channels.newOutputStream(Channels.newChannel(it)) },
        "several" to { PrintStream(BufferedOutputStream(GZIPOutputStream(it))) },
    )

    /** Bytes as text. */
    private class Lines(private val writer: Writer) : OutputStream() {
        override fun write(byte: Int) = writer.write(byte and 0x7f)
        override fun flush() = writer.flush()
        override fun close() = writer.close()
    }

    private fun forEachWrapper(test: ((OutputStream) -> OutputStream) -> Unit) =
        wrappers.map { (name, wrap) -> DynamicTest.dynamicTest(name) { test(wrap) } }

    @TestFactory
    fun aSourceThatFailsHalfWay() = forEachWrapper { wrap ->
        val block = ByteArrayOutputStream()
        val thrown = assertThrows<IOException> {
            client.encryptTo(keyring, block) { out -> wrap(out).use { Failing().copyTo(it) } }
        }
        assertEquals("the network is away", thrown.message)
        assertDoesNotOpen(block.toByteArray())

        val used = ByteArrayOutputStream()
        assertThrows<IOException> { wrap(client.encryptingOutputStream(keyring, used)).use { Failing().copyTo(it) } }
        assertDoesNotOpen(used.toByteArray())

        // As Java did before `try` closed things.
        val finally = ByteArrayOutputStream()
        val out = wrap(client.encryptingOutputStream(keyring, finally))
        assertThrows<IOException> { try { Failing().copyTo(out) } finally { out.close() } }
        assertDoesNotOpen(finally.toByteArray())

        val again = ByteArrayOutputStream()
        val old = client.encrypt(keyring, photo).message
        assertThrows<IOException> {
            client.reencryptTo(keyring, keyring, again) { sink -> wrap(sink).use { it.write(old, 0, old.size / 2); throw IOException() } }
        }
        assertDoesNotOpen(again.toByteArray())
    }

    @TestFactory
    fun aSourceThatEnds() = forEachWrapper { wrap ->
        val plain = ByteArrayOutputStream().also { sink -> wrap(sink).use { photo.inputStream().copyTo(it) } }.toByteArray()
        val message = ByteArrayOutputStream()
        val copied = client.encryptTo(keyring, message) { out -> wrap(out).use { photo.inputStream().copyTo(it) } }
        assertEquals(photo.size.toLong(), copied)
        val decrypted = decrypt(message.toByteArray())
        assertEquals(plain.size, decrypted.size)
        if (wrap(ByteArrayOutputStream()) !is ZipOutputStream) assertArrayEquals(plain, decrypted) // which has a date in it

        // Closed without its end: noticed, by those wrappers that let it through, and in any case nothing that opens.
        val forgotten = ByteArrayOutputStream()
        runCatching { wrap(client.encryptingOutputStream(keyring, forgotten)).use { photo.inputStream().copyTo(it) } }
        assertDoesNotOpen(forgotten.toByteArray())
    }

    @Test
    fun finishing() {
        val message = ByteArrayOutputStream()
        val stream = client.encryptingOutputStream(keyring, message)
        photo.forEach { stream.write(it.toInt()) } // byte by byte: they are gathered
        stream.flush()
        stream.finish()
        stream.finish() // once more does nothing
        assertArrayEquals(photo, decrypt(message.toByteArray()))
        assertThrows<IOException> { stream.write(1) }
        assertThrows<IOException> { stream.write(photo) }
        stream.flush()
        stream.close()
        stream.close()
        assertThrows<IOException> { stream.finish() }
        assertArrayEquals(photo, decrypt(message.toByteArray()))

        val error = assertThrows<IOException> { client.encryptingOutputStream(keyring, ByteArrayOutputStream()).close() }
        assertTrue("finish()" in error.message!!, error.message)
        assertArrayEquals(ByteArray(0), ByteArrayOutputStream().also { client.encryptTo(keyring, it) {} }.toByteArray().let(::decrypt))
    }

    @Test
    fun whatFlushPassesOn() {
        val message = ByteArrayOutputStream()
        client.encryptingOutputStream(keyring, EncryptOptions(frameLength = 1)) { message }.run {
            write(1)
            flush()
            val one = message.size()
            assertTrue(one > 0, "a whole frame is passed on")
            write(2)
            flush()
            assertTrue(message.size() > one)
            finish()
        }
        assertArrayEquals(byteArrayOf(1, 2), decrypt(message.toByteArray()))
    }

    @Test
    fun decryptingAndReencryptingWhatIsCutShort() {
        val message = client.encrypt(keyring, photo).message
        for (cut in listOf(0, 10, 100_000, message.size - 1)) {
            val plaintext = ByteArrayOutputStream()
            val error = assertThrows<MessageIOException> { client.decryptTo(keyring, plaintext) { it.write(message, 0, cut) } }
            assertEquals("InvalidMessageException", error.message)
            assertTrue(error.cause is KmsException.InvalidMessage)
            assertThrows<IOException> { client.decryptingOutputStream(keyring, ByteArrayOutputStream()).use { it.write(message, 0, cut) } }
            val again = ByteArrayOutputStream()
            assertThrows<MessageIOException> { client.reencryptTo(keyring, keyring, again) { it.write(message, 0, cut) } }
            assertDoesNotOpen(again.toByteArray())
        }
        val plaintext = ByteArrayOutputStream()
        client.decryptTo(keyring, plaintext) { message.inputStream().copyTo(it, 7919) }
        assertArrayEquals(photo, plaintext.toByteArray())
        val again = ByteArrayOutputStream().also { sink -> client.reencryptTo(keyring, keyring, sink) { it.write(message) } }
        assertArrayEquals(photo, decrypt(again.toByteArray()))
    }

    @Test
    fun readingFromASourceThatFails() {
        for (wrap in listOf<(InputStream) -> InputStream>(
            { it }, ::BufferedInputStream, ::PushbackInputStream,
            { SequenceInputStream(Collections.enumeration(listOf(it, ByteArrayInputStream(ByteArray(0))))) },
            { DigestInputStream(it, MessageDigest.getInstance("SHA-256")) },
            { CipherInputStream(it, NullCipher()) },
        )) {
            for (half in listOf(0, 1, 150_000)) {
                val stream = wrap(client.encryptingInputStream(keyring, Failing(half)))
                val read = ByteArrayOutputStream()
                assertThrows<IOException> { stream.copyTo(read) }
                // Asked again it does not say that it is at its end, as the source does by now.
                assertThrows<IOException> { while (true) read.write(stream.read().also { if (it < 0) return@assertThrows }) }
                assertDoesNotOpen(read.toByteArray())
                runCatching { stream.close() }
            }
        }
    }

    /** A sink that fails while a PrintStream hides it. */
    @Test
    fun aSinkThatFailsIsNotForgotten() {
        class Full : OutputStream() {
            var left = 100_000
            override fun write(byte: Int) = if (left-- > 0) Unit else throw IOException("the disk is full")
        }
        val error = assertThrows<IOException> {
            client.encryptTo(keyring, Full()) { out -> PrintStream(out).use { repeat(100) { _ -> it.write(photo, 0, 10_000) } } }
        }
        assertEquals("the disk is full", error.cause?.message)
        // At the very end, too.
        val last = assertThrows<IOException> { client.encryptTo(keyring, Full().apply { left = 0 }) { it.write(1) } }
        assertEquals("the disk is full", last.message)
    }

    /** Sources that answer what no source may. Before, a number too large was encrypted as zeros. */
    @Test
    fun oddSources() {
        class Odd(val answer: (ByteArray, Int) -> Int) : InputStream() {
            var place = 0
            override fun read(): Int = if (place < 2000) photo[place++].toInt() and 0xff else -1
            override fun read(target: ByteArray, offset: Int, length: Int): Int = answer(target, length)
        }
        for (odd in listOf(-2, Int.MIN_VALUE, Int.MAX_VALUE, (1 shl 20) + 1)) {
            val stream = client.encryptingInputStream(keyring, Odd { _, _ -> odd })
            val error = assertThrows<IOException>("$odd") { stream.readBytes() }
            assertTrue("$odd" in error.message!!, error.message)
            assertThrows<IOException> { stream.read() }
        }
        // Nothing now and then, or always: byte by byte it goes on.
        val never = client.encryptingInputStream(keyring, Odd { _, _ -> 0 }).use { it.readBytes() }
        assertArrayEquals(photo.copyOf(2000), decrypt(never))
        val byte = object : InputStream() {
            override fun read(): Int = 300
            override fun read(target: ByteArray, offset: Int, length: Int): Int = 0
        }
        assertThrows<IOException> { client.encryptingInputStream(keyring, byte).read() }
        // Few bytes at a time, and a source that keeps the array and writes to it later.
        var kept: ByteArray? = null
        val source = photo.inputStream()
        val later = client.encryptingInputStream(keyring, Odd { target, length ->
            kept?.fill(0)
            kept = target
            source.read(target, 0, minOf(length, 7919))
        }).use { it.readBytes() }
        assertArrayEquals(photo, decrypt(later))
    }

    @Test
    fun oddRanges() {
        val sink = client.encryptingOutputStream(keyring, ByteArrayOutputStream())
        val source = client.encryptingInputStream(keyring, photo.inputStream())
        for ((offset, length) in listOf(-1 to 1, 0 to -1, 0 to 11, 11 to 0, 5 to Int.MAX_VALUE, Int.MAX_VALUE to 1, Int.MIN_VALUE to Int.MIN_VALUE)) {
            assertThrows<IndexOutOfBoundsException>("$offset, $length") { sink.write(ByteArray(10), offset, length) }
            assertThrows<IndexOutOfBoundsException>("$offset, $length") { source.read(ByteArray(10), offset, length) }
        }
        assertEquals(0, source.skip(-5))
        assertEquals(0, source.read(ByteArray(0)))
        source.close()
        assertThrows<IOException> { source.available() }
        assertThrows<IOException> { source.skip(1) }
        assertThrows<IOException> { source.read() }
        source.close()
    }

    @Test
    fun aFactoryThatFails() {
        val half = mapOf("a" to "\uD800")
        val discovery = Fixture().use { Keyring.kmsDiscovery(it.vault.client("111122223333")) } // cannot encrypt
        val sink = Sink()
        assertThrows<KmsException> { client.encryptingOutputStream(discovery, sink) }
        assertThrows<KmsException> { client.encryptTo(discovery, sink) { fail("there is nothing to write to") } }
        assertThrows<KmsException> { client.decryptingOutputStream(keyring, sink, DecryptOptions(half)) }
        assertThrows<KmsException> { client.reencryptingOutputStream(keyring, keyring, sink, ReencryptOptions(DecryptOptions(half))) }
        assertEquals(4, sink.closed)
        val source = Source(photo)
        assertThrows<KmsException> { client.encryptingInputStream(discovery, source) }
        assertThrows<KmsException> { client.decryptingInputStream(keyring, source, DecryptOptions(half)) }
        assertThrows<KmsException> { client.reencryptingInputStream(keyring, keyring, source, ReencryptOptions(DecryptOptions(half))) }
        assertEquals(3, source.closed)

        // A target that is opened by the stream is not touched before there is something to write.
        assertThrows<KmsException> { client.encryptingOutputStream(discovery) { fail("opened") } }
        val altered = client.encrypt(keyring, photo).message.flipped(100)
        assertThrows<IOException> { client.decryptingOutputStream(keyring) { fail("opened") }.use { it.write(altered) } }
        assertThrows<IOException> { client.encryptingOutputStream(keyring) { fail("opened") }.close() }
        val opened = mutableListOf<Sink>()
        client.encryptingOutputStream(keyring) { Sink().also(opened::add) }.use {
            it.write(photo)
            it.finish()
        }
        assertEquals(1, opened.single().closed)
        assertArrayEquals(photo, decrypt(opened.single().toByteArray()))
        val empty = client.encrypt(keyring, ByteArray(0)).message
        client.decryptingOutputStream(keyring) { Sink().also(opened::add) }.use {
            it.write(empty)
            it.finish()
        }
        assertEquals(2, opened.size, "an empty plaintext is written, too")
    }

    @Test
    fun whatIsClosedWithTheStream() {
        for (throwing in listOf(false, true)) {
            val sink = Sink()
            runCatching { client.encryptTo(keyring, sink) { if (throwing) error("no more") } }
            assertEquals(1, sink.closed)
            val source = Source(photo)
            runCatching { client.encryptingInputStream(keyring, source).use { if (throwing) error("no more") } }
            assertEquals(1, source.closed)
        }
        // A block's own stream takes nothing after it was closed, and nothing after the block.
        lateinit var leaked: OutputStream
        client.encryptTo(keyring, Sink()) { out ->
            leaked = out
            out.close()
            assertThrows<IOException> { out.write(1) }
            out.flush()
            out.close()
        }
        client.encryptTo(keyring, Sink()) { leaked = it }
        assertThrows<IOException> { leaked.write(1) }
        // A message in a message.
        val outer = Sink()
        client.encryptTo(keyring, outer) { sink -> client.encryptTo(keyring, sink) { it.write(photo) } }
        assertArrayEquals(photo, decrypt(decrypt(outer.toByteArray())))
    }

    /** Closed by another thread, as `onCleared` does it, in the middle of a write: an IOException, and nothing that opens. */
    @Test
    fun closedByAnotherThread() {
        repeat(60) { round ->
            val sink = Sink()
            val stream = client.encryptingOutputStream(keyring, sink)
            val closer = kotlin.concurrent.thread {
                repeat(round * round * 100) { Thread.onSpinWait() }
                runCatching { stream.close() }
            }
            val finished = runCatching {
                repeat(5) { stream.write(photo, 0, 30_000) }
                stream.finish()
            }
            closer.join()
            finished.exceptionOrNull()?.let { assertTrue(it is IOException, "$it") }
            if (finished.isSuccess) assertEquals(150_000, decrypt(sink.toByteArray()).size) else assertDoesNotOpen(sink.toByteArray())
        }
    }
}
