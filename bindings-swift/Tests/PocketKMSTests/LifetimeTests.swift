import Foundation
import PocketKMS
import XCTest

/// Swift has no close but the vault's: an object lives as long as somebody holds it, Swift or another object made with it.
/// So each of them is let go of while what was made with it is used, also by several threads; and nothing is kept longer.
final class LifetimeTests: XCTestCase {
    private let plain = Data("x".utf8)

    private func rawAes() throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    }

    /// Makes something of an object that is let go of at once, and checks that the object has gone on Swift's side.
    private func made<Object: AnyObject, Made>(
        _ object: () throws -> Object, _ make: (Object) throws -> Made, line: UInt = #line
    ) rethrows -> Made {
        weak var gone: Object?
        let made = try {
            let object = try object()
            gone = object
            return try make(object)
        }()
        XCTAssertNil(gone, "\(Object.self) is kept", line: line)
        return made
    }

    func testEachObjectLetGoOfWhileOthersUseIt() throws {
        let root = Data(0..<32)
        let client = EncryptionClient()
        // The root key and the clock of a vault, when it was made and when it was opened.
        let vault = try made({ ManualClock(now: Fixture.start) }) { clock in
            try made({ try RootKey.fromBytes(bytes: root) }) { try Vault.inMemory(rootKey: $0, clock: clock) }
        }
        let keyId = try vault.client().createKey(request: CreateKeyRequest()).keyMetadata.keyId
        let snapshot = try vault.snapshot()
        let reopened = try made({ ManualClock(now: Fixture.start) }) { clock in
            try made({ try RootKey.fromBytes(bytes: root) }) {
                try Vault.openSnapshot(snapshot: snapshot, rootKey: $0, clock: clock)
            }
        }
        try made({ try RootKey.fromBytes(bytes: root) }) { try reopened.rotateVaultKey(rootKeys: [$0]) }
        let kms = try reopened.client()
        // The vault itself, of which a client was made.
        let client1 = try made({ try Vault.openSnapshot(snapshot: snapshot, rootKey: RootKey.fromBytes(bytes: root)) }) { try $0.client() }
        XCTAssertEqual(try client1.listKeys(request: .init()).keys.count, 1)
        XCTAssertNoThrow(try kms.encrypt(request: .init(keyId: keyId, plaintext: plain)))
        let branch = try kms.createBranchKey(request: .init(kmsKeyId: keyId)).branchKeyIdentifier
        func opened() throws -> Kms { try reopened.client() }

        // The vault of each kind of keyring; what an app implements; the keyrings and clocks within a keyring.
        let arn = try kms.describeKey(request: .init(keyId: keyId)).keyMetadata.arn
        let keyrings: [Keyring] = [
            try made(opened) { Keyring.kms(kms: $0, generator: keyId) },
            try made(opened) { try Keyring.hierarchical(kms: $0, branchKeyIdentifier: branch, ttl: 1) },
            try made(opened) { try Keyring.hierarchical(kms: $0, ttl: 1) { _ in branch } },
            try made({ ManualClock(now: Fixture.start) }) { clock in
                try Keyring.hierarchicalOfSource(
                    source: Branches(), branchKeyIdentifier: "b", ttl: 1, clock: clock)
            },
            Keyring.kmsClient(client: Passing(opened: try opened()), generator: arn),
            try Keyring.callback(providerId: "own", wrapper: Xor()),
            try made({ try self.rawAes() }) { child in
                try made(opened) { try Keyring.multi(generator: Keyring.kms(kms: $0, generator: keyId), children: [child]) }
            },
            try made({ ManualClock(now: Fixture.start) }) { clock in
                try made({ try self.rawAes() }) { try Keyring.caching(keyring: $0, clock: clock) }
            },
        ]
        for (number, keyring) in keyrings.enumerated() {
            let message = try client.encrypt(keyring: keyring, plaintext: plain).message
            XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, plain, "\(number)")
        }

        // The client and the keyring of what is made with both.
        let message = try client.encrypt(keyring: rawAes(), plaintext: plain).message
        let encryptor = try made({ EncryptionClient() }) { client in
            try made({ try self.rawAes() }) { try client.encryptor(keyring: $0) }
        }
        let made1 = try encryptor.update(plaintext: plain) + encryptor.finish()
        let decryptor = try made({ EncryptionClient() }) { client in
            try made({ try self.rawAes() }) { client.decryptor(keyring: $0) }
        }
        XCTAssertEqual(try decryptor.update(message: made1) + decryptor.finish(), plain)
        let reencryptor = try made({ EncryptionClient() }) { client in
            try made({ try self.rawAes() }) { client.reencryptor(source: $0, destination: $0) }
        }
        let made2 = try reencryptor.update(message: message) + reencryptor.finish()
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: made2).plaintext, plain)
        let reader = try made({ EncryptionClient() }) { client in
            try made({ try self.rawAes() }) { try client.rangeReader(keyring: $0, message: message) }
        }
        XCTAssertNoThrow(try reader.locate(range: ByteRange(start: 0, end: 1)))
        let batch = try made({ EncryptionClient() }) { client in
            try made({ try self.rawAes() }) {
                try RewrapBatch(client: client, source: $0, destination: $0, verifyWith: $0)
            }
        }
        XCTAssertEqual(try batch.files([URL(fileURLWithPath: "/nowhere")]).failed, 1)
    }

    func testSequencesKeepWhatTheyNeed() async throws {
        func sequence() throws -> EncryptedSequence<AsyncStream<Data>> {
            let stream = AsyncStream<Data> { continuation in
                continuation.yield(plain)
                continuation.finish()
            }
            return try EncryptionClient().encrypt(stream, keyring: rawAes())
        }
        var message = Data()
        for try await piece in try sequence() { message += piece }
        XCTAssertEqual(try EncryptionClient().decrypt(keyring: rawAes(), message: message).plaintext, plain)
    }

    /// What an app implements is let go of with the last that may ask it.
    func testWhatAnAppImplementsIsLetGoOf() throws {
        weak var wrapper: Xor?
        weak var source: Branches?
        weak var client: Passing?
        try {
            let fixture = try Fixture()
            let objects = (Xor(), Branches(), Passing(opened: fixture.kms))
            (wrapper, source, client) = objects
            for _ in 0..<3 {
                let keyrings = try [
                    Keyring.callback(providerId: "own", wrapper: objects.0),
                    Keyring.hierarchicalOfSource(source: objects.1, branchKeyIdentifier: "b", ttl: 1),
                    Keyring.hierarchical(source: objects.1, ttl: 1) { _ in "b" },
                    Keyring.kmsClient(client: objects.2, generator: fixture.key.arn),
                ]
                for keyring in keyrings {
                    let both = try Keyring.multi(generator: keyring, children: [rawAes()])
                    _ = try EncryptionClient().encrypt(keyring: both, plaintext: plain)
                }
            }
            XCTAssertNotNil(wrapper)
        }()
        XCTAssertNil(wrapper)
        XCTAssertNil(source)
        XCTAssertNil(client)
    }

    /// A keyring is replaced and let go of while threads encrypt with it, as when a view disappears.
    func testLetGoOfWhileThreadsEncrypt() throws {
        let fixture = try Fixture()
        let shared = Shared(Keyring.kms(kms: fixture.kms, generator: fixture.keyId))
        let client = EncryptionClient()
        let plain = plain
        DispatchQueue.concurrentPerform(iterations: 400) { number in
            if number % 4 == 0 {
                shared.set(number % 8 == 0 ? nil : Keyring.kms(kms: fixture.kms, generator: fixture.keyId))
            } else if let keyring = shared.get() {
                do {
                    let message = try client.encrypt(keyring: keyring, plaintext: plain).message
                    XCTAssertEqual(try client.decrypt(keyring: keyring, message: message).plaintext, plain)
                } catch { XCTFail("\(error)") }
            }
        }
    }

    /// The last reference goes on whichever thread is last.
    func testTheLastReferenceOnAnyThread() throws {
        let fixture = try Fixture()
        for _ in 0..<50 {
            let vault = try fixture.reopened(), kms = try vault.client()
            weak var gone: Kms?
            try {
                let objects: [AnyObject] = [
                    try vault.client(),
                    Keyring.kms(kms: kms, generator: fixture.keyId), ManualClock(now: Fixture.start),
                    try RootKey.fromBytes(bytes: Data(0..<32)), EncryptionClient(),
                ]
                gone = objects[0] as? Kms
                let shared = Shared(objects)
                DispatchQueue.concurrentPerform(iterations: 8) { number in
                    let mine = shared.get()
                    if number == 3 { shared.set(nil) }
                    withExtendedLifetime(mine) {}
                }
            }()
            XCTAssertNil(gone)
        }
    }

    /// One stream from several threads: they take turns, and no piece is lost.
    func testOneStreamFromSeveralThreads() throws {
        let client = EncryptionClient(), keyring = try rawAes(), piece = Data(repeating: 1, count: 10_000)
        let encryptor = try client.encryptor(keyring: keyring)
        let length = Shared<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            do {
                let made = try encryptor.update(plaintext: piece).count
                length.change { $0! += made }
            } catch { XCTFail("\(error)") }
        }
        let end = try encryptor.finish().count
        let whole = try client.encrypt(keyring: keyring, plaintext: Data(repeating: 1, count: 640_000)).message.count
        XCTAssertEqual(length.get()! + end, whole)
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            do {
                _ = try encryptor.finish()
                XCTFail("it ended twice")
            } catch { XCTAssertEqual((error as? KmsError)?.name, "StreamStateException") }
        }
    }
}

