public enum SecureEnclave {
    nonisolated(unsafe) public static var isAvailable = true
}
