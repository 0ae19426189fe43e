import Foundation
import PocketKMS

/// An external key store proxy by AWS's XKS proxy API, version 1, and the external keys behind it. It looks at no signature, and Linux has no
/// AES-GCM for Swift: what it encrypts is hidden under SHA-256 of key, vector and counter, with a tag of the same. The core's tests have the
/// real thing; a vault cannot tell the two apart.
final class Proxy: XksTransport, @unchecked Sendable {
    private let keys: [String: Data]
    /// The error with which it answers everything.
    var refuses: String?

    init(keys: [String: Data]) {
        self.keys = keys
    }

    struct NoProxy: Error {}

    func send(request: XksRequest) throws -> XksResponse {
        guard request.endpoint == "https://xks.example.com" else { throw NoProxy() }
        precondition(request.url == request.endpoint + request.path)
        precondition(request.headers["Authorization"]!.hasPrefix("AWS4-HMAC-SHA256 "))
        let (status, answer) = try refuses.map { (400, ["errorName": $0]) } ?? answer(request)
        return XksResponse(status: UInt16(status), body: try JSONSerialization.data(withJSONObject: answer))
    }

    private func answer(_ request: XksRequest) throws -> (Int, [String: Any]) {
        let parts = request.path.dropFirst("/tenant/kms/xks/v1/".count).split(separator: "/").map(String.init)
        if parts[0] == "health" {
            let manager = ["id": "1", "model": "m", "healthStatus": "ACTIVE"]
            return (200, ["xksProxyFleetSize": 1, "xksProxyVendor": "v", "xksProxyModel": "m", "ekmVendor": "e", "ekmFleetDetails": [manager]])
        }
        guard let key = keys[parts[1]] else { return (404, ["errorName": "KeyNotFoundException"]) }
        if parts[2] == "metadata" {
            return (200, ["keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"])
        }
        let body = try JSONSerialization.jsonObject(with: request.body) as! [String: Any]
        func given(_ name: String) -> Data { Data(base64Encoded: body[name] as! String)! }
        let associated = given("additionalAuthenticatedData")
        if parts[2] == "encrypt" {
            let vector = Data((0..<12).map { _ in UInt8.random(in: 0...255) })
            let ciphertext = hidden(given("plaintext"), key, vector)
            let tag = sha256(key + vector + associated + ciphertext).prefix(16)
            let integrity = sha256(associated + vector + ciphertext + tag)
            return (
                200,
                [
                    "ciphertext": ciphertext.base64EncodedString(), "initializationVector": vector.base64EncodedString(),
                    "authenticationTag": tag.base64EncodedString(), "ciphertextDataIntegrityValue": integrity.base64EncodedString(),
                ]
            )
        }
        let (vector, ciphertext) = (given("initializationVector"), given("ciphertext"))
        guard sha256(key + vector + associated + ciphertext).prefix(16) == given("authenticationTag") else {
            return (400, ["errorName": "InvalidCiphertextException"])
        }
        return (200, ["plaintext": hidden(ciphertext, key, vector).base64EncodedString()])
    }

    private func hidden(_ data: Data, _ key: Data, _ vector: Data) -> Data {
        var stream = Data()
        for counter in 0..<(data.count / 32 + 1) {
            stream += sha256(key + vector + Data([UInt8(counter & 255), UInt8(counter >> 8)]))
        }
        return Data(zip(data, stream).map { $0 ^ $1 })
    }
}
