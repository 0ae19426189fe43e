import Foundation
import PocketKMS
import XCTest

final class VaultFileTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "/")
    private var path: String { folder.appendingPathComponent("keys.vault").path }

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    private func root(_ byte: UInt8 = 0) throws -> RootKey {
        try RootKey.fromBytes(bytes: Data(repeating: byte, count: 32))
    }

    func testTheFileIsThereWhenTheVaultIsClosed() throws {
        let vault = try Vault.create(path: path, rootKey: root())
        XCTAssertFalse(vault.needsSaving())
        let key = try vault.client().createKey(request: CreateKeyRequest()).keyMetadata.keyId
        let request = EncryptRequest(keyId: key, plaintext: Data("kept".utf8))
        let blob = try vault.client().encrypt(request: request).ciphertextBlob
        vault.close()
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["keys.vault"])
        for again in [try Vault.open(path: path, rootKey: root()), try Vault.openOrCreate(path: path, rootKey: root())] {
            XCTAssertEqual(try again.client().decrypt(request: .init(ciphertextBlob: blob)).plaintext, Data("kept".utf8))
            XCTAssertEqual(try again.client().listKeys(request: ListKeysRequest()).keys.map(\.keyId), [key])
        }
    }

    func testEachWayToOpenRefusesWhatIsNotForIt() throws {
        XCTAssertEqual(thrown(try Vault.open(path: path, rootKey: root()))?.name, "NotFoundException")
        try Vault.openOrCreate(path: path, rootKey: root()).close()
        XCTAssertEqual(thrown(try Vault.create(path: path, rootKey: root()))?.name, "AlreadyExistsException")
        XCTAssertEqual(thrown(try Vault.open(path: path, rootKey: root(1)))?.name, "WrongRootKeyException")
        XCTAssertEqual(thrown(try Vault.open(path: folder.path, rootKey: root()))?.name, "StoreException")
        let text = folder.appendingPathComponent("text")
        try Data(String(repeating: "a text that is no database, as long as it may be. ", count: 3).utf8).write(to: text)
        XCTAssertEqual(thrown(try Vault.openOrCreate(path: text.path, rootKey: root()))?.name, "StoreDamagedException")
    }

    func testACopyWhileItIsInUse() throws {
        let copy = folder.appendingPathComponent("copy.vault").path
        let vault = try Vault.create(path: path, rootKey: root())
        _ = try vault.client().createKey(request: CreateKeyRequest())
        XCTAssertEqual(try vault.backup(path: copy), [])
        _ = try vault.client().createKey(request: CreateKeyRequest())
        XCTAssertEqual(thrown(try vault.backup(path: copy))?.name, "AlreadyExistsException")
        XCTAssertEqual(
            try Vault.open(path: copy, rootKey: root()).client().listKeys(request: ListKeysRequest()).keys.count, 1)
        let memory = try Vault.inMemory(rootKey: root())
        XCTAssertEqual(
            thrown(try memory.backup(path: folder.appendingPathComponent("other").path))?.name, "UnsupportedOperationException")
    }
}
