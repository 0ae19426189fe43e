package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*

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
        val snapshot = kms.snapshot()
        val stranger = kms.asCaller(Caller("111122223333", "us-east-1"))
        val text = "text".toByteArray()
        val manyTags = (0..50).map { Tag("$it", "") }
        val cut = snapshot.copyOf(snapshot.size / 2)
        fun open(file: ByteArray, root: RootKey = fixture.root) = Kms.openSnapshot(file, root)

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
        expect<KmsException.LimitExceeded>(18) { kms.createKey(CreateKeyRequest(tags = manyTags)) }
        expect<KmsException.NotFound>(20) { kms.describeKey(DescribeKeyRequest("alias/nobody")) }
        expect<KmsException.Tag>(21) { kms.createKey(CreateKeyRequest(tags = listOf(Tag("a", "1"), Tag("a", "2")))) }
        expect<KmsException.UnsupportedOperation>(22) {
            kms.createKey(CreateKeyRequest(keySpec = KeySpec.RSA2048, keyUsage = KeyUsageType.SIGN_VERIFY))
        }
        expect<KmsException.Validation>(23) { kms.encrypt(EncryptRequest(keyId, ByteArray(0))) }
        expect<KmsException.WrongRootKey>(1001) { open(snapshot, RootKey.fromBytes(ByteArray(32))) }
        expect<KmsException.SnapshotTruncated>(1002) { open(cut) }
        expect<KmsException.SnapshotCorrupted>(1003) { open(text) }
        expect<KmsException.RecordCorrupted>(1004) { open(snapshot.flipped(26)) }
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
        assertTrue(error.message!!.startsWith("InvalidCiphertextException ("), error.message)
        assertTrue(error.message!!.contains("context"), error.message)
        assertEquals(error.message, error.localizedMessage)
        assertEquals("pocketkms.KmsException\$InvalidCiphertext: ${error.message}", error.toString())

        assertEquals("InvalidCiphertextException", error.name)
        assertEquals("", error.details().message, "nothing that helps an attacker crosses a trust boundary")
        assertNotNull(error.explanation)
        assertEquals(400, error.httpStatus)
        assertEquals(emptyList<String>(), error.causes)
    }

    @Test
    fun theCompilerKnowsAllOfThem() {
        val sealed = KmsException::class.java.declaredClasses.filter { KmsException::class.java.isAssignableFrom(it) }
        assertEquals(34, sealed.size)
        assertTrue(sealed.all { it.superclass == KmsException::class.java })
    }

    @Test
    fun tooMuchForDirectEncryption() {
        val error = assertThrows<KmsException.Validation> { kms.encrypt(EncryptRequest(keyId, ByteArray(4097))) }
        assertTrue(error.message.contains("data key"), error.message)
    }

    @Test
    fun everyFlippedBitIsRefused() {
        val blob = fixture.encrypt("secret")
        for (index in blob.indices) {
            val error = assertThrows<KmsException> { fixture.decrypt(blob.flipped(index)) }
            assertTrue(error is KmsException.InvalidCiphertext || error is KmsException.NotFound, "byte $index: $error")
        }
    }
}
