package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.ByteBuffer
import java.nio.channels.Channels
import java.nio.channels.ClosedChannelException
import java.nio.channels.NonWritableChannelException
import java.nio.channels.SeekableByteChannel

/** Files and stored messages: re-encrypted, moved to other keys by the thousand, read from any place on. */
class StoredTest {
    @TempDir
    lateinit var folder: File

    private val client = EncryptionClient()
    private val photo = ByteArray(300_000) { (it * 31).toByte() }

    private fun rawAes(byte: Byte = 7) = Keyring.rawAes("album", "key $byte", ByteArray(32) { byte })

    private fun file(name: String) = File(folder, name)

    private fun names() = folder.list()!!.sorted()

    private class Enough : Throwable("enough")

    @Test
    fun reencrypting() {
        val context = EncryptOptions(mapOf("album" to "2026", "tenant" to "7"), listOf("tenant"))
        val old = client.encrypt(rawAes(1), photo, context)
        val tenant = DecryptOptions(mapOf("tenant" to "7"))
        val options = ReencryptOptions(tenant, AlgorithmSuite.ALG_AES256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384, 1000)
        val new = client.reencrypt(rawAes(1), rawAes(2), old.message, options)
        assertEquals(1000, new.header.frameLength)
        assertNotEquals(new.header.messageId.toList(), old.header.messageId.toList())
        assertEquals("2026", new.header.encryptionContext["album"])
        assertNull(new.header.encryptionContext["tenant"])
        assertArrayEquals(photo, client.decrypt(rawAes(2), new.message, tenant).plaintext)
        assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(rawAes(1), new.message, tenant) }
        assertThrows<KmsException>("the pair is missing") { client.reencrypt(rawAes(1), rawAes(2), old.message) }

