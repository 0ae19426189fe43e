import Foundation

// Messages of any size, as sequences of pieces: a file's or a download's bytes go in as they come, and what is complete
// comes out. At most one frame is kept.
//
// The message ends where its source ends: where the base returns nil, and the task was not cancelled. A source that
// throws, a cancelled task, an iterator that is dropped: each leaves a message without its final frame, which does not
// open. In a cancelled task many sources return nil, `AsyncStream` among them, as if they had come to their end.

extension EncryptionClient {
    /// The message that a sequence of plaintext becomes. It can be iterated once: most bases give their pieces once, and what
    /// a second iteration found of them would be sealed as if it were the whole. For another attempt make a new base.
    ///
    /// The message is whole when the sequence has ended without an error. If the base throws, the iteration throws the same;
    /// if the task is cancelled before the base ended, it throws `CancellationError`. What came out before does not open.
    /// Where a task of its own feeds the base (an `AsyncStream`'s continuation), that task's failure is for it to report:
    /// with `AsyncThrowingStream` and `finish(throwing:)`. `EncryptOptions.plaintextLength` is a second line: with any
    /// other length the iteration throws.
    public func encrypt<Base: AsyncSequence>(
        _ plaintext: Base, keyring: Keyring, options: EncryptOptions? = nil
    ) -> EncryptedSequence<Base> where Base.Element == Data {
        encrypt(plaintext, keyring: keyring, options: options, on: nil)
    }

    /// The plaintext that a sequence of a message's bytes holds. Each piece comes out when the frame that holds it is
    /// verified; the end, and the signature of a signed message, only when the sequence ends without an error. Of a
    /// message that was cut short the iteration throws at its end, and so it does in a cancelled task
    /// (`CancellationError`): what came before is not the whole.
    public func decrypt<Base: AsyncSequence>(
        _ message: Base, keyring: Keyring, options: DecryptOptions? = nil
    ) -> DecryptedSequence<Base> where Base.Element == Data {
        decrypt(message, keyring: keyring, options: options, on: nil)
    }

    /// The message that a sequence of an old message's bytes becomes when it is re-encrypted, with a new data key, for the
    /// destination. What came out is of use only when the sequence ended without an error: before, the old message may lack
    /// its end, or have a wrong signature. In a cancelled task the iteration throws `CancellationError`.
    public func reencrypt<Base: AsyncSequence>(
        _ message: Base, source: Keyring, destination: Keyring, options: ReencryptOptions? = nil
    ) -> ReencryptedSequence<Base> where Base.Element == Data {
        reencrypt(message, source: source, destination: destination, options: options, on: nil)
    }
}

// The same with a queue on which the keyrings are asked.
extension EncryptionClient {
    internal func encrypt<Base: AsyncSequence>(
        _ plaintext: Base, keyring: Keyring, options: EncryptOptions?, on queue: DispatchQueue?
    ) -> EncryptedSequence<Base> where Base.Element == Data {
        let once = Once()
        return EncryptedSequence(base: plaintext, queue: queue) {
            try once.take()
            return try self.encryptor(keyring: keyring, options: options)
        }
    }

    internal func decrypt<Base: AsyncSequence>(
        _ message: Base, keyring: Keyring, options: DecryptOptions?, on queue: DispatchQueue?
    ) -> DecryptedSequence<Base> where Base.Element == Data {
        let options = options.map(\.owned)
        return DecryptedSequence(base: message, queue: queue) { self.decryptor(keyring: keyring, options: options) }
    }

    internal func reencrypt<Base: AsyncSequence>(
        _ message: Base, source: Keyring, destination: Keyring, options: ReencryptOptions?, on queue: DispatchQueue?
    ) -> ReencryptedSequence<Base> where Base.Element == Data {
        let options = options.map(\.owned)
        return ReencryptedSequence(base: message, queue: queue) {
            self.reencryptor(source: source, destination: destination, options: options)
        }
    }
}

/// A message, as it is encrypted.
public struct EncryptedSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == Data {
    public typealias Element = Data
    let base: Base
    let queue: DispatchQueue?
    let start: @Sendable () throws -> Encryptor

    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: Pieces(base: base.makeAsyncIterator(), queue: queue, start: start))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pieces: Pieces<Base, Encryptor>

        public mutating func next() async throws -> Data? { try await pieces.next() }
    }
}

