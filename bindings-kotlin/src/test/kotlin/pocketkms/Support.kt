package pocketkms

import pocketkms.api.*
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.time.Instant

/** A vault on a clock that stands still, with one key in it. */
class Fixture : AutoCloseable {
    val root: RootKey = RootKey.fromBytes(ByteArray(32) { it.toByte() })
    val clock = ManualClock(START)
    val vault: Vault = Vault.inMemory(root, clock = clock)
    val kms: Kms = vault.client()
    val key: KeyMetadata = kms.createKey(CreateKeyRequest(description = "of the test")).keyMetadata
    val keyId: String get() = key.keyId

    fun encrypt(text: String, context: Map<String, String>? = null): ByteArray =
        kms.encrypt(EncryptRequest(keyId, text.toByteArray(), context)).ciphertextBlob

    fun decrypt(blob: ByteArray, context: Map<String, String>? = null): String =
        String(kms.decrypt(DecryptRequest(blob, context)).plaintext)

    /** The same vault from its snapshot. */
    fun reopened(): Vault = Vault.openSnapshot(vault.snapshot(), root, clock = clock)

    override fun close() = listOf(vault, kms, clock, root).forEach(AutoCloseable::close)

    companion object {
        val START: Instant = Instant.parse("2026-01-01T00:00:00.123Z")
    }
}

/** A copy with one bit of one byte flipped. */
fun ByteArray.flipped(index: Int): ByteArray = clone().also { it[index] = (it[index].toInt() xor (1 shl (index % 8))).toByte() }

/** A sink that counts how often it was closed. */
class Sink : ByteArrayOutputStream() {
    var closed = 0
    override fun close() {
        closed += 1
    }
}

/** A source that does. */
class Source(bytes: ByteArray) : ByteArrayInputStream(bytes) {
    var closed = 0
    override fun close() {
        closed += 1
    }
}
