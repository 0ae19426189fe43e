package pocketkms

import android.os.Build
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.security.InvalidKeyException
import java.security.UnrecoverableKeyException
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.android.AndroidKeystoreRootKey
import pocketkms.android.AndroidKeystoreRootKey.State
import pocketkms.android.RootKeyLostException
import pocketkms.android.UserAuthentication
import pocketkms.api.*

/** The root key of the Android Keystore over one in memory: keys that are gone, locked, invalidated, on another device. */
class KeystoreTest {
    @BeforeEach
    fun install() = FakeKeystore.install()

    @AfterEach
    fun remove() {
        FakeKeystore.remove()
        Build.VERSION.SDK_INT = 34
    }

    private val root = AndroidKeystoreRootKey()

    private fun key(alias: String = "pocketkms") = FakeKeystore.keys.getValue(alias)

    @Test
    fun aKeyThatIsMissing() {
        val snapshot = Vault.inMemory(root.rootKey()).use(Vault::snapshot)
        FakeKeystore.keys.clear() // another phone
        assertEquals(State.MISSING, root.state())
        val gone = assertThrows<RootKeyLostException> { Vault.openSnapshot(snapshot, AndroidKeystoreRootKey().rootKey()) }
        assertTrue("another device" in gone.message!! && gone.cause == null, gone.message)
        assertTrue(FakeKeystore.keys.isEmpty(), "none is made to open a vault")
    }

    @Test
    fun aKeyThatWasInvalidated() {
        val vault = Vault.inMemory(root.rootKey())
        val recovery = vault.addRecoveryKey("paper")
        val snapshot = vault.use(Vault::snapshot)
        val thrown = KeyPermanentlyInvalidatedException()
        key().invalidated = thrown
        assertEquals(State.INVALIDATED, root.state())
        val gone = assertThrows<RootKeyLostException> { Vault.openSnapshot(snapshot, root.rootKey()) }
        assertSame(thrown, gone.cause, "the very object that the platform threw")
        assertThrows<RootKeyLostException> { Vault.inMemory(root.rootKey()) } // nor does it wrap anything any more

        Vault.openSnapshot(snapshot, RootKey.fromRecoveryKey("${recovery.text}")).use { vault ->
            root.renew(vault)
            assertEquals(State.READY, root.state())
            assertEquals(2, vault.rootKeys().size)
            val renewed = vault.snapshot()
            Vault.openSnapshot(renewed, root.rootKey()).close()
            Vault.openSnapshot(renewed, RootKey.fromRecoveryKey("${recovery.text}")).close()
        }
        val old = assertThrows<Exception> { Vault.openSnapshot(snapshot, root.rootKey()) } // the old file has what the old key wrapped
        assertFalse(old is RootKeyLostException, "$old")
    }

    /** As Android 12 and later say it, where the key is looked up. */
    @Test
    fun aKeyThatCannotBeRecovered() {
        val vault = Vault.inMemory(root.rootKey())
        val recovery = vault.addRecoveryKey("paper")
        val snapshot = vault.use(Vault::snapshot)
        val passing = UnrecoverableKeyException("Failed to obtain information about key").apply { initCause(IllegalStateException("busy")) }
        FakeKeystore.unrecoverable = passing
        assertSame(passing, assertThrows<UnrecoverableKeyException> { root.state() })
        assertSame(passing, assertThrows<UnrecoverableKeyException> { Vault.openSnapshot(snapshot, root.rootKey()) })
        assertTrue("pocketkms" in FakeKeystore.keys, "a failure that passes costs no key")

        val thrown = UnrecoverableKeyException("User changed or deleted their auth credentials")
        FakeKeystore.unrecoverable = thrown
        assertEquals(State.INVALIDATED, root.state())
        assertSame(thrown, assertThrows<RootKeyLostException> { Vault.openSnapshot(snapshot, root.rootKey()) }.cause)
        Vault.openSnapshot(snapshot, RootKey.fromRecoveryKey("${recovery.text}")).use { opened ->
            FakeKeystore.onDelete = { FakeKeystore.unrecoverable = null }
            root.renew(opened)
            assertEquals(State.READY, root.state())
        }
    }

