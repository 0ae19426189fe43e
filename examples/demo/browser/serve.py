"""Serves the page and the parcel to a headless Chromium, twice, in processes of their own, and keeps what the page answers.

    serve.py FOLDER NPM_PACKAGE CHROMIUM
"""

import json
import os
import queue
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
    answers = queue.Queue()
    folders = {"": str(Path(__file__).parent), "parcel": folder, "pocketkms": package}
    handler = partial(Handler, folders=folders, receive=lambda answer: answers.put(json.loads(answer)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = f"http://localhost:{server.server_port}/index.html"

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        visits = [visit([chromium, *FLAGS, *root, f"--user-data-dir={profile}", page + end], answers) for end in ["", "#again"]]
    answer = {**visits[0], "again": visits[1]}
    (Path(folder) / "browser.json").write_text(json.dumps(answer), encoding="utf-8")


def visit(command, answers):
    """What the page answers in a process of the browser."""
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answer = answers.get(timeout=60)
    except queue.Empty:
        sys.exit("the browser did not answer")
    finally:
        browser.terminate()
        browser.wait(10)
    if "error" in answer:
        sys.exit(f"the browser failed: {answer['error']}")
    return answer


main(*sys.argv[1:])