        val written = ByteArrayOutputStream()
        client.reencryptTo(rawAes(1), rawAes(2), written, options) { old.message.inputStream().copyTo(it, 999) }
        val read = client.reencryptingInputStream(rawAes(1), rawAes(2), old.message.inputStream(), options).use { it.readBytes() }
        for (message in listOf(written.toByteArray(), read)) {
            assertArrayEquals(photo, client.decrypt(rawAes(2), message, tenant).plaintext)
        }
    }

    @Test
    fun reencryptingWhatIsNotWhole() {
        val old = client.encrypt(rawAes(1), photo).message
        for (cut in listOf(10, 200, old.size - 1)) {
            val part = old.copyOf(cut)
            assertThrows<KmsException.InvalidMessage>("cut at $cut") { client.reencrypt(rawAes(1), rawAes(2), part) }
            assertThrows<IOException> { client.reencryptingInputStream(rawAes(1), rawAes(2), part.inputStream()).readBytes() }
            val outward = client.reencryptingOutputStream(rawAes(1), rawAes(2), ByteArrayOutputStream())
            outward.write(part)
            assertThrows<MessageIOException> { outward.finish() }
            outward.close()
            file("old").writeBytes(part)
            assertThrows<FileException.Message> { client.reencryptFile(rawAes(1), rawAes(2), file("old"), file("new")) }
            assertEquals(listOf("old"), names())
        }
    }

    @Test
    fun reencryptingFiles() {
        file("plain").writeBytes(photo)
        client.encryptFile(rawAes(1), file("plain"), file("old"))
        // The file has moved to another key since: its sidecar has that.
        assertEquals(1L, RewrapBatch(client, rawAes(1), rawAes(3)).files(listOf(file("old"))).rewrapped)
        var last = 0L to 1L
        client.reencryptFile(rawAes(3), rawAes(2), file("old"), file("new")) { done, total -> last = done to total; true }
        assertEquals(last.first, last.second)
        assertArrayEquals(photo, client.decrypt(rawAes(2), file("new").readBytes()).plaintext)
        assertThrows<FileException.Message> { client.reencryptFile(rawAes(2), rawAes(1), file("new"), file("new")) }
    }

    @Test
    fun whatAProgressFunctionThrowsReachesTheCaller() {
        file("plain").writeBytes(photo)
        assertThrows<Enough> { client.encryptFile(rawAes(), file("plain"), file("message")) { _, _ -> throw Enough() } }
        assertThrows<FileException.Cancelled> { client.encryptFile(rawAes(), file("plain"), file("message")) { _, _ -> false } }
        assertEquals(listOf("plain"), names())

        client.encryptFile(rawAes(), file("plain"), file("message"))
        val batch = RewrapBatch(client, rawAes(), rawAes(2))
        assertThrows<Enough> { batch.files(listOf(file("message"))) { throw Enough() } }
        // An implementation of the interface itself, too.
        val throwing = object : RewrapProgress {
            override fun update(file: RewrappedFile) = throw Enough()
        }
        assertThrows<Enough> { batch.directoryByPath(folder.path, throwing) }
    }

    @Test
    fun aBatch() {
        val forbidding = EncryptionClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
        repeat(3) {
            // Version 1 gets a new header, version 2 a sidecar.
            file("$it.bin").writeBytes((if (it == 0) forbidding else client).encrypt(rawAes(1), photo).message)
        }
        file("notes.txt").writeText("no message")
        val reader = EncryptionClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)
        val batch = RewrapBatch(reader, rawAes(1), rawAes(2), verifyWith = rawAes(2))

        // Stopped after the first one, and started again.
        val stopped = batch.directory(folder) { false }
        assertEquals(listOf(1L, 0L, 0L), stopped.run { listOf(rewrapped, alreadyDone, failed) })
        assertTrue(stopped.cancelled)
        val reported = mutableListOf<String>()
        val report = batch.directory(folder) { reported.add("${it.done} ${File(it.path).name} ${it.outcome::class.simpleName}") }
        assertEquals(listOf("1 0.bin AlreadyDone", "2 1.bin Rewrapped", "3 2.bin Rewrapped", "4 notes.txt Skipped"), reported)
        assertEquals(listOf(2L, 1L, 1L, 0L), report.run { listOf(rewrapped, alreadyDone, skipped, failed) })
        assertFalse(report.cancelled)
        // By its name it is said to be a message.
        val named = batch.files(listOf(file("notes.txt")))
        assertEquals(listOf(file("notes.txt").path), named.failures.map { it.path })
        assertEquals("InvalidMessageException", (named.failures[0].error as FileException.Message).details.name)

        repeat(3) {
            reader.decryptFile(rawAes(2), file("$it.bin"), file("plain"))
            assertArrayEquals(photo, file("plain").readBytes())
        }
        file("plain").delete()
        // A verifier without the destination's key finds that out before anything has changed.
        val first = listOf(file("0.bin"))
        val before = first[0].readBytes()
        assertEquals(1L, RewrapBatch(reader, rawAes(2), rawAes(3), verifyWith = rawAes(2)).files(first).failed)
        assertArrayEquals(before, first[0].readBytes())
        // Sidecars only; and every file, though it seems to be done.
        val beside = RewrapBatch(reader, rawAes(2), rawAes(3), RewrapBatchOptions(sidecarOnly = true))
        assertEquals(1L, beside.files(first).rewrapped)
        assertArrayEquals(before, first[0].readBytes())
        assertEquals(1L, beside.files(first).alreadyDone)
        assertEquals(1L, RewrapBatch(reader, rawAes(3), rawAes(3), RewrapBatchOptions(sidecarOnly = true), every = true).files(first).rewrapped)
        assertEquals(1L, beside.files(listOf(file("nowhere"))).failed)
        assertThrows<KmsException.Validation> { RewrapBatch(client, rawAes(), Keyring.caching(rawAes())) }
    }

    @Test
    fun whatAKilledProcessLeft() {
        file(".pocketkms-0123456789abcdef.tmp").writeBytes(photo)
        file("photo.tmp").writeBytes(photo)
        assertEquals(1L, removeAbandoned(folder))
        assertEquals(listOf("photo.tmp"), names())
    }

    private fun open(name: String, keyring: Keyring = rawAes(), signed: Boolean = false): SeekableByteChannel =
        client.decryptingChannel(keyring, RandomAccessFile(file(name), "r").channel, acceptUnverifiedSignature = signed)

    private fun SeekableByteChannel.bytes(range: IntRange): ByteArray {
        val buffer = ByteBuffer.allocate(range.last - range.first + 1)
        position(range.first.toLong())
        while (buffer.hasRemaining() && read(buffer) >= 0) Unit
        return buffer.array().copyOf(buffer.position())
    }

    @Test
    fun randomAccess() {
        file("message").writeBytes(client.encrypt(rawAes(), photo, EncryptOptions(mapOf("a" to "b"), frameLength = 1000)).message)
        val channel = open("message")
        for (range in listOf(0..0, 999..1000, 123_456..234_566, 299_999..299_999, 0..299_999)) {
            assertArrayEquals(photo.copyOfRange(range.first, range.last + 1), channel.bytes(range), "$range")
        }
        assertArrayEquals(photo.copyOfRange(299_990, 300_000), channel.bytes(299_990..400_000))
        assertEquals(0, channel.bytes(400_000..400_010).size)
        assertEquals(300_000, channel.size())
        assertEquals(300_000, open("message").use { it.size() }, "before anything was read")
        assertEquals(-1, channel.position(300_000).read(ByteBuffer.allocate(1)))
        assertEquals(0, channel.read(ByteBuffer.allocate(0)))
        assertThrows<IllegalArgumentException> { channel.position(-1) }
        assertThrows<NonWritableChannelException> { channel.write(ByteBuffer.allocate(1)) }
        assertThrows<NonWritableChannelException> { channel.truncate(1) }
        channel.position(100)
        assertArrayEquals(photo.copyOfRange(100, 300_000), Channels.newInputStream(channel).use { it.readBytes() })
        assertFalse(channel.isOpen)
        assertThrows<ClosedChannelException> { channel.read(ByteBuffer.allocate(1)) }
        channel.close()
    }

    /** By the file itself: the sidecar beside it is found, another message's is not its own. */
    @Test
    fun randomAccessToAFile() {
        file("message").writeBytes(client.encrypt(rawAes(1), photo).message)
        assertEquals(1L, RewrapBatch(client, rawAes(1), rawAes(2)).files(listOf(file("message"))).rewrapped)
        assertEquals(2, names().size)
        client.decryptingChannel(rawAes(2), file("message")).use {
            assertEquals(300_000, it.size())
            assertArrayEquals(photo.copyOfRange(5, 10), it.bytes(5..9))
        }
        assertThrows<KmsException.UnableToDecryptDataKey> { client.decryptingChannel(rawAes(1), file("message")) }
        file("message").writeBytes(client.encrypt(rawAes(1), photo).message) // saved meanwhile
        client.decryptingChannel(rawAes(1), file("message")).use { assertEquals(300_000, it.size()) }
        assertThrows<FileException> { client.decryptingChannel(rawAes(1), file("nowhere")) }
        assertThrows<FileException> { client.decryptingChannel(rawAes(1), folder) }
    }

    @Test
    fun randomAccessToWhatIsSignedAlteredOrCut() {
        val signed = EncryptOptions(
            algorithmSuite = AlgorithmSuite.ALG_AES256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384, frameLength = 1000)
        file("signed").writeBytes(client.encrypt(rawAes(), photo, signed).message)
        assertThrows<KmsException.UnsupportedOperation> { open("signed") }
        open("signed", signed = true).use {
            assertEquals(300_000, it.size())
            assertArrayEquals(photo.copyOfRange(299_999, 300_000), it.bytes(299_999..300_000))
        }

        val message = client.encrypt(rawAes(), photo, EncryptOptions(frameLength = 100_000)).message
        file("altered").writeBytes(message.flipped(250_000))
        open("altered").use {
            assertThrows<IOException> { it.bytes(0..299_999) }
            assertThrows<IOException> { it.bytes(250_000..250_001) }
        }
        for (cut in listOf(0, 10, 100, 200_000)) {
            file("cut").writeBytes(message.copyOf(cut))
            val error = assertThrows<Exception>("cut at $cut") { open("cut").use { it.size() } }
            assertTrue((error.cause ?: error) is KmsException.InvalidMessage, "cut at $cut: $error")
        }
        assertThrows<KmsException.UnableToDecryptDataKey> { open("altered", rawAes(8)) }
    }
}
