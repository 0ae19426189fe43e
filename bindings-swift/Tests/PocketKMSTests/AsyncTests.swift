import Foundation
import PocketKMS
import XCTest

/// Cancellation in each phase of a message and of a file, what is left then, and whose error comes out.
final class AsyncTests: XCTestCase {
    private let client = EncryptionClient()
    private let photo = Data((0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    private var folder = URL(fileURLWithPath: "/")
    private static let keyring = try! Keyring.rawAes(
        namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    private var keyring: Keyring { Self.keyring }

    private struct Own: Error {}

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    private func assertDoesNotOpen(_ message: Data, line: UInt = #line) {
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: message), line: line)
    }

    private func assertCancelled<T>(_ result: Result<T, any Error>, _ what: String = "", line: UInt = #line) {
        guard case .failure(let error) = result, error is CancellationError else { return XCTFail("\(what): \(result)", line: line) }
    }

    /// What `work` does in a task that is cancelled when `reached` is opened.
    private func cancelled<T: Sendable>(at reached: Gate, _ work: @escaping @Sendable () async throws -> T) async -> Result<T, any Error> {
        let task = Task { try await work() }
        await reached.passed()
        task.cancel()
        return await task.result
    }

    func testEachWayThereAndBack() async throws {
        let asynchronous = client.async(), steps = Shared<[UInt64]>([])
        let sink = Sink()
        try await asynchronous.encrypt(InputStream(data: photo), to: sink, keyring: keyring, progress: { done in steps.change { $0!.append(done) } })
        XCTAssertEqual(steps.get()!.last, UInt64(photo.count))
        XCTAssertEqual(steps.get()!, steps.get()!.sorted())
        let again = Sink(), plain = Sink()
        try await asynchronous.reencrypt(InputStream(data: sink.taken), to: again, source: keyring, destination: keyring)
        try await asynchronous.decrypt(InputStream(data: again.taken), to: plain, keyring: keyring)
        XCTAssertEqual(plain.taken, photo)
        let message = try await asynchronous.encrypt(keyring: keyring, plaintext: photo).message
        let other = try await asynchronous.reencrypt(source: keyring, destination: keyring, message: message).message
        let decrypted = try await asynchronous.decrypt(keyring: keyring, message: other)
        XCTAssertEqual(decrypted.plaintext, photo)

        try photo.write(to: file("photo"))
        try await asynchronous.encryptFile(at: file("photo"), to: file("message"), keyring: keyring)
        try await asynchronous.reencryptFile(at: file("message"), to: file("other"), sourceKeyring: keyring, destinationKeyring: keyring)
        try await asynchronous.decryptFile(at: file("other"), to: file("copy"), keyring: keyring)
        XCTAssertEqual(try Data(contentsOf: file("copy")), photo)
        let batch = try RewrapBatch(client: client, source: keyring, destination: keyring, verifyWith: keyring).async()
        let seen = Shared<Int>(0)
        let report = try await batch.directory(folder) { _ in seen.change { $0! += 1 } }
        XCTAssertEqual(report.failures.count, 0)
        XCTAssertGreaterThan(seen.get()!, 1)
        let files = try await batch.files([file("message"), file("other")])
        XCTAssertEqual(files.failed, 0)
        // A message that is cut short, and one in which a bit is another.
        for broken in [again.taken.dropLast(), again.taken.flipped(1_200_000)] {
            do {
                try await asynchronous.decrypt(InputStream(data: Data(broken)), to: Sink(), keyring: keyring)
                XCTFail("it was decrypted")
            } catch { XCTAssertEqual((error as? KmsError)?.name, "InvalidMessageException") }
        }
    }

    func testCancelledWhileTheSourceWaits() async throws {
        let message = try client.encrypt(keyring: keyring, plaintext: photo).message
        for (answer, front) in [(-1, 0), (0, 0), (-1, 100_000), (0, 1_200_000)] {
            let gate = Gate(), sink = Sink(), source = Waiting(photo.prefix(front), gate, then: answer)
            assertCancelled(await cancelled(at: gate) { [self] in
                try await client.async().encrypt(source, to: sink, keyring: keyring, interrupt: { source.giveUp() })
            }, "\(answer) after \(front)")
            assertDoesNotOpen(sink.taken)
            for part in [message.prefix(front), message] { // also a whole message, whose source does not end
                let gate = Gate(), sink = Sink(), source = Waiting(part, gate, then: answer)
                assertCancelled(await cancelled(at: gate) { [self] in
                    try await client.async().reencrypt(
                        source, to: sink, source: keyring, destination: keyring, interrupt: { source.giveUp() })
                })
                assertDoesNotOpen(sink.taken)
            }
            let decrypting = Gate(), plain = Sink(), part = Waiting(message.prefix(front), decrypting, then: answer)
            assertCancelled(await cancelled(at: decrypting) { [self] in
                try await client.async().decrypt(part, to: plain, keyring: keyring, interrupt: { part.giveUp() })
            })
            XCTAssertLessThan(plain.taken.count, photo.count)
        }
    }

    /// A queue with one thread, which the read holds: the source is interrupted all the same.
    func testCancelledOnAQueueOfOneThread() async throws {
        let one = DispatchQueue(label: "one"), gate = Gate(), sink = Sink(), source = Waiting(photo, gate, then: 0)
        assertCancelled(await cancelled(at: gate) { [self] in
            try await client.async(on: one).encrypt(source, to: sink, keyring: keyring, interrupt: { source.giveUp() })
        })
        assertDoesNotOpen(sink.taken)
    }

    /// In each write in turn, the last among them: either the message is whole and the function returns, or neither.
    func testCancelledInEachWrite() async throws {
        let writes = Sink()
        try client.encrypt(InputStream(data: photo), to: writes, keyring: keyring)
        for number in 1...writes.count {
            let sink = Sink()
            let result = await Task { [self] in
                let task = Shared<Task<Void, any Error>>(nil), ready = Gate()
                sink.onWrite = { if $0 == number { task.get()!.cancel() } }
                let work = Task {
                    await ready.passed()
                    try await client.async().encrypt(InputStream(data: photo), to: sink, keyring: keyring)
                }
                task.set(work)
                ready.open()
                return await work.result
            }.value
            if number < writes.count {
                assertCancelled(result, "write \(number)")
                assertDoesNotOpen(sink.taken)
            } else {
                XCTAssertNoThrow(try result.get(), "it was whole when the cancellation came")
                XCTAssertEqual(try client.decrypt(keyring: keyring, message: sink.taken).plaintext, photo)
            }
        }
    }

    func testCancelledBeforeItBegins() async throws {
        try photo.write(to: file("photo"))
        let asked = Shared<Int>(0)
        let watching = try Keyring.callback(providerId: "own", wrapper: Asking { asked.change { $0! += 1 } })
        for queue in [nil, DispatchQueue(label: "one")] {
            let sink = Sink()
            let result = await Task { [self] () -> Result<Void, any Error> in
                withUnsafeCurrentTask { $0!.cancel() }
                let asynchronous = client.async(on: queue)
                let works: [() async throws -> Void] = [
                    { try await asynchronous.encrypt(InputStream(data: self.photo), to: sink, keyring: watching) },
                    { _ = try await asynchronous.encrypt(keyring: watching, plaintext: self.photo) },
                    { try await asynchronous.encryptFile(at: self.file("photo"), to: self.file("message"), keyring: watching) },
                    { for try await _ in asynchronous.encryptingFile(at: self.file("photo"), to: self.file("message"), keyring: watching) {} },
                ]
                for work in works {
                    do {
                        try await work()
                        return .success(())
                    } catch { if !(error is CancellationError) { return .failure(error) } }
                }
                return .failure(CancellationError())
            }.value
            assertCancelled(result)
            XCTAssertEqual(sink.taken, Data())
        }
        XCTAssertEqual(asked.get(), 0, "the keyring was asked")
        XCTAssertEqual(try names(), ["photo"])
    }

    /// After each piece of a file in turn: nothing has the destination's name, and nothing is left beside it.
    func testCancelledInEachPhaseOfAFile() async throws {
        try Data(repeating: 1, count: 10_000_000).write(to: file("photo"))
        try client.encryptFile(at: file("photo"), to: file("message"), keyring: keyring)
        typealias Progress = @Sendable (UInt64, UInt64) throws -> Void
        let works: [(String, @Sendable (@escaping Progress) async throws -> MessageHeader)] = [
            ("encrypt", { [self] in try await client.async().encryptFile(
                at: file("photo"), to: file("destination"), keyring: keyring, progress: $0) }),
            ("decrypt", { [self] in try await client.async().decryptFile(
                at: file("message"), to: file("destination"), keyring: keyring, progress: $0) }),
            ("reencrypt", { [self] in try await client.async().reencryptFile(
                at: file("message"), to: file("destination"), sourceKeyring: keyring, destinationKeyring: keyring, progress: $0) }),
        ]
        for (name, work) in works {
            let steps = Shared<[UInt64]>([])
            _ = try await work { done, _ in steps.change { $0!.append(done) } }
            XCTAssertGreaterThan(steps.get()!.count, 2, name)
            try Data("before".utf8).write(to: file("destination"))
            for step in 0..<steps.get()!.count {
                let own = Shared<Task<MessageHeader, any Error>>(nil), ready = Gate(), count = Shared<Int>(0)
                let task = Task {
                    await ready.passed()
                    return try await work { _, _ in
                        count.change { $0! += 1 }
                        if count.get() == step + 1 { own.get()!.cancel() }
                    }
                }
                own.set(task)
                ready.open()
                assertCancelled(await task.result, "\(name), \(step)")
                XCTAssertEqual(try Data(contentsOf: file("destination")), Data("before".utf8))
                XCTAssertEqual(try names(), ["destination", "message", "photo"], "\(name), \(step)")
            }
            try FileManager.default.removeItem(at: file("destination"))
        }
    }

    func testProgressOfAFile() async throws {
        try Data(repeating: 1, count: 10_000_000).write(to: file("photo"))
        let sequence = client.async().encryptingFile(at: file("photo"), to: file("message"), keyring: keyring)
        XCTAssertEqual(try names(), ["photo"], "nothing begins before it is asked for")
        var last: AsyncEncryptionClient.Progress?
        for try await progress in sequence {
            XCTAssertGreaterThan(progress.done, last?.done ?? 0)
            last = progress
        }
        XCTAssertEqual(last?.done, last?.total)
        XCTAssertEqual(try names(), ["message", "photo"], "the end of the sequence is the file")
        for try await _ in client.async().decryptingFile(at: file("message"), to: file("plain"), keyring: keyring) {}
        for try await _ in client.async().reencryptingFile(
            at: file("message"), to: file("other"), sourceKeyring: keyring, destinationKeyring: keyring) {}
        XCTAssertEqual(try Data(contentsOf: file("plain")).count, 10_000_000)

        // Cancelled while it is read: what it left is looked at when the iteration has thrown.
        try FileManager.default.removeItem(at: file("message"))
        let result = await Task { [self] in
            for try await _ in client.async().encryptingFile(at: file("photo"), to: file("message"), keyring: keyring) {
                withUnsafeCurrentTask { $0!.cancel() }
            }
        }.result
        if case .failure(let error) = result {
            XCTAssertTrue(error is CancellationError, "\(error)")
            XCTAssertEqual(try names(), ["other", "photo", "plain"])
        } else {
            XCTAssertTrue(try names().contains("message"), "it ended before")
        }
        // What fails, and what an app's own code throws in it.
        let broken = try Keyring.callback(providerId: "own", wrapper: Asking { throw Own() })
        do {
            for try await _ in client.async().encryptingFile(at: file("photo"), to: file("broken"), keyring: broken) {}
            XCTFail("it ended")
        } catch { XCTAssertTrue(error is Own, "\(error)") }
        XCTAssertFalse(try names().contains("broken"))
    }

    /// An iteration that is left ends its work; no file comes later.
    func testProgressThatIsLeft() async throws {
        try Data(repeating: 1, count: 40_000_000).write(to: file("photo"))
        for try await _ in client.async().encryptingFile(at: file("photo"), to: file("message"), keyring: keyring) { break }
        // The work is on its way to its end: what it leaves is nothing, or, where it had done all of it, the message.
        for _ in 0..<1000 where try names() != ["photo"] { try await Task.sleep(nanoseconds: 10_000_000) }
        let left = try names()
        if left != ["photo"] { XCTAssertNoThrow(try client.decryptFile(at: file("message"), to: file("plain"), keyring: keyring)) }
    }

    func testWhatTheAppThrewComesOut() async throws {
        final class Same: Error, @unchecked Sendable {}
        let same = Same()
        func assertSame(_ work: () async throws -> Void, line: UInt = #line) async {
            do {
                try await work()
                XCTFail("nothing was thrown", line: line)
            } catch { XCTAssertTrue((error as? Same) === same, "\(error)", line: line) }
        }
        try photo.write(to: file("photo"))
        let broken = try Keyring.callback(providerId: "own", wrapper: Asking { throw same })
        let asynchronous = client.async(), sink = Sink()
        await assertSame { try await asynchronous.encrypt(InputStream(data: self.photo), to: sink, keyring: self.keyring, progress: { _ in throw same }) }
        assertDoesNotOpen(sink.taken)
        await assertSame { _ = try await asynchronous.encrypt(keyring: broken, plaintext: self.photo) }
        await assertSame {
            try await asynchronous.encryptFile(at: self.file("photo"), to: self.file("message"), keyring: self.keyring) { _, _ in throw same }
        }
        await assertSame { for try await _ in asynchronous.encrypt(AnyPieces(AsyncStream<Data> { $0.finish() }), keyring: broken) {} }
        await assertSame { _ = try await Blocking.run { throw same } }
        XCTAssertEqual(try names(), ["photo"])
    }

    /// However many wait for a keyring that does not answer, Swift's own threads go on.
    func testNoThreadOfSwiftsOwnWaits() async throws {
        let gate = DispatchSemaphore(value: 0), waiting = Gate(count: 32)
        let slow = try Keyring.callback(providerId: "own", wrapper: Asking {
            waiting.open()
            gate.wait()
        })
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<32 {
                group.addTask { [self] in
                    let pieces = AnyPieces(AsyncStream<Data> { continuation in
                        continuation.yield(Data("x".utf8))
                        continuation.finish()
                    })
                    switch number % 4 {
                    case 0: return try await client.async().encrypt(keyring: slow, plaintext: photo).message.count
                    case 1:
                        var count = 0
                        for try await piece in client.encrypt(pieces, keyring: slow) { count += piece.count }
                        return count
                    case 2:
                        let sink = Sink()
                        try await client.async().encrypt(InputStream(data: photo), to: sink, keyring: slow)
                        return sink.taken.count
                    default:
                        return try await Blocking.run { [self] in try client.encrypt(keyring: slow, plaintext: photo).message.count }
                    }
                }
            }
            await waiting.passed()
            // All of them wait, and as many other tasks run.
            await withTaskGroup(of: Int.self) { others in
                for number in 0..<64 { others.addTask { number } }
                for await _ in others {}
            }
            for _ in 0..<32 { gate.signal() }
            for try await count in group { XCTAssertGreaterThan(count, 100) }
        }
    }
}

