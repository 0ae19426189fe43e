package pocketkms.android

import android.media.MediaDataSource
import java.nio.ByteBuffer
import java.nio.channels.SeekableByteChannel
import pocketkms.decryptingChannel

/**
 * The plaintext of a message for `MediaPlayer`, `MediaExtractor` and `MediaMetadataRetriever`, which read and search it without a decrypted file.
 * [plaintext] is what [decryptingChannel] gives; it is closed with this.
 *
 * Made with larger frames than usual (`EncryptOptions(frameLength = 65536)`, say), a video has fewer of them to be asked for.
 */
class MessageMediaDataSource(private val plaintext: SeekableByteChannel) : MediaDataSource() {
    /** As many bytes as are there: some extractors take fewer for the end. */
    override fun readAt(position: Long, buffer: ByteArray, offset: Int, size: Int): Int = synchronized(plaintext) {
        if (size == 0) return 0
        val target = ByteBuffer.wrap(buffer, offset, size)
        plaintext.position(position)
        while (target.hasRemaining() && plaintext.read(target) >= 0) { /* on */ }
        (target.position() - offset).takeIf { it > 0 } ?: -1
    }

    /** The length of the plaintext, verified. */
    override fun getSize(): Long = plaintext.size()

    override fun close(): Unit = plaintext.close()
}
