package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*
import java.io.File
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import java.util.Base64

/** Root keys from where a machine keeps them, and keys elsewhere that an object of the app asks. */
class RootKeyTest {
    /** Wraps in a way that only a test may, and fails on request. */
    private class RemoteKey : KeyWrapper {
        var failure: Throwable? = null
        var answer: ByteArray? = null

        private fun flip(data: ByteArray) = ByteArray(data.size) { (data[it].toInt() xor 0x5a).toByte() }
        override fun wrap(key: ByteArray): ByteArray = failure?.let { throw it } ?: flip(key)
        override fun unwrap(wrapped: ByteArray): ByteArray = failure?.let { throw it } ?: answer ?: flip(wrapped)
        fun root(name: String = "elsewhere") = RootKey.fromCallback(name, this)
    }

    @Test
    fun aKeyElsewhereOpensAVault() = Fixture().use { fixture ->
        val elsewhere = RemoteKey()
        val id = fixture.vault.addRootKey(elsewhere.root(), "elsewhere")
        val info = fixture.vault.rootKeys().single { it.id == id }
        assertEquals(Triple(RootKeyKind.CALLBACK, "elsewhere", true), Triple(info.kind, info.name, info.opened))
        val snapshot = fixture.vault.snapshot()
        Vault.openSnapshot(snapshot, elsewhere.root()).close()
        assertThrows<KmsException.WrongRootKey> { Vault.openSnapshot(snapshot, elsewhere.root("another")) }
        // No person can keep it.
        val first = fixture.vault.rootKeys().single { it.id != id }.id
        assertThrows<KmsException.LastRootKey> { fixture.vault.removeRootKey(first) }
    }

    @Test
    fun whatItThrowsIsTheSameObject() = Fixture().use { fixture ->
        val elsewhere = RemoteKey()
        val root = elsewhere.root()
        fixture.vault.addRootKey(root)
        val (snapshot, infos) = fixture.vault.snapshot() to fixture.vault.rootKeys()
        for (failure in listOf(IllegalStateException("no network"), AssertionError("no"), KmsException.Disabled(ErrorDetails(message = "disabled")))) {
            elsewhere.failure = failure
            val calls = listOf({ fixture.vault.addRootKey(root) }, { Vault.openSnapshot(snapshot, root) }, { Vault.inMemory(root) })
            for (call in calls) assertSame(failure, runCatching(call).exceptionOrNull())
        }
        assertEquals(infos, fixture.vault.rootKeys())
        elsewhere.failure = null
        for (wrong in listOf(ByteArray(0), ByteArray(31), ByteArray(33), ByteArray(32))) {
            elsewhere.answer = wrong
            assertThrows<KmsException.WrongRootKey> { fixture.vault.addRootKey(root) }
        }
        assertEquals(infos, fixture.vault.rootKeys())
    }

    @Test
    fun files() {
        val key = ByteArray(32) { it.toByte() }
        val owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        val path = Files.createTempFile("root", "key", owner)
        try {
            for (content in listOf(key, key.joinToString("") { "%02x".format(it) }.toByteArray(), Base64.getEncoder().encode(key) + 10)) {
                Files.write(path, content)
                assertArrayEquals(key, RootKey.fromFile(path.toString()).toBytes())
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"))
            val refused = assertThrows<KmsException.Validation> { RootKey.fromFile(path.toString()) }
            assertTrue("0640" in refused.message, refused.message)
        } finally {
            Files.delete(path)
        }
        assertThrows<KmsException.NotFound> { RootKey.fromFile(File(path.toString()).path) }
        assertThrows<KmsException.NotFound> { RootKey.fromEnv("POCKETKMS_NO_SUCH_VARIABLE") }
        assertThrows<KmsException.Validation> { RootKey.fromEnv("PATH") }
    }

    @Test
    fun aPassphraseForATime() {
        RootKey.fromPassphrase("correct horse", seconds = 0.001).use { root ->
            Vault.inMemory(root).use { vault ->
                assertEquals(Argon2Cost(19 * 1024, 2, 1), vault.rootKeys().single().cost)
                Vault.openSnapshot(vault.snapshot(), RootKey.fromPassphrase("correct horse")).close()
            }
        }
        assertThrows<KmsException.Validation> { RootKey.fromPassphrase("x", cost = Argon2Cost(), seconds = 1.0) }
        assertThrows<KmsException.Validation> { RootKey.fromPassphrase("x", seconds = -1.0) }
    }
}
