"""The tables, for the terminal and for the page. No threads, sockets or clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tests.bench.rows import SECTIONS, Row
from tests.bench.running import Results
from tests.bench.scenarios import CLIENTS, GOOGLE

_BEGIN, _END = "<!-- written by the benchmark, from here -->", "<!-- to here -->"


def rows_of(scenarios: Iterable[str]) -> Iterator[Row]:
    """The rows that can be told once these scenarios were run."""
    run = set(scenarios)
    for rows in SECTIONS.values():
        yield from (row for row in rows if {row.scenario, row.over or row.scenario} <= run)


def table(rows: Iterable[Row], results: Results) -> str:
    """As Markdown, which can be read as it is."""
    clients = [client for client in CLIENTS if client in results]
    lines = [["", *clients, "goal", "holds"]]
    for row in rows:
        figures = row.figures(results)
        cells = [_cell(row, figures, client) for client in clients]
        lines.append([row.title, *cells, row.goal(), row.holds(figures)])
    return _aligned(lines)


def _cell(row: Row, figures: dict[str, float], client: str) -> str:
    if client not in figures:
        return "-"
    figure = f"{figures[client]:,.{row.digits}f}"
    if client == GOOGLE or not figures.get(GOOGLE):
        return figure
    return f"{figure} ({figures[client] / figures[GOOGLE]:.2f})"


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    last = len(widths) - 2  # words stand on the left, figures on the right
    aligned = [
        " | ".join(
            f"{cell:<{width}}" if column in (0, last, last + 1) else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    rule = "|".join(
        "-" * (width + 2) if column in (0, last, last + 1) else "-" * (width + 1) + ":"
        for column, width in enumerate(widths)
    )
    first, *others = (f"| {line} |" for line in aligned)
    return "\n".join([first, f"|{rule}|", *others])


def page(old: str, results: Results, notes: Sequence[str]) -> str:
    """The page with the tables of this run between its two marks."""
    parts = [notes[0], *(f"- {note}" for note in notes[1:])]
    written = [_BEGIN, "", "\n".join([parts[0], "", *parts[1:]]), ""]
    for section, rows in SECTIONS.items():
        written += [f"### {section}", "", table(rows, results), ""]
    whole, count = re.subn(
        f"{re.escape(_BEGIN)}.*{re.escape(_END)}",
        lambda _: "\n".join([*written, _END]),
        old,
        flags=re.DOTALL,
    )
    if count != 1:
        raise ValueError("the page has lost the marks between which the benchmark writes")
    return whole
