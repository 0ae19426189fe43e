import Foundation

/// What every error tells, whichever case it is.
extension KmsError {
    /// The exception's name, as AWS writes it: `NotFoundException`.
    public var name: String { details().name }

    /// What AWS would answer; safe to send to a caller across a trust boundary. Empty for a decryption failure.
    public var message: String { details().message }

    /// What went wrong in detail, for the developer of the same process only.
    public var explanation: String? { details().explanation }

    /// A number that stays the same in every version and language.
    public var code: Int { Int(details().code) }

    /// The HTTP status that AWS KMS answers with.
    public var httpStatus: Int { Int(details().httpStatus) }

    /// The errors that led to this one, the nearest first.
    public var causes: [String] { details().causes }
}

extension KmsError: CustomStringConvertible {
    public var description: String { details().text }
}

extension KmsError: LocalizedError {
    public var errorDescription: String? { details().text }
    public var failureReason: String? { explanation }
}

/// For code that sees an `NSError`.
extension KmsError: CustomNSError {
    public static var errorDomain: String { "PocketKMS" }
    public var errorCode: Int { code }
    public var errorUserInfo: [String: Any] {
        [NSLocalizedDescriptionKey: description, NSLocalizedFailureReasonErrorKey: explanation].compactMapValues { $0 }
    }
}
