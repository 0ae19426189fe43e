package pocketkms

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import pocketkms.api.*

/** The keyrings that the cases name, and what stands in for KMS and for a store of branch keys: the app's own. */
class VectorKeyrings(private val keys: JsonObject) {
    /** All keyrings of a case in one: any of them may open the message. */
    fun of(case: JsonObject, message: ByteArray): Keyring {
        val made = case.getAsJsonArray("keyring").flatMap { one(it.asJsonObject, message) }
        return made.singleOrNull() ?: Keyring.multi(null, made)
    }

    private fun one(entry: JsonObject, message: ByteArray): List<Keyring> {
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
                val client = EncryptionClient(maxEncryptedDataKeys = 65_535)
                val info = runCatching { client.inspect(message) as MessageInspection.Complete }.getOrNull()?.info
                val providers = info?.wrappingKeys?.map { it.providerId }?.filter(String::isNotEmpty)?.distinct()
                (providers?.ifEmpty { null } ?: listOf("nobody"))
                    .map { Keyring.callback(it, StaticKey(bytes(text("data_key_hex")))) }
            }
            "aws-kms-stub" -> {
                val stub = Stub(entry.getAsJsonArray("responses"))
                listOf(
                    when (text("mode")) {
                        "discovery" -> Keyring.kmsClientDiscovery(
                            stub,
                            entry.getAsJsonArray("account_ids")
                                ?.let { DiscoveryFilter(it.map { account -> account.asString }, text("partition")) },
                        )
                        "strict" -> Keyring.kmsClient(stub, text("key_arn"))
                        "strict-mrk" -> Keyring.kmsClient(stub, text("key_arn"), multiRegionAware = true)
                        else -> error(text("mode"))
                    },
                )
            }
            "aws-kms-hierarchy" -> {
                val (id, version, material) = listOf("branch_key_id", "branch_key_version", "material_hex").map { key()[it].asString }
                listOf(Keyring.hierarchicalOfSource(OneBranchKey(id, version, bytes(material)), id, 3_600.0, 1))
            }
            else -> error(text("type"))
        }
    }

    private class StaticKey(val dataKey: ByteArray) : DataKeyWrapper {
        override fun wrapDataKey(dataKey: ByteArray, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite) =
            error("nothing is encrypted here")

        override fun unwrapDataKey(
            key: EncryptedDataKey, encryptionContext: Map<String, String>, algorithmSuite: AlgorithmSuite,
        ) = dataKey.clone()
    }

    /** A KMS that knows what the table says and nothing else. */
    private class Stub(val responses: JsonArray) : KmsClient {
        override fun generateDataKey(request: GenerateDataKeyRequest) = error("nothing is encrypted here")

        override fun encrypt(request: EncryptRequest) = error("nothing is encrypted here")

        override fun decrypt(request: DecryptRequest): DecryptResponse {
            val known = responses.map { it.asJsonObject }.firstOrNull {
                isRelated(it["key_arn"].asString, request.keyId!!) &&
                    bytes(it["ciphertext_hex"].asString).contentEquals(request.ciphertextBlob) &&
                    it.getAsJsonObject("encryption_context").strings() == request.encryptionContext.orEmpty()
            } ?: error("not in the table")
            val dataKey = bytes(known["data_key_hex"].asString)
            return DecryptResponse(request.keyId!!, dataKey, EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT, null, null)
        }

        /** Whether both name the same key, or replicas of one multi-Region key. */
        private fun isRelated(one: String, other: String): Boolean {
            fun parts(arn: String) = arn.split(":key/mrk-").takeIf { it.size == 2 }?.let { (front, key) -> front.split(":")[4] to key }
            return one == other || (parts(one) != null && parts(one) == parts(other))
        }
    }

    /** A store with one version of one branch key. */
    private class OneBranchKey(val id: String, val version: String, val material: ByteArray) : BranchKeySource {
        override fun activeBranchKey(branchKeyId: String) = branchKeyVersion(branchKeyId, version)

        override fun branchKeyVersion(branchKeyId: String, branchKeyVersion: String): BranchKeyMaterials {
            check(branchKeyId == id && branchKeyVersion == version) { "another branch key" }
            return BranchKeyMaterials(version, material.clone())
        }
    }
}

internal fun JsonObject.strings() = entrySet().associate { (name, value) -> name to value.asString }

internal fun bytes(hex: String) = ByteArray(hex.length / 2) { hex.substring(2 * it, 2 * it + 2).toInt(16).toByte() }

internal fun ByteArray.hex() = joinToString("") { "%02x".format(it) }
