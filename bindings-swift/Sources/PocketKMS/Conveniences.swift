import Foundation

extension RootKey {
    /// A passphrase, as the UTF-8 bytes of the text as it is. Normalise it before, where users type it on different
    /// systems: `"é"` may be one character or two.
    public static func fromPassphrase(
        _ passphrase: String, cost: Argon2Cost? = nil, maxCost: Argon2Cost? = nil, seconds: TimeInterval? = nil
    ) throws -> RootKey {
        try fromPassphrase(passphrase: Data(passphrase.utf8), cost: cost, maxCost: maxCost, seconds: seconds)
    }
}

extension Date {
    /// Milliseconds since 1970 for the core: those beyond its range, and what is no number, as the core takes them from JSON.
    var wholeMilliseconds: Int64 {
        let millis = (timeIntervalSince1970 * 1000).rounded()
        return Int64(exactly: millis) ?? (millis.isNaN ? 0 : millis < 0 ? .min : .max)
    }
}
