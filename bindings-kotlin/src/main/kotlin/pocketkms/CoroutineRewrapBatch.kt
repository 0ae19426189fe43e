package pocketkms

import java.io.File
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive

/**
 * A [RewrapBatch] for coroutines: [RewrapBatch.coroutines] makes it. The work is done on [dispatcher]. Where the coroutine is cancelled, the file
 * that is being rewrapped is the last: each is the old one or the new one, whole, and a batch that is started again goes on with the rest.
 * What an app's own code throws, in a keyring or in `progress`, is thrown as it is: the same object.
 */
class CoroutineRewrapBatch internal constructor(private val batch: RewrapBatch, private val dispatcher: CoroutineDispatcher) {
    /** Rewraps these files: [RewrapBatch.files]. */
    suspend fun files(paths: Iterable<File>, progress: ((RewrappedFile) -> Unit)? = null): RewrapReport =
        run(progress) { batch.files(paths, it) }

    /** Rewraps all files in a directory and those below it: [RewrapBatch.directory]. */
    suspend fun directory(path: File, progress: ((RewrappedFile) -> Unit)? = null): RewrapReport =
        run(progress) { batch.directory(path, it) }

    private suspend fun run(
        progress: ((RewrappedFile) -> Unit)?, work: (progress: (RewrappedFile) -> Boolean) -> RewrapReport,
    ): RewrapReport {
        val caller = currentCoroutineContext()
        val report = blocking(dispatcher) {
            work { file ->
                progress?.invoke(file)
                caller.isActive
            }
        }
        if (report.cancelled) caller.ensureActive()
        return report
    }
}

/** The batch as `suspend` functions. They block a thread of [dispatcher], never the caller's. */
fun RewrapBatch.coroutines(dispatcher: CoroutineDispatcher = Dispatchers.IO): CoroutineRewrapBatch = CoroutineRewrapBatch(this, dispatcher)
