// Swift opens the vault that Python made. `Demo FOLDER`
import Foundation
import PocketKMS

#if canImport(CryptoKit)
import CryptoKit
#endif

struct Parcel: Decodable {
    let alias: String
    let context: [String: String]
    let secret: Data
    let data_key: Data
}

struct Answer: Encodable {
    var platform: String
    var open_ms: Double
    var secret: String
    var secret_ms: Double
    var secret_material: String
    var file_ms: Double
    var file_by: String?
    var file_sha256: String?
    var data_key: Data?
    var refused: String
    var reply: Data
}

func timed<T>(_ work: () throws -> T) rethrows -> (T, Double) {
    let began = DispatchTime.now().uptimeNanoseconds
    let result = try work()
    return (result, Double(DispatchTime.now().uptimeNanoseconds - began) / 1_000_000)
}

let folder = URL(fileURLWithPath: CommandLine.arguments[1])
func read(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

let parcel = try JSONDecoder().decode(Parcel.self, from: read("parcel.json"))
let root = try RootKey.fromBytes(bytes: read("root.key"))
let snapshot = try read("vault.snapshot")

let (kms, openTime) = try timed { try Kms.openSnapshot(snapshot: snapshot, rootKey: root) }
func decrypt(_ blob: Data, _ context: [String: String]) throws -> DecryptResponse {
    try kms.decrypt(request: .init(ciphertextBlob: blob, encryptionContext: context))
}
func encrypt(_ data: Data) throws -> Data {
    let request = EncryptRequest(keyId: parcel.alias, plaintext: data, encryptionContext: parcel.context)
    return try kms.encrypt(request: request).ciphertextBlob
}

let (secret, secretTime) = try timed { try decrypt(parcel.secret, parcel.context) }

var refused = "accepted"
do {
    _ = try decrypt(parcel.secret, ["customer": "4712", "city": "Zürich"])
} catch let error as KmsError {
    refused = error.name
}

var answer = Answer(
    platform: "Swift", open_ms: openTime,
    secret: String(decoding: secret.plaintext, as: UTF8.self), secret_ms: secretTime,
    secret_material: secret.keyMaterialId ?? "", file_ms: 0,
    refused: refused, reply: try encrypt(Data("Grüße from Swift".utf8)))

#if canImport(CryptoKit)
let sealed = try read("file.encrypted")
let (file, fileTime) = try timed {
    let key = SymmetricKey(data: try decrypt(parcel.data_key, parcel.context).plaintext)
    return try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key)
}
answer.file_ms = fileTime
answer.file_by = "CryptoKit"
answer.file_sha256 = SHA256.hash(data: file).map { String(format: "%02x", $0) }.joined()
#else
let (dataKey, keyTime) = try timed { try decrypt(parcel.data_key, parcel.context).plaintext }
answer.file_ms = keyTime
answer.data_key = try encrypt(dataKey)
#endif

try JSONEncoder().encode(answer).write(to: folder.appendingPathComponent("swift.json"))
