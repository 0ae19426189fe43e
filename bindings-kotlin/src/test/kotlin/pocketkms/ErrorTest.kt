package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.File
import java.lang.reflect.Modifier

class ErrorTest {
    private val fixture = Fixture()
    private val kms = fixture.kms
    private val keyId = fixture.keyId

    @AfterEach
    fun close() = fixture.close()

    /** Every exception that a caller can bring about, as its own subclass. */
    @Test
    fun subclasses() {
        val other = kms.createKey(CreateKeyRequest()).keyMetadata
        val disabled = kms.createKey(CreateKeyRequest()).keyMetadata
        kms.disableKey(DisableKeyRequest(disabled.keyId))
        kms.createAlias(CreateAliasRequest("alias/taken", keyId))
        val blob = fixture.encrypt("secret")
        val snapshot = fixture.vault.snapshot()
        val stranger = fixture.vault.client("111122223333")
        val text = "text".toByteArray()
        val cut = snapshot.copyOf(snapshot.size / 2)
        fun open(file: ByteArray, root: RootKey = fixture.root) = Vault.openSnapshot(file, root)

        expect<KmsException.AccessDenied>(1) { stranger.describeKey(DescribeKeyRequest(fixture.key.arn)) }
        expect<KmsException.AlreadyExists>(2) { kms.createAlias(CreateAliasRequest("alias/taken", keyId)) }
        expect<KmsException.CustomKeyStoreNotFound>(4) { kms.createKey(CreateKeyRequest(customKeyStoreId = "cks-1")) }
        expect<KmsException.Disabled>(6) { kms.encrypt(EncryptRequest(disabled.keyId, text)) }
        expect<KmsException.DryRunOperation>(7) { kms.encrypt(EncryptRequest(keyId, text, dryRun = true)) }
        expect<KmsException.IncorrectKey>(8) { kms.decrypt(DecryptRequest(blob, keyId = other.keyId)) }
        expect<KmsException.InvalidAliasName>(9) { kms.createAlias(CreateAliasRequest("alias/aws/mine", keyId)) }
        expect<KmsException.InvalidArn>(10) { kms.describeKey(DescribeKeyRequest("arn:aws:s3:::bucket")) }
        expect<KmsException.InvalidCiphertext>(11) { kms.decrypt(DecryptRequest(blob, mapOf("not" to "given"))) }
        expect<KmsException.InvalidGrantToken>(12) { kms.encrypt(EncryptRequest(keyId, text, grantTokens = listOf("token"))) }
        expect<KmsException.InvalidKeyUsage>(13) {
            kms.encrypt(EncryptRequest(keyId, text, encryptionAlgorithm = EncryptionAlgorithmSpec.RSAES_OAEP_SHA256))
        }
        expect<KmsException.InvalidMarker>(14) { kms.listKeys(ListKeysRequest(marker = "nowhere")) }
        expect<KmsException.KmsInvalidState>(17) { kms.cancelKeyDeletion(CancelKeyDeletionRequest(keyId)) }
        expect<KmsException.LimitExceeded>(18) { repeat(26) { kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(keyId)) } }
        expect<KmsException.NotFound>(20) { kms.describeKey(DescribeKeyRequest("alias/nobody")) }
        expect<KmsException.Tag>(21) { kms.createKey(CreateKeyRequest(tags = listOf(Tag("a", "1"), Tag("a", "2")))) }
        expect<KmsException.UnsupportedOperation>(22) {
            kms.createKey(CreateKeyRequest(keySpec = KeySpec.SM2, keyUsage = KeyUsageType.SIGN_VERIFY))
        }
        expect<KmsException.Validation>(23) { kms.encrypt(EncryptRequest(keyId, ByteArray(0))) }
        expect<KmsException.WrongRootKey>(1001) { open(snapshot, RootKey.fromBytes(ByteArray(32))) }
        expect<KmsException.SnapshotTruncated>(1002) { open(cut) }
        expect<KmsException.SnapshotCorrupted>(1003) { open(text) }
        expect<KmsException.RecordCorrupted>(1004) { open(snapshot.flipped(25)) } // the header's revision
        expect<KmsException.UnsupportedVersion>(1005) { open(snapshot.flipped(9)) }

