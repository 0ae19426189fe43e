import Foundation

extension AsyncEncryptionClient {
    /// Work on a file, as a sequence of how far it is. The work begins with the iteration, and is cancelled where the task is cancelled,
    /// which waits for it and throws what it threw, and where the iteration is left.
    public struct FileWork: AsyncSequence, Sendable {
        public typealias Element = Progress
        typealias Work = @Sendable (@escaping @Sendable (UInt64, UInt64) throws -> Void) async throws -> MessageHeader
        let work: Work

        init(_ work: @escaping Work) { self.work = work }

        public func makeAsyncIterator() -> Iterator { Iterator(running: Running(work)) }

        public struct Iterator: AsyncIteratorProtocol {
            let running: Running

            public mutating func next() async throws -> Progress? { try await running.next() }
        }
    }

    /// The work of one iteration, which ends with it.
    final class Running: @unchecked Sendable { // an iterator is used by one task at a time
        private let work: FileWork.Work
        private var steps: AsyncStream<Progress>.Iterator?
        private var task: Task<MessageHeader, any Error>?

        init(_ work: @escaping FileWork.Work) { self.work = work }

        deinit { task?.cancel() }

        func next() async throws -> Progress? {
            let task = try task ?? begin()
            let step = await withTaskCancellationHandler { await steps?.next() } onCancel: { task.cancel() }
            if let step { return step }
            // The end of the steps is not the end of the work: a stream gives nil in a cancelled task, too.
            steps = nil
            _ = try await task.value
            return nil
        }

        private func begin() throws -> Task<MessageHeader, any Error> {
            try Task.checkCancellation() // the task below could be faster than the news
            let (stream, continuation) = AsyncStream.makeStream(of: Progress.self, bufferingPolicy: .bufferingNewest(1))
            steps = stream.makeAsyncIterator()
            let task = Task { [work] in
                defer { continuation.finish() }
                return try await work { done, total in continuation.yield(Progress(done: done, total: total)) }
            }
            self.task = task
            return task
        }
    }
}
