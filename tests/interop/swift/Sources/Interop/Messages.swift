import Foundation
import PocketKMS

// Envelope messages: of every suite, for several keyrings, rewrapped.

/// What messages to make.
struct MessagePlan: Decodable {
    let suites: [String]
    let lengths: [Int]
    let frameLength: UInt32
    let context, branchKey, namespace: String
    let wrappingKeys: [String: String]
    let flip: Flip

    /// Which messages are altered byte by byte.
    struct Flip: Decodable {
        let suites: [String]
        let length: Int
    }
}

/// A message, and what it must decrypt to.
struct Message: Codable {
    var suite: String
    var length: Int
    var plaintext, message: Data
    var rewrapped: Moved

    /// What rewrapping made of it: a header, or a sidecar.
    struct Moved: Codable {
        var header: Data?
        var replaces: Int?
        var sidecar: Data?
    }
}

struct Opened: Encodable {
    var kms, raw, hierarchy, rewrapped: Outcome
    var suite: String?
    var encryption_context: [String: String]

    struct Outcome: Encodable {
        var plaintext: Data?
        var error: String?
    }
}

struct MessageFlips: Encodable {
    var message: Int
    var outcomes: [String]
}

private struct Keyrings {
    let kms, hierarchy, raw, other: Keyring

    init(_ kms: Kms, _ plan: Plan) throws {
        let of = plan.messages
        func aes(_ name: String) throws -> Keyring {
            guard let key = of.wrappingKeys[name] else { throw Missing(what: "the wrapping key \(name)") }
            return try Keyring.rawAes(namespace: of.namespace, name: name, wrappingKey: bytes(ofHexadecimal: key))
        }
        self.kms = Keyring.kms(kms: kms, generator: plan.alias)
        hierarchy = try Keyring.hierarchical(kms: kms, branchKeyIdentifier: of.branchKey, ttl: 60)
        raw = try aes("raw")
        other = try aes("other")
    }
}

private func reader() -> EncryptionClient { EncryptionClient(commitmentPolicy: .requireEncryptAllowDecrypt) }

private let suites: [AlgorithmSuite] = [
    .algAes128GcmIv12Tag16NoKdf, .algAes192GcmIv12Tag16NoKdf, .algAes256GcmIv12Tag16NoKdf,
    .algAes128GcmIv12Tag16HkdfSha256, .algAes192GcmIv12Tag16HkdfSha256, .algAes256GcmIv12Tag16HkdfSha256,
    .algAes128GcmIv12Tag16HkdfSha256EcdsaP256, .algAes192GcmIv12Tag16HkdfSha384EcdsaP384,
    .algAes256GcmIv12Tag16HkdfSha384EcdsaP384, .algAes256GcmHkdfSha512CommitKey,
    .algAes256GcmHkdfSha512CommitKeyEcdsaP384,
]

/// A case's name has the letters of AWS's name, without the underscores.
private func letters(_ name: String) -> String { name.filter { $0.isLetter || $0.isNumber }.lowercased() }

func makeMessages(_ kms: Kms, _ plan: Plan) throws -> [Message] {
    let of = plan.messages
    _ = try kms.createBranchKey(
        request: .init(
            kmsKeyId: plan.alias, branchKeyIdentifier: of.branchKey, encryptionContext: ["purpose": "interop"]))
    let keyrings = try Keyrings(kms, plan)
    let keyring = try Keyring.multi(generator: keyrings.kms, children: [keyrings.raw, keyrings.hierarchy])
    var messages: [Message] = []
    for name in of.suites {
        guard let suite = suites.first(where: { letters("\($0)") == letters(name) }) else {
            throw Missing(what: "the suite \(name)")
        }
        let client = name.contains("_COMMIT_KEY")
            ? EncryptionClient() : EncryptionClient(commitmentPolicy: .forbidEncryptAllowDecrypt)
        let options = EncryptOptions(
            encryptionContext: plan.contexts[of.context].flatMap { $0 } ?? [:], algorithmSuite: suite, frameLength: of.frameLength)
        for length in of.lengths {
            let plaintext = Data((0..<length).map { UInt8(truncatingIfNeeded: 31 * $0 + length) })
            let message = try client.encrypt(keyring: keyring, plaintext: plaintext, options: options).message
            let moved: Message.Moved
            switch try reader().rewrap(source: keyrings.raw, destination: keyrings.other, message: message) {
            case .header(let bytes, let replaces): moved = .init(header: bytes, replaces: Int(replaces))
            case .sidecar(let bytes): moved = .init(sidecar: bytes)
            }
            messages.append(
                Message(suite: name, length: length, plaintext: plaintext, message: message, rewrapped: moved))
        }
    }
    return messages
}

func opened(_ kms: Kms, _ plan: Plan, _ made: Message) throws -> Opened {
    let keyrings = try Keyrings(kms, plan)
    var moved = made.message
    if let header = made.rewrapped.header, let replaces = made.rewrapped.replaces {
        moved = header + made.message.dropFirst(replaces)
    }
    let raw = Result { try decrypt(keyrings.raw, made.message) }
    let found = try? raw.get()
    return Opened(
        kms: outcome(of: Result { try decrypt(keyrings.kms, made.message) }),
        raw: outcome(of: raw),
        hierarchy: outcome(of: Result { try decrypt(keyrings.hierarchy, made.message) }),
        rewrapped: outcome(of: Result { try decrypt(keyrings.other, moved, made.rewrapped.sidecar) }),
        suite: plan.messages.suites.first { name in
            found.map { letters("\($0.header.algorithmSuite)") == letters(name) } ?? false
        },
        encryption_context: found?.encryptionContext ?? [:])
}

func messageFlips(_ kms: Kms, _ plan: Plan, _ messages: [Message]) throws -> [MessageFlips] {
    let (raw, flip) = (try Keyrings(kms, plan).raw, plan.messages.flip)
    return messages.enumerated()
        .filter { flip.suites.contains($0.element.suite) && $0.element.length == flip.length }
        .map { index, made in
            MessageFlips(
                message: index,
                outcomes: flipped(made.message).map { altered in outcome { try decrypt(raw, altered) } })
        }
}

private func decrypt(_ keyring: Keyring, _ message: Data, _ sidecar: Data? = nil) throws -> Decrypted {
    try reader().decrypt(keyring: keyring, message: message, options: DecryptOptions(sidecar: sidecar))
}

private func outcome(of decrypted: Result<Decrypted, any Error>) -> Opened.Outcome {
    switch decrypted {
    case .success(let found): .init(plaintext: found.plaintext)
    case .failure(let error): .init(error: name(of: error))
    }
}
