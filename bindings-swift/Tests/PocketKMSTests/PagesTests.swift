import Foundation
import PocketKMS
import XCTest

/// Lists as sequences of their pages.
final class PagesTests: XCTestCase {
    private func all<Page>(_ pages: Pages<Page>) async throws -> [Page] {
        var all: [Page] = []
        for try await page in pages { all.append(page) }
        return all
    }

    func testEachList() async throws {
        let fixture = try Fixture(), kms = fixture.kms, keyId = fixture.keyId
        for number in 0..<4 {
            _ = try kms.createKey(request: .init())
            try kms.createAlias(request: .init(aliasName: "alias/\(number)", targetKeyId: keyId))
            try kms.tagResource(request: .init(keyId: keyId, tags: [Tag(tagKey: "\(number)", tagValue: "")]))
            _ = try kms.rotateKeyOnDemand(request: .init(keyId: keyId))
            _ = try kms.createBranchKey(request: .init(kmsKeyId: keyId))
        }
        let keys = kms.paginate(ListKeysRequest(limit: 2))
        for _ in 0..<2 { // each iteration starts with the first page
            let found = try await all(keys)
            XCTAssertEqual(found.map(\.keys.count), [2, 2, 1])
            XCTAssertEqual(Set(found.flatMap(\.keys).map(\.keyId)).count, 5)
        }
        let aliases = try await all(kms.paginate(ListAliasesRequest(keyId: keyId, limit: 3)))
        XCTAssertEqual(aliases.map { $0.aliases.map(\.aliasName) }, [["alias/0", "alias/1", "alias/2"], ["alias/3"]])
        let rotations = try await all(kms.paginate(ListKeyRotationsRequest(keyId: keyId, limit: 1)))
        XCTAssertEqual(rotations.map(\.rotations.count), [1, 1, 1, 1])
        let tags = try await all(kms.paginate(ListResourceTagsRequest(keyId: keyId, limit: 3)))
        XCTAssertEqual(tags.map(\.tags.count), [3, 1])
        let branches = try await all(kms.paginate(ListBranchKeysRequest(limit: 4)))
        XCTAssertEqual(branches.map(\.branchKeys.count), [4])
        for _ in 0..<3 {
            _ = try kms.createParcelKey(request: .init(keyId: "mrk-0123456789abcdef0123456789abcdef"))
        }
        let waiting = try await all(kms.paginate(ListParcelKeysRequest(limit: 2)))
        XCTAssertEqual(waiting.map(\.parcelKeys.count), [2, 1])

        // From a marker on.
        let first = try kms.listKeys(request: .init(limit: 2))
        let rest = try await all(kms.paginate(ListKeysRequest(limit: 2, marker: first.nextMarker)))
        XCTAssertEqual(rest.map(\.keys.count), [2, 1])
    }

    func testAnErrorEndsIt() async throws {
        let fixture = try Fixture()
        var iterator = fixture.kms.paginate(ListKeysRequest()).makeAsyncIterator()
        fixture.vault.close()
        do {
            _ = try await iterator.next()
            XCTFail("a closed vault gave a page")
        } catch let error as KmsError { XCTAssertEqual(error.name, "VaultClosedException") }
        let after = try await iterator.next()
        XCTAssertNil(after)

        let kms = try Fixture().kms
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            for try await _ in kms.paginate(ListKeysRequest()) { return false }
            return false
        }
        task.cancel()
        do {
            _ = try await task.value
            XCTFail("a cancelled task gave a page")
        } catch { XCTAssertTrue(error is CancellationError, "\(error)") }
    }
}
