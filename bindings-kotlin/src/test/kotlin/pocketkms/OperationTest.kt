package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*

/** What an operation answers is in the scenarios that all languages play; here, that each can be called, and those of branch keys. */
class OperationTest {
    private val fixture = Fixture()
    private val kms = fixture.kms
    private val keyId = fixture.keyId

    @AfterEach
    fun close() = fixture.close()

    @Test
    fun branchKeys() {
        val client = EncryptionClient()
        val id = kms.createBranchKey(CreateBranchKeyRequest(kmsKeyId = keyId)).branchKeyIdentifier
        val keyring = Keyring.hierarchical(kms, id, 60.0)
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

    /** A key goes from one vault into another, in another region, and opens there what was encrypted here; a parcel opens once. */
    @Test
    fun parcels() {
        val root = RootKey.fromBytes(ByteArray(32))
        Vault.inMemory(root, kms.caller().accountId, "ap-south-1").use { vault ->
            val other = vault.client()
            val key = kms.createKey(CreateKeyRequest(multiRegion = true)).keyMetadata
            val asked = other.createParcelKey(CreateParcelKeyRequest(key.arn))
            assertEquals(
                listOf(listOf(asked.parcelKeyId)),
                other.paginate(ListParcelKeysRequest()).map { page -> page.parcelKeys.map { it.parcelKeyId } }.toList(),
            )
            val sealed = kms.sealParcel(SealParcelRequest(key.keyId, asked.parcelKey, asked.fingerprint))
            val opened = other.openParcel(OpenParcelRequest(sealed.parcel, sealed.fingerprint))
            assertEquals(key.keyId, opened.keyMetadata.keyId)
            val blob = kms.encrypt(EncryptRequest(key.keyId, byteArrayOf(1))).ciphertextBlob
            assertArrayEquals(byteArrayOf(1), other.decrypt(DecryptRequest(blob)).plaintext)
            assertThrows<KmsException.NotFound> { other.openParcel(OpenParcelRequest(sealed.parcel)) }
        }
    }

    /** Each crosses to Rust and back: with an answer, or an error of KMS. */
    @Test
    fun eachOperation() {
        val operations = KmsInterface::class.java.methods.filter { it.name.substringBefore('-') !in OTHERS }
        assertTrue(operations.size > 25, "$operations")
        for (method in operations) {
            val error = runCatching { Generated.call(method, method.genericParameterTypes.map { Generated.value(it, null) }, kms) }
                .exceptionOrNull()
            assertTrue(error == null || error is KmsException && error !is KmsException.KmsInternal, "${method.name}: $error")
        }
    }

    private companion object {
        /** What is no operation; [VaultTest] and [WireTest] have it. */
        val OTHERS = setOf("caller", "isClosed", "call")
    }
}
