package pocketkms

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.api.AlgorithmSuite
import pocketkms.api.CommitmentPolicy
import pocketkms.api.EcdhCurveSpec
import pocketkms.api.PaddingScheme
import java.io.File
import java.security.MessageDigest

/** Messages of AWS's SDKs, to read and to refuse: tests/vectors/aws-esdk, and what lies beside the repository. */
class VectorTest {
    private val outside = File("../../shared/vectors/aws-esdk")

    @Test
    fun ofTheRepository() = run(File("../tests/vectors/aws-esdk"))

    @Test
    fun besideTheRepository() {
        if (outside.exists()) return run(outside)
        assertNull(System.getenv("CI"), "$outside is missing")
        println("$outside is not there: the vectors of the repository must do")
    }

    private fun run(folder: File) {
        val manifest = JsonParser.parseString(File(folder, "manifest.json").readText()).asJsonObject
        val keys = manifest.getAsJsonObject("keys")
        val ran = sortedMapOf<String, Int>()
        val left = sortedMapOf<String, Int>()
        for (case in manifest.getAsJsonArray("cases").map { it.asJsonObject }) {
            val message = File(folder, case["message"].asString).readBytes()
            val why = if (case["expect"].asString == "parse") "no key" else check(case, keys, folder, message)
            if (why == null) ran.merge(case["expect"].asString, 1, Int::plus) else left.merge(why, 1, Int::plus)
        }
        println("vectors of $folder: $ran; left out: $left")
        assertTrue(ran.getValue("ok") > 100 && ran.getValue("reject") > 100, "$ran")
    }

    /** Why the case is left out; null if it ran. */
    private fun check(case: JsonObject, keys: JsonObject, folder: File, message: ByteArray): String? {
        val id = case["id"].asString
        val options = case.getAsJsonObject("options")
        val entries = case.getAsJsonArray("keyring").map { it.asJsonObject }
        val made = entries.map { keyrings(it, keys, message) ?: return it["type"].asString }.flatten()
        val keyring = made.singleOrNull() ?: if (made.isEmpty()) return "unreadable header" else Keyring.multi(null, made)
        val client = EncryptionClient(
            when (options["commitment_policy"]?.asString) {
                "require-encrypt-require-decrypt" -> CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
                "forbid-encrypt-allow-decrypt" -> CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
                else -> CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
            },
            maxEncryptedDataKeys = options["max_encrypted_data_keys"]?.asInt?.toUShort(),
        )
        val decrypt = DecryptOptions(
            encryptionContext = options.getAsJsonObject("reproduced_encryption_context")?.strings(),
            requiredEncryptionContextKeys =
                options.getAsJsonArray("required_encryption_context_keys")?.map { it.asString } ?: emptyList(),
            unsignedOnly = options["mode"]?.asString == "decrypt-unsigned",
        )
        val decrypted = runCatching { client.decrypt(keyring, message, decrypt) }
        val streamed = runCatching {
            client.decryptingInputStream(keyring, message.inputStream(), decrypt).use { it.readBytes() }
        }
        when (case["expect"].asString) {
            "reject" -> {
                assertTrue(decrypted.exceptionOrNull() is KmsException, "$id must be refused: ${case["reason"].asString}")
                assertTrue(streamed.isFailure, "$id must be refused by a stream")
                return null
            }
            "reject-or-same" -> if (decrypted.isFailure) return null
        }
        val plaintext = decrypted.getOrElse { throw AssertionError(id, it) }.plaintext
        assertArrayEquals(plaintext, streamed.getOrElse { throw AssertionError(id, it) }, id)
        assertEquals(case["plaintext_sha256"].asString, sha256(plaintext), id)
        val header = case.getAsJsonObject("header")
        val read = decrypted.getOrThrow().header
        assertEquals(header["version"].asInt, read.version.toInt(), id)
        assertEquals(header["message_id_hex"].asString, read.messageId.hex(), id)
        assertEquals(header.getAsJsonObject("encryption_context").strings(), read.encryptionContext, id)
        assertEquals(header["frame_length"].asInt, read.frameLength.toInt(), id)
        return null
    }

    /** Null for a kind that this binding cannot play. */
    private fun keyrings(entry: JsonObject, keys: JsonObject, message: ByteArray): List<Keyring>? {
        fun text(name: String) = entry[name].asString
        fun key(name: String = "key") = keys.getAsJsonObject(text(name))
        fun pem(of: JsonObject, half: String) = of["${half}_pem"].asString.toByteArray()
        return when (text("type")) {
            "raw-aes" -> listOf(Keyring.rawAes(text("provider_id"), text("key_name"), bytes(key()["material_hex"].asString)))
            "raw-rsa" -> listOf(
                if (text("padding") == "pkcs1") {
                    Keyring.rawRsaPkcs1DespitePaddingOracles(text("provider_id"), text("key_name"), pem(key(), "private"))
                } else {
                    val padding = PaddingScheme.entries.single { it.name.filter(Char::isLetterOrDigit) == "OAEP${text("hash").uppercase()}MGF1" }
                    Keyring.rawRsa(text("provider_id"), text("key_name"), padding, null, pem(key(), "private"))
                },
            )
            "raw-ecdh" -> {
                val curve = EcdhCurveSpec.entries.single { it.name.endsWith(text("curve").uppercase()) }
                listOf(
                    if (text("schema") == "static") {
                        Keyring.rawEcdh(curve, pem(key(), "private"), pem(key("peer"), "public"))
                    } else {
                        Keyring.rawEcdhDiscovery(curve, pem(key(), "private"))
                    },
                )
            }
            // A callback that gives the same data key for every encrypted one.
            "static-data-key" -> {
                val client = EncryptionClient()
                val info = runCatching { client.inspect(message) as MessageInspection.Complete }.getOrNull()?.info
                val providers = info?.wrappingKeys?.map { it.providerId }?.distinct() ?: listOf("any")
                providers.filter(String::isNotEmpty).map { Keyring.callback(it, Static(bytes(text("data_key_hex")))) }
            }
            else -> null
        }
    }

    private class Static(val dataKey: ByteArray) : DataKeyWrapper {
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            error("nothing is encrypted here")

        override fun unwrapDataKey(
            key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite,
        ) = dataKey.clone()
    }

    private fun JsonObject.strings() = entrySet().associate { (name, value) -> name to value.asString }

    private fun bytes(hex: String) = ByteArray(hex.length / 2) { hex.substring(2 * it, 2 * it + 2).toInt(16).toByte() }

    private fun ByteArray.hex() = joinToString("") { "%02x".format(it) }

    private fun sha256(bytes: ByteArray) = MessageDigest.getInstance("SHA-256").digest(bytes).hex()
}
