import Foundation
import PocketKMS
import XCTest

/// What was given up, by an error or by cancelling, is no whole message: it does not open.
final class AbortTests: XCTestCase {
    private let client = EncryptionClient()
    private static let keyring = try! Keyring.rawAes(
        namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    private var keyring: Keyring { Self.keyring }
    /// Frames of 1,000 bytes, so that the pieces below end with a frame, in one, and before one.
    private let options = EncryptOptions(encryptionContext: ["album": "2026"], frameLength: 1000)

    private struct NoNetwork: Error {}

    /// Ten pieces of 700 bytes. At one of them something happens.
    private static func source(_ number: Int, at failing: Int, _ event: () throws -> Void) rethrows -> Data? {
        if number == failing { try event() }
        return number < 10 ? Data(repeating: UInt8(number), count: 700) : nil
    }

    /// What came out before the error, and the error.
    private func outcome<S: AsyncSequence>(_ sequence: S) async -> (Data, (any Error)?) where S.Element == Data {
        var made = Data()
        do {
            for try await piece in sequence { made += piece }
            return (made, nil)
        } catch { return (made, error) }
    }

    private func assertAborted(
        _ outcome: (made: Data, error: (any Error)?), _ what: String, line: UInt = #line,
        by expected: (any Error) -> Bool
    ) {
        XCTAssertTrue(outcome.error.map(expected) == true, "\(what): \(outcome.error as Any)", line: line)
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: outcome.made), what, line: line)
    }

    /// The sources that apps have: each returns what `source` does.
    private enum Wrapper: CaseIterable { case throwing, unfolding, mapped, own }

    private func encrypted(_ wrapper: Wrapper, failingAt failing: Int) async -> (Data, (any Error)?) {
        let fail: () throws -> Void = { throw NoNetwork() }
        switch wrapper {
        case .throwing:
            let (stream, continuation) = AsyncThrowingStream<Data, any Error>.makeStream()
            do {
                for number in 0... {
                    guard let piece = try Self.source(number, at: failing, fail) else { break }
                    continuation.yield(piece)
                }
                continuation.finish()
            } catch { continuation.finish(throwing: error) }
            return await outcome(client.encrypt(stream, keyring: keyring, options: options))
        case .unfolding:
            let number = Counter()
            let stream = AsyncThrowingStream { try Self.source(number.next(), at: failing, { throw NoNetwork() }) }
            return await outcome(client.encrypt(stream, keyring: keyring, options: options))
        case .mapped:
            let numbers = AsyncStream<Int> { continuation in
                for number in 0..<10 { continuation.yield(number) }
                continuation.finish()
            }
            let mapped = numbers.map { try Self.source($0, at: failing, { throw NoNetwork() })! }
            return await outcome(client.encrypt(mapped, keyring: keyring, options: options))
        case .own:
            return await outcome(client.encrypt(
                Own(answer: { try Self.source($0, at: failing, { throw NoNetwork() }) }), keyring: keyring,
                options: options))
        }
    }

    func testASourceThatThrows() async throws {
        for wrapper in Wrapper.allCases {
            for failing in [0, 1, 5, 9] {
                assertAborted(await encrypted(wrapper, failingAt: failing), "\(wrapper) at \(failing)") { $0 is NoNetwork }
            }
            // The same without a failure is a message.
            let (whole, error) = await encrypted(wrapper, failingAt: .max)
            XCTAssertNil(error)
            XCTAssertEqual(try client.decrypt(keyring: keyring, message: whole).plaintext.count, 7000)
        }
    }

    func testNothingComesAfterTheError() async throws {
        let base = Own(answer: { try Self.source($0, at: 5, { throw NoNetwork() }) })
        var iterator = client.encrypt(base, keyring: keyring, options: options).makeAsyncIterator()
        var made = Data()
        do {
            while let piece = try await iterator.next() { made += piece }
            XCTFail("nothing was thrown")
        } catch {}
        for _ in 0..<3 {
            let after = try await iterator.next()
            XCTAssertNil(after)
        }
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: made))
    }

    /// A base gives its pieces once: what a second attempt would find of them is the end only.
    func testASequenceIsEncryptedOnce() async throws {
        let (stream, continuation) = AsyncStream<Data>.makeStream()
        for number in 0..<10 { continuation.yield(Data(repeating: UInt8(number), count: 700)) }
        continuation.finish()
        let sequence = client.encrypt(stream, keyring: keyring, options: options)
        var iterator = sequence.makeAsyncIterator()
        _ = try await iterator.next() // and then the network fails
        for _ in 0..<2 {
            assertAborted(await outcome(sequence), "a second attempt") {
                ($0 as? KmsError)?.name == "StreamStateException"
            }
        }
        var rest = 0
        while try await iterator.next() != nil { rest += 1 }
        XCTAssertGreaterThan(rest, 0, "the first goes on")
    }

    /// Sources that return nil in a cancelled task, as if they had ended: `AsyncStream` in its two forms, what is built on it,
    /// and one that does not notice at all.
    private enum Nilly: CaseIterable { case buffered, unfolding, mapped, unaware }

    /// Runs `work` with a source in whose task the task is cancelled at a piece: 0 is before the first, 9 at the last, 10 at
    /// the end.
    private func cancelled<R: Sendable>(
        _ wrapper: Nilly, at failing: Int, pieces: @escaping @Sendable (Int) -> Data?,
        _ work: @escaping @Sendable (AnyPieces) async -> R
    ) async -> R {
        await Task { () -> R in
            let cancel = { withUnsafeCurrentTask { $0!.cancel() } }
            let number = Counter()
            switch wrapper {
            case .buffered:
                // Never finished: only the cancelling ends it.
                let (stream, continuation) = AsyncStream<Data>.makeStream()
                for number in 0..<min(failing + 1, 10) { pieces(number).map { _ = continuation.yield($0) } }
                if failing == 0 { cancel() }
                let counted = stream.map { piece in
                    if number.next() == min(failing, 9) { cancel() }
                    return piece
                }
                return await work(AnyPieces(counted))
            case .unfolding, .mapped:
                let stream = AsyncStream<Data> {
                    let now = number.next()
                    if now == failing { cancel() }
                    // As code that waits for a network does, nil where it was cancelled.
                    return Task.isCancelled ? nil : pieces(now)
                }
                return await wrapper == .unfolding
                    ? work(AnyPieces(stream)) : work(AnyPieces(stream.map { $0 }.filter { !$0.isEmpty }))
            case .unaware:
                return await work(AnyPieces(Own(answer: { number in
                    if number == failing { cancel() }
                    return pieces(number)
                })))
            }
        }.value
    }

    func testACancelledTaskWhileEncrypting() async throws {
        for wrapper in Nilly.allCases {
            for phase in [0, 1, 5, 9, 10] where wrapper != .buffered || phase < 10 {
                let made = await cancelled(wrapper, at: phase, pieces: { Self.source($0, at: -1, {}) }) { [self] base in
                    await outcome(client.encrypt(base, keyring: keyring, options: options))
                }
                assertAborted(made, "\(wrapper) at \(phase)") { $0 is CancellationError }
            }
        }
    }

    func testACancelledTaskWhileReadingAMessage() async throws {
        let message = try client.encrypt(
            keyring: keyring, plaintext: Data(repeating: 1, count: 7000), options: options).message
        let size = message.count / 9
        let pieces: @Sendable (Int) -> Data? = { number in
            number < 10 ? message.dropFirst(number * size).prefix(size) : nil
        }
        for wrapper in Nilly.allCases {
            for phase in [0, 5, 9] {
                let reencrypted = await cancelled(wrapper, at: phase, pieces: pieces) { [self] base in
                    await outcome(client.reencrypt(base, source: keyring, destination: keyring))
                }
                assertAborted(reencrypted, "re-encrypting, \(wrapper) at \(phase)") { $0 is CancellationError }
                let (plain, error) = await cancelled(wrapper, at: phase, pieces: pieces) { [self] base in
                    await outcome(client.decrypt(base, keyring: keyring))
                }
                XCTAssertTrue(error is CancellationError, "decrypting, \(wrapper) at \(phase): \(error as Any)")
                XCTAssertEqual(plain, Data(repeating: 1, count: plain.count))
            }
        }
    }

    func testCancelledFromOutside() async throws {
        // By a handle, and with a group: the stream is waiting for its next piece, for ever.
        let (stream, continuation) = AsyncStream<Data>.makeStream()
        continuation.yield(Data(repeating: 1, count: 2500))
        let cancelling = Cancelling()
        let task = Task { [self] in
            var made = Data()
            do {
                for try await piece in client.encrypt(stream, keyring: keyring, options: options) {
                    made += piece
                    cancelling.now()
                }
                return (made, nil as (any Error)?)
            } catch { return (made, error) }
        }
        cancelling.set { task.cancel() }
        assertAborted(await task.value, "a task") { $0 is CancellationError }

        let inGroup = await withTaskGroup(of: (Data, (any Error)?).self) { group in
            group.addTask { [self] in
                let (stream, continuation) = AsyncStream<Data>.makeStream()
                continuation.yield(Data(repeating: 1, count: 2500))
                return await withTaskCancellationHandler {
                    await outcome(client.encrypt(stream, keyring: keyring, options: options))
                } onCancel: { _ = continuation }
            }
            group.cancelAll()
            return await group.next()!
        }
        assertAborted(inGroup, "a group") { $0 is CancellationError }
    }

    func testAFileThatWasGivenUp() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (made, plain) = (folder.appendingPathComponent("made"), folder.appendingPathComponent("plain"))
        XCTAssertTrue(FileManager.default.createFile(atPath: made.path, contents: nil))
        let handle = try FileHandle(forWritingTo: made)
        let given = Own(answer: { try Self.source($0, at: 7, { throw NoNetwork() }) })
        do {
            defer { try? handle.close() } // as cleaning up does; it ends the file, not the message
            for try await piece in client.encrypt(given, keyring: keyring, options: options) {
                try handle.write(contentsOf: piece)
            }
            XCTFail("nothing was thrown")
        } catch is NoNetwork {}
        XCTAssertGreaterThan(try Data(contentsOf: made).count, 4000)
        XCTAssertThrowsError(try client.decryptFile(at: made, to: plain, keyring: keyring))

        // Whole files in a cancelled task.
        try FileManager.default.removeItem(at: made)
        try Data(repeating: 1, count: 300_000).write(to: plain)
        let thrown = await Task { [self] () -> (any Error)? in
            withUnsafeCurrentTask { $0!.cancel() }
            do { try client.encryptFile(at: plain, to: made, keyring: keyring) } catch { return error }
            return nil
        }.value
        XCTAssertTrue(thrown is CancellationError, "\(thrown as Any)")
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["plain"])
    }

    func testAStreamThatIsGivenUpOnPurpose() throws {
        let message = try client.encrypt(keyring: keyring, plaintext: Data(count: 7000), options: options).message
        let encryptor = try client.encryptor(keyring: keyring, options: options)
        let made = try encryptor.update(plaintext: Data(count: 7000))
        encryptor.abort()
        encryptor.abort() // twice does no harm
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: made))
        XCTAssertEqual(encryptor.header().encryptionContext, ["album": "2026"], "what was known before")
        let decryptor = client.decryptor(keyring: keyring)
        _ = try decryptor.update(message: message.prefix(3000))
        decryptor.abort()
        XCTAssertNil(decryptor.header())
        let reencryptor = client.reencryptor(source: keyring, destination: keyring)
        _ = try reencryptor.update(message: message.prefix(3000))
        reencryptor.abort()
        let calls: [() throws -> Data] = [
            { try encryptor.update(plaintext: Data(count: 1)) }, encryptor.finish, { try decryptor.update(message: message.dropFirst(3000)) },
            decryptor.finish, { try reencryptor.update(message: message.dropFirst(3000)) }, reencryptor.finish,
        ]
        for (number, call) in calls.enumerated() { XCTAssertEqual(thrown(try call())?.name, "StreamStateException", "\(number)") }
        // What had ended is not given up any more.
        let whole = try client.encryptor(keyring: keyring, options: options), bytes = try whole.update(plaintext: Data(count: 10)) + whole.finish()
        whole.abort()
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: bytes).plaintext, Data(count: 10))
    }

    func testAnEncryptorThatIsDropped() throws {
        var encryptor: Encryptor? = try client.encryptor(keyring: keyring, options: options)
        let made = try encryptor!.update(plaintext: Data(count: 7000))
        weak var gone = encryptor
        encryptor = nil
        XCTAssertNil(gone)
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: made))
        // Ending is an act, which is done once.
        let other = try client.encryptor(keyring: keyring, options: options)
        let whole = try other.update(plaintext: Data(count: 7000)) + other.finish()
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: whole).plaintext, Data(count: 7000))
        XCTAssertEqual(thrown(try other.finish())?.name, "StreamStateException")
        XCTAssertEqual(thrown(try other.update(plaintext: Data()))?.name, "StreamStateException")
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = -1

    func next() -> Int {
        lock.lock()
        defer { lock.unlock() }
        value += 1
        return value
    }
}

