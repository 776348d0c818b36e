"""The table that is printed at the end."""

import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.soak.runs import Runs

Row = tuple[str, str]


def table(rows: Iterable[Row]) -> str:
    """As Markdown, which can be read as it is."""
    rows = [("", ""), *rows]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"| {name:<{widths[0]}} | {value:>{widths[1]}} |" for name, value in rows]
    lines.insert(1, f"|{'-' * (widths[0] + 2)}|{'-' * (widths[1] + 1)}:|")
    return "\n".join(lines)


def counts(prefix: str, counter: Counter[str]) -> list[Row]:
    """A row for each thing that was counted."""
    return [(f"{prefix}: {name}", f"{count:,}") for name, count in sorted(counter.items())]


def quantiles(values: Sequence[float]) -> str:
    """Half of them, 95 % of them, and all of them take no longer."""
    if len(values) < 2:
        return "-"
    cuts = statistics.quantiles(values, n=20)
    return f"{cuts[9]:.2f} / {cuts[18]:.2f} / {max(values):.2f}"


def mebibytes(size: float) -> str:
    """As MiB."""
    return f"{size / 2**20:.1f}"


def size_of(value: object) -> int:
    """What a value holds of memory, in bytes: with all that is in it, if that is a container of Python's."""
    size = sys.getsizeof(value)
    if isinstance(value, dict):
        return size + sum(map(size_of, value)) + sum(map(size_of, value.values()))
    if isinstance(value, (list, tuple, set)):
        return size + sum(map(size_of, value))
    return size + size_of(value.runs) if isinstance(value, Runs) else size
