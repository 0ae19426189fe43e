import Foundation

/// SHA-256 (FIPS 180-4): Foundation has none on Linux.
func sha256(_ message: Data) -> Data {
    var padded = [UInt8](message) + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    padded += withUnsafeBytes(of: UInt64(message.count * 8).bigEndian, Array.init)
    var state = initial
    var words = [UInt32](repeating: 0, count: 64)
    func rotated(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }
    for block in stride(from: 0, to: padded.count, by: 64) {
        for index in 0..<16 {
            words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(padded[block + 4 * index + $1]) }
        }
        for index in 16..<64 {
            let (old, new) = (words[index - 15], words[index - 2])
            words[index] = words[index - 16] &+ words[index - 7]
                &+ (rotated(old, 7) ^ rotated(old, 18) ^ old >> 3) &+ (rotated(new, 17) ^ rotated(new, 19) ^ new >> 10)
        }
        var now = state
        for index in 0..<64 {
            let (first, fifth) = (now[0], now[4])
            let choice = fifth & now[5] ^ ~fifth & now[6]
            let majority = first & now[1] ^ first & now[2] ^ now[1] & now[2]
            let one = now[7] &+ (rotated(fifth, 6) ^ rotated(fifth, 11) ^ rotated(fifth, 25)) &+ choice
                &+ constants[index] &+ words[index]
            let two = (rotated(first, 2) ^ rotated(first, 13) ^ rotated(first, 22)) &+ majority
            now = [one &+ two, now[0], now[1], now[2], now[3] &+ one, now[4], now[5], now[6]]
        }
        for index in 0..<8 { state[index] &+= now[index] }
    }
    return state.reduce(into: Data()) { digest, word in withUnsafeBytes(of: word.bigEndian) { digest.append(contentsOf: $0) } }
}

private let initial: [UInt32] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]

private let constants: [UInt32] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]
