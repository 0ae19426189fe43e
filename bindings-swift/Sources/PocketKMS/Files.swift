import Foundation

// Files, by their URLs, which must be file URLs: of any other an error is thrown. A destination is whole or not there: it is
// written under a temporary name in its folder. What a progress closure throws ends the work, and is thrown to the caller;
// so does a cancelled task, with `CancellationError`.

extension EncryptionClient {
    /// Encrypts a file. `progress` is called with how many bytes of how many are done, and ends the work by returning
    /// `false`.
    @discardableResult
    public func encryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: EncryptOptions? = nil,
        progress: ((UInt64, UInt64) throws -> Bool)? = nil
    ) throws -> MessageHeader {
        let (source, destination) = try (source.localPath, destination.localPath)
        return try reporting(progress) {
            try encryptPath(
                keyring: keyring, source: source, destination: destination, options: options, progress: $0)
        }
    }

    /// Decrypts a file. The destination has its name only after the whole message was verified, its signature included.
    @discardableResult
    public func decryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: DecryptOptions? = nil,
        progress: ((UInt64, UInt64) throws -> Bool)? = nil
    ) throws -> MessageHeader {
        let (source, destination) = try (source.localPath, destination.localPath)
        return try reporting(progress) {
            try decryptPath(
                keyring: keyring, source: source, destination: destination, options: options, progress: $0)
        }
    }

    /// Re-encrypts a stored message, with a new data key, for the destination's keys. A sidecar beside the source is taken
    /// from there; the new message needs none.
    @discardableResult
    public func reencryptFile(
        at source: URL, to destination: URL, sourceKeyring: Keyring, destinationKeyring: Keyring,
        options: ReencryptOptions? = nil, progress: ((UInt64, UInt64) throws -> Bool)? = nil
    ) throws -> MessageHeader {
        let (source, destination) = try (source.localPath, destination.localPath)
        return try reporting(progress) {
            try reencryptPath(
                sourceKeyring: sourceKeyring, destinationKeyring: destinationKeyring, source: source,
                destination: destination, options: options, progress: $0)
        }
    }
}

extension RewrapBatch {
    /// Rewraps these files, each a regular one: symbolic links are not followed. `progress` is called with each, and ends the
    /// batch by returning `false`; what is done is done.
    @discardableResult
    public func files(_ paths: [URL], progress: ((RewrappedFile) throws -> Bool)? = nil) throws -> RewrapReport {
        let paths = try paths.map { try $0.localPath }
        return try reporting(progress) { try filesByPath(paths: paths, progress: $0) }
    }

    /// Rewraps all files in a directory and those below it. Symbolic links are not followed, sidecars belong to their
    /// messages, and what is no message, or no regular file, is skipped.
    @discardableResult
    public func directory(_ path: URL, progress: ((RewrappedFile) throws -> Bool)? = nil) throws -> RewrapReport {
        let path = try path.localPath
        return try reporting(progress) { try directoryByPath(path: path, progress: $0) }
    }
}

/// Removes what killed processes left under temporary names in a directory, and returns how many files that were: a file that
/// was being decrypted is plaintext there. What a living process writes stays. A batch does this by itself.
@discardableResult
public func removeAbandoned(in directory: URL) throws -> UInt64 {
    try removeAbandonedByPath(directory: directory.localPath)
}

private func reporting(
    _ progress: ((UInt64, UInt64) throws -> Bool)?, _ work: (any FileProgress) throws -> MessageHeader
) throws -> MessageHeader {
    try work(FileClosure(progress))
}

private func reporting(
    _ progress: ((RewrappedFile) throws -> Bool)?, _ work: (any RewrapProgress) throws -> RewrapReport
) throws -> RewrapReport {
    try work(BatchClosure(progress))
}

/// A closure as the trait. It is called on the caller's own thread, before the call returns, so in the caller's task.
private final class FileClosure: FileProgress, @unchecked Sendable {
    private let closure: ((UInt64, UInt64) throws -> Bool)?

    init(_ closure: ((UInt64, UInt64) throws -> Bool)?) { self.closure = closure }

    func update(done: UInt64, total: UInt64) throws -> Bool {
        try Blocking.checkCancellation()
        let goesOn = try closure?(done, total) ?? true
        try Blocking.checkCancellation() // the closure may have been what cancelled
        return goesOn
    }
}

/// The same for a batch.
private final class BatchClosure: RewrapProgress, @unchecked Sendable {
    private let closure: ((RewrappedFile) throws -> Bool)?

    init(_ closure: ((RewrappedFile) throws -> Bool)?) { self.closure = closure }

    func update(file: RewrappedFile) throws -> Bool {
        try Blocking.checkCancellation()
        let goesOn = try closure?(file) ?? true
        try Blocking.checkCancellation()
        return goesOn
    }
}

extension URL {
    /// The path of a file, exactly as the file system has it. Of another URL, or of a name that cannot be passed on as it
    /// is, the path would be that of some other file.
    var localPath: String {
        get throws {
            guard isFileURL, ["", "localhost"].contains(host ?? "") else {
                throw refused("the URL of a local file is needed, such as URL(fileURLWithPath:) makes")
            }
            let bytes = withUnsafeFileSystemRepresentation { start in
                start.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
            }
            let path = String(decoding: bytes, as: UTF8.self)
            // (What Foundation cannot decode, it may leave as it is.)
            guard !bytes.isEmpty, path.utf8.elementsEqual(bytes), !absoluteString.contains("%00") else {
                throw refused("the name of a file must be UTF-8 without a NUL")
            }
            return path
        }
    }

    private func refused(_ message: String) -> FileError {
        .Message(details: KmsError.Validation(details: ErrorDetails(message: message)).details())
    }
}
