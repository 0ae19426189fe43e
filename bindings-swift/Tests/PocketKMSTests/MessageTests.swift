import Foundation
import PocketKMS
import XCTest

final class MessageTests: XCTestCase {
    private let client = EncryptionClient()
    private let photo = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })

    private func rawAes() throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    }

    /// Pieces of so many bytes.
    private func pieces(_ data: Data, of size: Int) -> AsyncStream<Data> {
        AsyncStream { continuation in
            for start in stride(from: 0, to: data.count, by: size) {
                continuation.yield(data[start..<min(start + size, data.count)])
            }
            continuation.finish()
        }
    }

    private func collect<S: AsyncSequence>(_ sequence: S) async throws -> Data where S.Element == Data {
        var all = Data()
        for try await piece in sequence { all += piece }
        return all
    }

    func testAlteredMessages() throws {
        let keyring = try rawAes()
        let message = try client.encrypt(keyring: keyring, plaintext: Data("secret".utf8)).message
        for index in 0..<message.count {
            var altered = message
            altered[index] ^= 1
            XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: altered), "byte \(index)")
            XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: message.prefix(index)), "cut at \(index)")
        }
        XCTAssertEqual(
            thrown(try client.decrypt(keyring: keyring, message: message + Data([0])))?.name, "InvalidMessageException")
    }

    func testNoKeyringOpensIt() throws {
        let message = try client.encrypt(keyring: rawAes(), plaintext: Data()).message
        let other = try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 8, count: 32))
        let error = thrown(try client.decrypt(keyring: other, message: message))
        XCTAssertEqual(error?.name, "UnableToDecryptDataKeyException")
        XCTAssertTrue(error?.explanation?.contains("provider 'album', key 'key'") == true)
        XCTAssertEqual(error?.message, "")
    }

    func testCommitmentPolicy() throws {
        let old = EncryptionClient(commitmentPolicy: .forbidEncryptAllowDecrypt)
        let message = try old.encrypt(keyring: rawAes(), plaintext: Data("old".utf8)).message
        XCTAssertEqual(
            thrown(try client.decrypt(keyring: rawAes(), message: message))?.name, "CommitmentPolicyException")
        XCTAssertEqual(try old.decrypt(keyring: rawAes(), message: message).plaintext, Data("old".utf8))
    }

    func testLimits() throws {
        let frames = EncryptionClient(maxFrameLength: 1024)
        let message = try client.encrypt(keyring: rawAes(), plaintext: Data()).message
        XCTAssertEqual(thrown(try frames.decrypt(keyring: rawAes(), message: message))?.name, "LimitExceededException")
    }

    func testKeyOfAVault() throws {
        let fixture = try Fixture()
        let keyring = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let options = EncryptOptions(encryptionContext: ["album": "2026"])
        let encrypted = try client.encrypt(keyring: keyring, plaintext: photo, options: options)
        XCTAssertEqual(encrypted.header.version, 2)
        XCTAssertEqual(encrypted.header.encryptedDataKeys.map(\.providerId), ["aws-kms"])
        XCTAssertEqual(encrypted.header.encryptedDataKeys[0].providerInfo, Data(fixture.key.arn.utf8))

        let discovery = try Keyring.kmsDiscovery(
            kms: fixture.kms, filter: DiscoveryFilter(accountIds: ["000000000000"]))
        let decrypted = try client.decrypt(keyring: discovery, message: encrypted.message)
        XCTAssertEqual(decrypted.plaintext, photo)
        XCTAssertEqual(decrypted.encryptionContext, ["album": "2026"])
        let other = try Keyring.kmsDiscovery(
            kms: fixture.kms, filter: DiscoveryFilter(accountIds: ["111122223333"]))
        XCTAssertThrowsError(try client.decrypt(keyring: other, message: encrypted.message))
    }

    func testRequiredContext() throws {
        let options = EncryptOptions(encryptionContext: ["tenant": "7"], requiredEncryptionContextKeys: ["tenant"])
        let encrypted = try client.encrypt(keyring: rawAes(), plaintext: Data("x".utf8), options: options)
        XCTAssertEqual(encrypted.header.encryptionContext, [:])
        XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: encrypted.message))
        let again = DecryptOptions(encryptionContext: ["tenant": "7"], requiredEncryptionContextKeys: ["tenant"])
        XCTAssertEqual(
            try client.decrypt(keyring: rawAes(), message: encrypted.message, options: again).plaintext, Data("x".utf8))
    }

    func testSeveralKeyringsAndACache() throws {
        let fixture = try Fixture()
        let vault = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let both = try Keyring.multi(generator: vault, children: [rawAes()])
        let cached = try Keyring.caching(keyring: both, maxMessages: 2, clock: fixture.clock)
        let keys = try (0..<3).map { _ in
            try client.encrypt(keyring: cached, plaintext: Data("x".utf8)).header.encryptedDataKeys[0].ciphertext
        }
        XCTAssertEqual(keys[0], keys[1])
        XCTAssertNotEqual(keys[1], keys[2])
        XCTAssertEqual(thrown(try Keyring.multi(generator: cached))?.name, "ValidationException")

        let message = try client.encrypt(keyring: both, plaintext: Data("x".utf8)).message
        _ = try fixture.kms.disableKey(request: .init(keyId: fixture.keyId))
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: message).plaintext, Data("x".utf8))
        XCTAssertEqual(thrown(try client.encrypt(keyring: cached, plaintext: Data()))?.name, "DisabledException")
    }

    func testSequences() async throws {
        let keyring = try rawAes()
        for size in [1_000, 65_536, 1_000_000] {
            let message = try await collect(client.encrypt(pieces(photo, of: size), keyring: keyring))
            XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, photo)
            let decrypted = try await collect(client.decrypt(pieces(message, of: size), keyring: keyring))
            XCTAssertEqual(decrypted, photo)
        }
        let empty = try await collect(client.encrypt(pieces(Data(), of: 1), keyring: keyring))
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: empty).plaintext, Data())
    }

    func testATruncatedSequenceThrowsAtItsEnd() async throws {
        let keyring = try rawAes()
        let message = try client.encrypt(keyring: keyring, plaintext: photo).message
        var verified = Data()
        do {
            for try await piece in client.decrypt(pieces(message.dropLast(1), of: 10_000), keyring: keyring) {
                verified += piece
            }
            XCTFail("nothing was thrown")
        } catch let error as KmsError {
            XCTAssertTrue(error.explanation?.contains("truncated") == true, "\(error)")
        }
        XCTAssertEqual(verified, photo.prefix(65_536 * 4), "the whole frames before the end")
    }

    func testAnErrorEndsTheSequence() async throws {
        let keyring = try rawAes()
        var message = try client.encrypt(keyring: keyring, plaintext: photo).message
        message[100_000] ^= 1
        var iterator = client.decrypt(pieces(message, of: 10_000), keyring: keyring).makeAsyncIterator()
        var verified = Data()
        do {
            while let piece = try await iterator.next() { verified += piece }
            XCTFail("nothing was thrown")
        } catch {}
        XCTAssertEqual(verified, photo.prefix(65_536))
        let after = try await iterator.next()
        XCTAssertNil(after)

        let decryptor = client.decryptor(keyring: keyring)
        XCTAssertThrowsError(try decryptor.update(message: Data("no message".utf8)))
        XCTAssertEqual(thrown(try decryptor.update(message: Data()))?.name, "StreamStateException")
        XCTAssertEqual(thrown(try decryptor.finish())?.name, "StreamStateException")
    }

    func testPrintingHidesThePlaintext() throws {
        let message = try client.encrypt(keyring: rawAes(), plaintext: Data("secret".utf8)).message
        var text = ""
        dump(try client.decrypt(keyring: rawAes(), message: message), to: &text)
        XCTAssertTrue(text.contains("<6 bytes>"), text)
        let beforeTheHeader = text.components(separatedBy: "header")[0] // whose bytes are random
        XCTAssertFalse(beforeTheHeader.contains("115"), text) // the letter s
    }
}

