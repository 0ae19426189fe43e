package pocketkms

import pocketkms.api.*
import java.io.File
import java.io.FileInputStream
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.ClosedChannelException
import java.nio.channels.NonWritableChannelException
import java.nio.channels.SeekableByteChannel

/**
 * Reads the plaintext of a framed message from any place on, without what comes before it. [message] is whatever can be
 * searched, from its first byte on: the channel of a `FileInputStream` or `RandomAccessFile`. It is closed with the channel,
 * and where the message cannot be opened.
 *
 * A read decrypts the frames that hold what it asks for. Reads that go on where the last one ended, as those of a copy do, are given more
 * at a time, each twice as much as the one before, up to [window] bytes of plaintext, which are kept until others are read. (A frame is the
 * least: where frames are larger, one is kept.) Every frame is verified before it is given out. That the plaintext
 * ends, and where ([size][SeekableByteChannel.size]), is certain only after the final frame was verified. A signed message is
 * refused unless [acceptUnverifiedSignature]: its signature covers all of it, and cannot be checked this way. Threads wait for
 * each other. `Channels.newInputStream` makes a stream of it.
 *
 * @throws KmsException where the header cannot be read or the keyring has no key for it. Later failures are [MessageIOException]s.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.decryptingChannel(
    keyring: Keyring, message: SeekableByteChannel, options: DecryptOptions? = null,
    acceptUnverifiedSignature: Boolean = false, window: Int = DEFAULT_WINDOW,
): SeekableByteChannel = message.closedOnFailure {
    val length = size()
    var front = ByteArray(0)
    while (front.size < length) {
        // 1 KiB is nearly always enough. A message that ends within its header is refused by the range reader.
        val needed = (inspect(front) as? MessageInspection.Incomplete ?: break).needed
        val more = bytes(0, maxOf(needed, 1024))
        if (more.size <= front.size) throw IOException("the channel ends before the size that it states")
        front = more
    }
    PlaintextChannel(
        rangeReader(keyring, front, RangeOptions(options ?: DecryptOptions(), length, acceptUnverifiedSignature)), this, maxOf(window.toLong(), 1),
    )
}

/**
 * The same for a file, with the sidecar that lies beside it, if it has one, unless the options have another.
 *
 * @throws FileException where the file cannot be read, or is no regular one.
 */
@Throws(IOException::class, KmsException::class, FileException::class)
@JvmOverloads
fun EncryptionClient.decryptingChannel(
    keyring: Keyring, message: File, options: DecryptOptions? = null, acceptUnverifiedSignature: Boolean = false,
    window: Int = DEFAULT_WINDOW,
): SeekableByteChannel {
    val beside = sidecarByPath(message.path) // looks at the file, too: opening a pipe would wait for its writer
    val withSidecar = (options ?: DecryptOptions()).run { copy(sidecar = sidecar ?: beside) }
    return decryptingChannel(keyring, FileInputStream(message).channel, withSidecar, acceptUnverifiedSignature, window)
}

/** So many bytes from there on; fewer where the message ends before. What a channel may not return would be a loop. */
private fun SeekableByteChannel.bytes(start: Long, count: Long): ByteArray {
    val length = minOf(count, maxOf(size() - start, 0))
    if (length > Int.MAX_VALUE) throw IOException("the message has a frame of $length bytes, more than an array holds")
    val buffer = ByteBuffer.allocate(length.toInt())
    position(start)
    while (buffer.hasRemaining()) {
        val before = buffer.position()
        val got = read(buffer)
        if (got < 0) break
        if (got == 0 || buffer.position() - before != got) throw IOException("the channel returned $got for ${buffer.position() - before} bytes")
    }
    return buffer.array().copyOf(buffer.position())
}

/** How much plaintext is decrypted at once at most, unless the caller has another wish: then the cost of a call no longer counts. */
internal const val DEFAULT_WINDOW = 1 shl 20

private class PlaintextChannel(private val ranges: RangeReader, private val message: SeekableByteChannel, private val most: Long) :
    SeekableByteChannel {
    private val frame = ranges.header().frameLength.toLong()
    private var window = ByteArray(0)
    private var windowStart = 0L
    private var place = 0L
    private var jumped = false

    @Volatile
    private var open = true

    /** Where the last frame of so many bytes ends, since it is decrypted in any case; the window is not exceeded for it. */
    private fun end(start: Long, wanted: Long): Long {
        if (start > Long.MAX_VALUE / 2) return Long.MAX_VALUE // beyond any message's end
        return (minOf(place + wanted, start + maxOf(most, frame)) + frame - 1) / frame * frame
    }

    private fun fetch(start: Long, end: Long): ByteArray = failing {
        val range = ByteRange(start, end)
        val extent = ranges.locate(range)
        ranges.open(range, message.bytes(extent.start, extent.end - extent.start))
    }

    private fun forget() {
        window.fill(0)
        window = ByteArray(0)
    }

    override fun read(target: ByteBuffer): Int = synchronized(ranges) {
        if (!open) throw ClosedChannelException()
        if (!target.hasRemaining()) return 0
        if (place - windowStart !in window.indices) {
            val length = failing { ranges.verifiedLength() }
            if (length != null && place >= length) return -1
            // A player that jumps asks for little, and the frames around it are of no use to it; one that goes on wants more.
            val wanted = maxOf(target.remaining().toLong(), if (jumped) 0 else 2L * window.size)
            jumped = false
            forget()
            val start = place / frame * frame
            window = fetch(start, end(start, minOf(wanted, most)))
            windowStart = start
            if (place - windowStart >= window.size) return -1
        }
        val offset = (place - windowStart).toInt()
        val count = minOf(target.remaining(), window.size - offset)
        target.put(window, offset, count)
        place += count
        count
    }

    override fun position(): Long = if (open) place else throw ClosedChannelException()

    override fun position(newPosition: Long): SeekableByteChannel = synchronized(ranges) {
        if (!open) throw ClosedChannelException()
        require(newPosition >= 0) { "a position before the beginning" }
        if (newPosition != place) jumped = true
        place = newPosition
        this
    }

    /** The length of the plaintext, verified. */
    override fun size(): Long = synchronized(ranges) {
        if (!open) throw ClosedChannelException()
        if (failing { ranges.verifiedLength() } == null) fetch(Long.MAX_VALUE - 1, Long.MAX_VALUE).fill(0)
        failing { ranges.verifiedLength() }!!
    }

    override fun isOpen(): Boolean = open

    override fun write(source: ByteBuffer): Int = throw NonWritableChannelException()

    override fun truncate(size: Long): SeekableByteChannel = throw NonWritableChannelException()

    override fun close() {
        if (!open) return
        open = false
        try {
            message.close() // before waiting for a thread that may be reading from it
        } finally {
            synchronized(ranges) {
                forget()
                ranges.close()
            }
        }
    }
}
