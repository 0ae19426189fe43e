package pocketkms

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeout
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*

/** Cancellation in each phase of a message and of a file, what is left then, and whose exception comes out. */
@Timeout(120)
class CoroutineTest {
    private val client = EncryptionClient()
    private val keyring = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
    private val photo = ByteArray(1_500_000) { (it * 31).toByte() }
    private val coroutines = client.coroutines()

    @TempDir
    lateinit var folder: File

    private fun assertDoesNotOpen(message: ByteArray) {
        assertThrows<KmsException> { client.decrypt(keyring, message) }
    }

    /** What [work] does in a coroutine that another one cancels when [reached] is complete. */
    private fun <T> cancelled(reached: Deferred<Unit>, work: suspend () -> T): Result<T> = runBlocking {
        supervisorScope {
            val job = async(Dispatchers.Default) { runCatching { work() } }
            reached.await()
            job.cancelAndJoin()
            runCatching { job.await() }.getOrElse { Result.failure(it) }
        }
    }

    private class Sink : ByteArrayOutputStream() {
        @Volatile
        var closed = false
        override fun close() {
            closed = true
        }
    }

    /** Gives what it has, and waits then, as a network does, until it is closed; and says then that it is at its end, as some do. */
    private class Waiting(bytes: ByteArray, private val reached: CompletableDeferred<Unit>, private val throws: Boolean) : InputStream() {
        private val front = ByteArrayInputStream(bytes)
        private val closing = CountDownLatch(1)

        override fun read(): Int = ByteArray(1).let { if (read(it, 0, 1) < 0) -1 else it[0].toInt() and 0xff }

        override fun read(target: ByteArray, offset: Int, length: Int): Int {
            val count = front.read(target, offset, length)
            if (count >= 0) return count
            reached.complete(Unit)
            while (true) {
                // Deaf to interruption: only closing ends it.
                try { if (closing.await(60, TimeUnit.SECONDS)) break else error("never closed") } catch (_: InterruptedException) { }
            }
            if (throws) throw IOException("Socket closed")
            return -1
        }

        override fun close() = closing.countDown()
    }

    @Test
    fun cancelledWhileTheSourceWaits() {
        for (throws in listOf(true, false)) {
            for (front in listOf(0, 1, 1_200_000)) {
                val sink = Sink()
                val reached = CompletableDeferred<Unit>()
                val source = Waiting(photo.copyOf(front), reached, throws)
                val error = cancelled(reached) { coroutines.encrypt(keyring, source, sink) }.exceptionOrNull()
                assertTrue(error is CancellationException, "$error")
                assertTrue(sink.closed)
                assertDoesNotOpen(sink.toByteArray())

                // The same of a message that is decrypted, and of one that is re-encrypted.
                val message = client.encrypt(keyring, photo).message
                for (whole in listOf(false, true)) { // a whole message, whose source does not end
                    val again = Sink()
                    val here = CompletableDeferred<Unit>()
                    val part = Waiting(if (whole) message else message.copyOf(front), here, throws)
                    assertTrue(cancelled(here) { coroutines.reencrypt(keyring, keyring, part, again) }.exceptionOrNull() is CancellationException)
                    assertDoesNotOpen(again.toByteArray())
                }
                val decrypting = CompletableDeferred<Unit>()
                val plain = Sink()
                val result = cancelled(decrypting) { coroutines.decrypt(keyring, Waiting(message.copyOf(front), decrypting, throws), plain) }
                assertTrue(result.exceptionOrNull() is CancellationException)
                assertTrue(plain.closed && plain.size() < photo.size)
            }
        }
    }

