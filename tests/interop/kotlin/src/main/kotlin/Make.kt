import pocketkms.Kms
import pocketkms.Vault
import pocketkms.api.CreateAliasRequest
import pocketkms.api.CreateKeyRequest
import pocketkms.api.DataKeySpec
import pocketkms.api.DescribeKeyRequest
import pocketkms.api.EncryptRequest
import pocketkms.api.GenerateDataKeyRequest
import pocketkms.api.RotateKeyOnDemandRequest
import java.io.File

private const val MAKER = "kotlin"

/** The one length of plaintext in the vault under a passphrase. */
private const val PASSPHRASE_LENGTH = 17

/** Two vaults, and ciphertexts of every length, context and generation. */
fun make(directory: File) {
    val plan: Plan = directory.resolve("plan.json").read()
    val cases = mutableListOf<Case>()

    val clock = plan.clock()
    val rawVault = Vault.inMemory(plan.rawRoot(), plan.account, plan.region, clock = clock)
    val raw = Maker("raw", plan, rawVault.client())
    for (generation in 0..plan.rotations) {
        if (generation > 0) {
            clock.advanceDays(1)
            raw.kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(raw.keyId))
        }
        for ((name, context) in plan.contexts) {
            plan.lengths.mapTo(cases) { raw.encrypt(generation, name, context, it) }
            cases += raw.dataKey(generation, name, context)
        }
    }
    val messages = makeMessages(raw.kms, plan)
    directory.resolve("raw.snapshot").writeBytes(rawVault.snapshot())

    val passphraseVault = Vault.inMemory(plan.passphraseRoot(), plan.account, plan.region, clock = plan.clock())
    val passphrase = Maker("passphrase", plan, passphraseVault.client())
    plan.contexts.mapTo(cases) { (name, context) -> passphrase.encrypt(0, name, context, PASSPHRASE_LENGTH) }
    directory.resolve("passphrase.snapshot").writeBytes(passphraseVault.snapshot())

    val manifest = Manifest(MAKER, listOf(raw, passphrase).associate { it.name to it.keyId }, cases, messages)
    directory.resolve("manifest.json").writeText(json.toJson(manifest))
}

/** A client of a vault with its one key. */
private class Maker(val name: String, plan: Plan, val kms: Kms) {
    private val alias = plan.alias
    val keyId: String = kms.createKey(CreateKeyRequest(description = "made by $MAKER")).keyMetadata.keyId

    init {
        kms.createAlias(CreateAliasRequest(alias, keyId))
    }

    fun encrypt(generation: Int, contextName: String, context: Map<String, String>?, length: Int): Case {
        val plaintext = ByteArray(length) { (31 * it + length).toByte() }
        val blob = kms.encrypt(EncryptRequest(alias, plaintext, context)).ciphertextBlob
        val material = kms.describeKey(DescribeKeyRequest(alias)).keyMetadata.currentKeyMaterialId!!
        return Case(name, "encrypt", generation, contextName, length, plaintext, blob, material)
    }

    fun dataKey(generation: Int, contextName: String, context: Map<String, String>?): Case {
        val key = kms.generateDataKey(GenerateDataKeyRequest(alias, context, keySpec = DataKeySpec.AES256))
        val (length, material) = key.plaintext.size to key.keyMaterialId!!
        return Case(name, "data-key", generation, contextName, length, key.plaintext, key.ciphertextBlob, material)
    }
}
