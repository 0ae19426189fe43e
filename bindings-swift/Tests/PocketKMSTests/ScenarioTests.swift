import Foundation
import PocketKMS
import XCTest

/// The scenarios that every language plays: by the methods, and by the wire.
final class ScenarioTests: XCTestCase {
    private typealias Call = (Kms, String, [String: Any]) throws -> Any?

    func testByMethods() throws {
        try playAll(wire: false) { kms, operation, input in
            do {
                return try callMethod(operation, on: kms, input)
            } catch let error as KmsError {
                throw Refusal(name: error.name, text: error.message)
            }
        }
    }

    func testByTheWire() throws {
        try playAll(wire: true, Self.wire)
    }

    func testWhatGoesOtherwiseIsNoticed() throws {
        for wrong in [
            #""answer": { "Truncated": true }"#, #""answer": { "Keys": { "$odd": 1 } }"#, #""error": "NotFoundException""#,
            #""answer": { "NextMarker": { "$let": "x" } }"#, #""answer": { "Keys": [{}] }"#, #""title": "nothing expected""#,
        ] {
            let text = #"{ "steps": [{ "call": "ListKeys", "input": {}, \#(wrong) }] }"#
            let scenario = try JSONSerialization.jsonObject(with: Data(text.utf8)) as! [String: Any]
            XCTAssertThrowsError(try play(scenario, wire: true, Self.wire), wrong) { XCTAssert($0 is Mismatch, "\($0)") }
        }
    }

    private func playAll(wire: Bool, _ call: @escaping Call) throws {
        let folder = URL(fileURLWithPath: #filePath + "/../../../../tests/scenario").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" && $0.lastPathComponent != "schema.json" }
        XCTAssertGreaterThan(files.count, 5)
        for file in files {
            let scenario = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as! [String: Any]
            do {
                try play(scenario, wire: wire, call)
            } catch {
                XCTFail("\(file.lastPathComponent), \(error)")
            }
        }
    }

    private func play(_ scenario: [String: Any], wire: Bool, _ call: @escaping Call) throws {
        let clock = ManualClock(now: Date(timeIntervalSince1970: 1_700_000_000))
        let roots = (scenario["attestationRoots"] as? [String])?.map { Data(base64Encoded: $0)! }
        let proxy = (scenario["externalKeys"] as? [String: String]).map { Proxy(keys: $0.mapValues { Data(base64Encoded: $0)! }) }
        let vault = try Vault.inMemory(
            rootKey: RootKey.fromBytes(bytes: Data(repeating: 7, count: 32)), clock: clock, attestationRoots: roots,
            xksTransport: proxy)
        var clients = ["": try vault.client()]
        let values = Scenario(clock: clock, host: { _, _ in }, call: { _, _, _ in nil })
        for (name, caller) in scenario["callers"] as? [String: [String: Any]] ?? [:] {
            clients[name] = try vault.client(
                accountId: caller["account"] as? String, region: caller["region"] as? String,
                principal: caller["principal"] as? String,
                session: try caller["session"].map { session in sessionContext(try values.value(session)) })
        }
        let host: Scenario.Host = { method, argument in try callHost(method, on: vault, argument) }
        try Scenario(clock: clock, host: host, refuse: { proxy!.refuses = $0 }) { [clients] caller, operation, input in
            try call(clients[caller ?? ""]!, operation, input)
        }.play(scenario, wire: wire)
    }

    private static func wire(kms: Kms, operation: String, input: [String: Any]) throws -> Any? {
        let response = kms.call(target: "TrentService.\(operation)", body: try JSONSerialization.data(withJSONObject: input))
        // An object without members is no answer either.
        let isNothing = response.body.isEmpty || response.body == Data("{}".utf8)
        let answer = isNothing ? nil : try JSONSerialization.jsonObject(with: response.body) as? [String: Any]
        guard response.status != 200 else { return answer }
        throw Refusal(name: answer!["__type"] as! String, text: answer!["message"] as? String ?? "")
    }
}
