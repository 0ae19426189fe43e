package androidx.media3.common

object C {
    const val LENGTH_UNSET = -1
    const val RESULT_END_OF_INPUT = -1
}

class PlaybackException {
    companion object {
        const val ERROR_CODE_IO_READ_POSITION_OUT_OF_RANGE = 2008
    }
}
