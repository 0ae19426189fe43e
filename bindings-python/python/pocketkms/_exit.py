"""The end of the process: the events of the audit trail that wait are stored, and audit sinks are shown them."""

import atexit
import os
import sys

from pocketkms import _native

atexit.register(_native.flush_all)

_worker = 0


def flush_at_exit() -> None:
    """Sees to a process that `multiprocessing` has forked, too: it ends by `os._exit`, and has finalizers of its own in place of `atexit`."""
    global _worker
    util = sys.modules.get("multiprocessing.util")
    if util is not None and _worker != os.getpid():
        _worker = os.getpid()
        util.Finalize(None, _native.flush_all, exitpriority=0)
