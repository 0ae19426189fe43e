package android.media

import java.io.Closeable

abstract class MediaDataSource : Closeable {
    abstract fun readAt(position: Long, buffer: ByteArray, offset: Int, size: Int): Int
    abstract fun getSize(): Long
}
