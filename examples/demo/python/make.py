"""Python makes the vault, encrypts a secret and a file, and rotates the key.

    make.py FOLDER
"""

import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pocketkms import Kms, RootKey
from show import Stopwatch, say

ALIAS = "alias/customers"
CONTEXT = {"customer": "4711", "city": "Zürich"}
SECRET = "the safe opens with 12-34-56 🔑"
FILE_BYTES = 8 << 20


def main(folder: Path) -> None:
    # The root key opens the vault. A real one stays in a keychain or a secret manager; here the others read it from a file.
    root = secrets.token_bytes(32)
    watch = Stopwatch()
    with Kms.create(RootKey.from_bytes(root)) as kms:
        key_id = kms.create_key(description="customer data").key_metadata.key_id
        kms.create_alias(alias_name=ALIAS, target_key_id=key_id)
        say(f"vault, CMK {key_id[:8]}…, {ALIAS}", watch)

        secret = kms.encrypt(key_id=ALIAS, plaintext=SECRET.encode(), encryption_context=CONTEXT)
        say(f"secret: {len(SECRET.encode())} bytes -> {len(secret.ciphertext_blob)} bytes, directly under the CMK", watch)

        # Envelope encryption by hand: the file under a data key, the data key under the CMK, both kept together.
        content = secrets.token_bytes(1 << 20) * (FILE_BYTES >> 20)
        watch.restart()
        data_key = kms.generate_data_key(key_id=ALIAS, key_spec="AES_256", encryption_context=CONTEXT)
        nonce = secrets.token_bytes(12)
        sealed = nonce + AESGCM(data_key.plaintext).encrypt(nonce, content, None)
        say(f"file: {FILE_BYTES >> 20} MiB under a data key, AES-256-GCM", watch)

        before = data_key.key_material_id
        kms.rotate_key_on_demand(key_id=key_id)
        after = kms.describe_key(key_id=key_id).key_metadata.current_key_material_id
        say(f"key rotated: material {before[:8]}… -> {after[:8]}…", watch)

        snapshot = kms.snapshot()
        say(f"vault.snapshot: {len(snapshot):,} bytes", watch)

    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    parcel = {
        "alias": ALIAS,
        "context": CONTEXT,
        "secret": text(secret.ciphertext_blob),
        "data_key": text(data_key.ciphertext_blob),
        "secret_sha256": hashlib.sha256(SECRET.encode()).hexdigest(),
        "file_sha256": hashlib.sha256(content).hexdigest(),
        "material_before": before,
        "material_after": after,
    }
    (folder / "root.key").write_bytes(root)
    (folder / "vault.snapshot").write_bytes(snapshot)
    (folder / "file.encrypted").write_bytes(sealed)
    (folder / "parcel.json").write_text(json.dumps(parcel, ensure_ascii=False, indent=2), encoding="utf-8")


main(Path(sys.argv[1]))
