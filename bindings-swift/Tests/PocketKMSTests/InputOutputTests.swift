import Foundation
import PocketKMS
import XCTest

/// Foundation's streams: whatever they answer, nothing is lost in silence, and only an end ends a message.
final class InputOutputTests: XCTestCase {
    private let client = EncryptionClient()
    private let photo = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })

    private struct Unplugged: Error {}

    private func rawAes(_ byte: UInt8 = 7) throws -> Keyring {
        try Keyring.rawAes(namespace: "album", name: "key \(byte)", wrappingKey: Data(repeating: byte, count: 32))
    }

    private func message() throws -> Data { try client.encrypt(keyring: rawAes(), plaintext: photo).message }

    /// What an output in memory got.
    private func written(_ output: OutputStream) -> Data { output.property(forKey: .dataWrittenToMemoryStreamKey) as! Data }

    func testThereAndBack() throws {
        for take in [1, 7, 100_000, .max] {
            let made = Taking(take)
            let header = try client.encrypt(InputStream(data: photo), to: made, keyring: rawAes())
            XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: made.taken).plaintext, photo, "\(take)")
            XCTAssertEqual(header.encryptedDataKeys.count, 1)

            let other = Taking(take)
            try client.reencrypt(InputStream(data: made.taken), to: other, source: rawAes(), destination: rawAes(8))
            let plain = Taking(take)
            let read = try client.decrypt(InputStream(data: other.taken), to: plain, keyring: rawAes(8))
            XCTAssertEqual(plain.taken, photo)
            XCTAssertEqual(read.version, header.version)
        }
        let memory = OutputStream.toMemory()
        try client.encrypt(InputStream(data: Data()), to: memory, keyring: rawAes())
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: written(memory)).plaintext, Data())
    }

    func testFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (plain, made) = (folder.appendingPathComponent("plain"), folder.appendingPathComponent("made"))
        try photo.write(to: plain)
        let output = try XCTUnwrap(OutputStream(url: made, append: false))
        try client.encrypt(try XCTUnwrap(InputStream(url: plain)), to: output, keyring: rawAes())
        output.close()
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: Data(contentsOf: made)).plaintext, photo)

        // A directory opens, and then cannot be read: that is not its end.
        let unread = OutputStream.toMemory()
        XCTAssertThrowsError(try client.encrypt(try XCTUnwrap(InputStream(url: folder)), to: unread, keyring: rawAes()))
        // What is not there does not open.
        let nowhere = folder.appendingPathComponent("nowhere").appendingPathComponent("file")
        XCTAssertThrowsError(try client.encrypt(try XCTUnwrap(InputStream(url: nowhere)), to: unread, keyring: rawAes()))
        XCTAssertThrowsError(try client.encrypt(
            InputStream(data: photo), to: try XCTUnwrap(OutputStream(url: nowhere, append: false)), keyring: rawAes()))
    }

    func testAnOutputThatTakesNoMore() throws {
        for (answer, what) in [(0, "full"), (-1, "failed"), (1 << 20, "more than there was")] {
            for error in [nil, Unplugged()] as [(any Error)?] {
                let output = Taking(1000)
                output.then = (50_000, answer, error)
                XCTAssertThrowsError(try client.encrypt(InputStream(data: photo), to: output, keyring: rawAes()), what) {
                    if error != nil { return XCTAssertTrue($0 is Unplugged, "\($0)") }
                    XCTAssertEqual("\($0)", "FileException: the output stream takes no more")
                }
                XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: output.taken), what)
                let plain = Taking(1000)
                plain.then = (50_000, answer, error)
                XCTAssertThrowsError(try client.decrypt(InputStream(data: message()), to: plain, keyring: rawAes()), what)
            }
        }
        // Memory that is too small for it.
        var small = [UInt8](repeating: 0, count: 100_000)
        try small.withUnsafeMutableBufferPointer { buffer in
            let output = OutputStream(toBuffer: buffer.baseAddress!, capacity: buffer.count)
            let keyring = try rawAes()
            XCTAssertThrowsError(try client.encrypt(InputStream(data: photo), to: output, keyring: keyring))
        }
    }

    func testAnInputThatFailsIsNoEnd() throws {
        for (answer, error) in [(-1, nil), (-1, Unplugged()), (0, Unplugged()), (1 << 20, nil)] as [(Int, (any Error)?)] {
            let output = OutputStream.toMemory()
            let input = Giving(photo, then: answer, error)
            XCTAssertThrowsError(try client.encrypt(input, to: output, keyring: rawAes()), "\(answer)") {
                if error != nil { return XCTAssertTrue($0 is Unplugged, "\($0)") }
                XCTAssertEqual("\($0)", "FileException: the input stream cannot be read")
            }
            XCTAssertGreaterThan(written(output).count, 200_000)
            XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: written(output)), "\(answer)")
        }
    }

    func testAnInputThatIsClosedIsNoEnd() throws {
        let input = InputStream(data: photo)
        let output = Taking(.max)
        output.onWrite = { input.close() } // as another thread may do
        XCTAssertThrowsError(try client.encrypt(input, to: output, keyring: rawAes()))
        XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: output.taken))
        XCTAssertThrowsError(try client.encrypt(input, to: Taking(.max), keyring: rawAes()), "closed before")
    }

    func testAnInputThatWasReadBeforeIsNoEmptyMessage() throws {
        let input = InputStream(data: photo)
        try client.encrypt(input, to: Taking(.max), keyring: rawAes())
        let again = Taking(.max)
        XCTAssertThrowsError(try client.encrypt(input, to: again, keyring: rawAes()))
        XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: again.taken))
        // An empty one that the app has opened has not been read.
        let empty = InputStream(data: Data())
        empty.open()
        let made = Taking(.max)
        try client.encrypt(empty, to: made, keyring: rawAes())
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: made.taken).plaintext, Data())
        // One that is open begins where it is.
        let later = InputStream(data: photo)
        later.open()
        var first = [UInt8](repeating: 0, count: 1000)
        XCTAssertEqual(later.read(&first, maxLength: 1000), 1000)
        let rest = Taking(.max)
        try client.encrypt(later, to: rest, keyring: rawAes())
        XCTAssertEqual(try client.decrypt(keyring: rawAes(), message: rest.taken).plaintext, photo.dropFirst(1000))
    }

    func testACancelledTask() async throws {
        for phase in [0, 1, 2, 3] { // writes: the first frames, the next, …, the last
            let (made, error) = await Task { [self] () -> (Data, (any Error)?) in
                let output = Taking(.max)
                var writes = 0
                output.onWrite = {
                    writes += 1
                    if writes == phase { withUnsafeCurrentTask { $0!.cancel() } }
                }
                if phase == 0 { withUnsafeCurrentTask { $0!.cancel() } }
                do {
                    try client.encrypt(InputStream(data: photo), to: output, keyring: rawAes())
                    return (output.taken, nil)
                } catch { return (output.taken, error) }
            }.value
            XCTAssertTrue(error is CancellationError, "\(phase): \(error as Any)")
            XCTAssertThrowsError(try client.decrypt(keyring: rawAes(), message: made), "\(phase)")
        }
    }

    func testAMessageThatIsCut() throws {
        let plain = OutputStream.toMemory()
        XCTAssertThrowsError(
            try client.decrypt(InputStream(data: message().dropLast()), to: plain, keyring: rawAes())
        ) { XCTAssertEqual("\($0)", "InvalidMessageException") }
        XCTAssertThrowsError(try client.decrypt(InputStream(data: Data()), to: plain, keyring: rawAes()))
    }
}

