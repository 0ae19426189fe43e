import Foundation
import PocketKMS
import XCTest

/// A vault that lives in snapshots: what is saved and what need not be, who calls, what time it is, and closing it.
final class KeptVaultTests: XCTestCase {
    private let client = EncryptionClient()
    private static let day: TimeInterval = 86_400

    private func open(_ snapshot: Data, _ fixture: Fixture, days: Double) throws -> Vault {
        let clock = ManualClock(now: Fixture.start + days * Self.day)
        return try Vault.openSnapshot(snapshot: snapshot, rootKey: fixture.root, clock: clock)
    }

    /// Rotation falls due while nothing is saved: anyone who opens the snapshot later, on this device or another, has the same
    /// material.
    func testARotationThatFallsDueNeedsNoSaving() throws {
        let fixture = try Fixture()
        try fixture.kms.enableKeyRotation(request: .init(keyId: fixture.keyId, rotationPeriodInDays: 90))
        let snapshot = try fixture.vault.snapshot()
        let vaults = try [120, 121, 300].map { try open(snapshot, fixture, days: $0) }
        let visits = try vaults.map { try $0.client() }
        let blobs = try visits.map {
            try $0.encrypt(request: .init(keyId: fixture.keyId, plaintext: Data("kept".utf8))).ciphertextBlob
        }
        for vault in vaults {
            XCTAssertFalse(vault.needsSaving(), "it only encrypted")
        }
        for blob in blobs {
            for days in [300, 301, 1000] as [Double] {
                let later = try open(snapshot, fixture, days: days).client()
                XCTAssertEqual(try later.decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("kept".utf8))
            }
        }
        // Rotated it was: the material is another one from period to period.
        let materials = try visits.map { try $0.decrypt(request: .init(ciphertextBlob: blobs[0])).keyMaterialId }
        XCTAssertEqual(Set(materials).count, 1)
        let ids = try zip(visits, blobs).map { try $0.decrypt(request: .init(ciphertextBlob: $1)).keyMaterialId }
        XCTAssertEqual(ids[0], ids[1])
        XCTAssertNotEqual(ids[0], ids[2])
    }

    func testNeedsSavingAndRevision() throws {
        let fixture = try Fixture(), vault = fixture.vault, kms = fixture.kms
        XCTAssertTrue(vault.needsSaving(), "it has never been saved")
        let snapshot = try vault.snapshot()
        XCTAssertTrue(vault.needsSaving())
        try vault.markSaved(snapshot: snapshot)
        XCTAssertFalse(vault.needsSaving())
        let before = try vault.revision()
        _ = try fixture.encrypt("changes nothing")
        _ = try kms.describeKey(request: .init(keyId: fixture.keyId))
        XCTAssertFalse(vault.needsSaving())
        XCTAssertEqual(try vault.revision(), before)

        let again = try fixture.reopened()
        XCTAssertFalse(again.needsSaving())
        // With the snapshot, the calls that changed nothing are written down in the audit trail.
        XCTAssertEqual(try again.revision(), try vault.revision(), "it is kept in the snapshot")
        let client = try again.client()
        try client.createAlias(request: .init(aliasName: "alias/a", targetKeyId: fixture.keyId))
        XCTAssertTrue(again.needsSaving())
        XCTAssertGreaterThan(try again.revision(), before)
        XCTAssertThrowsError(try client.createAlias(request: .init(aliasName: "alias/a", targetKeyId: fixture.keyId)))
        try again.markSaved(snapshot: again.snapshot())
        XCTAssertFalse(again.needsSaving())
        XCTAssertEqual(thrown(try again.markSaved(snapshot: snapshot))?.name, "ValidationException", "of another vault")
        _ = try again.client(region: "eu-central-1").createKey(request: .init())
        XCTAssertTrue(again.needsSaving(), "one vault")
        XCTAssertNotEqual(try again.snapshot(), snapshot)
    }

    func testAnOlderSnapshotSaysSo() throws {
        let fixture = try Fixture()
        let old = try fixture.vault.snapshot()
        _ = try fixture.kms.rotateKeyOnDemand(request: .init(keyId: fixture.keyId))
        let blob = try fixture.encrypt("newer")
        let restored = try Vault.openSnapshot(snapshot: old, rootKey: fixture.root, clock: fixture.clock).client()
        let error = try XCTUnwrap(thrown(try restored.decrypt(request: .init(ciphertextBlob: blob))))
        XCTAssertTrue(error.explanation?.contains("older") == true, "\(error.explanation as Any)")
        XCTAssertFalse("\(error)".contains("older"), "\(error)")
    }

