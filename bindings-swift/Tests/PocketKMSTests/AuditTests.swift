import Foundation
import PocketKMS
import XCTest

/// The audit trail: asked, written out, verified, pinned, shown to a sink.
final class AuditTests: XCTestCase {
    private static let mallory = "arn:aws:iam::444455556666:user/Mallory"

    /// A vault that has seen some calls: three of its caller, one that was denied.
    private func audited() throws -> Fixture {
        let fixture = try Fixture()
        _ = try fixture.decrypt(fixture.encrypt("secret", context: ["tenant": "7"]), context: ["tenant": "7"])
        let mallory = try fixture.vault.client(principal: Self.mallory)
        XCTAssertEqual(
            thrown(try mallory.describeKey(request: .init(keyId: fixture.key.arn)))?.name, "AccessDeniedException")
        return fixture
    }

    private func all(_ vault: Vault, _ request: LookupEventsRequest = .init()) async throws -> [AuditEvent] {
        try await vault.auditEvents(request).reduce(into: []) { $0.append($1) }
    }

    /// Keeps what it is shown.
    private final class Keeping: AuditSink, @unchecked Sendable {
        private let lock = NSLock()
        private var kept: [AuditEvent] = []
        private let failure: (any Error)?

        init(_ failure: (any Error)? = nil) { self.failure = failure }

        var shown: [AuditEvent] { lock.withLock { kept } }

        func events(events: [AuditEvent]) throws {
            lock.withLock { kept += events }
            if let failure { throw failure }
        }
    }

    func testWhatIsNoRequestIsRefused() throws {
        let fixture = try audited(), vault = fixture.vault
        XCTAssertEqual(thrown(try vault.lookupEvents(request: .init(marker: "none")))?.name, "InvalidMarkerException")
        XCTAssertEqual(thrown(try vault.lookupEvents(request: .init(maxResults: 0)))?.name, "ValidationException")
        for seconds in [-1, Double.nan] {
            let made = thrown(try Vault.inMemory(rootKey: fixture.root, audit: .window(seconds: seconds)))
            XCTAssertEqual(made?.name, "ValidationException")
        }
        let opened = thrown(
            try Vault.openSnapshot(snapshot: vault.snapshot(), rootKey: fixture.root, expectedHead: "none"))
        XCTAssertEqual(opened?.name, "ValidationException")
    }

