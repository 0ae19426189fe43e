import Foundation

/// The keychain of a device, as `KeychainRootKey` uses it: the system's by default on Apple platforms (`SystemKeychain`), one in memory in
/// an app's own tests. It keeps pairs of keys for ECIES on P-256, of which the public half encrypts without asking anyone.
///
/// What goes wrong is thrown, and comes out of the vault's call as the same error: the system's own, a user's refusal among them.
public protocol Keychain: Sendable {
    /// The keys that there are by that name, in no order: apps of one group that came at the same time have made several. The user is not
    /// asked. Throws `KeychainLockedError` where the device has to be unlocked first.
    func keys(_ item: KeychainItem) throws -> [any KeychainKey]

    /// Makes a key that stays on this device.
    func create(_ item: KeychainItem, protection: KeychainProtection) throws -> any KeychainKey

    /// What says which fingerprints or faces are enrolled, and changes with them; nil where it cannot be told.
    func enrollment() -> Data?
}

/// A key of a `Keychain`.
public protocol KeychainKey: Sendable {
    /// Distinguishes it from all others, in at most 255 bytes: a hash of its public half.
    var id: Data { get }

    /// What `Keychain.enrollment` said when it was made.
    var enrollment: Data? { get }

    /// Encrypts by the public half.
    func encrypt(_ plaintext: Data) throws -> Data

    /// Decrypts on the device, which may ask its user.
    func decrypt(_ ciphertext: Data) throws -> Data

    /// Removes it for good.
    func delete() throws
}

/// Under which name keys are kept, and for whom.
public struct KeychainItem: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The access group of apps and extensions that share it; nil for the app's own.
    public let accessGroup: String?

    public init(name: String, accessGroup: String? = nil) {
        self.name = name
        self.accessGroup = accessGroup
    }
}

/// How a key is kept.
public struct KeychainProtection: Sendable, Hashable {
    /// When it can be used.
    public let accessibility: KeychainAccessibility
    /// What the user has to do for it.
    public let authentication: UserAuthentication?
    /// Whether the Secure Enclave keeps it, where the device has one.
    public let secureEnclave: Bool

    public init(accessibility: KeychainAccessibility, authentication: UserAuthentication?, secureEnclave: Bool) {
        self.accessibility = accessibility
        self.authentication = authentication
        self.secureEnclave = secureEnclave
    }
}

/// When a key of this device can be used. None leaves it, by a backup or otherwise.
public enum KeychainAccessibility: Sendable, Hashable, CaseIterable {
    /// While the device is unlocked: for an app in the foreground.
    case whenUnlocked
    /// From the first time on that the device is unlocked after a start: for work in the background, and for extensions that run while it
    /// is locked.
    case afterFirstUnlock
    /// As `whenUnlocked`, on a device with a passcode alone. The key goes when the passcode is turned off.
    case whenPasscodeSet
}

/// What a user has to do each time a key is used.
public struct UserAuthentication: Sendable, Hashable {
    /// Of what kind.
    public enum Kind: Sendable, Hashable {
        /// Face ID, Touch ID or the passcode.
        case userPresence
        /// Face ID or Touch ID.
        case biometrics
        /// The faces or fingerprints that were enrolled when the key was made. Any change ends the key: `RootKeyLostError`.
        case enrolledBiometrics
    }

    public let kind: Kind
    /// What the user is told, in the user's language: "Open your notes".
    public let reason: String

    /// Face ID, Touch ID or the passcode.
    public static func userPresence(reason: String) -> UserAuthentication { .init(kind: .userPresence, reason: reason) }

    /// Face ID or Touch ID. `endsWithEnrollment` says whether another fingerprint or face, once enrolled, ends the key.
    public static func biometrics(reason: String, endsWithEnrollment: Bool = true) -> UserAuthentication {
        .init(kind: endsWithEnrollment ? .enrolledBiometrics : .biometrics, reason: reason)
    }
}

/// The device is locked, and the key is one of those that wait until it is unlocked: try again then.
public struct KeychainLockedError: PocketKMSError {
    /// What the system said.
    public let underlying: (any Error)?

    public init(underlying: (any Error)? = nil) { self.underlying = underlying }

    public func details() -> ErrorDetails { ErrorDetails(name: "KeychainLockedException", message: "the device is locked", underlying) }
}

/// The device's key is gone for good. Open the vault with its recovery key, and `KeychainRootKey.renew` it.
public struct RootKeyLostError: PocketKMSError {
    public enum Reason: Sendable, Hashable {
        /// There is none: this is another device, or the device was erased, or its passcode was turned off.
        case missing
        /// It is there and cannot be used: another fingerprint or face was enrolled, or one was removed.
        case invalidated
    }

    public let reason: Reason
    /// What the system threw, where it did: the same error.
    public let underlying: (any Error)?

    public func details() -> ErrorDetails {
        let message = switch reason {
        case .missing: "this device has no key for the vault"
        case .invalidated: "the vault's key on this device was ended by a change of its fingerprints or faces"
        }
        return ErrorDetails(name: "RootKeyLostException", message: message, underlying)
    }
}

extension ErrorDetails {
    /// Of an error that a person has to do something about, and that no AWS has.
    fileprivate init(name: String, message: String, _ underlying: (any Error)?) {
        let explanation = underlying.map { String(describing: $0) }
        let text = [name, message].joined(separator: ": ") + (explanation.map { " (\($0))" } ?? "")
        self.init(
            name: name, message: message, explanation: explanation, httpStatus: 500, category: .authenticate, text: text,
            summary: [name + ": " + message, explanation].compactMap { $0 }.joined(separator: "\n"))
    }
}
