package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.nio.ByteBuffer
import java.nio.channels.SeekableByteChannel
import java.time.Instant
import java.util.concurrent.Executors

/** Every input is the one at the time of the call: what the caller or a callback does to its arrays later changes nothing. */
class InputTest {
    private val client = EncryptionClient()
    private val fixture = Fixture()
    private val photo = ByteArray(200_000) { (it * 31).toByte() }

    @AfterEach
    fun close() = fixture.close()

    @Test
    fun whatIsWipedAfterTheCall() {
        val (secret, wrapping, root) = List(3) { ByteArray(32) { 7 } }
        val keyring = Keyring.rawAes("album", "key", wrapping)
        val rootKey = RootKey.fromBytes(root)
        wrapping.fill(0)
        root.fill(0)
        val same = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
        val message = client.encrypt(keyring, secret).message
        val copy = message.clone()
        val batch = message.clone()
        secret.fill(0)
        assertArrayEquals(ByteArray(32) { 7 }, client.decrypt(same, message).plaintext)
        val snapshot = Vault.inMemory(rootKey).use { it.snapshot() }
        Vault.openSnapshot(snapshot, RootKey.fromBytes(ByteArray(32) { 7 })).close()

        // What came out is the caller's alone.
        val first = client.decrypt(same, copy).plaintext
        first.fill(9)
        message.fill(0)
        assertArrayEquals(ByteArray(32) { 7 }, client.decrypt(same, copy).plaintext)
        assertArrayEquals(batch, copy)
    }

    @Test
    fun whatChangesWhileAStreamRuns() {
        val keyring = Keyring.rawAes("album", "key", ByteArray(32))
        val context = mutableMapOf("a" to "b")
        val required = mutableListOf("a")
        val options = EncryptOptions(context, required)
        val encryptor = client.encryptor(keyring, options)
        val input = client.encryptingInputStream(keyring, photo.inputStream(), options)
        context["a"] = "c"
        required.clear()
        options.encryptionContext = emptyMap()
        val buffer = ByteArray(1000)
        var message = ByteArray(0)
        for (start in photo.indices step buffer.size) {
            photo.copyInto(buffer, 0, start, start + buffer.size)
            message += encryptor.update(buffer)
            buffer.fill(0) // one buffer for all
        }
        message += encryptor.finish()
        for (made in listOf(message, input.readBytes())) {
            val decrypted = client.decrypt(keyring, made, DecryptOptions(mapOf("a" to "b")))
            assertArrayEquals(photo, decrypted.plaintext)
            assertEquals(mapOf("a" to "b"), decrypted.encryptionContext)
            assertThrows<KmsException> { client.decrypt(keyring, made) }
        }

        val sink = java.io.ByteArrayOutputStream()
        client.encryptTo(keyring, sink) { out ->
            for (size in listOf(1, 999, 40_000)) {
                val piece = ByteArray(size)
                for (start in 0 until 40_000 step size) {
                    val end = minOf(start + size, 40_000)
                    photo.copyInto(piece, 0, start, end)
                    out.write(piece, 0, end - start)
                    piece.fill(0)
                }
            }
        }
        val part = photo.copyOf(40_000)
        assertArrayEquals(part + part + part, client.decrypt(keyring, sink.toByteArray()).plaintext)
    }

    /** A list that grows, a sidecar that is overwritten: those of a batch and of a keyring are their own. */
    @Test
    fun listsAndOptionsThatAreKept() {
        val (old, new) = List(2) { byte -> Keyring.rawAes("album", "key $byte", ByteArray(32) { byte.toByte() }) }
        val children = mutableListOf(old)
        val both = Keyring.multi(null, children)
        children.clear()
        val message = client.encrypt(old, photo).message
        assertArrayEquals(photo, client.decrypt(both, message).plaintext)

        val sidecar = (client.rewrap(old, new, message) as Rewrapped.Sidecar).bytes
        val options = DecryptOptions(sidecar = sidecar)
        val reader = client.rangeReader(new, message, RangeOptions(options))
        val stream = client.decryptingInputStream(new, message.inputStream(), options)
        sidecar.fill(0)
        assertArrayEquals(photo, stream.readBytes())
        val range = ByteRange(0L, 10L)
        val extent = reader.locate(range)
        assertArrayEquals(photo.copyOf(10), reader.open(range, message.copyOfRange(extent.start.toInt(), extent.end.toInt())))
        val keys = mutableListOf(fixture.keyId)
        val kms = Keyring.kms(fixture.kms, fixture.keyId, keys)
        keys[0] = "alias/nobody"
        assertEquals(2, client.encrypt(kms, byteArrayOf(1)).header.encryptedDataKeys.size)
    }

