"""What artefact-test.sh made: layout, property lists, checksum, and what is refused."""

from __future__ import annotations

import hashlib
import json
import plistlib
import shutil
import sys
import unittest
import zipfile
from pathlib import Path

import assemble
import mach_o
from slices import SLICES

WORK = Path(sys.argv.pop())
FRAMEWORK = WORK / "out/PocketKMSFFI.xcframework"
SOURCES = Path(__file__).parent.parent


class Framework(unittest.TestCase):
    def test_layout(self) -> None:
        information = plistlib.loads((FRAMEWORK / "Info.plist").read_bytes())
        self.assertEqual((information["CFBundlePackageType"], information["XCFrameworkFormatVersion"]), ("XFWK", "1.0"))
        found = {entry["LibraryIdentifier"]: entry for entry in information["AvailableLibraries"]}
        folders = {path.name for path in FRAMEWORK.iterdir() if path.is_dir()}
        self.assertEqual(set(found), folders)
        for name, entry in found.items():
            # As xcodebuild names it, by what is in it.
            architectures = "_".join(sorted(entry["SupportedArchitectures"]))
            variant = entry.get("SupportedPlatformVariant")
            self.assertEqual(name, f"{entry['SupportedPlatform']}-{architectures}" + (f"-{variant}" if variant else ""))
            library, headers = FRAMEWORK / name / entry["LibraryPath"], FRAMEWORK / name / entry["HeadersPath"]
            self.assertEqual(entry["BinaryPath"], entry["LibraryPath"])
            self.assertTrue(library.is_file())
            module = (headers / "PocketKMSFFI/module.modulemap").read_text()
            self.assertIn("module PocketKMSFFI {", module)
            self.assertNotIn("link ", module)
            for header in ("pocketkms_api.h", "pocketkms_kms.h"):
                self.assertIn(f'header "{header}"', module)
                self.assertTrue((headers / "PocketKMSFFI" / header).is_file())
        for notice in ("THIRD-PARTY-NOTICES.txt", "RUST-LIBRARY-NOTICES.html", "LICENSE-MIT", "LICENSE-APACHE"):
            self.assertTrue((FRAMEWORK / notice).is_file(), notice)

    def test_several_processors_in_one_file(self) -> None:
        for piece in SLICES:
            content = (FRAMEWORK / piece.identifier / assemble.LIBRARY).read_bytes()
            parts = {name: (WORK / "libraries" / triple / assemble.LIBRARY).read_bytes() for name, triple in piece.triples.items()}
            if len(parts) == 1:
                self.assertEqual(content, *parts.values())
                continue
            self.assertEqual(content[:4], bytes.fromhex("cafebabe"))
            for number, (name, part) in enumerate(parts.items()):
                cpu, subtype, start, size, align = (int.from_bytes(content[at : at + 4], "big") for at in range(8 + 20 * number, 28 + 20 * number, 4))
                self.assertEqual((cpu, subtype), mach_o.CPUS[name])
                self.assertEqual(content[start : start + size], part)
                self.assertEqual(start % (1 << align), 0)

    def test_the_manifests_declare_the_slices(self) -> None:
        declared = {platform["platformName"]: platform["version"] for platform in json.loads((WORK / "package.json").read_text())["platforms"]}
        names = {("ios", None): "ios", ("ios", "simulator"): "ios", ("ios", "maccatalyst"): "maccatalyst", ("macos", None): "macos"}
        self.assertEqual(declared, {names[piece.platform, piece.variant]: piece.minimum for piece in SLICES})
        self.assertIn('platforms: [.iOS("13.4"), .macCatalyst("13.4"), .macOS("10.15.4")]', (SOURCES / "Package.swift").read_text())


class Package(unittest.TestCase):
    manifest = json.loads((WORK / "package.json").read_text())

    def test_the_library_by_url_and_checksum(self) -> None:
        (binary,) = (target for target in self.manifest["targets"] if target["type"] == "binary")
        archive = (WORK / "out/PocketKMSFFI.xcframework.zip").read_bytes()
        self.assertEqual(binary["checksum"], hashlib.sha256(archive).hexdigest())
        self.assertEqual((WORK / "out/PocketKMSFFI.xcframework.zip.checksum").read_text().strip(), binary["checksum"])
        self.assertTrue(binary["url"].startswith("https://"))
        with zipfile.ZipFile(WORK / "out/PocketKMSFFI.xcframework.zip") as opened:
            self.assertTrue(all(name.startswith("PocketKMSFFI.xcframework/") for name in opened.namelist()))
            self.assertIn("PocketKMSFFI.xcframework/Info.plist", opened.namelist())

    def test_what_a_fetched_package_may_not_have(self) -> None:
        self.assertNotIn("unsafeFlags", json.dumps(self.manifest))
        self.assertNotIn("unsafeFlags", (WORK / "package/Package.swift").read_text())

    def test_sources_are_whole(self) -> None:
        package = WORK / "package/Sources/PocketKMS"
        for name in ("Generated/Kms.swift", "Keychain/KeychainRootKey.swift", "PrivacyInfo.xcprivacy", "PocketKMS.docc/PocketKMS.md"):
            self.assertTrue((package / name).is_file(), name)

    def test_privacy_manifest(self) -> None:
        said = plistlib.loads((WORK / "package/Sources/PocketKMS/PrivacyInfo.xcprivacy").read_bytes())
        self.assertEqual((said["NSPrivacyTracking"], said["NSPrivacyCollectedDataTypes"], said["NSPrivacyTrackingDomains"]), (False, [], []))
        reasons = {entry["NSPrivacyAccessedAPIType"]: entry["NSPrivacyAccessedAPITypeReasons"] for entry in said["NSPrivacyAccessedAPITypes"]}
        self.assertEqual(set(reasons), {f"NSPrivacyAccessedAPICategory{name}" for name in ("FileTimestamp", "SystemBootTime", "DiskSpace")})
        self.assertTrue(all(reasons.values()))


class Refused(unittest.TestCase):
    def setUp(self) -> None:
        self.libraries = WORK / "altered"
        shutil.rmtree(self.libraries, ignore_errors=True)
        shutil.copytree(WORK / "libraries", self.libraries)
        self.device = self.libraries / "aarch64-apple-ios" / assemble.LIBRARY

    def refused(self, expected: str) -> None:
        with self.assertRaisesRegex((assemble.Refused, mach_o.Malformed), expected):
            assemble.assemble(self.libraries, SOURCES / "Sources/PocketKMSFFI", WORK / "refused")

    def test_what_is_missing(self) -> None:
        self.device.unlink()
        self.refused("there is no")

    def test_what_is_for_something_else(self) -> None:
        for name, expected in [
            ("later", "is later than"), ("simulator", "another platform"), ("processor", "not for arm64"), ("linux", "no Mach-O object"),
            ("path", "a path of the machine"),
        ]:
            shutil.copyfile(WORK / "wrong" / name / assemble.LIBRARY, self.device)
            with self.subTest(name):
                self.refused(expected)

    def test_what_is_no_library(self) -> None:
        whole = self.device.read_bytes()
        for broken, expected in [(b"", "no static library"), (whole[:-10], "cut short"), (whole[:8], "no object that says"), (whole[:30], "no member")]:
            self.device.write_bytes(broken)
            with self.subTest(expected):
                self.refused(expected)


if __name__ == "__main__":
    unittest.main()
