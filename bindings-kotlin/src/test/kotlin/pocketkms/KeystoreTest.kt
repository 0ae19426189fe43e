package pocketkms

import android.security.keystore.KeyGenParameterSpec
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.RootKeyKind
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** The recipe of docs/recipes/root-keys.md, unchanged, over a keystore in memory. */
class KeystoreTest {
    @BeforeEach
    fun add() {
        Security.addProvider(AndroidKeyStore())
    }

    @AfterEach
    fun remove() {
        Security.removeProvider("AndroidKeyStore")
        KEYS.clear()
    }

    @Test
    fun opensAVault() {
        val root = keystoreRootKey()
        val vault = Vault.inMemory(root)
        val recovery = vault.addRecoveryKey("paper")
        val snapshot = vault.snapshot()
        Vault.openSnapshot(snapshot, keystoreRootKey()).close()
        assertEquals(setOf("pocketkms"), KEYS.keys)

        // Another phone: its Keystore has no such key, and makes none to open a vault.
        KEYS.clear()
        val gone = assertThrows<IllegalStateException> { Vault.openSnapshot(snapshot, keystoreRootKey()) }
        assertTrue("another device" in gone.message!!, gone.message)
        assertTrue(KEYS.isEmpty())
        Vault.openSnapshot(snapshot, RootKey.fromRecoveryKey("${recovery.text}")).use { restored ->
            val old = restored.rootKeys().single { it.kind == RootKeyKind.CALLBACK }
            restored.replaceRootKey(old.id, keystoreRootKey())
            Vault.openSnapshot(restored.snapshot(), keystoreRootKey()).close()
        }
        vault.close()
    }
}

private val KEYS = mutableMapOf<String, SecretKey>()

private class AndroidKeyStore : Provider("AndroidKeyStore", "1", "for tests") {
    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
    }
}

class Generator : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(random: SecureRandom?): Unit = error("a key of the Keystore needs its parameters")
    override fun engineInit(bits: Int, random: SecureRandom?): Unit = error("a key of the Keystore needs its parameters")
    override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        spec = parameters as KeyGenParameterSpec
    }

    override fun engineGenerateKey(): SecretKey {
        val bytes = ByteArray(spec.keySize / 8).also { SecureRandom().nextBytes(it) }
        return SecretKeySpec(bytes, "AES").also { KEYS[spec.alias] = it }
    }
}

class Store : KeyStoreSpi() {
    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineGetKey(alias: String, password: CharArray?): Key? = KEYS[alias]
    override fun engineContainsAlias(alias: String) = alias in KEYS
    override fun engineIsKeyEntry(alias: String) = alias in KEYS
    override fun engineDeleteEntry(alias: String) {
        KEYS.remove(alias)
    }
    override fun engineAliases() = Collections.enumeration(KEYS.keys)
    override fun engineSize() = KEYS.size

    // What a recipe has no use for.
    override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
    override fun engineGetCertificate(alias: String): Certificate? = null
    override fun engineGetCreationDate(alias: String): Date? = null
    override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?): Unit = error("unused")
    override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?): Unit = error("unused")
    override fun engineSetCertificateEntry(alias: String, certificate: Certificate): Unit = error("unused")
    override fun engineIsCertificateEntry(alias: String) = false
    override fun engineGetCertificateAlias(certificate: Certificate): String? = null
    override fun engineStore(stream: OutputStream?, password: CharArray?): Unit = error("unused")
}
