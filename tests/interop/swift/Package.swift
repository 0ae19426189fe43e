// swift-tools-version:6.0
import PackageDescription

let package = Package(
    name: "Interop",
    dependencies: [.package(path: "../../../bindings-swift")],
    targets: [
        .executableTarget(name: "Interop", dependencies: [.product(name: "PocketKMS", package: "bindings-swift")]),
    ]
)
