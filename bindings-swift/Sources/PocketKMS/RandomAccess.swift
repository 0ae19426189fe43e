import Foundation

extension EncryptionClient {
    /// Opens a framed message for random access, by its file, with the sidecar beside it unless the options name another. A
    /// signed message is refused unless `acceptUnverifiedSignature`: its signature covers all of it, and cannot be checked
    /// this way. Reads that go on where the last one ended decrypt up to `window` bytes of plaintext at once: see `RandomAccessReader`.
    public func randomAccess(
        at message: URL, keyring: Keyring, options: DecryptOptions? = nil, acceptUnverifiedSignature: Bool = false,
        window: Int = RandomAccessReader.defaultWindow
    ) throws -> RandomAccessReader {
        let path = try message.localPath
        let file = try FileHandle(regularFileAt: path)
        var options = options ?? DecryptOptions()
        if options.sidecar == nil { options.sidecar = try sidecarByPath(message: path) }
        return try randomAccess(
            to: file, keyring: keyring, options: options, acceptUnverifiedSignature: acceptUnverifiedSignature, window: window)
    }

    /// The same by a file that is open, which no one else may read meanwhile. The message is all of it; its sidecar, where it
    /// has one, is in the options.
    public func randomAccess(
        to message: FileHandle, keyring: Keyring, options: DecryptOptions? = nil, acceptUnverifiedSignature: Bool = false,
        window: Int = RandomAccessReader.defaultWindow
    ) throws -> RandomAccessReader {
        let length = try message.io { try $0.seekToEnd() }
        var front = Data()
        // 1 KiB is nearly always enough. Of a message that ends within its header the range reader says so.
        while case .incomplete(let needed) = try inspect(message: front), front.count < length {
            front = try message.bytes(0..<min(max(needed, 1024), length))
        }
        let ranges = try rangeReader(
            keyring: keyring, message: front,
            options: RangeOptions(
                decrypt: options ?? DecryptOptions(), messageLength: length,
                acceptUnverifiedSignature: acceptUnverifiedSignature))
        return RandomAccessReader(ranges: ranges, message: message, window: window)
    }
}

/// Reads the plaintext of a message from any place on, without what comes before it. Every frame is verified before it is
/// given out. May be used from several threads, which wait for each other.
///
/// A read decrypts the frames that hold what it asks for: of frames of 4 KiB, two at most for as much. Reads that go on where the last one
/// ended, as those of a player or a parser do, have more decrypted at a time, each twice as much as the one before, up to the window, which
/// is kept until others are read. (A frame is the least: where frames are larger, one is kept.)
public final class RandomAccessReader: @unchecked Sendable {
    /// A mebibyte: beyond, the cost of a call no longer counts.
    public static let defaultWindow = 1 << 20

    private let ranges: RangeReader
    private let message: FileHandle
    private let window: UInt64
    private let frame: UInt64
    private let lock = NSLock()
    /// What was decrypted last, and where it begins.
    private var kept: (start: UInt64, bytes: Data) = (0, Data())
    /// Where the last read ended, and how much was decrypted for it.
    private var place: UInt64 = 0
    private var stride: UInt64 = 0

    fileprivate init(ranges: RangeReader, message: FileHandle, window: Int) {
        self.ranges = ranges
        self.message = message
        self.window = UInt64(max(window, 0))
        frame = UInt64(max(ranges.header().frameLength, 1))
    }

    /// The message's header, verified.
    public var header: MessageHeader { ranges.header() }

    /// The encryption context, verified.
    public var encryptionContext: [String: String] { ranges.encryptionContext() }

    /// These bytes of the plaintext; fewer where it ends before, which is certain only after the final frame was verified.
    public func read(_ range: Range<UInt64>) throws -> Data {
        try lock.holding {
            let goesOn = range.lowerBound == place
            place = range.upperBound
            if let found = inKept(range) { return found }
            let wanted = ahead(of: range, goesOn: goesOn)
            let found = try fetch(wanted)
            stride = UInt64(found.count)
            guard wanted != range else { return found }
            forget()
            kept = (wanted.lowerBound, found)
            return found[clamped: range.lowerBound - wanted.lowerBound, range.upperBound - wanted.lowerBound]
        }
    }

    /// The length of the plaintext, verified by opening the final frame.
    public func length() throws -> UInt64 {
        if ranges.verifiedLength() == nil { _ = try lock.holding { try fetch((.max >> 1)..<(.max >> 1 + 1)) } }
        return ranges.verifiedLength() ?? 0
    }

    deinit { forget() }

    private func forget() { kept.bytes.resetBytes(in: kept.bytes.startIndex..<kept.bytes.endIndex) }

    private func fetch(_ range: Range<UInt64>) throws -> Data {
        let range = ByteRange(start: range.lowerBound, end: range.upperBound)
        let extent = try ranges.locate(range: range)
        return try ranges.open(range: range, bytes: message.bytes(extent.start..<extent.end))
    }

    private func inKept(_ range: Range<UInt64>) -> Data? {
        let end = kept.start + UInt64(kept.bytes.count)
        // Beyond what was kept there may be more, unless it is known that there is not.
        guard range.lowerBound >= kept.start, range.upperBound <= end, !range.isEmpty else { return nil }
        return kept.bytes[clamped: range.lowerBound - kept.start, range.upperBound - kept.start]
    }

    /// What to decrypt for a read: the frames around it, and more where reads go on. What is larger than the window is not kept.
    private func ahead(of range: Range<UInt64>, goesOn: Bool) -> Range<UInt64> {
        let most = max(window, frame)
        let start = range.lowerBound / frame * frame
        guard !range.isEmpty, range.upperBound < .max >> 1, range.upperBound - start <= most else { return range }
        let more = goesOn ? min(2 * stride, most) : 0
        let whole = (max(range.upperBound, start + more) + frame - 1) / frame * frame
        return start..<max(range.upperBound, min(whole, start + (most + frame - 1) / frame * frame))
    }
}

private extension Data {
    /// These bytes as data of its own, as far as there are so many.
    subscript(clamped lower: UInt64, upper: UInt64) -> Data {
        Data(dropFirst(Int(lower)).prefix(Int(upper - lower)))
    }
}

extension FileHandle {
    /// Opens nothing but a regular file, and does not wait where another is in its place: a named pipe, say.
    fileprivate convenience init(regularFileAt path: String) throws {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.Io(path: path, reason: String(cString: strerror(errno))) }
        self.init(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileError.Io(path: path, reason: "not a regular file")
        }
    }

    /// These bytes; fewer where the file ends before.
    fileprivate func bytes(_ range: Range<UInt64>) throws -> Data {
        try io { file in
            try file.seek(toOffset: range.lowerBound)
            var data = Data()
            while data.count < range.count, let piece = try file.read(upToCount: range.count - data.count), !piece.isEmpty {
                data += piece
            }
            return data
        }
    }

    /// What Foundation throws, as a `FileError`.
    fileprivate func io<T>(_ work: (FileHandle) throws -> T) throws -> T {
        do { return try work(self) } catch { throw FileError.Io(path: "", reason: error.localizedDescription) }
    }
}