    /** An app that overwrites what its callback was given, or what it answered. */
    @Test
    fun callbacksThatWipe() {
        var answered = ByteArray(0)
        val keyring = Keyring.callback("app", object : DataKeyWrapper {
            override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
                WrappedDataKey("x".toByteArray(), dataKey.clone()).also {
                    answered.fill(0)
                    answered = it.ciphertext
                    dataKey.fill(0)
                }

            override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
                key.ciphertext.clone().also {
                    answered.fill(0)
                    answered = it
                    key.ciphertext.fill(0)
                    key.providerInfo.fill(0)
                }
        })
        val messages = List(3) { client.encrypt(keyring, photo).message }
        for (message in messages) assertArrayEquals(photo, client.decrypt(keyring, message).plaintext)
    }

    /** Work handed to another thread has been given its bytes by then, as a coroutine's has. */
    @Test
    fun oneBufferForManyCalls() {
        val keyring = Keyring.rawAes("album", "key", ByteArray(32))
        val pool = Executors.newFixedThreadPool(4)
        val buffer = ByteArray(5000)
        val messages = List(50) { round ->
            buffer.fill(round.toByte())
            client.encrypt(keyring, buffer).message
        }
        val plain = messages.map { message -> pool.submit<ByteArray> { client.decrypt(keyring, message).plaintext } }
        plain.forEachIndexed { round, answer -> assertArrayEquals(ByteArray(5000) { round.toByte() }, answer.get()) }
        pool.shutdown()
    }

    /** Dates that AWS does not have: within the range of the vault, not an exception of the JDK's. */
    @Test
    fun datesFarAway() {
        for (date in listOf(Instant.MIN, Instant.MAX, Instant.ofEpochMilli(Long.MAX_VALUE), Instant.ofEpochMilli(Long.MIN_VALUE))) {
            val clock = ManualClock(date)
            clock.set(date)
            assertEquals(date > Instant.EPOCH, clock.now() > Instant.EPOCH)
            Vault.inMemory(fixture.root, clock = clock).use { it.client().createKey(CreateKeyRequest()).keyMetadata.creationDate }
        }
    }

    /** Channels that answer what none may: an error, not a loop. */
    @Test
    fun oddChannels() {
        val keyring = Keyring.rawAes("album", "key", ByteArray(32))
        val message = client.encrypt(keyring, photo).message

        class Odd(val stated: Long, val answer: (ByteBuffer, Int) -> Int) : SeekableByteChannel {
            var place = 0
            var closed = false
            override fun read(target: ByteBuffer) = answer(target, place)
            override fun position() = place.toLong()
            override fun position(newPosition: Long) = apply { place = newPosition.toInt() }
            override fun size() = stated
            override fun isOpen() = !closed
            override fun write(source: ByteBuffer) = error("never")
            override fun truncate(size: Long) = error("never")
            override fun close() {
                closed = true
            }
        }

        fun bytes(target: ByteBuffer, place: Int) = minOf(target.remaining(), maxOf(message.size - place, 0)).also { target.put(message, place, it) }
        for ((stated, answer) in listOf<Pair<Long, (ByteBuffer, Int) -> Int>>(
            message.size.toLong() to { _, _ -> 0 },
            message.size.toLong() to { _, _ -> 5 },
            message.size.toLong() to { _, _ -> Int.MIN_VALUE },
            Long.MAX_VALUE to { _, _ -> -1 },
            message.size.toLong() to { target, place -> bytes(target, place) - 1 },
        )) {
            val channel = Odd(stated, answer)
            assertThrows<java.io.IOException> { client.decryptingChannel(keyring, channel).use { it.read(ByteBuffer.allocate(10)) } }
            assertTrue(channel.closed, "what fails does not leak the channel")
        }
        // A keyring that has no key for it does not leak the channel either.
        val channel = Odd(message.size.toLong(), ::bytes)
        val other = Keyring.rawAes("album", "key", ByteArray(32) { 1 })
        assertThrows<KmsException.UnableToDecryptDataKey> { client.decryptingChannel(other, channel) }
        assertTrue(channel.closed)
    }
}
