import Foundation
import PocketKMS

/// The Keychain of one device, in memory. Its keys encrypt by PocketKMS itself.
final class MemoryKeychain: Keychain, @unchecked Sendable {
    private let lock = NSLock()
    private var kept: [Key] = []
    private var isLocked = false
    private var enrolled = Data("one face".utf8)

    /// Another face is enrolled.
    func enroll() { lock.withLock { enrolled = Data("two faces".utf8) } }

    func setLocked(_ locked: Bool) { lock.withLock { isLocked = locked } }

    func keys(_ item: KeychainItem) throws -> [any KeychainKey] {
        try lock.withLock {
            if isLocked { throw KeychainLockedError() }
            return kept
        }
    }

    func create(_ item: KeychainItem, protection: KeychainProtection) throws -> any KeychainKey {
        try lock.withLock {
            let key = try Key(keychain: self, enrollment: enrolled, number: kept.count)
            kept.append(key)
            return key
        }
    }

    func enrollment() -> Data? { lock.withLock { enrolled } }

    private final class Key: KeychainKey, @unchecked Sendable {
        struct Invalidated: Error {}

        let id: Data
        let enrollment: Data?
        private let keyring: Keyring
        private unowned let keychain: MemoryKeychain

        init(keychain: MemoryKeychain, enrollment: Data, number: Int) throws {
            (self.keychain, self.enrollment) = (keychain, enrollment)
            id = Data(UUID().uuidString.utf8)
            keyring = try Keyring.rawAes(namespace: "device", name: "\(number)", wrappingKey: RootKey.generate().toBytes())
        }

        func encrypt(_ plaintext: Data) throws -> Data { try EncryptionClient().encrypt(keyring: keyring, plaintext: plaintext).message }

        func decrypt(_ ciphertext: Data) throws -> Data {
            guard keychain.enrollment() == enrollment else { throw Invalidated() }
            return try EncryptionClient().decrypt(keyring: keyring, message: ciphertext).plaintext
        }

        func delete() { keychain.lock.withLock { keychain.kept.removeAll { $0 === self } } }
    }
}
