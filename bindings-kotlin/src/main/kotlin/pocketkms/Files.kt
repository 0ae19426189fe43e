package pocketkms

import java.io.File

// Files. A destination is whole or not there: it is written under a temporary name in its folder.

/**
 * Encrypts a file. [progress] is told how many bytes of how many are done, and ends the work by answering `false`; then a
 * [FileException.Cancelled] is thrown.
 */
fun EncryptionClient.encryptFile(
    keyring: Keyring, source: File, destination: File, options: EncryptOptions? = null,
    progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader = encryptPath(keyring, source.path, destination.path, options, progress?.let(::Told))

/**
 * Decrypts a file. The destination has its name only after the whole message was verified, its signature included.
 * [progress] as for [encryptFile].
 */
fun EncryptionClient.decryptFile(
    keyring: Keyring, source: File, destination: File, options: DecryptOptions? = null,
    progress: ((done: Long, total: Long) -> Boolean)? = null,
): MessageHeader = decryptPath(keyring, source.path, destination.path, options, progress?.let(::Told))

private class Told(private val progress: (Long, Long) -> Boolean) : FileProgress {
    override fun update(done: ULong, total: ULong) = progress(done.toLong(), total.toLong())
}
