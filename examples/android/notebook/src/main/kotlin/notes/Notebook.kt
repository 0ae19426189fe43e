package notes

import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.nio.channels.SeekableByteChannel
import java.util.UUID
import pocketkms.*
import pocketkms.api.*

/**
 * Notes with attachments, each a message in a file of its own, under a key of the vault. What lies on the disk, and in a backup, is the sealed
 * vault and messages. Nothing here knows Android: the tests run it on the JVM.
 *
 * A note's text and its attachments are bound to their names by the encryption context: a file that was moved to another note, or renamed,
 * does not open.
 */
class Notebook internal constructor(private val vault: Vault, private val places: Places) : AutoCloseable {
    private val kms = vault.client()
    private val keyring = Keyring.kms(kms, KEY)
    private val client = EncryptionClient()
    private val coroutines = client.coroutines()

    /** The ids of all notes. */
    fun notes(): List<String> = places.notes.list().orEmpty().filter { File(places.note(it), TEXT).exists() }.sorted()

    /** Writes a new note, and returns its id. */
    fun add(text: String): String = UUID.randomUUID().toString().also { write(it, text) }

    /** Puts a text in the place of a note's. The file is the old one or the new one, whole. */
    fun write(note: String, text: String) {
        check(places.note(note).run { isDirectory || mkdirs() }) { "no place for the note" }
        val message = client.encrypt(keyring, text.toByteArray(), EncryptOptions(context(note, TEXT))).message
        val next = File(places.note(note), "$TEXT.next")
        next.writeBytes(message)
        check(next.renameTo(File(places.note(note), TEXT))) { "the note could not be replaced" }
    }

    fun read(note: String): String {
        val message = File(places.note(note), TEXT).readBytes()
        return String(client.decrypt(keyring, message, DecryptOptions(context(note, TEXT))).plaintext)
    }

    /** Removes a note with its attachments. */
    fun remove(note: String) {
        check(places.note(note).deleteRecursively()) { "the note could not be removed" }
    }

    /** The names of a note's attachments. */
    fun attachments(note: String): List<String> =
        File(places.note(note), ATTACHMENTS).list().orEmpty().filterNot { it.startsWith(".") }.sorted()

    /**
     * Encrypts an attachment, as it comes from a picker or a camera. A coroutine that is cancelled, or a source that fails, leaves nothing that
     * opens, and what had the name keeps it.
     */
    suspend fun attach(note: String, name: String, source: InputStream, progress: ((done: Long) -> Unit)? = null) {
        val target = attachment(note, name)
        check(target.parentFile.run { isDirectory || mkdirs() }) { "no place for the attachment" }
        val next = File(target.parentFile, ".$name.next")
        try {
            coroutines.encrypt(keyring, source, next.outputStream(), EncryptOptions(context(note, name)), progress)
            check(next.renameTo(target)) { "the attachment could not be replaced" }
        } finally {
            next.delete()
        }
    }

    /** Decrypts an attachment, to share it, say. Where it throws, what [sink] got is a part, and of no use. */
    suspend fun share(note: String, name: String, sink: OutputStream) {
        coroutines.decrypt(keyring, attachment(note, name).inputStream(), sink, DecryptOptions(context(note, name)))
    }

    /** An attachment for a player: a read decrypts the frames that it asks for, and no decrypted file is left. */
    fun play(note: String, name: String): SeekableByteChannel =
        client.decryptingChannel(keyring, attachment(note, name), DecryptOptions(context(note, name)))

    /**
     * New key material, for all that is written from now on, and for the data keys of all that there is. A process that is killed meanwhile
     * leaves each file as it was or as it is to be: call it again.
     */
    suspend fun rotate(progress: ((RewrappedFile) -> Unit)? = null): RewrapReport {
        kms.rotateKeyOnDemand(RotateKeyOnDemandRequest(kms.describeKey(DescribeKeyRequest(KEY)).keyMetadata.keyId))
        places.save(vault)
        return RewrapBatch(client, keyring, keyring).coroutines().directory(places.notes, progress)
    }

    /** For `onStop`: no key is left in memory. Players and streams have to be opened again afterwards. */
    fun lock(): Unit = vault.lock()

    /** For `onStart`. What the person has to do, [device]'s root key asks for; what its prompt throws is thrown. */
    fun unlock(device: DeviceKey) {
        device.rootKey().use(vault::unlock)
    }

    val isLocked: Boolean get() = vault.isLocked()

    override fun close(): Unit = vault.close()

    private fun attachment(note: String, name: String): File {
        require(name.isNotEmpty() && '/' !in name && !name.startsWith(".")) { "no name for an attachment" }
        return File(File(places.note(note), ATTACHMENTS), name)
    }

    /** It is stored in the clear: ids and names, no words of the note. */
    private fun context(note: String, part: String) = mapOf("app" to "notes", "note" to note, "part" to part)

    internal companion object {
        const val KEY = "alias/notes"
        private const val TEXT = "text"
        private const val ATTACHMENTS = "attachments"
    }
}
