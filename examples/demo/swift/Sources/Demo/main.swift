// Swift opens the vault that Python made. `Demo FOLDER`
import Foundation
import PocketKMS

struct Parcel: Decodable {
    let alias: String
    let context: [String: String]
    let secret: Data
}

struct Answer: Encodable {
    var platform: String
    var open_ms: Double
    var secret: String
    var secret_ms: Double
    var secret_material: String
    var file_ms: Double
    var file: String
    var file_refused: String
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
let file = folder.appendingPathComponent("customers.vault").path

let (vault, openTime) = try timed { try Vault.open(path: file, rootKey: root) }
let kms = try vault.client()
// On the disk when it returns: Python looks for it at the end.
let keyId = try kms.describeKey(request: DescribeKeyRequest(keyId: parcel.alias)).keyMetadata.keyId
try kms.createAlias(request: CreateAliasRequest(aliasName: "alias/swift", targetKeyId: keyId))
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

// From file to file, frame by frame: the memory stays the same, however long the message is.
let client = EncryptionClient()
let keyring = try Keyring.kms(kms: kms, generator: parcel.alias)
let message = folder.appendingPathComponent("file.message")
let (_, fileTime) = try timed {
    try client.decryptFile(at: message, to: folder.appendingPathComponent("file.swift"), keyring: keyring)
}
var altered = try read("file.message")
altered[altered.count / 2] ^= 1
var fileRefused = "accepted"
do {
    _ = try client.decrypt(keyring: keyring, message: altered)
} catch let error as KmsError {
    fileRefused = error.name
}

let answer = Answer(
    platform: "Swift", open_ms: openTime,
    secret: String(decoding: secret.plaintext, as: UTF8.self), secret_ms: secretTime,
    secret_material: secret.keyMaterialId ?? "", file_ms: fileTime, file: "file.swift", file_refused: fileRefused,
    refused: refused, reply: try encrypt(Data("Grüße from Swift".utf8)))
try JSONEncoder().encode(answer).write(to: folder.appendingPathComponent("swift.json"))
