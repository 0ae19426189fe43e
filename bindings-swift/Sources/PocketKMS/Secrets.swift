import Foundation

// What holds a plaintext shows its length only, however it is printed: `print`, string interpolation, `dump`, a
// debugger, a failed assertion. (`Data` by itself shows its bytes to `dump`.) What the core describes has its own in
// Generated/OperationSecrets.swift.

func mirror<T>(of value: T, _ children: KeyValuePairs<String, Any>) -> Mirror {
    Mirror(value, children: children, displayStyle: .struct)
}

func hidden(_ secret: Secret) -> String {
    "<\(secret.count) bytes>"
}

func hidden(_ secret: SecretText) -> String {
    "<\(secret.count) characters>"
}

extension WireResponse: CustomReflectable {
    public var customMirror: Mirror { mirror(of: self, ["status": status, "body": hidden(body)]) }
}

extension BranchKeyMaterials: CustomReflectable {
    public var customMirror: Mirror {
        mirror(of: self, ["branchKeyVersion": branchKeyVersion, "branchKey": hidden(branchKey)])
    }
}

// What a sequence encrypts may stand ready in its base.

extension EncryptedSequence: CustomReflectable {
    public var customMirror: Mirror { mirror(of: self, ["base": Base.self]) }
}

extension EncryptedSequence.Iterator: CustomReflectable {
    public var customMirror: Mirror { mirror(of: self, ["base": Base.self]) }
}
