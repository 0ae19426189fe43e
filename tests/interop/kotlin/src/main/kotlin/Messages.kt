import pocketkms.EncryptionClient
import pocketkms.Keyring
import pocketkms.Kms
import pocketkms.KmsException
import pocketkms.Rewrapped
import pocketkms.api.AlgorithmSuite
import pocketkms.api.CommitmentPolicy
import pocketkms.api.CreateBranchKeyRequest
import pocketkms.api.DecryptOptions
import pocketkms.api.Decrypted
import pocketkms.api.EncryptOptions

// Envelope messages: of every suite, for several keyrings, rewrapped.

/** What messages to make. The names are those of the file. */
class MessagePlan(
    val suites: List<String>,
    val lengths: List<Int>,
    val frame_length: Int,
    val context: String,
    val branch_key: String,
    val namespace: String,
    val wrapping_keys: Map<String, String>,
    val flip: Flip,
) {
    /** Which messages are altered byte by byte. */
    class Flip(val suites: List<String>, val length: Int)
}

/** A message, and what it must decrypt to. */
class Message(val suite: String, val length: Int, val plaintext: ByteArray, val message: ByteArray, val rewrapped: Moved) {
    /** What rewrapping made of it: a header, or a sidecar. */
    class Moved(val header: ByteArray? = null, val replaces: Int? = null, val sidecar: ByteArray? = null)
}

class Opened(
    val kms: Outcome,
    val raw: Outcome,
    val hierarchy: Outcome,
    val rewrapped: Outcome,
    val suite: String?,
    val encryption_context: Map<String, String>,
)

class Outcome(val plaintext: ByteArray? = null, val error: String? = null)

class MessageFlips(val message: Int, val outcomes: List<String>)

private class Keyrings(kms: Kms, plan: Plan) {
    private val of = plan.messages
    val kms = Keyring.kms(kms, plan.alias)
    val hierarchy = Keyring.hierarchical(kms, of.branch_key, 60.0)
    val raw = aes("raw")
    val other = aes("other")

    private fun aes(name: String) = Keyring.rawAes(of.namespace, name, hexadecimal(of.wrapping_keys.getValue(name)))
}

private val reader = EncryptionClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)

/** An enum's name has the letters of AWS's, with the underscores elsewhere. */
private fun letters(name: String) = name.filter(Char::isLetterOrDigit).uppercase()

fun makeMessages(kms: Kms, plan: Plan): List<Message> {
    val of = plan.messages
    kms.createBranchKey(CreateBranchKeyRequest(plan.alias, of.branch_key, mapOf("purpose" to "interop")))
    val keyrings = Keyrings(kms, plan)
    val keyring = Keyring.multi(keyrings.kms, listOf(keyrings.raw, keyrings.hierarchy))
    return of.suites.flatMap { name ->
        val committing = "_COMMIT_KEY" in name
        val client = if (committing) EncryptionClient() else EncryptionClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
        val options = EncryptOptions(
            encryptionContext = plan.contexts[of.context].orEmpty(),
            algorithmSuite = AlgorithmSuite.entries.single { letters(it.name) == letters(name) },
            frameLength = of.frame_length,
        )
        of.lengths.map { length ->
            val plaintext = ByteArray(length) { (31 * it + length).toByte() }
            val message = client.encrypt(keyring, plaintext, options).message
            val moved = when (val rewrapped = reader.rewrap(keyrings.raw, keyrings.other, message)) {
                is Rewrapped.Header -> Message.Moved(rewrapped.bytes, rewrapped.replaces.toInt())
                is Rewrapped.Sidecar -> Message.Moved(sidecar = rewrapped.bytes)
            }
            Message(name, length, plaintext, message, moved)
        }
    }
}

fun opened(kms: Kms, plan: Plan, case: Message): Opened {
    val keyrings = Keyrings(kms, plan)
    var raw: Decrypted? = null
    val (header, replaces, sidecar) = Triple(case.rewrapped.header, case.rewrapped.replaces, case.rewrapped.sidecar)
    val moved = if (header == null) case.message else header + case.message.drop(replaces!!)
    return Opened(
        attempt { decrypt(keyrings.kms, case.message) },
        attempt { decrypt(keyrings.raw, case.message).also { raw = it } },
        attempt { decrypt(keyrings.hierarchy, case.message) },
        attempt { decrypt(keyrings.other, moved, sidecar) },
        raw?.let { found -> plan.messages.suites.single { letters(it) == letters(found.header.algorithmSuite.name) } },
        raw?.encryptionContext.orEmpty(),
    )
}

fun messageFlips(kms: Kms, plan: Plan, messages: List<Message>): List<MessageFlips> {
    val (flip, raw) = plan.messages.flip to Keyrings(kms, plan).raw
    return messages.withIndex().filter { (_, case) -> case.suite in flip.suites && case.length == flip.length }
        .map { (index, case) -> MessageFlips(index, flipped(case.message).map { outcome { decrypt(raw, it) } }.toList()) }
}

private fun decrypt(keyring: Keyring, message: ByteArray, sidecar: ByteArray? = null) =
    reader.decrypt(keyring, message, DecryptOptions(sidecar = sidecar))

private fun attempt(decrypting: () -> Decrypted) = try {
    Outcome(decrypting().plaintext)
} catch (e: KmsException) {
    Outcome(error = e.name)
}
