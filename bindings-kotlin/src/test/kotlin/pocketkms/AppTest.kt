package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*

/** What the app answers itself: a KMS elsewhere, branch keys of its own, and errors of its own. */
class AppTest {
    private val client = EncryptionClient()
    private val fixture = Fixture()

    @AfterEach
    fun close() = fixture.close()

    /** Passes everything on to a vault, as an app would to AWS. */
    private inner class Passing(val before: () -> Unit = {}) : KmsClient {
        val calls = mutableListOf<String>()
        var dataKey: GenerateDataKeyResponse? = null

        override fun generateDataKey(request: GenerateDataKeyRequest): GenerateDataKeyResponse {
            before()
            calls += "GenerateDataKey"
            return dataKey ?: fixture.kms.generateDataKey(request)
        }

        override fun encrypt(request: EncryptRequest): EncryptResponse {
            before()
            calls += "Encrypt"
            return fixture.kms.encrypt(request)
        }

        override fun decrypt(request: DecryptRequest): DecryptResponse {
            before()
            calls += "Decrypt"
            return fixture.kms.decrypt(request)
        }
    }

    @Test
    fun whatAKmsElsewhereThrows() {
        val message = client.encrypt(Keyring.kms(fixture.kms, fixture.keyId), byteArrayOf(1)).message
        // Exceptions, with what caused them, and what is an Error to the virtual machine.
        for (thrown in listOf(
            IllegalStateException("no answer", java.io.IOException("no network")), AssertionError("no network"),
            NotImplementedError("no network"), StackOverflowError("no network"),
        )) {
            val away = Keyring.kmsClient(Passing { throw thrown }, fixture.key.arn)
            val refused = assertThrows<KmsException.KeyUnavailable> { client.encrypt(away, byteArrayOf(1)) }
            assertTrue("no network" in refused.explanation!!, refused.explanation)
            assertTrue(thrown::class.simpleName!! in refused.explanation!!, refused.explanation)
            assertFalse("\tat " in refused.explanation!!, "no stack trace: ${refused.explanation}")
            val unopened = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(away, message) }
            assertTrue("no network" in unopened.explanation!!, unopened.explanation)
            assertTrue("no network" in unopened.causes.single(), "${unopened.causes}")
        }

