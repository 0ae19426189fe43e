package pocketkms

import pocketkms.api.*
import java.io.FilterOutputStream
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream

// Messages of any size on the streams of java.io. At most one frame is kept, and after an error a stream is dead. A stream that
// is handed over here is closed with the one that is made of it, and where making it fails.
//
// The end of a message that is written is an act of its own: `finish()`, or the return of a block. `close()` alone gives the
// message up, since the `use` of Kotlin and the `try` of Java close as well where the source has failed.

/**
 * Reads a plaintext as the message that it becomes. Where [plaintext] throws, the message has no end and will never open.
 *
 * @throws KmsException where the keyring gives no data key; [plaintext] is closed then.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.encryptingInputStream(
    keyring: Keyring, plaintext: InputStream, options: EncryptOptions? = null,
): InputStream = plaintext.closedOnFailure { encryptor(keyring, options).let { TransformInputStream(this, it::update, it::finish, it) } }

/**
 * Reads a message as its plaintext, each frame after it was verified. A message that was cut short or altered throws a
 * [MessageIOException] with the [KmsException] as its cause, and never looks like the end of the stream.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.decryptingInputStream(
    keyring: Keyring, message: InputStream, options: DecryptOptions? = null,
): InputStream = message.closedOnFailure { decryptor(keyring, options).let { TransformInputStream(this, it::update, it::finish, it) } }

/**
 * Reads a message as the one that it becomes when it is re-encrypted, with a new data key, for [destination]. What was read
 * is of use only after the end was: before, the old message may lack its end, or have a wrong signature.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.reencryptingInputStream(
    source: Keyring, destination: Keyring, message: InputStream, options: ReencryptOptions? = null,
): InputStream = message.closedOnFailure {
    reencryptor(source, destination, options).let { TransformInputStream(this, it::update, it::finish, it) }
}

/**
 * Encrypts what [write] writes, as a message into [message], and ends it when [write] returns. Where [write] throws, the message
 * has no end and will never open. Streams that [write] puts around its own (`BufferedOutputStream`, `ZipOutputStream`) are to be
 * closed by it. [message] is closed in any case.
 *
 * ```
 * client.encryptTo(keyring, file.outputStream()) { photo.copyTo(it) }
 * ```
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun <T> EncryptionClient.encryptTo(
    keyring: Keyring, message: OutputStream, options: EncryptOptions? = null, write: (OutputStream) -> T,
): T = encryptingOutputStream(keyring, message, options).finishedBy(write)

/**
 * Decrypts the message that [write] writes into [plaintext], each frame after it was verified, and verifies the end when [write]
 * returns: it throws a [MessageIOException] where the message was cut short, and what [plaintext] got is a part only then.
 * [plaintext] is closed in any case.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun <T> EncryptionClient.decryptTo(
    keyring: Keyring, plaintext: OutputStream, options: DecryptOptions? = null, write: (OutputStream) -> T,
): T = decryptingOutputStream(keyring, plaintext, options).finishedBy(write)

/** Re-encrypts the message that [write] writes into [message], otherwise as [encryptTo]. */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun <T> EncryptionClient.reencryptTo(
    source: Keyring, destination: Keyring, message: OutputStream, options: ReencryptOptions? = null, write: (OutputStream) -> T,
): T = reencryptingOutputStream(source, destination, message, options).finishedBy(write)

/**
 * Encrypts all that [plaintext] has into [message], and returns how many bytes that were. The message has its end only if
 * [plaintext] came to its own. [progress] is called with how many bytes are done; what it throws ends the work. Both streams are closed in
 * any case.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.encrypt(
    keyring: Keyring, plaintext: InputStream, message: OutputStream, options: EncryptOptions? = null, progress: ((done: Long) -> Unit)? = null,
): Long = plaintext.transformedBy({ encryptingOutputStream(keyring, message, options) }, progress)

/**
 * Decrypts [message] into [plaintext], each frame after it was verified, and returns how many bytes the message has. Where it throws,
 * [plaintext] got a part only. Otherwise as [encrypt].
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.decrypt(
    keyring: Keyring, message: InputStream, plaintext: OutputStream, options: DecryptOptions? = null, progress: ((done: Long) -> Unit)? = null,
): Long = message.transformedBy({ decryptingOutputStream(keyring, plaintext, options) }, progress)

/** Re-encrypts [message], with a new data key, for [destination]. Otherwise as [encrypt]. */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.reencrypt(
    source: Keyring, destination: Keyring, message: InputStream, reencrypted: OutputStream, options: ReencryptOptions? = null,
    progress: ((done: Long) -> Unit)? = null,
): Long = message.transformedBy({ reencryptingOutputStream(source, destination, reencrypted, options) }, progress)

