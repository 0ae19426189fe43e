package pocketkms

import java.util.concurrent.CancellationException

// What an app's code throws while the library asks it goes through Rust as a handle, in an error that carries it, and is thrown
// by the call that led there: the very same object, whatever it is.

private class Holder(val thrown: Throwable) : ThrownHolder {
    override fun text() = thrownText(thrown)

    // A coroutine or a thread was told to stop, or the JVM cannot go on (OutOfMemoryError).
    override fun isCancellation() = thrown is CancellationException || thrown is InterruptedException || thrown is Error
}

/** A handle for Rust, which gives it back when it is done with the error. */
internal fun held(thrown: Throwable): Long = FfiConverterTypeThrownHolder.lower(Holder(thrown))

internal fun heldBy(handle: Long): Throwable = (FfiConverterTypeThrownHolder.lift(handle) as Holder).thrown

/** The error that carries what an app threw: a [KmsException] as what it is, anything else as a key that cannot be had. */
internal fun carrying(thrown: Throwable): KmsException {
    if (thrown is KmsException) {
        try {
            return thrown.withOrigin(thrown)
        } catch (_: PocketKmsException) {
            // It has half of a surrogate pair in it, which cannot cross.
        }
    }
    val details = ErrorDetails(message = "the app's own code failed", explanation = thrownText(thrown))
    return KmsException.KeyUnavailable(details).withOrigin(thrown)
}

/**
 * What is to be thrown for an error: what it carries, if it does. Where several data keys were tried, what the app threw at the first is the
 * cause, and at others what was suppressed.
 */
internal fun original(error: Exception): Throwable {
    if (error !is PocketKmsException) return error
    error.origin?.let { return it }
    val origins = error.attempts.mapNotNull { it.error?.origin }.distinctBy { System.identityHashCode(it) }
    origins.firstOrNull()?.let(error::initCause)
    origins.drop(1).forEach(error::addSuppressed)
    return error
}

/** What an app threw, and what led to it, as text that UTF-8 can express. */
internal fun thrownText(thrown: Throwable): String =
    try {
        val chain = generateSequence(thrown) { it.cause }.take(10).joinToString("; Caused by: ")
        String(chain.toByteArray())
    } catch (_: Throwable) {
        thrown.javaClass.name
    }
