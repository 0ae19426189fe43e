import Foundation
import PocketKMS
import XCTest

/// Files and stored messages: re-encrypted, moved to other keys by the thousand, read from any place on.
final class StoredTests: XCTestCase {
    private let client = EncryptionClient()
    private let photo = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    private var folder = URL(fileURLWithPath: "/")

    private struct Enough: Error {}

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    private func rawAes(_ byte: UInt8 = 7) throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key \(byte)", wrappingKey: Data(repeating: byte, count: 32))
    }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func pieces(_ data: Data, of size: Int) -> AsyncStream<Data> {
        AsyncStream { continuation in
            for start in stride(from: 0, to: data.count, by: size) {
                continuation.yield(data[start..<min(start + size, data.count)])
            }
            continuation.finish()
        }
    }

    func testReencrypting() async throws {
        let context = EncryptOptions(
            encryptionContext: ["album": "2026", "tenant": "7"], requiredEncryptionContextKeys: ["tenant"])
        let old = try client.encrypt(keyring: rawAes(1), plaintext: photo, options: context)
        let tenant = DecryptOptions(encryptionContext: ["tenant": "7"])
        let options = ReencryptOptions(
            decrypt: tenant, algorithmSuite: .algAes256GcmHkdfSha512CommitKeyEcdsaP384, frameLength: 1000)
        let new = try client.reencrypt(
            source: rawAes(1), destination: rawAes(2), message: old.message, options: options)
        XCTAssertEqual(new.header.frameLength, 1000)
        XCTAssertNotEqual(new.header.messageId, old.header.messageId)
        XCTAssertEqual(new.header.encryptionContext["album"], "2026")
        XCTAssertNil(new.header.encryptionContext["tenant"])
        XCTAssertEqual(
            try client.decrypt(keyring: rawAes(2), message: new.message, options: tenant).plaintext, photo)
        XCTAssertThrowsError(try client.decrypt(keyring: rawAes(1), message: new.message, options: tenant))
        XCTAssertThrowsError(
            try client.reencrypt(source: rawAes(1), destination: rawAes(2), message: old.message), "the pair is missing")

        for size in [100, 70_000, 1_000_000] {
            var made = Data()
            let reencrypted = client.reencrypt(
                pieces(old.message, of: size), source: try rawAes(1), destination: try rawAes(2), options: options)
            for try await piece in reencrypted { made += piece }
            XCTAssertEqual(try client.decrypt(keyring: rawAes(2), message: made, options: tenant).plaintext, photo)
        }
    }

    func testReencryptingWhatIsNotWhole() async throws {
        let old = try client.encrypt(keyring: rawAes(1), plaintext: photo).message
        for cut in [10, 200, old.count - 1] {
            XCTAssertEqual(
                thrown(try client.reencrypt(source: rawAes(1), destination: rawAes(2), message: old.prefix(cut)))?.name,
                "InvalidMessageException", "cut at \(cut)")
            do {
                let reencrypted = client.reencrypt(
                    pieces(old.prefix(cut), of: 10_000), source: try rawAes(1), destination: try rawAes(2))
                for try await _ in reencrypted {}
                XCTFail("nothing was thrown")
            } catch let error as KmsError {
                XCTAssertEqual(error.name, "InvalidMessageException")
            }
            try old.prefix(cut).write(to: file("old"))
            XCTAssertThrowsError(try client.reencryptFile(
                at: file("old"), to: file("new"), sourceKeyring: rawAes(1), destinationKeyring: rawAes(2)))
            XCTAssertEqual(try names(), ["old"])
        }
    }

    func testReencryptingFiles() throws {
        try photo.write(to: file("plain"))
        try client.encryptFile(at: file("plain"), to: file("old"), keyring: rawAes(1))
        // The file has moved to another key since, which its sidecar shows.
        let moved = try RewrapBatch(client: client, source: rawAes(1), destination: rawAes(3)).files([file("old")])
        XCTAssertEqual(moved.rewrapped, 1)
        var last: (UInt64, UInt64) = (0, 0)
        try client.reencryptFile(
            at: file("old"), to: file("new"), sourceKeyring: rawAes(3), destinationKeyring: rawAes(2)
        ) { last = ($0, $1); return true }
        XCTAssertEqual(last.0, last.1)
        XCTAssertEqual(
            try client.decrypt(keyring: rawAes(2), message: Data(contentsOf: file("new"))).plaintext, photo)
        XCTAssertThrowsError(try client.reencryptFile(
            at: file("new"), to: file("new"), sourceKeyring: rawAes(2), destinationKeyring: rawAes(1)))
    }

    func testWhatAProgressClosureThrowsReachesTheCaller() throws {
        try photo.write(to: file("plain"))
        XCTAssertThrowsError(
            try client.encryptFile(at: file("plain"), to: file("message"), keyring: rawAes()) { _, _ in throw Enough() }
        ) { XCTAssertTrue($0 is Enough, "\($0)") }
        XCTAssertThrowsError(
            try client.encryptFile(at: file("plain"), to: file("message"), keyring: rawAes()) { _, _ in false }
        ) { XCTAssertEqual($0 as? FileError, .Cancelled) }
        XCTAssertEqual(try names(), ["plain"])

        try client.encryptFile(at: file("plain"), to: file("message"), keyring: rawAes())
        let batch = try RewrapBatch(client: client, source: rawAes(), destination: rawAes(2))
        XCTAssertThrowsError(try batch.files([file("message")]) { _ in throw Enough() }) {
            XCTAssertTrue($0 is Enough, "\($0)")
        }
        // An implementation of the trait itself, too.
        XCTAssertThrowsError(try batch.directoryByPath(path: folder.path, progress: Throwing())) {
            XCTAssertTrue($0 is Enough, "\($0)")
        }
    }

    private final class Throwing: RewrapProgress {
        func update(file: RewrappedFile) throws -> Bool { throw Enough() }
    }

    func testABatch() throws {
        let forbidding = EncryptionClient(commitmentPolicy: .forbidEncryptAllowDecrypt)
        for number in 0..<3 {
            // Version 1 gets a new header, version 2 a sidecar.
            let writer = number == 0 ? forbidding : client
            try writer.encrypt(keyring: rawAes(1), plaintext: photo).message.write(to: file("\(number).bin"))
        }
        try Data("no message".utf8).write(to: file("notes.txt"))
        let reader = EncryptionClient(commitmentPolicy: .requireEncryptAllowDecrypt)
        let batch = try RewrapBatch(client: reader, source: rawAes(1), destination: rawAes(2), verifyWith: rawAes(2))

        // Stopped after the first one, and started again.
        let stopped = try batch.directory(folder) { _ in false }
        XCTAssertEqual([stopped.rewrapped, stopped.alreadyDone, stopped.failed], [1, 0, 0])
        XCTAssertTrue(stopped.cancelled)
        var reported: [String] = []
        let report = try batch.directory(folder) { file in
            let what =
                switch file.outcome {
                case .rewrapped: "rewrapped"
                case .alreadyDone: "already done"
                case .skipped(let reason): "skipped: \(reason)"
                case .failed: "failed"
                }
            reported.append("\(file.done) \(URL(fileURLWithPath: file.path).lastPathComponent) \(what)")
            return true
        }
        XCTAssertEqual(
            reported,
            ["1 0.bin already done", "2 1.bin rewrapped", "3 2.bin rewrapped", "4 notes.txt skipped: not a message"])
        XCTAssertEqual([report.rewrapped, report.alreadyDone, report.skipped, report.failed], [2, 1, 1, 0])
        XCTAssertFalse(report.cancelled)
        // By its name it is said to be a message.
        let named = try batch.files([file("notes.txt")])
        XCTAssertEqual(named.failures.map(\.path), [file("notes.txt").path])
        guard case .Message(let details) = named.failures[0].error else { return XCTFail() }
        XCTAssertEqual(details.name, "InvalidMessageException")

        for number in 0..<3 {
            try reader.decryptFile(at: file("\(number).bin"), to: file("plain"), keyring: rawAes(2))
            XCTAssertEqual(try Data(contentsOf: file("plain")), photo)
        }
        try FileManager.default.removeItem(at: file("plain"))
        // A verifier without the destination's key finds that out before anything has changed.
        let front = try Data(contentsOf: file("0.bin"))
        let mistrusting = try RewrapBatch(
            client: reader, source: rawAes(2), destination: rawAes(3), verifyWith: rawAes(2))
        XCTAssertEqual(try mistrusting.files([file("0.bin")]).failed, 1)
        XCTAssertEqual(try Data(contentsOf: file("0.bin")), front)
        // Sidecars only; and every file, though it seems to be done.
        let beside = try RewrapBatch(
            client: reader, source: rawAes(2), destination: rawAes(3), options: RewrapBatchOptions(sidecarOnly: true))
        XCTAssertEqual(try beside.files([file("0.bin")]).rewrapped, 1)
        XCTAssertEqual(try Data(contentsOf: file("0.bin")), front)
        XCTAssertEqual(try beside.files([file("0.bin")]).alreadyDone, 1)
        let every = try RewrapBatch(
            client: reader, source: rawAes(3), destination: rawAes(3), options: RewrapBatchOptions(sidecarOnly: true), every: true)
        XCTAssertEqual(try every.files([file("0.bin")]).rewrapped, 1)
        XCTAssertEqual(try beside.files([file("nowhere")]).failed, 1)
        let cache = try Keyring.caching(keyring: rawAes())
        XCTAssertEqual(
            thrown(try RewrapBatch(client: client, source: rawAes(), destination: cache))?.name, "ValidationException")
    }

    func testWhatAKilledProcessLeft() throws {
        try photo.write(to: file(".pocketkms-0123456789abcdef.tmp"))
        try photo.write(to: file("photo.tmp"))
        XCTAssertEqual(try removeAbandoned(in: folder), 1)
        XCTAssertEqual(try names(), ["photo.tmp"])
    }

    func testRandomAccess() throws {
        let options = EncryptOptions(encryptionContext: ["album": "2026"], frameLength: 1000)
        try client.encrypt(keyring: rawAes(), plaintext: photo, options: options).message.write(to: file("message"))
        let reader = try client.randomAccess(at: file("message"), keyring: rawAes())
        XCTAssertEqual(reader.encryptionContext, ["album": "2026"])
        XCTAssertEqual(reader.header.frameLength, 1000)
        for range in [0..<1, 999..<1001, 123_456..<234_567, 299_999..<300_000, 0..<300_000, 5..<5] as [Range<Int>] {
            let found = try reader.read(UInt64(range.lowerBound)..<UInt64(range.upperBound))
            XCTAssertEqual(found, photo[range], "\(range)")
        }
        XCTAssertEqual(try reader.read(299_990..<400_000), photo[299_990...])
        XCTAssertEqual(try reader.read(400_000..<400_010), Data())
        XCTAssertEqual(try reader.length(), 300_000)

        // A signed message only where that was said.
        let signed = EncryptOptions(algorithmSuite: .algAes256GcmHkdfSha512CommitKeyEcdsaP384, frameLength: 1000)
        try client.encrypt(keyring: rawAes(), plaintext: photo, options: signed).message.write(to: file("signed"))
        XCTAssertEqual(
            thrown(try client.randomAccess(at: file("signed"), keyring: rawAes()))?.name, "UnsupportedOperationException")
        let accepting = try client.randomAccess(
            at: file("signed"), keyring: rawAes(), acceptUnverifiedSignature: true)
        XCTAssertEqual(try accepting.length(), 300_000)
        XCTAssertEqual(try accepting.read(299_999..<300_001), photo[299_999...])

        // What was altered, or cut.
        var message = try Data(contentsOf: file("message"))
        message[200_000] ^= 1
        try message.write(to: file("altered"))
        let altered = try client.randomAccess(at: file("altered"), keyring: rawAes())
        XCTAssertEqual(try altered.read(0..<1000), photo.prefix(1000))
        XCTAssertEqual(thrown(try altered.read(0..<300_000))?.name, "InvalidMessageException")
        for cut in [0, 10, 100, 200_000] {
            try message.prefix(cut).write(to: file("cut"))
            let error = thrown(try client.randomAccess(at: file("cut"), keyring: rawAes()).length())
            XCTAssertEqual(error?.name, "InvalidMessageException", "cut at \(cut)")
        }
        let other = thrown(try client.randomAccess(at: file("message"), keyring: rawAes(8)))
        XCTAssertEqual(other?.name, "UnableToDecryptDataKeyException")
        XCTAssertThrowsError(try client.randomAccess(at: file("nowhere"), keyring: rawAes()))
    }

    func testRandomAccessFindsTheSidecar() throws {
        let message = try client.encrypt(keyring: rawAes(1), plaintext: photo).message
        try message.write(to: file("message"))
        let moved = try RewrapBatch(client: client, source: rawAes(1), destination: rawAes(2)).files([file("message")])
        XCTAssertEqual(moved.rewrapped, 1)
        let reader = try client.randomAccess(at: file("message"), keyring: rawAes(2))
        XCTAssertEqual(try reader.read(299_999..<300_000), photo[299_999...])
        // One that is given counts, whatever lies beside the file.
        guard case .sidecar(let other) = try client.rewrap(source: rawAes(1), destination: rawAes(3), message: message)
        else { return XCTFail() }
        let given = DecryptOptions(sidecar: other)
        XCTAssertEqual(
            try client.randomAccess(at: file("message"), keyring: rawAes(3), options: given).read(0..<5), photo.prefix(5))
        XCTAssertThrowsError(try client.randomAccess(at: file("message"), keyring: rawAes(2), options: given))
        // By its handle a file has nothing beside it.
        let handle = try FileHandle(forReadingFrom: file("message"))
        XCTAssertThrowsError(try client.randomAccess(to: handle, keyring: rawAes(2)))
        XCTAssertNoThrow(try client.randomAccess(to: handle, keyring: rawAes(3), options: given))

        // The sidecar of a message that was here before is not this one's.
        let name = try XCTUnwrap(try names().first { $0 != "message" })
        try client.encrypt(keyring: rawAes(1), plaintext: photo).message.write(to: file("message"))
        XCTAssertTrue(try names().contains(name))
        XCTAssertNoThrow(try client.randomAccess(at: file("message"), keyring: rawAes(1)))
        // Of one that no one can read, both say the same.
        try Data("damaged".utf8).write(to: file(name))
        XCTAssertThrowsError(try client.randomAccess(at: file("message"), keyring: rawAes(1)))
        XCTAssertThrowsError(try client.decryptFile(at: file("message"), to: file("plain"), keyring: rawAes(1)))
    }

    func testRandomAccessToWhatIsNoFile() throws {
        XCTAssertEqual(mkfifo(file("pipe").path, 0o600), 0)
        for url in [file("pipe"), folder, URL(fileURLWithPath: "/dev/zero")] {
            XCTAssertThrowsError(try client.randomAccess(at: url, keyring: rawAes())) {
                XCTAssertTrue($0 is FileError, "\($0)")
            }
        }
        // A file that the app has closed, and one that ends sooner now.
        try client.encrypt(keyring: rawAes(), plaintext: photo).message.write(to: file("message"))
        let handle = try FileHandle(forReadingFrom: file("message"))
        let reader = try client.randomAccess(to: handle, keyring: rawAes())
        XCTAssertEqual(try reader.read(0..<(.max)), photo)
        XCTAssertEqual(truncate(file("message").path, 150_000), 0)
        XCTAssertEqual(try reader.read(0..<1000), photo.prefix(1000))
        XCTAssertEqual(thrown(try reader.read(0..<300_000))?.name, "InvalidMessageException")
        try handle.close()
        XCTAssertThrowsError(try reader.read(100_000..<101_000)) { XCTAssertTrue($0 is FileError, "\($0)") }
    }

    /// What a read decrypts is seen by what it does not: in a message of which all else is altered it succeeds.
    private func frames(_ read: Range<UInt64>, _ intact: ClosedRange<Int>, after: Range<UInt64>? = nil, window: Int = 1 << 20) throws -> Data {
        let frame = 4096, whole = frame + 32
        let message = try client.encrypt(keyring: rawAes(), plaintext: photo, options: EncryptOptions(frameLength: 4096)).message
        let header = message.count - (photo.count / frame) * whole - (8 + 12 + 16 + photo.count % frame)
        var altered = message
        for number in 0..<(photo.count / frame) where !intact.contains(number) { altered[header + number * whole + 100] ^= 1 }
        try altered.write(to: file("altered"))
        let reader = try client.randomAccess(at: file("altered"), keyring: rawAes(), window: window)
        if let after { _ = try reader.read(after) }
        return try reader.read(read)
    }

    func testAReadOf4KiBDecryptsTwoFrames() throws {
        XCTAssertEqual(try frames(10_000..<14_096, 2...3), photo[10_000..<14_096])
        XCTAssertEqual(try frames(8192..<12_288, 2...2), photo[8192..<12_288])
        XCTAssertEqual(try frames(12_287..<12_289, 2...3), photo[12_287..<12_289])
        XCTAssertThrowsError(try frames(10_000..<14_096, 2...2)) // the test sees a frame that is decrypted
        // After another place, it is as little.
        XCTAssertEqual(try frames(10_000..<14_096, 2...20, after: 80_000..<81_000), photo[10_000..<14_096])
        XCTAssertThrowsError(try frames(0..<4096, 0...0, after: 80_000..<81_000))
        // One that goes on reads ahead, twice as much as before, up to the window.
        XCTAssertEqual(try frames(4096..<4100, 0...2, after: 0..<4096), photo[4096..<4100])
        XCTAssertThrowsError(try frames(4096..<4100, 0...1, after: 0..<4096))
        XCTAssertEqual(try frames(4096..<4100, 0...1, after: 0..<4096, window: 0), photo[4096..<4100])
    }

    /// Whatever is read in whatever order, by however large a window, it is the plaintext.
    func testAnyReadsWithAnyWindow() throws {
        try client.encrypt(keyring: rawAes(), plaintext: photo, options: EncryptOptions(frameLength: 1000)).message.write(to: file("message"))
        var random = SystemRandomNumberGenerator()
        for window in [-1, 0, 1, 999, 1000, 5000, 1 << 30] {
            let reader = try client.randomAccess(at: file("message"), keyring: rawAes(), window: window)
            var place = 0
            for _ in 0..<100 {
                if Bool.random(using: &random) { place = Int.random(in: 0...310_000, using: &random) }
                let length = [0, 1, 10, 999, 1000, 1001, 20_000].randomElement(using: &random)!
                let found = try reader.read(UInt64(place)..<UInt64(place + length))
                XCTAssertEqual(found, photo.dropFirst(place).prefix(length), "\(window): \(length) from \(place)")
                place += length
            }
            XCTAssertEqual(try reader.length(), 300_000)
        }
        let reader = try client.randomAccess(at: file("message"), keyring: rawAes())
        DispatchQueue.concurrentPerform(iterations: 200) { number in
            let start = number * 1499
            XCTAssertEqual(try? reader.read(UInt64(start)..<UInt64(start + 1500)), photo.dropFirst(start).prefix(1500))
        }
    }
}
