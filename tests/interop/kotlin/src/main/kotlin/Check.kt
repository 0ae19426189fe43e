import pocketkms.Kms
import pocketkms.KmsException
import pocketkms.RootKey
import pocketkms.Vault
import pocketkms.api.DecryptRequest
import pocketkms.api.DescribeKeyRequest
import pocketkms.api.ListKeyRotationsRequest
import pocketkms.fromPassphrase
import java.io.File
import kotlin.experimental.xor

private const val CHECKER = "kotlin"

/** How far the clock is past the plan's: as far as three rotations turned it. */
private const val DAYS_LATER = 3

private class Report(
    val checker: String,
    val vaults: Map<String, Described>,
    val decrypted: List<Decrypted>,
    val wrong_context: List<String>,
    val flips: List<Flipped>,
    val messages: List<Opened>,
    val message_flips: List<MessageFlips>,
    val snapshots: Snapshots,
)

private class Described(val key_id: String, val description: String, val creation_millis: Long, val rotation_millis: List<Long?>)

private class Decrypted(
    val plaintext: ByteArray? = null,
    val material: String? = null,
    val key_id: String? = null,
    val error: String? = null,
)

private class Flipped(val case: Int, val outcomes: List<String>)

private class Snapshots(
    val raw_flips: List<String>,
    val raw_truncated: String,
    val raw_wrong_root: String,
    val passphrase_flip: String,
    val passphrase_wrong_root: String,
)

/** What becomes of another maker's vaults and ciphertexts here. Reports, judges nothing. */
fun check(directory: File, out: File) {
    val plan: Plan = directory.resolve("plan.json").read()
    val manifest: Manifest = directory.resolve("manifest.json").read()
    val raw = directory.resolve("raw.snapshot").readBytes()
    val passphrase = directory.resolve("passphrase.snapshot").readBytes()
    val vaults = mapOf(
        "raw" to plan.open(raw, plan.rawRoot()).client(),
        "passphrase" to plan.open(passphrase, plan.passphraseRoot()).client(),
    )
    fun vault(of: Case) = vaults.getValue(of.vault)
    fun context(of: Case) = plan.contexts.getValue(of.context)

    val report = Report(
        CHECKER,
        vaults.mapValues { (_, kms) -> described(kms, plan.alias) },
        manifest.cases.map { decrypted(vault(it), it.blob, context(it)) },
        manifest.cases.map { case ->
            val (name, value) = plan.wrong_pair
            outcome { decrypt(vault(case), case.blob, context(case).orEmpty() + (name to value)) }
        },
        manifest.cases.withIndex().filter { (_, case) ->
            case.vault == "raw" && case.kind == "encrypt" && case.context == plan.flip.context &&
                case.length in plan.flip.lengths
        }.map { (index, case) ->
            Flipped(index, flipped(case.blob).map { outcome { decrypt(vault(case), it, context(case)) } }.toList())
        },
        manifest.messages.map { opened(vaults.getValue("raw"), plan, it) },
        messageFlips(vaults.getValue("raw"), plan, manifest.messages),
        snapshots(plan, raw, passphrase),
    )
    out.writeText(json.toJson(report))
}

private fun snapshots(plan: Plan, raw: ByteArray, passphrase: ByteArray): Snapshots {
    fun opened(snapshot: ByteArray, root: RootKey) = outcome { plan.open(snapshot, root).close() }
    val rawRoot = plan.rawRoot()
    val lastFlipped = passphrase.clone().also { it[it.lastIndex] = it.last() xor 1 }
    return Snapshots(
        flipped(raw).map { opened(it, rawRoot) }.toList(),
        opened(raw.copyOf(raw.size / 2), rawRoot),
        opened(raw, plan.wrongRoot()),
        opened(lastFlipped, plan.passphraseRoot()),
        opened(passphrase, RootKey.fromPassphrase(plan.wrong_passphrase)),
    )
}

private fun Plan.open(snapshot: ByteArray, root: RootKey): Vault =
    Vault.openSnapshot(snapshot, root, account, region, clock = clock().also { it.advanceDays(DAYS_LATER) })

private fun described(kms: Kms, alias: String): Described {
    val key = kms.describeKey(DescribeKeyRequest(alias)).keyMetadata
    val rotations = kms.listKeyRotations(ListKeyRotationsRequest(key.keyId)).rotations
    return Described(
        key.keyId,
        key.description,
        key.creationDate.toEpochMilli(),
        rotations.map { it.rotationDate?.toEpochMilli() },
    )
}

private fun decrypt(kms: Kms, blob: ByteArray, context: Map<String, String>?) = kms.decrypt(DecryptRequest(blob, context))

private fun decrypted(kms: Kms, blob: ByteArray, context: Map<String, String>?): Decrypted {
    // "No context" and "empty context" mean the same, so each is decrypted with the other.
    val crosswise = if (context == null) emptyMap() else context.takeIf { it.isNotEmpty() }
    return try {
        val answer = decrypt(kms, blob, crosswise)
        Decrypted(answer.plaintext, answer.keyMaterialId, answer.keyId)
    } catch (e: KmsException) {
        Decrypted(error = e.name)
    }
}

/** Copies of the bytes, one for each position that is tried (README.md), in which the byte there has one bit flipped. */
fun flipped(bytes: ByteArray): Sequence<ByteArray> = bytes.indices.asSequence().filter { it < 1024 || it % 101 == 0 }.map { index ->
    bytes.clone().also { it[index] = it[index] xor (1 shl (index % 8)).toByte() }
}

/** The error's name, or that there was none. */
fun outcome(body: () -> Unit): String = try {
    body()
    "accepted"
} catch (e: KmsException) {
    e.name
}
