"""The job: writes every note to a Markdown file, for a user who wants to leave, or for a backup.

    NOTES_PASSPHRASE=... python export.py data/notes.db exported
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path

from pocketkms import EncryptionClient, KmsError, KmsKeyring, RootKey, Vault


def export(database: sqlite3.Connection, root_key: RootKey, folder: Path) -> list[str]:
    """Returns the ids of the notes that do not decrypt. One that was altered keeps no other from being written."""
    (snapshot,) = database.execute("SELECT snapshot FROM vault").fetchone()
    folder.mkdir(parents=True, exist_ok=True)
    client, failed = EncryptionClient(), []
    with Vault.open_snapshot(snapshot, root_key) as vault:
        keyring = KmsKeyring(vault.client(), "alias/notes")
        for note, message in database.execute("SELECT id, message FROM notes ORDER BY rowid"):
            try:
                # As in the browser: the note that this row claims to be, and no other.
                decrypted = client.decrypt(keyring, message, encryption_context={"app": "notes", "note": note})
            except KmsError as error:
                print(f"{note}: {error.name}: {error.explanation}", file=sys.stderr)
                failed.append(note)
                continue
            content = json.loads(decrypted.plaintext)
            # It decrypted, so its id is one that a browser made: no other path can come from this.
            (folder / f"{note}.md").write_text(f"# {content['title']}\n\n{content['text']}\n", encoding="utf-8")
    return failed


def main() -> int:
    path, folder = map(Path, sys.argv[1:])
    # A file that is not there would be made, empty, by a plain connect.
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        failed = export(database, RootKey.from_passphrase(os.environ["NOTES_PASSPHRASE"]), folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
