import Foundation
import PocketKMS
import XCTest

/// Messages of AWS's SDKs, to read and to refuse: tests/vectors/aws-esdk, and what lies beside the repository. None is left
/// out: each is decrypted in one call and as a sequence, or looked at where no one has its key.
final class VectorTests: XCTestCase {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    func testOfTheRepository() async throws {
        try await run(Self.repository.appendingPathComponent("tests/vectors/aws-esdk"))
    }

    func testBesideTheRepository() async throws {
        let outside = Self.repository.deletingLastPathComponent().appendingPathComponent("shared/vectors/aws-esdk")
        if FileManager.default.fileExists(atPath: outside.path) { return try await run(outside) }
        XCTAssertNil(ProcessInfo.processInfo.environment["CI"], "\(outside.path) is missing")
        print("\(outside.path) is not there: the vectors of the repository must do")
    }

    private func run(_ folder: URL) async throws {
        let manifest = try Manifest.read(folder)
        var (oneShot, streamed, parsed) = (0, 0, 0)
        var outcomes: [String: Int] = [:]
        for vector in manifest.cases {
            let message = try Data(contentsOf: folder.appendingPathComponent(vector.message))
            if vector.expect == "parse" {
                try look(at: message, vector)
                parsed += 1
            } else {
                if vector.expect == "ok" { try look(at: message, vector) }
                let keyring = try keyring(of: vector, manifest.keys, message)
                try check(decryptAtOnce(message, vector, keyring), vector, folder)
                oneShot += 1
                try check(await decryptInPieces(message, vector, keyring), vector, folder)
                streamed += 1
            }
            outcomes[vector.expect, default: 0] += 1
        }
        let sorted = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print(
            "vectors of \(folder.path): \(manifest.count) cases (\(sorted)); "
                + "\(oneShot) decrypted in one call, \(streamed) as a sequence, \(parsed) looked at")
        let parsable = manifest.cases.filter { $0.expect == "parse" }.count
        XCTAssertEqual(manifest.cases.count, manifest.count)
        XCTAssertEqual(parsed, parsable)
        XCTAssertEqual(oneShot, manifest.count - parsable)
        XCTAssertEqual(streamed, manifest.count - parsable)
        XCTAssertGreaterThan(outcomes["ok"] ?? 0, 100)
        XCTAssertGreaterThan(outcomes["reject"] ?? 0, 100)
    }

    /// What a case's message held, or why it was refused.
    private typealias Opened = Result<(plaintext: Data, header: MessageHeader), any Error>

    private func decryptAtOnce(_ message: Data, _ vector: Case, _ keyring: Keyring) -> Opened {
        Result {
            let decrypted = try vector.client.decrypt(
                keyring: keyring, message: message, options: vector.decryptOptions)
            return (decrypted.plaintext, decrypted.header)
        }
    }

    private func decryptInPieces(_ message: Data, _ vector: Case, _ keyring: Keyring) async -> Opened {
        let size = message.count < 20_000 ? 7 : 4096
        let pieces = AsyncStream<Data> { continuation in
            for start in stride(from: 0, to: message.count, by: size) {
                continuation.yield(message[start..<min(start + size, message.count)])
            }
            continuation.finish()
        }
        do {
            var plaintext = Data()
            let sequence = vector.client.decrypt(pieces, keyring: keyring, options: vector.decryptOptions)
            for try await piece in sequence { plaintext += piece }
            // The sequence does not show the header; its front does, and it was verified.
            let inspector = EncryptionClient(maxEncryptedDataKeys: .max)
            guard case .complete(let info) = try inspector.inspect(message: message) else { throw CocoaError(.fileReadCorruptFile) }
            return .success((plaintext, info.header))
        } catch {
            return .failure(error)
        }
    }

    private func check(_ opened: Opened, _ vector: Case, _ folder: URL) throws {
        switch (vector.expect, opened) {
        case ("reject", .success): XCTFail("\(vector.id) must be refused: \(vector.reason ?? "")")
        case ("reject", .failure(let error)), ("reject-or-same", .failure(let error)):
            XCTAssertTrue(error is KmsError, "\(vector.id): \(error)")
        case ("ok", .failure(let error)): XCTFail("\(vector.id): \(error)")
        case ("ok", .success(let opened)), ("reject-or-same", .success(let opened)):
            XCTAssertEqual(opened.plaintext.count, vector.plaintextLen, vector.id)
            if let name = vector.plaintext {
                let expected = try Data(contentsOf: folder.appendingPathComponent(name))
                XCTAssertEqual(opened.plaintext, expected, vector.id)
            } else {
                let digest = sha256(opened.plaintext).map { String(format: "%02x", $0) }.joined()
                XCTAssertEqual(digest, vector.plaintextSha256, vector.id)
            }
            if let header = vector.header { compare(opened.header, header, vector.id) }
        default: XCTFail("\(vector.id): no one knows what '\(vector.expect)' means")
        }
    }

    /// What a message says of itself.
    private func look(at message: Data, _ vector: Case) throws {
        let expected = try XCTUnwrap(vector.header, vector.id)
        guard case .complete(let info) = try vector.client.inspect(message: message) else {
            return XCTFail("\(vector.id): the header is not whole")
        }
        compare(info.header, expected, vector.id)
        XCTAssertEqual(info.headerLength, expected.headerLen, vector.id)
        XCTAssertEqual(info.wrappingKeys.map(\.providerId), expected.edks.map(\.providerId), vector.id)
        for key in info.wrappingKeys {
            XCTAssertEqual(key.keyArn != nil, key.providerId == "aws-kms", vector.id)
        }
    }

    private func compare(_ header: MessageHeader, _ expected: Header, _ id: String) {
        XCTAssertEqual(header.version, expected.version, id)
        XCTAssertEqual(header.algorithmSuite, suites[expected.suite], id)
        XCTAssertEqual(hex(header.messageId), expected.messageIdHex, id)
        XCTAssertEqual(header.encryptionContext, expected.encryptionContext, id)
        let edks = header.encryptedDataKeys.map {
            EncryptedKey(
                providerId: $0.providerId, providerInfoHex: hex($0.providerInfo), ciphertextLen: $0.ciphertext.count)
        }
        XCTAssertEqual(edks, expected.edks, id)
        XCTAssertEqual("\(header.contentType)", expected.content, id)
        XCTAssertEqual(header.frameLength, expected.frameLength, id)
        XCTAssertEqual(header.commitment.map(hex), expected.commitmentHex, id)
    }
}