    func testAClockThatJumps() throws {
        let fixture = try Fixture()
        let clock = ManualClock(now: Fixture.start)
        let vault = try Vault.openSnapshot(
            snapshot: fixture.vault.snapshot(), rootKey: fixture.root, clock: clock, clockTrust: .system)
        let kms = try vault.client()
        let blob = try fixture.encrypt("kept")
        _ = try kms.scheduleKeyDeletion(request: .init(keyId: fixture.keyId, pendingWindowInDays: 30))
        XCTAssertFalse(try vault.timeInDoubt())
        clock.advanceDays(days: 36_500)
        XCTAssertTrue(try vault.timeInDoubt())
        XCTAssertEqual(
            try kms.describeKey(request: .init(keyId: fixture.keyId)).keyMetadata.keyState, .pendingDeletion)
        clock.set(now: Fixture.start + Self.day)
        XCTAssertFalse(try vault.timeInDoubt())
        _ = try kms.cancelKeyDeletion(request: .init(keyId: fixture.keyId))
        _ = try kms.enableKey(request: .init(keyId: fixture.keyId))
        XCTAssertEqual(try kms.decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("kept".utf8))

        // The years did pass: the host says so.
        _ = try kms.scheduleKeyDeletion(request: .init(keyId: fixture.keyId, pendingWindowInDays: 30))
        clock.advanceDays(days: 365)
        try vault.confirmTime()
        XCTAssertFalse(try vault.timeInDoubt())
        XCTAssertEqual(thrown(try kms.describeKey(request: .init(keyId: fixture.keyId)))?.name, "NotFoundException")
    }

    func testTheVaultRemembersItsCaller() throws {
        let root = try RootKey.fromBytes(bytes: Data(0..<32))
        let vault = try Vault.inMemory(rootKey: root, accountId: "111122223333", region: "eu-central-1")
        let kms = try vault.client()
        let key = try kms.createKey(request: CreateKeyRequest()).keyMetadata
        let blob = try kms.encrypt(request: .init(keyId: key.keyId, plaintext: Data("x".utf8))).ciphertextBlob
        let reopened = try Vault.openSnapshot(snapshot: vault.snapshot(), rootKey: root), again = try reopened.client()
        XCTAssertEqual(try again.listKeys(request: .init()).keys.map(\.keyArn), [key.arn])
        XCTAssertEqual(try again.decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("x".utf8))
        XCTAssertEqual(try again.createKey(request: .init()).keyMetadata.arn.split(separator: ":")[3], "eu-central-1")
        XCTAssertEqual(again.caller(), Caller(
            accountId: "111122223333", region: "eu-central-1", principal: "arn:aws:iam::111122223333:root"))
        XCTAssertEqual(reopened.caller(), vault.caller())

        // A caller that is named counts. What it does not find, the explanation says where it is.
        let tokyo = try Vault.openSnapshot(snapshot: vault.snapshot(), rootKey: root, region: "ap-northeast-1").client()
        XCTAssertEqual(try tokyo.listKeys(request: .init()).keys, [])
        let error = try XCTUnwrap(thrown(try tokyo.decrypt(request: .init(ciphertextBlob: blob))))
        for place in ["eu-central-1", "ap-northeast-1"] {
            XCTAssertTrue(error.explanation?.contains(place) == true, error.report)
        }
        XCTAssertFalse("\(error)".contains("eu-central-1"), "\(error)")
    }

