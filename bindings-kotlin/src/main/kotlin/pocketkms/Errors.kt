package pocketkms

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