        assertEquals("secret", fixture.decrypt(blob), "the vault is unharmed")
    }

    private inline fun <reified E : KmsException> expect(code: Int, crossinline call: () -> Unit) {
        val error = assertThrows<E> { call() }
        assertEquals(code, error.code)
        assertEquals(E::class.java.simpleName.lowercase() + "exception", error.name.lowercase())
    }

    @Test
    fun itReadsWell() {
        val blob = fixture.encrypt("secret", mapOf("tenant" to "42"))
        val error = assertThrows<KmsException> { fixture.decrypt(blob, mapOf("tenant" to "43")) }
        assertEquals("InvalidCiphertextException", error.message)
        assertEquals(error.message, error.localizedMessage)
        assertEquals("pocketkms.KmsException\$InvalidCiphertext: ${error.message}", error.toString())

        assertEquals("InvalidCiphertextException", error.name)
        assertEquals("", error.details().message, "nothing that helps an attacker crosses a trust boundary")
        assertTrue("context" in error.explanation!!, error.explanation)
        assertTrue(error.explanation!! in error.details().text, "the report for a log has all of it")
        assertEquals(400, error.httpStatus)
        assertEquals(ErrorCategory.LOST, error.category)
        assertEquals(emptyList<String>(), error.causes)
        assertEquals(emptyList<Attempt>(), error.attempts)
        val lines = error.describe().lines()
        assertEquals("InvalidCiphertextException", lines[0])
        assertTrue(lines[1].startsWith("The ciphertext or its encryption context"), lines[1])
        assertEquals(error.explanation, lines.drop(2).joinToString("\n"))

        val missing = assertThrows<KmsException> { kms.describeKey(DescribeKeyRequest("alias/nobody")) }
        assertTrue(Regex("NotFoundException: .*alias/nobody.*").matches(missing.message), missing.message)
    }

    /** Whatever is wrong with a ciphertext or a message, and whatever stands in it: `return e.message` is no oracle. */
    @Test
    fun allFailuresOfADecryptionAreAlike() {
        val blob = fixture.encrypt("secret", mapOf("tenant" to "42"))
        val contexts = listOf(null, emptyMap(), mapOf("tenant" to "43"), mapOf("tenant" to "42", "more" to ""))
        val refused = contexts.map { context -> assertThrows<KmsException> { fixture.decrypt(blob, context) } } +
            blob.indices.map { index -> assertThrows<KmsException> { fixture.decrypt(blob.flipped(index), mapOf("tenant" to "42")) } } +
            blob.indices.drop(1).map { length -> assertThrows<KmsException> { fixture.decrypt(blob.copyOf(length), mapOf("tenant" to "42")) } }
        val texts = refused.filter { it !is KmsException.AccessDenied }.map { it.message }.toSet() // a key id that was altered names no key
        assertEquals(setOf("InvalidCiphertextException"), texts)

        val client = EncryptionClient()
        val keyring = Keyring.rawAes("the tenant's", "secret name", ByteArray(32))
        val message = client.encrypt(keyring, byteArrayOf(1), EncryptOptions(mapOf("a" to "b"))).message
        val others = listOf(
            Keyring.rawAes("the tenant's", "secret name", ByteArray(32) { 1 }), Keyring.rawAes("another", "name", ByteArray(32)),
            Keyring.kms(kms, keyId), Keyring.kmsDiscovery(kms), Keyring.callback("the tenant's", Throwing()),
        )
        val unopened = others.map { other -> assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(other, message) } }
        assertEquals(setOf("UnableToDecryptDataKeyException"), unopened.map { it.message }.toSet())
        assertTrue(unopened.map { it.explanation }.toSet().size > 1, "the explanation says more")
        assertTrue(unopened.all { error -> error.attempts.all { it.providerId == "the tenant's" && it.keyName == "secret name" } })
        val altered = message.indices.map { index -> assertThrows<KmsException> { client.decrypt(keyring, message.flipped(index)) } }
        assertTrue(altered.any { it is KmsException.InvalidMessage })
        for (error in altered) {
            val shown = listOf(error.message, "$error", error.localizedMessage)
            assertTrue(shown.none { "tenant" in it || "secret" in it || error.explanation.orEmpty().ifEmpty { "tenant" } in it }, "$shown")
        }
    }

    private class Throwing : DataKeyWrapper {
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            error("never")

        override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            error("the HSM's password is 1234")
    }

    /** Each encrypted data key of a message that could not be opened, and what was said of it. */
    @Test
    fun attempts() {
        val client = EncryptionClient()
        val other = kms.createKey(CreateKeyRequest()).keyMetadata
        val own = Keyring.rawAes("album", "key", ByteArray(32))
        val message = client.encrypt(Keyring.multi(Keyring.kms(kms, keyId, listOf(other.keyId)), listOf(own)), byteArrayOf(1)).message
        kms.disableKey(DisableKeyRequest(keyId))
        val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(Keyring.kms(kms, keyId), message) }
        assertEquals(
            listOf(
                listOf(0, "aws-kms", fixture.key.arn, fixture.key.arn, KmsException.Disabled::class),
                listOf(1, "aws-kms", other.arn, other.arn, null),
                listOf(2, "album", "key", null, null),
            ),
            error.attempts.map { listOf(it.index, it.providerId, it.keyName, it.keyArn, it.error?.let { error -> error::class }) },
        )
        assertTrue(error.attempts[0].error!!.message.startsWith("DisabledException: "), error.describe())
        assertTrue("no keyring is for this provider and key" in error.describe(), error.describe())
    }

    /** One base for all, none of them without a text, wherever it comes from. */
    @Test
    fun theirBase() {
        val details = ErrorDetails(message = "")
        val all = Generated.classes.filter { PocketKmsException::class.java.isAssignableFrom(it) && !Modifier.isAbstract(it.modifiers) }
        assertTrue(all.size > 36, "$all")
        for (type in all) {
            val constructor = type.constructors.single()
            val error = constructor.newInstance(*constructor.parameterTypes.map { if (it == String::class.java) "gone" else details }.toTypedArray())
            error as PocketKmsException
            assertTrue(error.message.isNotBlank(), "$type")
            assertTrue(error.name.endsWith("Exception"), error.name)
        }
        val strays = Generated.classes.filter { Throwable::class.java.isAssignableFrom(it) && it !in all }
        assertEquals(
            setOf(PocketKmsException::class.java, KmsException::class.java, FileException::class.java, MessageIOException::class.java),
            strays.toSet(),
        )

        val io: PocketKmsException = assertThrows<FileException> { EncryptionClient().encryptFile(Keyring.rawAes("a", "b", ByteArray(32)), File("/nowhere/ada"), File("/nowhere/b")) }
        assertFalse("ada" in "$io", "$io")
        assertTrue("/nowhere" in io.explanation!!, io.explanation)
        assertFalse(KmsException.NotFound(ErrorDetails(message = "")).message.isEmpty())
        assertEquals("The KMS key, alias or other resource does not exist.", KmsException.NotFound(ErrorDetails(message = "")).explanation)
        assertEquals("NotFoundException: gone", KmsException.NotFound(ErrorDetails(message = "gone")).message)
        assertEquals(20, KmsException.NotFound(ErrorDetails(message = "gone")).code)
        assertTrue(KmsException.NotFound(ErrorDetails(message = "\uD800")).message.isNotEmpty())
    }

    /** Half of a surrogate pair, as JSON may bring it (`"\ud800"`), is no character: one named error at every entry point. */
    @Test
    fun halfACharacter() {
        val half = "a\uDC00b"
        val client = EncryptionClient()
        val keyring = Keyring.rawAes("a", "b", ByteArray(32))
        val context = mapOf("a" to half)
        val message = client.encrypt(keyring, byteArrayOf(1)).message
        val file = File("/nowhere/$half")
        val calls = listOf<() -> Any>(
            { kms.describeKey(DescribeKeyRequest(half)) },
            { kms.createKey(CreateKeyRequest(description = half)) },
            { kms.createKey(CreateKeyRequest(tags = listOf(Tag(half, "")))) },
            { kms.encrypt(EncryptRequest(keyId, byteArrayOf(1), context)) },
            { kms.encrypt(EncryptRequest(keyId, byteArrayOf(1), mapOf(half to ""))) },
            { fixture.vault.client(half) },
            { fixture.vault.client(principal = half) },
            { Vault.inMemory(fixture.root, region = half) },
            { kms.call(half, ByteArray(0)) },
            { Keyring.rawAes(half, "b", ByteArray(32)) },
            { Keyring.kms(kms, half) },
            { Keyring.kms(kms, keyId, listOf(half)) },
            { Keyring.kmsDiscovery(kms, DiscoveryFilter(listOf(), half)) },
            { Keyring.callback(half, Throwing()) },
            { client.encrypt(keyring, byteArrayOf(1), EncryptOptions(context)) },
            { client.encrypt(keyring, byteArrayOf(1), EncryptOptions(requiredEncryptionContextKeys = listOf(half))) },
            { client.decrypt(keyring, message, DecryptOptions(context)) },
            { client.encryptingInputStream(keyring, byteArrayOf(1).inputStream(), EncryptOptions(context)) },
            { client.decryptingOutputStream(keyring, java.io.ByteArrayOutputStream(), DecryptOptions(context)) },
            { client.encryptFile(keyring, file, File("/nowhere/b")) },
            { RewrapBatch(client, keyring, keyring).files(listOf(file)) },
            { removeAbandoned(file) },
            { RootKey.fromPassphrase(half) },
            { wrappingKey(EncryptedDataKey(half, ByteArray(0), ByteArray(0))) },
        )
        for ((index, call) in calls.withIndex()) {
            val error = assertThrows<KmsException.Validation>("$index") { call() }
            assertTrue("surrogate" in error.message, error.message)
        }
    }

    @Test
    fun theCompilerKnowsAllOfThem() {
        val sealed = KmsException::class.java.declaredClasses.filter { KmsException::class.java.isAssignableFrom(it) }
        assertTrue(sealed.size >= 34, "$sealed")
        assertTrue(sealed.all { it.superclass == KmsException::class.java && PocketKmsException::class.java.isAssignableFrom(it) })
    }

    @Test
    fun tooMuchForDirectEncryption() {
        val error = assertThrows<KmsException.Validation> { kms.encrypt(EncryptRequest(keyId, ByteArray(4097))) }
        assertTrue(error.explanation.orEmpty().contains("data key"), error.message)
    }

    @Test
    fun everyFlippedBitIsRefused() {
        val blob = fixture.encrypt("secret")
        for (index in blob.indices) {
            val error = assertThrows<KmsException> { fixture.decrypt(blob.flipped(index)) }
            assertTrue(error is KmsException.InvalidCiphertext || error is KmsException.AccessDenied, "byte $index: $error")
        }
    }
}
