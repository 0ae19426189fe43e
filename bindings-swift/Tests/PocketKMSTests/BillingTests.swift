import Foundation
import PocketKMS
import XCTest

/// What the use of a vault costs, as Swift sees it.
final class BillingTests: XCTestCase {
    /// 1 November 2023.
    let clock = ManualClock(now: Date(timeIntervalSince1970: 1_698_796_800))

    private func vault() throws -> Vault {
        try Vault.inMemory(rootKey: RootKey.fromBytes(bytes: Data(count: 32)), clock: clock)
    }

    func testEstimates() throws {
        let vault = try self.vault()
        let five = EstimateRequest(keys: [EstimatedKeys(count: 5)], requests: 50_000)
        XCTAssertEqual(try vault.estimate(request: five).totalMicroDollars, 5_090_000)
        let hundred = EstimateRequest(keys: [EstimatedKeys(count: 100)], requests: 1_000_000)
        XCTAssertEqual(try vault.estimate(request: hundred).totalMicroDollars, 102_940_000)
        XCTAssertEqual(try vault.estimate(request: EstimateRequest(requests: 100_000)).totalMicroDollars, 240_000)
        let all = EstimateRequest(requests: 100_000, prices: PriceList(freeRequests: 0))
        XCTAssertEqual(try vault.estimate(request: all).totalMicroDollars, 300_000)
        XCTAssertEqual(thrown(try vault.estimate(request: EstimateRequest(month: "2023-13")))?.name, "ValidationException")
    }

    func testABill() throws {
        let vault = try self.vault()
        _ = try vault.client().createKey(request: .init())
        clock.advanceDays(days: 15)
        _ = try vault.client().createKey(request: .init())
        clock.advanceDays(days: 15)
        let bill = try vault.bill(request: BillRequest(month: "2023-11"))
        XCTAssertEqual(bill.totalMicroDollars, 1_500_000)
        XCTAssertEqual(bill.lines.map(\.item), [.keys, .requests])
        XCTAssertEqual(bill.usage.map(\.quantity), [1080, 2])
        XCTAssertEqual(bill.hours, 720)
        XCTAssertEqual(thrown(try vault.bill(request: BillRequest(month: "november")))?.name, "ValidationException")
    }

    func testResourceQuotas() throws {
        let vault = try self.vault()
        let kms = try vault.client()
        try vault.setResourceQuotas(quotas: ResourceQuotas(keys: 1))
        _ = try kms.createKey(request: .init())
        XCTAssertEqual(thrown(try kms.createKey(request: .init()))?.name, "LimitExceededException")
        try vault.setResourceQuotas(quotas: nil)
        _ = try kms.createKey(request: .init())
    }

    func testTheDelayOfGrants() throws {
        let vault = try self.vault()
        let key = try vault.client().createKey(request: .init()).keyMetadata
        XCTAssertEqual(thrown(try vault.setGrantDelay(seconds: 301))?.name, "ValidationException")
        try vault.setGrantDelay(seconds: 60)
        let grantee = "arn:aws:iam::444455556666:user/worker"
        let grant = CreateGrantRequest(keyId: key.keyId, granteePrincipal: grantee, operations: [.describeKey])
        let token = try vault.client().createGrant(request: grant).grantToken
        let worker = try vault.client(principal: grantee)
        XCTAssertEqual(thrown(try worker.describeKey(request: .init(keyId: key.arn)))?.name, "AccessDeniedException")
        _ = try worker.describeKey(request: .init(keyId: key.arn, grantTokens: [token]))
        try clock.advance(seconds: 60)
        _ = try worker.describeKey(request: .init(keyId: key.arn))
    }
}
