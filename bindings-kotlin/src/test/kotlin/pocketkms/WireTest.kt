package pocketkms

import com.google.gson.JsonParser
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.ListKeysRequest
import java.util.Base64

/** Requests of AWS's JSON protocol, without HTTP. */
class WireTest {
    private val fixture = Fixture()
    private val kms = fixture.kms

    @AfterEach
    fun close() = fixture.close()

    private fun call(operation: String, body: String) = kms.call("TrentService.$operation", body.toByteArray())

    private fun WireResponse.json() = JsonParser.parseString(String(body)).asJsonObject

    private fun expect(status: Int, type: String, response: WireResponse) {
        assertEquals(status, response.status)
        assertEquals(type, response.json()["__type"].asString)
    }

    @Test
    fun aRequestAndItsAnswer() {
        val plaintext = Base64.getEncoder().encodeToString("secret".toByteArray())
        val encrypted = call("Encrypt", """{"KeyId": "${fixture.keyId}", "Plaintext": "$plaintext", "Unknown": [1]}""")
        assertEquals(200, encrypted.status)
        assertEquals(fixture.key.arn, encrypted.json()["KeyId"].asString)
        val blob = encrypted.json()["CiphertextBlob"].asString
        assertEquals("secret", fixture.decrypt(Base64.getDecoder().decode(blob)), "the same vault")
        val decrypted = call("Decrypt", """{"CiphertextBlob": "$blob"}""")
        assertEquals(plaintext, decrypted.json()["Plaintext"].asString)
        assertEquals("WireResponse(status=200, body=<${decrypted.body.size} bytes>)", "$decrypted")

        val nothing = call("DisableKey", """{"KeyId": "${fixture.keyId}"}""")
        assertEquals(200, nothing.status)
        assertEquals(0, nothing.body.size)
    }

    @Test
    fun theCallerIsTheClients() {
        val stranger = fixture.vault.client(principal = "arn:aws:iam::444455556666:user/Ada")
        val body = """{"KeyId": "${fixture.key.arn}"}""".toByteArray()
        expect(400, "AccessDeniedException", stranger.call("TrentService.DescribeKey", body))
        assertEquals(200, kms.call("TrentService.DescribeKey", body).status)
    }

    @Test
    fun errorsAreResponses() {
        expect(400, "NotFoundException", call("DescribeKey", """{"KeyId": "alias/nobody"}"""))
        assertTrue("alias/nobody" in call("DescribeKey", """{"KeyId": "alias/nobody"}""").json()["message"].asString)
        expect(400, "ValidationException", call("DescribeKey", "{}"))
        expect(400, "SerializationException", call("DescribeKey", """{"KeyId": 1}"""))
        for (body in listOf("", "{", "no JSON", "[]", "\u0000")) expect(400, "SerializationException", call("ListKeys", body))
        expect(400, "SerializationException", kms.call("TrentService.ListKeys", byteArrayOf(0x7b, 0xff.toByte(), 0x7d)))
        for (target in listOf("TrentService.Nothing", "ListKeys", "", "TrentService.")) {
            expect(400, "UnknownOperationException", kms.call(target, "{}".toByteArray()))
        }
        // Nothing that explains crosses the wire.
        val blob = Base64.getEncoder().encodeToString(fixture.encrypt("secret").flipped(40))
        val refused = call("Decrypt", """{"CiphertextBlob": "$blob"}""")
        assertEquals("""{"__type":"InvalidCiphertextException"}""", String(refused.body))
    }

    @Test
    fun aHugeBody() {
        val start = """{"Unknown": """"
        val fits = start + "x".repeat(1024 * 1024 - start.length - 2) + """"}"""
        assertEquals(200, call("ListKeys", fits).status)
        expect(413, "RequestEntityTooLargeException", call("ListKeys", "$fits "))
        expect(413, "RequestEntityTooLargeException", kms.call("TrentService.ListKeys", ByteArray(8 shl 20)))
        expect(400, "SerializationException", call("ListKeys", "[".repeat(1024 * 1024)))
    }

    @Test
    fun aClosedVault() {
        fixture.vault.close()
        val response = call("ListKeys", "{}")
        assertEquals(500, response.status)
        assertEquals("""{"__type":"KMSInternalException"}""", String(response.body))
        assertTrue(kms.isClosed())
    }

    /** There is no answer of a client that is closed, as with every other method of it. */
    @Test
    fun aClosedClient() {
        fixture.kms.close()
        for (method in listOf({ call("ListKeys", "{}") }, { kms.listKeys(ListKeysRequest()) }, { kms.caller() })) {
            assertEquals("this Kms is closed", assertThrows<IllegalStateException> { method() }.message)
        }
    }
}
