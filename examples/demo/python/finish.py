"""Python reads what the other platforms answered, checks it, and prints the table.

    finish.py FOLDER PLATFORM...
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from pocketkms import Kms, RootKey, Vault
from show import milliseconds

HEADINGS = ["platform", "open", "the secret", "the file, streamed", "wrong context, altered file", "its own message, read by Python"]


def check(platform: str, kms: Kms, parcel: dict, folder: Path) -> list[str]:
    """A line of the table. Whatever is not as it must be ends the demo."""
    answer = json.loads((folder / f"{platform}.json").read_text(encoding="utf-8"))

    def demand(condition: bool, what: str) -> None:
        if not condition:
            sys.exit(f"the demo failed: {answer['platform']}: {what}")

    demand(hashlib.sha256(answer["secret"].encode()).hexdigest() == parcel["secret_sha256"], "another secret")
    demand(answer["secret_material"] == parcel["material_before"], "not the material from before the rotation")
    demand(answer["refused"] == "InvalidCiphertextException", f"a wrong context gave {answer['refused']}")

    # What the browser left in IndexedDB was there in another process of it.
    again = answer.get("again", {"aliases": ["alias/browser"], "damaged": []})
    demand("alias/browser" in again["aliases"] and not again["damaged"], f"IndexedDB had {again}")

    # Swift on Linux brings no SHA-256: it leaves the file.
    digest = answer.get("file_sha256") or hashlib.sha256((folder / answer["file"]).read_bytes()).hexdigest()
    demand(digest == parcel["file_sha256"], "another file")
    demand(answer["file_refused"] == "InvalidMessageException", f"an altered message gave {answer['file_refused']}")

    reply = kms.decrypt(ciphertext_blob=base64.b64decode(answer["reply"]), encryption_context=parcel["context"])
    demand(reply.key_material_id == parcel["material_after"], "not the material from after the rotation")
    return [
        answer["platform"],
        milliseconds(answer["open_ms"]),
        milliseconds(answer["secret_ms"]),
        f"{milliseconds(answer['file_ms'])}, {parcel['file_bytes'] / 1e3 / answer['file_ms']:,.0f} MB/s",
        "both refused",
        reply.plaintext.decode(),
    ]


def main(folder: Path, *platforms: str) -> None:
    parcel = json.loads((folder / "parcel.json").read_text(encoding="utf-8"))
    root = RootKey.from_bytes((folder / "root.key").read_bytes())
    # The file that another process of Python's made, and that Swift and Kotlin wrote to.
    with Vault.open(folder / "customers.vault", root) as vault:
        kms = vault.client()
        names = {alias.alias_name for alias in kms.list_aliases().aliases}
        written = {f"alias/{platform}" for platform in platforms if platform != "browser"}
        if not names >= written or vault.verify():
            sys.exit(f"the demo failed: customers.vault has {sorted(names)}, {vault.verify()}")
        rows = [HEADINGS] + [check(platform, kms, parcel, folder) for platform in platforms]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, ["─" * width for width in widths])
    print()
    for row in rows:
        print("   " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()
    print("   The secret and the file were encrypted before the rotation, the messages after it. Times are of first calls.")


main(Path(sys.argv[1]), *sys.argv[2:])
