"""The figures of a run as JSON, and as Markdown tables, which are also what is printed."""

from __future__ import annotations

import json
import statistics
from typing import Any

from contenders import Contender
from measure import OPS, Bench, Cell, ratios

FORMAT = "pocketkms-peers-1"
UNITS = {1 << 30: "GiB", 1 << 20: "MiB", 1 << 10: "KiB"}


def size_name(size: int) -> str:
    unit = next(unit for unit in UNITS if size >= unit)
    return f"{size / unit:.4g} {UNITS[unit]}"


def duration(seconds: float) -> str:
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}" if seconds / unit < 100 else f"{seconds / unit:.0f} {name}"
    return f"{seconds * 1e6:.3g} µs" if seconds < 1e-4 else f"{seconds * 1e6:.0f} µs"


def rate(size: int, seconds: float) -> str:
    mib = size / seconds / (1 << 20)
    return f"{mib:.3g}" if mib < 100 else f"{mib:.0f}"


def mib(count: int | None) -> str:
    return "?" if count is None else f"{count / (1 << 20):.0f}"


# --- JSON


def digits(seconds: float) -> float:
    """Four significant digits: the clock has no more to say."""
    return float(f"{seconds:.3e}")


def cell_record(cell: Cell) -> dict[str, Any]:
    record: dict[str, Any] = {"contender": cell.contender.name, "op": cell.op, "size": cell.size}
    if cell.cannot:
        return record | {"cannot": cell.cannot}
    low, high = cell.quartiles
    return record | {
        "how": cell.how,
        "message_bytes": cell.message_bytes,
        "calls_per_sample": cell.calls,
        "seconds_per_call": {"median": digits(cell.median), "lower_quartile": digits(low), "upper_quartile": digits(high)},
        "bytes_per_second": digits(cell.size / cell.median),
        "seconds_by_round": {number: digits(seconds) for number, seconds in cell.samples.items()},
        "cpu_seconds_by_round": {number: digits(seconds) for number, seconds in cell.cpu.items()},
        "resident_bytes": cell.memory,
    }


def ratio_records(bench: Bench) -> list[dict[str, Any]]:
    """Every contender of ours beside every peer in the same environment."""
    records = []
    for ours in (contender for contender in bench.contenders if contender.ours):
        for peer in (other for other in bench.contenders if other.where == ours.where and not other.ours):
            for op in OPS:
                if values := ratios(bench.cells, ours, peer, op):
                    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
                    records.append(
                        {
                            "ours": ours.name, "peer": peer.name, "op": op, "size": bench.size,
                            "times_faster": {
                                "median": digits(statistics.median(values)),
                                "lower_quartile": digits(low),
                                "upper_quartile": digits(high),
                            },
                        }
                    )  # fmt: skip
    return records


def as_json(benches: list[Bench], machine: dict[str, Any], date: str, seconds: float) -> str:
    contenders, versions = benches[0].contenders, benches[0].versions
    record = {
        "format": FORMAT,
        "date": date,
        "took_seconds": round(seconds),
        "machine": machine,
        "contenders": [
            {"name": c.name, "label": c.label, "where": c.where, "note": c.note, "versions": versions[c.name]}
            for c in contenders
        ],
        "results": [cell_record(cell) for bench in benches for cell in bench.cells.values()],
        "ratios": [record for bench in benches for record in ratio_records(bench)],
    }
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {lines(value)}" for key, value in record.items()) + "\n}\n"


def lines(value: Any) -> str:
    """A list with each of its elements on a line of its own, so that two runs can be compared line by line."""
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(element, ensure_ascii=False)}" for element in value) + "\n ]"


# --- Markdown


