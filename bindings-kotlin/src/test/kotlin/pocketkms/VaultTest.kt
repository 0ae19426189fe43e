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
    private val vault = fixture.vault
    private val kms = fixture.kms

    @AfterEach
    fun close() = fixture.close()

    @Test
    fun snapshotRoundTrip() {
        val blob = fixture.encrypt("kept", mapOf("a" to "1"))
        kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(fixture.keyId))
        kms.createAlias(CreateAliasRequest("alias/kept", fixture.keyId))

        fixture.reopened().use { reopened ->
            val again = reopened.client()
            assertEquals("kept", String(again.decrypt(DecryptRequest(blob, mapOf("a" to "1"))).plaintext))
            assertEquals(
                kms.describeKey(DescribeKeyRequest(fixture.keyId)),
                again.describeKey(DescribeKeyRequest("alias/kept")),
            )
        }
    }

    @Test
    fun passphrase() {
        val cheap = Argon2Cost(64, 1, 1)
        val snapshot = Vault.inMemory(RootKey.fromPassphrase("grüne Äpfel", cheap)).use { it.snapshot() }
        val same = RootKey.fromPassphrase("grüne Äpfel".toByteArray()) // the vault's cost is kept
        Vault.openSnapshot(snapshot, same).close()
        assertThrows<KmsException.WrongRootKey> { Vault.openSnapshot(snapshot, RootKey.fromPassphrase("rote Äpfel")) }
        assertThrows<KmsException.Validation> { RootKey.fromPassphrase("") }
        assertThrows<KmsException.Validation> { RootKey.fromBytes(ByteArray(31)) }
    }

    /** A forged header may ask for any cost: the opener's ceiling decides. */
    @Test
    fun theCostOfOpening() {
        assertEquals(Argon2Cost(64 * 1024, 3, 4), Argon2Cost())
        val snapshot = Vault.inMemory(RootKey.fromPassphrase("correct horse", Argon2Cost(1024, 2, 1))).use { it.snapshot() }
        val stingy = RootKey.fromPassphrase("correct horse", maxCost = Argon2Cost(512, 2, 1))
        val refused = assertThrows<KmsException> { Vault.openSnapshot(snapshot, stingy) }
        assertFalse(refused is KmsException.WrongRootKey, "$refused")
        Vault.openSnapshot(snapshot, RootKey.fromPassphrase("correct horse", maxCost = Argon2Cost(1024, 2, 1))).close()
    }

    @Test
    fun nothingIsDamaged() {
        assertEquals(emptyList<DamagedRecord>(), vault.verify())
        assertEquals(emptyList<DamagedRecord>(), vault.damaged())
    }

    @Test
    fun severalRootKeys() {
        val second = RootKey.generate()
        val id = vault.addRootKey(second, "second")
        val recovery = vault.addRecoveryKey("paper")
        val infos = vault.rootKeys()
        assertEquals(listOf(RootKeyKind.BYTES, RootKeyKind.BYTES, RootKeyKind.RECOVERY), infos.map { it.kind })
        assertEquals(listOf("", "second", "paper"), infos.map { it.label })
        assertEquals(listOf(id, recovery.id), infos.drop(1).map { it.id })
        assertTrue(infos.all { it.opened })
        val typed = RootKey.fromRecoveryKey(recovery.text.lowercase())
        for (root in listOf(typed, RootKey.fromBytes(second.toBytes()))) {
            Vault.openSnapshot(vault.snapshot(), root).close()
        }
        vault.removeRootKey(infos[0].id)
        vault.replaceRootKey(id, fixture.root)
        vault.rotateVaultKey(listOf(typed, fixture.root))
        assertFalse(vault.finishRotation())
        vault.removeRootKey(recovery.id)
        assertThrows<KmsException.LastRootKey> { vault.removeRootKey(vault.rootKeys().single().id) }
    }

    @Test
    fun changeOfRootKey() {
        val blob = fixture.encrypt("kept")
        val new = RootKey.fromBytes(ByteArray(32) { 9 })
        vault.shred(new)
        assertThrows<KmsException.WrongRootKey> { fixture.reopened() }
        Vault.openSnapshot(vault.snapshot(), new).use {
            assertEquals("kept", String(it.client().decrypt(DecryptRequest(blob)).plaintext))
        }
    }

    @Test
    fun callers() {
        val vault = Vault.inMemory(fixture.root, "111122223333", "eu-central-1")
        val key = vault.client().createKey(CreateKeyRequest()).keyMetadata
        assertEquals("arn:aws:kms:eu-central-1:111122223333:key/${key.keyId}", key.arn)

        val ada = "arn:aws:iam::444455556666:user/Ada"
        val stranger = vault.client(principal = ada)
        assertEquals(Caller("444455556666", "eu-central-1", ada), stranger.caller())
        assertEquals(emptyList<KeyListEntry>(), stranger.listKeys(ListKeysRequest()).keys)
        val refused = assertThrows<KmsException.AccessDenied> { stranger.describeKey(DescribeKeyRequest(key.arn)) }
        assertTrue(refused.details.message.contains("user/Ada"), refused.message)
        // What is not named is as the vault remembers it; of another account it is the root user.
        val bob = "arn:aws:sts::111122223333:assumed-role/Admin/Bob"
        assertEquals(Caller("111122223333", "eu-central-1", "arn:aws:iam::111122223333:root"), vault.client().caller())
        assertEquals(Caller("111122223333", "us-west-2", bob), vault.client(region = "us-west-2", principal = bob).caller())
        assertEquals("arn:aws:iam::444455556666:root", vault.client("444455556666").caller().principal)
        assertEquals(vault.caller(), vault.client().caller())
        for (refusedAtOnce in listOf<() -> Kms>(
            { vault.client("1") }, { vault.client(region = "x y") }, { vault.client(principal = "Ada") },
            { vault.client("111122223333", principal = ada) }, { vault.client(principal = "arn:aws:iam::111122223333:role/Admin") },
        )) {
            assertThrows<KmsException.Validation> { refusedAtOnce() }
        }
        assertThrows<KmsException.Validation> { Vault.inMemory(fixture.root, "111122223333", principal = ada) }
    }

    /** Who is given a client has no way to the snapshot, the root key, the clock, another caller or the end of the vault. */
    @Test
    fun aClientIsNoHost() {
        val others = KmsInterface::class.java.methods.filter { method ->
            method.parameterTypes.none { it.simpleName.endsWith("Request") } || method.returnType in listOf(Kms::class.java, Vault::class.java)
        }
        assertEquals(setOf("caller", "isClosed", "call"), others.map { it.name }.toSet())
        vault.client().close() // that client's own handle
        assertFalse(kms.isClosed())
        assertEquals("still open", fixture.decrypt(fixture.encrypt("still open")))
    }

    @Test
    fun clock() {
        val clock = ManualClock(Fixture.START)
        assertEquals(Fixture.START, clock.now())
        clock.set(Instant.EPOCH.minusSeconds(1))
        clock.advanceDays(2)
        assertEquals(Instant.EPOCH.minusSeconds(1).plus(Duration.ofDays(2)), clock.now())
        clock.set(Fixture.START)
        clock.advance(1.5)
        assertEquals(Fixture.START.plusMillis(1500), clock.now())
        for (wrong in listOf(-1.0, Double.NaN, Double.POSITIVE_INFINITY)) {
            assertThrows<KmsException.Validation> { clock.advance(wrong) }
            assertThrows<KmsException.Validation> { Keyring.hierarchical(kms, "a branch", wrong) }
            assertThrows<KmsException.Validation> { Keyring.caching(Keyring.kms(kms, fixture.keyId), maxAge = wrong) }
        }

        val created = Vault.inMemory(fixture.root).use { it.client().createKey(CreateKeyRequest()) } // the system's own clock
        assertTrue(Duration.between(created.keyMetadata.creationDate, Instant.now()).abs() < Duration.ofMinutes(1))
    }

    /** One handle for all: closing the vault closes it for callers, keyrings and caches. */
    @Test
    fun closing() {
        val client = EncryptionClient()
        val other = vault.client("000000000000")
        val branch = kms.createBranchKey(CreateBranchKeyRequest(fixture.keyId)).branchKeyIdentifier
        val keyrings = listOf(
            Keyring.kms(kms, fixture.keyId), Keyring.kmsDiscovery(kms), Keyring.hierarchical(kms, branch, 3_600.0),
            Keyring.caching(Keyring.kms(kms, fixture.keyId), clock = fixture.clock),
            Keyring.multi(Keyring.hierarchical(other, branch, 3_600.0)),
            Keyring.caching(Keyring.hierarchical(kms, branch, 3_600.0), clock = fixture.clock),
        )
        val messages = listOf(keyrings[0], keyrings[2]).map { client.encrypt(it, byteArrayOf(1)).message }
        for (keyring in keyrings) { // the caches are warm
            if (keyring !== keyrings[1]) client.encrypt(keyring, byteArrayOf(1))
            for (message in messages) runCatching { client.decrypt(keyring, message) }
        }
        val stream = client.encryptor(keyrings[0])
        assertFalse(kms.isClosed())
        vault.close()
        vault.close() // closing twice does no harm

        assertTrue(vault.isClosed())
        assertFalse(vault.needsSaving())
        assertThrows<KmsException.VaultClosed> { vault.snapshot() }
        assertThrows<KmsException.VaultClosed> { vault.revision() }
        assertThrows<KmsException.VaultClosed> { vault.addRootKey(fixture.root) }
        assertThrows<KmsException.VaultClosed> { vault.client("111122223333") }
        for (closed in listOf(kms, other)) {
            assertTrue(closed.isClosed())
            val error = assertThrows<KmsException.VaultClosed> { closed.listKeys(ListKeysRequest()) }
            assertEquals("VaultClosedException", error.name)
            assertThrows<KmsException.VaultClosed> { closed.encrypt(EncryptRequest(fixture.keyId, byteArrayOf(1))) }
            assertThrows<KmsException.VaultClosed> { client.encrypt(Keyring.kms(closed, fixture.keyId), byteArrayOf(1)) }
        }
        for ((index, keyring) in keyrings.withIndex()) {
            assertThrows<KmsException>("$index encrypts") { client.encrypt(keyring, byteArrayOf(1)) }
            for (message in messages) assertThrows<KmsException>("$index decrypts") { client.decrypt(keyring, message) }
        }
        assertThrows<KmsException.VaultClosed> { client.encrypt(keyrings[0], byteArrayOf(1)) }
        // A message that has begun has its data key and ends.
        assertTrue((stream.update(byteArrayOf(1)) + stream.finish()).isNotEmpty())

        val keyId = Vault.inMemory(fixture.root).use { it.client().createKey(CreateKeyRequest()).keyMetadata.keyId }
        assertEquals(36, keyId.length)
    }

    @Test
    fun closedWhileThreadsUseIt() {
        repeat(200) {
            val vault = Vault.inMemory(fixture.root)
            val kms = vault.client()
            val keyId = kms.createKey(CreateKeyRequest()).keyMetadata.keyId
            val keyring = Keyring.kms(kms, keyId)
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
        val snapshot = vault.snapshot()
        fun opened(days: Long) = Vault.openSnapshot(snapshot, fixture.root, clock = ManualClock(Fixture.START.plus(Duration.ofDays(days))))
        fun Kms.encrypted() = encrypt(EncryptRequest(fixture.keyId, byteArrayOf(7))).ciphertextBlob
        // Two devices, neither of which saves; and messages.
        val made = listOf(1L, 120L, 130L, 300L, 500L).map { days ->
            opened(days).use { device ->
                val blob = device.client().encrypted()
                assertFalse(device.needsSaving())
                blob to EncryptionClient().encrypt(Keyring.kms(device.client(), fixture.keyId), byteArrayOf(8)).message
            }
        }
        for (days in listOf(501L, 900L)) {
            opened(days).use { opened ->
                val later = opened.client()
                for ((blob, message) in made) {
                    assertArrayEquals(byteArrayOf(7), later.decrypt(DecryptRequest(blob)).plaintext)
                    assertArrayEquals(byteArrayOf(8), EncryptionClient().decrypt(Keyring.kms(later, fixture.keyId), message).plaintext)
                }
                assertEquals(
                    opened(days).use { it.client().describeKey(DescribeKeyRequest(fixture.keyId)).keyMetadata.currentKeyMaterialId },
                    later.describeKey(DescribeKeyRequest(fixture.keyId)).keyMetadata.currentKeyMaterialId,
                )
            }
        }
    }

    @Test
    fun whatIsNotSaved() {
        assertTrue(vault.needsSaving())
        val before = vault.revision()
        val first = vault.snapshot()
        assertTrue(vault.needsSaving())
        vault.markSaved(first)
        assertFalse(vault.needsSaving())
        fixture.decrypt(fixture.encrypt("changes nothing"))
        kms.generateDataKey(GenerateDataKeyRequest(fixture.keyId, keySpec = DataKeySpec.AES256))
        kms.listKeys(ListKeysRequest())
        assertFalse(vault.needsSaving())
        assertEquals(before, vault.revision())

        for (change in listOf<() -> Any>(
            { kms.createKey(CreateKeyRequest()) },
            { kms.createAlias(CreateAliasRequest("alias/new", fixture.keyId)) },
            { kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(fixture.keyId)) },
            { kms.tagResource(TagResourceRequest(fixture.keyId, listOf(Tag("a", "b")))) },
            { kms.createBranchKey(CreateBranchKeyRequest(fixture.keyId)) },
        )) {
            val revision = vault.revision()
            change()
            assertTrue(vault.needsSaving())
            assertTrue(vault.revision() > revision)
            val saved = vault.snapshot()
            vault.markSaved(first)
            assertTrue(vault.needsSaving())
            vault.markSaved(saved)
            assertFalse(vault.needsSaving())
        }
        fixture.reopened().use {
            assertEquals(vault.revision(), it.revision())
            assertFalse(it.needsSaving())
            assertThrows<KmsException.Validation> { it.markSaved(first) }
        }
    }

    @Test
    fun theCallerIsRemembered() {
        val snapshot = Vault.inMemory(fixture.root, "111122223333", "eu-central-1").use {
            it.client().createKey(CreateKeyRequest())
            it.snapshot()
        }
        Vault.openSnapshot(snapshot, fixture.root).use {
            assertEquals(Caller("111122223333", "eu-central-1", "arn:aws:iam::111122223333:root"), it.caller())
            assertEquals(1, it.client().listKeys(ListKeysRequest()).keys.size)
        }
        Vault.openSnapshot(snapshot, fixture.root, "444455556666", "us-east-1").use {
            assertEquals("444455556666", it.caller().accountId)
            assertEquals(0, it.client().listKeys(ListKeysRequest()).keys.size)
        }
        assertEquals("000000000000", kms.caller().accountId)
        assertEquals("us-east-1", kms.caller().region)
    }

    /** A clock that shows the year 2126 for a while must not carry out what cannot be undone. */
    @Test
    fun aClockThatIsWrongForAWhile() {
        val clock = ManualClock(Fixture.START)
        Vault.inMemory(fixture.root, clock = clock, clockTrust = ClockTrust.SYSTEM).use { vault ->
            val kms = vault.client()
            val keyId = kms.createKey(CreateKeyRequest()).keyMetadata.keyId
            kms.scheduleKeyDeletion(ScheduleKeyDeletionRequest(keyId, pendingWindowInDays = 7))
            assertFalse(vault.timeInDoubt())
            clock.advanceDays(36_500)
            kms.listKeys(ListKeysRequest())
            assertTrue(vault.timeInDoubt())
            assertEquals(KeyState.PENDING_DELETION, kms.describeKey(DescribeKeyRequest(keyId)).keyMetadata.keyState)
            clock.set(Fixture.START)
            assertFalse(vault.timeInDoubt())
            kms.cancelKeyDeletion(CancelKeyDeletionRequest(keyId))
            kms.scheduleKeyDeletion(ScheduleKeyDeletionRequest(keyId, pendingWindowInDays = 7))
            clock.advanceDays(400)
            assertTrue(vault.timeInDoubt())
            vault.confirmTime()
            assertFalse(vault.timeInDoubt())
            assertThrows<KmsException.NotFound> { kms.describeKey(DescribeKeyRequest(keyId)) }
        }
        // A clock that a test turns is believed.
        assertFalse(vault.timeInDoubt())
        fixture.clock.advanceDays(36_500)
        assertFalse(vault.timeInDoubt())
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
