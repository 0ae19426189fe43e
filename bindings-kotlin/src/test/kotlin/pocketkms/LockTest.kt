package pocketkms

import java.io.File
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*

/** A vault that is locked while the app is in the background, and saved by itself. */
class LockTest {
    @TempDir
    lateinit var folder: File

    private val client = EncryptionClient()

    @Test
    fun everythingComesBack(): Unit = Fixture().use { fixture ->
        val blob = fixture.encrypt("secret")
        val keyring = Keyring.kms(fixture.kms, fixture.keyId)
        val caching = Keyring.caching(keyring, clock = fixture.clock)
        val messages = listOf(keyring, caching).map { it to client.encrypt(it, byteArrayOf(1)).message }
        repeat(2) {
            val stream = client.encryptor(keyring)
            stream.update(ByteArray(9))
            fixture.vault.lock()
            fixture.vault.lock()
            assertTrue(fixture.vault.isLocked())
            assertFalse(fixture.vault.isClosed())
            val locked = assertThrows<KmsException.VaultLocked> { fixture.decrypt(blob) }
            assertEquals("VaultLockedException: the vault is locked: unlock it with a root key", locked.message)
            assertEquals(ErrorCategory.AUTHENTICATE, locked.category)
            assertThrows<KmsException.VaultLocked> { fixture.vault.snapshot() }
            assertThrows<KmsException.VaultLocked> { stream.update(ByteArray(1_000_000)) }
            for ((ring, message) in messages) {
                assertThrows<KmsException.VaultLocked> { client.decrypt(ring, message) }
                assertThrows<KmsException.VaultLocked> { client.encrypt(ring, byteArrayOf(1)) }
            }
            assertThrows<KmsException.WrongRootKey> { fixture.vault.unlock(RootKey.fromBytes(ByteArray(32) { 9 })) }
            assertTrue(fixture.vault.isLocked())
            fixture.vault.unlock(fixture.root)
            assertFalse(fixture.vault.isLocked())
            assertEquals("secret", fixture.decrypt(blob))
            for ((ring, message) in messages) assertArrayEquals(byteArrayOf(1), client.decrypt(ring, message).plaintext)
            assertThrows<KmsException.StreamState> { stream.finish() }
        }
        fixture.vault.lock()
        fixture.vault.close()
        val closed = assertThrows<KmsException> { fixture.vault.unlock(fixture.root) }
        assertTrue(closed is KmsException.VaultClosed, "$closed")
    }

    /** What a prompt throws that the user dismissed comes out of `unlock`, and the vault stays locked. */
    @Test
    fun aPromptThatIsDismissed() {
        class Dismissed : Exception()
        var asked: (ByteArray) -> ByteArray = { it }
        val root = RootKey.fromCallback("prompt", object : KeyWrapper {
            override fun wrap(key: ByteArray) = key
            override fun unwrap(wrapped: ByteArray) = asked(wrapped)
        })
        Vault.inMemory(root).use { vault ->
            vault.lock()
            val dismissed = Dismissed()
            asked = { throw dismissed }
            assertSame(dismissed, assertThrows<Dismissed> { vault.unlock(root) })
            assertTrue(vault.isLocked())
            asked = { it }
            vault.unlock(root)
            vault.client().createKey(CreateKeyRequest())
        }
    }

    @Test
    fun aSnapshotIsSaved(): Unit = Fixture().use { fixture ->
        val path = File(folder, "keys.pocketkms")
        assertTrue(fixture.vault.needsSaving())
        fixture.vault.saveTo(path.path)
        assertFalse(fixture.vault.needsSaving())
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path.toPath())))
        assertEquals(listOf(path), folder.listFiles()!!.toList())
        val blob = fixture.encrypt("secret")
        Vault.openSnapshot(path.readBytes(), fixture.root).use { vault ->
            assertEquals("secret", String(vault.client().decrypt(DecryptRequest(blob)).plaintext))
        }
        assertThrows<FileException.Io> { fixture.vault.saveTo(folder.path) }
        assertThrows<FileException.Io> { fixture.vault.saveTo(File(folder, "missing/file").path) }
        val saved = path.readBytes()
        fixture.vault.lock()
        val locked = assertThrows<FileException.Message> { fixture.vault.saveTo(path.path) }
        assertEquals("VaultLockedException", locked.name)
        assertEquals(ErrorCategory.AUTHENTICATE, locked.category)
        assertArrayEquals(saved, path.readBytes())
    }
}
