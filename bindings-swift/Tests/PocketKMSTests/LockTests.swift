import Foundation
import PocketKMS
import XCTest

/// A vault that is locked while its app is in the background: what goes on afterwards, what does not, and what is saved.
final class LockTests: XCTestCase {
    private let client = EncryptionClient()
    private let photo = Data(repeating: 1, count: 300_000)

    private func assertLocked<T>(_ body: @autoclosure () throws -> T, line: UInt = #line) {
        let error = thrown(try body(), line: line)
        XCTAssertEqual(error?.name, "VaultLockedException", line: line)
        XCTAssertEqual(error?.category, .authenticate, line: line)
    }

    func testEverythingGoesOnAfterwards() throws {
        let fixture = try Fixture(), vault = fixture.vault
        let keyring = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let cache = try Keyring.caching(keyring: keyring)
        let blob = try fixture.encrypt("x")
        let message = try client.encrypt(keyring: cache, plaintext: photo).message
        vault.lock()
        vault.lock() // twice does no harm
        XCTAssertTrue(vault.isLocked())
        XCTAssertFalse(vault.isClosed())
        assertLocked(try fixture.decrypt(blob))
        assertLocked(try vault.snapshot())
        for each in [keyring, cache] {
            XCTAssertThrowsError(try client.encrypt(keyring: each, plaintext: photo))
            XCTAssertThrowsError(try client.decrypt(keyring: each, message: message))
        }
        XCTAssertEqual(thrown(try vault.unlock(rootKey: RootKey.fromBytes(bytes: Data(repeating: 9, count: 32))))?.name, "WrongRootKeyException")
        XCTAssertTrue(vault.isLocked(), "another root key leaves it locked")
        try vault.unlock(rootKey: fixture.root)
        XCTAssertFalse(vault.isLocked())
        XCTAssertEqual(try fixture.decrypt(blob), "x")
        for each in [keyring, cache] { XCTAssertEqual(try client.decrypt(keyring: each, message: message).plaintext, photo) }
        vault.close()
        XCTAssertEqual(thrown(try vault.unlock(rootKey: fixture.root))?.name, "VaultClosedException")
    }

    /// What is under way lost its keys, and leaves nothing whole.
    func testStreamsUnderWay() async throws {
        let fixture = try Fixture(), keyring = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let message = try client.encrypt(keyring: keyring, plaintext: photo).message
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try message.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }

        let encryptor = try client.encryptor(keyring: keyring)
        let front = try encryptor.update(plaintext: photo)
        let decryptor = client.decryptor(keyring: keyring)
        _ = try decryptor.update(message: message.prefix(100_000))
        let reader = try client.randomAccess(at: file, keyring: keyring)
        _ = try reader.read(0..<10)
        let (pieces, continuation) = AsyncStream<Data>.makeStream()
        var iterator = client.encrypt(pieces, keyring: keyring).makeAsyncIterator()
        continuation.yield(photo)
        var sequence = try await iterator.next()!

        fixture.vault.lock()
        try fixture.vault.unlock(rootKey: fixture.root)
        XCTAssertThrowsError(try encryptor.finish())
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: front))
        XCTAssertThrowsError(try decryptor.update(message: message.dropFirst(100_000)))
        XCTAssertThrowsError(try reader.read(100_000..<100_010))
        continuation.finish()
        do {
            while let piece = try await iterator.next() { sequence += piece }
            XCTFail("the message was ended")
        } catch {}
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: sequence))
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, photo)
    }

    func testLockedWhileThreadsUseIt() throws {
        let fixture = try Fixture(), blob = try fixture.encrypt("x"), vault = fixture.vault, root = fixture.root
        DispatchQueue.concurrentPerform(iterations: 400) { number in
            do {
                switch number % 8 {
                case 0: vault.lock()
                case 1: try vault.unlock(rootKey: root)
                case 2: _ = try fixture.encrypt("y")
                default:
                    let text = try fixture.decrypt(blob)
                    XCTAssertEqual(text, "x")
                }
            } catch KmsError.VaultLocked {} catch { XCTFail("\(error)") }
        }
        try vault.unlock(rootKey: root)
        XCTAssertEqual(try fixture.decrypt(blob), "x")
    }

    func testSavedToAFile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fixture = try Fixture(), blob = try fixture.encrypt("x"), file = folder.appendingPathComponent("saved")
        XCTAssertTrue(fixture.vault.needsSaving())
        try fixture.vault.saveTo(path: file.path)
        XCTAssertFalse(fixture.vault.needsSaving())
        let opened = try Vault.openSnapshot(snapshot: Data(contentsOf: file), rootKey: fixture.root, clock: fixture.clock)
        XCTAssertEqual(try opened.client().decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("x".utf8))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        XCTAssertEqual(mode, 0o600)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["saved"])
        // Where it cannot be, and where another thing is, nothing changes.
        _ = try fixture.kms.createKey(request: .init())
        for place in [folder.appendingPathComponent("nowhere/saved"), folder] {
            XCTAssertThrowsError(try fixture.vault.saveTo(path: place.path)) { XCTAssertTrue($0 is FileError, "\($0)") }
            XCTAssertTrue(fixture.vault.needsSaving())
        }
        fixture.vault.lock()
        XCTAssertThrowsError(try fixture.vault.saveTo(path: file.path)) { XCTAssertEqual(($0 as? FileError)?.name, "VaultLockedException") }
        XCTAssertNoThrow(try Vault.openSnapshot(snapshot: Data(contentsOf: file), rootKey: fixture.root, clock: fixture.clock), "the one before")
    }
}
