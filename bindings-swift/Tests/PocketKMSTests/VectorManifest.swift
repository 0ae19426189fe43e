import Foundation
import PocketKMS
import XCTest

// What stands in the manifest of the vectors: ../shared/vectors/README.md describes it.

struct Manifest: Decodable {
    let count: Int
    let keys: [String: Key]
    let cases: [Case]

    static func read(_ folder: URL) throws -> Manifest {
        let decoder = JSONDecoder()
        // Not .convertFromSnakeCase: it would change the names of keys in dictionaries, too.
        let dictionaries = ["keys", "reproduced_encryption_context", "encryption_context"]
        decoder.keyDecodingStrategy = .custom { path in
            let name = path.last!.stringValue
            let words = name.split(separator: "_")
            if path.dropLast().last.map({ dictionaries.contains($0.stringValue) }) == true || words.count < 2 {
                return path.last!
            }
            return Name(words[0] + words.dropFirst().map(\.capitalized).joined())
        }
        return try decoder.decode(Manifest.self, from: Data(contentsOf: folder.appendingPathComponent("manifest.json")))
    }
}

private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

struct Key: Decodable {
    let materialHex: String?
    let privatePem: String?
    let publicPem: String?
    let branchKeyId: String?
    let branchKeyVersion: String?
}

struct Case: Decodable {
    let id: String
    let expect: String
    let reason: String?
    let message: String
    let plaintext: String?
    let plaintextLen: Int?
    let plaintextSha256: String?
    let keyring: [Entry]?
    let options: Options?
    let header: Header?

    var client: EncryptionClient {
        let policy: CommitmentPolicy =
            switch options?.commitmentPolicy {
            case "require-encrypt-require-decrypt": .requireEncryptRequireDecrypt
            case "forbid-encrypt-allow-decrypt": .forbidEncryptAllowDecrypt
            default: .requireEncryptAllowDecrypt
            }
        return EncryptionClient(commitmentPolicy: policy, maxEncryptedDataKeys: options?.maxEncryptedDataKeys)
    }

    var decryptOptions: DecryptOptions {
        DecryptOptions(
            encryptionContext: options?.reproducedEncryptionContext ?? [:],
            requiredEncryptionContextKeys: options?.requiredEncryptionContextKeys ?? [],
            unsignedOnly: options?.mode == "decrypt-unsigned")
    }
}

struct Entry: Decodable {
    let type: String
    let key: String?
    let peer: String?
    let providerId: String?
    let keyName: String?
    let padding: String?
    let hash: String?
    let schema: String?
    let curve: String?
    let dataKeyHex: String?
    let mode: String?
    let keyArn: String?
    let partition: String?
    let accountIds: [String]?
    let responses: [Response]?
}

struct Response: Decodable {
    let keyArn: String
    let ciphertextHex: String
    let encryptionContext: [String: String]
    let dataKeyHex: String
}

struct Options: Decodable {
    let commitmentPolicy: String?
    let maxEncryptedDataKeys: UInt16?
    let mode: String?
    let reproducedEncryptionContext: [String: String]?
    let requiredEncryptionContextKeys: [String]?
}

struct Header: Decodable {
    let version: UInt8
    let suite: String
    let messageIdHex: String
    let encryptionContext: [String: String]
    let edks: [EncryptedKey]
    let content: String
    let frameLength: UInt32
    let headerLen: UInt64
    let commitmentHex: String?
}

struct EncryptedKey: Decodable, Equatable {
    let providerId: String
    let providerInfoHex: String
    let ciphertextLen: Int
}

let suites: [String: AlgorithmSuite] = [
    "0x0014": .algAes128GcmIv12Tag16NoKdf,
    "0x0046": .algAes192GcmIv12Tag16NoKdf,
    "0x0078": .algAes256GcmIv12Tag16NoKdf,
    "0x0114": .algAes128GcmIv12Tag16HkdfSha256,
    "0x0146": .algAes192GcmIv12Tag16HkdfSha256,
    "0x0178": .algAes256GcmIv12Tag16HkdfSha256,
    "0x0214": .algAes128GcmIv12Tag16HkdfSha256EcdsaP256,
    "0x0346": .algAes192GcmIv12Tag16HkdfSha384EcdsaP384,
    "0x0378": .algAes256GcmIv12Tag16HkdfSha384EcdsaP384,
    "0x0478": .algAes256GcmHkdfSha512CommitKey,
    "0x0578": .algAes256GcmHkdfSha512CommitKeyEcdsaP384,
]

func bytes(_ hex: String) -> Data {
    var data = Data()
    var rest = hex[...]
    while let byte = UInt8(rest.prefix(2), radix: 16) {
        data.append(byte)
        rest = rest.dropFirst(2)
    }
    return data
}

func hex(_ data: Data) -> String { data.map { String(format: "%02x", $0) }.joined() }
