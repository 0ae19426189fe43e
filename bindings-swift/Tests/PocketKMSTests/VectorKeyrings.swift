import Foundation
import PocketKMS
import XCTest

// The keyrings that the cases name, and what stands in for KMS and for a store of branch keys: the app's own.

/// All keyrings of a case in one: any of them may open the message.
func keyring(of vector: Case, _ keys: [String: Key], _ message: Data) throws -> Keyring {
    let keyrings = try XCTUnwrap(vector.keyring, vector.id).flatMap { try keyring($0, keys, message) }
    return keyrings.count == 1 ? keyrings[0] : try Keyring.multi(generator: nil, children: keyrings)
}

private struct Unknown: Error {
    let what: String
}

private func keyring(_ entry: Entry, _ keys: [String: Key], _ message: Data) throws -> [Keyring] {
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
        if entry.schema == "discovery" {
            return [try .rawEcdhDiscovery(curveSpec: curve, recipientPrivateKey: privateKey)]
        }
        let peer = Data((entry.peer.flatMap { keys[$0]?.publicPem } ?? "").utf8)
        return [try .rawEcdh(curveSpec: curve, senderPrivateKey: privateKey, recipientPublicKey: peer)]
    case "static-data-key":
        // A callback that gives the same data key for every encrypted one.
        var providers: Set<String> = []
        if case .complete(let info)? = try? EncryptionClient(maxEncryptedDataKeys: .max).inspect(message: message) {
            providers = Set(info.wrappingKeys.map(\.providerId)).subtracting([""])
        }
        let wrapper = StaticKey(dataKey: bytes(entry.dataKeyHex ?? ""))
        return try (providers.isEmpty ? ["nobody"] : providers).map { try .callback(providerId: $0, wrapper: wrapper) }
    case "aws-kms-stub":
        let stub = Stub(responses: try XCTUnwrap(entry.responses))
        if entry.mode == "discovery" {
            let filter = entry.accountIds.map { DiscoveryFilter(accountIds: $0, partition: entry.partition ?? "") }
            return [try .kmsClientDiscovery(client: stub, filter: filter)]
        }
        guard ["strict", "strict-mrk"].contains(entry.mode) else { throw Unknown(what: entry.mode ?? "no mode") }
        let arn = try XCTUnwrap(entry.keyArn)
        return [.kmsClient(client: stub, generator: arn, multiRegionAware: entry.mode == "strict-mrk")]
    case "aws-kms-hierarchy":
        let source = OneBranchKey(
            id: try XCTUnwrap(key?.branchKeyId), version: try XCTUnwrap(key?.branchKeyVersion),
            material: bytes(try XCTUnwrap(key?.materialHex)))
        return [
            try .hierarchicalOfSource(source: source, branchKeyIdentifier: source.id, ttl: 3_600, maxEntries: 1),
        ]
    default: throw Unknown(what: entry.type)
    }
}

private final class StaticKey: DataKeyWrapper {
    let dataKey: Data
    init(dataKey: Data) { self.dataKey = dataKey }

    func wrapDataKey(
        dataKey: Data, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> WrappedDataKey {
        throw Unknown(what: "nothing is encrypted here")
    }

    func unwrapDataKey(
        key: EncryptedDataKey, encryptionContext: [String: String], algorithmSuite: AlgorithmSuite
    ) throws -> Data {
        dataKey
    }
}

/// A KMS that knows what the table says and nothing else.
private final class Stub: KmsClient {
    let responses: [Response]
    init(responses: [Response]) { self.responses = responses }

    func generateDataKey(request: GenerateDataKeyRequest) throws -> GenerateDataKeyResponse {
        throw Unknown(what: "nothing is encrypted here")
    }

    func encrypt(request: EncryptRequest) throws -> EncryptResponse {
        throw Unknown(what: "nothing is encrypted here")
    }

    func decrypt(request: DecryptRequest) throws -> DecryptResponse {
        let keyId = request.keyId ?? ""
        let known = responses.first {
            isRelated($0.keyArn, keyId) && bytes($0.ciphertextHex) == request.ciphertextBlob
                && $0.encryptionContext == request.encryptionContext ?? [:]
        }
        guard let known else { throw Unknown(what: "not in the table") }
        return DecryptResponse(
            keyId: keyId, plaintext: bytes(known.dataKeyHex), encryptionAlgorithm: .symmetricDefault)
    }

    /// Whether both name the same key, or replicas of one multi-Region key.
    private func isRelated(_ one: String, _ other: String) -> Bool {
        func parts(_ arn: String) -> [String]? {
            let halves = arn.components(separatedBy: ":key/mrk-")
            return halves.count == 2 ? [halves[0].components(separatedBy: ":")[4], halves[1]] : nil
        }
        return one == other || (parts(one) != nil && parts(one) == parts(other))
    }
}

/// A store with one version of one branch key.
private final class OneBranchKey: BranchKeySource {
    let id: String
    let version: String
    let material: Data

    init(id: String, version: String, material: Data) {
        self.id = id
        self.version = version
        self.material = material
    }

    func activeBranchKey(branchKeyId: String) throws -> BranchKeyMaterials {
        try self.branchKeyVersion(branchKeyId: branchKeyId, branchKeyVersion: version)
    }

    func branchKeyVersion(branchKeyId: String, branchKeyVersion: String) throws -> BranchKeyMaterials {
        guard branchKeyId == id, branchKeyVersion == version else { throw Unknown(what: "another branch key") }
        return BranchKeyMaterials(branchKeyVersion: version, branchKey: material)
    }
}
