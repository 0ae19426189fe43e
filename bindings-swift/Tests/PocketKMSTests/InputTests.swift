import Foundation
import PocketKMS
import XCTest

/// Inputs are those at the time of the call: what the app does with its memory afterwards changes nothing.
final class InputTests: XCTestCase {
    private let client = EncryptionClient()

    private func rawAes(_ byte: UInt8 = 7) throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: byte, count: 32))
    }

    /// Memory of the app's own, seen as `Data` without a copy, and wiped after the call.
    private func borrowed<T>(_ bytes: Data, _ call: (Data) throws -> T) rethrows -> T {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        bytes.copyBytes(to: memory)
        defer { memory.initializeMemory(as: UInt8.self, repeating: 0xEE) }
        return try call(Data(bytesNoCopy: memory.baseAddress!, count: memory.count, deallocator: .none))
    }

    func testMemoryThatIsWipedAfterTheCall() throws {
        let secret = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        let root = try borrowed(Data(0..<32)) { try RootKey.fromBytes(bytes: $0) }
        let snapshot = try Vault.inMemory(rootKey: root).snapshot()
        let again = try borrowed(snapshot) {
            try Vault.openSnapshot(snapshot: $0, rootKey: RootKey.fromBytes(bytes: Data(0..<32))).client()
        }
        let keyId = try again.createKey(request: CreateKeyRequest()).keyMetadata.keyId
        let blob = try borrowed(secret.prefix(100)) {
            try again.encrypt(request: .init(keyId: keyId, plaintext: $0)).ciphertextBlob
        }
        let decrypted = try borrowed(blob) { try again.decrypt(request: .init(ciphertextBlob: $0)) }
        XCTAssertEqual(decrypted.plaintext, secret.prefix(100))

        let keyring = try borrowed(Data(repeating: 7, count: 32)) {
            try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: $0)
        }
        let message = try borrowed(secret) { try client.encrypt(keyring: keyring, plaintext: $0) }.message
        XCTAssertEqual(
            try borrowed(message) { try client.decrypt(keyring: rawAes(), message: $0) }.plaintext, secret)

        let encryptor = try client.encryptor(keyring: keyring)
        var made = try borrowed(secret) { try encryptor.update(plaintext: $0) }
        made += try encryptor.finish()
        let decryptor = client.decryptor(keyring: keyring)
        var plain = try borrowed(made) { try decryptor.update(message: $0) }
        plain += try decryptor.finish()
        XCTAssertEqual(plain, secret)
    }

    func testOneBufferForAllPieces() async throws {
        let keyring = try rawAes()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 50_000, alignment: 1)
        defer { memory.deallocate() }
        let reused = Reused(memory: memory)
        var message = Data()
        for try await piece in client.encrypt(reused, keyring: keyring) { message += piece }
        let expected = (1...10).reduce(Data()) { $0 + Data(repeating: UInt8($1), count: 50_000) }
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, expected)
    }

    func testOptionsOfASequence() async throws {
        let secret = Data("secret".utf8)
        let message = try client.encrypt(keyring: rawAes(), plaintext: secret).message
        guard case .sidecar(let sidecar) = try client.rewrap(source: rawAes(), destination: rawAes(8), message: message)
        else { return XCTFail() }
        let pieces = AsyncStream<Data> { continuation in
            continuation.yield(message)
            continuation.finish()
        }
        let decrypted = try borrowed(sidecar) {
            try client.decrypt(pieces, keyring: rawAes(8), options: DecryptOptions(sidecar: $0))
        }
        var plain = Data()
        for try await piece in decrypted { plain += piece }
        XCTAssertEqual(plain, secret)

        let again = AsyncStream<Data> { continuation in
            continuation.yield(message)
            continuation.finish()
        }
        let reencrypted = try borrowed(sidecar) {
            try client.reencrypt(
                again, source: rawAes(8), destination: rawAes(9),
                options: ReencryptOptions(decrypt: DecryptOptions(sidecar: $0)))
        }
        var made = Data()
        for try await piece in reencrypted { made += piece }
        XCTAssertEqual(try client.decrypt(keyring: rawAes(9), message: made).plaintext, secret)
    }

    func testMutableData() throws {
        let fixture = try Fixture()
        let mutable = NSMutableData(data: Data("secret".utf8))
        let request = EncryptRequest(keyId: fixture.keyId, plaintext: Data(referencing: mutable))
        mutable.resetBytes(in: NSRange(location: 0, length: mutable.length))
        let blob = try fixture.kms.encrypt(request: request).ciphertextBlob
        XCTAssertEqual(try fixture.decrypt(blob), "secret")
    }

    /// Half of a character outside the basic plane, which an NSString can hold and UTF-8 cannot: Swift itself reads it as
    /// U+FFFD, and so does everything here.
    func testTextThatIsNoUnicode() throws {
        let fixture = try Fixture()
        let half = NSString(characters: [0x61, 0xD800, 0x62], length: 3)
        let text = String(half)
        XCTAssertEqual(Array(text.utf8), Array("a\u{FFFD}b".utf8))
        let blob = try fixture.encrypt("secret", context: [text: text])
        XCTAssertEqual(try fixture.decrypt(blob, context: ["a\u{FFFD}b": "a\u{FFFD}b"]), "secret")
        let options = EncryptOptions(encryptionContext: ["tenant": text])
        let encrypted = try client.encrypt(keyring: rawAes(), plaintext: Data(), options: options)
        XCTAssertEqual(encrypted.header.encryptionContext, ["tenant": "a\u{FFFD}b"])
        XCTAssertThrowsError(try fixture.kms.describeKey(request: .init(keyId: text)))
        // A NUL is a character like others.
        let zero = try fixture.encrypt("secret", context: ["a\0b": "c\0"])
        XCTAssertThrowsError(try fixture.decrypt(zero, context: ["a": "c"]))
        XCTAssertEqual(try fixture.decrypt(zero, context: ["a\0b": "c\0"]), "secret")
    }

    func testDatesBeyondAllMeasure() throws {
        for seconds in [Double.infinity, -.infinity, .nan, 1e300, -1e300, 1e17, -1e17] {
            let clock = ManualClock(now: Date(timeIntervalSince1970: seconds))
            clock.set(now: Date(timeIntervalSinceReferenceDate: seconds))
            XCTAssertTrue(clock.now().timeIntervalSince1970.isFinite)
            clock.advanceDays(days: .max)
            // Such a clock is of no use, but it harms no one's process.
            let kms = try? Vault.inMemory(rootKey: RootKey.fromBytes(bytes: Data(count: 32)), clock: clock).client()
            if let key = try? kms?.createKey(request: CreateKeyRequest()).keyMetadata {
                _ = try? kms?.scheduleKeyDeletion(request: .init(keyId: key.keyId))
            }
        }
    }
}

/// Shows one buffer again and again, with another content each time.
private struct Reused: AsyncSequence, AsyncIteratorProtocol {
    typealias Element = Data
    let memory: UnsafeMutableRawBufferPointer
    var number: UInt8 = 0

    func makeAsyncIterator() -> Reused { self }

    mutating func next() async -> Data? {
        number += 1
        memory.initializeMemory(as: UInt8.self, repeating: number)
        return number > 10 ? nil : Data(bytesNoCopy: memory.baseAddress!, count: memory.count, deallocator: .none)
    }
}
