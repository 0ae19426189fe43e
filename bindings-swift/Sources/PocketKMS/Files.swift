import Foundation

// Files, by their URLs. A destination is whole or not there: it is written under a temporary name in its folder. What a
// progress closure throws ends the work, and is thrown to who called.

extension EncryptionClient {
    /// Encrypts a file. `progress` is told how many bytes of how many are done, and ends the work by answering `false`.
    @discardableResult
    public func encryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: EncryptOptions? = nil,
        progress: ((UInt64, UInt64) throws -> Bool)? = nil
    ) throws -> MessageHeader {
        try telling(progress) {
            try encryptPath(
                keyring: keyring, source: source.path, destination: destination.path, options: options, progress: $0)
        }
    }

    /// Decrypts a file. The destination has its name only after the whole message was verified, its signature included.
    @discardableResult
    public func decryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: DecryptOptions? = nil,
        progress: ((UInt64, UInt64) throws -> Bool)? = nil
    ) throws -> MessageHeader {
        try telling(progress) {
            try decryptPath(
                keyring: keyring, source: source.path, destination: destination.path, options: options, progress: $0)
        }
    }

    /// Encrypts a stored message anew, with a new data key, for the destination's keys. A sidecar beside the source is taken
    /// from there; the new message needs none.
    @discardableResult
    public func reencryptFile(
        at source: URL, to destination: URL, sourceKeyring: Keyring, destinationKeyring: Keyring,
        options: ReencryptOptions? = nil, progress: ((UInt64, UInt64) throws -> Bool)? = nil
    ) throws -> MessageHeader {
        try telling(progress) {
            try reencryptPath(
                sourceKeyring: sourceKeyring, destinationKeyring: destinationKeyring, source: source.path,
                destination: destination.path, options: options, progress: $0)
        }
    }
}

extension RewrapBatch {
    /// Rewraps these files, each a regular one: symbolic links are not followed. `progress` is told of each, and ends the
    /// batch by answering `false`; what is done is done.
    @discardableResult
    public func files(_ paths: [URL], progress: ((RewrappedFile) throws -> Bool)? = nil) throws -> RewrapReport {
        let told = progress.map(ToldOfFiles.init)
        let report = try filesByPath(paths: paths.map(\.path), progress: told)
        if let thrown = told?.thrown { throw thrown }
        return report
    }

    /// Rewraps all files in a directory and those below it. Symbolic links are not followed, sidecars belong to their
    /// messages, and what is no message, or no regular file, is skipped.
    @discardableResult
    public func directory(_ path: URL, progress: ((RewrappedFile) throws -> Bool)? = nil) throws -> RewrapReport {
        let told = progress.map(ToldOfFiles.init)
        let report = try directoryByPath(path: path.path, progress: told)
        if let thrown = told?.thrown { throw thrown }
        return report
    }
}

/// Removes what killed processes left under temporary names in a directory, and tells how many files that were: a file that
/// was being decrypted is plaintext there. What a living process writes stays. A batch does this by itself.
@discardableResult
public func removeAbandoned(in directory: URL) throws -> UInt64 {
    try removeAbandonedByPath(directory: directory.path)
}

private func telling(
    _ progress: ((UInt64, UInt64) throws -> Bool)?, _ work: ((any FileProgress)?) throws -> MessageHeader
) throws -> MessageHeader {
    let told = progress.map(Told.init)
    do {
        return try work(told)
    } catch FileError.Cancelled {
        throw told?.thrown ?? FileError.Cancelled
    }
}

/// A closure as the trait. It is called on the caller's own thread, before the call returns.
private final class Told: FileProgress, @unchecked Sendable {
    private let closure: (UInt64, UInt64) throws -> Bool
    private(set) var thrown: (any Error)?

    init(_ closure: @escaping (UInt64, UInt64) throws -> Bool) { self.closure = closure }

    func update(done: UInt64, total: UInt64) -> Bool {
        do { return try closure(done, total) } catch { thrown = error }
        return false
    }
}

/// The same for a batch.
private final class ToldOfFiles: RewrapProgress, @unchecked Sendable {
    private let closure: (RewrappedFile) throws -> Bool
    private(set) var thrown: (any Error)?

    init(_ closure: @escaping (RewrappedFile) throws -> Bool) { self.closure = closure }

    func update(file: RewrappedFile) -> Bool {
        do { return try closure(file) } catch { thrown = error }
        return false
    }
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
