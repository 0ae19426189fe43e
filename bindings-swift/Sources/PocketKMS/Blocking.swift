import Foundation

// Between Swift's tasks, whose few threads must never wait, and code that does: the calls of this package that ask a store, a keyring
// or a device, and what an app implements for them, which is not `async`.

/// Where work may wait. `run` is for a task that has such work to do, `wait` for a callback that has nothing but `async` functions to ask.
///
///     let vault = try await Blocking.run { try Vault.open(path: path, rootKey: rootKey) }
public enum Blocking {
    /// Does work that may wait on a thread of `queue`, by default one of this package's own, and never on one of Swift's.
    ///
    /// Work that has begun is waited for in a cancelled task, too; it learns of it by `checkCancellation()` and ends what it waits for by
    /// `wait`, as the functions of this package do. It returns what was done to the end, also where the cancellation came meanwhile, and
    /// throws `CancellationError` where the work failed in a cancelled task, or had not begun. Any other error is thrown as it is.
    public static func run<T: Sendable>(
        on queue: DispatchQueue? = nil, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                (queue ?? thread).async { continuation.resume(with: cancellation.result(of: work)) }
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Waits for `async` work: what a `KeyWrapper`, a `KmsClient` or another object of the app asks elsewhere, AWS's SDK for one. It is
    /// cancelled with the task that waits for the call. What it throws is thrown.
    ///
    /// To be called on a thread that may wait, such as those of `run` and of `EncryptionClient.async()`. In a task of Swift's own it throws
    /// `KmsError.Validation`: the thread that it held could be the very one that the work needs.
    public static func wait<T: Sendable>(for work: @escaping @Sendable () async throws -> T) throws -> T {
        guard withUnsafeCurrentTask(body: { $0 == nil }) else {
            throw KmsError.Validation(details: ErrorDetails(
                message: "Blocking.wait was called in a task, whose thread must not wait: use Blocking.run or EncryptionClient.async()"))
        }
        let answer = Answer<T>()
        let task = Task.detached {
            do { answer.give(.success(try await work())) } catch { answer.give(.failure(error)) }
        }
        return try Cancellation.handling({ task.cancel() }) { try answer.wait().get() }
    }

    /// Throws `CancellationError` where the task is cancelled that waits for this work: the current one, or the one that called `run`.
    public static func checkCancellation() throws {
        try Task.checkCancellation()
        if Cancellation.current?.isCancelled == true { throw CancellationError() }
    }

    /// A thread for one piece of work. A serial queue gets one as soon as it has something to do, where a concurrent one waits for those
    /// that wait (on Linux a second for each).
    private static var thread: DispatchQueue { DispatchQueue(label: "io.github.pocketkms") }
}

/// The result of work on another thread.
private final class Answer<T: Sendable>: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<T, any Error>?

    func give(_ result: Result<T, any Error>) {
        self.result = result
        done.signal()
    }

    func wait() -> Result<T, any Error> {
        done.wait()
        return result!
    }
}

/// Whether the task was cancelled that waits for work on another thread.
internal final class Cancellation: @unchecked Sendable {
    private let lock = NSLock()
    private var cancelled = false
    /// What ends the waiting, the innermost last.
    private var handlers: [@Sendable () -> Void] = []

    /// That of the work which this thread does.
    static var current: Cancellation? { Thread.current.threadDictionary[key] as? Cancellation }

    private static let key = "io.github.pocketkms.cancellation"

    var isCancelled: Bool { lock.holding { cancelled } }

    func cancel() {
        let handlers = lock.holding {
            cancelled = true
            return self.handlers
        }
        for handler in handlers.reversed() { handler() }
    }

    func result<T>(of work: () throws -> T) -> Result<T, any Error> {
        let outer = Self.current
        Thread.current.threadDictionary[Self.key] = self
        defer { Thread.current.threadDictionary[Self.key] = outer }
        do {
            try Blocking.checkCancellation()
            return .success(try work())
        } catch {
            return .failure(isCancelled ? CancellationError() : error)
        }
    }

    /// Has `cancel` called if the task is cancelled before `work` is done, on whichever thread that happens.
    static func handling<T>(_ cancel: @escaping @Sendable () -> Void, _ work: () throws -> T) rethrows -> T {
        guard let current else { return try work() }
        let already = current.lock.holding {
            current.handlers.append(cancel)
            return current.cancelled
        }
        if already { cancel() }
        defer { current.lock.holding { _ = current.handlers.removeLast() } }
        return try work()
    }
}

internal extension NSLock {
    func holding<T>(_ body: () throws -> T) rethrows -> T {
        lock()
        defer { unlock() }
        return try body()
    }
}
