import CryptoKit
import Foundation
import LocalAuthentication
import PocketKMS
import Security
import XCTest

/// The root key of the Keychain over one in memory: keys that are gone, locked, invalidated, refused, on another device.
final class KeychainTests: XCTestCase {
    override func setUp() {
        Device.reset()
        Device.groups = ["app"]
        SecureEnclave.isAvailable = true
    }

    private let root = KeychainRootKey()
    private let userCancelled = NSError(domain: LAErrorDomain, code: -2)

    private func snapshot(_ root: KeychainRootKey) throws -> Data { try Vault.inMemory(rootKey: root.rootKey()).snapshot() }

    private func open(_ snapshot: Data, _ root: KeychainRootKey) throws { _ = try Vault.openSnapshot(snapshot: snapshot, rootKey: root.rootKey()) }

    private func error(_ work: () throws -> Void, line: UInt = #line) -> (any Error)? {
        do {
            try work()
            XCTFail("nothing was thrown", line: line)
            return nil
        } catch { return error }
    }

    private func assertLost(_ reason: RootKeyLostError.Reason, _ work: () throws -> Void, line: UInt = #line) -> RootKeyLostError? {
        let thrown = error(work, line: line) as? RootKeyLostError
        XCTAssertEqual(thrown?.reason, reason, line: line)
        return thrown
    }

    func testMadeOnceAndFoundAgain() throws {
        XCTAssertEqual(try root.state(), .missing)
        let made = try snapshot(root)
        XCTAssertEqual(try root.state(), .ready)
        try open(made, KeychainRootKey())
        XCTAssertEqual(Device.keys.count, 1)
        XCTAssertEqual(Device.asked, [], "nothing was asked of the user")
        let key = Device.keys[0]
        XCTAssertEqual(key.attributes[kSecAttrTokenID] as? String, kSecAttrTokenIDSecureEnclave)
        XCTAssertEqual(key.access.flags, .privateKeyUsage)
        XCTAssertEqual(key.access.protection, kSecAttrAccessibleWhenUnlockedThisDeviceOnly)
    }

    func testAKeyThatIsMissing() throws {
        let made = try snapshot(root)
        Device.keys = [] // another phone
        let lost = assertLost(.missing) { try open(made, root) }
        XCTAssertNil(lost?.underlying)
        XCTAssertEqual(lost?.localizedDescription, "RootKeyLostException: this device has no key for the vault")
        XCTAssertEqual(lost?.category, .authenticate)
        XCTAssertTrue(Device.keys.isEmpty, "none is made to open a vault")
        // Nor is another vault's key of the same name taken for it.
        _ = try snapshot(root)
        XCTAssertEqual(Device.keys.count, 1)
        _ = assertLost(.missing) { try open(made, root) }
    }

    func testAKeyThatWasInvalidated() throws {
        let face = KeychainRootKey(authentication: .biometrics(reason: "Open your notes"))
        let vault = try Vault.inMemory(rootKey: face.rootKey())
        let recovery = try vault.addRecoveryKey(label: "paper").text
        let made = try vault.snapshot()
        XCTAssertEqual(Set(Device.asked), ["Open your notes"])
        XCTAssertEqual(Device.keys[0].access.flags, [.privateKeyUsage, .biometryCurrentSet])
        Biometrics.enrolled = Data("two fingers".utf8)
        XCTAssertEqual(try face.state(), .invalidated)
        let lost = assertLost(.invalidated) { try open(made, face) }
        XCTAssertEqual((lost?.underlying as? NSError)?.code, Int(errSecAuthFailed), "what the system said")

        let opened = try Vault.openSnapshot(snapshot: made, rootKey: RootKey.fromRecoveryKey(text: "\(recovery)"))
        try face.renew(opened)
        XCTAssertEqual(try face.state(), .ready)
        XCTAssertEqual(Device.keys.count, 1, "the key of no use is gone")
        XCTAssertEqual(try opened.rootKeys().count, 2)
        let renewed = try opened.snapshot()
        try open(renewed, face)
        _ = try Vault.openSnapshot(snapshot: renewed, rootKey: RootKey.fromRecoveryKey(text: "\(recovery)"))
        _ = assertLost(.missing) { try open(made, face) } // the old file has what the old key wrapped

        // Where a change of fingerprints does not end the key, it goes on.
        Device.reset()
        let any = KeychainRootKey(authentication: .biometrics(reason: "x", endsWithEnrollment: false))
        let lasting = try snapshot(any)
        Biometrics.enrolled = Data("two fingers".utf8)
        XCTAssertEqual(try any.state(), .ready)
        try open(lasting, any)
    }

    func testAKeyThatIsLocked() throws {
        let made = try snapshot(root)
        Device.isLocked = true
        XCTAssertEqual(try root.state(), .locked)
        let locked = error { try open(made, root) } as? KeychainLockedError
        XCTAssertEqual((locked?.underlying as? NSError)?.code, Int(errSecInteractionNotAllowed))
        XCTAssertEqual(locked.map { "\($0)" }, "KeychainLockedException: the device is locked")
        XCTAssertTrue(locked?.report.contains("-25308") == true, "for a log")
        XCTAssertEqual(Device.keys.count, 1, "nothing is lost by it")
        XCTAssertTrue(error { _ = try snapshot(root) } is KeychainLockedError, "nor is a second key made")
        Device.isLocked = false
        try open(made, root)
        // In the background, from the first time on that the device was unlocked.
        let background = KeychainRootKey("background", accessibility: .afterFirstUnlock)
        let later = try snapshot(background)
        Device.isLocked = true
        XCTAssertEqual(try background.state(), .ready)
        try open(later, background)
        Device.isLocked = false
        _ = try snapshot(KeychainRootKey("passcode", accessibility: .whenPasscodeSet))
        XCTAssertEqual(Device.keys.last?.access.protection, kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly)
    }

