"""Python makes the vault, encrypts a secret and a file, and rotates the key.

    make.py FOLDER
"""

import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path

from pocketkms import EncryptionClient, KmsKeyring, RootKey, Vault
from show import Stopwatch, say

ALIAS = "alias/customers"
CONTEXT = {"customer": "4711", "city": "Zürich"}
SECRET = "the safe opens with 12-34-56 🔑"
FILE_BYTES = 8 << 20


def main(folder: Path) -> None:
    # The root key opens the vault. A real one stays in a keychain or a secret manager; here the others read it from a file.
    root = secrets.token_bytes(32)
    watch = Stopwatch()
    with Vault.create(folder / "customers.vault", RootKey.from_bytes(root)) as vault:
        kms = vault.client()
        key_id = kms.create_key(description="customer data").key_metadata.key_id
        kms.create_alias(alias_name=ALIAS, target_key_id=key_id)
        say(f"vault, CMK {key_id[:8]}…, {ALIAS}", watch)

        secret = kms.encrypt(key_id=ALIAS, plaintext=SECRET.encode(), encryption_context=CONTEXT)
        say(f"secret: {len(SECRET.encode())} bytes -> {len(secret.ciphertext_blob)} bytes, directly under the CMK", watch)

        # Envelope encryption: the file under a data key, which the message carries encrypted under the CMK.
        content = secrets.token_bytes(1 << 20) * (FILE_BYTES >> 20)
        watch.restart()
        client, keyring = EncryptionClient(), KmsKeyring(kms, ALIAS)
        with (
            (folder / "file.message").open("wb") as sink,
            client.encrypt_writer(keyring, sink, encryption_context=CONTEXT) as message,
        ):
            for start in range(0, FILE_BYTES, 1 << 16):
                message.write(content[start : start + (1 << 16)])
        say(f"file: {FILE_BYTES >> 20} MiB as a message of the AWS Encryption SDK, streamed", watch)

        before = kms.describe_key(key_id=key_id).key_metadata.current_key_material_id
        kms.rotate_key_on_demand(key_id=key_id)
        after = kms.describe_key(key_id=key_id).key_metadata.current_key_material_id
        say(f"key rotated: material {before[:8]}… -> {after[:8]}…", watch)

        snapshot = vault.snapshot()
        say(f"vault.snapshot, for the browser: {len(snapshot):,} bytes", watch)
    say(f"customers.vault: {(folder / 'customers.vault').stat().st_size:,} bytes, for every process after this one", watch)

    def text(data: bytes) -> str:
        return base64.b64encode(data).decode()

    parcel = {
        "alias": ALIAS,
        "context": CONTEXT,
        "secret": text(secret.ciphertext_blob),
        "secret_sha256": hashlib.sha256(SECRET.encode()).hexdigest(),
        "file_sha256": hashlib.sha256(content).hexdigest(),
        "file_bytes": FILE_BYTES,
        "material_before": before,
        "material_after": after,
    }
    (folder / "root.key").write_bytes(root)
    (folder / "vault.snapshot").write_bytes(snapshot)
    (folder / "parcel.json").write_text(json.dumps(parcel, ensure_ascii=False, indent=2), encoding="utf-8")


main(Path(sys.argv[1]))
