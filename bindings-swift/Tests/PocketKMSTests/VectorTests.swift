import Foundation
import PocketKMS
import XCTest

/// Messages of AWS's SDKs, to read and to refuse: tests/vectors/aws-esdk, and what lies beside the repository.
final class VectorTests: XCTestCase {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    func testOfTheRepository() throws {
        try run(Self.repository.appendingPathComponent("tests/vectors/aws-esdk"))
    }

    func testBesideTheRepository() throws {
        let outside = Self.repository.deletingLastPathComponent().appendingPathComponent("shared/vectors/aws-esdk")
        if FileManager.default.fileExists(atPath: outside.path) { return try run(outside) }
        XCTAssertNil(ProcessInfo.processInfo.environment["CI"], "\(outside.path) is missing")
        print("\(outside.path) is not there: the vectors of the repository must do")
    }

    private struct Manifest: Decodable {
        let keys: [String: Key]
        let cases: [Case]
    }

    private struct Key: Decodable {
        let materialHex: String?
        let privatePem: String?
        let publicPem: String?
    }

    private struct Case: Decodable {
        let id: String
        let expect: String
        let message: String
        let plaintext: String?
        let plaintextLen: Int?
        let keyring: [Entry]?
        let options: Options?
        let header: Header?
    }

    private struct Entry: Decodable {
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
    }

    private struct Options: Decodable {
        let commitmentPolicy: String?
        let maxEncryptedDataKeys: UInt16?
        let mode: String?
        let reproducedEncryptionContext: [String: String]?
        let requiredEncryptionContextKeys: [String]?
    }

    private struct Header: Decodable {
        let version: UInt8
        let messageIdHex: String
        let frameLength: UInt32
    }

    private func run(_ folder: URL) throws {
        let decoder = JSONDecoder()
        // Not .convertFromSnakeCase: it would change the names of keys in dictionaries, too.
        decoder.keyDecodingStrategy = .custom { path in
            let name = path.last!.stringValue
            let isDictionary = path.dropLast().last.map { ["keys", "reproduced_encryption_context"].contains($0.stringValue) }
            let words = name.split(separator: "_")
            if isDictionary == true || words.count < 2 { return path.last! }
            return Name(words[0] + words.dropFirst().map(\.capitalized).joined())
        }
        let manifest = try decoder.decode(
            Manifest.self, from: Data(contentsOf: folder.appendingPathComponent("manifest.json")))
        var ran: [String: Int] = [:]
        var left: [String: Int] = [:]
        for vector in manifest.cases {
            if let why = try check(vector, manifest.keys, folder) {
                left[why, default: 0] += 1
            } else {
                ran[vector.expect, default: 0] += 1
            }
        }
        print("vectors of \(folder.path): \(ran); left out: \(left)")
        XCTAssertGreaterThan(ran["ok"] ?? 0, 100)
        XCTAssertGreaterThan(ran["reject"] ?? 0, 100)
    }

