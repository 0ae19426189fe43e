package notes

import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.*
import pocketkms.api.*

class NotebookTest {
    @TempDir
    lateinit var folder: File

    /** What a phone has: a Keystore, a folder of its own, and one that its backup takes. */
    private inner class Phone(name: String) : DeviceKey, KeyWrapper {
        val own = File(folder, "$name/own").apply { mkdirs() }
        val backedUp = File(folder, "$name/backed-up").apply { mkdirs() }
        var key: Byte? = null
        var fails: Exception? = null
        val notebooks = Notebooks(Places(own, backedUp), this)

        override fun rootKey(): RootKey = RootKey.fromCallback("device", this)

        override fun renew(vault: Vault) {
            val (old, _) = vault.rootKeys().partition { it.kind == RootKeyKind.CALLBACK }
            key = ((key ?: 0) + 1).toByte()
            rootKey().use { root -> if (old.isEmpty()) vault.addRootKey(root) else vault.replaceRootKey(old.first().id, root) }
        }

        override fun wrap(key: ByteArray): ByteArray {
            val own = this.key ?: 1.toByte().also { this.key = it }
            return ByteArray(key.size) { (key[it].toInt() xor own.toInt()).toByte() }
        }

        override fun unwrap(wrapped: ByteArray): ByteArray {
            fails?.let { throw it }
            return wrap(wrapped.also { key ?: throw IOException("the Keystore has no such key") })
        }
    }

    private val video = ByteArray(3_000_000) { (it * 31 shr 3).toByte() }
    private lateinit var recoveryKey: String

    private fun Phone.begin(): Notebook = notebooks.create { recoveryKey = it }

    private fun Notebook.shared(note: String, name: String) = ByteArrayOutputStream().also { runBlocking { share(note, name, it) } }.toByteArray()

    @Test
    fun notesOutlastTheProcess() {
        val phone = Phone("phone")
        assertEquals(Notebooks.State.NEW, phone.notebooks.state)
        val note = phone.begin().use { notebook ->
            notebook.add("Buy milk").also { notebook.write(it, "Buy milk and bread") }
        }
        assertEquals(Notebooks.State.READY, phone.notebooks.state)
        assertThrows<IllegalStateException> { phone.notebooks.create { } }
        phone.notebooks.open().use { notebook ->
            assertEquals(listOf(note), notebook.notes())
            assertEquals("Buy milk and bread", notebook.read(note))
            notebook.remove(note)
            assertEquals(emptyList<String>(), notebook.notes())
        }
        for (id in listOf("..", "../..", "", "a/b")) phone.notebooks.open().use { assertThrows<IllegalArgumentException> { it.read(id) } }
    }

    /** Killed before the recovery key was shown, or the key was there. */
    @Test
    fun aCreationThatBreaksOff() {
        val phone = Phone("phone")
        val thrown = IOException("killed")
        assertSame(thrown, assertThrows<IOException> { phone.notebooks.create { throw thrown } })
        assertEquals(Notebooks.State.NEW, phone.notebooks.state)
        phone.begin().use { assertEquals("a", it.read(it.add("a"))) }
    }

    @Test
    fun attachmentsAreEncryptedAsTheyComeAndPlayedFromAnywhere() = phoneWithVideo { notebook, note ->
        assertEquals(listOf("video.mp4"), notebook.attachments(note))
        assertArrayEquals(video, notebook.shared(note, "video.mp4"))
        notebook.play(note, "video.mp4").use { channel ->
            assertEquals(video.size.toLong(), channel.size())
            for (place in listOf(2_999_990, 0, 1_234_567)) {
                val read = ByteBuffer.allocate(10)
                channel.position(place.toLong())
                while (read.hasRemaining() && channel.read(read) >= 0) Unit
                assertArrayEquals(video.copyOfRange(place, place + 10), read.array())
            }
        }
        for (name in listOf("", "..", "../text", ".hidden")) assertThrows<IllegalArgumentException> { notebook.play(note, name) }
    }

