"""How full the inbox may be, by the numbers that the library goes by."""

from drawing import Drawing

from genai_live.runtime.mailbox import HARD_LIMIT, HIGH_MARK

LEFT, WIDTH, TOP, HEIGHT = 44, 672, 86, 54
MIDDLE = TOP + HEIGHT / 2 + 5


def draw() -> str:
    picture = Drawing(
        760,
        204,
        f"The inbox: the reader thread pauses at {_mebibytes(HIGH_MARK)}, and goes on when no more than"
        f" {_mebibytes(HIGH_MARK // 2)} are left. While a send waits for room it reads on, up to"
        f" {_mebibytes(HARD_LIMIT)}.",
    )
    half, high, hard = (LEFT + WIDTH * size / HARD_LIMIT for size in (HIGH_MARK // 2, HIGH_MARK, HARD_LIMIT))
    picture.text(LEFT + WIDTH / 2, 36, "unread messages of one session", "dim")
    picture.rectangle((LEFT, TOP, WIDTH, HEIGHT), "box")
    picture.rectangle((LEFT, TOP, high - LEFT, HEIGHT), "box-in")
    picture.text((LEFT + high) / 2, MIDDLE, "read", "strong")
    picture.text((high + hard) / 2, MIDDLE, "read only while a send waits for room", "strong")
    for x, size, news, meaning in (
        (half, HIGH_MARK // 2, "goes on", "in"),
        (high, HIGH_MARK, "pauses", "in"),
        (hard, HARD_LIMIT, "ends", "end"),
    ):
        picture.line([(x, TOP - 10), (x, TOP)], style=f"line-{meaning}")
        picture.text(x, TOP - 18, _mebibytes(size), f"text-{meaning}")
        picture.line([(x, TOP + HEIGHT), (x, TOP + HEIGHT + 10)], style=f"line-{meaning}")
        picture.text(x, TOP + HEIGHT + 28, news, f"text-{meaning}")
    return picture.svg()


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:g} MiB"
