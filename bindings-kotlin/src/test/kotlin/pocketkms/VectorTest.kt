package pocketkms

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import pocketkms.api.*
import java.io.ByteArrayOutputStream
import java.io.File
import java.security.MessageDigest

/**
 * Messages of AWS's SDKs, to read and to refuse: tests/vectors/aws-esdk, and what lies beside the repository. None is left
 * out: each is decrypted in one call and as a stream, or looked at where no one has its key.
 */
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
        val keyrings = VectorKeyrings(manifest.getAsJsonObject("keys"))
        val cases = manifest.getAsJsonArray("cases").map { it.asJsonObject }
        val outcomes = sortedMapOf<String, Int>()
        var (oneShot, streamed, parsed) = listOf(0, 0, 0)
        for (case in cases) {
            val message = File(folder, case["message"].asString).readBytes()
            val expect = case["expect"].asString
            if (expect == "parse") {
                look(case, message)
                parsed++
            } else {
                if (expect == "ok") look(case, message)
                val keyring = keyrings.of(case, message)
                check(case, runCatching { client(case).decrypt(keyring, message, options(case)).run { plaintext to header } })
                oneShot++
                check(case, runCatching { stream(case, keyring, message) to null })
                streamed++
            }
            outcomes.merge(expect, 1, Int::plus)
        }
        val count = manifest["count"].asInt
        println("vectors of $folder: $count cases $outcomes; $oneShot decrypted in one call, $streamed as a stream, $parsed looked at")
        val parsable = cases.count { it["expect"].asString == "parse" }
        assertEquals(count, cases.size)
        assertEquals(listOf(count - parsable, count - parsable, parsable), listOf(oneShot, streamed, parsed))
        assertTrue(outcomes.getValue("ok") > 100 && outcomes.getValue("reject") > 100, "$outcomes")
    }

    private fun client(case: JsonObject) = EncryptionClient(
        when (case.getAsJsonObject("options")?.get("commitment_policy")?.asString) {
            "require-encrypt-require-decrypt" -> CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
            "forbid-encrypt-allow-decrypt" -> CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
            else -> CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
        },
        maxEncryptedDataKeys = case.getAsJsonObject("options")?.get("max_encrypted_data_keys")?.asInt,
    )

    private fun options(case: JsonObject) = case.getAsJsonObject("options").let { options ->
        DecryptOptions(
            encryptionContext = options.getAsJsonObject("reproduced_encryption_context")?.strings().orEmpty(),
            requiredEncryptionContextKeys =
                options.getAsJsonArray("required_encryption_context_keys")?.map { it.asString } ?: emptyList(),
            unsignedOnly = options["mode"]?.asString == "decrypt-unsigned",
        )
    }

    /** By the decryptor, in pieces that fit nowhere, and by the stream of java.io: both must say the same. */
    private fun stream(case: JsonObject, keyring: Keyring, message: ByteArray): ByteArray {
        val pieces = runCatching {
            client(case).decryptor(keyring, options(case)).use { decryptor ->
                val size = if (message.size < 20_000) 61 else 4096 // each call through JNA costs much more than its bytes
                val plaintext = ByteArrayOutputStream()
                for (start in message.indices step size) {
                    plaintext.write(decryptor.update(message.copyOfRange(start, minOf(start + size, message.size))))
                }
                plaintext.apply { write(decryptor.finish()) }.toByteArray()
            }
        }
        val read = runCatching {
            client(case).decryptingInputStream(keyring, message.inputStream(), options(case)).use { it.readBytes() }
        }
        assertEquals(pieces.isSuccess, read.isSuccess, case["id"].asString)
        pieces.onSuccess { assertArrayEquals(it, read.getOrThrow(), case["id"].asString) }
        return pieces.getOrThrow()
    }

    private fun check(case: JsonObject, opened: Result<Pair<ByteArray, MessageHeader?>>) {
        val (id, expect) = case["id"].asString to case["expect"].asString
        if (expect == "reject") assertTrue(opened.isFailure, "$id must be refused: ${case["reason"].asString}")
        if (expect != "ok" && opened.isFailure) {
            assertTrue(opened.exceptionOrNull() is KmsException, "$id: ${opened.exceptionOrNull()}")
            return
        }
        assertTrue(expect == "ok" || expect == "reject-or-same", expect)
        val (plaintext, header) = opened.getOrElse { throw AssertionError(id, it) }
        assertEquals(case["plaintext_len"].asInt, plaintext.size, id)
        assertEquals(case["plaintext_sha256"].asString, sha256(plaintext), id)
        case.getAsJsonObject("header")?.let { expected -> header?.let { compare(expected, it, id) } }
    }

    /** What a message says of itself. */
    private fun look(case: JsonObject, message: ByteArray) {
        val (id, expected) = case["id"].asString to case.getAsJsonObject("header")
        val info = (client(case).inspect(message) as MessageInspection.Complete).info
        compare(expected, info.header, id)
        assertEquals(expected["header_len"].asLong, info.headerLength, id)
        val providers = expected.getAsJsonArray("edks").map { it.asJsonObject["provider_id"].asString }
        assertEquals(providers, info.wrappingKeys.map { it.providerId }, id)
        for (key in info.wrappingKeys) assertEquals(key.providerId == "aws-kms", key.keyArn != null, id)
    }

    private fun compare(expected: JsonObject, header: MessageHeader, id: String) {
        assertEquals(expected["version"].asInt, header.version, id)
        assertEquals(SUITES[expected["suite"].asString], header.algorithmSuite, id)
        assertEquals(expected["message_id_hex"].asString, header.messageId.hex(), id)
        assertEquals(expected.getAsJsonObject("encryption_context").strings(), header.encryptionContext, id)
        val edks = expected.getAsJsonArray("edks").map { it.asJsonObject }.map {
            Triple(it["provider_id"].asString, it["provider_info_hex"].asString, it["ciphertext_len"].asInt)
        }
        assertEquals(edks, header.encryptedDataKeys.map { Triple(it.providerId, it.providerInfo.hex(), it.ciphertext.size) }, id)
        assertEquals(expected["content"].asString, header.contentType.name.lowercase(), id)
        assertEquals(expected["frame_length"].asInt, header.frameLength, id)
        assertEquals(expected["commitment_hex"]?.asString, header.commitment?.hex(), id)
    }

    private fun sha256(bytes: ByteArray) = MessageDigest.getInstance("SHA-256").digest(bytes).hex()

    private companion object {
        /** By their ids, in the order in which the enumeration has them. */
        val SUITES = listOf(0x14, 0x46, 0x78, 0x114, 0x146, 0x178, 0x214, 0x346, 0x378, 0x478, 0x578)
            .map { "0x%04x".format(it) }.zip(AlgorithmSuite.entries).toMap()
    }
}
