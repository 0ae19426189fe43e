/** As much of Android's classes as the recipe of docs/recipes/root-keys.md names, so that it compiles and runs on the JVM. */
package android.security.keystore

import java.security.spec.AlgorithmParameterSpec

object KeyProperties {
    const val KEY_ALGORITHM_AES = "AES"
    const val PURPOSE_ENCRYPT = 1
    const val PURPOSE_DECRYPT = 2
    const val BLOCK_MODE_GCM = "GCM"
    const val ENCRYPTION_PADDING_NONE = "NoPadding"
}

class KeyGenParameterSpec private constructor(val alias: String, val keySize: Int) : AlgorithmParameterSpec {
    class Builder(private val alias: String, private val purposes: Int) {
        private var keySize = 0
        private var mode: String? = null
        private var padding: String? = null

        fun setKeySize(bits: Int) = apply { keySize = bits }
        fun setBlockModes(vararg modes: String) = apply { mode = modes.single() }
        fun setEncryptionPaddings(vararg paddings: String) = apply { padding = paddings.single() }

        fun build(): KeyGenParameterSpec {
            check(purposes == 3 && mode == "GCM" && padding == "NoPadding")
            return KeyGenParameterSpec(alias, keySize)
        }
    }
}
