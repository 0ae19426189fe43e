import Foundation
import PocketKMS
import XCTest

final class VaultTests: XCTestCase {
    func testSnapshotRoundTrip() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("kept", context: ["a": "1"])
        _ = try fixture.kms.rotateKeyOnDemand(request: .init(keyId: fixture.keyId))
        try fixture.kms.createAlias(request: .init(aliasName: "alias/kept", targetKeyId: fixture.keyId))

        let again = try fixture.reopened().client()
        let decrypted = try again.decrypt(request: .init(ciphertextBlob: blob, encryptionContext: ["a": "1"]))
        XCTAssertEqual(decrypted.plaintext, Data("kept".utf8))
        XCTAssertEqual(
            try again.describeKey(request: .init(keyId: "alias/kept")).keyMetadata,
            try fixture.kms.describeKey(request: .init(keyId: fixture.keyId)).keyMetadata)
    }

    func testSliceOfLargerData() throws {
        // `Data` slices do not begin at 0.
        let fixture = try Fixture()
        let snapshot = try Data("before".utf8) + fixture.vault.snapshot() + Data("after".utf8)
        let vault = try Vault.openSnapshot(
            snapshot: snapshot.dropFirst(6).dropLast(5), rootKey: RootKey.fromBytes(bytes: Data(0..<64).prefix(32)))
        XCTAssertEqual(try vault.client().listKeys(request: ListKeysRequest()).keys.map(\.keyId), [fixture.keyId])
    }

    func testPassphrase() throws {
        let cheap = Argon2Cost(memoryKib: 64, passes: 1, lanes: 1)
        let root = try RootKey.fromPassphrase("grüne Äpfel", cost: cheap)
        let snapshot = try Vault.inMemory(rootKey: root).snapshot()
        let same = try RootKey.fromPassphrase(passphrase: Data("grüne Äpfel".utf8)) // the vault's cost is kept
        XCTAssertNoThrow(try Vault.openSnapshot(snapshot: snapshot, rootKey: same))
        let error = thrown(try Vault.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromPassphrase("rote Äpfel")))
        XCTAssertEqual(error?.name, "WrongRootKeyException")
        XCTAssertEqual(thrown(try RootKey.fromPassphrase(""))?.name, "ValidationException")
        XCTAssertEqual(thrown(try RootKey.fromBytes(bytes: Data(count: 31)))?.name, "ValidationException")
    }

    func testWhatAHeaderMayCost() throws {
        XCTAssertEqual(Argon2Cost(), Argon2Cost(memoryKib: 64 * 1024, passes: 3, lanes: 4))
        let snapshot = try Vault.inMemory(
            rootKey: RootKey.fromPassphrase("x", cost: Argon2Cost(memoryKib: 128, passes: 2, lanes: 1))).snapshot()
        for (memory, passes) in [(127, 2), (128, 1)] as [(UInt32, UInt32)] {
            let limit = Argon2Cost(memoryKib: memory, passes: passes, lanes: 1)
            let error = thrown(
                try Vault.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromPassphrase("x", maxCost: limit)))
            XCTAssertEqual(error?.name, "LimitExceededException")
        }
        let limit = Argon2Cost(memoryKib: 128, passes: 2, lanes: 1)
        let vault = try Vault.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromPassphrase("x", maxCost: limit))
        XCTAssertEqual(try vault.verify(), [])
        XCTAssertEqual(try vault.damaged(), [])
    }

    func testSeveralRootKeys() throws {
        let fixture = try Fixture()
        let vault = fixture.vault
        let second = try RootKey.generate()
        let id = try vault.addRootKey(rootKey: second, label: "second")
        let recovery = try vault.addRecoveryKey(label: "paper")
        let infos = try vault.rootKeys()
        XCTAssertEqual(infos.map(\.kind), [.bytes, .bytes, .recovery])
        XCTAssertEqual(infos.map(\.label), ["", "second", "paper"])
        XCTAssertEqual(infos.map(\.opened), [true, true, true])
        XCTAssertEqual([infos[1].id, infos[2].id], [id, recovery.id])
        let typed = try RootKey.fromRecoveryKey(text: recovery.text.lowercased())
        for root in [typed, try RootKey.fromBytes(bytes: second.toBytes())] {
            _ = try Vault.openSnapshot(snapshot: vault.snapshot(), rootKey: root)
        }
        try vault.removeRootKey(id: infos[0].id)
        _ = try vault.replaceRootKey(id: id, rootKey: fixture.root)
        try vault.rotateVaultKey(rootKeys: [typed, fixture.root])
        XCTAssertFalse(try vault.finishRotation())
        try vault.removeRootKey(id: recovery.id)
        XCTAssertEqual(thrown(try vault.removeRootKey(id: vault.rootKeys()[0].id))?.name, "LastRootKeyException")
    }

    func testChangeOfRootKey() throws {
        let fixture = try Fixture()
        let blob = try fixture.encrypt("kept")
        let new = try RootKey.fromBytes(bytes: Data(repeating: 9, count: 32))
        try fixture.vault.shred(rootKey: new)
        XCTAssertEqual(thrown(try fixture.reopened())?.name, "WrongRootKeyException")
        let again = try Vault.openSnapshot(snapshot: fixture.vault.snapshot(), rootKey: new).client()
        XCTAssertEqual(try again.decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("kept".utf8))
    }

    func testCallers() throws {
        let root = try RootKey.fromBytes(bytes: Data(count: 32))
        let vault = try Vault.inMemory(rootKey: root, accountId: "111122223333", region: "eu-central-1")
        let key = try vault.client().createKey(request: CreateKeyRequest()).keyMetadata
        XCTAssertEqual(key.arn, "arn:aws:kms:eu-central-1:111122223333:key/\(key.keyId)")

        let ada = "arn:aws:iam::444455556666:user/Ada"
        let stranger = try vault.client(principal: ada)
        XCTAssertEqual(stranger.caller(), Caller(accountId: "444455556666", region: "eu-central-1", principal: ada))
        XCTAssertEqual(try stranger.listKeys(request: ListKeysRequest()).keys, [])
        let refused = try XCTUnwrap(thrown(try stranger.describeKey(request: .init(keyId: key.arn))))
        XCTAssertTrue(refused.message.contains("user/Ada"), refused.message)

        // What is not named is as the vault remembers it; of another account it is the root user.
        let bob = "arn:aws:sts::111122223333:assumed-role/Admin/Bob"
        XCTAssertEqual(
            try vault.client(region: "us-west-2", principal: bob).caller(),
            Caller(accountId: "111122223333", region: "us-west-2", principal: bob))
        XCTAssertEqual(try vault.client(accountId: "444455556666").caller().principal, "arn:aws:iam::444455556666:root")
        let kms = try vault.client()
        XCTAssertEqual(kms.caller(), vault.caller())
        for call: () throws -> Any in [
            { try vault.client(accountId: "1") }, { try vault.client(region: "x y") }, { try vault.client(principal: "Ada") },
            { try vault.client(accountId: "111122223333", principal: ada) },
            { try vault.client(principal: "arn:aws:iam::111122223333:role/Admin") },
            { try Vault.inMemory(rootKey: root, accountId: "111122223333", principal: ada) },
        ] {
            XCTAssertEqual(thrown(try call())?.name, "ValidationException")
        }
    }

    func testClock() throws {
        let clock = ManualClock(now: Fixture.start)
        XCTAssertEqual(clock.now(), Fixture.start)
        let firstOfMay = Date(timeIntervalSince1970: 1_777_593_600)
        clock.set(now: firstOfMay)
        clock.advanceDays(days: 2)
        XCTAssertEqual(clock.now(), firstOfMay + 2 * 86_400)
        try clock.advance(seconds: 1.5)
        XCTAssertEqual(clock.now(), firstOfMay + 2 * 86_400 + 1.5)
        let fixture = try Fixture()
        for wrong in [-1, .nan, .infinity] as [TimeInterval] {
            XCTAssertEqual(thrown(try clock.advance(seconds: wrong))?.name, "ValidationException")
            XCTAssertEqual(
                thrown(try Keyring.hierarchical(kms: fixture.kms, branchKeyIdentifier: "a branch", ttl: wrong))?.name,
                "ValidationException")
            let keyring = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
            XCTAssertEqual(thrown(try Keyring.caching(keyring: keyring, maxAge: wrong))?.name, "ValidationException")
        }
        // The years 1 to 9999 are what it knows.
        clock.set(now: .distantPast)
        XCTAssertEqual(clock.now(), Date(timeIntervalSince1970: -62_135_596_800))
        clock.set(now: Date(timeIntervalSince1970: 1e12))
        XCTAssertEqual(clock.now().timeIntervalSince1970, 253_402_300_799, accuracy: 1)

        let kms = try Vault.inMemory(rootKey: RootKey.fromBytes(bytes: Data(count: 32))).client() // the system's own clock
        let created = try kms.createKey(request: CreateKeyRequest()).keyMetadata.creationDate
        XCTAssertEqual(created.timeIntervalSinceNow, 0, accuracy: 60)
    }

    func testClosing() throws {
        // The vault lives as long as somebody holds it, and no longer: its keys are wiped then.
        weak var gone: Kms?
        try {
            let fixture = try Fixture()
            gone = fixture.kms
            let other = try fixture.vault.client()
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
