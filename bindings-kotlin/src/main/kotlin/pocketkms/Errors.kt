package pocketkms

import pocketkms.api.ErrorCategory
import java.io.IOException

/**
 * Every exception of PocketKMS: the [KmsException]s, and the [FileException]s of the functions on files.
 *
 * Its [message] and [toString] are safe to show to anyone. What went wrong in detail is the [explanation], for the developer
 * of the same process only: it could help an attacker who probes with altered ciphertexts.
 */
abstract class PocketKmsException internal constructor() : Exception() {
    /** What is known of it. Its `text` is the whole report, explanation and causes included, for a log. */
    abstract fun details(): ErrorDetails

    private val known: ErrorDetails by lazy(LazyThreadSafetyMode.PUBLICATION) {
        // What an app made of half a surrogate pair cannot cross to Rust; an exception still has to say what it is.
        try {
            details()
        } catch (_: PocketKmsException) {
            ErrorDetails(name = "${javaClass.simpleName}Exception", message = "")
        }
    }

    /** The exception's name, as AWS writes it, and AWS's message. All failures of a decryption have the same. */
    override val message: String get() = known.run { if (message.isEmpty()) name else "$name: $message" }

    /** The exception's name, as AWS writes it: `NotFoundException`. */
    val name: String get() = known.name

    /** What went wrong in detail, for the developer of the same process only. */
    val explanation: String? get() = known.explanation

    /** A number that stays the same in every version and language. */
    val code: Int get() = known.code

    /** The HTTP status that AWS KMS answers with. */
    val httpStatus: Int get() = known.httpStatus

    /** What an app does about it, where it has no words of its own for the error. */
    val category: ErrorCategory get() = known.category ?: ErrorCategory.OTHER

    /** The errors that led to this one, the nearest first. */
    val causes: List<String> get() = known.causes

    /**
     * Of a message that could not be opened: each of its encrypted data keys, and why it was not decrypted. One that several
     * keyrings tried comes once for each of them.
     */
    val attempts: List<Attempt> get() = known.attempts

    /** What the app's own code threw, where that is what failed: for an [Attempt] or a file of a batch. */
    val origin: Throwable? get() = known.origin

    /** All of it in lines for a person who looks for the reason, with what this kind of error means. */
    fun describe(): String = known.summary
}

/**
 * What the streams and channels of this package throw where PocketKMS fails: code that works with streams expects an
 * [IOException]. What failed is the [cause], and the message is the cause's, safe to show.
 */
class MessageIOException internal constructor(override val cause: PocketKmsException) : IOException(cause.message, cause)

/** A panic of the library, or a fault of these bindings. */
internal fun internalError(explanation: String): KmsException =
    KmsException.KmsInternal(ErrorDetails(message = "an internal error", explanation = explanation))

/** For text that UTF-8 cannot express, wherever it is given: ids, contexts, paths. */
internal fun malformedText(): KmsException = KmsException.Validation(
    ErrorDetails(message = "a text contains half of a surrogate pair, which is no character"),
)

/** What is thrown where an object is used, or given to a call, after `close()`. */
internal fun closedObject(it: Any): IllegalStateException = IllegalStateException("this ${it.javaClass.simpleName} is closed")
