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
        let snapshot = try fixture.vault.snapshot()
        let stranger = try fixture.vault.client(accountId: "111122223333")
        func encrypt(_ request: EncryptRequest) -> () throws -> Any { { try kms.encrypt(request: request) } }
        func create(_ request: CreateKeyRequest) -> () throws -> Any { { try kms.createKey(request: request) } }
        func open(_ snapshot: Data, _ root: RootKey? = nil) -> () throws -> Any {
            { try Vault.openSnapshot(snapshot: snapshot, rootKey: root ?? fixture.root) }
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
            ("LimitExceeded", 18, {
                for _ in 0...25 { _ = try kms.rotateKeyOnDemand(request: .init(keyId: keyId)) }
                return ()
            }),
            ("NotFound", 20, { try kms.describeKey(request: .init(keyId: "alias/nobody")) }),
            ("Tag", 21, create(.init(tags: [tag, tag]))),
            ("UnsupportedOperation", 22, create(.init(keyUsage: .signVerify, keySpec: .sm2))),
            ("Validation", 23, encrypt(.init(keyId: keyId, plaintext: Data()))),
            ("WrongRootKey", 1001, open(snapshot, try RootKey.fromBytes(bytes: Data(repeating: 1, count: 32)))),
            ("SnapshotTruncated", 1002, open(snapshot.prefix(snapshot.count / 2))),
            ("SnapshotCorrupted", 1003, open(text)),
            ("RecordCorrupted", 1004, open(flipped(snapshot, at: 25))),  // the header's revision
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

    /// Each encrypted data key of a message that could not be opened, and what was said of it.
    func testAttempts() throws {
        let fixture = try Fixture(), kms = fixture.kms, client = EncryptionClient()
        let other = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        let own = try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(count: 32))
        let all = try Keyring.multi(
            generator: Keyring.kms(kms: kms, generator: fixture.keyId, additionalKeys: [other.keyId]), children: [own])
        let message = try client.encrypt(keyring: all, plaintext: Data("x".utf8)).message
        try kms.disableKey(request: .init(keyId: fixture.keyId))
        let error = try XCTUnwrap(
            thrown(try client.decrypt(keyring: Keyring.kms(kms: kms, generator: fixture.keyId), message: message)))
        XCTAssertEqual(error.attempts.map(\.index), [0, 1, 2])
        XCTAssertEqual(error.attempts.map(\.providerId), ["aws-kms", "aws-kms", "album"])
        XCTAssertEqual(error.attempts.map(\.keyName), [fixture.key.arn, other.arn, "key"])
        XCTAssertEqual(error.attempts.map(\.keyArn), [fixture.key.arn, other.arn, nil])
        XCTAssertEqual(error.attempts.map { $0.error?.name }, ["DisabledException", nil, nil])

        let lines = error.describe().split(separator: "\n")
        XCTAssertEqual(lines.first, "UnableToDecryptDataKeyException")
        XCTAssertTrue(error.describe().contains("no keyring is for this provider and key"), error.describe())
        // Where AWS says nothing, there is an explanation.
        let made = KmsError.NotFound(details: ErrorDetails(message: ""))
        XCTAssertEqual(made.explanation, "The KMS key, alias or other resource does not exist.")
        XCTAssertEqual(made.describe(), "NotFoundException\nThe KMS key, alias or other resource does not exist.")
    }

    func testTheWayItIsCaught() throws {
        let fixture = try Fixture()
        do {
            _ = try fixture.kms.describeKey(request: .init(keyId: "alias/nobody"))
            XCTFail("nothing was thrown")
        } catch KmsError.NotFound(let details) {
            XCTAssertEqual(details.message, "Alias arn:aws:kms:us-east-1:000000000000:alias/nobody is not found.")
            XCTAssertEqual(details.httpStatus, 400)
            XCTAssertEqual(details.category, .other)
        }
    }

    func testItReadsWell() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("secret", context: ["tenant": "42"])
        let error = try XCTUnwrap(thrown(try fixture.decrypt(blob, context: ["tenant": "43"])))
        XCTAssertEqual(error.name, "InvalidCiphertextException")
        XCTAssertEqual(error.message, "", "nothing that helps an attacker crosses a trust boundary")
        XCTAssertTrue(error.explanation?.contains("context") == true)
        XCTAssertTrue(error.report.contains(error.explanation!))
        XCTAssertNil(error.failureReason, "dialogs show it")
        XCTAssertEqual(error.causes, [])
        XCTAssertEqual(error.localizedDescription, "InvalidCiphertextException")
        let named = try XCTUnwrap(thrown(try fixture.kms.describeKey(request: .init(keyId: "alias/x"))))
        XCTAssertEqual("\(named)", "NotFoundException: \(named.message)")
        XCTAssertEqual("\(named.details())", "\(named)")

        let bridged = error as NSError
        XCTAssertEqual(bridged.domain, "PocketKMS")
        XCTAssertEqual(bridged.code, 11)
        XCTAssertEqual(bridged.localizedDescription, error.localizedDescription)
    }

    /// All the texts that an error has by default.
    private func texts(_ error: any Error) -> [String] {
        let bridged = error as NSError
        let localized = error as? any LocalizedError
        return [
            "\(error)", String(describing: error), String(reflecting: error), "\([error])", "\(error as Any?)",
            "\(Result<Void, any Error>.failure(error))", error.localizedDescription, bridged.localizedDescription,
            bridged.description, "\(bridged)", "\(bridged.userInfo)", localized?.errorDescription ?? "",
            localized?.failureReason ?? "", localized?.recoverySuggestion ?? "", bridged.localizedFailureReason ?? "",
            "\((error as? any PocketKMSError)?.details() as Any)",
        ]
    }

    func testAllRefusedCiphertextsHaveTheSameTexts() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("secret", context: ["tenant": "42"])
        var errors = [try XCTUnwrap(thrown(try fixture.decrypt(blob, context: ["tenant": "43"])))]
        errors.append(try XCTUnwrap(thrown(try fixture.decrypt(blob))))
        for index in blob.indices {
            let altered = flipped(blob, at: index)
            errors.append(try XCTUnwrap(thrown(try fixture.decrypt(altered, context: ["tenant": "42"]))))
            if index > 0 { errors.append(try XCTUnwrap(thrown(try fixture.decrypt(blob.prefix(index))))) }
        }
        // (Another key's id in the ciphertext is another key, which the caller may not use.)
        try assertAlike(errors.filter { $0.name != "AccessDeniedException" }, names: 1)
    }

    func testAllRefusedMessagesHaveTheSameTexts() throws {
        let client = EncryptionClient()
        let keyring = try Keyring.rawAes(namespace: "n", name: "k", wrappingKey: Data(repeating: 7, count: 32))
        let options = EncryptOptions(encryptionContext: ["tenant": "42"])
        let message = try client.encrypt(keyring: keyring, plaintext: Data("secret".utf8), options: options).message
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, plain) = (folder.appendingPathComponent("file"), folder.appendingPathComponent("plain"))
        var errors: [any Error & PocketKMSError] = []
        for index in message.indices {
            for altered in [flipped(message, at: index), message.prefix(index)] {
                errors.append(try XCTUnwrap(thrown(try client.decrypt(keyring: keyring, message: altered))))
                if index % 16 > 0 { continue }
                // The same as a file: another type of error, the same texts.
                try altered.write(to: file)
                XCTAssertThrowsError(try client.decryptFile(at: file, to: plain, keyring: keyring)) {
                    guard let error = $0 as? FileError else { return XCTFail("\($0)") }
                    XCTAssertEqual(texts(error), texts(errors.last!))
                    errors.append(error)
                }
            }
        }
        let other = try Keyring.rawAes(namespace: "n", name: "other", wrappingKey: Data(repeating: 8, count: 32))
        errors.append(try XCTUnwrap(thrown(try client.decrypt(keyring: other, message: message))))
        // (What is beyond a limit says which of the header's numbers it was: it is read before anything is decrypted.)
        try assertAlike(errors.filter { $0.name != "LimitExceededException" }, names: 3)
    }

    /// Errors of one name have the same texts, whatever they explain.
    private func assertAlike(_ errors: [any PocketKMSError], names: Int, line: UInt = #line) throws {
        XCTAssertGreaterThan(Set(errors.compactMap(\.explanation)).count, 1, "the explanations differ", line: line)
        let byName = Dictionary(grouping: errors, by: \.name)
        XCTAssertLessThanOrEqual(byName.count, names, "\(byName.keys)", line: line)
        for (name, errors) in byName {
            XCTAssertEqual(Set(errors.map(texts)).count, 1, name, line: line)
            XCTAssertEqual(Set(errors.map(\.message)).count, 1, name, line: line)
            for error in errors {
                for text in texts(error) {
                    if let explanation = error.explanation { XCTAssertFalse(text.contains(explanation), text, line: line) }
                }
            }
        }
    }

    func testErrorsHaveACommonBaseAndNoEmptyText() throws {
        let client = EncryptionClient()
        let keyring = try Keyring.rawAes(namespace: "n", name: "k", wrappingKey: Data(repeating: 7, count: 32))
        let nowhere = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())/file")
        var errors: [any Error] = []
        for call in [
            { try client.encryptFile(at: nowhere, to: nowhere, keyring: keyring) },
            { try client.randomAccess(at: nowhere, keyring: keyring).header },
            { try client.randomAccess(at: URL(fileURLWithPath: "/"), keyring: keyring).header },
        ] {
            XCTAssertThrowsError(try call()) { errors.append($0) }
        }
        XCTAssertThrowsError(try removeAbandoned(in: nowhere)) { errors.append($0) }
        let batch = try RewrapBatch(client: client, source: keyring, destination: keyring)
        errors.append(try XCTUnwrap(batch.files([nowhere]).failures.first).error)
        // What code of the app makes of them, with a message or without.
        errors += [
            FileError.Cancelled, FileError.Io(path: "/home/ada/secret.txt", reason: "no space"),
            FileError.Message(details: ErrorDetails(message: "")), KmsError.NotFound(details: ErrorDetails(message: "")),
            KmsError.WrongRootKey(details: ErrorDetails(message: "", explanation: "the Keychain said no")),
        ] as [any Error]
        for error in errors {
            let base = try XCTUnwrap(error as? any PocketKMSError, "\(error)")
            XCTAssertTrue(base.name.hasSuffix("Exception"), "\(base.name) of \(error)")
            for text in ["\(error)", String(reflecting: error), error.localizedDescription, base.report] {
                XCTAssertTrue(text.hasPrefix(base.name), text)
            }
            for text in texts(error) {
                for local in ["/home/ada", nowhere.path, "Keychain"] { XCTAssertFalse(text.contains(local), text) }
            }
        }
        let io = FileError.Io(path: "/home/ada/secret.txt", reason: "no space")
        XCTAssertEqual("\(io)", "FileException: no space")
        XCTAssertEqual(io.explanation, "/home/ada/secret.txt")
        XCTAssertEqual(KmsError.NotFound(details: ErrorDetails(message: "no key")).code, 20)
        XCTAssertEqual(KmsError.NotFound(details: ErrorDetails(message: "no key")).httpStatus, 400)
        XCTAssertEqual(KmsError.NotFound(details: ErrorDetails(message: "no key")).category, .other)
    }

    func testTooMuchForDirectEncryption() throws {
        let fixture = try Fixture()
        let request = EncryptRequest(keyId: fixture.keyId, plaintext: Data(count: 4097))
        let error = try XCTUnwrap(thrown(try fixture.kms.encrypt(request: request)))
        XCTAssertEqual(error.name, "ValidationException")
        XCTAssertTrue(try XCTUnwrap(error.explanation).contains("data key"), error.localizedDescription)
    }

    func testEveryFlippedBitIsRefused() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("secret")
        for index in blob.indices {
            let error = try XCTUnwrap(thrown(try fixture.decrypt(flipped(blob, at: index))))
            XCTAssertTrue(["InvalidCiphertextException", "AccessDeniedException"].contains(error.name), "byte \(index)")
        }
    }
}

/// A copy with one bit of one byte flipped.
private func flipped(_ data: Data, at index: Int) -> Data {
    var copy = data
    copy[copy.startIndex + index] ^= 1 << (index % 8)
    return copy
}
