import Foundation
import PocketKMS

private let maker = "swift"
/// The one length of plaintext in the vault under a passphrase.
private let passphraseLength = 17

/// Two vaults, and ciphertexts of every length, context and generation.
func make(in directory: URL) throws {
    let plan = try Plan(in: directory)
    var cases: [Case] = []

    let clock = plan.clock()
    let rawVault = try Vault.inMemory(
        rootKey: plan.rawRoot(), accountId: plan.account, region: plan.region, clock: clock)
    let raw = try Maker("raw", plan, rawVault.client())
    for generation in 0...plan.rotations {
        if generation > 0 {
            clock.advanceDays(days: 1)
            _ = try raw.kms.rotateKeyOnDemand(request: .init(keyId: raw.keyId))
        }
        for (name, context) in plan.contexts {
            for length in plan.lengths { cases.append(try raw.encrypt(generation, name, context, length)) }
            cases.append(try raw.dataKey(generation, name, context))
        }
    }
    let messages = try makeMessages(raw.kms, plan)
    try rawVault.snapshot().write(to: directory.appendingPathComponent("raw.snapshot"))

    let passphraseVault = try Vault.inMemory(
        rootKey: plan.passphraseRoot(), accountId: plan.account, region: plan.region, clock: plan.clock())
    let passphrase = try Maker("passphrase", plan, passphraseVault.client())
    for (name, context) in plan.contexts { cases.append(try passphrase.encrypt(0, name, context, passphraseLength)) }
    try passphraseVault.snapshot().write(to: directory.appendingPathComponent("passphrase.snapshot"))

    let manifest = Manifest(
        maker: maker, key_ids: ["raw": raw.keyId, "passphrase": passphrase.keyId], cases: cases,
        messages: messages)
    try write(manifest, to: directory.appendingPathComponent("manifest.json"))
}

/// A client of a vault with its one key.
private struct Maker {
    let name: String
    let kms: Kms
    let keyId: String
    let alias: String

    init(_ name: String, _ plan: Plan, _ kms: Kms) throws {
        self.name = name
        self.kms = kms
        alias = plan.alias
        keyId = try kms.createKey(request: CreateKeyRequest(description: "made by \(maker)")).keyMetadata.keyId
        try kms.createAlias(request: .init(aliasName: alias, targetKeyId: keyId))
    }

    func encrypt(_ generation: Int, _ name: String, _ context: [String: String]?, _ length: Int) throws -> Case {
        let plaintext = Data((0..<length).map { UInt8(truncatingIfNeeded: 31 * $0 + length) })
        let blob = try kms.encrypt(
            request: .init(keyId: alias, plaintext: plaintext, encryptionContext: context)).ciphertextBlob
        let key = try kms.describeKey(request: .init(keyId: alias)).keyMetadata
        return try made("encrypt", generation, name, plaintext, blob, key.currentKeyMaterialId)
    }

    func dataKey(_ generation: Int, _ name: String, _ context: [String: String]?) throws -> Case {
        let key = try kms.generateDataKey(
            request: .init(keyId: alias, encryptionContext: context, keySpec: .aes256))
        return try made("data-key", generation, name, key.plaintext, key.ciphertextBlob, key.keyMaterialId)
    }

    private func made(
        _ kind: String, _ generation: Int, _ context: String, _ plaintext: Data, _ blob: Data, _ material: String?
    ) throws -> Case {
        guard let material else { throw Missing(what: "the answer names no material") }
        return Case(
            vault: name, kind: kind, generation: generation, context: context, length: plaintext.count,
            plaintext: plaintext, blob: blob, material: material)
    }
}