    func testEventsAreThoseOfTheCalls() async throws {
        let events = try await all(audited().vault, .init(oldestFirst: true))
        XCTAssertEqual(events.map(\.eventName), ["CreateKey", "Encrypt", "Decrypt", "DescribeKey"])
        XCTAssertEqual(events[1].eventTime, Fixture.start)
        XCTAssertEqual(events[3].errorCode, "AccessDenied")
        XCTAssertEqual(events[3].principal, Self.mallory)
        XCTAssertEqual(events[3].recipientAccountId, "444455556666")
        XCTAssertTrue(events[1].cloudTrailEvent.contains(#""encryptionContext":{"tenant":"7"}"#))
        XCTAssertFalse(events.contains { $0.cloudTrailEvent.contains("secret") })
    }

    func testAFilterTakesWhatItSaysInPages() async throws {
        let fixture = try audited(), vault = fixture.vault, later = Fixture.start + 3600
        fixture.clock.advanceDays(days: 1)
        _ = try fixture.kms.listKeys(request: .init())
        let denied = try await all(vault, .init(principal: Self.mallory))
        XCTAssertEqual(denied.map(\.eventName), ["DescribeKey"])
        let failed = try await all(vault, .init(errorsOnly: true))
        XCTAssertEqual(failed, denied)
        let since = try await all(vault, .init(startTime: later))
        XCTAssertEqual(since.map(\.eventName), ["ListKeys"])
        let before = try await all(vault, .init(endTime: later))
        XCTAssertEqual(before.count, 4)
        let ofKey = try await all(vault, .init(keyId: fixture.keyId))
        XCTAssertFalse(ofKey.map(\.eventName).contains("ListKeys"))
        let whole = try await all(vault)
        let oneByOne = try await all(vault, .init(maxResults: 1))
        XCTAssertEqual(oneByOne, whole)
        let page = try vault.lookupEvents(request: .init(maxResults: 3))
        XCTAssertTrue(page.truncated)
        XCTAssertEqual(page.events + (try vault.lookupEvents(request: .init(marker: page.nextMarker)).events), whole)
    }

    func testFilesHaveEveryEvent() throws {
        let vault = try audited().vault
        var file = ""
        XCTAssertEqual(try vault.exportAudit { file += $0 }, 4)
        let read = try JSONSerialization.jsonObject(with: Data(file.utf8)) as? [String: [[String: Any]]]
        let records = try XCTUnwrap(read?["Records"])
        XCTAssertEqual(
            records.map { $0["eventName"] as? String }, ["CreateKey", "Encrypt", "Decrypt", "DescribeKey"])
        var lines = ""
        XCTAssertEqual(try vault.exportAudit(format: .jsonLines, request: .init(errorsOnly: true)) { lines += $0 }, 1)
        XCTAssertEqual(lines.split(separator: "\n").count, 1)
        XCTAssertTrue(lines.contains(#""errorCode":"AccessDenied""#))
        XCTAssertThrowsError(try vault.exportAudit { _ in throw CocoaError(.fileWriteOutOfSpace) }) {
            XCTAssertEqual(($0 as? CocoaError)?.code, .fileWriteOutOfSpace)
        }
    }

    func testATrailIsVerifiedAndShortened() async throws {
        let fixture = try audited(), vault = fixture.vault
        try vault.flushAudit()
        XCTAssertEqual(try vault.verifyAudit(), AuditReport(events: 4, problems: []))
        fixture.clock.advanceDays(days: 1)
        _ = try fixture.kms.createKey(request: .init())
        XCTAssertEqual(try vault.removeAuditBefore(time: Fixture.start + 3600), 4)
        let left = try await all(vault)
        XCTAssertEqual(left.map(\.eventName), ["CreateKey"])
        XCTAssertEqual(try vault.verifyAudit().problems, [])
    }

    func testAHeadRevealsAStoreThatWasPutBack() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = { (name: String) in folder.appendingPathComponent(name).path }
        let root = try RootKey.fromBytes(bytes: Data(count: 32))
        let vault = try Vault.create(path: path("keys"), rootKey: root)
        _ = try vault.client().createKey(request: .init())
        _ = try vault.backup(path: path("copy"))
        _ = try vault.client().createKey(request: .init())
        let head = try vault.head()
        vault.close()
        let refused = [
            thrown(try Vault.open(path: path("copy"), rootKey: root, expectedHead: head)),
            thrown(try Vault.openOrCreate(path: path("copy"), rootKey: root, expectedHead: head)),
            // None is made where one is expected.
            thrown(try Vault.openOrCreate(path: path("none"), rootKey: root, expectedHead: head)),
            thrown(try Vault.inMemory(rootKey: root, expectedHead: head)),
        ]
        XCTAssertEqual(refused.map { $0?.name }, Array(repeating: "RolledBackException", count: 4))
        try Vault.open(path: path("keys"), rootKey: root, expectedHead: head).close()
    }

    func testAnAppSaysWhenEventsAreStored() async throws {
        let root = try RootKey.fromBytes(bytes: Data(count: 32))
        let ways: [(Audit?, Int)] = [(.off, 0), (.strict, 2), (.window(seconds: 0), 2), (.window(seconds: 5.5), 2), (nil, 2)]
        for (audit, count) in ways {
            let vault = try Vault.inMemory(rootKey: root, audit: audit)
            _ = try vault.client().createKey(request: .init())
            _ = try vault.client().listKeys(request: .init())
            let events = try await all(vault)
            XCTAssertEqual(events.count, count, "\(audit as Any)")
        }
    }

    func testASinkIsShownWhatWasStoredAndBreaksNoCall() async throws {
        let root = try RootKey.fromBytes(bytes: Data(count: 32))
        for failure in [nil, CocoaError(.fileWriteOutOfSpace), KmsError.NotFound(details: ErrorDetails(message: "x"))]
            as [(any Error)?] {
            let sink = Keeping(failure)
            let vault = try Vault.inMemory(rootKey: root, audit: .window(seconds: 1000), auditSink: sink)
            let kms = try vault.client()
            let keyId = try kms.createKey(request: .init()).keyMetadata.keyId
            XCTAssertEqual(sink.shown.map(\.eventName), ["CreateKey"])
            _ = try kms.encrypt(request: .init(keyId: keyId, plaintext: Data(count: 1)))
            XCTAssertEqual(sink.shown.count, 1, "it waits")
            try vault.flushAudit()
            let events = try await all(vault, .init(oldestFirst: true))
            XCTAssertEqual(sink.shown, events)
            _ = try kms.encrypt(request: .init(keyId: keyId, plaintext: Data(count: 1)))
            vault.close()
            XCTAssertEqual(sink.shown.map(\.eventName), ["CreateKey", "Encrypt", "Encrypt"], "when it was closed, too")
        }
    }

    /// Also where nothing else is asked of the vault.
    func testEventsAreStoredInTime() async throws {
        let sink = Keeping()
        let root = try RootKey.fromBytes(bytes: Data(count: 32))
        let vault = try Vault.inMemory(rootKey: root, audit: .window(seconds: 0.02), auditSink: sink)
        _ = try vault.client().listKeys(request: .init())
        while sink.shown.isEmpty { try await Task.sleep(nanoseconds: 1_000_000) }
        XCTAssertEqual(sink.shown.map(\.eventName), ["ListKeys"])
    }
}
