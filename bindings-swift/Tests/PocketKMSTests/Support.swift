import Foundation
import PocketKMS
import XCTest

/// A vault on a clock that stands still, with one key in it.
struct Fixture {
    static let start = Date(timeIntervalSince1970: 1_767_225_600.123)

    let root: RootKey
    let clock: ManualClock
    let vault: Vault
    let kms: Kms
    let key: KeyMetadata

    init() throws {
        root = try RootKey.fromBytes(bytes: Data(0..<32))
        clock = ManualClock(now: Self.start)
        vault = try Vault.inMemory(rootKey: root, clock: clock)
        kms = try vault.client()
        key = try kms.createKey(request: CreateKeyRequest(description: "of the test")).keyMetadata
    }

    var keyId: String { key.keyId }

    func encrypt(_ text: String, context: [String: String]? = nil) throws -> Data {
        let request = EncryptRequest(keyId: keyId, plaintext: Data(text.utf8), encryptionContext: context)
        return try kms.encrypt(request: request).ciphertextBlob
    }

    func decrypt(_ blob: Data, context: [String: String]? = nil) throws -> String {
        let request = DecryptRequest(ciphertextBlob: blob, encryptionContext: context)
        return String(decoding: try kms.decrypt(request: request).plaintext, as: UTF8.self)
    }

    /// The same vault from its snapshot.
    func reopened() throws -> Vault {
        try Vault.openSnapshot(snapshot: vault.snapshot(), rootKey: root, clock: clock)
    }
}

/// The error that `body` throws; a failure if it throws none.
func thrown<T>(_ body: @autoclosure () throws -> T, file: StaticString = #filePath, line: UInt = #line) -> KmsError? {
    do {
        _ = try body()
        XCTFail("nothing was thrown", file: file, line: line)
    } catch let error as KmsError {
        return error
    } catch {
        XCTFail("no KmsError: \(error)", file: file, line: line)
    }
    return nil
}
