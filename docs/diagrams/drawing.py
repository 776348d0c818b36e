"""Draws boxes and arrows as SVG, with nothing but the standard library.

A drawing has a background of its own, and two sets of colours of which the reader's system chooses: so it can
be read on any page, light or dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Point = tuple[float, float]
Area = tuple[float, float, float, float]
"""Left, top, width, height."""

LINE_HEIGHT = 18
CORNER = 8

_LIGHT = {
    "card": "#ffffff", "edge": "#dfe3e8", "panel": "#f6f8fa", "box": "#ffffff", "outline": "#8a94a0",
    "text": "#1f2933", "dim": "#5b6774", "out": "#1b66d2", "in": "#12805c", "end": "#b4540a",
    "out-fill": "#e8f0fd", "in-fill": "#e5f5ee", "end-fill": "#fdf0e2",
}  # fmt: skip
_DARK = {
    "card": "#16191d", "edge": "#2e343b", "panel": "#1d2126", "box": "#16191d", "outline": "#7d8793",
    "text": "#e6e9ec", "dim": "#a3adb8", "out": "#7db0f7", "in": "#5fcba0", "end": "#eda35c",
    "out-fill": "#1c2a40", "in-fill": "#173027", "end-fill": "#36281a",
}  # fmt: skip

_RULES = """
text{{font:14px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}}
text{{fill:{text};text-anchor:middle}}
.left{{text-anchor:start}}.right{{text-anchor:end}}
.strong{{font-weight:600}}.dim{{fill:{dim};font-size:12.5px}}
.card{{fill:{card};stroke:{edge}}}.panel{{fill:{panel};stroke:{edge}}}.box{{fill:{box};stroke:{outline}}}
.box-out{{fill:{out-fill};stroke:{out}}}.box-in{{fill:{in-fill};stroke:{in}}}.box-end{{fill:{end-fill};stroke:{end}}}
.line,.line-out,.line-in,.line-end{{fill:none;stroke-width:2}}
.line{{stroke:{outline}}}.line-out{{stroke:{out}}}.line-in{{stroke:{in}}}.line-end{{stroke:{end}}}
.head-out{{fill:{out}}}.head-in{{fill:{in}}}.head-end{{fill:{end}}}
.text-out{{fill:{out};font-size:12.5px}}.text-in{{fill:{in};font-size:12.5px}}.text-end{{fill:{end};font-size:12.5px}}
.dashed{{stroke-dasharray:4 4}}
"""


class Drawing:
    """A picture that grows by the calls of its methods.

    Colours mean the same in all pictures: ``out`` is what goes to the server, ``in`` what comes from it,
    ``end`` what ends something.

    Args:
        width: In pixels.
        height: In pixels.
        description: What it shows, for those who cannot see it.
    """

    def __init__(self, width: int, height: int, description: str) -> None:
        self._width = width
        self._height = height
        self._description = description
        self._elements: list[str] = []
        self.rectangle((0.5, 0.5, width - 1, height - 1), "card", corner=10)

    def rectangle(self, area: Area, style: str, *, corner: float = CORNER) -> None:
        """Draws a rectangle."""
        x, y, width, height = area
        self._elements.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner:g}"'
            f' class="{style}"/>'
        )

    def text(self, x: float, y: float, text: str, style: str = "") -> None:
        """Writes one line; ``y`` is its base line."""
        css_class = f' class="{style}"' if style else ""
        self._elements.append(f'<text x="{x:g}" y="{y:g}"{css_class}>{escape(text)}</text>')

    def box(self, area: Area, *lines: str, style: str = "box") -> None:
        """Draws a box with lines of text in its middle: the first is its name."""
        self.rectangle(area, style)
        x, y, width, height = area
        first = y + height / 2 - (len(lines) - 1) * LINE_HEIGHT / 2 + 5
        for number, line in enumerate(lines):
            self.text(x + width / 2, first + number * LINE_HEIGHT, line, "dim" if number else "strong")

    def line(self, *routes: Sequence[Point], style: str = "line") -> None:
        """Draws lines through the points of each route, their corners rounded.

        Routes may run together for a while: they are one path, so what they share is drawn once.
        """
        path = "".join(_rounded(route) for route in routes)
        self._elements.append(f'<path d="{path}" class="{style}"/>')

    def arrow(self, *routes: Sequence[Point], meaning: str) -> None:
        """Draws lines to the same last point, and a head there. ``meaning`` is "out", "in" or "end"."""
        (x0, y0), (x, y) = routes[0][-2:]
        length = abs(x - x0) + abs(y - y0)
        ahead, across = (x - x0) / length, (y - y0) / length
        neck = (x - 7 * ahead, y - 7 * across)
        self.line(*([*route[:-1], neck] for route in routes), style=f"line-{meaning}")
        corners = [
            (x, y),
            (x - 9 * ahead - 4.5 * across, y - 9 * across - 4.5 * ahead),
            (x - 9 * ahead + 4.5 * across, y - 9 * across + 4.5 * ahead),
        ]
        shown = " ".join(f"{round(a, 2):g},{round(b, 2):g}" for a, b in corners)
        self._elements.append(f'<polygon points="{shown}" class="head-{meaning}"/>')

    def svg(self) -> str:
        """The whole picture as a file's text."""
        light, dark = (" ".join(_RULES.format(**colours).split("\n")) for colours in (_LIGHT, _DARK))
        size = f'width="{self._width}" height="{self._height}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self._width} {self._height}" {size}>',
                f"<title>{escape(self._description)}</title>",
                f"<style>{light.strip()}</style>",
                f"<style>@media (prefers-color-scheme: dark) {{ {dark.strip()} }}</style>",
                *self._elements,
                "</svg>",
                "",
            ]
        )


def _rounded(points: Sequence[Point]) -> str:
    """The path through points that are joined by horizontal and vertical lines."""
    path = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.append(f"L{_towards(corner, before)}Q{corner[0]:g} {corner[1]:g} {_towards(corner, after)}")
    path.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return "".join(path)


def _towards(corner: Point, other: Point) -> str:
    """The point where the rounding of a corner begins or ends."""
    (x, y), (to_x, to_y) = corner, other
    length = abs(to_x - x) + abs(to_y - y)
    share = min(CORNER, length / 2) / length
    return f"{x + (to_x - x) * share:g} {y + (to_y - y) * share:g}"