/// Keyrings of the app's own, and what can be done with messages that are stored already.
final class StoredMessageTests: XCTestCase {
    private let client = EncryptionClient()

    private func rawAes() throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    }

    func testAnAppWrapsDataKeysItself() throws {
        let fixture = try Fixture()
        let own = try Keyring.callback(providerId: "aws-kms", wrapper: ByVault(kms: fixture.kms, keyId: fixture.keyId))
        let options = EncryptOptions(encryptionContext: ["a": "b"])
        let message = try client.encrypt(keyring: own, plaintext: Data([1, 2]), options: options).message
        // Others open it as a message of that KMS key.
        let vault = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        XCTAssertEqual(try client.decrypt(keyring: vault, message: message).plaintext, Data([1, 2]))
        XCTAssertEqual(try client.decrypt(keyring: own, message: message).plaintext, Data([1, 2]))

        _ = try fixture.kms.disableKey(request: .init(keyId: fixture.keyId))
        XCTAssertEqual(thrown(try client.encrypt(keyring: own, plaintext: Data()))?.name, "DisabledException")
        let error = thrown(try client.decrypt(keyring: own, message: message))
        XCTAssertTrue(error?.explanation?.contains("DisabledException") == true)
    }

    func testFilesAreWholeOrNotThere() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (plain, message, again) = (
            folder.appendingPathComponent("plain"), folder.appendingPathComponent("message"),
            folder.appendingPathComponent("again")
        )
        try Data(repeating: 1, count: 300_000).write(to: plain)
        var last: (UInt64, UInt64) = (0, 0)
        try client.encryptFile(at: plain, to: message, keyring: rawAes()) { last = ($0, $1); return true }
        XCTAssertEqual([last.0, last.1], [300_000, 300_000])
        try client.decryptFile(at: message, to: again, keyring: rawAes())
        XCTAssertEqual(try Data(contentsOf: again), try Data(contentsOf: plain))
        try FileManager.default.removeItem(at: again)

        XCTAssertThrowsError(try client.decryptFile(at: message, to: again, keyring: rawAes()) { _, _ in false })
        try Data(contentsOf: message).dropLast(1).write(to: message)
        XCTAssertThrowsError(try client.decryptFile(at: message, to: again, keyring: rawAes())) { error in
            XCTAssertTrue("\(error)".contains("InvalidMessageException"), "\(error)")
        }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted(), ["message", "plain"])
    }

    func testBranchKeys() throws {
        let fixture = try Fixture()
        let branch = try fixture.kms.createBranchKey(request: CreateBranchKeyRequest(kmsKeyId: fixture.keyId))
        let id = branch.branchKeyIdentifier
        let keyring = try Keyring.hierarchical(kms: fixture.kms, branchKeyIdentifier: id, ttl: 60)
        let message = try client.encrypt(keyring: keyring, plaintext: Data([1])).message
        _ = try fixture.kms.rotateBranchKey(request: .init(branchKeyIdentifier: id))
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, Data([1]))

        // The branch key leaves its KMS key; the message stays.
        let other = try fixture.kms.createKey(request: CreateKeyRequest()).keyMetadata
        _ = try fixture.kms.rewrapBranchKeys(request: .init(destinationKmsKeyId: other.keyId))
        _ = try fixture.kms.disableKey(request: .init(keyId: fixture.keyId))
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, Data([1]))
        XCTAssertEqual(
            try fixture.kms.describeBranchKey(request: .init(branchKeyIdentifier: id)).kmsKeyArn, other.arn)
        XCTAssertEqual(
            try fixture.kms.listBranchKeys(request: .init()).branchKeys.map(\.branchKeyIdentifier), [id])
        _ = try fixture.kms.disableKey(request: .init(keyId: other.keyId))
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: message))
    }

    func testAStoredMessageTellsItsKeyAndMovesToAnother() throws {
        let fixture = try Fixture()
        let photo = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
        let old = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let message = try client.encrypt(keyring: old, plaintext: photo).message
        guard case .complete(let info) = try client.inspect(message: message.prefix(1000)) else { return XCTFail() }
        XCTAssertEqual(info.wrappingKeys.map(\.keyArn), [fixture.key.arn])
        guard case .incomplete = try client.inspect(message: message.prefix(100)) else { return XCTFail() }

        guard case .sidecar(let sidecar) = try client.rewrap(
            source: old, destination: rawAes(), message: message.prefix(1000)) else { return XCTFail() }
        XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: message))
        let beside = DecryptOptions(sidecar: sidecar)
        let about = try client.inspectSidecar(sidecar: sidecar)
        XCTAssertEqual(about.messageId, info.header.messageId)
        XCTAssertEqual(about.algorithmSuite, info.header.algorithmSuite)
        XCTAssertEqual(about.wrappingKeys, about.encryptedDataKeys.map(wrappingKey))
        XCTAssertNotEqual(about.wrappingKeys, info.wrappingKeys, "other keys than the message's own")
        XCTAssertEqual(thrown(try client.inspectSidecar(sidecar: message))?.name, "InvalidMessageException")
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: message, options: beside).plaintext, photo)

        let reader = try client.rangeReader(
            keyring: rawAes(), message: message.prefix(1000),
            options: RangeOptions(decrypt: beside, messageLength: UInt64(message.count)))
        XCTAssertEqual(reader.plaintextLength(), 200_000)
        let range = ByteRange(start: 150_000, end: 150_010)
        let extent = try reader.locate(range: range)
        var part = message[Int(extent.start)..<Int(extent.end)]
        XCTAssertEqual(try reader.open(range: range, bytes: part), photo[150_000..<150_010])
        part[part.startIndex + 100] ^= 1
        XCTAssertEqual(thrown(try reader.open(range: range, bytes: part))?.name, "InvalidMessageException")
    }
}

/// Wraps with a key of a vault, as an app would with AWS KMS.
private final class ByVault: DataKeyWrapper {
    let kms: Kms
    let keyId: String

    init(kms: Kms, keyId: String) {
        self.kms = kms
        self.keyId = keyId
    }

    func wrapDataKey(
        dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> WrappedDataKey {
        let request = EncryptRequest(keyId: keyId, plaintext: dataKey, encryptionContext: encryptionContext)
        let encrypted = try kms.encrypt(request: request)
        return WrappedDataKey(providerInfo: Data(encrypted.keyId.utf8), ciphertext: encrypted.ciphertextBlob)
    }

    func unwrapDataKey(
        key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> Data {
        try kms.decrypt(
            request: .init(ciphertextBlob: key.ciphertext, encryptionContext: encryptionContext)).plaintext
    }
}