/// Takes so many bytes at once; and after so many in all, it answers a number of its own.
private final class Taking: OutputStream {
    private let most: Int
    private(set) var taken = Data()
    var then: (after: Int, answer: Int, error: (any Error)?)?
    var onWrite: (() -> Void)?
    private var failure: (any Error)?

    init(_ most: Int) {
        self.most = most
        super.init(toMemory: ())
    }

    required init(toMemory: ()) {
        most = .max
        super.init(toMemory: ())
    }

    override func write(_ buffer: UnsafePointer<UInt8>, maxLength count: Int) -> Int {
        onWrite?()
        if let then, taken.count >= then.after {
            failure = then.error
            return then.answer
        }
        let count = min(count, most)
        taken.append(buffer, count: count)
        return count
    }

    override var streamError: (any Error)? { failure }
    override var streamStatus: Stream.Status { failure == nil ? .open : .error }
    override func open() {}
    override func close() {}
}

/// Gives some bytes, 10,000 at once, and then a number of its own.
private final class Giving: InputStream {
    private var rest: Data
    private let then: Int
    private let error: (any Error)?

    init(_ data: Data, then: Int, _ error: (any Error)?) {
        (rest, self.then, self.error) = (data, then, error)
        super.init(data: Data())
    }

    override func read(_ buffer: UnsafeMutablePointer<UInt8>, maxLength count: Int) -> Int {
        if rest.isEmpty { return then }
        let count = min(count, 10_000, rest.count)
        rest.copyBytes(to: buffer, count: count)
        rest = rest.dropFirst(count)
        return count
    }

    override var hasBytesAvailable: Bool { true }
    override var streamError: (any Error)? { rest.isEmpty ? error : nil }
    override var streamStatus: Stream.Status { streamError == nil ? .open : .error }
    override func open() {}
    override func close() {}
}
