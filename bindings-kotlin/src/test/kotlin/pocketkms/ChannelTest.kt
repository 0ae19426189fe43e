package pocketkms

import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.channels.SeekableByteChannel
import java.nio.file.StandardOpenOption
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import pocketkms.api.*

/** How much a channel decrypts for what it is asked: counted in bytes of the message that it reads. */
class ChannelTest {
    private val client = EncryptionClient()
    private val keyring = Keyring.rawAes("album", "key", ByteArray(32) { 7 })
    private val film = ByteArray(2_500_000) { (it * 31 shr 3).toByte() }

    @TempDir
    lateinit var folder: File

    /** Counts what is read of it. */
    private class Counting(private val inner: SeekableByteChannel) : SeekableByteChannel by inner {
        var bytes = 0L
        var reads = 0
        override fun read(target: ByteBuffer): Int = inner.read(target).also {
            if (it > 0) bytes += it
            reads += 1
        }
    }

    private fun counting(frameLength: Int): Counting {
        val file = File(folder, "film$frameLength")
        if (!file.exists()) file.writeBytes(client.encrypt(keyring, film, EncryptOptions(frameLength = frameLength)).message)
        return Counting(FileChannel.open(file.toPath(), StandardOpenOption.READ))
    }

    private fun SeekableByteChannel.at(place: Long, count: Int): ByteArray {
        val target = ByteBuffer.allocate(count)
        position(place)
        while (target.hasRemaining() && read(target) >= 0) { /* on */ }
        return target.array().copyOf(target.position())
    }

    @Test
    fun aReadOf4KiBDecryptsTwoFrames() {
        val random = Random(1)
        for (frameLength in listOf(4096, 65_536, 1_048_576)) {
            val frame = frameLength.toLong() + 32 // its number, nonce and tag
            val counting = counting(frameLength)
            client.decryptingChannel(keyring, counting).use { channel ->
                repeat(50) {
                    val place = random.nextLong(film.size - 4096L)
                    counting.bytes = 0
                    val read = channel.at(place, 4096)
                    assertArrayEquals(film.copyOfRange(place.toInt(), place.toInt() + 4096), read)
                    assertTrue(counting.bytes <= 2 * frame + 8, "${counting.bytes} bytes at $place of frames of $frameLength")
                }
                // Behind what was read last, in part of it, and once more what is there already.
                channel.at(1_500_000, 4096)
                for (place in listOf(1_500_001L, 1_502_000, 1_498_000)) {
                    counting.bytes = 0
                    assertEquals(film[place.toInt() + 4095], channel.at(place, 4096).last())
                    assertTrue(counting.bytes <= 2 * frame + 8, "${counting.bytes} bytes at $place of frames of $frameLength")
                }
                channel.at(2_000_000, 4096)
                counting.bytes = 0
                channel.at(2_000_000, 4096)
                assertEquals(0, counting.bytes)
            }
        }
    }

    @Test
    fun readsThatGoOnAreGivenMore() {
        for (window in listOf(1, 65_536, 1 shl 20, Int.MAX_VALUE)) {
            val counting = counting(4096)
            client.decryptingChannel(keyring, counting, window = window).use { channel ->
                counting.reads = 0
                counting.bytes = 0
                var most = 0L
                val all = ByteBuffer.allocate(film.size)
                while (all.hasRemaining()) {
                    all.limit(minOf(all.capacity(), all.position() + 1000))
                    val before = counting.bytes
                    if (channel.read(all) < 0) break
                    most = maxOf(most, counting.bytes - before)
                    if (!all.hasRemaining()) all.limit(all.capacity())
                }
                assertArrayEquals(film, all.array())
                assertTrue(counting.bytes < film.size * 1.02 + 8192 * counting.reads / 100, "each frame is decrypted once: ${counting.bytes}")
                val least = film.size / maxOf(window, 4096)
                assertTrue(counting.reads >= least, "$window: ${counting.reads}")
                assertTrue(counting.reads <= 2 * least + 20, "$window: ${counting.reads}")
                assertTrue(most <= maxOf(window.toLong(), 4096) / 4096 * 4128 + 2 * 4128, "$window: $most bytes at once")
            }
        }
    }

    @Test
    fun oddWindowsAndPlaces() {
        for (window in listOf(0, -1, Int.MIN_VALUE)) { // a frame is the least
            val counting = counting(4096)
            client.decryptingChannel(keyring, counting, window = window).use { channel ->
                counting.bytes = 0
                assertArrayEquals(film.copyOfRange(100, 10_100), channel.at(100, 10_000))
                assertEquals(3 * (4096L + 32), counting.bytes)
            }
        }
        client.decryptingChannel(keyring, counting(4096), window = 10).use { channel ->
            assertEquals(film.size.toLong(), channel.size())
            for (place in listOf(film.size.toLong(), film.size + 1L, Long.MAX_VALUE / 2, Long.MAX_VALUE)) assertEquals(0, channel.at(place, 10).size)
            assertEquals(1, channel.at(film.size - 1L, 10).size)
        }
        client.decryptingChannel(keyring, counting(4096)).use { channel -> // before its end is known
            for (place in listOf(Long.MAX_VALUE, Long.MAX_VALUE / 2 + 1, Long.MAX_VALUE / 2)) {
                try { assertEquals(0, channel.at(place, 10).size) } catch (error: IOException) { assertTrue(error is MessageIOException, "$error") }
            }
            assertEquals(10, channel.at(0, 10).size)
        }
    }
}
