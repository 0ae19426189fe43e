"""The picture of a run: throughput at each size, and the memory that the largest takes."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

from measure import OPS, Bench
from report import size_name

COLOURS = {"Python": "#3b6ea8", "Node": "#4d9a4d", "Chromium": "#c98a1b", "native": "#777777"}
MIB = 1 << 20
HEIGHT = 0.38  # of one bar


def bars(axes: Axes, bench: Bench, value: str) -> None:
    """Two bars for each contender: encrypt, and paler below it decrypt."""
    for row, contender in enumerate(bench.contenders):
        for offset, op in enumerate(OPS):
            cell = bench.cells[contender.name, op]
            at = row + (offset - 0.5) * HEIGHT
            if cell.cannot:
                axes.text(0.01, at, " cannot", transform=axes.get_yaxis_transform(), va="center", fontsize=6, color="#a00")
                continue
            if value == "rate":
                low, high = cell.quartiles
                length, end = bench.size / cell.median / MIB, bench.size / low / MIB
                error = [[length - bench.size / high / MIB], [end - length]]
            else:
                length, error = cell.memory["peak"] / MIB, None
                end = length
            colour = COLOURS[contender.where]
            axes.barh(
                at, length, HEIGHT, color=colour, alpha=(1.0, 0.55)[offset], edgecolor="black" if contender.ours else colour,
                linewidth=1.0 if contender.ours else 0.0, xerr=error, error_kw={"elinewidth": 0.7, "alpha": 0.7},
            )  # fmt: skip
            axes.text(end, at, f" {length:.3g}" if length < 1000 else f" {length:.0f}", va="center", fontsize=6)
    if value == "rate":
        axes.set_xscale("log")
    axes.margins(x=0.15, y=0.01)
    axes.grid(axis="x", alpha=0.3, linewidth=0.5)
    axes.tick_params(axis="x", labelsize=7)


def draw(benches: list[Bench], machine: str, path: Path) -> None:
    contenders = benches[0].contenders
    columns = len(benches) + 1
    figure, all_axes = pyplot.subplots(
        1, columns, figsize=(4.2 * columns, 1.6 + 0.42 * len(contenders)), sharey=True, layout="constrained"
    )
    for axes, bench in zip(all_axes, benches, strict=False):
        bars(axes, bench, "rate")
        axes.set_title(f"{size_name(bench.size)}: MiB/s", fontsize=10)
    bars(all_axes[-1], benches[-1], "memory")
    all_axes[-1].set_title(f"{size_name(benches[-1].size)}: peak memory, MiB (less is better)", fontsize=10)
    first = all_axes[0]
    first.set_yticks(range(len(contenders)), [c.label.replace("`", "") for c in contenders], fontsize=8)
    for label, contender in zip(first.get_yticklabels(), contenders, strict=True):
        label.set_fontweight("bold" if contender.ours else "normal")
        label.set_color(COLOURS[contender.where])
    first.invert_yaxis()
    legend = [pyplot.Rectangle((0, 0), 1, 1, color=colour) for colour in COLOURS.values()]
    figure.legend(legend, COLOURS, loc="outside lower center", ncols=len(COLOURS), fontsize=8, frameon=False)
    figure.suptitle(f"Encrypt (dark) and decrypt (pale) on one machine in one run: {machine}", fontsize=11)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
