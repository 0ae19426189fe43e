import Foundation
import PocketKMS
import XCTest

/// Every function that takes a URL takes one of a local file, and says so of any other.
final class UrlTests: XCTestCase {
    private let client = EncryptionClient()
    private var folder = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("plain".utf8).write(to: plain)
        try client.encryptFile(at: plain, to: message, keyring: rawAes())
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    private var plain: URL { folder.appendingPathComponent("plain") }
    private var message: URL { folder.appendingPathComponent("message") }
    private var free: URL { folder.appendingPathComponent("free") }

    private func rawAes() throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key", wrappingKey: Data(repeating: 7, count: 32))
    }

    func testWhatIsNoLocalFile() throws {
        let keyring = try rawAes()
        let batch = try RewrapBatch(client: client, source: keyring, destination: keyring)
        let calls: [(String, (URL) throws -> Any)] = [
            ("encrypt at", { [self] in try client.encryptFile(at: $0, to: free, keyring: keyring) }),
            ("encrypt to", { [self] in try client.encryptFile(at: plain, to: $0, keyring: keyring) }),
            ("decrypt at", { [self] in try client.decryptFile(at: $0, to: free, keyring: keyring) }),
            ("decrypt to", { [self] in try client.decryptFile(at: message, to: $0, keyring: keyring) }),
            ("re-encrypt at", { [self] in
                try client.reencryptFile(at: $0, to: free, sourceKeyring: keyring, destinationKeyring: keyring)
            }),
            ("re-encrypt to", { [self] in
                try client.reencryptFile(at: message, to: $0, sourceKeyring: keyring, destinationKeyring: keyring)
            }),
            ("random access", { [self] in try client.randomAccess(at: $0, keyring: keyring) }),
            ("batch of files", { [self] in try batch.files([message, $0]) }),
            ("batch", { try batch.directory($0) }),
            ("removing", { try removeAbandoned(in: $0) }),
        ]
        for (what, call) in calls {
            for text in [
                "https://example.com\(plain.path)", "https://example.com\(folder.path)", "http:\(plain.path)", plain.path,
                "data:text/plain,x", "plain", "file://server\(plain.path)", "file://\(plain.path)%00.jpg",
                "file://\(folder.path)/%FF", "file:",
            ] {
                // What Foundation itself does not take for a URL cannot be given.
                guard let url = URL(string: text) else { continue }
                XCTAssertThrowsError(try call(url), "\(what): \(text)") { error in
                    guard let error = error as? any PocketKMSError else { return XCTFail("\(what): \(error)") }
                    XCTAssertEqual(error.name, "ValidationException", "\(what): \(text)")
                    XCTAssertFalse(error.message.isEmpty)
                }
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                XCTAssertEqual(names, ["message", "plain"], "\(what): \(text)")
                XCTAssertEqual(try Data(contentsOf: plain), Data("plain".utf8))
            }
        }
        XCTAssertNotNil(URL(string: "https://example.com\(plain.path)"), "the test must test something")
        XCTAssertNotNil(URL(string: "file://\(plain.path)%00.jpg"))
    }

    func testLocalFilesInEveryForm() throws {
        let odd = folder.appendingPathComponent("ein Foto 100% #1? é %00.bin")
        let slashed = URL(fileURLWithPath: folder.path + "/", isDirectory: true)
        let urls = [
            odd, URL(fileURLWithPath: odd.lastPathComponent, relativeTo: slashed),
            URL(string: "file://localhost\(odd.absoluteString.dropFirst("file://".count))")!,
            URL(fileURLWithPath: folder.path + "/./x/../" + odd.lastPathComponent).standardized,
        ]
        for url in urls {
            try client.encryptFile(at: plain, to: url, keyring: rawAes())
            XCTAssertTrue(FileManager.default.fileExists(atPath: odd.path), "\(url)")
            try client.decryptFile(at: url, to: free, keyring: rawAes())
            XCTAssertEqual(try Data(contentsOf: free), Data("plain".utf8))
            XCTAssertEqual(try client.randomAccess(at: url, keyring: rawAes()).read(0..<9), Data("plain".utf8))
            try FileManager.default.removeItem(at: odd)
        }
        XCTAssertEqual(try removeAbandoned(in: slashed), 0)
    }
}
