package pocketkms

import android.net.Uri
import androidx.media3.datasource.DataSourceException
import androidx.media3.datasource.DataSpec
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import kotlin.concurrent.thread
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.android.MessageMediaDataSource
import pocketkms.api.*
import pocketkms.media3.MessageDataSource

/** What players ask of a video that is a message: any place, any length, the end, and what is broken. */
class PlayerTest {
    private val client = EncryptionClient()
    private val keyring = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
    private val video = ByteArray(500_000) { (it * 31 shr 3).toByte() }

    @TempDir
    lateinit var folder: File

    private fun file(name: String = "video", bytes: ByteArray = client.encrypt(keyring, video).message): File =
        File(folder, name).apply { writeBytes(bytes) }

    private class FileUri(private val file: File) : Uri() {
        override val path: String = file.path
    }

    private val factory = MessageDataSource.Factory { client.decryptingChannel(keyring, File(it.path!!)) }

    /** As a player reads it. */
    private fun MessageDataSource.all(piece: Int = 10_000): ByteArray {
        val all = ByteArrayOutputStream()
        val buffer = ByteArray(piece + 2)
        while (true) {
            val count = read(buffer, 1, piece)
            if (count == -1) return all.toByteArray()
            assertTrue(count in 1..piece)
            all.write(buffer, 1, count)
        }
    }

    @Test
    fun whatIsBroken() {
        val whole = file().readBytes()
        val broken = mapOf(
            "cut" to whole.copyOf(300_000), "altered" to whole.flipped(300_000), "no message" to ByteArray(1000), "empty" to ByteArray(0),
        )
        for ((name, bytes) in broken) {
            val data = factory.createDataSource()
            val error = assertThrows<IOException>(name) {
                data.open(DataSpec(FileUri(file(name, bytes))))
                data.all()
            }
            assertTrue(error.cause is PocketKmsException, "$name: $error")
            data.close()
            assertEquals("started" in data.events, "ended" in data.events)
        }
        assertThrows<IOException> { factory.createDataSource().open(DataSpec(FileUri(File(folder, "nowhere")))) }
        val other = Keyring.rawAes("album", "key", ByteArray(32) { 8 })
        val foreign = MessageDataSource.Factory { client.decryptingChannel(other, File(it.path!!)) }.createDataSource()
        assertTrue(assertThrows<IOException> { foreign.open(DataSpec(FileUri(file()))) }.cause is KmsException.UnableToDecryptDataKey)
        MessageMediaDataSource(client.decryptingChannel(keyring, File(folder, "altered"))).use { data ->
            assertEquals(100, data.readAt(0, ByteArray(100), 0, 100))
            assertThrows<IOException> { data.readAt(298_000, ByteArray(8192), 0, 8192) }
        }
    }

    @Test
    fun media3() {
        val uri = FileUri(file())
        val data = factory.createDataSource()
        assertEquals(-1, data.read(ByteArray(1), 0, 1)) // before it is opened
        val random = Random(1)
        assertEquals(video.size.toLong(), data.open(DataSpec(uri)))
        assertSame(uri, data.getUri())
        assertEquals(0, data.read(ByteArray(0), 0, 0))
        assertArrayEquals(video, data.all())
        data.close()
        assertNull(data.getUri())
        assertEquals(listOf("initializing", "started", "ended"), data.events)
        data.close()
        repeat(30) {
            val place = random.nextLong(video.size + 1L)
            val length = random.nextLong(video.size + 1 - place)
            assertEquals(length, data.open(DataSpec(uri, place, length)))
            assertArrayEquals(video.copyOfRange(place.toInt(), (place + length).toInt()), data.all(random.nextInt(1, 70_000)))
            data.close()
        }
        // At the end, behind it, and more than there is.
        assertEquals(0, data.open(DataSpec(uri, video.size.toLong())))
        assertEquals(-1, data.read(ByteArray(1), 0, 1))
        data.close()
        assertEquals(2008, assertThrows<DataSourceException> { data.open(DataSpec(uri, video.size + 1L)) }.reason)
        data.close()
        assertEquals(1_000_000, data.open(DataSpec(uri, 499_000, 1_000_000)))
        assertEquals(1000, data.all().size)
        data.close()
    }

    @Test
    fun mediaDataSource() {
        MessageMediaDataSource(client.decryptingChannel(keyring, file(), window = 65_536)).use { data ->
            assertEquals(video.size.toLong(), data.getSize())
            assertEquals(0, data.readAt(0, ByteArray(0), 0, 0))
            for (place in listOf(video.size.toLong(), video.size + 1L, Long.MAX_VALUE)) assertEquals(-1, data.readAt(place, ByteArray(10), 0, 10))
            assertEquals(1, data.readAt(video.size - 1L, ByteArray(10), 0, 10))
            // Its threads ask for whatever they like, and get all of it at once.
            val failures = java.util.Collections.synchronizedList(mutableListOf<Throwable>())
            List(4) { seed ->
                thread {
                    runCatching {
                        val random = Random(seed)
                        repeat(50) {
                            val (place, length) = random.nextInt(video.size) to random.nextInt(1, 100_000)
                            val buffer = ByteArray(length + 5)
                            val count = data.readAt(place.toLong(), buffer, 5, length)
                            assertEquals(minOf(length, video.size - place), count)
                            assertArrayEquals(video.copyOfRange(place, place + count), buffer.copyOfRange(5, 5 + count))
                        }
                    }.onFailure(failures::add)
                }
            }.forEach(Thread::join)
            assertEquals(listOf<Throwable>(), failures.toList())
        }
        val closed = MessageMediaDataSource(client.decryptingChannel(keyring, file()))
        closed.close()
        assertThrows<IOException> { closed.readAt(0, ByteArray(1), 0, 1) }
    }
}
