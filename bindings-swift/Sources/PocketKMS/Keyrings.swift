import Foundation

extension Keyring {
    /// AWS's hierarchical keyring with branch keys of the vault, of which `branchKeyId` chooses one by the encryption context
    /// of each message: one per tenant, say. It may be called from any thread.
    public static func hierarchical(
        kms: Kms, ttl: TimeInterval, maxEntries: UInt32? = nil,
        branchKeyId: @escaping @Sendable ([String: String]) throws -> String
    ) throws -> Keyring {
        try hierarchicalBySupplier(
            kms: kms, supplier: Chosen(branchKeyId), ttl: ttl, maxEntries: maxEntries)
    }

    /// The same with branch keys of the app's own store.
    public static func hierarchical(
        source: any BranchKeySource, ttl: TimeInterval, maxEntries: UInt32? = nil,
        branchKeyId: @escaping @Sendable ([String: String]) throws -> String
    ) throws -> Keyring {
        try hierarchicalOfSourceBySupplier(
            source: source, supplier: Chosen(branchKeyId), ttl: ttl, maxEntries: maxEntries)
    }
}

extension BranchKeySource {
    /// By default, what a keyring keeps is used until its time is over.
    public func branchKeyState(branchKeyId: String, branchKeyVersion: String?) throws -> String { "" }
}

extension DataKeyWrapper {
    /// By default, data keys stay out of any cache.
    public func fingerprint(
        encryptedDataKeys: [EncryptedDataKey]?, encryptionContext: [String: String]
    ) throws -> Data? { nil }
}

/// A closure as the trait.
private final class Chosen: BranchKeyIdSupplier {
    private let choose: @Sendable ([String: String]) throws -> String

    init(_ choose: @escaping @Sendable ([String: String]) throws -> String) { self.choose = choose }

    func branchKeyId(encryptionContext: [String: String]) throws -> String { try choose(encryptionContext) }
}
