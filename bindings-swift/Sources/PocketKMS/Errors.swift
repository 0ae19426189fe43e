import Foundation

/// An error of PocketKMS: a `KmsError`, or a `FileError`, whose `Message` is a `KmsError` at a file.
///
/// Its texts (`description`, `debugDescription`, `localizedDescription`, those of the `NSError` it becomes) are the
/// exception's name and the message that AWS would send, and nothing else: they may be shown to anyone who called, and all
/// refused ciphertexts have the same. What went wrong in detail is in members of their own.
public protocol PocketKMSError:
    LocalizedError, CustomNSError, CustomStringConvertible, CustomDebugStringConvertible, Sendable
{
    /// All that is known of the error.
    func details() -> ErrorDetails
}

extension PocketKMSError {
    /// The exception's name, as AWS writes it: `NotFoundException`.
    public var name: String { details().name }

    /// What AWS would answer; safe to send to a caller across a trust boundary. Empty for a decryption failure.
    public var message: String { details().message }

    /// What went wrong in detail, for the developer of the same process only.
    public var explanation: String? { details().explanation }

    /// A number that stays the same in every version and language; 0 where the system or the app itself ended the work.
    public var code: Int { Int(details().code) }

    /// The HTTP status that AWS KMS answers with.
    public var httpStatus: Int { Int(details().httpStatus) }

    /// What an app does about it, where it has no words of its own for the error.
    public var category: ErrorCategory { details().category ?? .other }

    /// The errors that led to this one, each before what led to it in turn, as a log has them: with their explanations.
    public var causes: [String] { details().causes }

    /// Of a message that could not be opened: each of its encrypted data keys, and why it was not decrypted. One that several
    /// keyrings tried comes once for each of them.
    public var attempts: [Attempt] { details().attempts }

    /// What the app's own code threw, where that is what failed: for an `Attempt` or a file of a batch.
    public var origin: (any Error)? { details().origin?.error }

    /// Name, message, explanation and causes as one text, for a log of this process. Never send it to a caller.
    public var report: String { details().text }

    /// All of it in lines for a person who looks for the reason, with what this kind of error means.
    public func describe() -> String { details().summary }

    public var description: String { details().description }
    public var debugDescription: String { description }
    public var errorDescription: String? { description }

    // For code that sees an `NSError`.
    public static var errorDomain: String { "PocketKMS" }
    public var errorCode: Int { code }
    public var errorUserInfo: [String: Any] { [NSLocalizedDescriptionKey: description] }
}

extension KmsError: PocketKMSError {}
extension FileError: PocketKMSError {}

/// Name and message only, like the error's own text.
extension ErrorDetails: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { message.isEmpty ? name : "\(name): \(message)" }
    public var debugDescription: String { description }
}
