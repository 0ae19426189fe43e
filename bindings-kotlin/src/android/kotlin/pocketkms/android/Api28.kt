package pocketkms.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import javax.crypto.SecretKey

/** What came with Android 9, in a class of its own: Android 8 never loads it whole, as it does not know the exception that is caught. */
internal object Api28 {
    fun withStrongBox(spec: () -> KeyGenParameterSpec.Builder, generate: (KeyGenParameterSpec) -> SecretKey): SecretKey =
        if (Build.VERSION.SDK_INT >= 28) StrongBox.orNot(spec, generate) else generate(spec().build())

    private object StrongBox {
        fun orNot(spec: () -> KeyGenParameterSpec.Builder, generate: (KeyGenParameterSpec) -> SecretKey): SecretKey =
            try {
                generate(spec().setIsStrongBoxBacked(true).build())
            } catch (_: StrongBoxUnavailableException) {
                generate(spec().build())
            }
    }
}
