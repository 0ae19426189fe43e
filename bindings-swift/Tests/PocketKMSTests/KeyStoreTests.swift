import Foundation
import PocketKMS
import XCTest

/// An AWS CloudHSM cluster that an object of the app's is, behind a custom key store.
final class KeyStoreTests: XCTestCase {
    private static let id = "cluster-abcdefg2345"
    private static let password = "kmsPswd"

    private struct Broken: Error, Equatable {
        let description = "mine"
    }

    /// Keys in this process: each is a vault, whose blobs are kept here under the IV and the tag that the ciphertext has.
    private final class Cluster: CloudHsmCluster, @unchecked Sendable {
        private let lock = NSLock()
        private var sealed: [Data: (blob: Data, aad: Data)] = [:]
        private(set) var keys: [String: Fixture] = [:]
        var fails: (any Error)?

        private func begin(_ password: String) throws {
            if let fails { throw fails }
            if password != KeyStoreTests.password {
                throw clusterError(kind: .invalidCredentials, text: "that is not the password")
            }
        }

        func describe() throws -> String? { nil }

        func connect(password: String) throws { try begin(password) }

        func disconnect() throws {}

        func createKey(password: String, label: String) throws -> String {
            try begin(password)
            keys[label] = try Fixture()
            return label
        }

        func deleteKey(password: String, key: String) throws {
            try begin(password)
            keys[key] = nil
        }

        func encrypt(password: String, key: String, plaintext: Data, aad: Data) throws -> Data {
            try begin(password)
            let request = EncryptRequest(keyId: keys[key]!.keyId, plaintext: plaintext)
            let blob = try keys[key]!.kms.encrypt(request: request).ciphertextBlob
            let random = Data((0..<12 + plaintext.count + 16).map { _ in UInt8.random(in: 0...255) })
            lock.withLock { sealed[random] = (blob, aad) }
            return random
        }

        func decrypt(password: String, key: String, ciphertext: Data, aad: Data) throws -> Data {
            try begin(password)
            guard let found = lock.withLock({ sealed[ciphertext] }), found.aad == aad else {
                throw clusterError(kind: .invalidCiphertext, text: "another tag")
            }
            return try keys[key]!.kms.decrypt(request: DecryptRequest(ciphertextBlob: found.blob)).plaintext
        }

        func random(password: String, length: UInt32) throws -> Data {
            try begin(password)
            return Data(repeating: 0x5a, count: Int(length))
        }
    }

    private func opened(_ cluster: Cluster) throws -> Vault {
        try Vault.inMemory(rootKey: RootKey.fromBytes(bytes: Data(count: 32)), cloudHsmClusters: [Self.id: cluster])
    }

    private func connected(_ kms: Kms, password: String = KeyStoreTests.password) throws -> String {
        let request = CreateCustomKeyStoreRequest(
            customKeyStoreName: "hsm", cloudHsmClusterId: Self.id, trustAnchorCertificate: "MII", keyStorePassword: password)
        let id = try XCTUnwrap(kms.createCustomKeyStore(request: request).customKeyStoreId)
        try kms.connectCustomKeyStore(request: .init(customKeyStoreId: id))
        return id
    }

    private func created(_ kms: Kms, in store: String) throws -> String {
        try kms.createKey(request: .init(origin: .awsCloudhsm, customKeyStoreId: store)).keyMetadata.keyId
    }

    func testKeysAreMadeAndUsedInTheCluster() throws {
        let cluster = Cluster()
        let kms = try opened(cluster).client()
        let store = try connected(kms)
        let key = try created(kms, in: store)
        XCTAssertEqual(Array(cluster.keys.keys), [key])
        let context = ["a": "b"]
        let request = EncryptRequest(keyId: key, plaintext: Data("hello".utf8), encryptionContext: context)
        let blob = try kms.encrypt(request: request).ciphertextBlob
        let opened = try kms.decrypt(request: .init(ciphertextBlob: blob, encryptionContext: context))
        XCTAssertEqual(opened.plaintext, Data("hello".utf8))
        XCTAssertEqual(thrown(try kms.decrypt(request: .init(ciphertextBlob: blob)))?.name, "InvalidCiphertextException")
        let random = try kms.generateRandom(request: .init(numberOfBytes: 4, customKeyStoreId: store))
        XCTAssertEqual(random.plaintext, Data(repeating: 0x5a, count: 4))
    }

    func testWhatAClusterThrows() throws {
        let cluster = Cluster()
        let kms = try opened(cluster).client()
        let request = EncryptRequest(keyId: try created(kms, in: connected(kms)), plaintext: Data([1]))
        cluster.fails = clusterError(kind: .unreachable, text: "the cable is out")
        let unreachable = thrown(try kms.encrypt(request: request))
        XCTAssertEqual(unreachable?.name, "KeyUnavailableException")
        XCTAssertEqual(unreachable?.explanation, "the cable is out")
        XCTAssertFalse(unreachable?.message.contains("cable") ?? true)
        cluster.fails = Broken()
        XCTAssertThrowsError(try kms.encrypt(request: request)) { XCTAssertEqual($0 as? Broken, Broken()) }
        cluster.fails = nil
        _ = try kms.encrypt(request: request)
    }

    func testAWrongPasswordFailsTheConnection() throws {
        let kms = try opened(Cluster()).client()
        _ = try connected(kms, password: "another")
        let store = try kms.describeCustomKeyStores(request: .init()).customKeyStores.first
        XCTAssertEqual(store?.connectionState, .failed)
        XCTAssertEqual(store?.connectionErrorCode, .invalidCredentials)
    }
}