def table(header: list[str], rows: list[list[str]], left: int) -> list[str]:
    """Padded, so that it also reads well as it is. The first `left` columns are words, the rest figures."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(row: list[str]) -> str:
        cells = (c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        return f"| {' | '.join(cells)} |"

    rule = ["-" * w if i < left else "-" * (w - 1) + ":" for i, w in enumerate(widths)]
    return [line(header), line(rule), *(line(row) for row in rows)]


def cell_columns(cell: Cell) -> list[str]:
    if cell.cannot:
        return ["cannot", "", ""]
    low, high = cell.quartiles
    spread = (high - low) / 2 / cell.median
    return [duration(cell.median), f"±{spread:.0%}", rate(cell.size, cell.median)]


def size_table(bench: Bench) -> list[str]:
    header = ["where", "contender", "encrypt", "", "MiB/s", "decrypt", "", "MiB/s", "peak MiB: encrypt", "decrypt"]
    rows, remarks = [], []
    for contender in bench.contenders:
        encrypt, decrypt = (bench.cells[contender.name, op] for op in OPS)
        name = f"**{contender.label}**" if contender.ours else contender.label
        if encrypt.how == "stream":
            name += " (streamed)"
        peaks = [mib(cell.memory.get("peak")) if not cell.cannot else "" for cell in (encrypt, decrypt)]
        rows.append([contender.where, name, *cell_columns(encrypt), *cell_columns(decrypt), *peaks])
        for cell in (encrypt, decrypt):
            if cell.cannot:
                remarks.append(f"- {contender.label} ({contender.where}) cannot {cell.op} it: `{cell.cannot}`")
    return [f"## {size_name(bench.size)}", "", *table(header, rows, left=2), *([""] if remarks else []), *remarks, ""]


def ratio_tables(benches: list[Bench]) -> list[str]:
    lines: list[str] = []
    records = {(r["ours"], r["peer"], r["op"], r["size"]): r for bench in benches for r in ratio_records(bench)}
    for ours in (contender for contender in benches[0].contenders if contender.ours):

        def column(peer: Contender, op: str, size: int, ours: Contender = ours) -> str:
            record = records.get((ours.name, peer.name, op, size))
            if record is None:
                return ""
            found = record["times_faster"]
            return f"{found['median']:.3g} ({found['lower_quartile']:.3g} to {found['upper_quartile']:.3g})"

        peers = [c for c in benches[0].contenders if c.where == ours.where and not c.ours]
        columns = [(op, bench.size) for bench in benches for op in OPS]
        rows = [[peer.label, *(column(peer, op, size) for op, size in columns)] for peer in peers]
        header = ["times as fast as", *(f"{op} {size_name(size)}" for op, size in columns)]
        lines += [f"## {ours.label} ({ours.where}) beside its peers", ""]
        lines += ["Median of the ratios of samples that were taken in the same round, with their quartiles.", ""]
        lines += [*table(header, rows, left=1), ""]
    return lines


def machine_lines(machine: dict[str, Any]) -> list[str]:
    virtual = ", a virtual machine" if machine["hypervisor"] else ""
    return [
        f"- {machine['cpu']} ({machine['architecture']}, {machine['cores']} cores{virtual}), {mib(machine['memory_bytes'])} MiB",
        f"- of its extensions: {', '.join(machine['cpu_flags'])}",
        f"- {machine['os']}, {machine['kernel']}, {machine['libc']}; load before the run {machine['load_before']:.2f}",
    ]


def version_lines(bench: Bench) -> list[str]:
    merged = {name: number for versions in bench.versions.values() for name, number in versions.items()}
    return ["- " + ", ".join(f"{name} {number}" for name, number in sorted(merged.items(), key=lambda item: item[0].lower()))]


READING = """\
Medians over rounds in which all contenders take turns, with half the distance of the quartiles (±). A row's message is made,
decrypted and compared before anything is timed. Keys are set up beforehand; a nonce, and a data key where there is one, are
fresh for each message. Inputs are in memory before the clock starts, outputs go nowhere. "Streamed" is a constant-memory
stream; the others need the message in one piece. Peak memory is the most that is resident in the process (in Chromium: the
page's) during one operation, in a process of its own, with the input and output that it holds; streams read from a file."""


def as_markdown(benches: list[Bench], machine: dict[str, Any], date: str, seconds: float) -> str:
    notes = [f"- {c.label} ({c.where}): {c.note}" for c in benches[0].contenders if c.note]
    lines = [
        "# PocketKMS and its peers, side by side",
        "",
        f"One run of `make peers`, {date}, in {seconds:.0f} s.",
        "",
        READING,
        "",
        *ratio_tables(benches),
        *(line for bench in benches for line in size_table(bench)),
        "## Who is who", "", *notes, "",
        "## The machine", "", *machine_lines(machine), *version_lines(benches[0]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
