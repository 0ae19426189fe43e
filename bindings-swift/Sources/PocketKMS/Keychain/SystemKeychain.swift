#if canImport(Security)
import Foundation
import Security
#if canImport(CryptoKit)
import CryptoKit
#endif
#if canImport(LocalAuthentication)
import LocalAuthentication
#endif

extension KeychainRootKey {
    /// A key in the Keychain of this device. On macOS the app needs an entitlement for it: the capability Keychain Sharing.
    ///
    /// - Parameters:
    ///   - name: the key's name in the Keychain: one for each vault.
    ///   - accessGroup: an access group of the app's entitlements, for its extensions to open the same vault.
    public convenience init(
        _ name: String = "pocketkms", accessGroup: String? = nil, accessibility: KeychainAccessibility = .whenUnlocked,
        authentication: UserAuthentication? = nil, secureEnclave: Bool = true
    ) {
        self.init(
            KeychainItem(name: name, accessGroup: accessGroup), accessibility: accessibility, authentication: authentication,
            secureEnclave: secureEnclave, keychain: SystemKeychain(authentication: authentication))
    }
}

/// The Keychain of this device. (Without a Secure Enclave, in a simulator for one, the key is the Keychain's own, and the user may be asked
/// already when it is looked for.)
public struct SystemKeychain: Keychain {
    private let authentication: UserAuthentication?

    /// `authentication` has what the user is told when a key is used.
    public init(authentication: UserAuthentication? = nil) { self.authentication = authentication }

    public func keys(_ item: KeychainItem) throws -> [any KeychainKey] {
        var query = query(for: item)
        query[kSecMatchLimit] = kSecMatchLimitAll
        query[kSecReturnAttributes] = true
        query[kSecReturnRef] = true
        #if canImport(LocalAuthentication)
        if let authentication {
            let context = LAContext()
            context.localizedReason = authentication.reason
            query[kSecUseAuthenticationContext] = context
        }
        #endif
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess: return try (found as? [[String: Any]] ?? []).map(SystemKey.init)
        case errSecItemNotFound: return []
        case errSecInteractionNotAllowed: throw KeychainLockedError(underlying: failure(errSecInteractionNotAllowed))
        case let status: throw failure(status)
        }
    }

    public func create(_ item: KeychainItem, protection: KeychainProtection) throws -> any KeychainKey {
        #if canImport(CryptoKit)
        let inEnclave = protection.secureEnclave && SecureEnclave.isAvailable
        #else
        let inEnclave = false
        #endif
        var error: Unmanaged<CFError>?
        guard let access = SecAccessControlCreateWithFlags(
            nil, protection.accessibility.attribute, protection.flags(inEnclave: inEnclave), &error)
        else { throw thrown(error) }
        var own: [CFString: Any] = [
            kSecAttrIsPermanent: true,
            kSecAttrApplicationTag: tag(item),
            kSecAttrAccessControl: access,
        ]
        // Beside the key and readable without it: what its biometrics were.
        if let enrollment = enrollment() { own[kSecAttrLabel] = enrollment.base64EncodedString() }
        if let group = item.accessGroup { own[kSecAttrAccessGroup] = group }
        var attributes: [CFString: Any] = [
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
            kSecAttrKeySizeInBits: 256,
            kSecUseDataProtectionKeychain: true,
            kSecPrivateKeyAttrs: own,
        ]
        if inEnclave { attributes[kSecAttrTokenID] = kSecAttrTokenIDSecureEnclave }
        guard let key = SecKeyCreateRandomKey(attributes as CFDictionary, &error) else { throw thrown(error) }
        guard var made = SecKeyCopyAttributes(key) as? [String: Any] else { throw failure(errSecInternalComponent) }
        made[kSecValueRef as String] = key
        return try SystemKey(made)
    }

    public func enrollment() -> Data? {
        #if canImport(LocalAuthentication)
        let context = LAContext()
        guard context.canEvaluatePolicy(.deviceOwnerAuthenticationWithBiometrics, error: nil) else { return nil }
        return context.evaluatedPolicyDomainState
        #else
        return nil
        #endif
    }

    private func query(for item: KeychainItem) -> [CFString: Any] {
        var query: [CFString: Any] = [
            kSecClass: kSecClassKey,
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
            kSecAttrKeyClass: kSecAttrKeyClassPrivate,
            kSecAttrApplicationTag: tag(item),
            kSecUseDataProtectionKeychain: true,
        ]
        if let group = item.accessGroup { query[kSecAttrAccessGroup] = group }
        return query
    }

    private func tag(_ item: KeychainItem) -> Data { Data("io.github.pocketkms.\(item.name)".utf8) }
}

/// A key of the Keychain, by a reference that works on any thread.
private struct SystemKey: KeychainKey, @unchecked Sendable {
    private static let algorithm = SecKeyAlgorithm.eciesEncryptionCofactorVariableIVX963SHA256AESGCM

    let id: Data
    let enrollment: Data?
    private let key: SecKey

    init(_ attributes: [String: Any]) throws {
        guard let id = attributes[kSecAttrApplicationLabel as String] as? Data, let reference = attributes[kSecValueRef as String] else {
            throw failure(errSecDecode)
        }
        self.id = id
        enrollment = (attributes[kSecAttrLabel as String] as? String).flatMap { Data(base64Encoded: $0) }
        key = reference as! SecKey // a reference of this class of items
    }

    func encrypt(_ plaintext: Data) throws -> Data {
        guard let half = SecKeyCopyPublicKey(key) else { throw failure(errSecInternalComponent) }
        var error: Unmanaged<CFError>?
        guard let ciphertext = SecKeyCreateEncryptedData(half, Self.algorithm, plaintext as CFData, &error) else { throw thrown(error) }
        return ciphertext as Data
    }

    func decrypt(_ ciphertext: Data) throws -> Data {
        var error: Unmanaged<CFError>?
        guard let plaintext = SecKeyCreateDecryptedData(key, Self.algorithm, ciphertext as CFData, &error) else {
            let error = thrown(error) as NSError
            let isLocked = error.domain == NSOSStatusErrorDomain && error.code == Int(errSecInteractionNotAllowed)
            throw isLocked ? KeychainLockedError(underlying: error) : error
        }
        return plaintext as Data
    }

    func delete() throws {
        let status = SecItemDelete([kSecClass: kSecClassKey, kSecValueRef: key, kSecUseDataProtectionKeychain: true] as [CFString: Any] as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw failure(status) }
    }
}

extension KeychainAccessibility {
    fileprivate var attribute: CFString {
        switch self {
        case .whenUnlocked: kSecAttrAccessibleWhenUnlockedThisDeviceOnly
        case .afterFirstUnlock: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        case .whenPasscodeSet: kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly
        }
    }
}

extension KeychainProtection {
    fileprivate func flags(inEnclave: Bool) -> SecAccessControlCreateFlags {
        var flags: SecAccessControlCreateFlags = inEnclave ? [.privateKeyUsage] : []
        switch authentication?.kind {
        case nil: break
        case .userPresence: flags.insert(.userPresence)
        case .biometrics: flags.insert(.biometryAny)
        case .enrolledBiometrics: flags.insert(.biometryCurrentSet)
        }
        return flags
    }
}

private func failure(_ status: OSStatus) -> NSError { NSError(domain: NSOSStatusErrorDomain, code: Int(status)) }

/// The system's own error, as it is.
private func thrown(_ error: Unmanaged<CFError>?) -> any Error { error?.takeRetainedValue() ?? failure(errSecInternalComponent) }
#endif
