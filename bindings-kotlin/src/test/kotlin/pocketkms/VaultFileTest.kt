package pocketkms

import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

class VaultFileTest {
    @TempDir
    lateinit var folder: Path

    private val rootKey = RootKey.fromBytes(ByteArray(32))
    private val path get() = folder.resolve("keys.vault").toString()

    @Test
    fun theFileIsThereWhenTheVaultIsClosed() {
        val (keyId, blob) = Vault.create(path, rootKey).use { vault ->
            assertFalse(vault.needsSaving())
            val key = vault.client().createKey(CreateKeyRequest()).keyMetadata.keyId
            key to vault.client().encrypt(EncryptRequest(key, "kept".toByteArray())).ciphertextBlob
        }
        assertEquals(listOf("keys.vault"), folder.listDirectoryEntries().map { it.name })
        for (opener in listOf<() -> Vault>({ Vault.open(path, rootKey) }, { Vault.openOrCreate(path, rootKey) })) {
            opener().use { vault ->
                assertEquals("kept", String(vault.client().decrypt(DecryptRequest(blob)).plaintext))
                assertEquals(listOf(keyId), vault.client().listKeys(ListKeysRequest()).keys.map { it.keyId })
            }
        }
    }

    @Test
    fun eachDoorRefusesWhatIsNotForIt() {
        assertThrows<KmsException.NotFound> { Vault.open(path, rootKey) }
        Vault.openOrCreate(path, rootKey).close()
        assertThrows<KmsException.AlreadyExists> { Vault.create(path, rootKey) }
        assertThrows<KmsException.WrongRootKey> { Vault.open(path, RootKey.fromBytes(ByteArray(32) { 1 })) }
        assertThrows<KmsException.Store> { Vault.open(folder.toString(), rootKey) }
        val text = folder.resolve("text").apply { writeText("a text that is no database, as long as it may be. ".repeat(3)) }
        assertThrows<KmsException.StoreDamaged> { Vault.openOrCreate(text.toString(), rootKey) }
    }

    @Test
    fun aCopyWhileItIsInUse() {
        val copy = folder.resolve("copy.vault").toString()
        Vault.create(path, rootKey).use { vault ->
            vault.client().createKey(CreateKeyRequest())
            assertEquals(emptyList<DamagedRecord>(), vault.backup(copy))
            vault.client().createKey(CreateKeyRequest())
            assertThrows<KmsException.AlreadyExists> { vault.backup(copy) }
        }
        Vault.open(copy, rootKey).use { assertEquals(1, it.client().listKeys(ListKeysRequest()).keys.size) }
        val other = folder.resolve("other.vault")
        Vault.inMemory(rootKey).use { assertThrows<KmsException.UnsupportedOperation> { it.backup(other.toString()) } }
        assertFalse(other.exists())
    }
}
