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

    @Test
    fun closing() {
        val other = kms.asCaller(Caller("000000000000", "us-east-1"))
        kms.close()
        kms.close() // closing twice does no harm
        val error = assertThrows<IllegalStateException> { kms.listKeys(ListKeysRequest()) }
        assertEquals("this Kms is closed", error.message)
        assertEquals(1, other.listKeys(ListKeysRequest()).keys.size, "each holder closes its own")
        other.close()

        val keyId = Kms.create(fixture.root).use { it.createKey(CreateKeyRequest()).keyMetadata.keyId }
        assertEquals(36, keyId.length)
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