// MARK: - What stands for an app's own

/// Opened by one thread, so many times, and waited for by a task.
final class Gate: @unchecked Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let missing: Shared<Int>

    init(count: Int = 1) {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        missing = Shared(count)
    }

    func open() {
        missing.change { $0! -= 1 }
        if missing.get() == 0 { continuation.finish() }
    }

    func passed() async { for await _ in stream {} }
}

/// A keyring's own key, which does something first.
final class Asking: DataKeyWrapper, @unchecked Sendable {
    private let ask: () throws -> Void

    init(_ ask: @escaping () throws -> Void) { self.ask = ask }

    func wrapDataKey(
        dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> WrappedDataKey {
        try ask()
        return WrappedDataKey(providerInfo: Data("own".utf8), ciphertext: dataKey)
    }

    func unwrapDataKey(
        key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> Data {
        try ask()
        return key.ciphertext
    }
}

/// Gives what it has, and waits then, as a network does, until it is told to give up; and answers then as some do.
private final class Waiting: InputStream, @unchecked Sendable {
    private var rest: Data
    private let reached: Gate
    private let then: Int
    private let gaveUp = DispatchSemaphore(value: 0)

    init(_ front: Data, _ reached: Gate, then: Int) {
        (rest, self.reached, self.then) = (front, reached, then)
        super.init(data: Data())
    }

    func giveUp() { gaveUp.signal() }

    override func open() {}
    override var streamStatus: Stream.Status { .open }
    override var hasBytesAvailable: Bool { true }
    override func read(_ buffer: UnsafeMutablePointer<UInt8>, maxLength: Int) -> Int {
        if rest.isEmpty {
            reached.open()
            gaveUp.wait()
            return then
        }
        let count = min(rest.count, maxLength)
        rest.copyBytes(to: buffer, count: count)
        rest = rest.dropFirst(count)
        return count
    }
}

/// Keeps what is written.
final class Sink: OutputStream, @unchecked Sendable {
    private(set) var taken = Data()
    private(set) var count = 0
    var onWrite: (Int) -> Void = { _ in }

    init() { super.init(toMemory: ()) }

    required init(toMemory: ()) { super.init(toMemory: ()) }

    override func open() {}
    override var streamStatus: Stream.Status { .open }
    override var hasSpaceAvailable: Bool { true }
    override func write(_ buffer: UnsafePointer<UInt8>, maxLength: Int) -> Int {
        count += 1
        taken.append(buffer, count: maxLength)
        onWrite(count)
        return maxLength
    }
}

extension Data {
    /// With one bit another.
    func flipped(_ index: Int) -> Data {
        var copy = self
        copy[startIndex + index] ^= 1
        return copy
    }
}