    /** What breaks off leaves what was there, and no half of what was to be. */
    @Test
    fun anAttachmentThatBreaksOff() = phoneWithVideo { notebook, note ->
        val thrown = IOException("the card was removed")
        val source = object : InputStream() {
            var left = 100_000
            override fun read(): Int = if (left-- > 0) 7 else throw thrown
        }
        for (name in listOf("video.mp4", "photo.jpg")) {
            assertSame(thrown, assertThrows<IOException> { runBlocking { notebook.attach(note, name, source) } })
        }
        assertEquals(listOf("video.mp4"), notebook.attachments(note))
        assertArrayEquals(video, notebook.shared(note, "video.mp4"))
    }

    @Test
    fun whatIsMovedOrAlteredDoesNotOpen() {
        val phone = Phone("phone")
        phone.begin().use { notebook ->
            val (one, two) = listOf("one", "two").map(notebook::add)
            val files = listOf(one, two).map { File(phone.backedUp, "notes/$it/text") }
            files[0].copyTo(files[1], overwrite = true)
            assertThrows<KmsException> { notebook.read(two) }
            files[0].writeBytes(files[0].readBytes().also { it[it.size - 1] = (it.last() + 1).toByte() })
            assertEquals(ErrorCategory.LOST, assertThrows<KmsException> { notebook.read(one) }.category)
        }
    }

    @Test
    fun rotationReachesAllFiles() {
        val phone = Phone("phone")
        phone.begin().use { notebook ->
            val note = notebook.add("old")
            runBlocking { notebook.attach(note, "video.mp4", video.inputStream()) }
            val report = runBlocking { notebook.rotate() }
            assertEquals(listOf(2L, 0L), listOf(report.rewrapped, report.failed))
            assertEquals("old", notebook.read(note))
            assertArrayEquals(video, notebook.shared(note, "video.mp4"))
        }
        // The copy in the backup has the new material, too.
        val next = phone.toTheNext()
        next.notebooks.recover(recoveryKey).use { assertEquals("old", it.read(it.notes().single())) }
    }

    @Test
    fun lockedInTheBackground() = phoneWithVideo { notebook, note ->
        val channel = notebook.play(note, "video.mp4")
        notebook.lock()
        assertTrue(notebook.isLocked)
        assertThrows<KmsException.VaultLocked> { notebook.read(note) }
        assertThrows<IOException> { channel.read(ByteBuffer.allocate(10)) }
        val dismissed = IOException("the person dismissed the prompt")
        phone.fails = dismissed
        assertSame(dismissed, assertThrows<IOException> { notebook.unlock(phone) })
        assertTrue(notebook.isLocked)
        phone.fails = null
        notebook.unlock(phone)
        assertEquals("Holidays", notebook.read(note))
        assertArrayEquals(video, notebook.shared(note, "video.mp4"))
    }

    /** The backup brings the copy and the notes, and the recovery key does the rest. */
    @Test
    fun theNextPhone() {
        val note = Phone("phone").run { begin().use { notebook -> notebook.add("kept").also { files = this } } }
        val next = files.toTheNext()
        assertEquals(Notebooks.State.RESTORED, next.notebooks.state)
        assertThrows<KmsException> { next.notebooks.recover(RECOVERY_OF_ANOTHER) }
        next.notebooks.recover(recoveryKey).use { assertEquals("kept", it.read(note)) }
        assertEquals(Notebooks.State.READY, next.notebooks.state)
        next.notebooks.open().use { assertEquals("kept", it.read(note)) }
        // And a key of the device that is gone, on the same phone.
        next.key = null
        assertThrows<IOException> { next.notebooks.open() }
        next.notebooks.recover(recoveryKey).use { assertEquals("kept", it.read(note)) }
        next.notebooks.open().close()
    }

    private lateinit var files: Phone
    private lateinit var phone: Phone

    private fun Phone.toTheNext() = Phone("next").also { backedUp.copyRecursively(it.backedUp) }

    private fun phoneWithVideo(work: (Notebook, String) -> Unit) {
        phone = Phone("phone")
        phone.begin().use { notebook ->
            val note = notebook.add("Holidays")
            runBlocking { notebook.attach(note, "video.mp4", video.inputStream()) }
            work(notebook, note)
        }
    }

    private companion object {
        val RECOVERY_OF_ANOTHER: String = Vault.inMemory(RootKey.generate()).use { "${it.addRecoveryKey("").text}" }
    }
}
