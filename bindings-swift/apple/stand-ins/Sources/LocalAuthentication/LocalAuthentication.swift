import Foundation

/// What is enrolled on the device.
public enum Biometrics {
    nonisolated(unsafe) public static var enrolled: Data? = Data("one finger".utf8)
}

public enum LAPolicy: Int, Sendable {
    case deviceOwnerAuthenticationWithBiometrics = 1
    case deviceOwnerAuthentication = 2
}

public let LAErrorDomain = "com.apple.LocalAuthentication"

open class LAContext {
    public init() {}

    open var localizedReason = ""
    private var evaluated = false

    open func canEvaluatePolicy(_ policy: LAPolicy, error: UnsafeMutablePointer<NSError?>?) -> Bool {
        evaluated = true
        return Biometrics.enrolled != nil
    }

    /// Nothing before a policy was looked at.
    open var evaluatedPolicyDomainState: Data? { evaluated ? Biometrics.enrolled : nil }
}
