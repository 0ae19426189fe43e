// Lists, page by page: each page is asked for when the iteration comes to it, and each iteration starts with the first page. Those
// of the operations of AWS KMS are made of the list of operations (Generated/OperationPages.swift).
//
//     for try await page in kms.paginate(ListKeysRequest(limit: 100)) { print(page.keys.map(\.keyArn)) }

/// The pages of a list.
public struct Pages<Page>: AsyncSequence, Sendable {
    public typealias Element = Page
    let marker: String?
    let next: @Sendable (Page) -> String?
    let page: @Sendable (String?) throws -> Page

    public func makeAsyncIterator() -> Iterator { Iterator(pages: self, marker: marker) }

    public struct Iterator: AsyncIteratorProtocol {
        let pages: Pages<Page>
        var marker: String?
        private var ended = false

        init(pages: Pages<Page>, marker: String?) {
            self.pages = pages
            self.marker = marker
        }

        /// The next page; it throws what the operation throws, or `CancellationError` in a cancelled task, and is at its end
        /// then.
        public mutating func next() async throws -> Page? {
            if ended { return nil }
            ended = true
            try Task.checkCancellation()
            let page = try pages.page(marker)
            marker = pages.next(page)
            ended = marker == nil
            return page
        }
    }
}

extension Kms {
    /// All pages of the branch keys.
    public func paginate(_ request: ListBranchKeysRequest) -> Pages<ListBranchKeysResponse> {
        Pages(marker: request.marker, next: { $0.nextMarker }) { marker in
            try self.listBranchKeys(request: request.from(marker))
        }
    }

    /// All pages of the parcel keys.
    public func paginate(_ request: ListParcelKeysRequest) -> Pages<ListParcelKeysResponse> {
        Pages(marker: request.marker, next: { $0.nextMarker }) { marker in
            try self.listParcelKeys(request: request.from(marker))
        }
    }
}

protocol Paged {
    var marker: String? { get set }
}

extension Paged {
    /// From that marker on.
    func from(_ marker: String?) -> Self {
        var copy = self
        copy.marker = marker
        return copy
    }
}

extension ListBranchKeysRequest: Paged {}
extension ListParcelKeysRequest: Paged {}
