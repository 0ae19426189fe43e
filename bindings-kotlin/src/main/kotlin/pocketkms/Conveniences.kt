package pocketkms

/**
 * A passphrase, as the UTF-8 bytes of the text as it is. Normalise it before, where users type it on different systems:
 * `"é"` may be one character or two.
 */
fun RootKey.Companion.fromPassphrase(passphrase: String, cost: Argon2Cost? = null): RootKey =
    fromPassphrase(passphrase.toByteArray(), cost)
