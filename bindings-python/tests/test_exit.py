"""The end of a process: threads that are in a call do not crash it."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
