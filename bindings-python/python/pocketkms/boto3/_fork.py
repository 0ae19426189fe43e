"""Locks that a child process finds open."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager


def lock() -> AbstractContextManager[bool]:
    """A fork waits for the thread that holds it, so that the child, which has no thread but its own, neither waits for ever nor finds
    what it guards half-done. One thread may take it several times: a thread that forks while it holds it goes on.
    """
    made = threading.RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=made.acquire, after_in_parent=made.release, after_in_child=made.release)
    return made
