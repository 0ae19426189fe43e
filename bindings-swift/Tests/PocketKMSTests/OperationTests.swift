import PocketKMS
import XCTest

/// What an operation answers is in the scenarios that all languages play; here, that each can be called.
final class OperationTests: XCTestCase {
    /// Every operation there is crosses to Rust and back: it gives an answer, or one of the errors that it documents.
    func testEachOperation() throws {
        let all = calls(of: try Fixture().kms)
        XCTAssertGreaterThan(all.count, 25)
        for (operation, call) in all {
            do { _ = try call() } catch {
                XCTAssertTrue(error is KmsError && (error as? KmsError)?.name != "KMSInternalException", "\(operation): \(error)")
            }
        }
    }

    /// None of them does anything with a vault that is locked or closed, whatever it is given.
    func testEachOperationOfALockedAndAClosedVault() throws {
        let fixture = try Fixture(), all = calls(of: fixture.kms)
        for (expected, end) in [("VaultLockedException", fixture.vault.lock), ("VaultClosedException", fixture.vault.close)] {
            end()
            for (operation, call) in all {
                XCTAssertThrowsError(try call(), operation) { error in
                    // What can be refused without the vault is.
                    XCTAssertTrue([expected, "ValidationException"].contains((error as? KmsError)?.name), "\(operation): \(error)")
                }
            }
        }
    }
}
