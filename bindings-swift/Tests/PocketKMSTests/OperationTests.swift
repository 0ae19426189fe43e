import Foundation
import PocketKMS
import XCTest

/// Each operation, with what it is for. (test.sh checks that none is left out.)
final class OperationTests: XCTestCase {
    func testKeys() throws {
        let fixture = try Fixture(), kms = fixture.kms
        XCTAssertEqual(fixture.key.description, "of the test")
        XCTAssertEqual(fixture.key.keyState, .enabled)
        XCTAssertEqual(fixture.key.keySpec, .symmetricDefault)
        XCTAssertEqual(fixture.key.encryptionAlgorithms, [.symmetricDefault])
        XCTAssertEqual(fixture.key.arn, "arn:aws:kms:us-east-1:000000000000:key/\(fixture.keyId)")
        XCTAssertEqual(fixture.key.creationDate.timeIntervalSince1970, Fixture.start.timeIntervalSince1970, accuracy: 1e-6)

        try kms.updateKeyDescription(request: .init(keyId: fixture.keyId, description: "für später 🔑"))
        try kms.disableKey(request: .init(keyId: fixture.keyId))
        var key = try kms.describeKey(request: .init(keyId: fixture.key.arn)).keyMetadata
        XCTAssertEqual(key.description, "für später 🔑")
        XCTAssertEqual(key.keyState, .disabled)
        XCTAssertFalse(key.enabled)
        try kms.enableKey(request: .init(keyId: fixture.keyId))
        key = try kms.describeKey(request: .init(keyId: fixture.keyId)).keyMetadata
        XCTAssertTrue(key.enabled)

        for _ in 0..<4 { _ = try kms.createKey(request: CreateKeyRequest()) }
        let found = try pages(
            { try kms.listKeys(request: .init(limit: 2, marker: $0)) }, \.keys, \.nextMarker, \.truncated)
        XCTAssertEqual(found.map(\.count), [2, 2, 1])
        XCTAssertEqual(Set(found.joined().map(\.keyId)).count, 5)
    }

    func testAliases() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let other = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        try kms.createAlias(request: .init(aliasName: "alias/photos", targetKeyId: fixture.keyId))
        let blob = try kms.encrypt(request: .init(keyId: "alias/photos", plaintext: Data("cat".utf8))).ciphertextBlob

        fixture.clock.advanceDays(days: 1)
        try kms.updateAlias(request: .init(aliasName: "alias/photos", targetKeyId: other.keyId))
        let alias = try kms.listAliases(request: .init(keyId: other.keyId)).aliases[0]
        XCTAssertEqual(alias.aliasName, "alias/photos")
        XCTAssertEqual(alias.targetKeyId, other.keyId)
        XCTAssertEqual(alias.lastUpdatedDate.timeIntervalSince(alias.creationDate), 86_400, accuracy: 1e-6)
        XCTAssertEqual(try fixture.decrypt(blob), "cat", "old data still decrypts")

