package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import kotlin.io.path.createTempDirectory

class MessageTest {
    private val client = EncryptionClient()
    private val photo = ByteArray(300_000) { (it * 31).toByte() }
    private val fixture = Fixture()

    private fun rawAes(byte: Byte = 7) = Keyring.rawAes("album", "key", ByteArray(32) { byte })

    @AfterEach
    fun close() = fixture.close()

    @Test
    fun alteredMessages() {
        val message = client.encrypt(rawAes(), "secret".toByteArray()).message
        for (index in message.indices) {
            assertThrows<KmsException>("byte $index") { client.decrypt(rawAes(), message.flipped(index)) }
            assertThrows<KmsException>("cut at $index") { client.decrypt(rawAes(), message.copyOf(index)) }
        }
        assertThrows<KmsException.InvalidMessage> { client.decrypt(rawAes(), message + 0) }
    }

    @Test
    fun noKeyringOpensIt() {
        val message = client.encrypt(rawAes(), ByteArray(0)).message
        val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(rawAes(8), message) }
        assertTrue("provider 'album', key 'key'" in error.explanation!!)
    }

    @Test
    fun commitmentPolicyAndLimits() {
        val old = EncryptionClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
        val message = old.encrypt(rawAes(), "old".toByteArray()).message
        assertThrows<KmsException.CommitmentPolicy> { client.decrypt(rawAes(), message) }
        assertEquals("old", String(old.decrypt(rawAes(), message).plaintext))
        val short = EncryptionClient(maxFrameLength = 1024)
        assertThrows<KmsException.LimitExceeded> { short.decrypt(rawAes(), client.encrypt(rawAes(), photo).message) }
    }

    @Test
    fun keyOfAVault() {
        val keyring = Keyring.kms(fixture.kms, fixture.keyId)
        val encrypted = client.encrypt(keyring, photo, EncryptOptions(encryptionContext = mapOf("album" to "2026")))
        assertEquals(2, encrypted.header.version)
        assertEquals(listOf("aws-kms"), encrypted.header.encryptedDataKeys.map { it.providerId })
        assertEquals(fixture.key.arn, String(encrypted.header.encryptedDataKeys[0].providerInfo))

        val own = Keyring.kmsDiscovery(fixture.kms, DiscoveryFilter(listOf("000000000000")))
        val decrypted = client.decrypt(own, encrypted.message)
        assertArrayEquals(photo, decrypted.plaintext)
        assertEquals(mapOf("album" to "2026"), decrypted.encryptionContext)
        assertFalse("31" in decrypted.toString().substringBefore("encryptionContext"), "the plaintext is not printed")
        val other = Keyring.kmsDiscovery(fixture.kms, DiscoveryFilter(listOf("111122223333")))
        assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(other, encrypted.message) }
    }

    @Test
    fun requiredContext() {
        val tenant = mapOf("tenant" to "7")
        val options = EncryptOptions(encryptionContext = tenant, requiredEncryptionContextKeys = listOf("tenant"))
        val encrypted = client.encrypt(rawAes(), "x".toByteArray(), options)
        assertEquals(emptyMap<String, String>(), encrypted.header.encryptionContext)
        assertThrows<KmsException> { client.decrypt(rawAes(), encrypted.message) }
        val again = DecryptOptions(encryptionContext = tenant, requiredEncryptionContextKeys = listOf("tenant"))
        assertEquals("x", String(client.decrypt(rawAes(), encrypted.message, again).plaintext))
    }

    @Test
    fun severalKeyringsAndACache() {
        val both = Keyring.multi(Keyring.kms(fixture.kms, fixture.keyId), listOf(rawAes()))
        val cached = Keyring.caching(both, maxMessages = 2, clock = fixture.clock)
        val keys = List(3) { client.encrypt(cached, byteArrayOf(1)).header.encryptedDataKeys[0].ciphertext.toList() }
        assertEquals(keys[0], keys[1])
        assertNotEquals(keys[1], keys[2])
        assertThrows<KmsException.Validation> { Keyring.multi(cached) }

        val message = client.encrypt(both, byteArrayOf(1)).message
        fixture.kms.disableKey(DisableKeyRequest(fixture.keyId))
        assertArrayEquals(byteArrayOf(1), client.decrypt(rawAes(), message).plaintext)
        assertThrows<KmsException.Disabled> { client.encrypt(cached, byteArrayOf(1)) }
    }

    @Test
    fun streams() {
        val written = ByteArrayOutputStream()
        client.encryptTo(rawAes(), written) { photo.inputStream().copyTo(it, 999) }
        val read = client.encryptingInputStream(rawAes(), photo.inputStream()).use(InputStream::readBytes)
        for (message in listOf(written.toByteArray(), read)) {
            val inward = client.decryptingInputStream(rawAes(), ByteArrayInputStream(message))
            assertEquals(photo[0].toInt() and 0xff, inward.read())
            assertEquals(99, inward.skip(99))
            assertArrayEquals(photo.copyOfRange(100, photo.size), inward.use(InputStream::readBytes))

            val outward = ByteArrayOutputStream()
            client.decryptTo(rawAes(), outward) { message.inputStream().copyTo(it, 7919) }
            assertArrayEquals(photo, outward.toByteArray())
        }
    }

    @Test
    fun aTruncatedMessageNeverLooksLikeTheEnd() {
        val message = client.encrypt(rawAes(), photo).message
        val cut = message.copyOf(message.size - 1)
        val out = ByteArrayOutputStream()
        val error = assertThrows<IOException> { client.decryptingInputStream(rawAes(), cut.inputStream()).copyTo(out) }
        assertTrue("truncated" in (error.cause as KmsException.InvalidMessage).explanation!!)
        assertArrayEquals(photo.copyOf(4 * 65_536), out.toByteArray())

        val outward = client.decryptingOutputStream(rawAes(), ByteArrayOutputStream())
        outward.write(cut)
        assertThrows<MessageIOException> { outward.finish() }
        outward.close()
        outward.close() // a second time is harmless, as everywhere in java.io
    }

    @Test
    fun anErrorEndsTheStream() {
        val message = client.encrypt(rawAes(), photo).message.flipped(100_000)
        val stream = client.decryptingInputStream(rawAes(), message.inputStream())
        assertThrows<IOException> { stream.readBytes() }
        assertThrows<IOException> { stream.read() }

        val full = object : OutputStream() {
            override fun write(byte: Int): Unit = throw IOException("the disk is full")
        }
        val outward = client.encryptingOutputStream(rawAes(), full)
        assertEquals("the disk is full", assertThrows<IOException> { outward.write(photo) }.message)
        assertThrows<IOException> { outward.write(1) }
        assertThrows<IOException> { outward.finish() }
        outward.close()
        assertThrows<KmsException.StreamState> {
            client.decryptor(rawAes()).use { it.runCatching { update("no".toByteArray()) }; it.finish(); it.finish() }
        }
    }
}

