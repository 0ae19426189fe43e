// swift-tools-version:5.9
import Foundation
import PackageDescription

// build.sh puts the library of this machine into `lib`; xcframework.sh makes one for all Apple platforms instead. (A package that is fetched
// by version has another manifest, which apple/package.sh makes.)
let folder = Context.packageDirectory
let xcframework = "PocketKMSFFI.xcframework"
let isForApple = FileManager.default.fileExists(atPath: "\(folder)/\(xcframework)")

let package = Package(
    name: "PocketKMS",
    platforms: [.iOS("13.4"), .macCatalyst("13.4"), .macOS("10.15.4")], // FileHandle.read(upToCount:)
    products: [
        .library(name: "PocketKMS", targets: ["PocketKMS"]),
    ],
    targets: [
        isForApple
            ? .binaryTarget(name: "PocketKMSFFI", path: xcframework)
            : .systemLibrary(name: "PocketKMSFFI"),
        .target(
            name: "PocketKMS",
            dependencies: ["PocketKMSFFI"],
            exclude: isForApple ? [] : ["PrivacyInfo.xcprivacy"],
            resources: isForApple ? [.copy("PrivacyInfo.xcprivacy")] : [],
            linkerSettings: isForApple ? [] : [.unsafeFlags(["-L\(folder)/lib"])]
        ),
        .testTarget(name: "PocketKMSTests", dependencies: ["PocketKMS"]),
    ]
)
