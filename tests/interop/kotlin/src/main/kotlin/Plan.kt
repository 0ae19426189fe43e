import com.google.gson.Gson
import com.google.gson.GsonBuilder
import com.google.gson.JsonDeserializer
import com.google.gson.JsonPrimitive
import com.google.gson.JsonSerializer
import pocketkms.ManualClock
import pocketkms.RootKey
import pocketkms.fromPassphrase
import java.io.File
import java.time.Instant
import java.util.Base64

/** `plan.json`: every input. The names are those of the file. */
class Plan(
    val account: String,
    val region: String,
    val clock_millis: Long,
    val alias: String,
    val root_key: String,
    val wrong_root_key: String,
    val passphrase: String,
    val wrong_passphrase: String,
    val rotations: Int,
    val lengths: List<Int>,
    val contexts: Map<String, Map<String, String>?>,
    val wrong_pair: List<String>,
    val flip: Flip,
    val messages: MessagePlan,
) {
    /** Which ciphertexts are altered byte by byte. */
    class Flip(val context: String, val lengths: List<Int>)

    fun clock() = ManualClock(Instant.ofEpochMilli(clock_millis))

    fun rawRoot(): RootKey = RootKey.fromBytes(hexadecimal(root_key))

    fun wrongRoot(): RootKey = RootKey.fromBytes(hexadecimal(wrong_root_key))

    fun passphraseRoot(): RootKey = RootKey.fromPassphrase(passphrase)
}

/** `manifest.json`: what a maker made. */
class Manifest(val maker: String, val key_ids: Map<String, String>, val cases: List<Case>, val messages: List<Message>)

/** A ciphertext and what it must decrypt to. */
class Case(
    val vault: String,
    val kind: String,
    val generation: Int,
    val context: String,
    val length: Int,
    val plaintext: ByteArray,
    val blob: ByteArray,
    val material: String,
)

/** Bytes are base64 in the files. */
val json: Gson = GsonBuilder()
    .registerTypeAdapter(
        ByteArray::class.java,
        JsonSerializer<ByteArray> { bytes, _, _ -> JsonPrimitive(Base64.getEncoder().encodeToString(bytes)) },
    )
    .registerTypeAdapter(
        ByteArray::class.java,
        JsonDeserializer { text, _, _ -> Base64.getDecoder().decode(text.asString) },
    )
    .setPrettyPrinting()
    .create()

inline fun <reified T> File.read(): T = json.fromJson(readText(), T::class.java)

fun hexadecimal(text: String) = text.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
