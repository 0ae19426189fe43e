package pocketkms

import java.io.IOException
import java.io.InputStream

/** A message that is made, or opened, as it is read. Threads wait for each other; any may close it. */
internal class TransformInputStream(
    private val source: InputStream,
    private val update: (ByteArray) -> ByteArray,
    private val finish: () -> ByteArray,
    private val native: AutoCloseable,
) : InputStream() {
    private val input = ByteArray(CHUNK)
    private var output = ByteArray(0)
    private var position = 0
    private var ended = false
    private var failure: Throwable? = null

    @Volatile
    private var closed = false

    /** Whether there is something to read. A source that failed is not asked again: what it says next may be its end. */
    private fun fill(): Boolean {
        if (closed) throw IOException("the stream is closed")
        failure?.let { throw IOException("the stream failed before", it) }
        while (position == output.size && !ended) {
            try {
                val count = source.receive(input)
                forget()
                output = failing { if (count < 0) finish() else update(input.copyOf(count)) }
                if (closed) throw IOException("the stream was closed meanwhile")
                ended = count < 0
            } catch (error: Throwable) {
                failure = error
                throw error
            }
        }
        return position < output.size
    }

    /** What was read is overwritten, as far as a virtual machine allows. */
    private fun forget() {
        output.fill(0)
        output = ByteArray(0)
        position = 0
    }

    override fun read(): Int = synchronized(native) { if (fill()) output[position++].toInt() and 0xff else -1 }

    override fun read(target: ByteArray, offset: Int, length: Int): Int = synchronized(native) {
        checkRange(target, offset, length)
        if (length == 0) return 0
        if (!fill()) return -1
        val count = minOf(length, output.size - position)
        output.copyInto(target, offset, position, position + count)
        position += count
        count
    }

    override fun skip(count: Long): Long = synchronized(native) {
        var left = maxOf(count, 0)
        while (left > 0 && fill()) {
            val step = minOf(left, (output.size - position).toLong()).toInt()
            position += step
            left -= step
        }
        maxOf(count, 0) - left
    }

    override fun available(): Int = synchronized(native) {
        if (closed) throw IOException("the stream is closed")
        output.size - position
    }

    override fun close() {
        if (closed) return
        closed = true
        try {
            source.close() // before waiting for a thread that may be reading from it
        } finally {
            synchronized(native) {
                native.close()
                forget()
                input.fill(0)
            }
        }
    }
}

/** How many bytes a source gave, -1 at its end. What a source may not return would be data lost, or a loop. */
internal fun InputStream.receive(input: ByteArray): Int {
    var count = read(input)
    if (count == 0) { // it may not, but some do: a single byte is waited for
        val byte = read()
        if (byte !in -1..255) throw IOException("the stream below returned $byte for a byte")
        if (byte >= 0) input[0] = byte.toByte()
        count = if (byte < 0) -1 else 1
    }
    if (count !in -1..input.size) throw IOException("the stream below returned $count for ${input.size} bytes")
    return count
}
