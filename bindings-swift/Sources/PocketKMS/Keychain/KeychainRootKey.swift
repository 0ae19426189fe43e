import Foundation

/// A root key that the Keychain keeps: a key of this device, in its Secure Enclave where it has one, wraps the vault's key and never leaves.
/// It is made by the first vault that is made with it, or that it is added to; one that is missing later is an error, and never replaced in
/// silence.
///
/// It is bound to this device: **give the vault a second root key** that outlasts it (`addRecoveryKey`), and `renew` this one when a
/// `RootKeyLostError` says that it is gone.
///
///     let root = KeychainRootKey(authentication: .biometrics(reason: "Open your notes"))
///     let vault = try await Blocking.run { try Vault.openOrCreate(path: path, rootKey: root.rootKey()) }
///
/// What the system throws comes out of the vault's call as it is: where the user refused, `LAError.userCancel`. Where the device is locked,
/// it is a `KeychainLockedError`, with what the system said.
public final class KeychainRootKey: KeyWrapper, Sendable {
    /// What can be said of the key without using it.
    public enum State: Sendable, Hashable {
        /// There is none: it was not made yet, or this is another device.
        case missing
        /// It can be used, perhaps after the user was asked.
        case ready
        /// The device has to be unlocked first.
        case locked
        /// It is gone for good, since other fingerprints or faces are enrolled.
        case invalidated
    }

    private let item: KeychainItem
    private let protection: KeychainProtection
    private let keychain: any Keychain

    /// What a vault calls it in `rootKeys()`.
    public var name: String { "keychain:\(item.name)" }

    /// With a keychain of the app's own: one in memory, in its tests.
    ///
    /// - Parameters:
    ///   - item: the key's name in the keychain: one for each vault, since `renew` takes what is of no use any more from all that have it.
    ///   - accessibility: when it can be used; work in the background needs `afterFirstUnlock`.
    ///   - authentication: what the user has to do each time, if anything. To make a vault asks, too: what was wrapped is read back.
    ///   - secureEnclave: whether the Secure Enclave keeps it, where the device has one.
    public init(
        _ item: KeychainItem = KeychainItem(name: "pocketkms"), accessibility: KeychainAccessibility = .whenUnlocked,
        authentication: UserAuthentication? = nil, secureEnclave: Bool = true, keychain: any Keychain
    ) {
        self.item = item
        self.keychain = keychain
        protection = KeychainProtection(accessibility: accessibility, authentication: authentication, secureEnclave: secureEnclave)
    }

    /// The root key, for `Vault.create`, `Vault.open` and `addRootKey`.
    public func rootKey() throws -> RootKey { try RootKey.fromCallback(name: name, wrapper: self) }

    /// What can be said of the key. The user is not asked.
    public func state() throws -> State {
        do {
            let keys = try keychain.keys(item)
            return keys.isEmpty ? .missing : keys.contains(where: isValid) ? .ready : .invalidated
        } catch is KeychainLockedError {
            return .locked
        }
    }

    /// Puts a new key of this device in the place of the one that is gone, or adds one to a vault that has none of this `name`. The vault was
    /// opened with another root key, such as a recovery key. A key that can be used is kept, and wraps the vault key once more. Save the vault
    /// afterwards, where it is one in memory.
    public func renew(_ vault: Vault) throws {
        let old = try vault.rootKeys().filter { $0.kind == .callback && $0.name == name }
        let root = try rootKey()
        if let first = old.first {
            _ = try vault.replaceRootKey(id: first.id, rootKey: root)
        } else {
            _ = try vault.addRootKey(rootKey: root)
        }
        for rest in old.dropFirst() { try vault.removeRootKey(id: rest.id) }
        // Only now: until then a failure has cost nothing.
        for key in try keychain.keys(item) where !isValid(key) { try key.delete() }
    }

    /// Takes the key out of the Keychain. Vaults that have no other root key are lost with it.
    public func delete() throws {
        for key in try keychain.keys(item) { try key.delete() }
    }

    /// The key's id and what it encrypted: of several by one name the right one is found without asking the user for each.
    public func wrap(key: Data) throws -> Data {
        let own = try keychain.keys(item).first(where: isValid) ?? keychain.create(item, protection: protection)
        let id = own.id
        guard (1...255).contains(id.count) else {
            throw KmsError.Validation(details: ErrorDetails(message: "a key's id has 1 to 255 bytes"))
        }
        return try Data([UInt8(id.count)]) + id + own.encrypt(key)
    }

    public func unwrap(wrapped: Data) throws -> Data {
        let length = Int(wrapped.first ?? 0)
        guard length > 0, wrapped.count > 1 + length else {
            throw KmsError.Validation(details: ErrorDetails(message: "what the vault has of this root key is too short"))
        }
        let id = Data(wrapped.dropFirst().prefix(length))
        guard let own = try keychain.keys(item).first(where: { $0.id == id }) else {
            throw RootKeyLostError(reason: .missing, underlying: nil)
        }
        do {
            return try own.decrypt(Data(wrapped.dropFirst(1 + length)))
        } catch where !isValid(own) {
            throw RootKeyLostError(reason: .invalidated, underlying: error)
        }
    }

    /// Whether the key was made for the fingerprints and faces that are enrolled now, where it is for those alone.
    private func isValid(_ key: any KeychainKey) -> Bool {
        guard protection.authentication?.kind == .enrolledBiometrics, let made = key.enrollment else { return true }
        return keychain.enrollment() == made
    }
}
