"""Operations on 1 KiB beside `cryptography`'s AES-GCM with key set-up, in one run: prints times and ratios.

    bindings-python/test.sh && target/python-test-venv/bin/python bindings-python/bench.py
"""

from __future__ import annotations

import os
import secrets
import timeit
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pocketkms import RootKey, Vault

ROUNDS, CALLS = 300, 300


def main() -> None:
    vault = Vault.in_memory(RootKey.from_bytes(secrets.token_bytes(32)))
    kms = vault.client()
    key_id = kms.create_key().key_metadata.key_id
    plaintext, key, context = os.urandom(1024), os.urandom(32), {"order": "4711"}
    blob = kms.encrypt(key_id=key_id, plaintext=plaintext).ciphertext_blob
    candidates: dict[str, Callable[[], object]] = {
        "cryptography: AESGCM(key).encrypt": lambda: AESGCM(key).encrypt(os.urandom(12), plaintext, None),
        "encrypt": lambda: kms.encrypt(key_id=key_id, plaintext=plaintext),
        "encrypt with a context": lambda: kms.encrypt(
            key_id=key_id, plaintext=plaintext, encryption_context=context
        ),
        "decrypt": lambda: kms.decrypt(ciphertext_blob=blob),
        "generate_data_key": lambda: kms.generate_data_key(key_id=key_id, key_spec="AES_256"),
    }
    # Taken in turn, so that a busy moment of the machine meets them all; the best round is the least disturbed one.
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(ROUNDS):
        for name, work in candidates.items():
            best[name] = min(best[name], timeit.timeit(work, number=CALLS) / CALLS)
    reference = next(iter(best.values()))
    for name, seconds in best.items():
        print(f"{name:<36} {seconds * 1e6:6.2f} us  {seconds / reference:5.2f} x")


if __name__ == "__main__":
    main()
