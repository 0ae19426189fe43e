import Foundation
import PocketKMS
import XCTest

/// So many objects that a leak of any of them shows: `make nightly` makes 200,000.
final class ManyObjectsTests: XCTestCase {
    private let count = ProcessInfo.processInfo.environment["POCKETKMS_OBJECTS"].flatMap(Int.init) ?? 10_000
    private let client = EncryptionClient()

    private func rawAes() throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    }

    /// Something of each kind, used as far as it goes without an end, and let go of.
    private func makers() throws -> [(String, () throws -> Void)] {
        let fixture = try Fixture(), client = client, keyring = try rawAes()
        let message = try client.encrypt(keyring: keyring, plaintext: Data(count: 10)).message
        return [
            ("RootKey", { _ = try RootKey.fromBytes(bytes: Data(repeating: 1, count: 32)) }),
            ("ManualClock", { _ = ManualClock(now: Date()) }),
            ("Kms", { _ = try fixture.vault.client() }),
            ("EncryptionClient", { _ = EncryptionClient() }),
            ("Keyring", { _ = try Keyring.multi(generator: Keyring.kms(kms: fixture.kms, generator: fixture.keyId), children: [self.rawAes()]) }),
            ("a callback", { _ = try Keyring.caching(keyring: Keyring.callback(providerId: "own", wrapper: Counted())) }),
            ("Encryptor", { _ = try client.encryptor(keyring: keyring).update(plaintext: Data(count: 100)) }),
            ("Decryptor", { _ = try client.decryptor(keyring: keyring).update(message: message.dropLast()) }),
            ("Reencryptor", { _ = try client.reencryptor(source: keyring, destination: keyring).update(message: message.dropLast()) }),
            ("RangeReader", { _ = try client.rangeReader(keyring: keyring, message: message) }),
            ("RewrapBatch", { _ = try RewrapBatch(client: client, source: keyring, destination: keyring) }),
            ("an error", { _ = thrown(try fixture.kms.describeKey(request: .init(keyId: "alias/nobody")))?.explanation }),
            ("what an app threw", {
                do { _ = try client.encrypt(keyring: Keyring.callback(providerId: "own", wrapper: Counted(fails: true)), plaintext: Data()) } catch {}
            }),
            ("a closed vault", {
                let vault = try fixture.reopened(), kms = try vault.client()
                vault.close()
                _ = thrown(try kms.listKeys(request: .init()))
            }),
        ]
    }

    func testNothingIsKept() throws {
        let makers = try makers()
        for (kind, make) in makers {
            let number = max(count / makers.count / (kind == "a closed vault" ? 10 : 1), 10) // a vault is more than the others
            for _ in 0..<max(number / 10, 10) { try make() } // what grows once
            let before = Memory.resident()
            for _ in 0..<number { try make() }
            let grown = Memory.resident() - before
            XCTAssertLessThan(grown, 100 * number + (2 << 20), "\(kind): \(grown) bytes more after \(number)")
        }
        XCTAssertEqual(Counted.living.get(), 0, "objects of the app that Rust still holds")
    }

    /// Sequences, streams and tasks: what was not read to its end goes, too.
    func testWhatIsNotReadToItsEnd() async throws {
        let keyring = try Keyring.callback(providerId: "own", wrapper: Counted())
        func leave() async throws {
            let pieces = AsyncStream<Data> { continuation in
                for _ in 0..<4 { continuation.yield(Data(count: 100_000)) }
                continuation.finish()
            }
            for try await _ in client.encrypt(pieces, keyring: keyring) { break }
            let task = Task { try await client.async().encrypt(keyring: keyring, plaintext: Data(count: 10)) }
            task.cancel()
            _ = await task.result
        }
        for _ in 0..<100 { try await leave() }
        let before = Memory.resident()
        for _ in 0..<max(count / 100, 100) { try await leave() }
        XCTAssertLessThan(Memory.resident() - before, 16 << 20)
    }

    /// While threads use a vault, its clients and what was made with them, it is closed: each call ends as if nothing had happened, or says so.
    func testRacesOfCloseAndUse() throws {
        let client = client
        for round in 0..<max(count / 1000, 10) {
            let fixture = try Fixture(), vault = fixture.vault, kms = fixture.kms
            let keyring = Keyring.kms(kms: kms, generator: fixture.keyId)
            let caching = try Keyring.caching(keyring: keyring)
            let blob = try fixture.encrypt("x"), message = try client.encrypt(keyring: keyring, plaintext: Data(count: 100)).message
            DispatchQueue.concurrentPerform(iterations: 32) { number in
                do {
                    switch number % 8 {
                    case 0: if number / 8 == round % 4 { vault.close() }
                    case 1: _ = try kms.decrypt(request: .init(ciphertextBlob: blob))
                    case 2: _ = try client.decrypt(keyring: keyring, message: message)
                    case 3: _ = try client.encrypt(keyring: caching, plaintext: Data(count: 10))
                    case 4: _ = try vault.client().createKey(request: .init())
                    case 5: _ = try vault.snapshot()
                    case 6: _ = try vault.addRootKey(rootKey: .generate(), label: "")
                    default:
                        let stream = try client.encryptor(keyring: keyring)
                        _ = try stream.update(plaintext: Data(count: 100_000)) + stream.finish()
                    }
                } catch let error as KmsError {
                    let told = error.name == "VaultClosedException" || error.report.contains("VaultClosedException")
                    XCTAssertTrue(told, error.report)
                } catch { XCTFail("\(error)") }
            }
            XCTAssertTrue(vault.isClosed())
        }
    }
}

/// An app's own key, of which it is known how many there are.
private final class Counted: DataKeyWrapper, @unchecked Sendable {
    static let living = Shared<Int>(0)
    private struct Failed: Error {}
    private let fails: Bool

    init(fails: Bool = false) {
        self.fails = fails
        Self.living.change { $0! += 1 }
    }

    deinit { Self.living.change { $0! -= 1 } }

    func wrapDataKey(dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite) throws -> WrappedDataKey {
        if fails { throw Failed() }
        return WrappedDataKey(providerInfo: Data("own".utf8), ciphertext: dataKey)
    }

    func unwrapDataKey(key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite) throws -> Data { key.ciphertext }
}

private enum Memory {
    /// How much of this process is in memory, in bytes; 0 where the system does not say it in a file.
    static func resident() -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        return Int(text.split(separator: " ")[1])! * 4096
    }
}
