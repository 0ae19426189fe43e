package pocketkms

import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*

/** Messages and files as flows: a flow that failed, or that nobody wanted any more, has no end. */
@Timeout(120)
class FlowTest {
    private val client = EncryptionClient()
    private val keyring = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
    private val photo = ByteArray(1_300_000) { (it * 31).toByte() }
    private val coroutines = client.coroutines()

    @TempDir
    lateinit var folder: File

    private fun pieces(bytes: ByteArray, size: Int): Flow<ByteArray> =
        (0 until bytes.size step size).map { bytes.copyOfRange(it, minOf(bytes.size, it + size)) }.asFlow()

    private fun Collection<ByteArray>.joined() = ByteArrayOutputStream().also { all -> forEach(all::write) }.toByteArray()

    /** What came of a flow before it ended, in whatever way. */
    private fun collected(flow: Flow<ByteArray>): Pair<ByteArray, Throwable?> = runBlocking {
        val all = mutableListOf<ByteArray>()
        val failure = supervisorScope { runCatching { flow.collect { all += it } }.exceptionOrNull() }
        all.joined() to failure
    }

    private fun assertDoesNotOpen(message: ByteArray) {
        assertThrows<KmsException> { client.decrypt(keyring, message) }
        assertTrue(collected(coroutines.decrypt(keyring, pieces(message, 10_000))).second is KmsException)
    }

    @Test
    fun aSourceThatFails() {
        val own = IOException("the network is away")
        for (half in listOf(0, 10, 1_200_000)) {
            val failing = flow {
                if (half > 0) emit(photo.copyOf(half))
                throw own
            }
            val (part, failure) = collected(coroutines.encrypt(keyring, failing))
            assertSame(own, failure)
            assertDoesNotOpen(part)
            val message = client.encrypt(keyring, photo).message
            val cut = flow {
                emit(message.copyOf(half))
                throw own
            }
            val (again, second) = collected(coroutines.reencrypt(keyring, keyring, cut))
            assertSame(own, second)
            assertDoesNotOpen(again)
        }
    }

    @Test
    fun aCollectorThatHasEnough() = runBlocking {
        for (count in 1..5) assertDoesNotOpen(coroutines.encrypt(keyring, pieces(photo, 100_000)).take(count).toList().joined())
        // Cancelled, at each of the pieces in turn.
        repeat(6) { at ->
            val all = mutableListOf<ByteArray>()
            launch(Dispatchers.Default) {
                var count = 0
                coroutines.encrypt(keyring, pieces(photo, 300_000).onEach { if (count++ == at) currentCoroutineContext().cancel() }).collect { all += it }
            }.join()
            if (at < 5) assertDoesNotOpen(all.joined()) else assertArrayEquals(photo, client.decrypt(keyring, all.joined()).plaintext)
        }
    }

    @Test
    fun messagesThatAreCutShortOrAltered() {
        val message = client.encrypt(keyring, photo).message
        for (broken in listOf(ByteArray(0), message.copyOf(20), message.copyOf(message.size - 1), message.flipped(1_000_000), message + 0)) {
            val (part, failure) = collected(coroutines.decrypt(keyring, pieces(broken, 65_536)))
            assertTrue(failure is KmsException.InvalidMessage, "${broken.size}: $failure")
            assertArrayEquals(photo.copyOf(part.size), part)
        }
        val other = Keyring.rawAes("album", "key", ByteArray(32) { 8 })
        val (nothing, failure) = collected(coroutines.decrypt(other, pieces(message, 65_536)))
        assertEquals(0, nothing.size)
        assertTrue(failure is KmsException.UnableToDecryptDataKey, "$failure")
    }

    @Test
    fun wholeMessages() = runBlocking {
        for (size in listOf(10_000, 65_536, photo.size)) {
            val encrypted = coroutines.encrypt(keyring, pieces(photo, size))
            val reencrypted = coroutines.reencrypt(keyring, keyring, encrypted)
            assertArrayEquals(photo, coroutines.decrypt(keyring, reencrypted).toList().joined())
            // Cold: each collection is a message of its own.
            assertFalse(encrypted.toList().joined().contentEquals(encrypted.toList().joined()))
            if (size == 10_000) assertArrayEquals(photo, client.decrypt(keyring, encrypted.toList().joined()).plaintext)
        }
        val empty = coroutines.encrypt(keyring, emptyFlow()).toList().joined()
        assertEquals(0, client.decrypt(keyring, empty).plaintext.size)
        // A piece of several MiB, and what the sender does with its array afterwards.
        val large = ByteArray(3_000_000) { it.toByte() }
        val reused = flow {
            val own = large.clone()
            emit(own)
            own.fill(0)
        }
        assertArrayEquals(large, client.decrypt(keyring, coroutines.encrypt(keyring, reused).toList().joined()).plaintext)
    }

    @Test
    fun filesWithProgress() = runBlocking {
        val large = ByteArray(10_000_000)
        val (source, message, copy) = listOf("photo", "message", "copy").map { File(folder, it) }
        source.writeBytes(large)
        val flow = coroutines.encryptingFile(keyring, source, message)
        assertFalse(message.exists(), "nothing begins before the collection")
        val steps = flow.toList()
        assertTrue(steps.isNotEmpty() && steps.last().run { done == total && total == large.size.toLong() }, "$steps")
        coroutines.decryptingFile(keyring, message, copy).collect { delay(20) } // slower than the work
        assertArrayEquals(large, copy.readBytes())
        coroutines.reencryptingFile(keyring, keyring, message, copy).collect()
        assertArrayEquals(large, client.decrypt(keyring, copy.readBytes()).plaintext)

        val none = File(folder, "none")
        assertThrows<FileException> { runBlocking { coroutines.encryptingFile(keyring, File(folder, "nowhere"), none).collect() } }
        val other = Keyring.rawAes("album", "key", ByteArray(32) { 8 })
        val refused = assertThrows<FileException> { runBlocking { coroutines.decryptingFile(other, message, none).collect() } }
        assertEquals("UnableToDecryptDataKeyException", refused.name)
        launch(Dispatchers.Default) { coroutines.decryptingFile(keyring, message, none).collect { currentCoroutineContext().cancel() } }.join()
        // It may have been done by then: whole, or not there, and nothing beside it.
        if (none.exists()) assertArrayEquals(large, none.readBytes())
        assertEquals(setOf("photo", "message", "copy"), folder.list()!!.toSet() - "none")
    }
}