/// A plaintext, as its message is decrypted.
public struct DecryptedSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == Data {
    public typealias Element = Data
    let base: Base
    let queue: DispatchQueue?
    let start: @Sendable () throws -> Decryptor

    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: Pieces(base: base.makeAsyncIterator(), queue: queue, start: start))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pieces: Pieces<Base, Decryptor>

        public mutating func next() async throws -> Data? { try await pieces.next() }
    }
}

/// A message, as it is re-encrypted.
public struct ReencryptedSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == Data {
    public typealias Element = Data
    let base: Base
    let queue: DispatchQueue?
    let start: @Sendable () throws -> Reencryptor

    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: Pieces(base: base.makeAsyncIterator(), queue: queue, start: start))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pieces: Pieces<Base, Reencryptor>

        public mutating func next() async throws -> Data? { try await pieces.next() }
    }
}

extension EncryptedSequence: Sendable where Base: Sendable {}
extension DecryptedSequence: Sendable where Base: Sendable {}
extension ReencryptedSequence: Sendable where Base: Sendable {}

/// What happens once, no matter who asks for it.
private final class Once: @unchecked Sendable {
    private let lock = NSLock()
    private var taken = false

    func take() throws {
        lock.lock()
        defer { lock.unlock() }
        if taken {
            throw KmsError.StreamState(details: ErrorDetails(message: "a sequence is encrypted once: make a new one"))
        }
        taken = true
    }
}

/// What all three have in common.
protocol Transform: Sendable {
    /// Whether a keyring is asked by what makes it, and never later. Otherwise that has happened when something came out.
    static var asksFirst: Bool { get }

    func push(_ piece: Data) throws -> Data
    func end() throws -> Data
}

extension Encryptor: Transform {
    internal static var asksFirst: Bool { true }

    func push(_ piece: Data) throws -> Data { try update(plaintext: piece) }
    func end() throws -> Data { try finish() }
}

extension Decryptor: Transform {
    internal static var asksFirst: Bool { false }

    func push(_ piece: Data) throws -> Data { try update(message: piece) }
    func end() throws -> Data { try finish() }
}

extension Reencryptor: Transform {
    internal static var asksFirst: Bool { false }

    func push(_ piece: Data) throws -> Data { try update(message: piece) }
    func end() throws -> Data { try finish() }
}

/// Takes pieces of the base until something comes out; empty pieces are passed over. Dead after an error.
struct Pieces<Base: AsyncSequence, Stream: Transform> where Base.Element == Data {
    var base: Base.AsyncIterator
    let queue: DispatchQueue?
    let start: @Sendable () throws -> Stream
    private var stage = Stage.new
    private var asked = Stream.asksFirst

    private enum Stage {
        case new, open(Stream), ended
    }

    init(base: Base.AsyncIterator, queue: DispatchQueue?, start: @escaping @Sendable () throws -> Stream) {
        self.base = base
        self.queue = queue
        self.start = start
    }

    mutating func next() async throws -> Data? {
        let stream: Stream
        switch stage {
        case .ended: return nil
        case .new:
            stage = .ended // what throws below ends it
            stream = try await Blocking.run(on: queue, start)
        case .open(let open):
            stage = .ended
            stream = open
        }
        while let piece = try await base.next() {
            // A little of a message whose keyring was asked costs less than another thread would.
            let here = asked && piece.count <= 64 * 1024
            let output = try await here ? stream.push(piece) : Blocking.run(on: queue) { try stream.push(piece) }
            if !output.isEmpty {
                asked = true
                stage = .open(stream)
                return output
            }
        }
        // Nil in a cancelled task may be the end or may not: only an end that is certain ends the message.
        try Task.checkCancellation()
        let output = try await asked ? stream.end() : Blocking.run(on: queue) { try stream.end() }
        return output.isEmpty ? nil : output
    }
}

extension DecryptOptions {
    /// With bytes of its own: `Data(bytesNoCopy:)` shows what its memory holds when it is read, and the options are read
    /// when the iteration starts.
    fileprivate var owned: DecryptOptions {
        var options = self
        options.sidecar = sidecar.map { Data(Array($0)) }
        return options
    }
}

extension ReencryptOptions {
    fileprivate var owned: ReencryptOptions {
        var options = self
        options.decrypt = decrypt.owned
        return options
    }
}
