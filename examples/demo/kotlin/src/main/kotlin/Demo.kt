// Kotlin opens the vault that Python made. `DemoKt FOLDER`
import com.google.gson.Gson
import java.io.File
import java.security.MessageDigest
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec
import pocketkms.api.DecryptRequest
import pocketkms.api.DecryptResponse
import pocketkms.api.EncryptRequest
import pocketkms.Kms
import pocketkms.KmsException
import pocketkms.RootKey

fun <T> timed(work: () -> T): Pair<T, Double> {
    val began = System.nanoTime()
    val result = work()
    return result to (System.nanoTime() - began) / 1e6
}

class Parcel(val alias: String, val context: Map<String, String>, val secret: String, val data_key: String)

fun main(arguments: Array<String>) {
    val folder = File(arguments[0])
    val parcel = Gson().fromJson(folder.resolve("parcel.json").readText(), Parcel::class.java)
    val snapshot = folder.resolve("vault.snapshot").readBytes()
    val sealed = folder.resolve("file.encrypted").readBytes()
    val root = RootKey.fromBytes(folder.resolve("root.key").readBytes())

    val (kms, openTime) = timed { Kms.openSnapshot(snapshot, root) }
    kms.use {
        fun decrypt(blob: String, context: Map<String, String> = parcel.context): DecryptResponse {
            val bytes = Base64.getDecoder().decode(blob)
            return kms.decrypt(DecryptRequest(ciphertextBlob = bytes, encryptionContext = context))
        }

        val (secret, secretTime) = timed { decrypt(parcel.secret) }
        val (file, fileTime) = timed {
            val cipher = Cipher.getInstance("AES/GCM/NoPadding")
            val key = SecretKeySpec(decrypt(parcel.data_key).plaintext, "AES")
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(128, sealed, 0, 12))
            cipher.doFinal(sealed, 12, sealed.size - 12)
        }
        val refused = try {
            decrypt(parcel.secret, parcel.context + ("customer" to "4712"))
            "accepted"
        } catch (error: KmsException) {
            error.name
        }
        val message = "Grüße from Kotlin".toByteArray()
        val reply = kms.encrypt(
            EncryptRequest(keyId = parcel.alias, plaintext = message, encryptionContext = parcel.context),
        )

        val answer = mapOf(
            "platform" to "Kotlin ${KotlinVersion.CURRENT}",
            "open_ms" to openTime,
            "secret" to String(secret.plaintext),
            "secret_ms" to secretTime,
            "secret_material" to secret.keyMaterialId,
            "file_sha256" to MessageDigest.getInstance("SHA-256").digest(file).joinToString("") { "%02x".format(it) },
            "file_ms" to fileTime,
            "file_by" to "javax.crypto",
            "refused" to refused,
            "reply" to Base64.getEncoder().encodeToString(reply.ciphertextBlob),
        )
        folder.resolve("kotlin.json").writeText(Gson().toJson(answer))
    }
}
