import Foundation
import PocketKMS
import XCTest

/// What an app's own code throws comes out of the call that led there: the very same error.
final class ThrownTests: XCTestCase {
    private let client = EncryptionClient()
    private var folder: URL!

    /// An object, so that the same can be distinguished from an equal one.
    private final class Broken: Error, CustomStringConvertible {
        let description = "no network"
    }

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    /// Throws in every way that an app is asked.
    private final class Throwing: KmsClient, DataKeyWrapper, BranchKeySource, BranchKeyIdSupplier, FileProgress, RewrapProgress {
        let thrown: any Error
        init(_ thrown: any Error) { self.thrown = thrown }

        func generateDataKey(request: GenerateDataKeyRequest) throws -> GenerateDataKeyResponse { throw thrown }
        func encrypt(request: EncryptRequest) throws -> EncryptResponse { throw thrown }
        func decrypt(request: DecryptRequest) throws -> DecryptResponse { throw thrown }
        func wrapDataKey(
            dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
        ) throws -> WrappedDataKey { throw thrown }
        func unwrapDataKey(
            key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
        ) throws -> Data { throw thrown }
        func activeBranchKey(branchKeyId: String) throws -> BranchKeyMaterials { throw thrown }
        func branchKeyVersion(branchKeyId: String, branchKeyVersion: String) throws -> BranchKeyMaterials { throw thrown }
        func branchKeyId(encryptionContext: [String: String]) throws -> String { throw thrown }
        func update(done: UInt64, total: UInt64) throws -> Bool { throw thrown }
        func update(file: RewrappedFile) throws -> Bool { throw thrown }
    }

    private func error(_ call: () throws -> Any) -> (any Error)? {
        do {
            _ = try call()
            return nil
        } catch { return error }
    }

    func testComesOutAsItWas() throws {
        let fixture = try Fixture(), client = client
        let raw = try Keyring.rawAes(namespace: "a", name: "b", wrappingKey: Data(count: 32))
        let plain = folder.appendingPathComponent("plain"), message = folder.appendingPathComponent("message")
        try Data(count: 9).write(to: plain)
        try client.encryptFile(at: plain, to: message, keyring: raw)

        /// Each call that leads to the app, where the app throws.
        func calls(_ thrown: any Error) throws -> [() throws -> Any] {
            let throwing = Throwing(thrown)
            let keyrings = try [
                Keyring.kmsClient(client: throwing, generator: fixture.key.arn),
                Keyring.callback(providerId: "app", wrapper: throwing),
                Keyring.hierarchicalOfSource(source: throwing, branchKeyIdentifier: "a branch", ttl: 1),
                Keyring.hierarchicalBySupplier(kms: fixture.kms, supplier: throwing, ttl: 1),
                Keyring.hierarchical(kms: fixture.kms, ttl: 1) { _ in throw thrown },
                Keyring.multi(generator: raw, children: [Keyring.callback(providerId: "app", wrapper: throwing)]),
            ]
            return keyrings.flatMap { keyring -> [() throws -> Any] in
                [
                    { try client.encrypt(keyring: keyring, plaintext: Data()) },
                    { try client.encryptor(keyring: keyring) },
                    { try client.encryptFile(at: plain, to: message, keyring: keyring) },
                ]
            } + [
                { try client.decryptFile(at: message, to: plain, keyring: raw) { _, _ in throw thrown } },
                { try client.decryptPath(
                    keyring: raw, source: message.path, destination: plain.path, progress: throwing) },
                { try RewrapBatch(client: client, source: raw, destination: raw).files([message]) { _ in throw thrown } },
                { try RewrapBatch(client: client, source: raw, destination: raw)
                    .filesByPath(paths: [message.path], progress: throwing) },
            ]
        }
        let broken = Broken()
        for call in try calls(broken) { XCTAssertTrue(error(call) as? Broken === broken) }
        let notFound = KmsError.NotFound(details: ErrorDetails(message: "no such key"))
        for call in try calls(notFound) { XCTAssertEqual(error(call) as? KmsError, notFound) }
        for call in try calls(FileError.Cancelled) { XCTAssertEqual(error(call) as? FileError, .Cancelled) }
        for call in try calls(CancellationError()) { XCTAssertTrue(error(call) is CancellationError) }
        XCTAssertEqual(notFound.description, "NotFoundException: no such key")
        XCTAssertEqual(notFound.code, 20)
    }

