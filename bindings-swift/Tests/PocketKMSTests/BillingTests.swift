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
        let host = try vault()
        let five = EstimateRequest(keys: [EstimatedKeys(count: 5)], requests: 50_000)
        XCTAssertEqual(try host.estimate(request: five).totalMicroDollars, 5_090_000)
        let hundred = EstimateRequest(keys: [EstimatedKeys(count: 100)], requests: 1_000_000)
        XCTAssertEqual(try host.estimate(request: hundred).totalMicroDollars, 102_940_000)
        XCTAssertEqual(try host.estimate(request: EstimateRequest(requests: 100_000)).totalMicroDollars, 240_000)
        let all = EstimateRequest(requests: 100_000, prices: PriceList(freeRequests: 0))
        XCTAssertEqual(try host.estimate(request: all).totalMicroDollars, 300_000)
        XCTAssertEqual(thrown(try host.estimate(request: EstimateRequest(month: "2023-13")))?.name, "ValidationException")
    }

    func testABill() throws {
        let host = try vault()
        _ = try host.client().createKey(request: .init())
        clock.advanceDays(days: 15)
        _ = try host.client().createKey(request: .init())
        clock.advanceDays(days: 15)
        let bill = try host.bill(request: BillRequest(month: "2023-11"))
        XCTAssertEqual(bill.totalMicroDollars, 1_500_000)
        XCTAssertEqual(bill.lines.map(\.item), [.keys, .requests])
        XCTAssertEqual(bill.usage.map(\.quantity), [1080, 2])
        XCTAssertEqual(bill.hours, 720)
        XCTAssertEqual(thrown(try host.bill(request: BillRequest(month: "november")))?.name, "ValidationException")
    }
}
