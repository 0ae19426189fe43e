import Foundation
import PocketKMS
import XCTest

/// What an app implements itself: another KMS, and branch keys of its own. What it throws, `ThrownTests` has.
final class AppTests: XCTestCase {
    private let client = EncryptionClient()

    private struct Broken: Error, CustomStringConvertible {
        let description = "no network"
    }

    func testNonsenseOfAnotherKms() throws {
        let fixture = try Fixture()
        let right = try fixture.kms.generateDataKey(request: .init(keyId: fixture.keyId, keySpec: .aes256))
        for (response, name) in [
            (GenerateDataKeyResponse(ciphertextBlob: Data(), plaintext: Data(count: 16), keyId: right.keyId), "ValidationException"),
            (GenerateDataKeyResponse(ciphertextBlob: Data(), plaintext: right.plaintext, keyId: "alias/x"), "InvalidArnException"),
            (GenerateDataKeyResponse(
                ciphertextBlob: Data(count: 70_000), plaintext: right.plaintext, keyId: right.keyId), "LimitExceededException"),
        ] {
            let passing = Passing(kms: fixture.kms)
            passing.dataKey = response
            let keyring = Keyring.kmsClient(client: passing, generator: fixture.key.arn)
            XCTAssertEqual(thrown(try client.encrypt(keyring: keyring, plaintext: Data()))?.name, name)
        }
    }

    func testAnotherKms() throws {
        let fixture = try Fixture()
        let other = try fixture.kms.createKey(request: CreateKeyRequest()).keyMetadata
        let passing = Passing(kms: fixture.kms)
        let keyring = Keyring.kmsClient(client: passing, generator: fixture.key.arn, additionalKeys: [other.arn])
        let options = EncryptOptions(encryptionContext: ["a": "b"])
        let message = try client.encrypt(keyring: keyring, plaintext: Data("x".utf8), options: options).message
        XCTAssertEqual(passing.calls, ["GenerateDataKey", "Encrypt"])
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, Data("x".utf8))
        XCTAssertEqual(passing.calls, ["GenerateDataKey", "Encrypt", "Decrypt"])

