package notes

import java.io.File
import pocketkms.RootKey
import pocketkms.Vault
import pocketkms.api.*

/** The root key of this device: on Android a key of its Keystore, in a test whatever behaves like one. */
interface DeviceKey {
    fun rootKey(): RootKey

    /** Puts a new key of this device in the place of the one that is gone. The vault was opened with its recovery key. */
    fun renew(vault: Vault)
}

/** Where a notebook lies: [device] is in no backup, [backedUp] goes with it to the next phone. */
class Places(device: File, private val backedUp: File) {
    internal val vault = File(device, "keys.vault")
    internal val copy = File(backedUp, "keys.copy")
    internal val notes = File(backedUp, "notes")

    internal fun note(id: String): File {
        require(ID.matches(id)) { "no id of a note" }
        return File(notes, id)
    }

    internal fun forgetVault() {
        for (suffix in listOf("", "-wal", "-shm")) File(vault.path + suffix).delete()
    }

    /** After each change of keys, and before they are used: the backup has no note under a key that it does not have. */
    internal fun save(vault: Vault) {
        val next = File(backedUp, "keys.copy.next")
        next.delete()
        check(vault.backup(next.path).isEmpty()) { "the vault is damaged" }
        check(next.renameTo(copy)) { "the copy of the vault could not be replaced" }
    }

    private companion object {
        val ID = Regex("[0-9a-f-]{36}")
    }
}

/** How a notebook is opened: which of the three it is [state] says. */
class Notebooks(private val places: Places, private val device: DeviceKey) {
    enum class State { NEW, READY, RESTORED }

    val state: State
        get() = when {
            !places.copy.exists() -> State.NEW // written last when a notebook is made
            places.vault.length() > 0 -> State.READY
            else -> State.RESTORED // another phone, whose backup brought the copy and the notes
        }

    /** At the first start. The recovery key is shown this once, to be written down: only then is anything encrypted. */
    fun create(show: (recoveryKey: String) -> Unit): Notebook {
        check(state == State.NEW) { "there is a notebook" }
        places.forgetVault() // of a creation that was killed: nothing was encrypted yet
        val vault = device.rootKey().use { Vault.create(places.vault.path, it) }
        return vault.opened {
            show("${addRecoveryKey("written down").text}")
            val kms = client()
            val keyId = kms.createKey(CreateKeyRequest(description = "notes")).keyMetadata.keyId
            kms.createAlias(CreateAliasRequest(Notebook.KEY, keyId))
            kms.enableKeyRotation(EnableKeyRotationRequest(keyId))
            places.save(this)
        }
    }

    /** At every other. What the device's key throws (it is gone, the person has to confirm) is thrown. */
    fun open(): Notebook = device.rootKey().use { Vault.open(places.vault.path, it) }.opened { }

    /** On another phone, and where the device's key is gone. */
    fun recover(recoveryKey: String): Notebook {
        val vault = RootKey.fromRecoveryKey(recoveryKey).use { recovery ->
            if (state == State.RESTORED) Vault.open(places.copy.path, recovery).use { it.backup(places.vault.path) }
            Vault.open(places.vault.path, recovery)
        }
        return vault.opened {
            device.renew(this)
            places.save(this)
        }
    }

    private fun Vault.opened(prepare: Vault.() -> Unit): Notebook = try {
        prepare()
        Notebook(this, places)
    } catch (error: Throwable) {
        close()
        throw error
    }
}
