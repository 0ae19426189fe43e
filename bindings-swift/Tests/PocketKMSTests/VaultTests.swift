import Foundation
import PocketKMS
import XCTest

final class VaultTests: XCTestCase {
    func testSnapshotRoundTrip() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("kept", context: ["a": "1"])
        _ = try fixture.kms.rotateKeyOnDemand(request: .init(keyId: fixture.keyId))
        try fixture.kms.createAlias(request: .init(aliasName: "alias/kept", targetKeyId: fixture.keyId))

        let again = try fixture.reopened()
        let decrypted = try again.decrypt(request: .init(ciphertextBlob: blob, encryptionContext: ["a": "1"]))
        XCTAssertEqual(decrypted.plaintext, Data("kept".utf8))
        XCTAssertEqual(
            try again.describeKey(request: .init(keyId: "alias/kept")).keyMetadata,
            try fixture.kms.describeKey(request: .init(keyId: fixture.keyId)).keyMetadata)
    }

    func testSliceOfLargerData() throws {
        // `Data` slices do not begin at 0.
        let fixture = try Fixture()
        let snapshot = try Data("before".utf8) + fixture.kms.snapshot() + Data("after".utf8)
        let kms = try Kms.openSnapshot(
            snapshot: snapshot.dropFirst(6).dropLast(5), rootKey: RootKey.fromBytes(bytes: Data(0..<64).prefix(32)))
        XCTAssertEqual(try kms.listKeys(request: ListKeysRequest()).keys.map(\.keyId), [fixture.keyId])
    }

    func testPassphrase() throws {
        let cheap = Argon2Cost(memoryKib: 64, passes: 1, lanes: 1)
        let root = try RootKey.fromPassphrase("grüne Äpfel", cost: cheap)
        let snapshot = try Kms.create(rootKey: root).snapshot()
        let same = try RootKey.fromPassphrase(passphrase: Data("grüne Äpfel".utf8)) // the vault's cost is kept
        XCTAssertNoThrow(try Kms.openSnapshot(snapshot: snapshot, rootKey: same))
        let error = thrown(try Kms.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromPassphrase("rote Äpfel")))
        XCTAssertEqual(error?.name, "WrongRootKeyException")
        XCTAssertEqual(thrown(try RootKey.fromPassphrase(""))?.name, "ValidationException")
        XCTAssertEqual(thrown(try RootKey.fromBytes(bytes: Data(count: 31)))?.name, "ValidationException")
    }

    func testWhatAHeaderMayCost() throws {
        let snapshot = try Kms.create(
            rootKey: RootKey.fromPassphrase("x", cost: Argon2Cost(memoryKib: 128, passes: 2, lanes: 1))).snapshot()
        for (memory, passes) in [(127, 2), (128, 1)] as [(UInt32, UInt32)] {
            let limit = Argon2Cost(memoryKib: memory, passes: passes, lanes: 1)
            let error = thrown(
                try Kms.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromPassphrase("x", maxCost: limit)))
            XCTAssertEqual(error?.name, "LimitExceededException")
        }
        let limit = Argon2Cost(memoryKib: 128, passes: 2, lanes: 1)
        let kms = try Kms.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromPassphrase("x", maxCost: limit))
        XCTAssertEqual(try kms.verify(), [])
        XCTAssertEqual(try kms.damaged(), [])
    }

    func testChangeOfRootKey() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("kept")
        let new = try RootKey.fromBytes(bytes: Data(repeating: 9, count: 32))
        try fixture.kms.changeRootKey(rootKey: new)
        XCTAssertEqual(thrown(try fixture.reopened())?.name, "WrongRootKeyException")
        let again = try Kms.openSnapshot(snapshot: fixture.kms.snapshot(), rootKey: new)
        XCTAssertEqual(try again.decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("kept".utf8))
    }

    func testCallers() throws {
        let root = try RootKey.fromBytes(bytes: Data(count: 32))
        let berlin = Caller(account: "111122223333", region: "eu-central-1")
        let kms = try Kms.create(rootKey: root, caller: berlin)
        let key = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        XCTAssertEqual(key.arn, "arn:aws:kms:eu-central-1:111122223333:key/\(key.keyId)")

        let user = Caller(
            account: "444455556666", region: "eu-central-1", principal: "arn:aws:iam::444455556666:user/Ada")
        let stranger = try kms.asCaller(caller: user)
        XCTAssertEqual(try stranger.listKeys(request: ListKeysRequest()).keys, [])
        let refused = try XCTUnwrap(thrown(try stranger.describeKey(request: .init(keyId: key.arn))))
        XCTAssertTrue(refused.message.contains("user/Ada"), refused.message)
        XCTAssertEqual(thrown(try kms.asCaller(caller: Caller(account: "1", region: "x")))?.name, "ValidationException")
    }

    func testClock() throws {
        let clock = ManualClock(now: Fixture.start)
        XCTAssertEqual(clock.now(), Fixture.start)
        let firstOfMay = Date(timeIntervalSince1970: 1_777_593_600)
        clock.set(now: firstOfMay)
        clock.advanceDays(days: 2)
        XCTAssertEqual(clock.now(), firstOfMay + 2 * 86_400)
        // The years 1 to 9999 are what it knows.
        clock.set(now: .distantPast)
        XCTAssertEqual(clock.now(), Date(timeIntervalSince1970: -62_135_596_800))
        clock.set(now: Date(timeIntervalSince1970: 1e12))
        XCTAssertEqual(clock.now().timeIntervalSince1970, 253_402_300_799, accuracy: 1)

        let kms = try Kms.create(rootKey: RootKey.fromBytes(bytes: Data(count: 32))) // the system's own clock
        let created = try kms.createKey(request: CreateKeyRequest()).keyMetadata.creationDate
        XCTAssertEqual(created.timeIntervalSinceNow, 0, accuracy: 60)
    }

    func testClosing() throws {
        // The vault lives as long as somebody holds it, and no longer: its keys are wiped then.
        weak var gone: Kms?
        try {
            let fixture = try Fixture()
            gone = fixture.kms
            let other = try fixture.kms.asCaller(caller: Caller(account: "000000000000", region: "us-east-1"))
            XCTAssertNotNil(gone)
            XCTAssertEqual(try other.listKeys(request: ListKeysRequest()).keys.count, 1)
        }()
        XCTAssertNil(gone)
    }

    func testThreads() throws {
        let fixture = try Fixture()
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let text = "text \(index)"
            XCTAssertEqual(try? fixture.decrypt(fixture.encrypt(text)), text)
        }
    }
}
