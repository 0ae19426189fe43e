"""Rewraps all files of a directory, and reports each: what a test kills half-way.

As a program itself: `python rewrapping.py DIRECTORY`.
"""

from __future__ import annotations

import sys

from pocketkms import EncryptionClient, RawAesKeyring, RewrapBatch, RewrappedFile

# Writes version 1, whose headers are rewritten, and reads all.
CLIENT = EncryptionClient(commitment_policy="FORBID_ENCRYPT_ALLOW_DECRYPT")
# Writes version 2, which gets sidecars.
COMMITTING = EncryptionClient()
OLD = RawAesKeyring(namespace="tests", name="old", wrapping_key=bytes(range(32)))
NEW = RawAesKeyring(namespace="tests", name="new", wrapping_key=bytes(32))


def report(file: RewrappedFile) -> None:
    print(file.outcome, flush=True)


if __name__ == "__main__":
    RewrapBatch(CLIENT, OLD, NEW).directory(sys.argv[1], progress=report)
