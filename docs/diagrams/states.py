"""The states of a session, from the very table that the library goes by."""

import textwrap
from collections import defaultdict

from drawing import LINE_HEIGHT, Drawing, Point

from genai_live.protocol.states import LIVE, TRANSITIONS, State, Step

WIDTH, HEIGHT = 132, 50
WIDTH_OF_ALL, HEIGHT_OF_ALL = 800, 488
GROUP = (20, 20, 760, 306)
"""Round the states from which a session may be closed, or end, at any time."""
BOTTOM = GROUP[1] + GROUP[3]

COLUMNS = (44, 226, 408, 590)
UPPER, MIDDLE, LOWER = 70, 218, 382
PLACES = {
    State.NEW: (COLUMNS[0], UPPER),
    State.CONNECTING: (COLUMNS[1], UPPER),
    State.SETTING_UP: (COLUMNS[2], UPPER),
    State.OPEN: (COLUMNS[3], UPPER),
    State.RESUMING: (COLUMNS[2], MIDDLE),
    State.LEAVING: (COLUMNS[3], MIDDLE),
    State.CLOSING: (COLUMNS[1], LOWER),
    State.CLOSED: (COLUMNS[3], LOWER),
}


def _to_the_right(source: State, target: State) -> list[Point]:
    (x, y), (to_x, _) = PLACES[source], PLACES[target]
    return [(x + WIDTH, y + HEIGHT / 2), (to_x, y + HEIGHT / 2)]


_UNDER_OPEN = UPPER + HEIGHT
_BESIDE = MIDDLE + HEIGHT / 2
_GAP = (COLUMNS[2] + WIDTH + COLUMNS[3]) / 2

ROUTES: dict[tuple[State, Step], list[Point]] = {
    (State.NEW, Step.CONNECT): _to_the_right(State.NEW, State.CONNECTING),
    (State.CONNECTING, Step.UPGRADED): _to_the_right(State.CONNECTING, State.SETTING_UP),
    (State.SETTING_UP, Step.SETUP_COMPLETE): _to_the_right(State.SETTING_UP, State.OPEN),
    (State.OPEN, Step.LEAVE): [(694, _UNDER_OPEN), (694, MIDDLE)],
    (State.OPEN, Step.LOSE): [
        (658, _UNDER_OPEN),
        (658, UPPER + 114),
        (_GAP, UPPER + 114),
        (_GAP, _BESIDE),
        (COLUMNS[2] + WIDTH, _BESIDE),
    ],
    (State.LEAVING, Step.LOSE): [(COLUMNS[3], _BESIDE), (COLUMNS[2] + WIDTH, _BESIDE)],
    (State.RESUMING, Step.LOSE): [
        (COLUMNS[2], _BESIDE - 13),
        (COLUMNS[2] - 34, _BESIDE - 13),
        (COLUMNS[2] - 34, _BESIDE + 13),
        (COLUMNS[2], _BESIDE + 13),
    ],
    (State.RESUMING, Step.SETUP_COMPLETE): [
        (474, MIDDLE),
        (474, UPPER + 86),
        (622, UPPER + 86),
        (622, _UNDER_OPEN),
    ],
    (State.CLOSING, Step.END): _to_the_right(State.CLOSING, State.CLOSED),
}
"""Where the arrow of a transition runs; one that is not here cannot be drawn, unless it leaves the group."""

LABELS = (
    (Step.CONNECT, 201, UPPER - 14, "", 40),
    (Step.UPGRADED, 383, UPPER - 14, "", 40),
    (Step.SETUP_COMPLETE, 565, UPPER - 14, "", 40),
    (Step.SETUP_COMPLETE, 548, UPPER + 77, "", 40),
    (Step.LEAVE, 704, UPPER + 91, "left", 11),
    (Step.LOSE, _GAP, MIDDLE + HEIGHT + 20, "", 26),
    (Step.LOSE, COLUMNS[2] - 46, _BESIDE - 5, "right", 26),
    (Step.CLOSE, 304, BOTTOM + 32, "left", 40),
    (Step.END, 644, BOTTOM + 32, "right", 40),
    (Step.END, 474, LOWER + HEIGHT / 2 - 9, "", 40),
)
"""The words of a step: where they stand, how, and how many characters in a line."""


def draw() -> str:
    picture = Drawing(
        WIDTH_OF_ALL,
        HEIGHT_OF_ALL,
        "The states of a session: "
        + "; ".join(
            f"{source.name} becomes {target.name} when {step.value}"
            for (source, step), target in TRANSITIONS.items()
        ),
    )
    picture.rectangle(GROUP, "panel")
    ways: dict[tuple[Step, State], list[State]] = defaultdict(list)
    for (source, step), target in TRANSITIONS.items():
        ways[step, target].append(source)
    group = set(ways[Step.CLOSE, State.CLOSING])
    for (step, target), sources in ways.items():
        if group <= set(sources):
            x = PLACES[target][0] + WIDTH / 2
            picture.arrow([(x, BOTTOM), (x, LOWER)], meaning="end")
            _draw_ways(picture, step, [source for source in sources if source not in group])
        else:
            _draw_ways(picture, step, sources)
    for step, x, y, style, width in LABELS:
        for number, line in enumerate(textwrap.wrap(step.value, width)):
            picture.text(x, y + number * LINE_HEIGHT, line, f"text-{_meaning(step)} {style}".strip())
    picture.text(36, BOTTOM - 14, "from each of these:", "dim left")
    for state, (x, y) in PLACES.items():
        picture.box((x, y, WIDTH, HEIGHT), state.name, style=_style(state))
    for x, style, text in ((44, "box-in", "can be used"), (160, "box-end", "ends")):
        picture.rectangle((x, HEIGHT_OF_ALL - 32, 12, 12), style, corner=3)
        picture.text(x + 19, HEIGHT_OF_ALL - 22, text, "dim left")
    return picture.svg()


def _draw_ways(picture: Drawing, step: Step, sources: list[State]) -> None:
    """Ways with the same target: those that enter it at the same point are one arrow."""
    by_entry: dict[Point, list[list[Point]]] = defaultdict(list)
    for source in sources:
        route = ROUTES[source, step]
        by_entry[route[-1]].append(route)
    for routes in by_entry.values():
        picture.arrow(*routes, meaning=_meaning(step))


def _meaning(step: Step) -> str:
    return "in" if step in (Step.CONNECT, Step.UPGRADED, Step.SETUP_COMPLETE) else "end"


def _style(state: State) -> str:
    if state in LIVE:
        return "box-in"
    return "box-end" if state in (State.CLOSING, State.CLOSED) else "box"
