// What an app's code throws while the library asks it goes through Rust as a handle, in an error that carries it, and is thrown
// by the call that led there: the very same error, whatever it is.

/// An error that the app's own code threw. Equal to itself alone.
public final class ThrownError: ThrownHolder, Hashable {
    /// What was thrown.
    public let error: any Error

    init(_ error: any Error) { self.error = error }

    public func text() -> String { String(describing: error) }

    public func isCancellation() -> Bool { error is CancellationError }

    static func held(by handle: UInt64) throws -> ThrownError {
        try FfiConverterTypeThrownHolder_lift(handle) as! ThrownError // nothing else is ever given to Rust
    }

    public static func == (one: ThrownError, other: ThrownError) -> Bool { one === other }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension KmsError {
    /// The error that carries what an app threw: a `KmsError` as what it is, anything else as a key that cannot be had.
    static func carrying(_ thrown: any Error) -> KmsError {
        let error = thrown as? KmsError ?? .KeyUnavailable(
            details: ErrorDetails(message: "the app's own code failed", explanation: String(describing: thrown)))
        return error.withOrigin(origin: ThrownError(thrown))
    }
}

/// What is to be thrown for an error: what it carries, if it does.
func original(_ error: any Error) -> any Error { (error as? any PocketKMSError)?.origin ?? error }
