package pocketkms

import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.ClosedChannelException
import java.nio.channels.NonWritableChannelException
import java.nio.channels.SeekableByteChannel

/**
 * Reads the plaintext of a framed message from any place on, without what comes before it. [message] is whatever can be
 * searched, from its first byte on: the channel of a `FileInputStream` or `RandomAccessFile`. It is closed with the channel.
 *
 * About 1 MiB of plaintext is kept, or one frame, and every frame is verified before it is given out. That the plaintext
 * ends, and where ([size][SeekableByteChannel.size]), is told only after the final frame was verified. A signed message is
 * refused unless [acceptUnverifiedSignature]: its signature covers all of it, and cannot be checked this way. One thread at a
 * time can use it. `Channels.newInputStream` makes a stream of it.
 */
fun EncryptionClient.decryptingChannel(
    keyring: Keyring, message: SeekableByteChannel, options: DecryptOptions? = null,
    acceptUnverifiedSignature: Boolean = false,
): SeekableByteChannel {
    val length = message.size()
    var front = ByteArray(0)
    while (front.size < length) {
        // 1 KiB is nearly always enough. Of a message that ends within its header the range reader tells that.
        val needed = (inspect(front) as? MessageInspection.Incomplete ?: break).needed.toLong()
        front = message.bytes(0, maxOf(needed, 1024))
    }
    return PlaintextChannel(rangeReader(keyring, front, options, length.toULong(), acceptUnverifiedSignature), message)
}

/** So many bytes from there on; fewer where the message ends before. */
private fun SeekableByteChannel.bytes(start: Long, count: Long): ByteArray {
    val buffer = ByteBuffer.allocate(minOf(count, maxOf(size() - start, 0)).toInt())
    position(start)
    while (buffer.hasRemaining() && read(buffer) >= 0) Unit
    return buffer.array().copyOf(buffer.position())
}

/** How much plaintext is decrypted at once at least. */
private const val WINDOW = 1L shl 20

private class PlaintextChannel(private val ranges: RangeReader, private val message: SeekableByteChannel) :
    SeekableByteChannel {
    private val frame = ranges.header().frameLength.toLong()
    private var window = ByteArray(0)
    private var windowStart = 0L
    private var place = 0L
    private var open = true

    private fun fetch(start: Long, end: Long): ByteArray = failing {
        val range = ByteRange(start.toULong(), end.toULong())
        val extent = ranges.locate(range)
        ranges.open(range, message.bytes(extent.start.toLong(), (extent.end - extent.start).toLong()))
    }

    private fun forget() {
        window.fill(0)
        window = ByteArray(0)
    }

    override fun read(target: ByteBuffer): Int {
        if (!open) throw ClosedChannelException()
        if (!target.hasRemaining()) return 0
        if (place - windowStart !in window.indices) {
            val end = ranges.verifiedLength()
            if (end != null && place.toULong() >= end) return -1
            forget()
            val start = place / frame * frame
            window = fetch(start, start + maxOf(WINDOW, frame))
            windowStart = start
            if (place - windowStart >= window.size) return -1
        }
        val offset = (place - windowStart).toInt()
        val count = minOf(target.remaining(), window.size - offset)
        target.put(window, offset, count)
        place += count
        return count
    }

    override fun position(): Long = if (open) place else throw ClosedChannelException()

    override fun position(newPosition: Long): SeekableByteChannel {
        if (!open) throw ClosedChannelException()
        require(newPosition >= 0) { "a position before the beginning" }
        place = newPosition
        return this
    }

    /** The length of the plaintext, verified. */
    override fun size(): Long {
        if (!open) throw ClosedChannelException()
        if (ranges.verifiedLength() == null) fetch(Long.MAX_VALUE - 1, Long.MAX_VALUE).fill(0)
        return ranges.verifiedLength()!!.toLong()
    }

    override fun isOpen(): Boolean = open

    override fun write(source: ByteBuffer): Int = throw NonWritableChannelException()

    override fun truncate(size: Long): SeekableByteChannel = throw NonWritableChannelException()

    override fun close() {
        if (!open) return
        open = false
        forget()
        ranges.close()
        message.close()
    }
}
