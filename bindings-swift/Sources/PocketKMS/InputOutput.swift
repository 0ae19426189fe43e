import Foundation

// Messages through Foundation's streams. Their functions return numbers that are easily mistaken: a read that failed
// (-1) looks like an end to `while read(...) > 0`, and would make a whole message of a part; a write may take less than it
// was given, or nothing. Here only an end that is certain ends the message, and whatever is not written is an error.

extension EncryptionClient {
    /// Encrypts what an input stream gives, from where it is up to its end, into an output stream. Streams that are not open
    /// are opened; none is closed. After an error, or in a cancelled task (`CancellationError`), what was written does not
    /// open: close the output, throw it away, and make both streams again for another attempt. A stream's own error is thrown
    /// as it is; an input that was at its end before is an error, too. `progress` is called with how many bytes are done; what it throws
    /// ends the work.
    @discardableResult
    public func encrypt(
        _ plaintext: InputStream, to message: OutputStream, keyring: Keyring, options: EncryptOptions? = nil,
        progress: ((_ done: UInt64) throws -> Void)? = nil
    ) throws -> MessageHeader {
        let encryptor = try encryptor(keyring: keyring, options: options)
        try encryptor.run(from: plaintext, to: message, progress)
        return encryptor.header()
    }

    /// Decrypts what an input stream gives, up to its end, into an output stream. Each frame is written when it is verified:
    /// after an error, or in a cancelled task, what was written is a part only, or has a wrong signature.
    @discardableResult
    public func decrypt(
        _ message: InputStream, to plaintext: OutputStream, keyring: Keyring, options: DecryptOptions? = nil,
        progress: ((_ done: UInt64) throws -> Void)? = nil
    ) throws -> MessageHeader {
        let decryptor = decryptor(keyring: keyring, options: options)
        try decryptor.run(from: message, to: plaintext, progress)
        return decryptor.header()! // what has ended without an error has one
    }

    /// Re-encrypts what an input stream gives, up to its end, into an output stream, with a new data key, for the
    /// destination's keys. After an error what was written is of no use.
    @discardableResult
    public func reencrypt(
        _ message: InputStream, to other: OutputStream, source: Keyring, destination: Keyring,
        options: ReencryptOptions? = nil, progress: ((_ done: UInt64) throws -> Void)? = nil
    ) throws -> MessageHeader {
        let reencryptor = reencryptor(source: source, destination: destination, options: options)
        try reencryptor.run(from: message, to: other, progress)
        return reencryptor.header()!
    }
}

extension Transform {
    fileprivate func run(from input: InputStream, to output: OutputStream, _ progress: ((UInt64) throws -> Void)?) throws {
        if input.streamStatus == .notOpen { input.open() } else if input.streamStatus == .atEnd {
            throw failed("the input stream was read to its end before")
        }
        if output.streamStatus == .notOpen { output.open() }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var done: UInt64 = 0
        while let count = try input.read(into: &buffer) {
            try Blocking.checkCancellation()
            try output.write(all: push(Data(buffer[..<count])))
            done += UInt64(count)
            try progress?(done)
        }
        try Blocking.checkCancellation()
        try output.write(all: end())
    }
}

extension InputStream {
    /// How many bytes were read; nil at the end, and only there.
    fileprivate func read(into buffer: inout [UInt8]) throws -> Int? {
        let count = read(&buffer, maxLength: buffer.count)
        switch count {
        case 1...buffer.count: return count
        // A stream that another thread has closed has nothing more, too.
        case 0 where ![.error, .closed, .notOpen].contains(streamStatus): return nil
        default: throw failure ?? failed("the input stream cannot be read")
        }
    }
}

extension OutputStream {
    fileprivate func write(all data: Data) throws {
        var rest = [UInt8](data)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBufferPointer { write($0.baseAddress!, maxLength: $0.count) }
            guard (1...rest.count).contains(count) else {
                throw failure ?? failed("the output stream takes no more")
            }
            rest = rest.dropFirst(count)
        }
    }
}

extension Stream {
    /// Its own error, if it has one. (Foundation on Linux must not be asked for it otherwise: there the process would end.)
    fileprivate var failure: (any Error)? { streamStatus == .error ? streamError : nil }
}

private func failed(_ reason: String) -> FileError { .Io(path: "", reason: reason) }
