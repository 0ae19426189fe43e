import Foundation
import PocketKMS
import XCTest

final class ErrorTests: XCTestCase {
    /// Every exception that a caller can bring about, as its own case of the enumeration.
    func testCases() throws {
        let fixture = try Fixture(), kms = fixture.kms, keyId = fixture.keyId
        let other = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        let disabled = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        try kms.disableKey(request: .init(keyId: disabled.keyId))
        try kms.createAlias(request: .init(aliasName: "alias/taken", targetKeyId: keyId))
        let blob = try fixture.encrypt("secret")
        let snapshot = try kms.snapshot()
        let stranger = try kms.asCaller(caller: Caller(account: "111122223333", region: "us-east-1"))
        func encrypt(_ request: EncryptRequest) -> () throws -> Any { { try kms.encrypt(request: request) } }
        func create(_ request: CreateKeyRequest) -> () throws -> Any { { try kms.createKey(request: request) } }
        func open(_ snapshot: Data, _ root: RootKey? = nil) -> () throws -> Any {
            { try Kms.openSnapshot(snapshot: snapshot, rootKey: root ?? fixture.root) }
        }
        let text = Data("text".utf8)
        let tag = Tag(tagKey: "a", tagValue: "1")

        let table: [(name: String, code: Int, call: () throws -> Any)] = [
            ("AccessDenied", 1, { try stranger.describeKey(request: .init(keyId: fixture.key.arn)) }),
            ("AlreadyExists", 2, {
                try kms.createAlias(request: .init(aliasName: "alias/taken", targetKeyId: keyId))
            }),
            ("CustomKeyStoreNotFound", 4, create(.init(customKeyStoreId: "cks-1"))),
            ("Disabled", 6, encrypt(.init(keyId: disabled.keyId, plaintext: text))),
            ("DryRunOperation", 7, encrypt(.init(keyId: keyId, plaintext: text, dryRun: true))),
            ("IncorrectKey", 8, {
                try kms.decrypt(request: .init(ciphertextBlob: blob, keyId: other.keyId))
            }),
            ("InvalidAliasName", 9, {
                try kms.createAlias(request: .init(aliasName: "alias/aws/mine", targetKeyId: keyId))
            }),
            ("InvalidArn", 10, { try kms.describeKey(request: .init(keyId: "arn:aws:s3:::bucket")) }),
            ("InvalidCiphertext", 11, {
                try kms.decrypt(request: .init(ciphertextBlob: blob, encryptionContext: ["not": "given"]))
            }),
            ("InvalidGrantToken", 12, encrypt(.init(keyId: keyId, plaintext: text, grantTokens: ["token"]))),
            ("InvalidKeyUsage", 13, encrypt(.init(
                keyId: keyId, plaintext: text, encryptionAlgorithm: .rsaesOaepSha256))),
            ("InvalidMarker", 14, { try kms.listKeys(request: .init(marker: "nowhere")) }),
            ("KmsInvalidState", 17, { try kms.cancelKeyDeletion(request: .init(keyId: keyId)) }),
            ("LimitExceeded", 18, create(.init(tags: (0...50).map { Tag(tagKey: "\($0)", tagValue: "") }))),
            ("NotFound", 20, { try kms.describeKey(request: .init(keyId: "alias/nobody")) }),
            ("Tag", 21, create(.init(tags: [tag, tag]))),
            ("UnsupportedOperation", 22, create(.init(keyUsage: .signVerify, keySpec: .rsa2048))),
            ("Validation", 23, encrypt(.init(keyId: keyId, plaintext: Data()))),
            ("WrongRootKey", 1001, open(snapshot, try RootKey.fromBytes(bytes: Data(repeating: 1, count: 32)))),
            ("SnapshotTruncated", 1002, open(snapshot.prefix(snapshot.count / 2))),
            ("SnapshotCorrupted", 1003, open(text)),
            ("RecordCorrupted", 1004, open(flipped(snapshot, at: 26))),
            ("UnsupportedVersion", 1005, open(flipped(snapshot, at: 9))),
        ]
        for expected in table {
            guard let error = thrown(try expected.call()) else { continue }
            XCTAssertEqual(Mirror(reflecting: error).children.first?.label, expected.name)
            XCTAssertEqual(error.code, expected.code, expected.name)
            XCTAssertTrue(error.name.hasSuffix("Exception"), error.name)
        }
        XCTAssertEqual(try fixture.decrypt(blob), "secret", "the vault is unharmed")
    }

    func testTheWayItIsCaught() throws {
        let fixture = try Fixture()
        do {
            _ = try fixture.kms.describeKey(request: .init(keyId: "alias/nobody"))
            XCTFail("nothing was thrown")
        } catch KmsError.NotFound(let details) {
            XCTAssertEqual(details.message, "Alias arn:aws:kms:us-east-1:000000000000:alias/nobody is not found.")
            XCTAssertEqual(details.httpStatus, 400)
        }
    }

    func testItReadsWell() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("secret", context: ["tenant": "42"])
        let error: any Error = try XCTUnwrap(thrown(try fixture.decrypt(blob, context: ["tenant": "43"])))
        XCTAssertTrue(error.localizedDescription.hasPrefix("InvalidCiphertextException ("), error.localizedDescription)
        XCTAssertTrue(error.localizedDescription.contains("context"), error.localizedDescription)
        XCTAssertEqual("\(error)", error.localizedDescription)

        let kmsError = try XCTUnwrap(error as? KmsError)
        XCTAssertEqual(kmsError.name, "InvalidCiphertextException")
        XCTAssertEqual(kmsError.message, "", "nothing that helps an attacker crosses a trust boundary")
        XCTAssertNotNil(kmsError.explanation)
        XCTAssertEqual(kmsError.failureReason, kmsError.explanation)
        XCTAssertEqual(kmsError.causes, [])

        let bridged = error as NSError
        XCTAssertEqual(bridged.domain, "PocketKMS")
        XCTAssertEqual(bridged.code, 11)
        XCTAssertEqual(bridged.localizedDescription, error.localizedDescription)
    }

    func testTooMuchForDirectEncryption() throws {
        let fixture = try Fixture()
        let request = EncryptRequest(keyId: fixture.keyId, plaintext: Data(count: 4097))
        let error = try XCTUnwrap(thrown(try fixture.kms.encrypt(request: request)))
        XCTAssertEqual(error.name, "ValidationException")
        XCTAssertTrue(error.localizedDescription.contains("data key"), error.localizedDescription)
    }

    func testEveryFlippedBitIsRefused() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("secret")
        for index in blob.indices {
            let error = try XCTUnwrap(thrown(try fixture.decrypt(flipped(blob, at: index))))
            XCTAssertTrue(["InvalidCiphertextException", "NotFoundException"].contains(error.name), "byte \(index)")
        }
    }
}

/// A copy with one bit of one byte flipped.
private func flipped(_ data: Data, at index: Int) -> Data {
    var copy = data
    copy[copy.startIndex + index] ^= 1 << (index % 8)
    return copy
}
