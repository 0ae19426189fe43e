package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.File
import java.io.IOException
import java.lang.ref.WeakReference
import java.util.concurrent.CancellationException

/** What an app's own code throws comes out of the call that led there: the very same object. */
class ThrownTest {
    private val client = EncryptionClient()

    /** Throws in every way that an app is asked. */
    private class Throwing(val thrown: () -> Throwable) : KmsClient, DataKeyWrapper, BranchKeySource, BranchKeyIdSupplier, FileProgress, RewrapProgress {
        private fun fail(): Nothing = throw thrown()

        override fun generateDataKey(request: GenerateDataKeyRequest) = fail()
        override fun encrypt(request: EncryptRequest) = fail()
        override fun decrypt(request: DecryptRequest) = fail()
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) = fail()
        override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) = fail()
        override fun activeBranchKey(branchKeyId: String) = fail()
        override fun branchKeyVersion(branchKeyId: String, branchKeyVersion: String) = fail()
        override fun branchKeyId(encryptionContext: Map<String, String>) = fail()
        override fun update(done: Long, total: Long) = fail()
        override fun update(file: RewrappedFile) = fail()
    }

    /** Exceptions of all sorts, what is an Error to the virtual machine, and what cannot cross as text. */
    private val all = listOf(
        IllegalStateException("no answer", IOException("no network")), AssertionError("no network"), NotImplementedError("no network"),
        StackOverflowError("no network"), KmsException.NotFound(ErrorDetails(message = "no network")), FileException.Cancelled(),
        IllegalStateException("no \uD800 network"), KmsException.NotFound(ErrorDetails(message = "no \uD800 network")),
        object : RuntimeException() {
            override fun toString() = error("not even that")
        },
    )

    private fun thrownBy(call: () -> Any): Throwable? = runCatching(call).exceptionOrNull()

    @Test
    fun comesOutAsItWas() = Fixture().use { fixture ->
        val plain = File.createTempFile("plain", null).apply { deleteOnExit() }
        val message = File.createTempFile("message", null).apply { deleteOnExit() }
        plain.writeBytes(ByteArray(9))
        val raw = Keyring.rawAes("a", "b", ByteArray(32))
        client.encryptFile(raw, plain, message)
        for (thrown in all) {
            val throwing = Throwing { thrown }
            val keyrings = listOf(
                Keyring.kmsClient(throwing, fixture.key.arn), Keyring.callback("app", throwing),
                Keyring.hierarchicalOfSource(throwing, "a branch", 0.001), Keyring.hierarchicalBySupplier(fixture.kms, throwing, 0.001),
                Keyring.multi(raw, listOf(Keyring.callback("app", throwing))),
            )
            for ((index, keyring) in keyrings.withIndex()) {
                assertSame(thrown, thrownBy { client.encrypt(keyring, byteArrayOf(1)) }, "$index")
                assertSame(thrown, thrownBy { client.encryptor(keyring) }, "$index")
                assertSame(thrown, thrownBy { client.encryptFile(keyring, plain, message) }, "$index")
            }
            assertSame(thrown, thrownBy { client.decryptFile(raw, message, plain) { _, _ -> throw thrown } })
            assertSame(thrown, thrownBy { client.decryptPath(raw, message.path, plain.path, progress = throwing) })
            assertSame(thrown, thrownBy { RewrapBatch(client, raw, raw).files(listOf(message)) { throw thrown } })
            assertSame(thrown, thrownBy { RewrapBatch(client, raw, raw).filesByPath(listOf(message.path), throwing) })
        }
    }

    /** A data key that could not be decrypted ends nothing: what was thrown stands with it. */
    @Test
    fun standsInTheAttempts() = Fixture().use { fixture ->
        val vault = Keyring.kms(fixture.kms, fixture.keyId)
        val message = client.encrypt(vault, byteArrayOf(1)).message
        for (thrown in all.filter { it !is Error }) {
            val away = Keyring.kmsClient(Throwing { thrown }, fixture.key.arn)
            val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(away, message) }
            val attempt = error.attempts.single().error!!
            assertSame(thrown, attempt.origin)
            assertSame(thrown, error.details().attempts.single().error!!.origin, "as often as it is asked for")
            assertNull(error.origin)
            assertSame(thrown, error.cause)
            assertEquals(emptyList<Throwable>(), error.suppressed.toList(), "once")
            assertTrue(attempt.message.isNotEmpty())
            // Whatever else finds the data key may go on.
            assertArrayEquals(byteArrayOf(1), client.decrypt(Keyring.multi(null, listOf(away, vault)), message).plaintext)
        }
        val away = Keyring.kmsClient(Throwing { all[0] }, fixture.key.arn)
        val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(away, message) }
        val expected = "KeyUnavailableException: the app's own code failed (${all[0]}; Caused by: ${all[0].cause})"
        assertEquals(listOf(expected), error.causes)
        assertTrue(expected in error.explanation!!, error.explanation)
        assertFalse("\tat " in error.describe(), "no stack trace: ${error.describe()}")
        // Two that failed for reasons of their own.
        val other = Keyring.kmsClient(Throwing { all[1 + 3] }, fixture.key.arn)
        val both = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(Keyring.multi(null, listOf(away, other, away)), message) }
        assertSame(all[0], both.cause)
        assertEquals(listOf(all[1 + 3]), both.suppressed.toList())
        assertEquals(ErrorCategory.OTHER, both.category)
        assertEquals(ErrorCategory.RETRY, both.attempts.first().error!!.category)
        assertEquals("UnableToDecryptDataKeyException", error.message)
    }

    /** But one who was told to stop is not asked further, and an error of the virtual machine is no reason among others. */
    @Test
    fun endsTheCall() = Fixture().use { fixture ->
        val vault = Keyring.kms(fixture.kms, fixture.keyId)
        val message = client.encrypt(vault, byteArrayOf(1)).message
        for (thrown in listOf(CancellationException("stop"), InterruptedException("stop"), OutOfMemoryError("heap"), AssertionError("no"))) {
            val away = Keyring.kmsClient(Throwing { thrown }, fixture.key.arn)
            assertSame(thrown, thrownBy { client.decrypt(away, message) })
            assertSame(thrown, thrownBy { client.decrypt(Keyring.multi(null, listOf(away, vault)), message) })
        }
    }

    /** What an inner call throws, or an app throws on. */
    @Test
    fun passesThroughSeveralCalls() = Fixture().use { fixture ->
        val thrown = IllegalStateException("no network")
        val inner = Keyring.callback("app", Throwing { thrown })
        val outer = Keyring.hierarchicalBySupplier(fixture.kms, { client.encrypt(inner, byteArrayOf(1)); "never" }, 0.001)
        assertSame(thrown, thrownBy { client.encrypt(outer, byteArrayOf(1)) })

        val passing = Keyring.hierarchicalBySupplier(fixture.kms, { fixture.kms.describeKey(DescribeKeyRequest("alias/nobody")); "never" }, 0.001)
        val notFound = assertThrows<KmsException.NotFound> { client.encrypt(passing, byteArrayOf(1)) }
        assertTrue("alias/nobody" in notFound.message)
        // A stream reports it like every other failure.
        val stream = client.decryptingInputStream(Keyring.callback("app", Throwing { notFound }), client.encrypt(appKeyring(), ByteArray(9)).message.inputStream())
        val failed = assertThrows<MessageIOException> { stream.readBytes() }
        assertSame(notFound, failed.cause.attempts.single().error!!.origin)
    }

    private fun appKeyring() = Keyring.callback("app", object : DataKeyWrapper {
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            WrappedDataKey(ByteArray(1), dataKey.clone())

        override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) = key.ciphertext
    })

    /** Nothing of it stays behind. */
    @Test
    fun isForgotten() {
        val kept = (0 until 20).map { throwOnce() }
        var rounds = 0
        while (kept.any { it.get() != null } && rounds < 100) {
            System.gc()
            Thread.sleep(5)
            rounds += 1
        }
        assertEquals(emptyList<Any>(), kept.mapNotNull { it.get() })
    }

    /** In a frame of its own, which holds nothing when it has returned. */
    private fun throwOnce(): WeakReference<Throwable> {
        val thrown = IllegalStateException("no network")
        val keyring = Keyring.callback("app", Throwing { thrown })
        assertSame(thrown, thrownBy { client.encrypt(keyring, byteArrayOf(1)) })
        val error = assertThrows<KmsException> { client.decrypt(keyring, client.encrypt(appKeyring(), ByteArray(9)).message) }
        assertSame(thrown, error.details().attempts.single().error!!.details().origin)
        return WeakReference(thrown)
    }
}