/// A value that threads share.
final class Shared<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value?

    init(_ value: Value?) { self.value = value }

    func get() -> Value? { lock.withLock { value } }
    func set(_ new: Value?) {
        let old = lock.withLock { () -> Value? in
            defer { value = new }
            return value
        }
        withExtendedLifetime(old) {} // let go of outside the lock
    }
    func change(_ body: (inout Value?) -> Void) { lock.withLock { body(&value) } }
}

private final class Xor: DataKeyWrapper {
    func wrapDataKey(
        dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> WrappedDataKey {
        WrappedDataKey(providerInfo: Data("xor".utf8), ciphertext: Data(dataKey.map { $0 ^ 0x55 }))
    }

    func unwrapDataKey(
        key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> Data {
        Data(key.ciphertext.map { $0 ^ 0x55 })
    }
}

private final class Branches: BranchKeySource {
    private let branch = BranchKeyMaterials(
        branchKeyVersion: "0a4a2c86-93f7-4f3b-8b8c-54a0d1b8a001", branchKey: Data(repeating: 1, count: 32))

    func activeBranchKey(branchKeyId: String) throws -> BranchKeyMaterials { branch }
    func branchKeyVersion(branchKeyId: String, branchKeyVersion: String) throws -> BranchKeyMaterials { branch }
}

private final class Passing: KmsClient {
    private let kms: Kms

    init(opened kms: Kms) { self.kms = kms }

    func generateDataKey(request: GenerateDataKeyRequest) throws -> GenerateDataKeyResponse {
        try kms.generateDataKey(request: request)
    }
    func encrypt(request: EncryptRequest) throws -> EncryptResponse { try kms.encrypt(request: request) }
    func decrypt(request: DecryptRequest) throws -> DecryptResponse { try kms.decrypt(request: request) }
}
