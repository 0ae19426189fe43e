// Kotlin opens the vault that Python made. `DemoKt FOLDER`
import com.google.gson.Gson
import java.io.File
import java.io.InputStream
import java.security.MessageDigest
import java.util.Base64
import pocketkms.api.CreateAliasRequest
import pocketkms.api.DecryptRequest
import pocketkms.api.DecryptResponse
import pocketkms.api.DescribeKeyRequest
import pocketkms.api.EncryptRequest
import pocketkms.EncryptionClient
import pocketkms.Keyring
import pocketkms.KmsException
import pocketkms.MessageIOException
import pocketkms.RootKey
import pocketkms.Vault
import pocketkms.decryptingInputStream

fun <T> timed(work: () -> T): Pair<T, Double> {
    val began = System.nanoTime()
    val result = work()
    return result to (System.nanoTime() - began) / 1e6
}

class Parcel(val alias: String, val context: Map<String, String>, val secret: String)

fun main(arguments: Array<String>) {
    val folder = File(arguments[0])
    val parcel = Gson().fromJson(folder.resolve("parcel.json").readText(), Parcel::class.java)
    val message = folder.resolve("file.message")
    val root = RootKey.fromBytes(folder.resolve("root.key").readBytes())

    val (vault, openTime) = timed { Vault.open(folder.resolve("customers.vault").path, root) }
    vault.use {
        val kms = vault.client()
        // On the disk when it returns: Python looks for it at the end.
        val keyId = kms.describeKey(DescribeKeyRequest(parcel.alias)).keyMetadata.keyId
        kms.createAlias(CreateAliasRequest("alias/kotlin", keyId))
        fun decrypt(blob: String, context: Map<String, String> = parcel.context): DecryptResponse {
            val bytes = Base64.getDecoder().decode(blob)
            return kms.decrypt(DecryptRequest(ciphertextBlob = bytes, encryptionContext = context))
        }

        val (secret, secretTime) = timed { decrypt(parcel.secret) }
        // As it is read, frame by frame: the memory stays the same, however long the message is.
        val (client, keyring) = EncryptionClient() to Keyring.kms(kms, parcel.alias)
        fun digest(source: InputStream): String {
            val digest = MessageDigest.getInstance("SHA-256")
            client.decryptingInputStream(keyring, source).use { plaintext ->
                val piece = ByteArray(1 shl 16)
                generateSequence { plaintext.read(piece).takeIf { it >= 0 } }.forEach { digest.update(piece, 0, it) }
            }
            return digest.digest().joinToString("") { "%02x".format(it) }
        }
        val (file, fileTime) = timed { digest(message.inputStream()) }
        val fileRefused = try {
            digest(message.readBytes().also { it[it.size / 2] = (it[it.size / 2].toInt() xor 1).toByte() }.inputStream())
        } catch (error: MessageIOException) {
            (error.cause as KmsException).name
        }
        val refused = try {
            decrypt(parcel.secret, parcel.context + ("customer" to "4712"))
            "accepted"
        } catch (error: KmsException) {
            error.name
        }
        val greeting = "Grüße from Kotlin".toByteArray()
        val reply = kms.encrypt(
            EncryptRequest(keyId = parcel.alias, plaintext = greeting, encryptionContext = parcel.context),
        )

        val answer = mapOf(
            "platform" to "Kotlin ${KotlinVersion.CURRENT}",
            "open_ms" to openTime,
            "secret" to String(secret.plaintext),
            "secret_ms" to secretTime,
            "secret_material" to secret.keyMaterialId,
            "file_sha256" to file,
            "file_ms" to fileTime,
            "file_refused" to fileRefused,
            "refused" to refused,
            "reply" to Base64.getEncoder().encodeToString(reply.ciphertextBlob),
        )
        folder.resolve("kotlin.json").writeText(Gson().toJson(answer))
    }
}
