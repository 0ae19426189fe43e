package pocketkms

import pocketkms.api.*
import java.io.File

// Files. A destination is whole or not there: it is written under a temporary name in its folder. What a progress callback
// throws ends the work, and is thrown to the caller.

/**
 * Encrypts a file. [progress] is called with how many bytes of how many are done, and ends the work by returning `false`; then a
 * [FileException.Cancelled] is thrown.
 */
@Throws(FileException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.encryptFile(
    keyring: Keyring, source: File, destination: File, options: EncryptOptions? = null,
    progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader = reporting(progress) { encryptPath(keyring, source.path, destination.path, options, it) }

/**
 * Decrypts a file. The destination has its name only after the whole message was verified, its signature included.
 * [progress] as for [encryptFile].
 */
@Throws(FileException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.decryptFile(
    keyring: Keyring, source: File, destination: File, options: DecryptOptions? = null,
    progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader = reporting(progress) { decryptPath(keyring, source.path, destination.path, options, it) }

/**
 * Re-encrypts a stored message, with a new data key, for the keys of [destinationKeyring]. A sidecar beside the source is
 * taken from there; the new message needs none. [progress] as for [encryptFile].
 */
@Throws(FileException::class, KmsException::class)
@JvmOverloads
fun EncryptionClient.reencryptFile(
    sourceKeyring: Keyring, destinationKeyring: Keyring, source: File, destination: File,
    options: ReencryptOptions? = null, progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader =
    reporting(progress) { reencryptPath(sourceKeyring, destinationKeyring, source.path, destination.path, options, it) }

/**
 * Rewraps these files, each a regular one: symbolic links are not followed. [progress] is called with each, and ends the batch by
 * returning `false`; what is done is done.
 */
@Throws(FileException::class, KmsException::class)
@JvmOverloads
fun RewrapBatch.files(paths: Iterable<File>, progress: ((RewrappedFile) -> Boolean)? = null): RewrapReport =
    reportingEach(progress) { filesByPath(paths.map(File::getPath), it) }

/**
 * Rewraps all files in a directory and those below it. Symbolic links are not followed, sidecars belong to their messages,
 * and what is no message, or no regular file, is skipped. [progress] as for [files].
 */
@Throws(FileException::class, KmsException::class)
@JvmOverloads
fun RewrapBatch.directory(path: File, progress: ((RewrappedFile) -> Boolean)? = null): RewrapReport =
    reportingEach(progress) { directoryByPath(path.path, it) }

/**
 * Removes what killed processes left under temporary names in a directory, and returns how many files that were: a file that was
 * being decrypted is plaintext there. What a living process writes stays. A batch does this by itself.
 */
fun removeAbandoned(directory: File): Long = removeAbandonedByPath(directory.path)

private fun reporting(
    progress: ((Long, Long) -> Boolean)?, work: (FileProgress?) -> MessageHeader,
): MessageHeader = work(
    progress?.let {
        object : FileProgress {
            override fun update(done: Long, total: Long) = it(done, total)
        }
    },
)

private fun reportingEach(progress: ((RewrappedFile) -> Boolean)?, work: (RewrapProgress?) -> RewrapReport): RewrapReport = work(
    progress?.let {
        object : RewrapProgress {
            override fun update(file: RewrappedFile) = it(file)
        }
    },
)
