"""Python reads what the other platforms answered, checks it, and prints the table.

    finish.py FOLDER PLATFORM...
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pocketkms import Kms, RootKey
from show import milliseconds

HEADINGS = ["platform", "open", "the secret", "the file", "wrong context", "its own message, read by Python"]


def check(platform: str, kms: Kms, parcel: dict, folder: Path) -> list[str]:
    """A line of the table. Whatever is not as it must be ends the demo."""
    answer = json.loads((folder / f"{platform}.json").read_text(encoding="utf-8"))

    def demand(condition: bool, what: str) -> None:
        if not condition:
            sys.exit(f"the demo failed: {answer['platform']}: {what}")

    demand(hashlib.sha256(answer["secret"].encode()).hexdigest() == parcel["secret_sha256"], "another secret")
    demand(answer["secret_material"] == parcel["material_before"], "not the material from before the rotation")
    demand(answer["refused"] == "InvalidCiphertextException", f"a wrong context gave {answer['refused']}")

    if "file_sha256" in answer:
        demand(answer["file_sha256"] == parcel["file_sha256"], "another file")
        file = f"{milliseconds(answer['file_ms'])}, {answer['file_by']}"
    else:
        # This platform has the data key but no AES-GCM: it sent the key back, encrypted, and the file is opened here with it.
        blob = base64.b64decode(answer["data_key"])
        key = kms.decrypt(ciphertext_blob=blob, encryption_context=parcel["context"]).plaintext
        sealed = (folder / "file.encrypted").read_bytes()
        content = AESGCM(key).decrypt(sealed[:12], sealed[12:], None)
        demand(hashlib.sha256(content).hexdigest() == parcel["file_sha256"], "another data key")
        file = f"{milliseconds(answer['file_ms'])}, data key only *"

    reply = kms.decrypt(ciphertext_blob=base64.b64decode(answer["reply"]), encryption_context=parcel["context"])
    demand(reply.key_material_id == parcel["material_after"], "not the material from after the rotation")
    return [
        answer["platform"],
        milliseconds(answer["open_ms"]),
        milliseconds(answer["secret_ms"]),
        file,
        "refused",
        reply.plaintext.decode(),
    ]


def main(folder: Path, *platforms: str) -> None:
    parcel = json.loads((folder / "parcel.json").read_text(encoding="utf-8"))
    root = RootKey.from_bytes((folder / "root.key").read_bytes())
    with Kms.open_snapshot((folder / "vault.snapshot").read_bytes(), root) as kms:
        rows = [HEADINGS] + [check(platform, kms, parcel, folder) for platform in platforms]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, ["─" * width for width in widths])
    print()
    for row in rows:
        print("   " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()
    if any("*" in row[3] for row in rows):
        print("   * Swift on Linux brings no AES-GCM (on Apple platforms CryptoKit does): Swift decrypted the data key and sent it")
        print("     back, encrypted anew; Python opened the file with it.")
    print("   The secret and the data key were encrypted before the rotation, the messages after it. Times are of first calls.")


main(Path(sys.argv[1]), *sys.argv[2:])
