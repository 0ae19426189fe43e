import Foundation

extension RootKey {
    /// A passphrase, as the UTF-8 bytes of the text as it is. Normalise it before, where users type it on different
    /// systems: `"é"` may be one character or two.
    public static func fromPassphrase(_ passphrase: String, cost: Argon2Cost? = nil) throws -> RootKey {
        try fromPassphrase(passphrase: Data(passphrase.utf8), cost: cost)
    }
}
