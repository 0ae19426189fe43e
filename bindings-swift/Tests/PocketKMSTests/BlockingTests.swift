import Foundation
import PocketKMS
import XCTest

/// Work that waits, from tasks; and tasks, from work that waits.
final class BlockingTests: XCTestCase {
    private struct Own: Error {}

    func testRunReturnsAndThrows() async throws {
        let made = try await Blocking.run { try Vault.inMemory(rootKey: RootKey.fromPassphrase("x", cost: Argon2Cost(memoryKib: 19_456, passes: 2))) }
        XCTAssertFalse(made.isClosed())
        do {
            try await Blocking.run { throw Own() }
            XCTFail("nothing was thrown")
        } catch { XCTAssertTrue(error is Own) }
        let own = DispatchQueue(label: "own")
        try await Blocking.run(on: own) { dispatchPrecondition(condition: .onQueue(own)) }
    }

    func testWorkHearsOfTheCancellation() async throws {
        for fails in [true, false] {
            let gate = Gate()
            let task = Task {
                try await Blocking.run {
                    gate.open()
                    while true {
                        do { try Blocking.checkCancellation() } catch {
                            if fails { throw Own() }
                            return "done"
                        }
                    }
                }
            }
            await gate.passed()
            task.cancel()
            let result: Result<String, any Error> = await task.result
            switch (result, fails) {
            case (.success("done"), false): break // all of it was done
            case (.failure(let error), true): XCTAssertTrue(error is CancellationError, "it failed for that reason: \(error)")
            default: XCTFail("\(result)")
            }
        }
    }

    func testWaitGivesWhatTheTaskGave() async throws {
        let number = try await Blocking.run { try Blocking.wait { 7 } }
        XCTAssertEqual(number, 7)
        do {
            try await Blocking.run { try Blocking.wait { throw Own() } }
            XCTFail("nothing was thrown")
        } catch { XCTAssertTrue(error is Own) }
        // Within each other.
        let deep = try await Blocking.run { try Blocking.wait { try await Blocking.run { try Blocking.wait { 8 } } } }
        XCTAssertEqual(deep, 8)
    }

    func testWaitOnAnOrdinaryThread() throws {
        XCTAssertEqual(try Blocking.wait { 9 }, 9)
    }

    /// It would wait for ever where all of Swift's threads do.
    func testWaitIsRefusedInATask() async throws {
        XCTAssertEqual(thrown(try Blocking.wait { 1 })?.name, "ValidationException")
    }

    /// An app's `KmsClient` asks a service by `async` functions: it is cancelled with the message that needs it, inner and outer.
    func testACancellationReachesTheInnerTask() async throws {
        let reached = Gate(), ended = Shared<Bool>(false)
        let keyring = try Keyring.callback(providerId: "own", wrapper: Asking {
            try Blocking.wait {
                reached.open()
                defer { ended.set(Task.isCancelled) }
                try await Task.sleep(nanoseconds: 600_000_000_000)
            }
        })
        let sink = Sink()
        let task = Task {
            try await EncryptionClient().async().encrypt(InputStream(data: Data(count: 10)), to: sink, keyring: keyring)
        }
        await reached.passed()
        task.cancel()
        let result = await task.result
        XCTAssertThrowsError(try result.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        XCTAssertEqual(ended.get(), true)
        XCTAssertEqual(sink.taken, Data())

        // One that was cancelled before it waits does not wait.
        let second = Gate()
        let late = Task {
            try await Blocking.run {
                second.open()
                while (try? Blocking.checkCancellation()) != nil {}
                try Blocking.wait { try await Task.sleep(nanoseconds: 600_000_000_000) }
            }
        }
        await second.passed()
        late.cancel()
        let outcome = await late.result
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError) }
    }

    func testSequencesAreSendableWhereTheirBaseIs() async throws {
        func needsSendable<T: Sendable>(_ value: T) -> T { value }
        let client = EncryptionClient()
        let keyring = try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
        let pieces = AsyncStream<Data> { continuation in
            continuation.yield(Data("x".utf8))
            continuation.finish()
        }
        let message = needsSendable(client.encrypt(needsSendable(pieces), keyring: keyring))
        let plain = needsSendable(client.decrypt(needsSendable(client.reencrypt(message, source: keyring, destination: keyring)), keyring: keyring))
        let made = try await Task.detached { try await plain.reduce(Data(), +) }.value // read by another task than the one that made it
        XCTAssertEqual(made, Data("x".utf8))
    }
}
