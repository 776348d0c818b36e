"""What becomes of a session when the server goes away: from the warning to the next turn."""

from drawing import Drawing

from genai_live.emulator.profiles import GO_AWAY_TIME_LEFT
from genai_live.protocol.resumption import MARGIN

LEFT, RIGHT = 158, 744
YOURS, FIRST, SECOND, STATE = 44, 128, 212, 290
"""The lanes."""

ASKED, WARNED, TURN_ENDS, GONE, RESUMED, ANSWERED = 176, 226, 318, 398, 500, 602
ASKED_AGAIN = 336
LATEST, ANNOUNCED = 662, 728
"""When things happen. Not to scale."""


def draw() -> str:
    picture = Drawing(
        760,
        326,
        "The server warns with goAway during a turn. The turn goes on to its end. Then the session closes the"
        " connection, and makes another one with its handle. A message that is sent meanwhile waits, and is"
        " written to the new connection. Where the turn does not end in time, the session leaves"
        f" {MARGIN:g} seconds before the end that was announced.",
    )
    for name, lane in (
        ("your program", YOURS),
        ("first connection", FIRST),
        ("second connection", SECOND),
        ("session.state", STATE),
    ):
        picture.text(20, lane + 5, name, "dim left")
        picture.line([(LEFT - 10, lane), (RIGHT, lane)], style="line dashed")

    picture.rectangle((LEFT, FIRST - 16, GONE - LEFT, 32), "box", corner=6)
    _bar(picture, (ASKED, TURN_ENDS), FIRST, "", "box-in")
    picture.text((WARNED + TURN_ENDS) / 2, FIRST + 5, "a turn")
    picture.text((TURN_ENDS + GONE) / 2, FIRST + 5, "close")
    _mark(picture, WARNED)
    picture.text(WARNED, FIRST + 34, f"goAway: {GO_AWAY_TIME_LEFT:g} s", "text-end")
    for x, text in ((LATEST, "at the latest"), (ANNOUNCED, "end")):
        _mark(picture, x)
        picture.text(x, FIRST - 23, text, "text-end")
    picture.text((LATEST + ANNOUNCED) / 2, FIRST + 20, f"{MARGIN:g} s", "text-end")

    picture.rectangle((GONE, SECOND - 16, RIGHT - GONE, 32), "box", corner=6)
    picture.text((GONE + RESUMED) / 2, SECOND + 5, "set up again")
    _bar(picture, (RESUMED, ANSWERED), SECOND, "the next turn", "box-in")
    picture.line([(GONE, FIRST + 16), (GONE, SECOND - 16)], style="line-end dashed")
    picture.text(GONE - 10, SECOND - 32, "the newest handle", "dim right")

    for asked, answered, lane in ((ASKED, TURN_ENDS, FIRST), (RESUMED, ANSWERED, SECOND)):
        picture.arrow([(asked + 8, YOURS + 16), (asked + 8, lane - 16)], meaning="out")
        picture.arrow([(answered - 8, lane - 16), (answered - 8, YOURS + 16)], meaning="in")
    _bar(picture, (ASKED, TURN_ENDS), YOURS, "ask()", "box-out")
    _bar(picture, (ASKED_AGAIN, RESUMED), YOURS, "the next ask() waits", "box")
    _bar(picture, (RESUMED, ANSWERED), YOURS, "goes on", "box-out")

    states = (
        (LEFT, TURN_ENDS, "OPEN", "box-in"),
        (TURN_ENDS, GONE, "LEAVING", "box"),
        (GONE, RESUMED, "RESUMING", "box"),
        (RESUMED, RIGHT, "OPEN", "box-in"),
    )
    for start, end, state, style in states:
        picture.rectangle((start, STATE - 16, end - start, 32), style, corner=6)
        picture.text((start + end) / 2, STATE + 5, state, "strong")
    return picture.svg()


def _bar(picture: Drawing, span: tuple[float, float], lane: float, text: str, style: str) -> None:
    start, end = span
    picture.rectangle((start, lane - 16, end - start, 32), style, corner=6)
    if text:
        picture.text((start + end) / 2, lane + 5, text)


def _mark(picture: Drawing, x: float) -> None:
    """Something that the server said, or will do, on the first connection."""
    picture.line([(x, FIRST - 16), (x, FIRST + 16)], style="line-end")