    @Test
    fun aKeyThatIsLocked() {
        val locked = AndroidKeystoreRootKey("locked", UserAuthentication.within(30))
        val snapshot = Vault.inMemory(locked.rootKey()).use(Vault::snapshot)
        key("locked").spec.run { assertTrue(userAuthentication && validitySeconds == 30 && invalidatedByEnrollment) }
        FakeKeystore.unlocked = false
        assertEquals(State.AUTHENTICATION_REQUIRED, locked.state())
        assertThrows<UserNotAuthenticatedException> { Vault.openSnapshot(snapshot, locked.rootKey()) }
        assertTrue("locked" in FakeKeystore.keys, "nothing is lost by it")
        FakeKeystore.unlocked = true
        assertEquals(State.READY, locked.state())
        Vault.openSnapshot(snapshot, locked.rootKey()).close()
        for (seconds in listOf(0, -1)) assertThrows<IllegalArgumentException> { UserAuthentication.within(seconds) }
    }

    @Test
    fun aUseThatTheUserConfirms() {
        class Refused : Exception("the user said no")
        var asked = 0
        var refuses: Refused? = null
        val each = AndroidKeystoreRootKey("each", UserAuthentication.eachTime({ cipher ->
            assertEquals("AES/GCM/NoPadding", cipher.algorithm)
            asked += 1
            refuses?.let { throw it }
        }, invalidatedByEnrollment = false))
        val snapshot = Vault.inMemory(each.rootKey()).use(Vault::snapshot)
        key("each").spec.run { assertTrue(userAuthentication && validitySeconds == -1 && !invalidatedByEnrollment) }
        assertEquals(2, asked, "wrapped, and read back before anything relies on it")
        Vault.openSnapshot(snapshot, each.rootKey()).close()
        assertEquals(3, asked)
        refuses = Refused()
        assertSame(refuses, assertThrows<Refused> { Vault.openSnapshot(snapshot, each.rootKey()) })
    }

    @Test
    fun strongBoxWhereItIs() {
        AndroidKeystoreRootKey("chip").run { Vault.inMemory(rootKey()).close() }
        assertTrue(key("chip").spec.strongBox)
        AndroidKeystoreRootKey("none", strongBox = false).run { Vault.inMemory(rootKey()).close() }
        assertFalse(key("none").spec.strongBox)
        FakeKeystore.hasStrongBox = false
        AndroidKeystoreRootKey("without", UserAuthentication.within(5)).run { Vault.inMemory(rootKey()).close() }
        key("without").spec.run { assertTrue(!strongBox && userAuthentication && keySize == 256) }
        FakeKeystore.hasStrongBox = true
        Build.VERSION.SDK_INT = 27 // where the setting does not exist
        AndroidKeystoreRootKey("old").run { Vault.inMemory(rootKey()).close() }
        assertFalse(key("old").spec.strongBox)
    }

    @Test
    fun whatWasAltered() {
        val wrapped = root.wrap(ByteArray(32) { 5 })
        assertArrayEquals(ByteArray(32) { 5 }, root.unwrap(wrapped))
        assertFalse(wrapped.contentEquals(root.wrap(ByteArray(32) { 5 })))
        for (index in wrapped.indices) assertThrows<Exception>("$index") { root.unwrap(wrapped.flipped(index)) }
        for (length in 0 until wrapped.size) assertThrows<Exception>("$length") { root.unwrap(wrapped.copyOf(length)) }
        assertThrows<InvalidKeyException> { root.unwrap(ByteArray(0)) }
        root.delete()
        assertThrows<RootKeyLostException> { root.unwrap(wrapped) }
    }

    /** What goes wrong while it is renewed takes no key away by which the vault could be opened. */
    @Test
    fun aRenewalThatFails() {
        val vault = Vault.inMemory(root.rootKey())
        key().invalidated = KeyPermanentlyInvalidatedException()
        assertThrows<IllegalStateException> { root.renew(vault) } // it has no other root key
        key().invalidated = null
        val snapshot = vault.use(Vault::snapshot)
        Vault.openSnapshot(snapshot, root.rootKey()).use { root.renew(it) } // the key works, and is kept
        Vault.openSnapshot(snapshot, root.rootKey()).close()
    }

    @Test
    fun renewing() {
        // A vault that had no such root key, and one that has two of the name, as after a renewal on each of two phones.
        Vault.inMemory(RootKey.generate()).use { vault ->
            root.renew(vault)
            assertEquals(1, vault.rootKeys().count { it.name == root.name })
            vault.addRootKey(root.rootKey())
            assertEquals(2, vault.rootKeys().count { it.name == root.name })
            root.renew(vault)
            assertEquals(1, vault.rootKeys().count { it.name == root.name && it.kind == RootKeyKind.CALLBACK })
            assertEquals(2, vault.rootKeys().size)
            Vault.openSnapshot(vault.snapshot(), root.rootKey()).close()
        }
    }
}
