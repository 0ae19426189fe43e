import Foundation
import LocalAuthentication

/// One device: its Keychain, and what happens to it.
public enum Device {
    nonisolated(unsafe) public static var keys: [SecKey] = []
    nonisolated(unsafe) public static var isLocked = false
    nonisolated(unsafe) public static var groups: Set<String> = ["app"]
    /// What the user answers each time the Enclave asks; nil for yes.
    nonisolated(unsafe) public static var refusal: NSError?
    /// The reasons that the user was shown.
    nonisolated(unsafe) public static var asked: [String] = []

    public static func reset() {
        keys = []
        isLocked = false
        refusal = nil
        asked = []
        Biometrics.enrolled = Data("one finger".utf8)
    }
}

public func SecAccessControlCreateWithFlags(
    _ allocator: CFAllocator?, _ protection: CFTypeRef, _ flags: SecAccessControlCreateFlags,
    _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> SecAccessControl? {
    guard let protection = protection as? String, ["aku", "cku", "akpu"].contains(protection) else { return fail(error, errSecParam) }
    return SecAccessControl(protection: protection, flags: flags)
}

public func SecKeyCreateRandomKey(_ parameters: CFDictionary, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?) -> SecKey? {
    guard let own = parameters[kSecPrivateKeyAttrs] as? [String: Any], let access = own[kSecAttrAccessControl] as? SecAccessControl,
        own[kSecAttrIsPermanent] as? Bool == true, parameters[kSecUseDataProtectionKeychain] as? Bool == true,
        parameters[kSecAttrKeyType] as? String == kSecAttrKeyTypeECSECPrimeRandom, parameters[kSecAttrKeySizeInBits] as? Int == 256,
        own[kSecAttrApplicationTag] is Data
    else { return fail(error, errSecParam) }
    let inEnclave = parameters[kSecAttrTokenID] as? String == kSecAttrTokenIDSecureEnclave
    // The flag is for keys of the Enclave, and they need it.
    guard inEnclave == access.flags.contains(.privateKeyUsage) else { return fail(error, errSecParam) }
    let group = own[kSecAttrAccessGroup] as? String ?? "app"
    guard Device.groups.contains(group) else { return fail(error, errSecMissingEntitlement) }
    let secret = (0..<32).map { _ in UInt8.random(in: 0...255) }
    var attributes = own.merging([kSecAttrAccessGroup: group]) { $1 }
    attributes[kSecAttrApplicationLabel] = Data(secret.prefix(20).map { ~$0 })
    attributes[kSecAttrTokenID] = parameters[kSecAttrTokenID]
    let key = SecKey(attributes: attributes, access: access, secret: secret)
    Device.keys.append(key)
    return key
}

public func SecKeyCopyAttributes(_ key: SecKey) -> CFDictionary? { key.attributes }

public func SecKeyCopyPublicKey(_ key: SecKey) -> SecKey? {
    SecKey(attributes: key.attributes, access: key.access, secret: key.secret, isPublic: true)
}

public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    guard query[kSecClass] as? String == kSecClassKey, query[kSecUseDataProtectionKeychain] as? Bool == true,
        let tag = query[kSecAttrApplicationTag] as? Data
    else { return errSecParam }
    let context = query[kSecUseAuthenticationContext] as? LAContext
    let found = Device.keys.filter { key in
        let group = key.attributes[kSecAttrAccessGroup] as! String
        return key.attributes[kSecAttrApplicationTag] as? Data == tag && Device.groups.contains(group)
            && (query[kSecAttrAccessGroup] as? String ?? group) == group
    }
    if found.isEmpty { return errSecItemNotFound }
    if Device.isLocked, found.contains(where: { $0.access.protection != "cku" }) { return errSecInteractionNotAllowed }
    result?.pointee = found.map { key -> [String: Any] in
        var attributes = key.attributes
        attributes[kSecUseAuthenticationContext] = context
        let reference = SecKey(attributes: attributes, access: key.access, secret: key.secret)
        return key.attributes.merging([kSecValueRef: reference]) { $1 }
    }
    return errSecSuccess
}

public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
    guard let key = query[kSecValueRef] as? SecKey else { return errSecParam }
    let before = Device.keys.count
    Device.keys.removeAll { $0.secret == key.secret }
    return Device.keys.count < before ? errSecSuccess : errSecItemNotFound
}

public func SecKeyCreateEncryptedData(
    _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ plaintext: CFData, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? {
    guard key.isPublic else { return fail(error, errSecParam) }
    let nonce = (0..<8).map { _ in UInt8.random(in: 0...255) }
    return Data(nonce + covered([UInt8](plaintext), key.secret, nonce) + sum([UInt8](plaintext), key.secret, nonce))
}

public func SecKeyCreateDecryptedData(
    _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ ciphertext: CFData, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? {
    guard Device.keys.contains(where: { $0.secret == key.secret }), !key.isPublic else { return fail(error, errSecItemNotFound) }
    if Device.isLocked, key.access.protection != "cku" { return fail(error, errSecInteractionNotAllowed) }
    let flags = key.access.flags
    if flags.contains(.biometryCurrentSet), key.attributes[kSecAttrLabel] as? String != Biometrics.enrolled?.base64EncodedString() {
        return fail(error, errSecAuthFailed)
    }
    if !flags.isDisjoint(with: [.userPresence, .biometryAny, .biometryCurrentSet]) {
        Device.asked.append((key.attributes[kSecUseAuthenticationContext] as? LAContext)?.localizedReason ?? "")
        if let refusal = Device.refusal {
            error?.pointee = Unmanaged.passRetained(refusal)
            return nil
        }
    }
    let bytes = [UInt8](ciphertext)
    guard bytes.count >= 16 else { return fail(error, errSecParam) }
    let nonce = Array(bytes.prefix(8))
    let plaintext = covered(Array(bytes.dropFirst(8).dropLast(8)), key.secret, nonce)
    guard sum(plaintext, key.secret, nonce) == Array(bytes.suffix(8)) else { return fail(error, errSecParam) }
    return Data(plaintext)
}

private func fail<T>(_ error: UnsafeMutablePointer<Unmanaged<CFError>?>?, _ status: OSStatus) -> T? {
    error?.pointee = Unmanaged.passRetained(NSError(domain: NSOSStatusErrorDomain, code: Int(status)))
    return nil
}

/// No cipher, but one whose tests find what was altered.
private func covered(_ bytes: [UInt8], _ secret: [UInt8], _ nonce: [UInt8]) -> [UInt8] {
    bytes.enumerated().map { $1 ^ secret[$0 % 32] ^ nonce[$0 % 8] }
}

private func sum(_ bytes: [UInt8], _ secret: [UInt8], _ nonce: [UInt8]) -> [UInt8] {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in secret + nonce + bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
}
