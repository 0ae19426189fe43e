package pocketkms

import java.io.IOException
import java.io.OutputStream

/** How much is handed to the library at once: several frames, since each call costs the same. */
internal const val CHUNK = 1 shl 20

/** Small writes are gathered up to this. */
private const val GATHERED = 1 shl 15

/**
 * A message on its way into another stream, or out of one. [finish] ends it. To [close] it before gives it up: the message has
 * no end then and will never open, a plaintext is a part only, and `close` throws an [IOException], so that a forgotten `finish`
 * is noticed (after another exception `use` suppresses it). [abort] gives it up on purpose.
 *
 * Small writes are gathered. Threads wait for each other; any may close it.
 */
class MessageOutputStream internal constructor(
    private val open: () -> OutputStream,
    private val update: (ByteArray) -> ByteArray,
    private val end: () -> ByteArray,
    private val native: AutoCloseable,
    private val plain: Boolean = false,
) : OutputStream() {
    private val gathered = ByteArray(GATHERED)
    private var count = 0
    private var failure: Throwable? = null

    @Volatile
    private var sink: OutputStream? = null

    @Volatile
    private var finished = false

    @Volatile
    private var closed = false

    /** Into a stream that is open, and is closed in any case. */
    internal fun into(sink: OutputStream) = apply { this.sink = sink }

    private fun ready() {
        if (closed) throw IOException("the stream is closed")
        failure?.let { throw IOException("the stream failed before, and takes no more", it) }
        if (finished) throw IOException("the message is finished, and takes no more")
    }

    /** Whatever fails leaves a hole in the message, after which nothing may follow. */
    private inline fun <T> deadOnFailure(work: () -> T): T =
        try {
            work()
        } catch (error: Throwable) {
            failure = error
            throw error
        }

    private fun target(): OutputStream = sink ?: open().also {
        sink = it
        if (closed) throw IOException("the stream was closed meanwhile")
    }

    private fun pass(transform: () -> ByteArray) {
        val output = failing(transform)
        if (output.isEmpty()) return
        try {
            target().write(output)
        } finally {
            if (plain) output.fill(0) // a plaintext
        }
    }

    private fun passGathered() {
        if (count == 0) return
        val piece = gathered.copyOf(count)
        gathered.fill(0, 0, count)
        count = 0
        pass { update(piece) }
        piece.fill(0)
    }

    override fun write(byte: Int): Unit = synchronized(native) {
        ready()
        deadOnFailure { if (count == GATHERED) passGathered() }
        gathered[count++] = byte.toByte()
    }

    override fun write(source: ByteArray, offset: Int, length: Int): Unit = synchronized(native) {
        checkRange(source, offset, length)
        ready()
        deadOnFailure {
            if (length > GATHERED - count) passGathered()
            if (length <= GATHERED - count) {
                source.copyInto(gathered, count, offset, offset + length)
                count += length
                return
            }
            var start = offset
            while (start < offset + length) {
                val piece = source.copyOfRange(start, start + minOf(CHUNK, offset + length - start))
                pass { update(piece) }
                start += piece.size
                piece.fill(0)
            }
        }
    }

    /** Passes on what was gathered, and flushes the stream below; the frame that has begun is held until it is whole. */
    override fun flush(): Unit = synchronized(native) {
        if (closed || finished) return
        ready()
        deadOnFailure {
            passGathered()
            sink?.flush()
        }
    }

    /**
     * Ends the message: an encrypted one is whole now, and of one that was decrypted or re-encrypted the end was verified. The
     * stream below is flushed and stays open until [close]. To finish again does nothing.
     *
     * @throws IOException where something failed, now or before: then the message is not whole.
     */
    fun finish(): Unit = synchronized(native) {
        if (finished && !closed) return
        ready()
        deadOnFailure {
            passGathered()
            pass(end)
            target().flush()
        }
        finished = true
    }

    /** Closes the stream below, too. Before [finish] it gives the message up, and throws. */
    override fun close() {
        if (closed) return
        abort()
        if (!finished && failure == null) {
            throw IOException("closed before finish(): the message was given up, and what was written is not whole")
        }
    }

    /**
     * Gives the message up, on purpose: as [close] before [finish], without its complaint. The stream below is closed, too, and an
     * encrypted message that it has will never open. After [finish] there is nothing to give up any more, and it closes only.
     */
    fun abort() {
        if (closed) return
        closed = true
        val open = sink
        try {
            open?.close() // before waiting for a thread that may be writing to it
        } finally {
            synchronized(native) {
                native.close()
                gathered.fill(0)
                if (open == null) sink?.close() // opened meanwhile
            }
        }
    }
}
