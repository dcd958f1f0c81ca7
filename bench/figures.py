"""figures.py RESULTS PICTURE: draws the figures of the README from the tables of RESULTS.md.

Medians with the quartiles around them, everything side by side. Equal tables give equal bytes. Colours are those of a light page; in a dark
one, where the reader prefers that, a style sheet in the picture changes them.
"""
import re
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "localservice", "font.size": 9, "axes.titlesize": 10})
from matplotlib import pyplot

TEXT, GRID, PAPER = "#1f2328", "#d1d9e0", "#fffffe"
CANDIDATES = ["#0969da", "#8c959f", "#bc4c00", "#8250df", "#1a7f37"]
DARK = {TEXT: "#e6edf3", GRID: "#3d444d", PAPER: "#0d1117", "#0969da": "#58a6ff", "#8c959f": "#9198a1", "#bc4c00": "#f0883e", "#8250df": "#bc8cff", "#1a7f37": "#3fb950"}

# Title, the section of the results, the first words of the line above its table, and of that the rows.
PANELS = [
    ("start-up of a role, µs\n(shorter is better)", "startup", "Microseconds", {
        "`connlimit`": "connlimit", "`ipcserver-access -i`": "access, directory", "`ipcserver-access -x`": "access, cdb",
        "`applyuidgid -u -g`": "applyuidgid", "`ipcclient`": "ipcclient"}),
    ("connections per second, 8 clients\n(longer is better)", "connections", "Connections per second", {
        "ungated, 8 clients": "no gate", "gated by a directory, 8 clients": "directory", "gated by cdb, 8 clients": "cdb", "refused, 8 clients": "refused"}),
    ("resident memory of a server, KiB\n(shorter is better)", "memory", "KiB", {"idle, RSS": "idle", "1,000 connections, RSS": "1,000\nconnections"}),
]


def read_table(text, section, unit):
    """The table of a section: the names of the candidates, and for each row (median, lower, upper) of each candidate."""
    part = re.search(rf"^## {section}:.*?^{unit}.*?:\n\n(\|.*?)\n\n", text + "\n\n", re.M | re.S).group(1)
    lines = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in part.split("\n")]
    candidates = [name.strip("*") for name in lines[0][1:] if not name.startswith("×")]
    rows = {}
    for cells in lines[2:]:
        values = [re.fullmatch(r"([\d.]+) \(([\d.]+)–([\d.]+)\)", cell) for cell in cells[1:1 + len(candidates)]]
        rows[cells[0]] = [tuple(float(number) for number in value.groups()) if value else None for value in values]
    return candidates, rows


def draw(axes, title, candidates, rows, labels, colours):
    height = 0.8 / len(candidates)
    longest = max(value[0] for values in rows.values() for value in values if value)
    for row, values in enumerate(rows.values()):
        for index, (candidate, value) in enumerate(zip(candidates, values)):
            if not value:
                continue
            median, lower, upper = value
            position = row - 0.4 + (index + 0.5) * height
            axes.barh(position, median, height * 0.92, color=colours[candidate])
            axes.errorbar(median, position, xerr=[[median - lower], [upper - median]], fmt="none", ecolor=TEXT, elinewidth=0.8, capsize=1.5)
            axes.text(max(median, upper) + longest * 0.02, position, f"{median:,.0f}", va="center", fontsize=7, color=TEXT)
    axes.set_title(title, color=TEXT)
    axes.set_yticks(range(len(rows)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, longest * 1.22)
    axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(4))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=TEXT, length=0)
    axes.set_facecolor("none")
    for side in axes.spines.values():
        side.set_visible(False)


def main(results, picture):
    with open(results, encoding="utf-8") as opened:
        text = opened.read()
    figure, panels = pyplot.subplots(1, len(PANELS), figsize=(12, 3.8), gridspec_kw={"width_ratios": [1.1, 1, 0.8]})
    colours = {}
    for axes, (title, section, unit, labels) in zip(panels, PANELS):
        candidates, rows = read_table(text, section, unit)
        # The other floors of some tables say nothing about the toolkits.
        shown = [i for i, name in enumerate(candidates) if name not in ("floor at a random address", "started directly")]
        for i in shown:
            colours.setdefault(candidates[i], CANDIDATES[len(colours) % len(CANDIDATES)])
        draw(axes, title, [candidates[i] for i in shown], {name: [rows[name][i] for i in shown] for name in labels}, list(labels.values()), colours)
    legend = figure.legend(
        [matplotlib.patches.Patch(color=colour) for colour in colours.values()],
        [name + (" (the least that C can do)" if name == "floor" else "") for name in colours], loc="lower center", ncols=len(colours), frameon=False)
    for label in legend.get_texts():
        label.set_color(TEXT)
    figure.patch.set_facecolor(PAPER)
    figure.tight_layout(rect=(0, 0.07, 1, 1))
    figure.savefig(picture, metadata={"Date": None, "Title": "Start-up, connections per second and memory: medians and quartiles"})

    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark} !important}}' for light, dark in DARK.items() for kind in ("fill", "stroke"))
    with open(picture, encoding="utf-8") as opened:
        drawn = opened.read()
    drawn = re.sub(r"</metadata>", lambda end: f"{end.group()}\n <style>@media (prefers-color-scheme: dark){{{rules}}}</style>", drawn, count=1)
    drawn = re.sub(r"[ \t]+$", "", drawn, flags=re.M)
    with open(picture, "w", encoding="utf-8") as opened:
        opened.write(drawn)


main(*sys.argv[1:])
