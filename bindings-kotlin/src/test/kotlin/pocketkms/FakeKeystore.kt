package pocketkms

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.io.InputStream
import java.io.OutputStream
import java.security.AlgorithmParameters
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** The Keystore of one device: a provider of the JDK, in memory, whose keys fail as Android's do. */
object FakeKeystore {
    val keys = mutableMapOf<String, FakeKey>()
    var hasStrongBox = true
    var unlocked = true

    /** What `getKey` throws. */
    var unrecoverable: UnrecoverableKeyException? = null

    var onDelete = {}

    fun install() {
        // The first, as Android's is for its keys: it sees a key before those that cannot use it complain.
        Security.insertProviderAt(AndroidKeyStore(), 1)
    }

    fun remove() {
        Security.removeProvider("AndroidKeyStore")
        keys.clear()
        hasStrongBox = true
        unlocked = true
        unrecoverable = null
        onDelete = {}
    }
}

class FakeKey(val spec: KeyGenParameterSpec, internal val bytes: ByteArray) : SecretKey {
    /** What a use of it throws. */
    var invalidated: KeyPermanentlyInvalidatedException? = null

    override fun getAlgorithm() = "AES"
    override fun getFormat(): String? = null
    override fun getEncoded(): ByteArray? = null // it never leaves the hardware
}

private class AndroidKeyStore : Provider("AndroidKeyStore", "1", "for tests") {
    init {
        put("KeyStore.AndroidKeyStore", FakeStore::class.java.name)
        put("KeyGenerator.AES", FakeGenerator::class.java.name)
        put("Cipher.AES/GCM/NoPadding", FakeCipher::class.java.name)
    }
}

class FakeGenerator : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(random: SecureRandom?): Unit = error("a key of the Keystore needs its parameters")
    override fun engineInit(bits: Int, random: SecureRandom?): Unit = error("a key of the Keystore needs its parameters")
    override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        spec = parameters as KeyGenParameterSpec
    }

    override fun engineGenerateKey(): SecretKey {
        if (spec.strongBox && !FakeKeystore.hasStrongBox) throw StrongBoxUnavailableException()
        val bytes = ByteArray(spec.keySize / 8).also { SecureRandom().nextBytes(it) }
        return FakeKey(spec, bytes).also { FakeKeystore.keys[spec.alias] = it }
    }
}

class FakeCipher : CipherSpi() {
    private val inner = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")

    private fun secret(key: Key): SecretKey {
        if (key !is FakeKey) throw InvalidKeyException("a key of another provider")
        key.invalidated?.let { throw it }
        if (key.spec.userAuthentication && key.spec.validitySeconds > 0 && !FakeKeystore.unlocked) throw UserNotAuthenticatedException()
        return SecretKeySpec(key.bytes, "AES")
    }

    override fun engineInit(mode: Int, key: Key, random: SecureRandom?) = inner.init(mode, secret(key))
    override fun engineInit(mode: Int, key: Key, spec: AlgorithmParameterSpec?, random: SecureRandom?) = inner.init(mode, secret(key), spec)
    override fun engineInit(mode: Int, key: Key, parameters: AlgorithmParameters?, random: SecureRandom?) = inner.init(mode, secret(key), parameters)
    override fun engineDoFinal(input: ByteArray, offset: Int, length: Int): ByteArray = inner.doFinal(input, offset, length)
    override fun engineDoFinal(input: ByteArray, offset: Int, length: Int, output: ByteArray, at: Int) = inner.doFinal(input, offset, length, output, at)
    override fun engineUpdate(input: ByteArray, offset: Int, length: Int): ByteArray? = inner.update(input, offset, length)
    override fun engineUpdate(input: ByteArray, offset: Int, length: Int, output: ByteArray, at: Int) = inner.update(input, offset, length, output, at)
    override fun engineGetIV(): ByteArray = inner.iv
    override fun engineGetBlockSize() = inner.blockSize
    override fun engineGetOutputSize(length: Int) = inner.getOutputSize(length)
    override fun engineGetParameters(): AlgorithmParameters = inner.parameters
    override fun engineSetMode(mode: String) = Unit
    override fun engineSetPadding(padding: String) = Unit
}

class FakeStore : KeyStoreSpi() {
    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineGetKey(alias: String, password: CharArray?): Key? {
        FakeKeystore.unrecoverable?.let { throw it }
        return FakeKeystore.keys[alias]
    }

    override fun engineContainsAlias(alias: String) = alias in FakeKeystore.keys
    override fun engineIsKeyEntry(alias: String) = alias in FakeKeystore.keys
    override fun engineDeleteEntry(alias: String) {
        FakeKeystore.keys.remove(alias)
        FakeKeystore.onDelete()
    }
    override fun engineAliases() = Collections.enumeration(FakeKeystore.keys.keys)
    override fun engineSize() = FakeKeystore.keys.size

    // What a root key has no use for.
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
