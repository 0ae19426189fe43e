package pocketkms.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.UserNotAuthenticatedException
import java.security.InvalidKeyException
import java.security.KeyStore
import java.security.UnrecoverableKeyException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import pocketkms.KeyWrapper
import pocketkms.RootKey
import pocketkms.Vault
import pocketkms.api.RootKeyKind

/**
 * A root key that the Android Keystore keeps: an AES key, under [alias], that never leaves the secure hardware wraps the vault's key. It is made
 * by the first vault that is made with it, or that it is added to; one that is missing later is an error, and never replaced in silence.
 *
 * It is bound to this device and to this installation of the app: **give the vault a second root key** that outlasts both (`addRecoveryKey`), and
 * [renew] this one when a [RootKeyLostException] says that it is gone.
 *
 * @param alias the key's name in the app's Keystore: one for each vault, as [renew] and [delete] take it from all that have it.
 * @param authentication what the user has to do before the key is used, if anything.
 * @param strongBox whether a chip of its own keeps the key, where the device has one.
 */
class AndroidKeystoreRootKey @JvmOverloads constructor(
    val alias: String = "pocketkms",
    private val authentication: UserAuthentication? = null,
    private val strongBox: Boolean = true,
) : KeyWrapper {
    /** What can be said of the key without using it. */
    enum class State {
        /** There is none: it was not made yet, or this is another device, or the app was installed again. */
        MISSING,

        /** It can be used, perhaps after a prompt of [UserAuthentication.authenticate]. */
        READY,

        /** The user has to unlock the device, or to confirm it again: [UserNotAuthenticatedException] until then. */
        AUTHENTICATION_REQUIRED,

        /** It is gone for good, since the screen lock was removed or another fingerprint was enrolled. */
        INVALIDATED,
    }

    /** What a vault calls it in `rootKeys()`. */
    val name: String = "android-keystore:$alias"

    private val keystore by lazy { KeyStore.getInstance(PROVIDER).apply { load(null) } }

    /** The root key, for `Vault.create`, `Vault.open` and `addRootKey`. */
    fun rootKey(): RootKey = RootKey.fromCallback(name, this)

    fun state(): State {
        return try {
            val key = existing() ?: return State.MISSING
            cipher().init(Cipher.ENCRYPT_MODE, key)
            State.READY
        } catch (_: KeyPermanentlyInvalidatedException) {
            State.INVALIDATED
        } catch (error: UnrecoverableKeyException) {
            if (!error.saysInvalidated()) throw error
            State.INVALIDATED
        } catch (_: UserNotAuthenticatedException) {
            State.AUTHENTICATION_REQUIRED
        }
    }

    /**
     * Puts a new key of this device in the place of the one that is gone, or adds one to a vault that has none of this [name]. The vault was opened with
     * another root key, such as a recovery key, and must have one where this device's key is gone: that is deleted before a new one wraps
     * anything, which can fail. A key that can be used is kept, and wraps the vault key once more. Save the vault afterwards, where it is one in memory.
     */
    fun renew(vault: Vault) {
        val (old, others) = vault.rootKeys().partition { it.kind == RootKeyKind.CALLBACK && it.name == name }
        if (state() in setOf(State.INVALIDATED, State.MISSING)) {
            check(old.isEmpty() || others.isNotEmpty()) { "the vault has no other root key than '$name': add a recovery key first" }
            delete() // an invalidated one stays in the Keystore, and would be found again
        }
        if (old.isEmpty()) vault.addRootKey(rootKey()) else vault.replaceRootKey(old.first().id, rootKey())
        old.drop(1).forEach { vault.removeRootKey(it.id) }
    }

    /** Takes the key out of the Keystore. Vaults that have no other root key are lost with it. */
    fun delete(): Unit = keystore.deleteEntry(alias)

    override fun wrap(key: ByteArray): ByteArray = cipher().run {
        ready(this) { init(Cipher.ENCRYPT_MODE, existing() ?: create()) }
        iv + doFinal(key) // the Keystore chooses the IV
    }

    override fun unwrap(wrapped: ByteArray): ByteArray = cipher().run {
        if (wrapped.size <= IV) throw InvalidKeyException("what the vault has of '$alias' is too short")
        val missing = "the Keystore has no key '$alias': this is another device, or the app was installed again"
        ready(this) { init(Cipher.DECRYPT_MODE, existing() ?: throw RootKeyLostException(missing), GCMParameterSpec(TAG * 8, wrapped, 0, IV)) }
        doFinal(wrapped, IV, wrapped.size - IV)
    }

    private inline fun ready(cipher: Cipher, init: () -> Unit) {
        try {
            init()
        } catch (gone: KeyPermanentlyInvalidatedException) {
            throw lost(gone)
        } catch (error: UnrecoverableKeyException) {
            throw if (error.saysInvalidated()) lost(error) else error
        }
        authentication?.authenticate?.authenticate(cipher)
    }

    private fun lost(gone: Exception) =
        RootKeyLostException("the key '$alias' was invalidated: the screen lock was removed, or another fingerprint enrolled", gone)

    /**
     * `KeyStore.getKey` may not throw a [KeyPermanentlyInvalidatedException], and says so by this, without a cause. With one it reports a
     * failure of the Keystore itself, which passes.
     */
    private fun UnrecoverableKeyException.saysInvalidated() = cause == null || cause is KeyPermanentlyInvalidatedException

    private fun existing() = keystore.getKey(alias, null) as SecretKey?

    private fun create(): SecretKey =
        if (strongBox) Api28.withStrongBox(::spec, ::generate) else generate(spec().build())

    private fun generate(spec: KeyGenParameterSpec): SecretKey = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).run {
        init(spec)
        generateKey()
    }

    private fun spec() = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
        .setKeySize(256)
        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
        .also { authentication?.demand(it) }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val IV = 12
        const val TAG = 16

        fun cipher(): Cipher = Cipher.getInstance("AES/GCM/NoPadding")
    }
}