    /// A data key that could not be decrypted ends nothing: what was thrown stands with it.
    func testStandsInTheAttempts() throws {
        let fixture = try Fixture()
        let vault = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let message = try client.encrypt(keyring: vault, plaintext: Data("x".utf8)).message
        let broken = Broken()
        let away = Keyring.kmsClient(client: Throwing(broken), generator: fixture.key.arn)
        let error = try XCTUnwrap(thrown(try client.decrypt(keyring: away, message: message)))
        XCTAssertEqual(error.name, "UnableToDecryptDataKeyException")
        XCTAssertEqual(error.message, "")
        XCTAssertNil(error.origin)
        for _ in 0..<3 { // as often as it is asked for
            let attempt = try XCTUnwrap(error.attempts.first?.error)
            XCTAssertTrue(attempt.origin as? Broken === broken)
            XCTAssertEqual(attempt.name, "KeyUnavailableException")
        }
        XCTAssertEqual(error.attempts.map(\.keyArn), [fixture.key.arn])
        XCTAssertEqual(error.causes, ["KeyUnavailableException: the app's own code failed (no network)"])
        XCTAssertTrue(error.explanation?.contains("no network") == true, error.report)
        XCTAssertEqual(error, error)
        // Whatever else finds the data key may go on.
        let both = try Keyring.multi(generator: nil, children: [away, vault])
        XCTAssertEqual(try client.decrypt(keyring: both, message: message).plaintext, Data("x".utf8))
    }

    /// But one who was told to stop is not asked further.
    func testEndsTheCall() throws {
        let fixture = try Fixture()
        let vault = Keyring.kms(kms: fixture.kms, generator: fixture.keyId)
        let message = try client.encrypt(keyring: vault, plaintext: Data("x".utf8)).message
        let away = Keyring.kmsClient(client: Throwing(CancellationError()), generator: fixture.key.arn)
        XCTAssertTrue(error { try client.decrypt(keyring: away, message: message) } is CancellationError)
        let both = try Keyring.multi(generator: nil, children: [away, vault])
        XCTAssertTrue(error { try client.decrypt(keyring: both, message: message) } is CancellationError)
    }

    func testPassesThroughSeveralCalls() async throws {
        let fixture = try Fixture(), client = client, broken = Broken()
        let inner = try Keyring.callback(providerId: "app", wrapper: Throwing(broken))
        let outer = try Keyring.hierarchical(kms: fixture.kms, ttl: 1) { _ in
            _ = try client.encrypt(keyring: inner, plaintext: Data())
            return "never"
        }
        XCTAssertTrue(error { try client.encrypt(keyring: outer, plaintext: Data()) } as? Broken === broken)
        let passing = try Keyring.hierarchical(kms: fixture.kms, ttl: 1) { _ in
            try fixture.kms.describeKey(request: .init(keyId: "alias/nobody")).keyMetadata.keyId
        }
        let notFound = thrown(try client.encrypt(keyring: passing, plaintext: Data()))
        XCTAssertTrue(notFound?.message.contains("alias/nobody") == true, "\(notFound as Any)")

        let pieces = AsyncStream<Data> { $0.yield(Data("x".utf8)); $0.finish() }
        do {
            for try await _ in client.encrypt(pieces, keyring: inner) {}
            XCTFail("nothing was thrown")
        } catch { XCTAssertTrue(error as? Broken === broken) }
    }

    /// Nothing of it stays behind.
    func testIsForgotten() throws {
        weak var gone: Broken?
        try {
            let fixture = try Fixture()
            let message = try client.encrypt(
                keyring: Keyring.kms(kms: fixture.kms, generator: fixture.keyId), plaintext: Data()).message
            let broken = Broken()
            gone = broken
            let away = Keyring.kmsClient(client: Throwing(broken), generator: fixture.key.arn)
            XCTAssertTrue(error { try client.encrypt(keyring: away, plaintext: Data()) } as? Broken === broken)
            let error = thrown(try client.decrypt(keyring: away, message: message))
            XCTAssertTrue(error?.attempts.first?.error?.origin as? Broken === broken)
            XCTAssertNotNil(gone)
        }()
        XCTAssertNil(gone)
    }
}
