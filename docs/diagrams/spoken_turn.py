"""A spoken question and its answer in time, with the numbers that the emulator goes by."""

from drawing import Drawing

from genai_live.emulator.activity import END_SILENCE_MS, START_SPEECH_MS
from genai_live.emulator.profiles import DELIVERY_SPEED

QUESTION, ANSWER = 1.2, 3.0
"""Seconds of speech."""

LEFT, SECOND = 176, 104
"""Where the question begins, and the length of a second."""

USER, SERVER, LISTENER = 48, 136, 222
PER_FRAME = 0.19


def draw() -> str:
    ended = QUESTION + END_SILENCE_MS["HIGH"] / 1000
    generated = ended + ANSWER / DELIVERY_SPEED
    complete = ended + ANSWER
    picture = Drawing(
        760,
        300,
        "After 0.7 seconds of silence the model answers. Its audio comes 2.4 times as fast as it is spoken,"
        " then generationComplete. turnComplete is held until a listener would have heard the last word.",
    )
    for name, lane in (
        ("the user", USER),
        ("the server's messages", SERVER),
        ("what a listener hears", LISTENER),
    ):
        picture.text(20, lane + 5, name, "dim left")
        picture.line([(LEFT - 8, lane), (744, lane)], style="line dashed")
    _bar(picture, (0, QUESTION), USER, "speaks", "box-out")
    _bar(picture, (QUESTION, ended), USER, "is silent", "box")
    _news(picture, START_SPEECH_MS / 1000, "ACTIVITY_START", "in")
    _news(picture, ended, "ACTIVITY_END", "in")
    frames = round(ANSWER / PER_FRAME)
    for i in range(frames):
        x = _x(ended + (generated - ended) * (i + 0.5) / frames)
        picture.line([(x, SERVER - 13), (x, SERVER + 13)], style="line-in")
    picture.text(_x((ended + generated) / 2), SERVER + 32, "audio and words", "text-in")
    _news(picture, generated, "generationComplete", "in")
    _news(picture, complete, "turnComplete", "end")
    _bar(picture, (ended, complete), LISTENER, "the answer", "box-in")
    picture.line([(_x(complete), SERVER + 14), (_x(complete), LISTENER + 20)], style="line-end dashed")
    for second in range(int(complete) + 1):
        picture.text(_x(second), 278, f"{second} s", "dim")
    return picture.svg()


def _x(seconds: float) -> float:
    return round(LEFT + seconds * SECOND, 1)


def _bar(picture: Drawing, span: tuple[float, float], lane: float, text: str, style: str) -> None:
    start, end = span
    picture.rectangle((_x(start), lane - 16, _x(end) - _x(start), 32), style, corner=6)
    picture.text((_x(start) + _x(end)) / 2, lane + 5, text)


def _news(picture: Drawing, when: float, text: str, meaning: str) -> None:
    picture.line([(_x(when), SERVER - 14), (_x(when), SERVER + 14)], style=f"line-{meaning}")
    picture.text(_x(when), SERVER - 22, text, f"text-{meaning}")