    /// Why the case is left out; nil if it ran.
    private func check(_ vector: Case, _ keys: [String: Key], _ folder: URL) throws -> String? {
        guard let entries = vector.keyring, vector.expect != "parse" else { return "no key" }
        let message = try Data(contentsOf: folder.appendingPathComponent(vector.message))
        var keyrings: [Keyring] = []
        for entry in entries {
            guard let made = try self.keyrings(entry, keys, message) else { return entry.type }
            keyrings += made
        }
        if keyrings.isEmpty { return "unreadable header" }
        let keyring = keyrings.count == 1 ? keyrings[0] : try Keyring.multi(generator: nil, children: keyrings)
        let options = vector.options
        let policy: CommitmentPolicy =
            switch options?.commitmentPolicy {
            case "require-encrypt-require-decrypt": .requireEncryptRequireDecrypt
            case "forbid-encrypt-allow-decrypt": .forbidEncryptAllowDecrypt
            default: .requireEncryptAllowDecrypt
            }
        let client = EncryptionClient(
            commitmentPolicy: policy, maxEncryptedDataKeys: options?.maxEncryptedDataKeys)
        let decrypt = DecryptOptions(
            encryptionContext: options?.reproducedEncryptionContext,
            requiredEncryptionContextKeys: options?.requiredEncryptionContextKeys ?? [],
            unsignedOnly: options?.mode == "decrypt-unsigned")
        let decrypted = Result { try client.decrypt(keyring: keyring, message: message, options: decrypt) }
        switch (vector.expect, decrypted) {
        case ("reject", .success): XCTFail("\(vector.id) must be refused")
        case ("reject", .failure), ("reject-or-same", .failure): break
        case (_, .failure(let error)): XCTFail("\(vector.id): \(error)")
        case (_, .success(let decrypted)):
            XCTAssertEqual(decrypted.plaintext.count, vector.plaintextLen, vector.id)
            if let name = vector.plaintext {
                let expected = try Data(contentsOf: folder.appendingPathComponent(name))
                XCTAssertEqual(decrypted.plaintext, expected, vector.id)
            }
            XCTAssertEqual(decrypted.header.version, vector.header?.version, vector.id)
            XCTAssertEqual(decrypted.header.frameLength, vector.header?.frameLength, vector.id)
            XCTAssertEqual(decrypted.header.messageId, vector.header.map { bytes($0.messageIdHex) }, vector.id)
        }
        return nil
    }

    /// Nil for a kind that this binding cannot play.
    private func keyrings(_ entry: Entry, _ keys: [String: Key], _ message: Data) throws -> [Keyring]? {
        let key = entry.key.flatMap { keys[$0] }
        let privateKey = Data((key?.privatePem ?? "").utf8)
        let (namespace, name) = (entry.providerId ?? "", entry.keyName ?? "")
        switch entry.type {
        case "raw-aes":
            return [try .rawAes(namespace: namespace, name: name, wrappingKey: bytes(key?.materialHex ?? ""))]
        case "raw-rsa" where entry.padding == "pkcs1":
            return [try .rawRsaPkcs1DespitePaddingOracles(namespace: namespace, name: name, privateKey: privateKey)]
        case "raw-rsa":
            let schemes: [String: PaddingScheme] = [
                "sha1": .oaepSha1Mgf1, "sha256": .oaepSha256Mgf1, "sha384": .oaepSha384Mgf1, "sha512": .oaepSha512Mgf1,
            ]
            let scheme = try XCTUnwrap(schemes[entry.hash ?? ""])
            return [try .rawRsa(namespace: namespace, name: name, paddingScheme: scheme, privateKey: privateKey)]
        case "raw-ecdh":
            let curves: [String: EcdhCurveSpec] = ["p256": .eccNistP256, "p384": .eccNistP384, "p521": .eccNistP521]
            let curve = try XCTUnwrap(curves[entry.curve ?? ""])
            guard entry.schema == "static" else {
                return [try .rawEcdhDiscovery(curveSpec: curve, recipientPrivateKey: privateKey)]
            }
            let peer = Data((entry.peer.flatMap { keys[$0]?.publicPem } ?? "").utf8)
            return [try .rawEcdh(curveSpec: curve, senderPrivateKey: privateKey, recipientPublicKey: peer)]
        case "static-data-key":
            // A callback that gives the same data key for every encrypted one.
            var providers: Set<String> = ["any"]
            if case .complete(let info)? = try? EncryptionClient().inspect(front: message) {
                providers = Set(info.wrappingKeys.map(\.providerId)).subtracting([""])
            }
            let wrapper = StaticKey(dataKey: bytes(entry.dataKeyHex ?? ""))
            return try providers.map { try .callback(providerId: $0, wrapper: wrapper) }
        default:
            return nil
        }
    }

    private func bytes(_ hex: String) -> Data {
        var data = Data()
        var rest = hex[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            data.append(byte)
            rest = rest.dropFirst(2)
        }
        return data
    }
}

private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

private final class StaticKey: DataKeyWrapper {
    let dataKey: Data
    init(dataKey: Data) { self.dataKey = dataKey }

    func wrapDataKey(
        dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> WrappedDataKey {
        fatalError("nothing is encrypted here")
    }

    func unwrapDataKey(
        key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> Data {
        dataKey
    }
}
