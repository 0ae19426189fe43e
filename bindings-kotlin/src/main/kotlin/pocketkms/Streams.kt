package pocketkms

import java.io.FilterInputStream
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream

// Messages of any size on the streams of java.io. At most one frame is kept; after an error a stream is dead.

/** Reads a plaintext as the message that it becomes. */
fun EncryptionClient.encryptingInputStream(
    keyring: Keyring, plaintext: InputStream, options: EncryptOptions? = null,
): InputStream = encryptor(keyring, options).let { TransformInputStream(plaintext, it::update, it::finish, it) }

/**
 * Reads a message as its plaintext, each frame after it was verified. A message that was cut short or altered throws the
 * [KmsException] as the cause of an [IOException], and never looks like the end of the stream.
 */
fun EncryptionClient.decryptingInputStream(
    keyring: Keyring, message: InputStream, options: DecryptOptions? = null,
): InputStream = decryptor(keyring, options).let { TransformInputStream(message, it::update, it::finish, it) }

/** Writes a plaintext as the message that it becomes. [close][OutputStream.close] writes its end. */
fun EncryptionClient.encryptingOutputStream(
    keyring: Keyring, message: OutputStream, options: EncryptOptions? = null,
): OutputStream = encryptor(keyring, options).let { TransformOutputStream(message, it::update, it::finish, it) }

/**
 * Writes a message as its plaintext, each frame after it was verified. [close][OutputStream.close] throws where the
 * message was cut short: what was written before is a part only.
 */
fun EncryptionClient.decryptingOutputStream(
    keyring: Keyring, plaintext: OutputStream, options: DecryptOptions? = null,
): OutputStream = decryptor(keyring, options).let { TransformOutputStream(plaintext, it::update, it::finish, it) }

/**
 * Reads a message as the one that it becomes when it is encrypted anew, with a new data key, for [destination]. What was read
 * is of use only after the end was: before, the old message may lack its end, or have a wrong signature.
 */
fun EncryptionClient.reencryptingInputStream(
    source: Keyring, destination: Keyring, message: InputStream, options: ReencryptOptions? = null,
): InputStream = reencryptor(source, destination, options).let { TransformInputStream(message, it::update, it::finish, it) }

/**
 * Writes a message as the one that it becomes when it is encrypted anew. What was written is of use only after
 * [close][OutputStream.close] returned, which throws where the old message was cut short or has a wrong signature.
 */
fun EncryptionClient.reencryptingOutputStream(
    source: Keyring, destination: Keyring, message: OutputStream, options: ReencryptOptions? = null,
): OutputStream = reencryptor(source, destination, options).let { TransformOutputStream(message, it::update, it::finish, it) }

/** How much is taken at once: several frames, since each call into the library costs the same. */
private const val CHUNK = 1 shl 20

/** A failure, as the streams of java.io tell it. */
internal inline fun <T> failing(work: () -> T): T =
    try {
        work()
    } catch (error: KmsException) {
        throw IOException(error.message, error)
    }

private class TransformInputStream(
    source: InputStream,
    private val update: (ByteArray) -> ByteArray,
    private val finish: () -> ByteArray,
    private val native: AutoCloseable,
) : FilterInputStream(source) {
    private val input = ByteArray(CHUNK)
    private var output = ByteArray(0)
    private var position = 0
    private var ended = false
    private var failure: IOException? = null
    private var closed = false

    /** Whether there is something to read. */
    private fun fill(): Boolean {
        failure?.let { throw IOException(it.message, it) }
        if (closed) throw IOException("the stream is closed")
        while (position == output.size && !ended) {
            val count = super.`in`.read(input)
            try {
                forget()
                output = failing { if (count < 0) finish() else update(input.copyOf(count)) }
            } catch (error: IOException) {
                failure = error
                throw error
            }
            ended = count < 0
        }
        return position < output.size
    }

    /** Plaintext that was read is overwritten, as far as a virtual machine allows. */
    private fun forget() {
        output.fill(0)
        position = 0
    }

    override fun read(): Int = if (fill()) output[position++].toInt() and 0xff else -1

    override fun read(buffer: ByteArray, offset: Int, length: Int): Int {
        if (length == 0) return 0
        if (!fill()) return -1
        val count = minOf(length, output.size - position)
        output.copyInto(buffer, offset, position, position + count)
        position += count
        return count
    }

    override fun skip(count: Long): Long {
        var left = count
        while (left > 0 && fill()) {
            val step = minOf(left, (output.size - position).toLong()).toInt()
            position += step
            left -= step
        }
        return count - maxOf(left, 0)
    }

    override fun available(): Int = output.size - position

    override fun markSupported() = false

    override fun mark(limit: Int) = Unit

    override fun reset() = throw IOException("mark is not supported")

    override fun close() {
        if (closed) return
        closed = true
        forget()
        input.fill(0)
        native.close()
        super.close()
    }
}

private class TransformOutputStream(
    private val sink: OutputStream,
    private val update: (ByteArray) -> ByteArray,
    private val finish: () -> ByteArray,
    private val native: AutoCloseable,
) : OutputStream() {
    private var broken = false
    private var closed = false

    /** What fails leaves the message with a hole: nothing is written after it. */
    private fun writing(work: () -> ByteArray) {
        if (closed) throw IOException("the stream is closed")
        if (broken) throw IOException("the stream failed before, and takes no more")
        broken = true
        val output = failing(work)
        sink.write(output)
        output.fill(0)
        broken = false
    }

    override fun write(byte: Int) = write(byteArrayOf(byte.toByte()), 0, 1)

    override fun write(buffer: ByteArray, offset: Int, length: Int) {
        for (start in offset until offset + length step CHUNK) {
            val end = minOf(start + CHUNK, offset + length)
            val piece = buffer.copyOfRange(start, end)
            writing { update(piece) }
            piece.fill(0)
        }
    }

    /** Flushes what was written; the frame that has begun is held until it is whole. */
    override fun flush() = sink.flush()

    /** After a failure the sink is closed without an end, so that the message is seen to be cut short. */
    override fun close() {
        if (closed) return
        try {
            if (!broken) writing(finish)
        } finally {
            closed = true
            native.close()
            sink.close()
        }
    }
}
