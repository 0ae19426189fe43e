import Foundation
import LocalAuthentication
import PocketKMS
import Security
import XCTest

/// The recipe of docs/recipes/root-keys.md, unchanged: a phone, the backup that leaves it, and the next one.
final class AppVaultTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        Device.reset()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    private func app(_ device: String, _ root: KeychainRootKey = KeychainRootKey()) throws -> AppVault {
        try AppVault(device: folder.appendingPathComponent(device), backedUp: folder.appendingPathComponent("backed up"), root: root)
    }

    private func encrypt(_ vault: Vault) throws -> Data {
        let kms = try vault.client(), key = try kms.createKey(request: .init()).keyMetadata.keyId
        return try kms.encrypt(request: .init(keyId: key, plaintext: Data("note".utf8))).ciphertextBlob
    }

    private func assertReads(_ vault: Vault, _ note: Data, line: UInt = #line) throws {
        XCTAssertEqual(try vault.client().decrypt(request: .init(ciphertextBlob: note)).plaintext, Data("note".utf8), line: line)
        vault.close()
    }

    func testAnotherPhone() throws {
        var recoveryKey = ""
        let old = try app("old phone")
        let vault = try old.create { recoveryKey = $0 }
        let note = try encrypt(vault)
        try old.save(vault)
        vault.close()
        try assertReads(old.open(), note)
        let backup = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("backed up").path)
        XCTAssertEqual(backup, ["keys.copy"], "the vault itself is in no backup")
        XCTAssertFalse(old.isRestored)

        Device.keys = [] // what a backup does not take along
        let new = try app("new phone")
        XCTAssertTrue(new.isRestored)
        XCTAssertThrowsError(try new.open())
        let wrong = try Vault.inMemory(rootKey: .generate()).addRecoveryKey(label: "").text
        XCTAssertThrowsError(try new.recover("\(wrong)"))
        XCTAssertTrue(Device.keys.isEmpty && new.isRestored, "a wrong recovery key changes nothing")
        try assertReads(new.recover(recoveryKey), note)
        let opened = try new.open()
        XCTAssertEqual(try opened.rootKeys().count, 2)
        try assertReads(opened, note)
        // Restored over an app that has its vault, the device's key alone is gone.
        Device.keys = []
        XCTAssertThrowsError(try new.open()) { XCTAssertEqual(($0 as? RootKeyLostError)?.reason, .missing) }
        try new.recover(recoveryKey).close()
        try assertReads(new.open(), note)
    }

    func testAnotherFace() throws {
        var recoveryKey = ""
        let app = try app("device", KeychainRootKey(authentication: .biometrics(reason: "x")))
        let vault = try app.create { recoveryKey = $0 }
        let note = try encrypt(vault)
        vault.close()
        Biometrics.enrolled = Data("another face".utf8)
        XCTAssertThrowsError(try app.open()) { XCTAssertEqual(($0 as? RootKeyLostError)?.reason, .invalidated) }
        try assertReads(app.recover(recoveryKey), note)
        try assertReads(app.open(), note)
    }
}
