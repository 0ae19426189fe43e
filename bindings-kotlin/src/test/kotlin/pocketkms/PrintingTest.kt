package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.api.*

/** What holds a plaintext does not show it when it is printed. */
class PrintingTest {
    private data class Careless(val plaintext: ByteArray)

    @Test
    fun secretsAreNotShown() = Fixture().use { fixture ->
        val secret = "hunter2!".toByteArray()
        val request = EncryptRequest(fixture.keyId, secret)
        val blob = fixture.kms.encrypt(request).ciphertextBlob
        val decrypted = fixture.kms.decrypt(DecryptRequest(blob))
        val dataKey = fixture.kms.generateDataKey(GenerateDataKeyRequest(fixture.keyId, numberOfBytes = 8))
        val random = fixture.kms.generateRandom(GenerateRandomRequest(8))

        for ((value, bytes) in listOf(
            request to secret, decrypted to secret, dataKey to dataKey.plaintext, random to random.plaintext,
        )) {
            assertTrue("$value".contains("plaintext=<8 bytes>"), "$value")
            assertFalse("$value".contains(bytes.contentToString()), "$value")
        }
        assertEquals(
            "EncryptRequest(keyId=${fixture.keyId}, plaintext=<8 bytes>, encryptionContext=null, grantTokens=null, " +
                "encryptionAlgorithm=null, dryRun=null)",
            "$request",
        )
        assertTrue("${DecryptRequest(blob)}".startsWith("DecryptRequest(ciphertextBlob=<${blob.size} bytes>, "))
        val recovery = fixture.vault.addRecoveryKey("paper")
        assertEquals("RecoveryKey(id=${recovery.id}, text=<41 characters>)", "$recovery")
        assertTrue("${DecryptRequest()}".startsWith("DecryptRequest(ciphertextBlob=null, "))
    }

    /** The test above could fail: this is what a data class without our care shows. */
    @Test
    fun plainDataClassShowsThem() {
        val secret = "hunter2!".toByteArray()
        assertTrue("${Careless(secret)}".contains(secret.contentToString()))
    }
}
