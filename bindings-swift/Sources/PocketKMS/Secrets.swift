import Foundation

// What holds a plaintext shows its length only, however it is printed: `print`, string interpolation, `dump`, a
// debugger, a failed assertion. (`Data` by itself shows its bytes to `dump`.)

private func mirror<T>(of value: T, _ children: KeyValuePairs<String, Any>) -> Mirror {
    Mirror(value, children: children, displayStyle: .struct)
}

private func hidden(_ secret: Secret) -> String {
    "<\(secret.count) bytes>"
}

extension EncryptRequest: CustomReflectable {
    public var customMirror: Mirror {
        mirror(of: self, [
            "keyId": keyId, "plaintext": hidden(plaintext), "encryptionContext": encryptionContext as Any,
            "grantTokens": grantTokens as Any, "encryptionAlgorithm": encryptionAlgorithm as Any,
            "dryRun": dryRun as Any,
        ])
    }
}

extension DecryptResponse: CustomReflectable {
    public var customMirror: Mirror {
        mirror(of: self, [
            "keyId": keyId, "plaintext": hidden(plaintext), "encryptionAlgorithm": encryptionAlgorithm,
            "ciphertextForRecipient": ciphertextForRecipient as Any, "keyMaterialId": keyMaterialId as Any,
        ])
    }
}

extension GenerateDataKeyResponse: CustomReflectable {
    public var customMirror: Mirror {
        mirror(of: self, [
            "ciphertextBlob": ciphertextBlob, "plaintext": hidden(plaintext), "keyId": keyId,
            "ciphertextForRecipient": ciphertextForRecipient as Any, "keyMaterialId": keyMaterialId as Any,
        ])
    }
}

extension GenerateRandomResponse: CustomReflectable {
    public var customMirror: Mirror {
        mirror(of: self, [
            "plaintext": hidden(plaintext), "ciphertextForRecipient": ciphertextForRecipient as Any,
        ])
    }
}

extension Decrypted: CustomReflectable {
    public var customMirror: Mirror {
        mirror(of: self, [
            "plaintext": hidden(plaintext), "encryptionContext": encryptionContext, "header": header,
        ])
    }
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
