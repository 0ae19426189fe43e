/** As much of Media3 as src/android names; what its BaseDataSource tells its listeners is counted. */
package androidx.media3.datasource

import android.net.Uri
import java.io.IOException

interface DataReader {
    fun read(buffer: ByteArray, offset: Int, length: Int): Int
}

interface DataSource : DataReader {
    fun interface Factory {
        fun createDataSource(): DataSource
    }

    fun open(dataSpec: DataSpec): Long
    fun getUri(): Uri?
    fun close()
}

class DataSpec(@JvmField val uri: Uri, @JvmField val position: Long = 0, @JvmField val length: Long = -1)

class DataSourceException(@JvmField val reason: Int) : IOException()

abstract class BaseDataSource protected constructor(isNetwork: Boolean) : DataSource {
    val events = mutableListOf<String>()

    init {
        check(!isNetwork)
    }

    protected fun transferInitializing(@Suppress("UNUSED_PARAMETER") dataSpec: DataSpec) {
        events += "initializing"
    }

    protected fun transferStarted(@Suppress("UNUSED_PARAMETER") dataSpec: DataSpec) {
        events += "started"
    }

    protected fun bytesTransferred(count: Int) {
        check("started" in events && count > 0)
    }

    protected fun transferEnded() {
        check("started" in events)
        events += "ended"
    }
}