    /// What the user answers comes out as the very error of the system.
    func testARefusal() throws {
        let asking = KeychainRootKey(authentication: .userPresence(reason: "Notizen öffnen"))
        let made = try snapshot(asking)
        XCTAssertEqual(Device.keys[0].access.flags, [.privateKeyUsage, .userPresence])
        Device.refusal = userCancelled
        XCTAssertTrue(error { try open(made, asking) } as? NSError === userCancelled)
        XCTAssertEqual(Device.asked.last, "Notizen öffnen")
        XCTAssertEqual(try asking.state(), .ready)
        let face = KeychainRootKey("face", authentication: .biometrics(reason: "x"))
        XCTAssertTrue(error { _ = try snapshot(face) } as? NSError === userCancelled, "what was wrapped is read back")
        Device.refusal = nil
        try open(made, asking)
    }

    func testWithoutAnEnclave() throws {
        SecureEnclave.isAvailable = false
        try open(snapshot(root), root)
        XCTAssertNil(Device.keys[0].attributes[kSecAttrTokenID])
        SecureEnclave.isAvailable = true
        try open(snapshot(root), root) // the key that is there goes on
        XCTAssertEqual(Device.keys.count, 1)
        let outside = KeychainRootKey("outside", secureEnclave: false)
        try open(snapshot(outside), outside)
        XCTAssertNil(Device.keys[1].attributes[kSecAttrTokenID])
    }

    func testAccessGroups() throws {
        Device.groups = ["app", "group.notes"]
        let shared = KeychainRootKey(accessGroup: "group.notes")
        let made = try snapshot(shared)
        Device.groups = ["extension", "group.notes"]
        try open(made, KeychainRootKey(accessGroup: "group.notes"))
        Device.groups = ["another app"]
        _ = assertLost(.missing) { try open(made, KeychainRootKey()) }
        // A group that the app does not have is an error, and no key elsewhere.
        XCTAssertEqual((error { _ = try snapshot(shared) } as? NSError)?.code, Int(errSecMissingEntitlement))
    }

    /// An app and its extension come at the same time: each has made a key by then, and each vault finds its own.
    func testTwoKeysOfOneName() throws {
        let first = try snapshot(root)
        let kept = Device.keys
        Device.keys = []
        let second = try snapshot(root)
        Device.keys = kept + Device.keys
        try open(first, root)
        try open(second, root)
        Device.keys.reverse()
        try open(first, root)
        try open(second, root)
        try root.delete()
        XCTAssertEqual(try root.state(), .missing)
    }

    func testWhatWasAltered() throws {
        let key = Data(repeating: 5, count: 32), wrapped = try root.wrap(key: key)
        XCTAssertEqual(try root.unwrap(wrapped: wrapped), key)
        XCTAssertNotEqual(try root.wrap(key: key), wrapped)
        for index in wrapped.indices {
            var altered = wrapped
            altered[index] ^= 1
            XCTAssertThrowsError(try root.unwrap(wrapped: altered), "\(index)")
        }
        for length in 0..<wrapped.count { XCTAssertThrowsError(try root.unwrap(wrapped: wrapped.prefix(length)), "\(length)") }
        XCTAssertEqual(try root.unwrap(wrapped: (Data([0]) + wrapped).dropFirst()), key, "a slice is its bytes")
        try root.delete()
        _ = assertLost(.missing) { _ = try root.unwrap(wrapped: wrapped) }
    }

    /// What goes wrong while it is renewed takes no key away by which the vault could be opened.
    func testARenewalThatFails() throws {
        let face = KeychainRootKey(authentication: .biometrics(reason: "x"))
        let vault = try Vault.inMemory(rootKey: face.rootKey())
        let recovery = try vault.addRecoveryKey(label: "").text
        Biometrics.enrolled = Data("two fingers".utf8)
        Device.refusal = userCancelled
        XCTAssertTrue(error { try face.renew(vault) } as? NSError === userCancelled)
        Device.refusal = nil
        let after = try vault.snapshot()
        _ = try Vault.openSnapshot(snapshot: after, rootKey: RootKey.fromRecoveryKey(text: "\(recovery)"))
        try face.renew(vault)
        try open(vault.snapshot(), face)
    }

    func testRenewing() throws {
        // A vault that had no such root key, and one that has two of the name, as after a renewal on each of two phones.
        let vault = try Vault.inMemory(rootKey: RootKey.generate())
        try root.renew(vault)
        XCTAssertEqual(try vault.rootKeys().filter { $0.name == root.name }.count, 1)
        _ = try vault.addRootKey(rootKey: root.rootKey())
        XCTAssertEqual(try vault.rootKeys().filter { $0.name == root.name }.count, 2)
        try root.renew(vault)
        XCTAssertEqual(try vault.rootKeys().filter { $0.name == root.name && $0.kind == .callback }.count, 1)
        XCTAssertEqual(try vault.rootKeys().count, 2)
        try open(vault.snapshot(), root)
    }
}
