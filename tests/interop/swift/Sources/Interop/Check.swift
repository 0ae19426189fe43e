import Foundation
import PocketKMS

private let checker = "swift"
/// How far the clock is past the plan's: as far as three rotations turned it.
private let daysLater: UInt32 = 3

private struct Report: Encodable {
    var checker: String
    var vaults: [String: Described] = [:]
    var decrypted: [Decrypted] = []
    var wrong_context: [String] = []
    var flips: [Flipped] = []
    var messages: [Opened] = []
    var message_flips: [MessageFlips] = []
    var snapshots: Snapshots

    struct Described: Encodable {
        var key_id, description: String
        var creation_millis: Int
        var rotation_millis: [Int?]
    }

    struct Decrypted: Encodable {
        var plaintext: Data?
        var material, key_id, error: String?
    }

    struct Flipped: Encodable {
        var `case`: Int
        var outcomes: [String]
    }

    struct Snapshots: Encodable {
        var raw_flips: [String]
        var raw_truncated, raw_wrong_root, passphrase_flip, passphrase_wrong_root: String
    }
}

/// What becomes of another maker's vaults and ciphertexts here. Reports, judges nothing.
func check(_ directory: URL, out: URL) throws {
    func file(_ name: String) throws -> Data { try Data(contentsOf: directory.appendingPathComponent(name)) }
    let plan = try Plan(in: directory)
    let manifest = try JSONDecoder().decode(Manifest.self, from: file("manifest.json"))
    let raw = try file("raw.snapshot"), passphrase = try file("passphrase.snapshot")
    let rawRoot = try plan.rawRoot(), passphraseRoot = try plan.passphraseRoot()
    let vaults = ["raw": try open(raw, rawRoot, plan), "passphrase": try open(passphrase, passphraseRoot, plan)]

    let wrongRoot = try RootKey.fromBytes(bytes: bytes(ofHexadecimal: plan.wrongRootKey))
    let wrongPassphrase = try RootKey.fromPassphrase(plan.wrongPassphrase)
    var lastFlipped = passphrase
    lastFlipped[lastFlipped.count - 1] ^= 1
    var report = Report(checker: checker, snapshots: .init(
        raw_flips: flipped(raw).map { altered in outcome { try open(altered, rawRoot, plan) } },
        raw_truncated: outcome { try open(raw.prefix(raw.count / 2), rawRoot, plan) },
        raw_wrong_root: outcome { try open(raw, wrongRoot, plan) },
        passphrase_flip: outcome { try open(lastFlipped, passphraseRoot, plan) },
        passphrase_wrong_root: outcome { try open(passphrase, wrongPassphrase, plan) }
    ))

    report.vaults = try vaults.mapValues { try described($0, plan) }
    for (index, made) in manifest.cases.enumerated() {
        guard let kms = vaults[made.vault], let context = plan.contexts[made.context] else {
            throw Missing(what: "the vault \(made.vault) or the context \(made.context)")
        }
        func decrypt(_ blob: Data, _ context: [String: String]?) throws -> DecryptResponse {
            try kms.decrypt(request: .init(ciphertextBlob: blob, encryptionContext: context))
        }

        // "No context" and "empty context" mean the same, so each is decrypted with the other.
        let crosswise = context == nil ? [:] : context == [:] ? nil : context
        do {
            let answer = try decrypt(made.blob, crosswise)
            report.decrypted.append(
                .init(plaintext: answer.plaintext, material: answer.keyMaterialId, key_id: answer.keyId))
        } catch {
            report.decrypted.append(.init(error: name(of: error)))
        }
        var wrong = context ?? [:]
        wrong[plan.wrongPair[0]] = plan.wrongPair[1]
        report.wrong_context.append(outcome { try decrypt(made.blob, wrong) })

        if made.vault == "raw", made.kind == "encrypt", made.context == plan.flip.context,
            plan.flip.lengths.contains(made.length)
        {
            let outcomes = flipped(made.blob).map { altered in outcome { try decrypt(altered, context) } }
            report.flips.append(.init(case: index, outcomes: outcomes))
        }
    }
    if let kms = vaults["raw"] {
        report.messages = try manifest.messages.map { try opened(kms, plan, $0) }
        report.message_flips = try messageFlips(kms, plan, manifest.messages)
    }
    try write(report, to: out)
}

private func open(_ snapshot: Data, _ root: RootKey, _ plan: Plan) throws -> Kms {
    let clock = plan.clock()
    clock.advanceDays(days: daysLater)
    return try Vault.openSnapshot(
        snapshot: snapshot, rootKey: root, accountId: plan.account, region: plan.region, clock: clock
    ).client()
}

private func described(_ kms: Kms, _ plan: Plan) throws -> Report.Described {
    let key = try kms.describeKey(request: .init(keyId: plan.alias)).keyMetadata
    let rotations = try kms.listKeyRotations(request: .init(keyId: key.keyId)).rotations
    return .init(
        key_id: key.keyId, description: key.description, creation_millis: millis(key.creationDate),
        rotation_millis: rotations.map { $0.rotationDate.map(millis) })
}

private func millis(_ date: Date) -> Int {
    Int((date.timeIntervalSince1970 * 1000).rounded())
}

/// Copies of the bytes, one for each position that is tried (README.md), in which the byte there has one bit flipped.
func flipped(_ bytes: Data) -> some Sequence<Data> {
    bytes.indices.lazy.filter { $0 < 1024 || $0 % 101 == 0 }.map { index in
        var copy = bytes
        copy[index] ^= 1 << (index % 8)
        return copy
    }
}

/// The error's name, or that there was none.
func outcome<T>(_ body: () throws -> T) -> String {
    do {
        _ = try body()
        return "accepted"
    } catch {
        return name(of: error)
    }
}

func name(of error: any Error) -> String {
    (error as? KmsError)?.name ?? "\(error)"
}
