package pocketkms

import java.io.IOException

// What every exception tells, whichever it is. Its `message` is all of it as one text.

/** The exception's name, as AWS writes it: `NotFoundException`. */
val KmsException.name: String get() = details().name

/** What went wrong in detail, for the developer of the same process only. */
val KmsException.explanation: String? get() = details().explanation

/** A number that stays the same in every version and language. */
val KmsException.code: Int get() = details().code

/** The HTTP status that AWS KMS answers with. */
val KmsException.httpStatus: Int get() = details().httpStatus

/** The errors that led to this one, the nearest first. */
val KmsException.causes: List<String> get() = details().causes

/**
 * What the streams and channels of this package throw where PocketKMS fails: code that works with streams expects an
 * [IOException]. What failed is the [cause], and the message is the cause's.
 */
class MessageIOException internal constructor(override val cause: KmsException) : IOException(cause.message, cause)

/** A panic of the library, or a fault of these bindings. */
internal fun internalError(explanation: String): KmsException {
    val (name, message) = "KMSInternalException" to "an internal error"
    return KmsException.KmsInternal(ErrorDetails(name, message, explanation, 16, 500, emptyList(), "$name: $message"))
}

/** For text that UTF-8 cannot express, wherever it is given: ids, contexts, paths. */
internal fun malformedText(): KmsException {
    val (name, message) = "ValidationException" to "a text contains half of a surrogate pair, which is no character"
    return KmsException.Validation(ErrorDetails(name, message, null, 23, 400, emptyList(), "$name: $message"))
}

/** What is thrown where an object is used, or given to a call, after `close()`. */
internal fun closedObject(it: Any): IllegalStateException = IllegalStateException("this ${it.javaClass.simpleName} is closed")

/** What an app threw, as text that UTF-8 can express. */
internal fun thrownText(error: Throwable): String =
    try {
        String(error.stackTraceToString().toByteArray())
    } catch (_: Throwable) {
        error.javaClass.name
    }
