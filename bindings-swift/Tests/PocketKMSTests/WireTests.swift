import Foundation
import PocketKMS
import XCTest

/// Requests of AWS's JSON protocol, without HTTP.
final class WireTests: XCTestCase {
    private func call(_ kms: Kms, _ operation: String, _ body: String) -> WireResponse {
        kms.call(target: "TrentService.\(operation)", body: Data(body.utf8))
    }

    private func json(_ response: WireResponse) throws -> [String: Any] {
        try XCTUnwrap(JSONSerialization.jsonObject(with: response.body) as? [String: Any])
    }

    private func expect(_ status: Int32, _ type: String, _ response: WireResponse, line: UInt = #line) throws {
        XCTAssertEqual(response.status, status, line: line)
        XCTAssertEqual(try json(response)["__type"] as? String, type, line: line)
    }

    func testARequestAndItsAnswer() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let plaintext = Data("secret".utf8).base64EncodedString()
        let encrypted = call(kms, "Encrypt", #"{"KeyId": "\#(fixture.keyId)", "Plaintext": "\#(plaintext)", "Unknown": [1]}"#)
        XCTAssertEqual(encrypted.status, 200)
        XCTAssertEqual(try json(encrypted)["KeyId"] as? String, fixture.key.arn)
        let blob = try XCTUnwrap(json(encrypted)["CiphertextBlob"] as? String)
        XCTAssertEqual(try fixture.decrypt(XCTUnwrap(Data(base64Encoded: blob))), "secret", "the same vault")
        let decrypted = call(kms, "Decrypt", #"{"CiphertextBlob": "\#(blob)"}"#)
        XCTAssertEqual(try json(decrypted)["Plaintext"] as? String, plaintext)
        var printed = ""
        dump(decrypted, to: &printed)
        XCTAssertTrue(printed.contains("<\(decrypted.body.count) bytes>"), printed)

        let nothing = call(kms, "DisableKey", #"{"KeyId": "\#(fixture.keyId)"}"#)
        XCTAssertEqual(nothing, WireResponse(status: 200, body: Data()))
    }

    func testTheCallerIsTheClients() throws {
        let fixture = try Fixture()
        let stranger = try fixture.vault.client(principal: "arn:aws:iam::444455556666:user/Ada")
        try expect(400, "AccessDeniedException", call(stranger, "DescribeKey", #"{"KeyId": "\#(fixture.key.arn)"}"#))
    }

    func testErrorsAreResponses() throws {
        let fixture = try Fixture(), kms = fixture.kms
        let notFound = call(kms, "DescribeKey", #"{"KeyId": "alias/nobody"}"#)
        try expect(400, "NotFoundException", notFound)
        XCTAssertTrue((try json(notFound)["message"] as? String)?.contains("alias/nobody") == true)
        try expect(400, "ValidationException", call(kms, "DescribeKey", "{}"))
        for body in ["", "{", "no JSON", "[]", "\u{0}", #"{"Limit": "x"}"#] {
            try expect(400, "SerializationException", call(kms, "ListKeys", body))
        }
        try expect(400, "SerializationException", kms.call(target: "TrentService.ListKeys", body: Data([0x7b, 0xff, 0x7d])))
        for target in ["TrentService.Nothing", "ListKeys", "", "TrentService."] {
            try expect(400, "UnknownOperationException", kms.call(target: target, body: Data("{}".utf8)))
        }
        // Nothing that explains crosses the wire.
        var blob = try fixture.encrypt("secret")
        blob[40] ^= 1
        let refused = call(kms, "Decrypt", #"{"CiphertextBlob": "\#(blob.base64EncodedString())"}"#)
        XCTAssertEqual(refused.body, Data(#"{"__type":"InvalidCiphertextException"}"#.utf8))
    }

    func testAHugeBody() throws {
        let kms = try Fixture().kms
        let start = #"{"Unknown": ""#
        let fits = start + String(repeating: "x", count: 1024 * 1024 - start.utf8.count - 2) + #""}"#
        XCTAssertEqual(call(kms, "ListKeys", fits).status, 200)
        try expect(413, "RequestEntityTooLargeException", call(kms, "ListKeys", fits + " "))
        try expect(413, "RequestEntityTooLargeException", kms.call(target: "TrentService.ListKeys", body: Data(count: 8 << 20)))
        try expect(400, "SerializationException", call(kms, "ListKeys", String(repeating: "[", count: 1024 * 1024)))
    }

    func testAClosedVault() throws {
        let fixture = try Fixture()
        fixture.vault.close()
        let response = call(fixture.kms, "ListKeys", "{}")
        XCTAssertEqual(response, WireResponse(status: 500, body: Data(#"{"__type":"KMSInternalException"}"#.utf8)))
        XCTAssertTrue(fixture.kms.isClosed())
    }
}
