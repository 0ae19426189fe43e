import Foundation

extension EncryptionClient {
    /// Opens a framed message for random access, by its file, with the sidecar beside it unless the options name another. A
    /// signed message is refused unless `acceptUnverifiedSignature`: its signature covers all of it, and cannot be checked
    /// this way.
    public func randomAccess(
        at message: URL, keyring: Keyring, options: DecryptOptions? = nil, acceptUnverifiedSignature: Bool = false
    ) throws -> RandomAccessReader {
        let path = try message.localPath
        let file = try FileHandle(regularFileAt: path)
        var options = options ?? DecryptOptions()
        if options.sidecar == nil { options.sidecar = try sidecarByPath(message: path) }
        return try randomAccess(
            to: file, keyring: keyring, options: options, acceptUnverifiedSignature: acceptUnverifiedSignature)
    }

    /// The same by a file that is open, which no one else may read meanwhile. The message is all of it; its sidecar, where it
    /// has one, is in the options.
    public func randomAccess(
        to message: FileHandle, keyring: Keyring, options: DecryptOptions? = nil, acceptUnverifiedSignature: Bool = false
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
        return RandomAccessReader(ranges: ranges, message: message)
    }
}

/// Reads the plaintext of a message from any place on, without what comes before it. Every frame is verified before it is
/// given out. May be used from several threads, which wait for each other.
public final class RandomAccessReader: @unchecked Sendable {
    private let ranges: RangeReader
    private let message: FileHandle
    private let lock = NSLock()

    fileprivate init(ranges: RangeReader, message: FileHandle) {
        self.ranges = ranges
        self.message = message
    }

    /// The message's header, verified.
    public var header: MessageHeader { ranges.header() }

    /// The encryption context, verified.
    public var encryptionContext: [String: String] { ranges.encryptionContext() }

    /// These bytes of the plaintext; fewer where it ends before, which is certain only after the final frame was verified.
    public func read(_ range: Range<UInt64>) throws -> Data {
        let range = ByteRange(start: range.lowerBound, end: range.upperBound)
        let extent = try ranges.locate(range: range)
        lock.lock()
        defer { lock.unlock() }
        return try ranges.open(range: range, bytes: message.bytes(extent.start..<extent.end))
    }

    /// The length of the plaintext, verified by opening the final frame.
    public func length() throws -> UInt64 {
        if ranges.verifiedLength() == nil { _ = try read((.max >> 1)..<(.max >> 1 + 1)) }
        return ranges.verifiedLength() ?? 0
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
