import Foundation
import PocketKMS

/// `plan.json`: every input.
struct Plan: Decodable {
    let account, region, alias, rootKey, wrongRootKey, passphrase, wrongPassphrase: String
    let clockMillis: Int
    let rotations: Int
    let lengths: [Int]
    let contexts: [String: [String: String]?]
    let wrongPair: [String]
    let flip: Flip
    let messages: MessagePlan

    /// Which ciphertexts are altered byte by byte.
    struct Flip: Decodable {
        let context: String
        let lengths: [Int]
    }

    init(in directory: URL) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase // names of members only: a dictionary's keys stay as they are
        self = try decoder.decode(Plan.self, from: Data(contentsOf: directory.appendingPathComponent("plan.json")))
    }

    func clock() -> ManualClock { ManualClock(now: Date(timeIntervalSince1970: Double(clockMillis) / 1000)) }
    func passphraseRoot() throws -> RootKey { try RootKey.fromPassphrase(passphrase) }
    func rawRoot() throws -> RootKey { try RootKey.fromBytes(bytes: bytes(ofHexadecimal: rootKey)) }
}

func bytes(ofHexadecimal text: String) -> Data {
    let digits = text.compactMap(\.hexDigitValue).map(UInt8.init)
    return Data(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
}

/// `manifest.json`: what a maker made.
struct Manifest: Codable {
    var maker: String
    var key_ids: [String: String]
    var cases: [Case]
    var messages: [Message]
}

/// A ciphertext and what it must decrypt to.
struct Case: Codable {
    var vault, kind: String
    var generation: Int
    var context: String
    var length: Int
    var plaintext, blob: Data
    var material: String
}

func write(_ value: some Encodable, to file: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .prettyPrinted
    try encoder.encode(value).write(to: file)
}

struct Missing: Error {
    let what: String
}
