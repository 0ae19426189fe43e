import Foundation

// The audit trail.

extension Vault {
    /// The events of the audit trail that the request asks for, one after the other, read page by page: see `lookupEvents`.
    /// `maxResults` is how many are read at once.
    ///
    ///     for try await event in vault.auditEvents(LookupEventsRequest(errorsOnly: true)) { print(event.cloudTrailEvent) }
    public func auditEvents(_ request: LookupEventsRequest = LookupEventsRequest()) -> AuditEvents {
        AuditEvents(
            pages: Pages(marker: request.marker, next: { $0.nextMarker }) { marker in
                try self.lookupEvents(request: request.from(marker))
            })
    }

    /// Writes the events that the request asks for by a closure that takes text, the oldest first unless the request says
    /// otherwise, and returns how many they were. They are read page by page. What the closure throws ends it, and is thrown.
    @discardableResult
    public func exportAudit(
        format: AuditFormat = .cloudTrail, request: LookupEventsRequest = LookupEventsRequest(),
        to write: @escaping (String) throws -> Void
    ) throws -> UInt64 {
        try exportAudit(format: format, request: request, writer: WriterClosure(write))
    }
}

/// Events of the audit trail.
public struct AuditEvents: AsyncSequence, Sendable {
    public typealias Element = AuditEvent
    let pages: Pages<LookupEventsResponse>

    public func makeAsyncIterator() -> Iterator { Iterator(pages: pages.makeAsyncIterator()) }

    public struct Iterator: AsyncIteratorProtocol {
        var pages: Pages<LookupEventsResponse>.Iterator
        private var page: ArraySlice<AuditEvent> = []

        init(pages: Pages<LookupEventsResponse>.Iterator) { self.pages = pages }

        /// The next event; it throws what `lookupEvents` throws, or `CancellationError` in a cancelled task.
        public mutating func next() async throws -> AuditEvent? {
            while page.isEmpty {
                guard let found = try await pages.next() else { return nil }
                page = found.events[...]
            }
            return page.popFirst()
        }
    }
}

/// A closure as the trait. It is called on the caller's own thread, before the call returns.
private final class WriterClosure: AuditWriter, @unchecked Sendable {
    private let closure: (String) throws -> Void

    init(_ closure: @escaping (String) throws -> Void) { self.closure = closure }

    func write(text: String) throws { try closure(text) }
}

extension LookupEventsRequest: Paged {}
