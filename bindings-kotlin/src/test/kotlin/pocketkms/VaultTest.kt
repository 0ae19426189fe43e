package pocketkms

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.time.Duration
import java.time.Instant
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

class VaultTest {
    private val fixture = Fixture()
    private val kms = fixture.kms

    @AfterEach
    fun close() = fixture.close()

    @Test
    fun snapshotRoundTrip() {
        val blob = fixture.encrypt("kept", mapOf("a" to "1"))
        kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(fixture.keyId))
        kms.createAlias(CreateAliasRequest("alias/kept", fixture.keyId))

        fixture.reopened().use { again ->
            assertEquals("kept", String(again.decrypt(DecryptRequest(blob, mapOf("a" to "1"))).plaintext))
            assertEquals(
                kms.describeKey(DescribeKeyRequest(fixture.keyId)),
                again.describeKey(DescribeKeyRequest("alias/kept")),
            )
        }
    }

    @Test
    fun passphrase() {
        val cheap = Argon2Cost(64u, 1u, 1u)
        val snapshot = Kms.create(RootKey.fromPassphrase("grüne Äpfel", cheap)).use { it.snapshot() }
        val same = RootKey.fromPassphrase("grüne Äpfel".toByteArray()) // the vault's cost is kept
        Kms.openSnapshot(snapshot, same).close()
        assertThrows<KmsException.WrongRootKey> { Kms.openSnapshot(snapshot, RootKey.fromPassphrase("rote Äpfel")) }
        assertThrows<KmsException.Validation> { RootKey.fromPassphrase("") }
        assertThrows<KmsException.Validation> { RootKey.fromBytes(ByteArray(31)) }
    }

    /** A forged header may ask for any cost: the opener's ceiling decides. */
    @Test
    fun theCostOfOpening() {
        val snapshot = Kms.create(RootKey.fromPassphrase("correct horse", Argon2Cost(1024u, 2u, 1u))).use { it.snapshot() }
        val stingy = RootKey.fromPassphrase("correct horse", maxCost = Argon2Cost(512u, 2u, 1u))
        val refused = assertThrows<KmsException> { Kms.openSnapshot(snapshot, stingy) }
        assertFalse(refused is KmsException.WrongRootKey, "$refused")
        Kms.openSnapshot(snapshot, RootKey.fromPassphrase("correct horse", maxCost = Argon2Cost(1024u, 2u, 1u))).close()
    }

    @Test
    fun nothingIsDamaged() {
        assertEquals(emptyList<DamagedRecord>(), kms.verify())
        assertEquals(emptyList<DamagedRecord>(), kms.damaged())
    }

    @Test
    fun changeOfRootKey() {
        val blob = fixture.encrypt("kept")
        val new = RootKey.fromBytes(ByteArray(32) { 9 })
        kms.changeRootKey(new)
        assertThrows<KmsException.WrongRootKey> { fixture.reopened() }
        Kms.openSnapshot(kms.snapshot(), new).use {
            assertEquals("kept", String(it.decrypt(DecryptRequest(blob)).plaintext))
        }
    }

    @Test
    fun callers() {
        val vault = Kms.create(fixture.root, Caller("111122223333", "eu-central-1"))
        val key = vault.createKey(CreateKeyRequest()).keyMetadata
        assertEquals("arn:aws:kms:eu-central-1:111122223333:key/${key.keyId}", key.arn)

        val user = Caller("444455556666", "eu-central-1", "arn:aws:iam::444455556666:user/Ada")
        val stranger = vault.asCaller(user)
        assertEquals(emptyList<KeyListEntry>(), stranger.listKeys(ListKeysRequest()).keys)
        val refused = assertThrows<KmsException.AccessDenied> { stranger.describeKey(DescribeKeyRequest(key.arn)) }
        assertTrue(refused.details.message.contains("user/Ada"), refused.message)
        assertThrows<KmsException.Validation> { vault.asCaller(Caller("1", "x")) }
    }

    @Test
    fun clock() {
        val clock = ManualClock(Fixture.START)
        assertEquals(Fixture.START, clock.now())
        clock.set(Instant.EPOCH.minusSeconds(1))
        clock.advanceDays(2u)
        assertEquals(Instant.EPOCH.minusSeconds(1).plus(Duration.ofDays(2)), clock.now())

        val created = Kms.create(fixture.root).use { it.createKey(CreateKeyRequest()) } // the system's own clock
        assertTrue(Duration.between(created.keyMetadata.creationDate, Instant.now()).abs() < Duration.ofMinutes(1))
    }

    /** One handle for all: whoever closes the vault, closes it for callers, keyrings and caches. */
    @Test
    fun closing() {
        val client = EncryptionClient()
        val other = kms.asCaller(Caller("000000000000", "us-east-1"))
        val branch = kms.createBranchKey(CreateBranchKeyRequest(fixture.keyId)).branchKeyIdentifier
        val keyrings = listOf(
            Keyring.kms(kms, fixture.keyId), Keyring.kmsDiscovery(kms), Keyring.hierarchical(kms, branch, 3_600_000uL),
            Keyring.caching(Keyring.kms(kms, fixture.keyId), clock = fixture.clock),
            Keyring.multi(Keyring.hierarchical(other, branch, 3_600_000uL)),
            Keyring.caching(Keyring.hierarchical(kms, branch, 3_600_000uL), clock = fixture.clock),
        )
        val messages = listOf(keyrings[0], keyrings[2]).map { client.encrypt(it, byteArrayOf(1)).message }
        for (keyring in keyrings) { // the caches are warm
            if (keyring !== keyrings[1]) client.encrypt(keyring, byteArrayOf(1))
            for (message in messages) runCatching { client.decrypt(keyring, message) }
        }
        val stream = client.encryptor(keyrings[0])
        assertFalse(kms.isClosed())
        other.close()
        other.close() // closing twice does no harm
        kms.close()

        for (closed in listOf(kms, other)) {
            assertTrue(closed.isClosed())
            assertFalse(closed.needsSaving())
            val error = assertThrows<KmsException.VaultClosed> { closed.listKeys(ListKeysRequest()) }
            assertEquals("VaultClosedException", error.name)
            assertThrows<KmsException.VaultClosed> { closed.encrypt(EncryptRequest(fixture.keyId, byteArrayOf(1))) }
            assertThrows<KmsException.VaultClosed> { closed.snapshot() }
            assertThrows<KmsException.VaultClosed> { closed.revision() }
            assertThrows<KmsException.VaultClosed> { closed.changeRootKey(fixture.root) }
            assertThrows<KmsException.VaultClosed> { closed.asCaller(Caller("111122223333", "us-east-1")).listKeys(ListKeysRequest()) }
            assertThrows<KmsException.VaultClosed> { client.encrypt(Keyring.kms(closed, fixture.keyId), byteArrayOf(1)) }
        }
        for ((index, keyring) in keyrings.withIndex()) {
            assertThrows<KmsException>("$index encrypts") { client.encrypt(keyring, byteArrayOf(1)) }
            for (message in messages) assertThrows<KmsException>("$index decrypts") { client.decrypt(keyring, message) }
        }
        assertThrows<KmsException.VaultClosed> { client.encrypt(keyrings[0], byteArrayOf(1)) }
        // A message that has begun has its data key and ends.
        assertTrue((stream.update(byteArrayOf(1)) + stream.finish()).isNotEmpty())

        val keyId = Kms.create(fixture.root).use { it.createKey(CreateKeyRequest()).keyMetadata.keyId }
        assertEquals(36, keyId.length)
    }

    @Test
    fun closedWhileThreadsUseIt() {
        repeat(200) {
            val vault = Kms.create(fixture.root)
            val keyId = vault.createKey(CreateKeyRequest()).keyMetadata.keyId
            val keyring = Keyring.kms(vault, keyId)
            val users = List(2) {
                kotlin.concurrent.thread {
                    try {
                        while (true) EncryptionClient().encrypt(keyring, byteArrayOf(1))
                    } catch (_: KmsException.VaultClosed) {
                        return@thread
                    }
                }
            }
            vault.close()
            users.forEach(Thread::join)
        }
    }

    /** Rotation falls due in a vault whose app only encrypts, and saves nothing, as nothing was changed. */
    @Test
    fun rotationsOfAVaultThatLivesInSnapshots() {
        kms.enableKeyRotation(EnableKeyRotationRequest(fixture.keyId, rotationPeriodInDays = 90))
        val snapshot = kms.snapshot()
        fun opened(days: Long) = Kms.openSnapshot(snapshot, fixture.root, clock = ManualClock(Fixture.START.plus(Duration.ofDays(days))))
        fun Kms.encrypted() = encrypt(EncryptRequest(fixture.keyId, byteArrayOf(7))).ciphertextBlob
        // Two devices, neither of which saves; and messages.
        val made = listOf(1L, 120L, 130L, 300L, 500L).map { days ->
            opened(days).use { device ->
                val blob = device.encrypted()
                assertFalse(device.needsSaving())
                blob to EncryptionClient().encrypt(Keyring.kms(device, fixture.keyId), byteArrayOf(8)).message
            }
        }
        for (days in listOf(501L, 900L)) {
            opened(days).use { later ->
                for ((blob, message) in made) {
                    assertArrayEquals(byteArrayOf(7), later.decrypt(DecryptRequest(blob)).plaintext)
                    assertArrayEquals(byteArrayOf(8), EncryptionClient().decrypt(Keyring.kms(later, fixture.keyId), message).plaintext)
                }
                assertEquals(
                    opened(days).use { it.describeKey(DescribeKeyRequest(fixture.keyId)).keyMetadata.currentKeyMaterialId },
                    later.describeKey(DescribeKeyRequest(fixture.keyId)).keyMetadata.currentKeyMaterialId,
                )
            }
        }
    }

    @Test
    fun whatIsNotSaved() {
        assertTrue(kms.needsSaving())
        val before = kms.revision()
        kms.snapshot()
        assertFalse(kms.needsSaving())
        fixture.decrypt(fixture.encrypt("changes nothing"))
        kms.generateDataKey(GenerateDataKeyRequest(fixture.keyId, keySpec = DataKeySpec.AES256))
        kms.listKeys(ListKeysRequest())
        assertFalse(kms.needsSaving())
        assertEquals(before, kms.revision())

        for (change in listOf<() -> Any>(
            { kms.createKey(CreateKeyRequest()) },
            { kms.createAlias(CreateAliasRequest("alias/new", fixture.keyId)) },
            { kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(fixture.keyId)) },
            { kms.tagResource(TagResourceRequest(fixture.keyId, listOf(Tag("a", "b")))) },
            { kms.createBranchKey(CreateBranchKeyRequest(fixture.keyId)) },
        )) {
            val revision = kms.revision()
            change()
            assertTrue(kms.needsSaving())
            assertTrue(kms.revision() > revision)
            kms.snapshot()
            assertFalse(kms.needsSaving())
        }
        fixture.reopened().use {
            assertEquals(kms.revision(), it.revision())
            assertFalse(it.needsSaving())
        }
    }

    @Test
    fun theCallerIsRemembered() {
        val snapshot = Kms.create(fixture.root, Caller("111122223333", "eu-central-1")).use {
            it.createKey(CreateKeyRequest())
            it.snapshot()
        }
        Kms.openSnapshot(snapshot, fixture.root).use {
            assertEquals(Caller("111122223333", "eu-central-1", "arn:aws:iam::111122223333:root"), it.caller())
            assertEquals(1, it.listKeys(ListKeysRequest()).keys.size)
        }
        Kms.openSnapshot(snapshot, fixture.root, Caller("444455556666", "us-east-1")).use {
            assertEquals("444455556666", it.caller().account)
            assertEquals(0, it.listKeys(ListKeysRequest()).keys.size)
        }
        assertEquals("000000000000", kms.caller().account)
        assertEquals("us-east-1", kms.caller().region)
    }

    /** A clock that shows the year 2126 for a while must not carry out what cannot be undone. */
    @Test
    fun aClockThatIsWrongForAWhile() {
        val clock = ManualClock(Fixture.START)
        Kms.create(fixture.root, clock = clock, clockTrust = ClockTrust.SYSTEM).use { vault ->
            val keyId = vault.createKey(CreateKeyRequest()).keyMetadata.keyId
            vault.scheduleKeyDeletion(ScheduleKeyDeletionRequest(keyId, pendingWindowInDays = 7))
            assertFalse(vault.timeInDoubt())
            clock.advanceDays(36_500u)
            vault.listKeys(ListKeysRequest())
            assertTrue(vault.timeInDoubt())
            assertEquals(KeyState.PENDING_DELETION, vault.describeKey(DescribeKeyRequest(keyId)).keyMetadata.keyState)
            clock.set(Fixture.START)
            assertFalse(vault.timeInDoubt())
            vault.cancelKeyDeletion(CancelKeyDeletionRequest(keyId))
            vault.scheduleKeyDeletion(ScheduleKeyDeletionRequest(keyId, pendingWindowInDays = 7))
            clock.advanceDays(400u)
            assertTrue(vault.timeInDoubt())
            vault.confirmTime()
            assertFalse(vault.timeInDoubt())
            assertThrows<KmsException.NotFound> { vault.describeKey(DescribeKeyRequest(keyId)) }
        }
        // A clock that a test turns is believed.
        assertFalse(kms.timeInDoubt())
        fixture.clock.advanceDays(36_500u)
        assertFalse(kms.timeInDoubt())
    }

    @Test
    fun threads() {
        val pool = Executors.newFixedThreadPool(8)
        val texts = (0 until 64).map { index ->
            pool.submit<String> { fixture.decrypt(fixture.encrypt("text $index")) }
        }
        assertEquals((0 until 64).map { "text $it" }, texts.map { it.get(10, TimeUnit.SECONDS) })
        pool.shutdown()
    }
}
