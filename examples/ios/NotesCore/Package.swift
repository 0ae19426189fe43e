// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "NotesCore",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "NotesCore", targets: ["NotesCore"])],
    dependencies: [.package(path: "../../../bindings-swift")],
    targets: [
        .target(name: "NotesCore", dependencies: [.product(name: "PocketKMS", package: "bindings-swift")]),
        .testTarget(name: "NotesCoreTests", dependencies: ["NotesCore"]),
    ]
)
