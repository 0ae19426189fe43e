"""The back end: it stores what it cannot read.

    NOTES_DATA=data NOTES_PACKAGE=node_modules/pocketkms python -m flask --app server run
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from pathlib import Path

from flask import Flask, Response, abort, g, jsonify, request, send_from_directory

HERE = Path(__file__).resolve().parent
NOTE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SCHEMA = """
CREATE TABLE IF NOT EXISTS vault (id INTEGER PRIMARY KEY CHECK (id = 1), snapshot BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY, message BLOB NOT NULL);
"""


def etag(snapshot: bytes) -> str:
    return f'"{hashlib.sha256(snapshot).hexdigest()}"'


def make_app(data: Path, package: Path) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 16 << 20
    data.mkdir(parents=True, exist_ok=True)

    def database() -> sqlite3.Connection:
        if "database" not in g:
            g.database = sqlite3.connect(data / "notes.db")
            g.database.executescript(SCHEMA)
        connection: sqlite3.Connection = g.database
        return connection

    @app.teardown_appcontext
    def close(_: BaseException | None) -> None:
        if "database" in g:
            g.pop("database").close()

    # --- The vault: one sealed snapshot.

    def stored_snapshot() -> bytes | None:
        row = database().execute("SELECT snapshot FROM vault").fetchone()
        return row[0] if row else None

    @app.get("/api/vault")
    def load_vault() -> Response:
        snapshot = stored_snapshot()
        if snapshot is None:
            return Response(status=204)
        return Response(snapshot, content_type="application/octet-stream", headers={"ETag": etag(snapshot)})

    @app.put("/api/vault")
    def save_vault() -> Response:
        """Only over the snapshot that the browser opened: two browsers that both changed it must not lose each other's keys."""
        database().execute("BEGIN IMMEDIATE")
        snapshot = stored_snapshot()
        unchanged = (
            request.headers.get("If-None-Match") == "*" if snapshot is None else request.headers.get("If-Match") == etag(snapshot)
        )
        if not unchanged:
            abort(412)
        database().execute("INSERT OR REPLACE INTO vault VALUES (1, ?)", (request.get_data(),))
        database().commit()
        return Response(status=204, headers={"ETag": etag(request.get_data())})

    # --- The notes: messages, each under its id.

    @app.get("/api/notes")
    def list_notes() -> Response:
        return jsonify([row[0] for row in database().execute("SELECT id FROM notes ORDER BY rowid")])

    @app.get("/api/notes/<note>")
    def load_note(note: str) -> Response:
        row = database().execute("SELECT message FROM notes WHERE id = ?", (note,)).fetchone()
        if row is None:
            abort(404)
        return Response(row[0], content_type="application/octet-stream")

    @app.put("/api/notes/<note>")
    def save_note(note: str) -> Response:
        if not NOTE_ID.fullmatch(note):
            abort(400)
        database().execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (note, request.get_data()))
        database().commit()
        return Response(status=204)

    # --- The page, and the npm package beside it.

    @app.get("/")
    def index() -> Response:
        return send_from_directory(HERE / "page", "index.html")

    @app.get("/<path:name>")
    def page(name: str) -> Response:
        return send_from_directory(HERE / "page", name)

    @app.get("/pocketkms/<path:name>")
    def pocketkms(name: str) -> Response:
        return send_from_directory(package, name)

    @app.after_request
    def policy(response: Response) -> Response:
        # Scripts of this origin alone: anyone who gets a script onto the page reads what the user reads.
        response.headers["Content-Security-Policy"] = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
        return response

    return app


def create_app() -> Flask:
    """What `flask --app server` looks for."""
    return make_app(Path(os.environ.get("NOTES_DATA", "data")).resolve(), Path(os.environ["NOTES_PACKAGE"]).resolve())
