import Foundation

// Messages of any size, as sequences of pieces: a file's or a download's bytes go in as they come, and what is complete
// comes out. At most one frame is kept.

extension EncryptionClient {
    /// The message that a sequence of plaintext becomes. Each iteration is a message of its own.
    public func encrypt<Base: AsyncSequence>(
        _ plaintext: Base, keyring: Keyring, options: EncryptOptions? = nil
    ) -> EncryptedSequence<Base> where Base.Element == Data {
        EncryptedSequence(base: plaintext) { try self.encryptor(keyring: keyring, options: options) }
    }

    /// The plaintext that a sequence of a message's bytes holds. Each piece comes out when the frame that holds it is
    /// verified; the end, and the signature of a signed message, only when the sequence ends without an error. Of a
    /// message that was cut short the iteration throws at its end, so that what came before is not taken for the whole.
    public func decrypt<Base: AsyncSequence>(
        _ message: Base, keyring: Keyring, options: DecryptOptions? = nil
    ) -> DecryptedSequence<Base> where Base.Element == Data {
        DecryptedSequence(base: message) { self.decryptor(keyring: keyring, options: options) }
    }

    /// The message that a sequence of an old message's bytes becomes when it is encrypted anew, with a new data key, for the
    /// destination. What came out is of use only when the sequence ended without an error: before, the old message may lack
    /// its end, or have a wrong signature.
    public func reencrypt<Base: AsyncSequence>(
        _ message: Base, source: Keyring, destination: Keyring, options: ReencryptOptions? = nil
    ) -> ReencryptedSequence<Base> where Base.Element == Data {
        ReencryptedSequence(base: message) {
            self.reencryptor(source: source, destination: destination, options: options)
        }
    }
}

/// A message, as it is encrypted.
public struct EncryptedSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == Data {
    public typealias Element = Data
    let base: Base
    let start: () throws -> Encryptor

    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: Pieces(base: base.makeAsyncIterator(), start: start))
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
    let start: () throws -> Decryptor

    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: Pieces(base: base.makeAsyncIterator(), start: start))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pieces: Pieces<Base, Decryptor>

        public mutating func next() async throws -> Data? { try await pieces.next() }
    }
}

/// A message, as it is encrypted anew.
public struct ReencryptedSequence<Base: AsyncSequence>: AsyncSequence where Base.Element == Data {
    public typealias Element = Data
    let base: Base
    let start: () throws -> Reencryptor

    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: Pieces(base: base.makeAsyncIterator(), start: start))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pieces: Pieces<Base, Reencryptor>

        public mutating func next() async throws -> Data? { try await pieces.next() }
    }
}

/// What all three have in common.
protocol Transform {
    func push(_ piece: Data) throws -> Data
    func end() throws -> Data
}

extension Encryptor: Transform {
    func push(_ piece: Data) throws -> Data { try update(plaintext: piece) }
    func end() throws -> Data { try finish() }
}

extension Decryptor: Transform {
    func push(_ piece: Data) throws -> Data { try update(message: piece) }
    func end() throws -> Data { try finish() }
}

extension Reencryptor: Transform {
    func push(_ piece: Data) throws -> Data { try update(message: piece) }
    func end() throws -> Data { try finish() }
}

/// Takes pieces of the base until something comes out; empty pieces are passed over. Dead after an error.
struct Pieces<Base: AsyncSequence, Stream: Transform> where Base.Element == Data {
    var base: Base.AsyncIterator
    let start: () throws -> Stream
    private var stage = Stage.new

    private enum Stage {
        case new, open(Stream), ended
    }

    init(base: Base.AsyncIterator, start: @escaping () throws -> Stream) {
        self.base = base
        self.start = start
    }

    mutating func next() async throws -> Data? {
        let stream: Stream
        switch stage {
        case .ended: return nil
        case .new:
            stage = .ended // what throws below ends it
            stream = try start()
        case .open(let open):
            stage = .ended
            stream = open
        }
        while let piece = try await base.next() {
            let output = try stream.push(piece)
            if !output.isEmpty {
                stage = .open(stream)
                return output
            }
        }
        let output = try stream.end()
        return output.isEmpty ? nil : output
    }
}
