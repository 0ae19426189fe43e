package pocketkms.android

import android.security.keystore.KeyGenParameterSpec
import java.security.InvalidKeyException
import javax.crypto.Cipher

/**
 * What the user has to do before a key of the Keystore is used. [within] and [eachTime] make it.
 */
class UserAuthentication private constructor(
    private val seconds: Int,
    private val invalidatedByEnrollment: Boolean,
    internal val authenticate: CipherAuthenticator?,
) {
    internal fun demand(spec: KeyGenParameterSpec.Builder) {
        spec.setUserAuthenticationRequired(true)
        if (seconds > 0) spec.setUserAuthenticationValidityDurationSeconds(seconds)
        spec.setInvalidatedByBiometricEnrollment(invalidatedByEnrollment)
    }

    companion object {
        /**
         * The user has unlocked the device, or confirmed it, at most so many seconds ago. Where not, opening the vault throws the platform's
         * `UserNotAuthenticatedException`: show a `BiometricPrompt`, and open it again.
         */
        @JvmStatic
        fun within(seconds: Int): UserAuthentication {
            require(seconds > 0) { "$seconds seconds" }
            return UserAuthentication(seconds, invalidatedByEnrollment = true, authenticate = null)
        }

        /**
         * The user confirms each use by a fingerprint or a face. [authenticate] is given the cipher on the thread that opens the vault: it shows a
         * `BiometricPrompt` with a `CryptoObject` of it, waits until that succeeded, and throws where it did not. That comes out of `Vault.open` as it is.
         * To make a vault asks twice: what was wrapped is read back before anything relies on it.
         *
         * @param invalidatedByEnrollment whether another fingerprint or face, once enrolled, ends the key: [RootKeyLostException] from then on.
         */
        @JvmStatic
        @JvmOverloads
        fun eachTime(authenticate: CipherAuthenticator, invalidatedByEnrollment: Boolean = true): UserAuthentication =
            UserAuthentication(0, invalidatedByEnrollment, authenticate)
    }
}

/** Has the user confirm the use of a cipher: returns when that was done, and throws where not. */
fun interface CipherAuthenticator {
    fun authenticate(cipher: Cipher)
}

/**
 * The device's key is gone for good: it was invalidated (then the [cause] is the platform's `KeyPermanentlyInvalidatedException`), or it never was on
 * this device. Open the vault with its recovery key, and [AndroidKeystoreRootKey.renew] it.
 */
class RootKeyLostException internal constructor(message: String, override val cause: Throwable? = null) : InvalidKeyException(message, cause)
