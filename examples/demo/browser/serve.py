"""Serves the page and the parcel to a headless Chromium, and keeps what the page answers.

    serve.py FOLDER NPM_PACKAGE CHROMIUM
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FLAGS = """--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()


class Handler(SimpleHTTPRequestHandler):
    """Three folders under one origin, and one place to post to."""

    extensions_map = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", "": "application/octet-stream"}

    def __init__(self, *rest, folders, receive):
        self.folders, self.receive = folders, receive
        super().__init__(*rest)

    def translate_path(self, path):
        first, _, rest = path.lstrip("/").partition("/")
        self.directory = self.folders.get(first, self.folders[""])
        return super().translate_path("/" + rest if first in self.folders else path)

    def do_POST(self):
        answer = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.receive(answer)

    def log_message(self, *_):
        pass


def main(folder, package, chromium):
    answers, answered = [], threading.Event()

    def receive(answer):
        answers.append(json.loads(answer))
        answered.set()

    folders = {"": str(Path(__file__).parent), "parcel": folder, "pocketkms": package}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, folders=folders, receive=receive))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        page = f"http://localhost:{server.server_port}/index.html"
        command = [chromium, *FLAGS, *root, f"--user-data-dir={profile}", page]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            answered.wait(60)
        finally:
            browser.terminate()
            browser.wait(10)
    if not answers or "error" in answers[0]:
        sys.exit(f"the browser did not answer: {answers}")
    (Path(folder) / "browser.json").write_text(json.dumps(answers[0]), encoding="utf-8")


main(*sys.argv[1:])
