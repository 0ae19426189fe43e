package pocketkms

import java.io.File

// Files. A destination is whole or not there: it is written under a temporary name in its folder. What a progress callback
// throws ends the work, and is thrown to the caller.

/**
 * Encrypts a file. [progress] is told how many bytes of how many are done, and ends the work by answering `false`; then a
 * [FileException.Cancelled] is thrown.
 */
fun EncryptionClient.encryptFile(
    keyring: Keyring, source: File, destination: File, options: EncryptOptions? = null,
    progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader = telling(progress) { encryptPath(keyring, source.path, destination.path, options, it) }

/**
 * Decrypts a file. The destination has its name only after the whole message was verified, its signature included.
 * [progress] as for [encryptFile].
 */
fun EncryptionClient.decryptFile(
    keyring: Keyring, source: File, destination: File, options: DecryptOptions? = null,
    progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader = telling(progress) { decryptPath(keyring, source.path, destination.path, options, it) }

/**
 * Re-encrypts a stored message, with a new data key, for the keys of [destinationKeyring]. A sidecar beside the source is
 * taken from there; the new message needs none. [progress] as for [encryptFile].
 */
fun EncryptionClient.reencryptFile(
    sourceKeyring: Keyring, destinationKeyring: Keyring, source: File, destination: File,
    options: ReencryptOptions? = null, progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader =
    telling(progress) { reencryptPath(sourceKeyring, destinationKeyring, source.path, destination.path, options, it) }

/**
 * Rewraps these files, each a regular one: symbolic links are not followed. [progress] is told of each, and ends the batch by
 * answering `false`; what is done is done.
 */
fun RewrapBatch.files(paths: Iterable<File>, progress: ((RewrappedFile) -> Boolean)? = null): RewrapReport =
    tellingEach(progress) { filesByPath(paths.map(File::getPath), it) }

/**
 * Rewraps all files in a directory and those below it. Symbolic links are not followed, sidecars belong to their messages,
 * and what is no message, or no regular file, is skipped. [progress] as for [files].
 */
fun RewrapBatch.directory(path: File, progress: ((RewrappedFile) -> Boolean)? = null): RewrapReport =
    tellingEach(progress) { directoryByPath(path.path, it) }

/**
 * Removes what killed processes left under temporary names in a directory, and returns how many files that were: a file that was
 * being decrypted is plaintext there. What a living process writes stays. A batch does this by itself.
 */
fun removeAbandoned(directory: File): Long = removeAbandonedByPath(directory.path).toLong()

/** A function of the app, and what it threw: that ends the work. */
private class Told<T>(private val progress: (T) -> Boolean) {
    var thrown: Throwable? = null

    fun update(news: T): Boolean =
        try {
            progress(news)
        } catch (error: Throwable) {
            thrown = error
            false
        }
}

private fun telling(
    progress: ((Long, Long) -> Boolean)?, work: (FileProgress?) -> MessageHeader,
): MessageHeader {
    val told = progress?.let { Told<Pair<Long, Long>> { (done, total) -> it(done, total) } }
    val callback = told?.let {
        object : FileProgress {
            override fun update(done: ULong, total: ULong) = it.update(done.toLong() to total.toLong())
        }
    }
    try {
        return work(callback)
    } catch (error: FileException.Cancelled) {
        throw told?.thrown ?: error
    }
}

private fun tellingEach(progress: ((RewrappedFile) -> Boolean)?, work: (RewrapProgress?) -> RewrapReport): RewrapReport {
    val told = progress?.let(::Told)
    val callback = told?.let {
        object : RewrapProgress {
            override fun update(file: RewrappedFile) = it.update(file)
        }
    }
    val report = work(callback)
    told?.thrown?.let { throw it }
    return report
}