/**
 * Writes a plaintext as the message that it becomes; [MessageOutputStream.finish] writes its end. [encryptTo] does that by
 * itself.
 *
 * @throws KmsException where the keyring gives no data key; [message] is closed then.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.encryptingOutputStream(
    keyring: Keyring, message: OutputStream, options: EncryptOptions? = null,
): MessageOutputStream = message.closedOnFailure { encryptingOutputStream(keyring, options) { this }.into(this) }

/** The same into a stream that is opened only when there is something to write: a file keeps what it has if the keyring fails. */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.encryptingOutputStream(
    keyring: Keyring, options: EncryptOptions? = null, message: () -> OutputStream,
): MessageOutputStream = encryptor(keyring, options).let { MessageOutputStream(message, it::update, it::finish, it) }

/**
 * Writes a message as its plaintext, each frame after it was verified. [MessageOutputStream.finish] throws where the message
 * was cut short: what was written before is a part only. [decryptTo] does that by itself.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.decryptingOutputStream(
    keyring: Keyring, plaintext: OutputStream, options: DecryptOptions? = null,
): MessageOutputStream = plaintext.closedOnFailure { decryptingOutputStream(keyring, options) { this }.into(this) }

/** The same into a stream that is opened only when the first frame was verified. */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.decryptingOutputStream(
    keyring: Keyring, options: DecryptOptions? = null, plaintext: () -> OutputStream,
): MessageOutputStream = decryptor(keyring, options).let { MessageOutputStream(plaintext, it::update, it::finish, it, plain = true) }

/**
 * Writes a message as the one that it becomes when it is re-encrypted. What was written is of use only after
 * [MessageOutputStream.finish], which throws where the old message was cut short or has a wrong signature.
 */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.reencryptingOutputStream(
    source: Keyring, destination: Keyring, message: OutputStream, options: ReencryptOptions? = null,
): MessageOutputStream = message.closedOnFailure { reencryptingOutputStream(source, destination, options) { this }.into(this) }

/** The same into a stream that is opened only when there is something to write. */
@Throws(IOException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.reencryptingOutputStream(
    source: Keyring, destination: Keyring, options: ReencryptOptions? = null, message: () -> OutputStream,
): MessageOutputStream =
    reencryptor(source, destination, options).let { MessageOutputStream(message, it::update, it::finish, it) }

/** All of a source through a stream, to its end. [check] is asked before each piece is passed on, and before the end is. */
internal fun InputStream.transformedBy(
    open: () -> MessageOutputStream, progress: ((done: Long) -> Unit)?, check: () -> Unit = {},
): Long = closedOnFailure { open() }.use { sink ->
    var done = 0L
    use { source ->
        val piece = ByteArray(CHUNK)
        try {
            while (true) {
                val count = source.receive(piece)
                check()
                if (count < 0) break
                sink.write(piece, 0, count)
                done += count
                progress?.invoke(done)
            }
        } finally {
            piece.fill(0)
        }
    }
    check()
    sink.finish()
    done
}

/** A stream that was handed over does not leak where [make] fails. */
internal inline fun <S : AutoCloseable, T> S.closedOnFailure(make: S.() -> T): T =
    try {
        make()
    } catch (error: Throwable) {
        try {
            close()
        } catch (second: Throwable) {
            error.addSuppressed(second)
        }
        throw error
    }

/** A failure, as the streams of java.io report it. */
internal inline fun <T> failing(work: () -> T): T =
    try {
        work()
    } catch (error: KmsException) {
        throw MessageIOException(error)
    } catch (error: IllegalStateException) {
        throw IOException("the stream was closed meanwhile", error) // by another thread
    }

/** As everywhere in java.io. `Objects.checkFromIndexSize` came to Android late. */
internal fun checkRange(array: ByteArray, offset: Int, length: Int) {
    if (offset < 0 || length < 0 || length > array.size - offset) {
        throw IndexOutOfBoundsException("offset $offset, length $length, array of ${array.size}")
    }
}

/** The block's own stream: closing it, as wrappers do, neither ends the message nor gives it up. */
private fun <T> MessageOutputStream.finishedBy(write: (OutputStream) -> T): T = use { stream ->
    val inner = object : FilterOutputStream(stream) {
        private var closed = false

        private fun open() = if (closed) throw IOException("the stream is closed") else stream

        override fun write(byte: Int) = open().write(byte)

        override fun write(source: ByteArray, offset: Int, length: Int) = open().write(source, offset, length)

        override fun flush() {
            if (!closed) stream.flush()
        }

        override fun close() {
            closed = true
        }
    }
    write(inner).also { stream.finish() }
}
