package pocketkms

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Whole sources into sinks, and messages that are given up on purpose. */
class SourceToSinkTest {
    private val client = EncryptionClient()
    private val keyring = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
    private val photo = ByteArray(300_000) { (it * 31).toByte() }

    private fun decrypt(message: ByteArray) = client.decrypt(keyring, message).plaintext

    private fun assertDoesNotOpen(message: ByteArray) {
        assertThrows<KmsException> { decrypt(message) }
    }

    /** Gives half of the photo and throws. */
    private inner class Failing : InputStream() {
        private val front = ByteArrayInputStream(photo, 0, photo.size / 2)

        override fun read(): Int = front.read().also { if (it < 0) throw IOException("the network is away") }
    }

    /** From a source to a sink: the message ends only where the source does. */
    @Test
    fun fromASourceToASink() {
        val sink = Sink()
        assertThrows<IOException> { client.encrypt(keyring, Failing(), sink) }
        assertTrue(sink.closed > 0)
        assertDoesNotOpen(sink.toByteArray())
        val message = client.encrypt(keyring, photo).message
        val again = Sink()
        assertThrows<MessageIOException> { client.reencrypt(keyring, keyring, message.inputStream(0, message.size - 1), again) }
        assertDoesNotOpen(again.toByteArray())
        assertThrows<MessageIOException> { client.decrypt(keyring, message.inputStream(0, 50_000), Sink()) }
        val enough = assertThrows<IllegalStateException> { client.encrypt(keyring, photo.inputStream(), Sink()) { error("enough") } }
        assertEquals("enough", enough.message)
        val broken = object : ByteArrayInputStream(photo) { // closing it fails: then nothing may look whole
            override fun close() = throw IOException("cannot be closed")
        }
        val rest = Sink()
        assertThrows<IOException> { client.encrypt(keyring, broken, rest) }
        assertDoesNotOpen(rest.toByteArray())

        val steps = mutableListOf<Long>()
        val (source, whole, plain) = Triple(Source(photo), Sink(), Sink())
        assertEquals(photo.size.toLong(), client.encrypt(keyring, source, whole) { steps += it })
        assertTrue(source.closed > 0 && whole.closed > 0)
        assertEquals(photo.size.toLong(), steps.last())
        assertEquals(message.size.toLong(), client.decrypt(keyring, whole.toByteArray().inputStream(), plain))
        assertArrayEquals(photo, plain.toByteArray())
    }

    @Test
    fun givenUpOnPurpose() {
        val sink = Sink()
        val stream = client.encryptingOutputStream(keyring, sink)
        stream.write(photo)
        stream.abort()
        stream.abort()
        stream.close() // no complaint: it was no mistake
        assertEquals(1, sink.closed)
        assertDoesNotOpen(sink.toByteArray())
        assertThrows<IOException> { stream.write(1) }
        assertThrows<IOException> { stream.finish() }
        client.encryptingOutputStream(keyring) { fail("opened") }.abort()

        val whole = Sink()
        client.encryptingOutputStream(keyring, whole).run {
            write(photo)
            finish()
            abort()
        }
        assertArrayEquals(photo, decrypt(whole.toByteArray()))
    }
}
