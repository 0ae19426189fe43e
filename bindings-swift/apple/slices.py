"""The slices of the XCFramework: what Package.swift declares, and no more.

A platform is added here and in both manifests, when rustup has its targets: tvOS, watchOS and visionOS have none that are built and
tested as these are.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    identifier: str
    """Its folder, as xcodebuild names it."""
    platform: str
    variant: str | None
    mach_o: int
    """The platform's number in an object's LC_BUILD_VERSION."""
    minimum: str
    """The deployment target, which the environment variable says to rustc and to the C compiler."""
    variable: str
    triples: dict[str, str]
    """Rust's targets, by architecture."""


SLICES = [
    Slice("ios-arm64", "ios", None, 2, "13.4", "IPHONEOS_DEPLOYMENT_TARGET", {"arm64": "aarch64-apple-ios"}),
    Slice(
        "ios-arm64_x86_64-simulator", "ios", "simulator", 7, "13.4", "IPHONEOS_DEPLOYMENT_TARGET",
        {"arm64": "aarch64-apple-ios-sim", "x86_64": "x86_64-apple-ios"},
    ),
    Slice(
        "ios-arm64_x86_64-maccatalyst", "ios", "maccatalyst", 6, "13.4", "IPHONEOS_DEPLOYMENT_TARGET",
        {"arm64": "aarch64-apple-ios-macabi", "x86_64": "x86_64-apple-ios-macabi"},
    ),
    Slice(
        "macos-arm64_x86_64", "macos", None, 1, "10.15.4", "MACOSX_DEPLOYMENT_TARGET",
        {"arm64": "aarch64-apple-darwin", "x86_64": "x86_64-apple-darwin"},
    ),
]

# The first version of a platform that runs on the processor at all: compilers raise what is asked for to it.
EARLIEST = {("ios", "simulator", "arm64"): "14.0", ("ios", "maccatalyst", "arm64"): "14.0", ("macos", None, "arm64"): "11.0"}

if __name__ == "__main__":
    for piece in SLICES:
        for triple in piece.triples.values():
            print(triple, f"{piece.variable}={piece.minimum}")
