import Foundation
import PocketKMS
import XCTest

/// What the app answers itself: a KMS elsewhere, branch keys of its own, and errors of its own.
final class AppTests: XCTestCase {
    private let client = EncryptionClient()

    private struct Broken: Error, CustomStringConvertible {
        let description = "no network"
    }

    func testWhatAKmsElsewhereThrows() throws {
        let fixture = try Fixture()
        let vault = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let message = try client.encrypt(keyring: vault, plaintext: Data("x".utf8)).message
        let away = Passing(kms: fixture.kms) { throw Broken() }
        let keyring = Keyring.kmsClient(client: away, generator: fixture.key.arn)
        let refused = thrown(try client.encrypt(keyring: keyring, plaintext: Data()))
        XCTAssertEqual(refused?.name, "KeyUnavailableException")
        XCTAssertEqual(refused?.explanation, "no network")
        let unopened = thrown(try client.decrypt(keyring: keyring, message: message))
        XCTAssertEqual(unopened?.name, "UnableToDecryptDataKeyException")
        XCTAssertTrue(unopened?.explanation?.contains("no network") == true, "\(unopened as Any)")
        XCTAssertEqual(unopened?.message, "")
        XCTAssertEqual(unopened?.causes, ["KeyUnavailableException: the app's own code failed (no network)"])

        // Errors of KMS stay what they are, from the app's own hand, too.
        let gone = Passing(kms: fixture.kms) { throw KmsError.NotFound(details: ErrorDetails(message: "no such key")) }
        let notFound = thrown(try client.encrypt(
            keyring: .kmsClient(client: gone, generator: fixture.key.arn), plaintext: Data()))
        XCTAssertEqual(notFound?.description, "NotFoundException: no such key")
        XCTAssertEqual(notFound?.code, 20)
        let own = Keyring.kmsClient(client: Passing(kms: fixture.kms), generator: fixture.key.arn)
        _ = try fixture.kms.disableKey(request: .init(keyId: fixture.keyId))
        XCTAssertEqual(thrown(try client.encrypt(keyring: own, plaintext: Data()))?.name, "DisabledException")
        let disabled = thrown(try client.decrypt(keyring: own, message: message))
        XCTAssertTrue(disabled?.explanation?.contains("DisabledException") == true, "\(disabled as Any)")
    }

    func testNonsenseOfAKmsElsewhere() throws {
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

    func testAKmsElsewhere() throws {
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
        let all = Keyring.kmsClientDiscovery(client: passing)
        XCTAssertEqual(try client.decrypt(keyring: all, message: message).plaintext, Data("x".utf8))
        for keyring in [
            Keyring.kmsClientDiscovery(client: passing, region: "eu-central-1"),
            Keyring.kmsClientDiscovery(
                client: passing, filter: DiscoveryFilter(partition: "aws", accountIds: ["111122223333"])),
        ] {
            XCTAssertThrowsError(try client.decrypt(keyring: keyring, message: message))
        }
        XCTAssertEqual(thrown(try client.encrypt(keyring: all, plaintext: Data()))?.name, "ValidationException")

        // Grant tokens go with each request; a vault refuses them.
        let granted = Keyring.kmsClient(client: passing, generator: fixture.key.arn, grantTokens: ["token"])
        XCTAssertEqual(thrown(try client.encrypt(keyring: granted, plaintext: Data()))?.name, "InvalidGrantTokenException")
    }

    func testBranchKeysOfTheApp() throws {
        let clock = ManualClock(now: Fixture.start)
        let store = Store()
        let keyring = try Keyring.hierarchicalOfSource(
            source: store, branchKeyIdentifier: "tenant-1", ttlMillis: 86_400_000, clock: clock)
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

        // What the store gets wrong, or throws.
        func fresh() throws -> Keyring {
            try .hierarchicalOfSource(source: store, branchKeyIdentifier: "tenant-1", ttlMillis: 1)
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
            thrown(try Keyring.hierarchicalOfSource(source: store, branchKeyIdentifier: "", ttlMillis: 1))?.name,
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
            (try Keyring.hierarchical(kms: fixture.kms, ttlMillis: 60_000, branchKeyId: choose), branches),
            (try Keyring.hierarchical(source: Store(), ttlMillis: 60_000, maxEntries: 5, branchKeyId: choose), branches),
        ] {
            for (tenant, id) in zip(["a", "b"], ids) {
                let options = EncryptOptions(encryptionContext: ["tenant": tenant])
                let encrypted = try client.encrypt(keyring: keyring, plaintext: Data(tenant.utf8), options: options)
                XCTAssertEqual(encrypted.header.encryptedDataKeys[0].providerInfo, Data(id.utf8))
                XCTAssertEqual(
                    try client.decrypt(keyring: keyring, message: encrypted.message).plaintext, Data(tenant.utf8))
            }
            XCTAssertEqual(thrown(try client.encrypt(keyring: keyring, plaintext: Data()))?.explanation, "no network")
        }
    }

    /// What the app is asked in the middle of a call may itself use the vault, the same keyring and its cache, or close it.
    func testTheAppMayCallWhileItIsAsked() throws {
        let fixture = try Fixture(), client = client
        let branch = try fixture.kms.createBranchKey(request: .init(kmsKeyId: fixture.keyId)).branchKeyIdentifier
        let keyrings = Shared<[Keyring]>([])
        let depth = Shared<Int>(0)
        let hierarchical = try Keyring.hierarchical(kms: fixture.kms, ttlMillis: 60_000) { context in
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
        let closing = try Keyring.hierarchical(kms: fixture.kms, ttlMillis: 60_000) { _ in
            fixture.kms.close()
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

    func activeBranchKey(branchKeyId: String) throws -> BranchKeyMaterials {
        asked.append("\(branchKeyId) active")
        return try materials(branchKeyId, versions.last)
    }

    func branchKeyVersion(branchKeyId: String, branchKeyVersion: String) throws -> BranchKeyMaterials {
        asked.append("\(branchKeyId) \(branchKeyVersion)")
        // One that is not there any more is answered with what there is.
        return try materials(branchKeyId, versions.contains(branchKeyVersion) ? branchKeyVersion : versions.last)
    }

    private func materials(_ id: String, _ version: String?) throws -> BranchKeyMaterials {
        guard let version else { throw Missing() }
        let key = Data("\(id) \(version)".utf8) + Data(count: 32)
        return BranchKeyMaterials(branchKeyVersion: version, branchKey: key.prefix(length))
    }
}
