"""The end of a process: threads that are in a call do not crash it, and no event that waits is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pocketkms import RootKey, Vault

PROGRAM = """
import threading, time
from pocketkms import RootKey, Vault
vault = Vault.in_memory(RootKey.from_bytes(bytes(32)))
kms = vault.client()
def work():
    while True: {call}
threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
"""


@pytest.mark.parametrize("call", ["kms.list_keys()", "vault.snapshot()", "kms.create_key()"])
def test_daemon_threads_in_a_call(call: str) -> None:
    for _ in range(5):
        ended = subprocess.run([sys.executable, "-c", PROGRAM.format(call=call)], capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")


LEFT_OPEN = """
import multiprocessing, os, sys, threading
from datetime import timedelta
from pocketkms import RootKey, Vault

def use():
    global vault
    vault = Vault.open(sys.argv[1], RootKey.from_bytes(bytes(32)), audit=timedelta(hours=1), audit_sink=show)
    vault.client().list_keys()

def show(events):
    print(*(event.event_name for event in events), flush=True)

if __name__ == "__main__":
    {end}
"""


@pytest.mark.parametrize(
    "end",
    [
        "use()",
        "use(); sys.exit(3)",
        "use(); raise RuntimeError",
        # A thread that is still there then.
        "use(); threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "thread = threading.Thread(target=use); thread.start()",
        *(
            f"worker = multiprocessing.get_context('{how}').Process(target=use); worker.start(); worker.join()"
            for how in ["fork", "forkserver", "spawn"]
            if how == "spawn" or sys.platform == "linux"
        ),
        pytest.param(
            "use(); os.fork() or sys.exit()", marks=pytest.mark.skipif(sys.platform == "win32", reason="this system does not fork")
        ),
    ],
)
def test_events_that_wait_are_stored(end: str, tmp_path: Path) -> None:
    path, root = tmp_path / "keys.vault", RootKey.from_bytes(bytes(32))
    Vault.create(path, root).close()
    program = tmp_path / "program.py"
    program.write_text(LEFT_OPEN.format(end=end), encoding="utf-8")
    ended = subprocess.run([sys.executable, program, path], capture_output=True, text=True, timeout=60)
    assert "pocketkms" not in ended.stderr
    with Vault.open(path, root) as vault:
        assert [event.event_name for event in vault.audit_events()] == ["ListKeys"]
        assert vault.verify_audit().problems == ()
    assert ended.stdout == "ListKeys\n"
