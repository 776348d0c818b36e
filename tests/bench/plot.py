"""The picture of the figures: bars, as SVG that can be read on a light page and on a dark one.

No threads, sockets or clock.
"""

from __future__ import annotations

from html import escape

from tests.bench.rows import SECTIONS, Row
from tests.bench.running import Results
from tests.bench.scenarios import CLIENTS, FLOOR, GOOGLE, NODE, PLAIN, SPEED

_WIDTH, _MARGIN, _NAMES, _BAR, _LINE = 760, 24, 168, 11, 16
_LONGEST = _WIDTH - 2 * _MARGIN - _NAMES - 76

_COLOURS = {
    # card, edge, text, dim, and a bar of each client
    "light": ("#ffffff", "#dfe3e8", "#1f2933", "#5b6774"),
    "dark": ("#16191d", "#2e343b", "#e6e9ec", "#a3adb8"),
}
_BARS = {
    SPEED: ("#1b66d2", "#7db0f7"),
    PLAIN: ("#7aa7e6", "#41699f"),
    GOOGLE: ("#b4540a", "#eda35c"),
    NODE: ("#a8862a", "#c9b458"),
    FLOOR: ("#8a94a0", "#7d8793"),
}
_DESCRIPTION = (
    "Bars: what each client takes for each thing measured; the tables of the page have the same figures."
)


def _rules(theme: str, number: int) -> str:
    card, edge, text, dim = _COLOURS[theme]
    bars = "".join(f".c{place}{{fill:{_BARS[client][number]}}}" for place, client in enumerate(CLIENTS))
    return (
        'text{font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}'
        f".card{{fill:{card};stroke:{edge}}}text{{fill:{text}}}.dim{{fill:{dim}}}.strong{{font-weight:600}}{bars}"
    )


def _bars(row: Row, results: Results, y: float) -> list[str]:
    """A row: its title, and a bar for each client that was measured."""
    figures = row.figures(results)
    largest = max(figures.values())
    elements = [f'<text x="{_MARGIN}" y="{y}" class="strong">{escape(row.title)}</text>']
    for line, client in enumerate((client for client in CLIENTS if client in figures), start=1):
        base = y + line * _LINE
        length = max(1.0, figures[client] / largest * _LONGEST)
        figure = f"{figures[client]:,.{row.digits}f}"
        colour = f"c{list(CLIENTS).index(client)}"
        size = f'width="{length:.1f}" height="{_BAR}"'
        elements += [
            f'<text x="{_MARGIN}" y="{base}" class="dim">{escape(client.replace("`", ""))}</text>',
            f'<rect x="{_MARGIN + _NAMES}" y="{base - _BAR + 1}" {size} rx="2" class="{colour}"/>',
            f'<text x="{_MARGIN + _NAMES + length + 6:.1f}" y="{base}">{figure}</text>',
        ]
    return elements


def draw(results: Results) -> str:
    """The whole picture as a file's text."""
    elements: list[str] = []
    y = 2 * _MARGIN
    for rows in SECTIONS.values():
        for row in rows:
            if measured := row.figures(results):
                elements += _bars(row, results, y)
                y += (len(measured) + 1) * _LINE + 12
    height = y
    size = f'width="{_WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {size}>',
            f"<title>{_DESCRIPTION}</title>",
            f"<style>{_rules('light', 0)}</style>",
            f"<style>@media (prefers-color-scheme: dark) {{ {_rules('dark', 1)} }}</style>",
            f'<rect x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="10" class="card"/>',
            *elements,
            "</svg>",
            "",
        ]
    )
