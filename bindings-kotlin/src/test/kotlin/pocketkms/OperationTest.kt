package pocketkms

import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Proxy
import java.time.Duration

/** Each operation, with what it is for. That none is left out is checked at the end. */
class OperationTest {
    private val fixture = Fixture()
    private val kms = recording(fixture.kms)
    private val keyId = fixture.keyId

    @AfterEach
    fun close() = fixture.close()

    @Test
    fun branchKeys() {
        val client = EncryptionClient()
        val id = kms.createBranchKey(CreateBranchKeyRequest(kmsKeyId = keyId)).branchKeyIdentifier
        val keyring = Keyring.hierarchical(fixture.kms, id, 60_000u)
        val message = client.encrypt(keyring, byteArrayOf(1)).message
        kms.rotateBranchKey(RotateBranchKeyRequest(id))
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)

        // The branch key leaves its KMS key; the message stays.
        val other = kms.createKey(CreateKeyRequest()).keyMetadata
        kms.rewrapBranchKeys(RewrapBranchKeysRequest(destinationKmsKeyId = other.keyId))
        kms.disableKey(DisableKeyRequest(keyId))
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)
        assertEquals(other.arn, kms.describeBranchKey(DescribeBranchKeyRequest(id)).kmsKeyArn)
        assertEquals(listOf(id), kms.listBranchKeys(ListBranchKeysRequest()).branchKeys.map { it.branchKeyIdentifier })
        kms.disableKey(DisableKeyRequest(other.keyId))
        assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(keyring, message) }
    }

    @Test
    fun keys() {
        assertEquals("of the test", fixture.key.description)
        assertEquals(KeyState.ENABLED, fixture.key.keyState)
        assertEquals(KeySpec.SYMMETRIC_DEFAULT, fixture.key.keySpec)
        assertEquals(listOf(EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT), fixture.key.encryptionAlgorithms)
        assertEquals("arn:aws:kms:us-east-1:000000000000:key/$keyId", fixture.key.arn)
        assertEquals(Fixture.START, fixture.key.creationDate)

        kms.updateKeyDescription(UpdateKeyDescriptionRequest(keyId, "für später 🔑"))
        kms.disableKey(DisableKeyRequest(keyId))
        val disabled = kms.describeKey(DescribeKeyRequest(fixture.key.arn)).keyMetadata
        assertEquals("für später 🔑", disabled.description)
        assertEquals(KeyState.DISABLED, disabled.keyState)
        assertFalse(disabled.enabled)
        kms.enableKey(EnableKeyRequest(keyId))
        assertTrue(kms.describeKey(DescribeKeyRequest(keyId)).keyMetadata.enabled)

        repeat(4) { kms.createKey(CreateKeyRequest()) }
        val found = pages(ListKeysResponse::keys, ListKeysResponse::nextMarker) {
            kms.listKeys(ListKeysRequest(limit = 2, marker = it))
        }
        assertEquals(listOf(2, 2, 1), found.map { it.size })
        assertEquals(5, found.flatten().map { it.keyId }.toSet().size)
    }

    @Test
    fun aliases() {
        val other = kms.createKey(CreateKeyRequest()).keyMetadata
        kms.createAlias(CreateAliasRequest("alias/photos", keyId))
        val blob = kms.encrypt(EncryptRequest("alias/photos", "cat".toByteArray())).ciphertextBlob

        fixture.clock.advanceDays(1u)
        kms.updateAlias(UpdateAliasRequest("alias/photos", other.keyId))
        val alias = kms.listAliases(ListAliasesRequest(other.keyId)).aliases.single()
        assertEquals("alias/photos", alias.aliasName)
        assertEquals(other.keyId, alias.targetKeyId)
        assertEquals(Duration.ofDays(1), Duration.between(alias.creationDate, alias.lastUpdatedDate))
        assertEquals("cat", fixture.decrypt(blob), "old data still decrypts")

        kms.deleteAlias(DeleteAliasRequest("alias/photos"))
        assertEquals(emptyList<AliasListEntry>(), kms.listAliases(ListAliasesRequest()).aliases)
    }

    @Test
    fun encryption() {
        val context = mapOf("tenant" to "42", "größe" to "✓", "" to "empty")
        for (length in listOf(1, 15, 16, 17, 4096)) {
            val plaintext = ByteArray(length) { it.toByte() }
            val encrypted = kms.encrypt(EncryptRequest(keyId, plaintext, context))
            assertEquals(fixture.key.arn, encrypted.keyId)
            val decrypted = kms.decrypt(DecryptRequest(encrypted.ciphertextBlob, context))
            assertArrayEquals(plaintext, decrypted.plaintext)
            assertEquals(fixture.key.currentKeyMaterialId, decrypted.keyMaterialId)
        }

        val other = kms.createKey(CreateKeyRequest()).keyMetadata
        val moved = kms.reEncrypt(
            ReEncryptRequest(
                ciphertextBlob = fixture.encrypt("moving", mapOf("a" to "1")),
                sourceEncryptionContext = mapOf("a" to "1"),
                destinationKeyId = other.keyId,
                destinationEncryptionContext = mapOf("b" to "2"),
            ),
        )
        assertEquals(fixture.key.arn, moved.sourceKeyId)
        assertEquals(other.arn, moved.keyId)
        assertEquals("moving", fixture.decrypt(moved.ciphertextBlob, mapOf("b" to "2")))
    }

    @Test
    fun dataKeys() {
        val made = kms.generateDataKey(GenerateDataKeyRequest(keyId, keySpec = DataKeySpec.AES256))
        assertEquals(32, made.plaintext.size)
        assertArrayEquals(made.plaintext, kms.decrypt(DecryptRequest(made.ciphertextBlob)).plaintext)

        val later = kms.generateDataKeyWithoutPlaintext(
            GenerateDataKeyWithoutPlaintextRequest(keyId, mapOf("file" to "1"), numberOfBytes = 100),
        )
        val opened = kms.decrypt(DecryptRequest(later.ciphertextBlob, mapOf("file" to "1")))
        assertEquals(100, opened.plaintext.size)
        assertEquals(later.keyMaterialId, opened.keyMaterialId)

        val random = kms.generateRandom(GenerateRandomRequest(1024)).plaintext
        assertEquals(1024, random.size)
        assertFalse(random.contentEquals(kms.generateRandom(GenerateRandomRequest(1024)).plaintext))
    }

    @Test
    fun rotation() {
        val before = fixture.encrypt("before")
        kms.enableKeyRotation(EnableKeyRotationRequest(keyId, 365))
        val status = kms.getKeyRotationStatus(GetKeyRotationStatusRequest(keyId))
        assertTrue(status.keyRotationEnabled)
        assertEquals(365, status.rotationPeriodInDays)
        assertEquals(Fixture.START.plus(Duration.ofDays(365)), status.nextRotationDate)

        fixture.clock.advanceDays(365u) // a year goes by
        val after = kms.describeKey(DescribeKeyRequest(keyId)).keyMetadata
        assertNotEquals(fixture.key.currentKeyMaterialId, after.currentKeyMaterialId)
        assertEquals("before", fixture.decrypt(before))

        assertEquals(fixture.key.arn, kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(keyId)).keyId)
        val rotations = kms.listKeyRotations(ListKeyRotationsRequest(keyId)).rotations
        assertEquals(listOf(RotationType.AUTOMATIC, RotationType.ON_DEMAND), rotations.map { it.rotationType })
        assertEquals(listOf(KeyMaterialState.NON_CURRENT, KeyMaterialState.CURRENT), rotations.map { it.keyMaterialState })
        val all = ListKeyRotationsRequest(keyId, IncludeKeyMaterial.ALL_KEY_MATERIAL, limit = 1000)
        assertEquals(3, kms.listKeyRotations(all).rotations.size)

        kms.disableKeyRotation(DisableKeyRotationRequest(keyId))
        assertFalse(kms.getKeyRotationStatus(GetKeyRotationStatusRequest(keyId)).keyRotationEnabled)
    }

    @Test
    fun deletion() {
        val blob = fixture.encrypt("gone soon")
        val scheduled = kms.scheduleKeyDeletion(ScheduleKeyDeletionRequest(keyId, 7))
        assertEquals(KeyState.PENDING_DELETION, scheduled.keyState)
        assertEquals(7, scheduled.pendingWindowInDays)
        assertEquals(fixture.key.arn, kms.cancelKeyDeletion(CancelKeyDeletionRequest(keyId)).keyId)
        kms.enableKey(EnableKeyRequest(keyId))
        assertEquals("gone soon", fixture.decrypt(blob))

        kms.scheduleKeyDeletion(ScheduleKeyDeletionRequest(keyId, 7))
        fixture.clock.advanceDays(7u)
        assertThrows<KmsException.AccessDenied> { fixture.decrypt(blob) }
    }

    @Test
    fun tags() {
        kms.tagResource(TagResourceRequest(keyId, listOf(Tag("b", "2"), Tag("a", "1"), Tag("c", ""))))
        kms.untagResource(UntagResourceRequest(keyId, listOf("b")))
        val found = pages(ListResourceTagsResponse::tags, ListResourceTagsResponse::nextMarker) {
            kms.listResourceTags(ListResourceTagsRequest(keyId, limit = 1, marker = it))
        }
        assertEquals(listOf(listOf(Tag("a", "1")), listOf(Tag("c", ""))), found)
    }

    companion object {
        /** What belongs to the vault as a whole; [VaultTest] has it. */
        private val OTHERS = setOf(
            "snapshot", "changeRootKey", "asCaller", "caller", "close", "isClosed", "revision", "needsSaving", "timeInDoubt",
            "confirmTime", "damaged", "verify",
        )
        private val called = mutableSetOf<String>()

        private fun recording(kms: Kms): KmsInterface =
            Proxy.newProxyInstance(javaClass.classLoader, arrayOf(KmsInterface::class.java)) { _, method, arguments ->
                called += method.name
                try {
                    method.invoke(kms, *arguments)
                } catch (e: InvocationTargetException) {
                    throw e.targetException
                }
            } as KmsInterface

        @JvmStatic
        @AfterAll
        fun noneWasLeftOut() = assertEquals(KmsInterface::class.java.methods.map { it.name.substringBefore('-') }.toSet() - OTHERS, called)
    }
}
