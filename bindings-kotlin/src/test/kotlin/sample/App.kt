package sample

import java.io.ByteArrayOutputStream
import kotlin.io.path.createTempDirectory
import kotlinx.coroutines.runBlocking
import pocketkms.*
import pocketkms.api.*

/** A small app, which R8 shrinks (R8Test): a vault in a file, callbacks both ways, streams, coroutines, and an error. */
object App {
    private class Xor : KeyWrapper {
        override fun wrap(key: ByteArray) = ByteArray(key.size) { (key[it].toInt() xor 0x55).toByte() }
        override fun unwrap(wrapped: ByteArray) = wrap(wrapped)
    }

    @JvmStatic
    fun main(arguments: Array<String>) {
        val path = createTempDirectory().resolve("keys.vault").toString()
        val root = RootKey.fromCallback("xor", Xor())
        val recovery = Vault.create(path, root).use { vault ->
            val kms = vault.client()
            val key = kms.createKey(CreateKeyRequest(description = "photos")).keyMetadata.keyId
            kms.createAlias(CreateAliasRequest("alias/photos", key))
            "${vault.addRecoveryKey().text}"
        }
        Vault.open(path, RootKey.fromRecoveryKey(recovery)).use { vault ->
            val kms = vault.client()
            val client = EncryptionClient()
            val keyring = Keyring.kms(kms, "alias/photos")
            val message = ByteArrayOutputStream()
            client.encrypt(keyring, ByteArray(100_000).inputStream(), message)
            val plaintext = runBlocking { client.coroutines().decrypt(keyring, message.toByteArray()).plaintext }
            check(plaintext.size == 100_000)
            try {
                kms.describeKey(DescribeKeyRequest("alias/music"))
                error("found")
            } catch (error: KmsException.NotFound) {
                check("alias/music" in error.message) { error.message }
            }
        }
        try {
            RootKey.fromCallback("broken", object : KeyWrapper {
                override fun wrap(key: ByteArray): ByteArray = throw UnsupportedOperationException("no hardware")
                override fun unwrap(wrapped: ByteArray): ByteArray = wrap(wrapped)
            }).let { Vault.inMemory(it) }
            error("made")
        } catch (error: UnsupportedOperationException) {
            check(error.message == "no hardware")
        }
        println("the app ran")
    }
}
