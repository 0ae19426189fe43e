import Foundation

extension EncryptionClient {
    /// The long calls as `async` functions. They wait on threads of `queue`, by default of this package's own, never on Swift's.
    public func async(on queue: DispatchQueue? = nil) -> AsyncEncryptionClient {
        AsyncEncryptionClient(client: self, queue: queue)
    }
}

/// An `EncryptionClient` for tasks: `EncryptionClient.async()` makes it. The work ends where the task is cancelled: before the keyring is
/// asked, in a callback of the app (`Blocking`), while a stream waits, after each piece.
///
/// **A function that returned has done all of it, and one that threw has left nothing whole**: no message that opens, no file under its
/// name. So it returns, and does not throw `CancellationError`, where the cancellation comes when the message already has its end.
///
/// What an app's own code throws, in a stream, in a keyring or in `progress`, is thrown as it is.
public struct AsyncEncryptionClient: Sendable {
    let client: EncryptionClient
    let queue: DispatchQueue?

    /// How far a file is. The last one has `done == total`, and comes before the file has its name.
    public struct Progress: Sendable, Hashable {
        /// So many bytes are done.
        public let done: UInt64
        /// Of so many.
        public let total: UInt64
    }

    /// `EncryptionClient.encrypt`, for what is large, and for a keyring that waits.
    public func encrypt(keyring: Keyring, plaintext: Data, options: EncryptOptions? = nil) async throws -> Encrypted {
        try await run { try $0.encrypt(keyring: keyring, plaintext: plaintext, options: options) }
    }

    /// `EncryptionClient.decrypt`, for what is large, and for a keyring that waits.
    public func decrypt(keyring: Keyring, message: Data, options: DecryptOptions? = nil) async throws -> Decrypted {
        try await run { try $0.decrypt(keyring: keyring, message: message, options: options) }
    }

    /// `EncryptionClient.reencrypt`, for what is large, and for keyrings that wait.
    public func reencrypt(
        source: Keyring, destination: Keyring, message: Data, options: ReencryptOptions? = nil
    ) async throws -> Encrypted {
        try await run { try $0.reencrypt(source: source, destination: destination, message: message, options: options) }
    }

    private func run<T: Sendable>(
        _ interrupt: (@Sendable () -> Void)? = nil, _ work: @escaping @Sendable (EncryptionClient) throws -> T
    ) async throws -> T {
        try await Blocking.run(on: queue) { [client] in
            try Cancellation.handling(interrupt ?? {}) { try work(client) }
        }
    }
}

// MARK: - Files

extension AsyncEncryptionClient {
    /// `EncryptionClient.encryptFile`. `progress` is called, on a thread of the queue, with how many bytes of how many are done; what it
    /// throws ends the work.
    @discardableResult
    public func encryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: EncryptOptions? = nil,
        progress: (@Sendable (_ done: UInt64, _ total: UInt64) throws -> Void)? = nil
    ) async throws -> MessageHeader {
        try await run {
            try $0.encryptFile(at: source, to: destination, keyring: keyring, options: options, progress: goingOn(progress))
        }
    }

    /// `EncryptionClient.decryptFile`, otherwise as `encryptFile`.
    @discardableResult
    public func decryptFile(
        at source: URL, to destination: URL, keyring: Keyring, options: DecryptOptions? = nil,
        progress: (@Sendable (_ done: UInt64, _ total: UInt64) throws -> Void)? = nil
    ) async throws -> MessageHeader {
        try await run {
            try $0.decryptFile(at: source, to: destination, keyring: keyring, options: options, progress: goingOn(progress))
        }
    }

    /// `EncryptionClient.reencryptFile`, otherwise as `encryptFile`.
    @discardableResult
    public func reencryptFile(
        at source: URL, to destination: URL, sourceKeyring: Keyring, destinationKeyring: Keyring,
        options: ReencryptOptions? = nil, progress: (@Sendable (_ done: UInt64, _ total: UInt64) throws -> Void)? = nil
    ) async throws -> MessageHeader {
        try await run {
            try $0.reencryptFile(
                at: source, to: destination, sourceKeyring: sourceKeyring, destinationKeyring: destinationKeyring,
                options: options, progress: goingOn(progress))
        }
    }

    /// Encrypts a file, as a sequence of how far it is: the work begins with each iteration, and the sequence ends when the file is there.
    /// A slow reader misses what is old by then, never the end.
    ///
    ///     for try await progress in client.async().encryptingFile(at: video, to: message, keyring: keyring) {
    ///         bar.progress = Float(progress.done) / Float(progress.total)
    ///     }
    public func encryptingFile(
        at source: URL, to destination: URL, keyring: Keyring, options: EncryptOptions? = nil
    ) -> FileWork {
        FileWork { try await encryptFile(at: source, to: destination, keyring: keyring, options: options, progress: $0) }
    }

    /// Decrypts a file, as a sequence of how far it is: as `encryptingFile`.
    public func decryptingFile(
        at source: URL, to destination: URL, keyring: Keyring, options: DecryptOptions? = nil
    ) -> FileWork {
        FileWork { try await decryptFile(at: source, to: destination, keyring: keyring, options: options, progress: $0) }
    }

    /// Re-encrypts a file, as a sequence of how far it is: as `encryptingFile`.
    public func reencryptingFile(
        at source: URL, to destination: URL, sourceKeyring: Keyring, destinationKeyring: Keyring, options: ReencryptOptions? = nil
    ) -> FileWork {
        FileWork {
            try await reencryptFile(
                at: source, to: destination, sourceKeyring: sourceKeyring, destinationKeyring: destinationKeyring,
                options: options, progress: $0)
        }
    }
}

