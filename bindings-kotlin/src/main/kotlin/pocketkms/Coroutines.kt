package pocketkms

import java.io.File
import java.io.InputStream
import java.io.OutputStream
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.isActive
import pocketkms.api.*

/**
 * An [EncryptionClient] for coroutines: [EncryptionClient.coroutines] makes it. The work is done on [dispatcher], and ends where the
 * coroutine is cancelled: before the keyring is asked, in a callback of the app (whose thread is interrupted), while a stream waits
 * (it is closed), after each piece.
 *
 * **A function that returned has done all of it, and one that threw has left nothing whole**: no message that opens, no file under its name.
 * So it returns, and does not throw the cancellation, where that comes when the message already has its end.
 *
 * What an app's own code throws, in a stream, in a keyring or in `progress`, is thrown as it is: the same object.
 */
class CoroutineEncryptionClient internal constructor(
    private val client: EncryptionClient,
    private val dispatcher: CoroutineDispatcher,
) {
    /** How far a file is. The last one has `done == total`, and comes before the file has its name. */
    class Progress internal constructor(val done: Long, val total: Long) {
        override fun toString() = "$done of $total bytes"
    }

    /** [EncryptionClient.encrypt], for what is too large for the main thread. */
    suspend fun encrypt(keyring: Keyring, plaintext: ByteArray, options: EncryptOptions? = null): Encrypted =
        blocking(dispatcher) { client.encrypt(keyring, plaintext, options) }

    /** [EncryptionClient.decrypt], for what is too large for the main thread. */
    suspend fun decrypt(keyring: Keyring, message: ByteArray, options: DecryptOptions? = null): Decrypted =
        blocking(dispatcher) { client.decrypt(keyring, message, options) }

    /**
     * Encrypts all that [plaintext] has into [message], and returns how many bytes that were. [progress] is called with how many are done.
     * Both streams are closed in any case, on cancellation at once, which ends a read that waits.
     */
    suspend fun encrypt(
        keyring: Keyring, plaintext: InputStream, message: OutputStream, options: EncryptOptions? = null, progress: ((done: Long) -> Unit)? = null,
    ): Long = copying(plaintext, message, progress) { client.encryptingOutputStream(keyring, message, options) }

    /**
     * Decrypts [message] into [plaintext], each frame after it was verified, and returns how many bytes the message has. Where it throws,
     * [plaintext] got a part only, and is of no use. Otherwise as [encrypt].
     */
    suspend fun decrypt(
        keyring: Keyring, message: InputStream, plaintext: OutputStream, options: DecryptOptions? = null, progress: ((done: Long) -> Unit)? = null,
    ): Long = copying(message, plaintext, progress) { client.decryptingOutputStream(keyring, plaintext, options) }

    /** Re-encrypts [message], with a new data key, for [destination]. Otherwise as [encrypt]. */
    suspend fun reencrypt(
        source: Keyring, destination: Keyring, message: InputStream, reencrypted: OutputStream, options: ReencryptOptions? = null,
        progress: ((done: Long) -> Unit)? = null,
    ): Long = copying(message, reencrypted, progress) { client.reencryptingOutputStream(source, destination, reencrypted, options) }

    /** Encrypts a file: [EncryptionClient.encryptFile]. */
    suspend fun encryptFile(
        keyring: Keyring, source: File, destination: File, options: EncryptOptions? = null, progress: ((done: Long, total: Long) -> Unit)? = null,
    ): MessageHeader = file(progress) { client.encryptFile(keyring, source, destination, options, it) }

    /** Decrypts a file: [EncryptionClient.decryptFile]. */
    suspend fun decryptFile(
        keyring: Keyring, source: File, destination: File, options: DecryptOptions? = null, progress: ((done: Long, total: Long) -> Unit)? = null,
    ): MessageHeader = file(progress) { client.decryptFile(keyring, source, destination, options, it) }

    /** Re-encrypts a file: [EncryptionClient.reencryptFile]. */
    suspend fun reencryptFile(
        sourceKeyring: Keyring, destinationKeyring: Keyring, source: File, destination: File, options: ReencryptOptions? = null,
        progress: ((done: Long, total: Long) -> Unit)? = null,
    ): MessageHeader = file(progress) { client.reencryptFile(sourceKeyring, destinationKeyring, source, destination, options, it) }

    /**
     * Encrypts a file, as a flow of how far it is: the work begins with each collection, ends with its cancellation, and the flow ends
     * when the file is there. A slow collector misses what is old by then, never the end.
     */
    fun encryptingFile(keyring: Keyring, source: File, destination: File, options: EncryptOptions? = null): Flow<Progress> =
        progressing { encryptFile(keyring, source, destination, options, it) }

    /** Decrypts a file, as a flow of how far it is: as [encryptingFile]. */
    fun decryptingFile(keyring: Keyring, source: File, destination: File, options: DecryptOptions? = null): Flow<Progress> =
        progressing { decryptFile(keyring, source, destination, options, it) }

    /** Re-encrypts a file, as a flow of how far it is: as [encryptingFile]. */
    fun reencryptingFile(
        sourceKeyring: Keyring, destinationKeyring: Keyring, source: File, destination: File, options: ReencryptOptions? = null,
    ): Flow<Progress> = progressing { reencryptFile(sourceKeyring, destinationKeyring, source, destination, options, it) }

    /**
     * A message, piece by piece, of a plaintext that comes so. It has its end only if [plaintext] came to its own: where that fails, or
     * the collector has had enough, the message never opens. A flow that hides its failure (`catch`) hides it here, too.
     */
    fun encrypt(keyring: Keyring, plaintext: Flow<ByteArray>, options: EncryptOptions? = null): Flow<ByteArray> =
        transformed(dispatcher, plaintext) { client.encryptor(keyring, options).run { Transformation(::update, ::finish, this) } }

    /**
     * The plaintext of a message that comes piece by piece, each frame after it was verified. One that was cut short or altered ends the
     * flow with a [KmsException]; what came before is a part only.
     */
    fun decrypt(keyring: Keyring, message: Flow<ByteArray>, options: DecryptOptions? = null): Flow<ByteArray> =
        transformed(dispatcher, message) { client.decryptor(keyring, options).run { Transformation(::update, ::finish, this) } }

    /** A message as the one that it becomes when it is re-encrypted, with a new data key. What came is of use only after the flow's end. */
    fun reencrypt(source: Keyring, destination: Keyring, message: Flow<ByteArray>, options: ReencryptOptions? = null): Flow<ByteArray> =
        transformed(dispatcher, message) { client.reencryptor(source, destination, options).run { Transformation(::update, ::finish, this) } }

    private suspend fun copying(
        source: InputStream, sink: OutputStream, progress: ((Long) -> Unit)?, open: () -> MessageOutputStream,
    ): Long {
        val caller = currentCoroutineContext()
        return blocking(dispatcher, source, sink) {
            // Asked before the end, above all: a stream that was closed because of the cancellation may say that it has ended.
            source.transformedBy(open, progress) { caller.ensureActive() }
        }
    }

    private suspend fun file(progress: ((Long, Long) -> Unit)?, work: (progress: (Long, Long) -> Boolean) -> MessageHeader): MessageHeader {
        val caller = currentCoroutineContext()
        return blocking(dispatcher) {
            work { done, total ->
                progress?.invoke(done, total)
                caller.isActive
            }
        }
    }

    private fun progressing(work: suspend (progress: (Long, Long) -> Unit) -> MessageHeader): Flow<Progress> = flow {
        var failure: Throwable? = null // thrown here and not through the channel, which would throw a copy
        emitAll(
            channelFlow {
                try {
                    work { done, total -> trySend(Progress(done, total)) }
                } catch (error: Exception) {
                    if (error is CancellationException) throw error
                    failure = error
                }
            }.conflate(),
        )
        failure?.let { throw it }
    }
}

/** The long calls as `suspend` functions and flows. They block a thread of [dispatcher], never the caller's. */
fun EncryptionClient.coroutines(dispatcher: CoroutineDispatcher = Dispatchers.IO): CoroutineEncryptionClient {
    if (uniffiIsDestroyed) throw closedObject(this)
    return CoroutineEncryptionClient(this, dispatcher)
}
