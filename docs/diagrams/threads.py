"""Which threads there are, and what goes between them."""

from drawing import Drawing


def draw() -> str:
    picture = Drawing(
        760,
        410,
        "Threads of your program write to the Live API themselves. One reader thread a session reads from it"
        " into an inbox, or hands messages to workers that run your callbacks.",
    )
    for x, owner in ((114, "your program"), (393, "genai-live"), (673, "Google")):
        picture.text(x, 38, owner, "dim")
    picture.rectangle((222, 54, 342, 314), "panel")

    picture.box((24, 72, 180, 64), "any of your threads", "send_…()", style="box-out")
    picture.box((240, 72, 306, 64), "frame lock", "one whole message at a time")
    picture.arrow([(204, 104), (240, 104)], meaning="out")
    picture.arrow([(546, 104), (610, 104)], meaning="out")

    picture.box((24, 178, 180, 64), "one of your threads", "receive(), ask(), …", style="box-in")
    picture.box((240, 178, 124, 64), "inbox", "bounded in bytes")
    picture.arrow([(410, 210), (364, 210)], meaning="in")
    picture.arrow([(240, 210), (204, 210)], meaning="in")

    picture.box((24, 286, 180, 64), "your callbacks", "in order, one at a time", style="box-in")
    picture.box((240, 286, 124, 64), "workers", "of the client", style="box-in")
    picture.arrow([(410, 318), (364, 318)], meaning="in")
    picture.arrow([(240, 318), (204, 318)], meaning="in")

    reader = ("reader thread", "one a session:", "connects, reads,", "decodes, closes")
    picture.box((410, 178, 136, 172), *reader, style="box-in")
    picture.arrow([(610, 264), (546, 264)], meaning="in")
    picture.box((610, 72, 126, 278), "Live API", "one WebSocket", "a session")

    for x, meaning, text in ((262, "out", "to the server"), (400, "in", "from the server")):
        picture.rectangle((x, 380, 12, 12), f"box-{meaning}", corner=3)
        picture.text(x + 19, 390, text, "dim left")
    return picture.svg()