        // The vault opens it, and a discovery keyring; one for another Region has no key of it.
        let vault = Keyring.kms(kms: fixture.kms, generator: other.keyId)
        XCTAssertEqual(try client.decrypt(keyring: vault, message: message).plaintext, Data("x".utf8))
        let all = try Keyring.kmsClientDiscovery(client: passing)
        XCTAssertEqual(try client.decrypt(keyring: all, message: message).plaintext, Data("x".utf8))
        for keyring in [
            try Keyring.kmsClientDiscovery(client: passing, region: "eu-central-1"),
            try Keyring.kmsClientDiscovery(
                client: passing, filter: DiscoveryFilter(accountIds: ["111122223333"])),
        ] {
            XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: message))
        }
        XCTAssertEqual(thrown(try client.encrypt(keyring: all, plaintext: Data()))?.name, "ValidationException")

        // Grant tokens go with each request; a vault refuses them.
        for granted in [
            Keyring.kmsClient(client: passing, generator: fixture.key.arn, grantTokens: ["token"]),
            Keyring.kms(kms: fixture.kms, generator: fixture.keyId, grantTokens: ["token"]),
        ] {
            XCTAssertEqual(
                thrown(try client.encrypt(keyring: granted, plaintext: Data()))?.name, "InvalidGrantTokenException")
        }
        for granted in [
            try Keyring.kmsClientDiscovery(client: passing, grantTokens: ["token"]),
            try Keyring.kmsDiscovery(kms: fixture.kms, grantTokens: ["token"]),
        ] {
            let attempts = thrown(try client.decrypt(keyring: granted, message: message))?.attempts ?? []
            XCTAssertEqual(Set(attempts.map { $0.error?.name }), ["InvalidGrantTokenException"])
        }
    }

    /// A multi-Region key is the same key in every Region, for a keyring that is multi-Region aware; of others only its own Region's count.
    /// Which client a keyring asks shows in its attempts: this vault has no multi-Region key.
    func testMultiRegionKeys() throws {
        let fixture = try Fixture(), client = client
        let right = try fixture.kms.generateDataKey(request: .init(keyId: fixture.keyId, keySpec: .aes256))
        let arn = "arn:aws:kms:us-east-1:000000000000:key/mrk-" + String(repeating: "1", count: 32)
        let passing = Passing(kms: fixture.kms)
        passing.dataKey = GenerateDataKeyResponse(
            ciphertextBlob: right.ciphertextBlob, plaintext: right.plaintext, keyId: arn)
        let message = try client.encrypt(
            keyring: Keyring.kmsClient(client: passing, generator: arn), plaintext: Data("x".utf8)).message
        let single = try client.encrypt(
            keyring: Keyring.kms(kms: fixture.kms, generator: fixture.keyId), plaintext: Data("x".utf8)).message
        let replica = arn.replacingOccurrences(of: "us-east-1", with: "eu-central-1")
        let west = try fixture.vault.client(region: "eu-central-1")
        func asks(_ keyring: Keyring, _ message: Data) -> Bool {
            thrown(try client.decrypt(keyring: keyring, message: message))?.attempts.first?.error != nil
        }
        XCTAssertFalse(asks(Keyring.kms(kms: west, generator: replica), message), "another key")
        let aware = Keyring.kms(kms: west, generator: replica, multiRegionAware: true)
        XCTAssertTrue(asks(aware, message), "the same key")
        XCTAssertFalse(asks(aware, single))
        XCTAssertTrue(asks(try Keyring.kmsDiscovery(kms: west), single))
        let discovery = try Keyring.kmsDiscovery(kms: west, multiRegionAware: true)
        XCTAssertTrue(asks(discovery, message))
        XCTAssertFalse(asks(discovery, single), "a key of one Region, in another")
        let own = try Keyring.kmsDiscovery(kms: fixture.kms, multiRegionAware: true)
        XCTAssertEqual(try client.decrypt(keyring: own, message: single).plaintext, Data("x".utf8))
    }

    /// A wrapper with a fingerprint may be cached, until the fingerprint changes or throws.
    func testFingerprints() throws {
        final class Fingerprinted: DataKeyWrapper, @unchecked Sendable {
            var fingerprint: () throws -> Data? = { Data([1]) }
            var wrapped = 0
            var unwrapped = 0

            func wrapDataKey(
                dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
            ) throws -> WrappedDataKey {
                wrapped += 1
                return WrappedDataKey(providerInfo: Data("key".utf8), ciphertext: dataKey)
            }
            func unwrapDataKey(
                key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
            ) throws -> Data {
                unwrapped += 1
                return key.ciphertext
            }
            func fingerprint(
                encryptedDataKeys: [EncryptedDataKey]?, encryptionContext: [String: String]
            ) throws -> Data? { try fingerprint() }
        }
        let wrapper = Fingerprinted(), client = client
        let cache = try Keyring.caching(keyring: .callback(providerId: "app", wrapper: wrapper))
        func encrypt() throws -> Data { try client.encrypt(keyring: cache, plaintext: Data("x".utf8)).message }
        let message = try encrypt()
        _ = try encrypt()
        XCTAssertEqual(wrapper.wrapped, 1, "cached")
        wrapper.fingerprint = { Data([2]) }
        _ = try encrypt()
        XCTAssertEqual(wrapper.wrapped, 2, "another key")
        cache.clear()
        _ = try encrypt()
        XCTAssertEqual(wrapper.wrapped, 3, "forgotten")
        for _ in 0..<2 { _ = try client.decrypt(keyring: cache, message: message) }
        XCTAssertEqual(wrapper.unwrapped, 1, "cached")
        wrapper.fingerprint = { nil }
        for _ in 0..<2 { _ = try encrypt() }
        XCTAssertEqual(wrapper.wrapped, 5, "kept out of the cache")
        wrapper.fingerprint = { throw Broken() }
        XCTAssertThrowsError(try encrypt()) { XCTAssertTrue($0 is Broken, "\($0)") }
        _ = try client.decrypt(keyring: cache, message: message)
        XCTAssertEqual(wrapper.unwrapped, 2, "the wrapper decides, not the cache")
    }

    func testBranchKeysOfTheApp() throws {
        let clock = ManualClock(now: Fixture.start)
        let store = Store()
        let keyring = try Keyring.hierarchicalOfSource(
            source: store, branchKeyIdentifier: "tenant-1", ttl: 86_400, clock: clock)
        let message = try client.encrypt(keyring: keyring, plaintext: Data("x".utf8)).message
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, Data("x".utf8))
        XCTAssertEqual(store.asked, ["tenant-1 active", "tenant-1 \(store.versions[0])"])

        // A rotation is seen when the time to live has passed, and the former version still decrypts.
        store.versions.append("0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a002")
        func version() throws -> String? {
            let keys = try client.encrypt(keyring: keyring, plaintext: Data()).header.encryptedDataKeys
            return wrappingKey(key: keys[0]).keyMaterial
        }
        XCTAssertEqual(try version(), store.versions[0])
        clock.advanceDays(days: 1)
        XCTAssertEqual(try version(), store.versions[1])
        XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, Data("x".utf8))

        // A state of the store's own takes effect immediately.
        store.state = "rotated"
        store.versions.removeLast()
        XCTAssertEqual(try version(), store.versions[0])
        store.state = nil
        XCTAssertThrowsError(try version()) { XCTAssertTrue($0 is Store.Missing, "\($0)") }
        store.state = ""

        // What the store gets wrong, or throws.
        func fresh() throws -> Keyring {
            try .hierarchicalOfSource(source: store, branchKeyIdentifier: "tenant-1", ttl: 0.001)
        }
        store.length = 31
        let short = thrown(try client.encrypt(keyring: fresh(), plaintext: Data()))
        XCTAssertEqual(short?.name, "ValidationException")
        XCTAssertTrue(short?.message.contains("31") == true)
        store.length = 32
        store.versions = ["one"]
        XCTAssertEqual(thrown(try client.encrypt(keyring: fresh(), plaintext: Data()))?.name, "ValidationException")
        XCTAssertThrowsError(try client.decrypt(keyring: fresh(), message: message), "another version")
        store.versions = []
        let error = thrown(try client.decrypt(keyring: fresh(), message: message))
        XCTAssertTrue(error?.explanation?.contains("no such branch key") == true, "\(error as Any)")
        XCTAssertEqual(
            thrown(try Keyring.hierarchicalOfSource(source: store, branchKeyIdentifier: "", ttl: 0.001))?.name,
            "ValidationException")
    }

    func testABranchKeyPerTenant() throws {
        let fixture = try Fixture()
        let branches = try (0..<2).map { _ in
            try fixture.kms.createBranchKey(request: CreateBranchKeyRequest(kmsKeyId: fixture.keyId)).branchKeyIdentifier
        }
        let tenants = ["a": branches[0], "b": branches[1]]
        let choose: @Sendable ([String: String]) throws -> String = { context in
            guard let id = tenants[context["tenant"] ?? ""] else { throw Broken() }
            return id
        }
        for (keyring, ids) in [
            (try Keyring.hierarchical(kms: fixture.kms, ttl: 60, branchKeyId: choose), branches),
            (try Keyring.hierarchical(source: Store(), ttl: 60, maxEntries: 5, branchKeyId: choose), branches),
        ] {
            for (tenant, id) in zip(["a", "b"], ids) {
                let options = EncryptOptions(encryptionContext: ["tenant": tenant])
                let encrypted = try client.encrypt(keyring: keyring, plaintext: Data(tenant.utf8), options: options)
                XCTAssertEqual(encrypted.header.encryptedDataKeys[0].providerInfo, Data(id.utf8))
                XCTAssertEqual(
                    try client.decrypt(keyring: keyring, message: encrypted.message).plaintext, Data(tenant.utf8))
            }
            XCTAssertThrowsError(try client.encrypt(keyring: keyring, plaintext: Data())) {
                XCTAssertTrue($0 is Broken, "\($0)")
            }
        }
    }

    /// What the app is asked in the middle of a call may itself use the vault, the same keyring and its cache, or close it.
    func testTheAppMayCallWhileItIsAsked() throws {
        let fixture = try Fixture(), client = client
        let branch = try fixture.kms.createBranchKey(request: .init(kmsKeyId: fixture.keyId)).branchKeyIdentifier
        let keyrings = Shared<[Keyring]>([])
        let depth = Shared<Int>(0)
        let hierarchical = try Keyring.hierarchical(kms: fixture.kms, ttl: 60) { context in
            _ = try fixture.kms.describeKey(request: .init(keyId: fixture.keyId))
            var now = 0
            depth.change { now = $0!; $0 = now + 1 }
            if now == 0 {
                for keyring in keyrings.get()! {
                    _ = try client.encrypt(
                        keyring: keyring, plaintext: Data(), options: EncryptOptions(encryptionContext: context))
                }
            }
            return branch
        }
        keyrings.set([hierarchical, try Keyring.caching(keyring: hierarchical)])
        for keyring in keyrings.get()! {
            depth.set(0)
            let message = try client.encrypt(keyring: keyring, plaintext: Data("x".utf8)).message
            depth.set(0)
            XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, Data("x".utf8))
        }
        keyrings.set(nil)
        let closing = try Keyring.hierarchical(kms: fixture.kms, ttl: 60) { _ in
            fixture.vault.close()
            return branch
        }
        XCTAssertThrowsError(try client.encrypt(keyring: closing, plaintext: Data()))
        XCTAssertTrue(fixture.kms.isClosed())
    }

    func testPrintingHidesTheBranchKey() {
        var text = ""
        dump(BranchKeyMaterials(branchKeyVersion: "1", branchKey: Data("hunter2!".utf8)), to: &text)
        XCTAssertTrue(text.contains("<8 bytes>"), text)
        XCTAssertFalse(text.contains("104"), text) // the letter h
    }
}

