package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*

/** What an app implements itself: another KMS, and branch keys of its own. What it throws, [ThrownTest] has. */
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
    fun nonsenseOfAnotherKms() {
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
    fun anotherKms() {
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
        val anotherRegion = Keyring.kmsClientDiscovery(passing, region = "eu-central-1")
        val others = Keyring.kmsClientDiscovery(passing, DiscoveryFilter(listOf("111122223333")))
        for (none in listOf(anotherRegion, others)) {
            assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(none, message) }
        }
        assertThrows<KmsException.Validation> { client.encrypt(all, byteArrayOf(1)) }

        // Grant tokens go with each request; a vault refuses them.
        val tokens = listOf("token")
        for (granted in listOf(
            Keyring.kmsClient(passing, fixture.key.arn, grantTokens = tokens),
            Keyring.kms(fixture.kms, fixture.keyId, grantTokens = tokens),
        )) {
            assertThrows<KmsException.InvalidGrantToken> { client.encrypt(granted, byteArrayOf(1)) }
        }
        for (granted in listOf(
            Keyring.kmsClientDiscovery(passing, grantTokens = tokens), Keyring.kmsDiscovery(fixture.kms, grantTokens = tokens),
        )) {
            val error = assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(granted, message) }
            assertTrue(error.attempts.all { it.error is KmsException.InvalidGrantToken }, "${error.attempts}")
        }
    }

    /**
     * A multi-Region key is the same key in every Region, for a keyring that is multi-Region aware; of others only its own Region's count. Which client a
     * keyring asks shows in its attempts: this vault has no multi-Region key.
     */
    @Test
    fun multiRegionKeys() {
        val right = fixture.kms.generateDataKey(GenerateDataKeyRequest(fixture.keyId, keySpec = DataKeySpec.AES256))
        val arn = "arn:aws:kms:us-east-1:000000000000:key/mrk-${"1".repeat(32)}"
        val passing = Passing().apply { dataKey = right.copy(keyId = arn) }
        val message = client.encrypt(Keyring.kmsClient(passing, arn), byteArrayOf(1)).message
        val single = client.encrypt(Keyring.kms(fixture.kms, fixture.keyId), byteArrayOf(1)).message
        val replica = arn.replace("us-east-1", "eu-central-1")
        val west = fixture.vault.client(region = "eu-central-1")
        fun asks(keyring: Keyring, message: ByteArray) =
            assertThrows<KmsException.UnableToDecryptDataKey> { client.decrypt(keyring, message) }.attempts.single().error != null

        assertFalse(asks(Keyring.kms(west, replica), message), "another key")
        assertTrue(asks(Keyring.kms(west, replica, multiRegionAware = true), message), "the same key")
        assertFalse(asks(Keyring.kms(west, replica, multiRegionAware = true), single))
        assertTrue(asks(Keyring.kmsDiscovery(west), single))
        assertTrue(asks(Keyring.kmsDiscovery(west, multiRegionAware = true), message))
        assertFalse(asks(Keyring.kmsDiscovery(west, multiRegionAware = true), single), "a key of one Region, in another")
        assertArrayEquals(byteArrayOf(1), client.decrypt(Keyring.kmsDiscovery(fixture.kms, multiRegionAware = true), single).plaintext)
    }

    /** A wrapper with a fingerprint may be cached, until the fingerprint changes or throws. */
    @Test
    fun fingerprints() {
        class Fingerprinted : DataKeyWrapper {
            var fingerprint: () -> ByteArray? = { byteArrayOf(1) }
            var wrapped = 0
            var unwrapped = 0

            override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
                WrappedDataKey("key".toByteArray(), dataKey.clone()).also { wrapped += 1 }

            override fun unwrapDataKey(key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
                key.ciphertext.also { unwrapped += 1 }

            override fun fingerprint(encryptedDataKeys: List<EncryptedDataKey>?, encryptionContext: Map<String, String>) = fingerprint.invoke()
        }
        val wrapper = Fingerprinted()
        val cache = Keyring.caching(Keyring.callback("app", wrapper))
        fun encrypt() = client.encrypt(cache, byteArrayOf(1)).message
        val message = encrypt()
        encrypt()
        assertEquals(1, wrapper.wrapped, "cached")
        wrapper.fingerprint = { byteArrayOf(2) }
        encrypt()
        assertEquals(2, wrapper.wrapped, "another key")
        cache.clear()
        encrypt()
        assertEquals(3, wrapper.wrapped, "forgotten")
        repeat(2) { client.decrypt(cache, message) }
        assertEquals(1, wrapper.unwrapped, "cached")
        wrapper.fingerprint = { null }
        repeat(2) { encrypt() }
        assertEquals(5, wrapper.wrapped, "kept out of the cache")
        val disabled = IllegalStateException("disabled")
        wrapper.fingerprint = { throw disabled }
        assertSame(disabled, assertThrows<IllegalStateException> { encrypt() })
        client.decrypt(cache, message)
        assertEquals(2, wrapper.unwrapped, "the wrapper decides, not the cache")
    }

    /** A store of branch keys, the last version of which is active. */
    private class Store : BranchKeySource {
        var versions = listOf("0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001")
        val asked = mutableListOf<String>()
        var length = 32
        var state: String? = ""

        override fun branchKeyState(branchKeyId: String, branchKeyVersion: String?) =
            state ?: throw NoSuchElementException("the branch key is gone")

        override fun activeBranchKey(branchKeyId: String): BranchKeyMaterials {
            asked += "$branchKeyId active"
            return materials(branchKeyId, versions.last())
        }

        override fun branchKeyVersion(branchKeyId: String, branchKeyVersion: String): BranchKeyMaterials {
            asked += "$branchKeyId $branchKeyVersion"
            // In place of one that is not there any more it returns what there is.
            return materials(branchKeyId, branchKeyVersion.takeIf { it in versions } ?: versions.last())
        }

        private fun materials(id: String, version: String) =
            BranchKeyMaterials(version, ("$id $version".toByteArray() + ByteArray(32)).copyOf(length))
    }

    @Test
    fun branchKeysOfTheApp() {
        val clock = ManualClock(Fixture.START)
        val store = Store()
        val keyring = Keyring.hierarchicalOfSource(store, "tenant-1", 86_400.0, clock = clock)
        val message = client.encrypt(keyring, byteArrayOf(1)).message
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)
        val (first, second) = "0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001" to "0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a002"
        assertEquals(listOf("tenant-1 active", "tenant-1 $first"), store.asked)

        // A rotation is seen when the time to live has passed, and the former version still decrypts.
        store.versions = listOf(first, second)
        fun version() = wrappingKey(client.encrypt(keyring, byteArrayOf(1)).header.encryptedDataKeys[0]).keyMaterial
        assertEquals(first, version())
        clock.advanceDays(1)
        assertEquals(second, version())
        assertArrayEquals(byteArrayOf(1), client.decrypt(keyring, message).plaintext)

        // A state of the store's own takes effect immediately.
        store.state = "rotated"
        store.versions = listOf(first)
        assertEquals(first, version())
        store.state = null
        assertThrows<NoSuchElementException> { version() }
        store.state = ""

        // What the store gets wrong, or throws.
        fun fresh() = Keyring.hierarchicalOfSource(store, "tenant-1", 0.001)
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
        assertThrows<KmsException.Validation> { Keyring.hierarchicalOfSource(store, "", 0.001) }
    }

    @Test
    fun aBranchKeyPerTenant() {
        val branches = List(2) { fixture.kms.createBranchKey(CreateBranchKeyRequest(fixture.keyId)).branchKeyIdentifier }
        val tenants = mapOf("a" to branches[0], "b" to branches[1])
        val choose = BranchKeyIdSupplier { context -> tenants[context["tenant"]] ?: error("unknown tenant") }
        for (keyring in listOf(
            Keyring.hierarchicalBySupplier(fixture.kms, choose, 60.0),
            Keyring.hierarchicalOfSourceBySupplier(Store(), choose, 60.0, 5),
        )) {
            for ((tenant, id) in tenants) {
                val options = EncryptOptions(mapOf("tenant" to tenant))
                val encrypted = client.encrypt(keyring, tenant.toByteArray(), options)
                assertEquals(id, String(encrypted.header.encryptedDataKeys[0].providerInfo))
                assertEquals(tenant, String(client.decrypt(keyring, encrypted.message).plaintext))
            }
            val error = assertThrows<IllegalStateException> { client.encrypt(keyring, byteArrayOf(1)) }
            assertEquals("unknown tenant", error.message)
        }
    }

    @Test
    fun printingHidesTheBranchKey() =
        assertEquals("BranchKeyMaterials(branchKeyVersion=1, branchKey=<3 bytes>)", "${BranchKeyMaterials("1", ByteArray(3))}")
}
