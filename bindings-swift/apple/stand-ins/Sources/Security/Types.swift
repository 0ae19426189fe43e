import Foundation

// The part of Apple's Security framework that PocketKMS calls, by Apple's signatures. What Core Foundation bridges on Apple's systems is
// the same type here.

public typealias OSStatus = Int32
public typealias CFString = String
public typealias CFData = Data
public typealias CFDictionary = [String: Any]
public typealias CFTypeRef = Any
public typealias CFError = NSError
public final class CFAllocator {}

public let errSecSuccess: OSStatus = 0
public let errSecUserCanceled: OSStatus = -128
public let errSecParam: OSStatus = -50
public let errSecInternalComponent: OSStatus = -2070
public let errSecAuthFailed: OSStatus = -25293
public let errSecItemNotFound: OSStatus = -25300
public let errSecInteractionNotAllowed: OSStatus = -25308
public let errSecDecode: OSStatus = -26275
public let errSecMissingEntitlement: OSStatus = -34018

public let kSecClass = "class"
public let kSecClassKey = "keys"
public let kSecAttrKeyType = "type"
public let kSecAttrKeyTypeECSECPrimeRandom = "73"
public let kSecAttrKeyClass = "kcls"
public let kSecAttrKeyClassPrivate = "1"
public let kSecAttrKeySizeInBits = "bsiz"
public let kSecAttrTokenID = "tkid"
public let kSecAttrTokenIDSecureEnclave = "com.apple.setoken"
public let kSecAttrIsPermanent = "perm"
public let kSecAttrApplicationTag = "atag"
public let kSecAttrApplicationLabel = "klbl"
public let kSecAttrLabel = "labl"
public let kSecAttrAccessControl = "accc"
public let kSecAttrAccessGroup = "agrp"
public let kSecAttrAccessibleWhenUnlockedThisDeviceOnly = "aku"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly = "cku"
public let kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly = "akpu"
public let kSecPrivateKeyAttrs = "private"
public let kSecMatchLimit = "m_Limit"
public let kSecMatchLimitAll = "m_LimitAll"
public let kSecReturnAttributes = "r_Attributes"
public let kSecReturnRef = "r_Ref"
public let kSecValueRef = "v_Ref"
public let kSecUseDataProtectionKeychain = "nleg"
public let kSecUseAuthenticationContext = "u_AuthCtx"

public struct SecAccessControlCreateFlags: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }

    public static let userPresence = Self(rawValue: 1 << 0)
    public static let biometryAny = Self(rawValue: 1 << 1)
    public static let biometryCurrentSet = Self(rawValue: 1 << 3)
    public static let devicePasscode = Self(rawValue: 1 << 4)
    public static let privateKeyUsage = Self(rawValue: 1 << 30)
}

public final class SecAccessControl: Sendable {
    public let protection: String
    public let flags: SecAccessControlCreateFlags

    init(protection: String, flags: SecAccessControlCreateFlags) {
        self.protection = protection
        self.flags = flags
    }
}

public struct SecKeyAlgorithm: Hashable, Sendable {
    let name: String

    public static let eciesEncryptionCofactorVariableIVX963SHA256AESGCM = Self(name: "ECIES")
}

public final class SecKey: @unchecked Sendable {
    public let attributes: [String: Any]
    public let access: SecAccessControl
    let secret: [UInt8]
    let isPublic: Bool

    init(attributes: [String: Any], access: SecAccessControl, secret: [UInt8], isPublic: Bool = false) {
        self.attributes = attributes
        self.access = access
        self.secret = secret
        self.isPublic = isPublic
    }
}