        // Errors of KMS stay what they are, from the app's own hand, too.
        val gone = Passing { throw KmsException.NotFound(ErrorDetails(message = "no such key")) }
        val notFound = assertThrows<KmsException.NotFound> { client.encrypt(Keyring.kmsClient(gone, fixture.key.arn), byteArrayOf(1)) }
        assertEquals("NotFoundException: no such key", notFound.message)
        assertEquals(20, notFound.code)
        val own = Keyring.kmsClient(Passing(), fixture.key.arn)
        fixture.kms.disableKey(DisableKeyRequest(fixture.keyId))
        assertThrows<KmsException.Disabled> { client.encrypt(own, byteArrayOf(1)) }
        val disabled = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(own, message) }
        assertTrue("DisabledException" in disabled.explanation!!)
    }

    @Test
    fun nonsenseOfAKmsElsewhere() {
        val right = fixture.kms.generateDataKey(GenerateDataKeyRequest(fixture.keyId, keySpec = DataKeySpec.AES256))
        for ((response, expected) in listOf(
            right.copy(plaintext = ByteArray(16)) to KmsException.Validation::class,
            right.copy(keyId = "alias/x") to KmsException.InvalidArn::class,
            right.copy(ciphertextBlob = ByteArray(70_000)) to KmsException.LimitExceeded::class,
            right.copy(keyId = "\uD800") to KmsException::class, // half a character
        )) {
            val keyring = Keyring.kmsClient(Passing().apply { dataKey = response }, fixture.key.arn)
            val error = assertThrows<KmsException> { client.encrypt(keyring, byteArrayOf(1)) }
            assertTrue(expected.isInstance(error), "$error")
        }
    }

    @Test
    fun aKmsElsewhere() {
        val other = fixture.kms.createKey(CreateKeyRequest()).keyMetadata
        val passing = Passing()
        val keyring = Keyring.kmsClient(passing, fixture.key.arn, listOf(other.arn))
        val message = client.encrypt(keyring, byteArrayOf(1), EncryptOptions(mapOf("a" to "b"))).message
        assertEquals(listOf("GenerateDataKey", "Encrypt"), passing.calls)
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)
        assertEquals("Decrypt", passing.calls.last())

        // The vault opens it, and a discovery keyring; one for another Region has no key of it.
        assertArrayEquals(byteArrayOf(1), client.decrypt(Keyring.kms(fixture.kms, other.keyId), message).plaintext)
        val all = Keyring.kmsClientDiscovery(passing)
        assertArrayEquals(byteArrayOf(1), client.decrypt(all, message).plaintext)
        val elsewhere = Keyring.kmsClientDiscovery(passing, region = "eu-central-1")
        val others = Keyring.kmsClientDiscovery(passing, DiscoveryFilter("aws", listOf("111122223333")))
        for (none in listOf(elsewhere, others)) {
            assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(none, message) }
        }
        assertThrows<KmsException.Validation> { client.encrypt(all, byteArrayOf(1)) }

        // Grant tokens go with each request; a vault refuses them.
        val granted = Keyring.kmsClient(passing, fixture.key.arn, grantTokens = listOf("token"))
        assertThrows<KmsException.InvalidGrantToken> { client.encrypt(granted, byteArrayOf(1)) }
    }

    /** A store of branch keys, the last version of which is active. */
    private class Store : BranchKeySource {
        var versions = listOf("0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001")
        val asked = mutableListOf<String>()
        var length = 32

        override fun activeBranchKey(branchKeyId: String): BranchKeyMaterials {
            asked += "$branchKeyId active"
            return materials(branchKeyId, versions.last())
        }

        override fun branchKeyVersion(branchKeyId: String, branchKeyVersion: String): BranchKeyMaterials {
            asked += "$branchKeyId $branchKeyVersion"
            // One that is not there any more is answered with what there is.
            return materials(branchKeyId, branchKeyVersion.takeIf { it in versions } ?: versions.last())
        }

        private fun materials(id: String, version: String) =
            BranchKeyMaterials(version, ("$id $version".toByteArray() + ByteArray(32)).copyOf(length))
    }

    @Test
    fun branchKeysOfTheApp() {
        val clock = ManualClock(Fixture.START)
        val store = Store()
        val keyring = Keyring.hierarchicalOfSource(store, "tenant-1", 86_400_000uL, clock = clock)
        val message = client.encrypt(keyring, byteArrayOf(1)).message
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)
        val (first, second) = "0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001" to "0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a002"
        assertEquals(listOf("tenant-1 active", "tenant-1 $first"), store.asked)

        // A rotation is seen when the time to live has passed, and the former version still decrypts.
        store.versions = listOf(first, second)
        fun version() = wrappingKey(client.encrypt(keyring, byteArrayOf(1)).header.encryptedDataKeys[0]).keyMaterial
        assertEquals(first, version())
        clock.advanceDays(1u)
        assertEquals(second, version())
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)

        // What the store gets wrong, or throws.
        fun fresh() = Keyring.hierarchicalOfSource(store, "tenant-1", 1uL)
        store.length = 31
        val short = assertThrows<KmsException.Validation> { client.encrypt(fresh(), byteArrayOf(1)) }
        assertTrue("31" in short.message)
        store.length = 32
        store.versions = listOf("one")
        assertThrows<KmsException.Validation> { client.encrypt(fresh(), byteArrayOf(1)) }
        assertThrows<KmsException.UnableToDecryptDataKey>("another version") { client.decrypt(fresh(), message) }
        store.versions = emptyList()
        val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(fresh(), message) }
        assertTrue("NoSuchElementException" in error.explanation!!, error.explanation)
        assertThrows<KmsException.Validation> { Keyring.hierarchicalOfSource(store, "", 1uL) }
    }

    @Test
    fun aBranchKeyPerTenant() {
        val branches = List(2) { fixture.kms.createBranchKey(CreateBranchKeyRequest(fixture.keyId)).branchKeyIdentifier }
        val tenants = mapOf("a" to branches[0], "b" to branches[1])
        val choose = BranchKeyIdSupplier { context -> tenants[context["tenant"]] ?: error("nobody's tenant") }
        for (keyring in listOf(
            Keyring.hierarchicalBySupplier(fixture.kms, choose, 60_000uL),
            Keyring.hierarchicalOfSourceBySupplier(Store(), choose, 60_000uL, 5u),
        )) {
            for ((tenant, id) in tenants) {
                val options = EncryptOptions(mapOf("tenant" to tenant))
                val encrypted = client.encrypt(keyring, tenant.toByteArray(), options)
                assertEquals(id, String(encrypted.header.encryptedDataKeys[0].providerInfo))
                assertEquals(tenant, String(client.decrypt(keyring, encrypted.message).plaintext))
            }
            val error = assertThrows<KmsException.KeyUnavailable> { client.encrypt(keyring, byteArrayOf(1)) }
            assertTrue("nobody's tenant" in error.explanation!!, error.explanation)
        }
    }

    @Test
    fun printingHidesTheBranchKey() =
        assertEquals("BranchKeyMaterials(branchKeyVersion=1, branchKey=<3 bytes>)", "${BranchKeyMaterials("1", ByteArray(3))}")
}
