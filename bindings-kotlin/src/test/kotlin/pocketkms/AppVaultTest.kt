package pocketkms

import android.security.keystore.KeyPermanentlyInvalidatedException
import java.io.File
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.android.RootKeyLostException
import pocketkms.api.*

/** The recipe of docs/recipes/root-keys.md, unchanged: a phone, the backup that leaves it, and the next one. */
class AppVaultTest {
    @BeforeEach
    fun install() = FakeKeystore.install()

    @AfterEach
    fun remove() = FakeKeystore.remove()

    @TempDir
    lateinit var folder: File

    private fun directory(name: String) = File(folder, name).apply { mkdirs() }

    private fun encrypt(vault: Vault): ByteArray {
        val kms = vault.client()
        val key = kms.createKey(CreateKeyRequest()).keyMetadata.keyId
        return kms.encrypt(EncryptRequest(key, "note".toByteArray())).ciphertextBlob
    }

    private fun decrypt(vault: Vault, blob: ByteArray) = String(vault.client().decrypt(DecryptRequest(blob)).plaintext)

    @Test
    fun anotherPhone() {
        val backedUp = directory("backed up")
        var recoveryKey = ""
        val old = AppVault(directory("old phone"), backedUp)
        val note = old.create { recoveryKey = it }.use { vault -> encrypt(vault).also { old.save(vault) } }
        old.open().use { assertEquals("note", decrypt(it, note)) }
        assertEquals(listOf("keys.copy"), backedUp.list()!!.toList(), "the vault itself is in no backup")
        assertFalse(old.isRestored())

        FakeKeystore.keys.clear() // what a backup does not take along
        val new = AppVault(directory("new phone"), backedUp)
        assertTrue(new.isRestored())
        assertThrows<KmsException> { new.open() }
        assertThrows<PocketKmsException> { new.recover("${RootKey.generate().let { Vault.inMemory(it).addRecoveryKey().text }}") }
        assertTrue(FakeKeystore.keys.isEmpty() && new.isRestored(), "a wrong recovery key changes nothing")
        new.recover(recoveryKey).use { assertEquals("note", decrypt(it, note)) }
        new.open().use { vault ->
            assertEquals("note", decrypt(vault, note))
            assertEquals(2, vault.rootKeys().size)
        }
        // Restored over an app that has its vault, the device's key alone is gone.
        FakeKeystore.keys.clear()
        assertNull(assertThrows<RootKeyLostException> { new.open() }.cause)
        new.recover(recoveryKey).close()
        new.open().close()
    }

    @Test
    fun anotherFingerprint() {
        var recoveryKey = ""
        val app = AppVault(directory("device"), directory("backed up"))
        val note = app.create { recoveryKey = it }.use(::encrypt)
        val thrown = KeyPermanentlyInvalidatedException()
        FakeKeystore.keys.values.single().invalidated = thrown
        assertSame(thrown, assertThrows<RootKeyLostException> { app.open() }.cause)
        app.recover(recoveryKey).use { assertEquals("note", decrypt(it, note)) }
        app.open().use { assertEquals("note", decrypt(it, note)) }
    }
}
