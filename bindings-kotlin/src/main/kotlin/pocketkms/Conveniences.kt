package pocketkms

import java.time.Instant
import pocketkms.api.Argon2Cost

/**
 * A passphrase, as the UTF-8 bytes of the text as it is. Normalise it before, where users type it on different systems:
 * `"é"` may be one character or two.
 */
@Throws(KmsException::class)
@JvmOverloads
fun RootKey.Companion.fromPassphrase(
    passphrase: String, cost: Argon2Cost? = null, maxCost: Argon2Cost? = null, seconds: Double? = null,
): RootKey = fromPassphrase(utf8(passphrase), cost, maxCost, seconds)

/** `String.toByteArray` makes a question mark of half of a surrogate pair: many passphrases would be one. */
private fun utf8(text: String): ByteArray = FfiConverterString.toUtf8(text).run { ByteArray(remaining()).also(::get) }

/** `Instant.toEpochMilli` throws for dates beyond the range of milliseconds, which the vault clamps to its own anyway. */
internal fun epochMillis(date: Instant): Long =
    if (date.epochSecond in -MAX_SECONDS..MAX_SECONDS) date.toEpochMilli() else if (date.epochSecond < 0) Long.MIN_VALUE else Long.MAX_VALUE

private const val MAX_SECONDS = Long.MAX_VALUE / 1000 - 1
