import Foundation
import PocketKMS
import XCTest

/// Root keys from where a machine keeps them, and keys elsewhere that an object of the app asks.
final class RootKeyTests: XCTestCase {
    private struct Broken: Error, Equatable { let number: Int }

    /// Wraps in a way that only a test may, and fails on request.
    private final class RemoteKey: KeyWrapper, @unchecked Sendable {
        private let failure: (any Error)?
        private let answer: Data?

        init(failure: (any Error)? = nil, answer: Data? = nil) {
            self.failure = failure
            self.answer = answer
        }

        func wrap(key: Data) throws -> Data {
            if let failure { throw failure }
            return Data(key.map { $0 ^ 0x5a })
        }

        func unwrap(wrapped: Data) throws -> Data {
            if let failure { throw failure }
            return answer ?? Data(wrapped.map { $0 ^ 0x5a })
        }

        func root(_ name: String = "elsewhere") throws -> RootKey {
            try RootKey.fromCallback(name: name, wrapper: self)
        }
    }

    func testAKeyElsewhereOpensAVault() throws {
        let vault = try Fixture().vault
        let id = try vault.addRootKey(rootKey: RemoteKey().root(), label: "elsewhere")
        let info = try XCTUnwrap(try vault.rootKeys().first { $0.id == id })
        XCTAssertEqual(info.kind, .callback)
        XCTAssertEqual(info.name, "elsewhere")
        XCTAssertTrue(info.opened)
        let snapshot = try vault.snapshot()
        try Vault.openSnapshot(snapshot: snapshot, rootKey: RemoteKey().root()).close()
        let other = thrown(try Vault.openSnapshot(snapshot: snapshot, rootKey: RemoteKey().root("another")))
        XCTAssertEqual(other?.name, "WrongRootKeyException")
        // No person can keep it.
        let first = try XCTUnwrap(try vault.rootKeys().first { $0.id != id })
        XCTAssertEqual(thrown(try vault.removeRootKey(id: first.id))?.name, "LastRootKeyException")
    }

    func testWhatItThrowsIsWhatTheCallThrows() throws {
        let vault = try Fixture().vault
        _ = try vault.addRootKey(rootKey: RemoteKey().root())
        let snapshot = try vault.snapshot(), infos = try vault.rootKeys()
        let broken = try RemoteKey(failure: Broken(number: 7)).root()
        let calls: [() throws -> Void] = [
            { _ = try vault.addRootKey(rootKey: broken) },
            { _ = try Vault.openSnapshot(snapshot: snapshot, rootKey: broken) },
            { _ = try Vault.inMemory(rootKey: broken) },
        ]
        for call in calls {
            XCTAssertThrowsError(try call()) { XCTAssertEqual($0 as? Broken, Broken(number: 7)) }
        }
        for length in [0, 31, 32, 33] {
            let wrong = try RemoteKey(answer: Data(count: length)).root()
            XCTAssertEqual(thrown(try vault.addRootKey(rootKey: wrong))?.name, "WrongRootKeyException")
        }
        XCTAssertEqual(try vault.rootKeys(), infos)
    }

    func testFiles() throws {
        let key = Data(0..<32)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let digits = key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        for content in [key, Data(digits.utf8), key.base64EncodedData() + [10]] {
            XCTAssertTrue(FileManager.default.createFile(atPath: path, contents: content, attributes: [.posixPermissions: 0o600]))
            XCTAssertEqual(try RootKey.fromFile(path: path).toBytes(), key)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let refused = thrown(try RootKey.fromFile(path: path))
        XCTAssertEqual(refused?.name, "ValidationException")
        XCTAssertTrue(refused?.message.contains("0644") ?? false)
        XCTAssertEqual(thrown(try RootKey.fromFile(path: path + ".none"))?.name, "NotFoundException")
        XCTAssertEqual(thrown(try RootKey.fromEnv(name: "POCKETKMS_NO_SUCH_VARIABLE"))?.name, "NotFoundException")
        XCTAssertEqual(thrown(try RootKey.fromEnv(name: "PATH"))?.name, "ValidationException")
    }

    func testAPassphraseForATime() throws {
        let vault = try Vault.inMemory(rootKey: .fromPassphrase("correct horse", seconds: 0.001))
        XCTAssertEqual(try vault.rootKeys()[0].cost, Argon2Cost(memoryKib: 19 * 1024, passes: 2, lanes: 1))
        try Vault.openSnapshot(snapshot: vault.snapshot(), rootKey: .fromPassphrase("correct horse")).close()
        let both = thrown(try RootKey.fromPassphrase("x", cost: Argon2Cost(), seconds: 1))
        XCTAssertEqual(both?.name, "ValidationException")
    }
}
