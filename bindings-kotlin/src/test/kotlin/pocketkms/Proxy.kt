package pocketkms

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.security.GeneralSecurityException
import java.security.MessageDigest
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** An external key store proxy by AWS's XKS proxy API, version 1, and the external keys behind it. It looks at no signature: the core's tests do. */
class Proxy(private val keys: Map<String, ByteArray>) : XksTransport {
    /** The error with which it answers everything. */
    var refuses: String? = null

    override fun send(request: XksRequest): XksResponse {
        if (request.endpoint != "https://xks.example.com") throw IllegalStateException("no proxy is there")
        check(request.url == request.endpoint + request.path && request.headers["Authorization"]!!.startsWith("AWS4-HMAC-SHA256 "))
        val refusal = refuses
        val (status, answer) = if (refusal == null) answer(request) else error(400, refusal)
        return XksResponse(status, answer.toString().toByteArray())
    }

    private fun error(status: Int, name: String) = status to members("errorName" to name)

    private fun answer(request: XksRequest): Pair<Int, JsonObject> {
        val parts = request.path.removePrefix("/tenant/kms/xks/v1/").split("/")
        val body = JsonParser.parseString(String(request.body)).asJsonObject
        if (parts.first() == "health") {
            val health = JsonParser.parseString(
                """{"xksProxyFleetSize":1,"xksProxyVendor":"v","xksProxyModel":"m","ekmVendor":"e",
                    "ekmFleetDetails":[{"id":"1","model":"m","healthStatus":"ACTIVE"}]}""",
            )
            return 200 to health.asJsonObject
        }
        val key = keys[parts[1]] ?: return error(404, "KeyNotFoundException")
        if (parts[2] == "metadata") {
            return 200 to JsonParser.parseString("""{"keySpec":"AES_256","keyUsage":["ENCRYPT","DECRYPT"],"keyStatus":"ENABLED"}""").asJsonObject
        }
        fun given(name: String) = Base64.getDecoder().decode(body[name].asString)
        val associated = given("additionalAuthenticatedData")
        if (parts[2] == "encrypt") {
            val vector = ByteArray(12).also { java.security.SecureRandom().nextBytes(it) }
            val sealed = cipher(Cipher.ENCRYPT_MODE, key, vector, associated).doFinal(given("plaintext"))
            val (ciphertext, tag) = sealed.copyOf(sealed.size - 16) to sealed.copyOfRange(sealed.size - 16, sealed.size)
            val integrity = MessageDigest.getInstance("SHA-256").digest(associated + vector + ciphertext + tag)
            return 200 to members(
                "ciphertext" to base64(ciphertext), "initializationVector" to base64(vector), "authenticationTag" to base64(tag),
                "ciphertextDataIntegrityValue" to base64(integrity),
            )
        }
        return try {
            val cipher = cipher(Cipher.DECRYPT_MODE, key, given("initializationVector"), associated)
            200 to members("plaintext" to base64(cipher.doFinal(given("ciphertext") + given("authenticationTag"))))
        } catch (_: GeneralSecurityException) {
            error(400, "InvalidCiphertextException")
        }
    }

    /** Without ciphertext metadata: "2-byte length of additionalAuthenticatedData […] || additionalAuthenticatedData || 1-byte length". */
    private fun cipher(mode: Int, key: ByteArray, vector: ByteArray, associated: ByteArray): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply {
            init(mode, SecretKeySpec(key, "AES"), GCMParameterSpec(128, vector))
            updateAAD(byteArrayOf((associated.size shr 8).toByte(), associated.size.toByte()) + associated + byteArrayOf(0))
        }

    private fun base64(bytes: ByteArray) = Base64.getEncoder().encodeToString(bytes)

    private fun members(vararg members: Pair<String, String>) =
        JsonObject().apply { members.forEach { (name, value) -> addProperty(name, value) } }
}
