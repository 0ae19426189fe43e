/** As much of Android's classes as src/android names, so that it compiles and runs on the JVM. AndroidApiTest compares them with Android's own. */
package android.security.keystore

import java.security.InvalidKeyException
import java.security.ProviderException
import java.security.spec.AlgorithmParameterSpec

object KeyProperties {
    const val KEY_ALGORITHM_AES = "AES"
    const val PURPOSE_ENCRYPT = 1
    const val PURPOSE_DECRYPT = 2
    const val BLOCK_MODE_GCM = "GCM"
    const val ENCRYPTION_PADDING_NONE = "NoPadding"
}

class KeyGenParameterSpec private constructor(builder: Builder) : AlgorithmParameterSpec {
    val alias = builder.alias
    val keySize = builder.keySize
    val strongBox = builder.strongBox
    val userAuthentication = builder.userAuthentication
    val validitySeconds = builder.validitySeconds
    val invalidatedByEnrollment = builder.invalidatedByEnrollment

    class Builder(internal val alias: String, private val purposes: Int) {
        internal var keySize = 0
        internal var strongBox = false
        internal var userAuthentication = false
        internal var validitySeconds = -1 // each use
        internal var invalidatedByEnrollment = true
        private var mode: String? = null
        private var padding: String? = null

        fun setKeySize(bits: Int): Builder = apply { keySize = bits }
        fun setBlockModes(vararg modes: String): Builder = apply { mode = modes.single() }
        fun setEncryptionPaddings(vararg paddings: String): Builder = apply { padding = paddings.single() }
        fun setUserAuthenticationRequired(required: Boolean): Builder = apply { userAuthentication = required }
        fun setUserAuthenticationValidityDurationSeconds(seconds: Int): Builder = apply { validitySeconds = seconds }
        fun setInvalidatedByBiometricEnrollment(invalidated: Boolean): Builder = apply { invalidatedByEnrollment = invalidated }
        fun setIsStrongBoxBacked(backed: Boolean): Builder = apply { strongBox = backed }

        fun build(): KeyGenParameterSpec {
            check(purposes == 3 && mode == "GCM" && padding == "NoPadding")
            return KeyGenParameterSpec(this)
        }
    }
}

class KeyPermanentlyInvalidatedException : InvalidKeyException("Key permanently invalidated")

class UserNotAuthenticatedException : InvalidKeyException("User not authenticated")

class StrongBoxUnavailableException : ProviderException("Failed to generate key")