/** Keyrings of the app's own, and what can be done with messages that are stored already. */
class StoredMessageTest {
    private val client = EncryptionClient()
    private val fixture = Fixture()
    private val rawAes = Keyring.rawAes("album", "key", ByteArray(32) { 7 })

    @AfterEach
    fun close() = fixture.close()

    /** Wraps with a key of a vault, as an app would with AWS KMS. */
    private inner class ByVault : DataKeyWrapper {
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            fixture.kms.encrypt(EncryptRequest(fixture.keyId, dataKey, encryptionContext)).let {
                WrappedDataKey(it.keyId.toByteArray(), it.ciphertextBlob)
            }

        override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            fixture.kms.decrypt(DecryptRequest(key.ciphertext, encryptionContext)).plaintext
    }

    @Test
    fun anAppWrapsDataKeysItself() {
        val own = Keyring.callback("aws-kms", ByVault())
        val message = client.encrypt(own, byteArrayOf(1, 2), EncryptOptions(mapOf("a" to "b"))).message
        // Others open it as a message of that KMS key.
        val vault = Keyring.kms(fixture.kms, fixture.keyId)
        assertArrayEquals(byteArrayOf(1, 2), client.decrypt(vault, message).plaintext)
        assertArrayEquals(byteArrayOf(1, 2), client.decrypt(own, message).plaintext)

        fixture.kms.disableKey(DisableKeyRequest(fixture.keyId))
        assertThrows<KmsException.Disabled> { client.encrypt(own, byteArrayOf(1)) }
        val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(own, message) }
        assertTrue("DisabledException" in error.explanation!!)
    }

    @Test
    fun filesAreWholeOrNotThere() {
        val folder = createTempDirectory().toFile()
        try {
            val (plain, message, again) = listOf("plain", "message", "again").map { File(folder, it) }
            plain.writeBytes(ByteArray(300_000) { it.toByte() })
            var last = 0L to 0L
            client.encryptFile(rawAes, plain, message) { done, total -> last = done to total; true }
            assertEquals(300_000L to 300_000L, last)
            client.decryptFile(rawAes, message, again)
            assertArrayEquals(plain.readBytes(), again.readBytes())
            again.delete()

            assertThrows<FileException.Cancelled> { client.decryptFile(rawAes, message, again) { _, _ -> false } }
            assertThrows<FileException.Io> { client.decryptFile(rawAes, File(folder, "nowhere"), again) }
            message.writeBytes(message.readBytes().dropLast(1).toByteArray())
            val error = assertThrows<FileException.Message> { client.decryptFile(rawAes, message, again) }
            assertEquals("InvalidMessageException", error.details.name)
            assertEquals(setOf("plain", "message"), folder.list()!!.toSet(), "nothing is left")
        } finally {
            folder.deleteRecursively()
        }
    }

    @Test
    fun aStoredMessageTellsItsKeyAndMovesToAnother() {
        val photo = ByteArray(200_000) { it.toByte() }
        val old = Keyring.kms(fixture.kms, fixture.keyId)
        val message = client.encrypt(old, photo).message
        assertEquals(MessageInspection.Incomplete::class, client.inspect(message.copyOf(100))::class)
        val info = (client.inspect(message.copyOf(1000)) as MessageInspection.Complete).info
        assertEquals(fixture.key.arn, info.wrappingKeys.single().keyArn)
        assertTrue(fixture.key.currentKeyMaterialId!!.startsWith(info.wrappingKeys.single().keyMaterial!!))

        assertTrue(client.needsRewrap(rawAes, message.copyOf(1000)))
        val sidecar = (client.rewrap(old, rawAes, message.copyOf(1000)) as Rewrapped.Sidecar).bytes
        assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(rawAes, message) }
        val beside = DecryptOptions(sidecar = sidecar)
        val about = client.inspectSidecar(sidecar)
        assertArrayEquals(info.header.messageId, about.messageId)
        assertEquals(info.header.algorithmSuite, about.algorithmSuite)
        assertEquals(about.encryptedDataKeys.map(::wrappingKey), about.wrappingKeys)
        assertNotEquals(info.wrappingKeys, about.wrappingKeys, "other keys than the message's own")
        assertThrows<KmsException.InvalidMessage> { client.inspectSidecar(message) }
        assertArrayEquals(photo, client.decrypt(rawAes, message, beside).plaintext)
        assertThrows<KmsException> { client.decrypt(rawAes, message, DecryptOptions(sidecar = sidecar.flipped(60))) }

        val reader = client.rangeReader(rawAes, message.copyOf(1000), RangeOptions(beside, message.size.toLong()))
        assertEquals(200_000L, reader.plaintextLength())
        val range = ByteRange(150_000L, 150_010L)
        val extent = reader.locate(range)
        val part = message.copyOfRange(extent.start.toInt(), extent.end.toInt())
        assertTrue(part.size < 70_000)
        assertArrayEquals(photo.copyOfRange(150_000, 150_010), reader.open(range, part))
        assertThrows<KmsException.InvalidMessage> { reader.open(range, part.flipped(100)) }
    }
}
