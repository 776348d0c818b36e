"""The states of a session, from the very table that the library goes by."""

from collections import defaultdict

from drawing import Drawing

from genai_live.protocol.states import TRANSITIONS, State, Step

WIDTH, HEIGHT = 132, 50
WIDTH_OF_ALL = 786
PLACES = {
    State.NEW: (36, 76),
    State.CONNECTING: (222, 76),
    State.SETTING_UP: (408, 76),
    State.OPEN: (594, 76),
    State.CLOSING: (222, 236),
    State.CLOSED: (594, 236),
}
UPPER_ROW = PLACES[State.NEW][1]
LOWER_ROW = PLACES[State.CLOSED][1]
ABOVE, BELOW, RIGHT = 42, 172, 758
"""Where the lines run that several states share: over the upper row, between the rows, beside both."""


def _middle(state: State) -> float:
    return PLACES[state][0] + WIDTH / 2


def draw() -> str:
    picture = Drawing(
        WIDTH_OF_ALL,
        316,
        "The states of a session: "
        + "; ".join(
            f"{source.name} becomes {target.name} when {step.value}"
            for (source, step), target in TRANSITIONS.items()
        ),
    )
    ways: dict[tuple[Step, State], list[State]] = defaultdict(list)
    for (source, step), target in TRANSITIONS.items():
        ways[step, target].append(source)
    for (step, target), sources in ways.items():
        if step is Step.CLOSE:
            _collect_below(picture, step, sources, target)
        elif step is Step.END:
            _collect_above(
                picture, step, [source for source in sources if PLACES[source][1] == UPPER_ROW], target
            )
            for source in sources:
                if PLACES[source][1] == LOWER_ROW:
                    _straight(picture, step, source, target, "end")
        else:
            for source in sources:
                _straight(picture, step, source, target, "in")
    for state, (x, y) in PLACES.items():
        style = {State.OPEN: "box-in", State.CLOSING: "box-end", State.CLOSED: "box-end"}.get(state, "box")
        picture.box((x, y, WIDTH, HEIGHT), state.name, style=style)
    return picture.svg()


def _straight(picture: Drawing, step: Step, source: State, target: State, meaning: str) -> None:
    """An arrow to the right; its words stand on it where there is room, else under it and the boxes."""
    (x, y), (to_x, _) = PLACES[source], PLACES[target]
    picture.arrow([(x + WIDTH, y + HEIGHT / 2), (to_x, y + HEIGHT / 2)], meaning=meaning)
    is_roomy = to_x - x > 2 * WIDTH
    picture.text(
        (x + WIDTH + to_x) / 2,
        y + (HEIGHT / 2 - 9 if is_roomy else HEIGHT + 20),
        step.value,
        f"text-{meaning}",
    )


def _collect_below(picture: Drawing, step: Step, sources: list[State], target: State) -> None:
    """Ways that leave the upper row downward, share a line, and enter the target from above."""
    bottom, middle = UPPER_ROW + HEIGHT, _middle(target)
    picture.arrow(
        *(
            [(x, bottom), *([(x, BELOW), (middle, BELOW)] if x != middle else []), (middle, LOWER_ROW)]
            for x in map(_middle, sources)
        ),
        meaning="end",
    )
    picture.text(middle + 12, BELOW + 36, step.value, "text-end left")


def _collect_above(picture: Drawing, step: Step, sources: list[State], target: State) -> None:
    """Ways that leave the upper row upward, share a line, and come down beside the rows to the target."""
    x, y = PLACES[target]
    entry = [(RIGHT, ABOVE), (RIGHT, y + HEIGHT / 2), (x + WIDTH, y + HEIGHT / 2)]
    picture.arrow(
        *([(start, UPPER_ROW), (start, ABOVE), *entry] for start in map(_middle, sources)), meaning="end"
    )
    picture.text(WIDTH_OF_ALL / 2, ABOVE - 10, step.value, "text-end")
