"""How a close goes: when the server answers, and when it does not."""

from drawing import Drawing

CALLED, CUT, TIMEOUT = 168, 516, 690
"""Where close() is called, where the reader thread cuts the connection, and where the timeout is over."""


def draw() -> str:
    picture = Drawing(
        760,
        486,
        "After close() the reader thread waits for the server's close frame. If none comes in four fifths of"
        " the timeout, it cuts the connection. Either way it frees everything, and then close() returns.",
    )
    _answered(picture, *_lanes(picture, 20, "The server answers"))
    _silent(picture, *_lanes(picture, 250, "The server is silent, floods, or takes nothing"))
    return picture.svg()


def _lanes(picture: Drawing, top: float, title: str) -> tuple[float, float, float]:
    picture.rectangle((20, top, 720, 216), "panel")
    picture.text(36, top + 28, title, "strong left")
    lanes = (top + 72, top + 124, top + 176)
    for name, y in zip(("your thread", "reader thread", "server"), lanes, strict=True):
        picture.text(36, y + 5, name, "dim left")
        picture.line([(140, y), (724, y)], style="line dashed")
    return lanes


def _bar(picture: Drawing, span: tuple[float, float], lane: float, text: str, style: str) -> None:
    start, end = span
    picture.rectangle((start, lane - 15, end - start, 30), style, corner=6)
    picture.text((start + end) / 2, lane + 5, text)


def _answered(picture: Drawing, yours: float, reader: float, server: float) -> None:
    picture.arrow([(CALLED + 16, yours), (CALLED + 16, server - 15)], meaning="out")
    picture.text(CALLED + 24, (reader + server) / 2 + 5, "close frame", "text-out left")
    _bar(picture, (CALLED, CALLED + 290), yours, "close()", "box-out")
    _bar(picture, (CALLED, CALLED + 116), server, "answers", "box")
    picture.arrow([(CALLED + 132, server), (CALLED + 132, reader + 15)], meaning="in")
    picture.text(CALLED + 140, (reader + server) / 2 + 5, "close frame", "text-in left")
    picture.arrow([(CALLED + 252, reader), (CALLED + 252, yours + 15)], meaning="in")
    _bar(picture, (CALLED + 120, CALLED + 270), reader, "frees everything", "box-in")


def _silent(picture: Drawing, yours: float, reader: float, server: float) -> None:
    for x, text in ((CUT, "80 % of the timeout"), (TIMEOUT, "timeout")):
        picture.line([(x, yours - 24), (x, server + 28)], style="line-end dashed")
        picture.text(x, yours - 33, text, "text-end")
    picture.arrow([(CALLED + 16, yours), (CALLED + 16, server)], meaning="out")
    picture.text(CALLED + 24, (reader + server) / 2 + 5, "close frame, if it can be written", "text-out left")
    _bar(picture, (CALLED, CUT + 134), yours, "close()", "box-out")
    _bar(picture, (CALLED + 32, CUT - 8), reader, "drops what comes", "box-in")
    picture.arrow([(CUT + 12, reader), (CUT + 12, server)], meaning="end")
    picture.text(CUT + 20, (reader + server) / 2 + 5, "cuts the connection", "text-end left")
    picture.arrow([(CUT + 116, reader), (CUT + 116, yours + 15)], meaning="end")
    _bar(picture, (CUT, CUT + 134), reader, "frees everything", "box-end")