/// Passes everything on to a vault, as an app would to AWS.
private final class Passing: KmsClient, @unchecked Sendable {
    let kms: Kms
    let before: () throws -> Void
    var calls: [String] = []
    var dataKey: GenerateDataKeyResponse?

    init(kms: Kms, before: @escaping () throws -> Void = {}) {
        self.kms = kms
        self.before = before
    }

    func generateDataKey(request: GenerateDataKeyRequest) throws -> GenerateDataKeyResponse {
        try before()
        calls.append("GenerateDataKey")
        return try dataKey ?? kms.generateDataKey(request: request)
    }

    func encrypt(request: EncryptRequest) throws -> EncryptResponse {
        try before()
        calls.append("Encrypt")
        return try kms.encrypt(request: request)
    }

    func decrypt(request: DecryptRequest) throws -> DecryptResponse {
        try before()
        calls.append("Decrypt")
        return try kms.decrypt(request: request)
    }
}

/// A store of branch keys, the last version of which is active.
private final class Store: BranchKeySource, @unchecked Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description = "no such branch key"
    }

    var versions = ["0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001"]
    var asked: [String] = []
    var length = 32
    var state: String? = ""

    func branchKeyState(branchKeyId: String, branchKeyVersion: String?) throws -> String {
        guard let state else { throw Missing() }
        return state
    }

    func activeBranchKey(branchKeyId: String) throws -> BranchKeyMaterials {
        asked.append("\(branchKeyId) active")
        return try materials(branchKeyId, versions.last)
    }

    func branchKeyVersion(branchKeyId: String, branchKeyVersion: String) throws -> BranchKeyMaterials {
        asked.append("\(branchKeyId) \(branchKeyVersion)")
        // In place of one that is not there any more it returns what there is.
        return try materials(branchKeyId, versions.contains(branchKeyVersion) ? branchKeyVersion : versions.last)
    }

    private func materials(_ id: String, _ version: String?) throws -> BranchKeyMaterials {
        guard let version else { throw Missing() }
        let key = Data("\(id) \(version)".utf8) + Data(count: 32)
        return BranchKeyMaterials(branchKeyVersion: version, branchKey: key.prefix(length))
    }
}