    /** The file under way is the last, and the batch goes on where it was. */
    @Test
    fun aCancelledBatch() {
        val other = Keyring.rawAes("album", "other", ByteArray(32) { 8 })
        val files = List(5) { File(folder, "$it").apply { writeBytes(client.encrypt(keyring, photo).message) } }
        val batch = RewrapBatch(client, keyring, other).coroutines()
        val seen = mutableListOf<RewrappedFile>()
        val reached = CompletableDeferred<Unit>()
        val released = CountDownLatch(1)
        val result = cancelled(reached) {
            // Not before the cancellation has come.
            val context = currentCoroutineContext()
            thread { while (context.isActive) Thread.sleep(1); released.countDown() }
            batch.files(files) {
                seen += it
                if (seen.size == 2) {
                    reached.complete(Unit)
                    awaitQuietly(released)
                }
            }
        }
        assertTrue(result.exceptionOrNull() is CancellationException, "$result")
        assertEquals(2, seen.size)
        val report = runBlocking { batch.directory(folder) }
        assertEquals(listOf(3L, 2L, 0L, false), report.run { listOf(rewrapped, alreadyDone, failed, cancelled) })
        val plain = File(folder, "plain")
        files.forEach { // with what lies beside it
            client.decryptFile(other, it, plain)
            assertArrayEquals(photo, plain.readBytes())
        }
        val thrown = IllegalStateException("the app's own")
        assertSame(thrown, assertThrows<IllegalStateException> { runBlocking { batch.files(files) { throw thrown } } })
    }

    private fun awaitQuietly(latch: CountDownLatch) {
        while (true) {
            try {
                check(latch.await(60, TimeUnit.SECONDS))
                return
            } catch (_: InterruptedException) {
            }
        }
    }

    /** No thread of the dispatcher is left to close a source. */
    @Test
    fun cancelledWhileAllThreadsWait() = runBlocking {
        val threads = 64
        val reached = List(threads + 16) { CompletableDeferred<Unit>() }
        val jobs = reached.map { launch(Dispatchers.Default) { coroutines.encrypt(keyring, Waiting(ByteArray(0), it, true), Sink()) } }
        withTimeout(60_000) { while (reached.count { it.isCompleted } < threads) delay(5) }
        withTimeout(30_000) {
            jobs.forEach { it.cancel() }
            jobs.joinAll()
        }
    }

    /** A dispatcher with one thread, which the read holds: the source is closed all the same. */
    @Test
    fun cancelledOnADispatcherOfOneThread() {
        Executors.newSingleThreadExecutor().asCoroutineDispatcher().use { one ->
            val reached = CompletableDeferred<Unit>()
            val sink = Sink()
            val source = Waiting(photo, reached, throws = false)
            assertTrue(cancelled(reached) { client.coroutines(one).encrypt(keyring, source, sink) }.exceptionOrNull() is CancellationException)
            assertDoesNotOpen(sink.toByteArray())
        }
    }

    @Test
    fun cancelledWhileTheSinkWaits() {
        val reached = CompletableDeferred<Unit>()
        val closing = CountDownLatch(1)
        val written = ByteArrayOutputStream()
        val sink = object : OutputStream() {
            override fun write(byte: Int) = written.write(byte)
            override fun write(bytes: ByteArray, offset: Int, length: Int) {
                written.write(bytes, offset, length)
                if (written.size() < 1_000_000) return
                reached.complete(Unit)
                while (closing.count > 0) try { closing.await() } catch (_: InterruptedException) { }
                throw IOException("Broken pipe")
            }
            override fun close() = closing.countDown()
        }
        val error = cancelled(reached) { coroutines.encrypt(keyring, photo.inputStream(), sink) }.exceptionOrNull()
        assertTrue(error is CancellationException, "$error")
        assertDoesNotOpen(written.toByteArray())
    }

    /** An app's own key waits for a person or a network: its thread is interrupted. */
    @Test
    fun cancelledWhileTheKeyringWaits() {
        class Slow(private val reached: CompletableDeferred<Unit>) : Wrapper() {
            override fun wrap(): WrappedDataKey {
                reached.complete(Unit)
                Thread.sleep(60_000)
                error("never interrupted")
            }
        }
        val (stream, file) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        val sink = Sink()
        val slow = Keyring.callback("slow", Slow(stream))
        assertTrue(cancelled(stream) { coroutines.encrypt(slow, photo.inputStream(), sink) }.exceptionOrNull() is CancellationException)
        assertEquals(0, sink.size())
        assertTrue(sink.closed)
        val (source, destination) = File(folder, "photo").apply { writeBytes(photo) } to File(folder, "message")
        val slower = Keyring.callback("slow", Slow(file))
        assertTrue(cancelled(file) { coroutines.encryptFile(slower, source, destination) }.exceptionOrNull() is CancellationException)
        assertEquals(listOf("photo"), folder.list()!!.toList())
    }

