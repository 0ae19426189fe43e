package pocketkms.media3

import android.net.Uri
import androidx.media3.common.C
import androidx.media3.common.PlaybackException
import androidx.media3.datasource.BaseDataSource
import androidx.media3.datasource.DataSource
import androidx.media3.datasource.DataSourceException
import androidx.media3.datasource.DataSpec
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.SeekableByteChannel
import pocketkms.MessageIOException
import pocketkms.PocketKmsException

/**
 * The plaintext of messages for Media3's ExoPlayer, which searches them without a decrypted file. [Factory] makes it:
 *
 * ```
 * val factory = MessageDataSource.Factory { uri -> client.decryptingChannel(keyring, File(uri.path!!)) }
 * ExoPlayer.Builder(context).setMediaSourceFactory(ProgressiveMediaSource.Factory(factory)).build()
 * ```
 *
 * What fails is an [IOException], as Media3 expects it: of PocketKMS a [MessageIOException], whose `cause` it is.
 */
class MessageDataSource internal constructor(private val source: Source) : BaseDataSource(/* isNetwork = */ false) {
    /** Opens a message: called on the player's loading thread, once for each place that it jumps to. */
    fun interface Source {
        @Throws(IOException::class)
        fun open(uri: Uri): SeekableByteChannel
    }

    /** For `ProgressiveMediaSource.Factory` and the like. */
    class Factory(private val source: Source) : DataSource.Factory {
        override fun createDataSource(): MessageDataSource = MessageDataSource(source)
    }

    private var plaintext: SeekableByteChannel? = null
    private var uri: Uri? = null
    private var remaining = 0L
    private var started = false

    override fun open(dataSpec: DataSpec): Long {
        transferInitializing(dataSpec)
        uri = dataSpec.uri
        val channel = try {
            source.open(dataSpec.uri)
        } catch (error: PocketKmsException) {
            throw IOException(error.message, error)
        }
        plaintext = channel
        val rest = channel.size() - dataSpec.position
        if (rest < 0) throw DataSourceException(PlaybackException.ERROR_CODE_IO_READ_POSITION_OUT_OF_RANGE)
        channel.position(dataSpec.position)
        remaining = if (dataSpec.length == UNSET) rest else minOf(rest, dataSpec.length)
        started = true
        transferStarted(dataSpec)
        return if (dataSpec.length == UNSET) rest else dataSpec.length
    }

    override fun read(buffer: ByteArray, offset: Int, length: Int): Int {
        if (length == 0) return 0
        if (remaining == 0L) return C.RESULT_END_OF_INPUT
        val target = ByteBuffer.wrap(buffer, offset, minOf(length.toLong(), remaining).toInt())
        val count = (plaintext ?: throw IOException("it is not open")).read(target)
        if (count < 0) throw IOException("the message ended before its length")
        remaining -= count
        bytesTransferred(count)
        return count
    }

    override fun getUri(): Uri? = uri

    override fun close() {
        uri = null
        remaining = 0
        try {
            plaintext?.close()
        } finally {
            plaintext = null
            if (started) {
                started = false
                transferEnded()
            }
        }
    }

    private companion object {
        const val UNSET = C.LENGTH_UNSET.toLong()
    }
}
