import Foundation
import PocketKMS

/// The vault of the app: `device` is a folder that no backup takes, `backedUp` one that is in the device's. The same as in
/// docs/recipes/root-keys.md.
public final class AppVault: Sendable {
    private let path: URL
    private let copy: URL
    private let root: KeychainRootKey

    public init(device: URL, backedUp: URL, root: KeychainRootKey) throws {
        for folder in [device, backedUp] { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        #if canImport(Darwin)
        var (excluded, values) = (device, URLResourceValues())
        values.isExcludedFromBackup = true
        try excluded.setResourceValues(values)
        #endif
        (path, copy, self.root) = (device.appendingPathComponent("keys.vault"), backedUp.appendingPathComponent("keys.copy"), root)
    }

    /// What the app shows first.
    public enum Start: Sendable, Hashable {
        /// There is no vault yet.
        case new
        /// Open it: the user may be asked.
        case open
        /// A backup brought the copy, or this device's key is gone: ask for the recovery key.
        case recover
    }

    public func start() throws -> Start {
        let (isHere, isBackedUp) = (FileManager.default.fileExists(atPath: path.path), FileManager.default.fileExists(atPath: copy.path))
        if !isHere { return isBackedUp ? .recover : .new }
        switch try root.state() {
        case .missing, .invalidated: return .recover
        case .ready, .locked: return .open
        }
    }

    /// At the first start. The recovery key is to be shown this once, to be written down.
    public func create() throws -> (vault: Vault, recoveryKey: String) {
        let vault = try Vault.create(path: path.path, rootKey: root.rootKey())
        let recoveryKey = try vault.addRecoveryKey(label: "written down").text
        try save(vault)
        return (vault, "\(recoveryKey)")
    }

    public func open() throws -> Vault { try Vault.open(path: path.path, rootKey: root.rootKey()) }

    /// When the app is back from the background, where its vault was locked.
    public func unlock(_ vault: Vault) throws { try vault.unlock(rootKey: root.rootKey()) }

    /// After each change of keys: what goes into the backup is whole, or the one before.
    public func save(_ vault: Vault) throws {
        let next = copy.appendingPathExtension("next")
        try? FileManager.default.removeItem(at: next)
        _ = try vault.backup(path: next.path)
        guard rename(next.path, copy.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    public func recover(_ recoveryKey: String) throws -> Vault {
        let recovery = try RootKey.fromRecoveryKey(text: recoveryKey)
        if !FileManager.default.fileExists(atPath: path.path) {
            _ = try Vault.open(path: copy.path, rootKey: recovery).backup(path: path.path)
        }
        let vault = try Vault.open(path: path.path, rootKey: recovery)
        try root.renew(vault)
        try save(vault)
        return vault
    }
}