        try kms.deleteAlias(request: .init(aliasName: "alias/photos"))
        XCTAssertEqual(try kms.listAliases(request: ListAliasesRequest()).aliases, [])
    }

    func testEncryption() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let context = ["tenant": "42", "größe": "✓", "": "empty"]
        for length in [1, 15, 16, 17, 4096] {
            let plaintext = Data((0..<length).map { UInt8($0 & 255) })
            let encrypted = try kms.encrypt(
                request: .init(keyId: fixture.keyId, plaintext: plaintext, encryptionContext: context))
            XCTAssertEqual(encrypted.keyId, fixture.key.arn)
            let decrypted = try kms.decrypt(
                request: .init(ciphertextBlob: encrypted.ciphertextBlob, encryptionContext: context))
            XCTAssertEqual(decrypted.plaintext, plaintext)
            XCTAssertEqual(decrypted.keyMaterialId, fixture.key.currentKeyMaterialId)
        }

        let other = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        let moved = try kms.reEncrypt(request: .init(
            ciphertextBlob: fixture.encrypt("moving", context: ["a": "1"]), sourceEncryptionContext: ["a": "1"],
            destinationKeyId: other.keyId, destinationEncryptionContext: ["b": "2"]))
        XCTAssertEqual(moved.sourceKeyId, fixture.key.arn)
        XCTAssertEqual(moved.keyId, other.arn)
        XCTAssertEqual(try fixture.decrypt(moved.ciphertextBlob, context: ["b": "2"]), "moving")
    }

    func testDataKeys() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let made = try kms.generateDataKey(request: .init(keyId: fixture.keyId, keySpec: .aes256))
        XCTAssertEqual(made.plaintext.count, 32)
        XCTAssertEqual(
            try kms.decrypt(request: .init(ciphertextBlob: made.ciphertextBlob)).plaintext, made.plaintext)

        let later = try kms.generateDataKeyWithoutPlaintext(
            request: .init(keyId: fixture.keyId, encryptionContext: ["file": "1"], numberOfBytes: 100))
        let opened = try kms.decrypt(
            request: .init(ciphertextBlob: later.ciphertextBlob, encryptionContext: ["file": "1"]))
        XCTAssertEqual(opened.plaintext.count, 100)
        XCTAssertEqual(opened.keyMaterialId, later.keyMaterialId)

        let random = try kms.generateRandom(request: .init(numberOfBytes: 1024)).plaintext
        XCTAssertEqual(random.count, 1024)
        XCTAssertNotEqual(random, try kms.generateRandom(request: .init(numberOfBytes: 1024)).plaintext)
    }

    func testRotation() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let before = try fixture.encrypt("before")
        try kms.enableKeyRotation(request: .init(keyId: fixture.keyId, rotationPeriodInDays: 365))
        let status = try kms.getKeyRotationStatus(request: .init(keyId: fixture.keyId))
        XCTAssertTrue(status.keyRotationEnabled)
        XCTAssertEqual(status.rotationPeriodInDays, 365)
        XCTAssertEqual(
            try XCTUnwrap(status.nextRotationDate).timeIntervalSince(Fixture.start), 365 * 86_400, accuracy: 1e-3)

        fixture.clock.advanceDays(days: 365) // a year goes by
        let after = try kms.describeKey(request: .init(keyId: fixture.keyId)).keyMetadata
        XCTAssertNotEqual(after.currentKeyMaterialId, fixture.key.currentKeyMaterialId)
        XCTAssertEqual(try fixture.decrypt(before), "before")

        XCTAssertEqual(try kms.rotateKeyOnDemand(request: .init(keyId: fixture.keyId)).keyId, fixture.key.arn)
        let rotations = try kms.listKeyRotations(request: .init(keyId: fixture.keyId)).rotations
        XCTAssertEqual(rotations.map(\.rotationType), [.automatic, .onDemand])
        XCTAssertEqual(rotations.map(\.keyMaterialState), [.nonCurrent, .current])
        let all = try kms.listKeyRotations(
            request: .init(keyId: fixture.keyId, includeKeyMaterial: .allKeyMaterial, limit: 1000)).rotations
        XCTAssertEqual(all.count, 3)

        try kms.disableKeyRotation(request: .init(keyId: fixture.keyId))
        XCTAssertFalse(try kms.getKeyRotationStatus(request: .init(keyId: fixture.keyId)).keyRotationEnabled)
    }

    func testDeletion() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let blob = try fixture.encrypt("gone soon")
        let scheduled = try kms.scheduleKeyDeletion(request: .init(keyId: fixture.keyId, pendingWindowInDays: 7))
        XCTAssertEqual(scheduled.keyState, .pendingDeletion)
        XCTAssertEqual(scheduled.pendingWindowInDays, 7)
        XCTAssertEqual(try kms.cancelKeyDeletion(request: .init(keyId: fixture.keyId)).keyId, fixture.key.arn)
        try kms.enableKey(request: .init(keyId: fixture.keyId))
        XCTAssertEqual(try fixture.decrypt(blob), "gone soon")

        _ = try kms.scheduleKeyDeletion(request: .init(keyId: fixture.keyId, pendingWindowInDays: 7))
        fixture.clock.advanceDays(days: 7)
        guard case .AccessDenied = thrown(try fixture.decrypt(blob)) else { return XCTFail("the key must be gone") }
    }

    func testTags() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let tags = ["b": "2", "a": "1", "c": ""].map { Tag(tagKey: $0.key, tagValue: $0.value) }
        try kms.tagResource(request: .init(keyId: fixture.keyId, tags: tags))
        try kms.untagResource(request: .init(keyId: fixture.keyId, tagKeys: ["b"]))
        let found = try pages(
            { try kms.listResourceTags(request: .init(keyId: fixture.keyId, limit: 1, marker: $0)) },
            \.tags, \.nextMarker, \.truncated)
        XCTAssertEqual(found, [[Tag(tagKey: "a", tagValue: "1")], [Tag(tagKey: "c", tagValue: "")]])
    }
}