private func goingOn(
    _ progress: (@Sendable (UInt64, UInt64) throws -> Void)?
) -> @Sendable (UInt64, UInt64) throws -> Bool {
    { done, total in
        try progress?(done, total)
        return true
    }
}

// MARK: - Streams

extension AsyncEncryptionClient {
    /// Encrypts what an input stream gives, from where it is up to its end, into an output stream: the message has its end only if the
    /// input came to its own. `progress` is called with how many bytes are done.
    ///
    /// Both streams are used on a thread of the queue, and by no one else meanwhile. Streams of files and memory never wait. Of one that does
    /// (a socket, a pipe, a subclass), Foundation does not say how another thread could end it: `interrupt` does, which is called once the task
    /// is cancelled, on any thread; without it a `read` or `write` that waits is waited for. Otherwise as `EncryptionClient.encrypt`: none is
    /// closed.
    @discardableResult
    public func encrypt(
        _ plaintext: InputStream, to message: OutputStream, keyring: Keyring, options: EncryptOptions? = nil,
        progress: (@Sendable (_ done: UInt64) throws -> Void)? = nil, interrupt: (@Sendable () -> Void)? = nil
    ) async throws -> MessageHeader {
        let streams = HandedOver((plaintext, message))
        return try await run(interrupt) {
            try $0.encrypt(streams.value.0, to: streams.value.1, keyring: keyring, options: options, progress: progress)
        }
    }

    /// Decrypts what an input stream gives, up to its end, into an output stream, each frame after it was verified: after an error what
    /// was written is a part only. Otherwise as `encrypt`.
    @discardableResult
    public func decrypt(
        _ message: InputStream, to plaintext: OutputStream, keyring: Keyring, options: DecryptOptions? = nil,
        progress: (@Sendable (_ done: UInt64) throws -> Void)? = nil, interrupt: (@Sendable () -> Void)? = nil
    ) async throws -> MessageHeader {
        let streams = HandedOver((message, plaintext))
        return try await run(interrupt) {
            try $0.decrypt(streams.value.0, to: streams.value.1, keyring: keyring, options: options, progress: progress)
        }
    }

    /// Re-encrypts what an input stream gives, with a new data key, for the destination. Otherwise as `encrypt`.
    @discardableResult
    public func reencrypt(
        _ message: InputStream, to other: OutputStream, source: Keyring, destination: Keyring,
        options: ReencryptOptions? = nil, progress: (@Sendable (_ done: UInt64) throws -> Void)? = nil,
        interrupt: (@Sendable () -> Void)? = nil
    ) async throws -> MessageHeader {
        let streams = HandedOver((message, other))
        return try await run(interrupt) {
            try $0.reencrypt(
                streams.value.0, to: streams.value.1, source: source, destination: destination, options: options, progress: progress)
        }
    }
}

/// What one thread at a time uses, although its type does not say so.
private struct HandedOver<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

// MARK: - Sequences

extension AsyncEncryptionClient {
    /// `EncryptionClient.encrypt` of a sequence, which asks its keyring on this queue.
    public func encrypt<Base: AsyncSequence>(
        _ plaintext: Base, keyring: Keyring, options: EncryptOptions? = nil
    ) -> EncryptedSequence<Base> where Base.Element == Data {
        client.encrypt(plaintext, keyring: keyring, options: options, on: queue)
    }

    /// `EncryptionClient.decrypt` of a sequence, which asks its keyring on this queue.
    public func decrypt<Base: AsyncSequence>(
        _ message: Base, keyring: Keyring, options: DecryptOptions? = nil
    ) -> DecryptedSequence<Base> where Base.Element == Data {
        client.decrypt(message, keyring: keyring, options: options, on: queue)
    }

    /// `EncryptionClient.reencrypt` of a sequence, which asks its keyrings on this queue.
    public func reencrypt<Base: AsyncSequence>(
        _ message: Base, source: Keyring, destination: Keyring, options: ReencryptOptions? = nil
    ) -> ReencryptedSequence<Base> where Base.Element == Data {
        client.reencrypt(message, source: source, destination: destination, options: options, on: queue)
    }
}

// MARK: - Many files

extension RewrapBatch {
    /// The batch as `async` functions, which wait on threads of `queue`.
    public func async(on queue: DispatchQueue? = nil) -> AsyncRewrapBatch {
        AsyncRewrapBatch(batch: self, queue: queue)
    }
}

/// A `RewrapBatch` for tasks. A cancelled one ends with `CancellationError` after the file that it is at; what is done is done.
public struct AsyncRewrapBatch: Sendable {
    let batch: RewrapBatch
    let queue: DispatchQueue?

    /// `RewrapBatch.files`. `progress` is called with each, on a thread of the queue; what it throws ends the batch.
    @discardableResult
    public func files(
        _ paths: [URL], progress: (@Sendable (RewrappedFile) throws -> Void)? = nil
    ) async throws -> RewrapReport {
        try await Blocking.run(on: queue) { [batch] in try batch.files(paths) { try goingOn(progress, $0) } }
    }

    /// `RewrapBatch.directory`, otherwise as `files`.
    @discardableResult
    public func directory(
        _ path: URL, progress: (@Sendable (RewrappedFile) throws -> Void)? = nil
    ) async throws -> RewrapReport {
        try await Blocking.run(on: queue) { [batch] in try batch.directory(path) { try goingOn(progress, $0) } }
    }
}

private func goingOn(_ progress: ((RewrappedFile) throws -> Void)?, _ file: RewrappedFile) throws -> Bool {
    try progress?(file)
    return true
}
