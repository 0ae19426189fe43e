import Foundation

// Files, by their URLs. A destination is whole or not there: it is written under a temporary name in its folder.

extension EncryptionClient {
    /// Encrypts a file. `progress` is told how many bytes of how many are done, and ends the work by answering `false`.
    @discardableResult
    public func encryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: EncryptOptions? = nil,
        progress: ((UInt64, UInt64) -> Bool)? = nil
    ) throws -> MessageHeader {
        try encryptPath(
            keyring: keyring, source: source.path, destination: destination.path, options: options,
            progress: progress.map(Told.init))
    }

    /// Decrypts a file. The destination has its name only after the whole message was verified, its signature included.
    @discardableResult
    public func decryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: DecryptOptions? = nil,
        progress: ((UInt64, UInt64) -> Bool)? = nil
    ) throws -> MessageHeader {
        try decryptPath(
            keyring: keyring, source: source.path, destination: destination.path, options: options,
            progress: progress.map(Told.init))
    }
}

/// A closure as the trait. It is called on the caller's own thread, before the call returns.
private final class Told: FileProgress, @unchecked Sendable {
    private let closure: (UInt64, UInt64) -> Bool

    init(_ closure: @escaping (UInt64, UInt64) -> Bool) { self.closure = closure }

    func update(done: UInt64, total: UInt64) -> Bool { closure(done, total) }
}

extension FileError: LocalizedError {
    public var errorDescription: String? {
        switch self {
        case .Message(let details): details.text
        case .Io(let path, let reason): "\(path): \(reason)"
        case .Cancelled: "cancelled"
        }
    }
}
