import Foundation
import PocketKMS
import XCTest

/// What holds a plaintext does not show it, however it is printed.
final class PrintingTests: XCTestCase {
    func testSecretsAreNotShown() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let secret = Data("hunter2!".utf8)
        let request = EncryptRequest(keyId: fixture.keyId, plaintext: secret)
        let blob = try kms.encrypt(request: request).ciphertextBlob
        let decrypted = try kms.decrypt(request: .init(ciphertextBlob: blob))
        let dataKey = try kms.generateDataKey(request: .init(keyId: fixture.keyId, numberOfBytes: 8))
        let random = try kms.generateRandom(request: .init(numberOfBytes: 8))

        for (value, bytes) in [
            (request as Any, secret), (decrypted, secret), (dataKey, dataKey.plaintext), (random, random.plaintext),
        ] {
            for text in printed(value) {
                XCTAssertTrue(text.contains("<8 bytes>"), text)
                for shown in revealing(bytes) { XCTAssertFalse(text.contains(shown), "\(shown) in \(text)") }
            }
        }
    }

    func testRecoveryKeysAreNotShown() throws {
        let key = try Fixture().vault.addRecoveryKey(label: "paper")
        for text in printed(key) {
            XCTAssertTrue(text.contains("<41 characters>"), text)
            XCTAssertFalse(text.contains(key.text), text)
        }
    }

    func testSequencesDoNotShowWhatTheyEncrypt() throws {
        let secret = Data("hunter2!".utf8)
        let keyring = try Keyring.rawAes(namespace: "n", name: "k", wrappingKey: Data(repeating: 7, count: 32))
        let stream = AsyncStream<Data> { $0.yield(secret) }
        XCTAssertTrue(printed(stream).contains { text in revealing(secret).contains { text.contains($0) } })
        let sequence = EncryptionClient().encrypt(stream, keyring: keyring)
        for text in printed(sequence) + printed(sequence.makeAsyncIterator()) {
            for shown in revealing(secret) { XCTAssertFalse(text.contains(shown), "\(shown) in \(text)") }
        }
    }

    /// The test above could fail: this is what a structure without our care shows.
    func testDumpOfPlainDataShowsIt() {
        struct Careless { var plaintext: Data }
        let secret = Data("hunter2!".utf8)
        let texts = printed(Careless(plaintext: secret))
        XCTAssertTrue(revealing(secret).contains { shown in texts.contains { $0.contains(shown) } })
    }

    private func printed(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(describing: value), String(reflecting: value), dumped, "\([value])"]
    }

    /// The ways in which bytes could show: a list of numbers in one line or several, hexadecimal, base64.
    private func revealing(_ bytes: Data) -> [String] {
        let numbers = bytes.map(String.init)
        return [
            numbers.joined(separator: ", "), "- \(numbers[0])\n", bytes.base64EncodedString(),
            bytes.map { String(format: "%02x", $0) }.joined(),
        ]
    }
}