    /// Everything that uses the vault, and the name of the error that a call of it gives.
    private func uses(of fixture: Fixture) throws -> [(String, () throws -> Any)] {
        let kms = fixture.kms, keyId = fixture.keyId, client = client
        let vault = fixture.vault, other = try vault.client()
        let branch = try kms.createBranchKey(request: .init(kmsKeyId: keyId)).branchKeyIdentifier
        let keyrings = try [
            ("kms", Keyring.kms(kms: kms, generator: keyId)),
            ("hierarchical", Keyring.hierarchical(kms: kms, branchKeyIdentifier: branch, ttl: 3_600)),
            ("supplied", Keyring.hierarchical(kms: kms, ttl: 3_600) { _ in branch }),
            ("cached", Keyring.caching(keyring: Keyring.kms(kms: kms, generator: keyId))),
            ("cached branch", Keyring.caching(
                keyring: Keyring.hierarchical(kms: kms, branchKeyIdentifier: branch, ttl: 3_600))),
            ("multi", Keyring.multi(generator: Keyring.kms(kms: other, generator: keyId))),
        ]
        let text = Data("x".utf8)
        let blob = try kms.encrypt(request: .init(keyId: keyId, plaintext: text)).ciphertextBlob
        var all: [(String, () throws -> Any)] = [
            ("encrypt", { try kms.encrypt(request: .init(keyId: keyId, plaintext: text)) }),
            ("decrypt", { try other.decrypt(request: .init(ciphertextBlob: blob)) }),
            ("list", { try other.listKeys(request: .init()) }),
            ("create", { try kms.createKey(request: .init()) }),
            ("snapshot", { try vault.snapshot() }),
            ("root key", { try vault.addRootKey(rootKey: fixture.root) }),
            ("branch key", { try kms.createBranchKey(request: .init(kmsKeyId: keyId)) }),
            ("revision", { try vault.revision() }),
            ("confirming", { try vault.confirmTime() }),
        ]
        for (name, keyring) in keyrings {
            let message = try client.encrypt(keyring: keyring, plaintext: text).message
            XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, text)
            all.append(("\(name) encrypts", { try client.encrypt(keyring: keyring, plaintext: text) }))
            all.append(("\(name) decrypts", { try client.decrypt(keyring: keyring, message: message) }))
            all.append(("\(name) streams", { try client.encryptor(keyring: keyring) }))
        }
        return all
    }

    func testClosing() throws {
        let fixture = try Fixture()
        let uses = try uses(of: fixture)
        for (what, use) in uses { XCTAssertNoThrow(try use(), what) }
        let another = try fixture.reopened()
        fixture.vault.close()
        for _ in 0..<2 {
            for (what, use) in uses {
                XCTAssertThrowsError(try use(), what) { error in
                    XCTAssertEqual((error as? KmsError)?.name, "VaultClosedException", "\(what): \(error)")
                }
            }
            XCTAssertTrue(fixture.kms.isClosed())
            XCTAssertTrue(fixture.vault.isClosed())
            XCTAssertFalse(fixture.vault.needsSaving())
            fixture.vault.close() // again
        }
        // As an argument of what is new, it is refused in the same way, not taken.
        let keyring = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        XCTAssertThrowsError(try client.encrypt(keyring: keyring, plaintext: Data()))
        XCTAssertEqual(
            thrown(try fixture.vault.client(accountId: "111122223333").listKeys(request: .init()))?.name,
            "VaultClosedException")
        // Another vault, opened from its snapshot, is another vault.
        XCTAssertNoThrow(try another.client().encrypt(request: .init(keyId: fixture.keyId, plaintext: Data("x".utf8))))
    }

    /// A message under way has its data key; one that begins later has none.
    func testClosingWhileAMessageIsUnderWay() throws {
        let fixture = try Fixture()
        let keyring = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let snapshot = try fixture.vault.snapshot()
        let encryptor = try client.encryptor(keyring: keyring)
        var message = try encryptor.update(plaintext: Data(count: 100_000))
        fixture.vault.close()
        message += try encryptor.update(plaintext: Data(count: 100_000)) + encryptor.finish()
        XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: message))
        let again = try Vault.openSnapshot(snapshot: snapshot, rootKey: fixture.root, clock: fixture.clock).client()
        let opened = try client.decrypt(keyring: Keyring.kms(kms: again, generator: fixture.keyId), message: message)
        XCTAssertEqual(opened.plaintext, Data(count: 200_000))
    }

    /// As a view's disappearing does: each call is whole, or says that the vault is closed.
    func testClosingWhileThreadsUseIt() throws {
        for round in 0..<20 {
            let fixture = try Fixture()
            let uses = try uses(of: fixture)
            DispatchQueue.concurrentPerform(iterations: 64) { number in
                if number == 8 + round { return fixture.vault.close() }
                let (what, use) = uses[number % uses.count]
                do { _ = try use() } catch {
                    XCTAssertEqual((error as? KmsError)?.name, "VaultClosedException", "\(what): \(error)")
                }
            }
            XCTAssertThrowsError(try fixture.vault.snapshot())
        }
    }
}
