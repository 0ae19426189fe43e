"""The machine that a run was made on, as far as it matters for the figures."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

# What AES-GCM, ChaCha20-Poly1305, SHA-2 and big-number arithmetic are fast or slow by.
FLAGS = {
    "aes", "pclmulqdq", "vaes", "vpclmulqdq", "gfni", "sha_ni", "ssse3", "avx", "avx2", "avx512f", "avx512bw",
    "avx512vl", "avx512ifma", "bmi2", "adx",
    "pmull", "sha1", "sha2", "sha3", "sha512", "asimd", "sve",
}  # fmt: skip


def fields(path: str) -> dict[str, str]:
    """The first value of each `name: value` in one of Linux's files; nothing on another system."""
    try:
        text = Path(path).read_text()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in reversed(text.splitlines()) if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def describe() -> dict[str, Any]:
    cpu, memory = fields("/proc/cpuinfo"), fields("/proc/meminfo")
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = platform.platform(terse=True)
    flags = set((cpu.get("flags") or cpu.get("Features") or "").split())
    return {
        "cpu": cpu.get("model name") or platform.processor() or platform.machine(),
        "cpu_family_model": " ".join(filter(None, (cpu.get("cpu family"), cpu.get("model")))),
        "cpu_flags": sorted(flags & FLAGS),
        "hypervisor": "hypervisor" in flags,
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": int(memory["MemTotal"].split()[0]) * 1024 if "MemTotal" in memory else None,
        "os": system,
        "kernel": f"{platform.system()} {platform.release()}",
        "libc": " ".join(platform.libc_ver()),
        # Other work on the machine; the run itself keeps one core busy.
        "load_before": os.getloadavg()[0],
    }
