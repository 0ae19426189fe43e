// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "Demo",
    platforms: [.macOS(.v10_15)],
    dependencies: [.package(name: "PocketKMS", path: "../../../bindings-swift")],
    targets: [.executableTarget(name: "Demo", dependencies: ["PocketKMS"])]
)
