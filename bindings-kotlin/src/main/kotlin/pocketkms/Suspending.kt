package pocketkms

import java.io.Closeable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withContext

/**
 * Blocking work on [dispatcher]. A cancelled coroutine interrupts its thread and closes [handedOver], which ends a read that waits.
 *
 * The outcome is carried out by hand: coroutines copy exceptions to add a stack trace to them, where a caller is to get the very object
 * that was thrown; and they throw the cancellation that came after the work was done.
 */
internal suspend fun <T> blocking(dispatcher: CoroutineDispatcher, vararg handedOver: Closeable, work: () -> T): T {
    var outcome: Result<T>? = null
    try {
        withContext(dispatcher) {
            // On a thread of its own: the dispatcher may have just the one that waits, and the one that cancels may be the main thread.
            val watcher = if (handedOver.isEmpty()) null else launch(closing, CoroutineStart.UNDISPATCHED) {
                try { awaitCancellation() } finally { handedOver.forEach(::closeQuietly) }
            }
            runInterruptible { outcome = runCatching(work) }
            watcher?.cancel()
        }
    } catch (cancelled: CancellationException) {
        if (outcome?.isSuccess != true) throw cancelled
    } finally {
        handedOver.forEach(::closeQuietly) // where it never began
    }
    val result = outcome!!
    // What fails in a coroutine that was cancelled fails for that reason: its stream was closed, its thread interrupted.
    if (result.exceptionOrNull() is Exception) currentCoroutineContext().ensureActive()
    return result.getOrThrow()
}

private fun closeQuietly(it: Closeable) {
    runCatching(it::close)
}

/** Threads beside those of [Dispatchers.IO], all of which may be in reads that wait to be closed. */
@OptIn(ExperimentalCoroutinesApi::class)
private val closing = Dispatchers.IO.limitedParallelism(4)

/** One of the native streams, by its functions. */
internal class Transformation(val update: (ByteArray) -> ByteArray, val finish: () -> ByteArray, val native: AutoCloseable)

/** The flow's own code stays in its collector's context, as that of every flow: only the native calls change the thread. */
internal fun transformed(dispatcher: CoroutineDispatcher, source: Flow<ByteArray>, open: () -> Transformation): Flow<ByteArray> = flow {
    val stream = blocking(dispatcher, work = open)
    stream.native.use {
        source.collect { piece ->
            var start = 0
            while (start < piece.size) {
                val part = piece.copyOfRange(start, minOf(piece.size, start + CHUNK))
                start += part.size
                val made = blocking(dispatcher) { stream.update(part) }
                part.fill(0)
                if (made.isNotEmpty()) emit(made)
            }
        }
        val end = blocking(dispatcher) { stream.finish() }
        if (end.isNotEmpty()) emit(end)
    }
}