    private abstract class Wrapper : DataKeyWrapper {
        abstract fun wrap(): WrappedDataKey
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) = wrap()
        override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite): ByteArray =
            error("unused")
    }

    /** After each piece of a file in turn: nothing has the destination's name, and nothing is left beside it. */
    @Test
    fun cancelledInEachPhaseOfAFile() {
        val plain = File(folder, "photo").apply { writeBytes(ByteArray(10_000_000)) }
        val message = File(folder, "message")
        client.encryptFile(keyring, plain, message)
        val works = mapOf<String, suspend (File, (Long, Long) -> Unit) -> MessageHeader>(
            "encrypt" to { to, progress -> coroutines.encryptFile(keyring, plain, to, progress = progress) },
            "decrypt" to { to, progress -> coroutines.decryptFile(keyring, message, to, progress = progress) },
            "reencrypt" to { to, progress -> coroutines.reencryptFile(keyring, keyring, message, to, progress = progress) },
        )
        for ((name, work) in works) {
            val destination = File(folder, "destination")
            val steps = mutableListOf<Pair<Long, Long>>()
            runBlocking { work(destination) { done, total -> steps += done to total } }
            assertTrue(steps.size > 2 && steps.last().first == steps.last().second, "$name: $steps")
            destination.writeText("what was there before")
            for (at in steps.indices) {
                val result = runBlocking {
                    supervisorScope {
                        async {
                            var step = 0
                            val job = currentCoroutineContext().job
                            work(destination) { _, _ -> if (step++ == at) job.cancel() }
                        }.let { runCatching { it.await() } }
                    }
                }
                assertTrue(result.exceptionOrNull() is CancellationException, "$name, $at: $result")
                assertEquals("what was there before", destination.readText())
                assertEquals(setOf("photo", "message", "destination"), folder.list()!!.toSet(), "$name, $at")
            }
            destination.delete()
        }
    }

    /** It was whole when the cancellation came: a file, or a message, with its end is not called cancelled. */
    @Test
    fun cancelledAfterTheEnd() = runBlocking {
        val sink = object : ByteArrayOutputStream() {
            var job: kotlinx.coroutines.Job? = null
            override fun close() = job!!.cancel()
        }
        var returned = false
        supervisorScope {
            async(Dispatchers.Default) {
                sink.job = currentCoroutineContext().job
                assertEquals(photo.size.toLong(), coroutines.encrypt(keyring, photo.inputStream(), sink))
                returned = true
            }.join()
        }
        assertArrayEquals(photo, client.decrypt(keyring, sink.toByteArray()).plaintext)
        assertTrue(returned)
    }

    @Test
    fun cancelledBeforeItBegins() {
        for (dispatcher in listOf(Dispatchers.IO, Dispatchers.Default)) {
            val sink = Sink()
            val source = object : ByteArrayInputStream(photo) {
                var closed = false
                override fun close() {
                    closed = true
                }
            }
            val error = runBlocking {
                supervisorScope {
                    async {
                        currentCoroutineContext().job.cancel()
                        client.coroutines(dispatcher).encrypt(keyring, source, sink)
                    }.let { runCatching { it.await() } }
                }
            }.exceptionOrNull()
            assertTrue(error is CancellationException, "$error")
            assertTrue(sink.closed && source.closed)
            assertEquals(0, sink.size())
        }
    }

    /** A time-out is a cancellation as any other. */
    @Test
    fun timedOut() {
        val sink = Sink()
        val source = Waiting(photo, CompletableDeferred(), throws = false)
        assertThrows<CancellationException> { runBlocking { withTimeout(200) { coroutines.encrypt(keyring, source, sink) } } }
        assertDoesNotOpen(sink.toByteArray())
    }

    /** Coroutines would throw a copy of it, and an app compares and unwraps what it threw. */
    @Test
    fun whatTheAppThrewComesOut() {
        class Own(message: String, cause: Throwable? = null) : IOException(message, cause)
        val own = Own("of the app")
        val failing = object : InputStream() {
            override fun read(): Int = throw own
        }
        fun assertOwn(work: suspend () -> Unit) = assertSame(own, runBlocking { coroutineScope { runCatching { work() } } }.exceptionOrNull())
        val sink = Sink()
        assertOwn { coroutines.encrypt(keyring, failing, sink) }
        assertDoesNotOpen(sink.toByteArray())
        assertOwn { coroutines.encrypt(keyring, photo.inputStream(), Sink(), progress = { throw own }) }
        val (source, destination) = File(folder, "photo").apply { writeBytes(photo) } to File(folder, "message")
        assertOwn { coroutines.encryptFile(keyring, source, destination) { _, _ -> throw own } }
        assertFalse(destination.exists())
        val broken = Keyring.callback("broken", object : Wrapper() {
            override fun wrap(): WrappedDataKey = throw own
        })
        assertOwn { coroutines.encrypt(broken, photo) }
        assertOwn { coroutines.encryptingFile(broken, source, destination).collect { } }
        val error = runCatching { runBlocking { coroutines.decrypt(keyring, photo) } }.exceptionOrNull()
        assertTrue(error is KmsException, "$error")
    }

    /** Closed before the call, or between the call and the collection. */
    @Test
    fun whatIsClosed() {
        fun assertClosed(work: suspend () -> Unit) {
            val error = runCatching { runBlocking { work() } }.exceptionOrNull()
            assertTrue(error is IllegalStateException && error.message!!.endsWith(" is closed"), "$error")
        }
        val closed = Keyring.rawAes("album", "key", ByteArray(32)).apply { close() }
        val (source, none) = File(folder, "photo").apply { writeBytes(photo) } to File(folder, "none")
        assertClosed { coroutines.encrypt(closed, photo) }
        assertClosed { coroutines.decrypt(closed, photo) }
        val (input, output) = photo.inputStream() to Sink()
        assertClosed { coroutines.encrypt(closed, input, output) }
        assertTrue(output.closed)
        assertClosed { coroutines.decrypt(closed, photo.inputStream(), Sink()) }
        assertClosed { coroutines.reencrypt(keyring, closed, photo.inputStream(), Sink()) }
        assertClosed { coroutines.encryptFile(closed, source, none) }
        assertClosed { coroutines.decryptFile(closed, source, none) }
        assertClosed { coroutines.reencryptFile(closed, keyring, source, none) }
        assertClosed { coroutines.encryptingFile(closed, source, none).collect() }
        assertClosed { coroutines.encrypt(closed, flowOf(photo)).collect() }
        assertClosed { coroutines.decrypt(closed, flowOf(photo)).collect() }
        assertClosed { coroutines.reencrypt(keyring, closed, flowOf(photo)).collect() }
        val client = EncryptionClient()
        val early = client.coroutines()
        client.close()
        assertClosed { early.encrypt(keyring, photo) }
        assertThrows<IllegalStateException> { client.coroutines() }
    }

    @Test
    fun wholeStreamsAndFiles() = runBlocking {
        val sink = Sink()
        val steps = mutableListOf<Long>()
        assertEquals(photo.size.toLong(), coroutines.encrypt(keyring, photo.inputStream(), sink) { steps += it })
        assertEquals(photo.size.toLong(), steps.last())
        assertEquals(steps.sorted(), steps)
        val again = Sink().also { coroutines.reencrypt(keyring, keyring, sink.toByteArray().inputStream(), it) }
        val plain = Sink()
        assertEquals(again.size().toLong(), coroutines.decrypt(keyring, again.toByteArray().inputStream(), plain))
        assertArrayEquals(photo, plain.toByteArray())
        assertArrayEquals(photo, coroutines.decrypt(keyring, coroutines.encrypt(keyring, photo).message).plaintext)
        // A message that is cut short, and one in which a bit is another.
        for (broken in listOf(again.toByteArray().copyOf(again.size() - 1), again.toByteArray().flipped(1_200_000))) {
            val error = runCatching { coroutines.decrypt(keyring, broken.inputStream(), Sink()) }.exceptionOrNull()
            assertTrue((error as? MessageIOException)?.cause is KmsException.InvalidMessage, "$error")
        }
        val (source, message, copy) = listOf("photo", "message", "copy").map { File(folder, it) }
        source.writeBytes(photo)
        coroutines.encryptFile(keyring, source, message)
        coroutines.decryptFile(keyring, message, copy)
        assertArrayEquals(photo, copy.readBytes())
    }
}
