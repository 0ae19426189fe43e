// swift-tools-version:5.9
import Foundation
import PackageDescription

// PocketKMS as it is on Apple's platforms, over modules that stand for Apple's: what they declare has Apple's signatures, and what it
// does is in memory. So the files that need them are compiled and tested where there is no SDK of Apple's.
let standIns = ["Security", "LocalAuthentication", "CryptoKit", "AVFoundation"]
let bindings = "\(Context.packageDirectory)/../.."

let package = Package(
    name: "StandIns",
    targets: standIns.map { .target(name: $0, dependencies: $0 == "Security" ? ["LocalAuthentication"] : [], path: "Sources/\($0)") } + [
        .systemLibrary(name: "PocketKMSFFI", path: "linked/PocketKMSFFI"),
        .target(
            name: "PocketKMS", dependencies: standIns.map { .target(name: $0) } + ["PocketKMSFFI"], path: "linked/PocketKMS",
            exclude: ["PrivacyInfo.xcprivacy"],
            linkerSettings: [.unsafeFlags(["-L\(bindings)/lib"])]),
        .testTarget(name: "AppleTests", dependencies: standIns.map { .target(name: $0) } + ["PocketKMS"], path: "Tests"),
    ]
)