/// Cancels what is not there yet.
private final class Cancelling: @unchecked Sendable {
    private let lock = NSLock()
    private var cancel: (() -> Void)?
    private var due = false

    func set(_ cancel: @escaping () -> Void) {
        lock.lock()
        defer { lock.unlock() }
        self.cancel = cancel
        if due { cancel() }
    }

    func now() {
        lock.lock()
        defer { lock.unlock() }
        due = true
        cancel?()
    }
}

/// A sequence of an app's own.
private struct Own: AsyncSequence, AsyncIteratorProtocol {
    typealias Element = Data
    let answer: (Int) throws -> Data?
    var number = -1

    func makeAsyncIterator() -> Own { self }

    mutating func next() async throws -> Data? {
        number += 1
        return try answer(number)
    }
}

/// Any of the sources, so that one function takes them all.
struct AnyPieces: AsyncSequence {
    typealias Element = Data
    private let make: () -> Iterator

    init<S: AsyncSequence>(_ base: S) where S.Element == Data {
        make = {
            var iterator = base.makeAsyncIterator()
            return Iterator { try await iterator.next() }
        }
    }

    func makeAsyncIterator() -> Iterator { make() }

    struct Iterator: AsyncIteratorProtocol {
        let answer: () async throws -> Data?

        func next() async throws -> Data? { try await answer() }
    }
}
