"""The rows of the tables: what each shows, and what it should come to. No threads, sockets or clock."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.scenarios import GOOGLE, PLAIN, SPEED


@dataclass(frozen=True)
class Goal:
    """What a figure of this library should be.

    Attributes:
        limit: The highest figure, or the lowest one.
        relative: The limit is a multiple of google-genai's figure.
        at_least: It is the lowest one.
        client: Whose figure.
    """

    limit: float
    relative: bool = False
    at_least: bool = False
    client: str = SPEED

    def __str__(self) -> str:
        sign, unit = "≥" if self.at_least else "≤", " times google-genai" if self.relative else ""
        return f"{sign} {self.limit:g}{unit}"

    def holds(self, figures: Mapping[str, float]) -> bool | None:
        """Whether it is met; None where it was not measured."""
        if self.client not in figures or (self.relative and GOOGLE not in figures):
            return None
        limit = self.limit * (figures[GOOGLE] if self.relative else 1)
        figure = figures[self.client]
        return figure >= limit if self.at_least else figure <= limit


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Attributes:
        title: What is measured, and its unit.
        scenario: Which scenario shows it.
        name: The figure's name there.
        goals: One for each of our two clients, or one for that with `speed`.
        digits: Behind the point.
        over: The scenario whose figure it is divided by, if any.
    """

    title: str
    scenario: str
    name: str = "cpu"
    goals: Sequence[Goal] = ()
    digits: int = 1
    over: str = ""

    def figures(self, results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, float]:
        """The figures of the clients that were measured."""
        return {
            client: scenarios[self.scenario][self.name]
            / (scenarios[self.over][self.name] if self.over else 1)
            for client, scenarios in results.items()
            if self.scenario in scenarios and (not self.over or self.over in scenarios)
        }

    def goal(self) -> str:
        """The goals in words."""
        if len(self.goals) < 2:
            return "".join(str(goal) for goal in self.goals)
        return ", ".join(
            f"{goal} {'with `speed`' if goal.client == SPEED else 'without'}" for goal in self.goals
        )

    def holds(self, figures: Mapping[str, float]) -> str:
        """Whether the goals are met, one after another."""
        words = {True: "yes", False: "no", None: "-"}
        verdicts = [words[goal.holds(figures)] for goal in self.goals]
        return ", ".join(verdict for verdict, _ in itertools.groupby(verdicts))


def _times(limit: float) -> tuple[Goal, ...]:
    """The same multiple of google-genai's figure, whichever way this library is installed."""
    return (Goal(limit, relative=True),)


SECTIONS = {
    "Messages": (
        Row(
            "receive and decode 100 ms of audio (4,800 bytes PCM), CPU µs",
            "receive",
            goals=(Goal(20), Goal(35, client=PLAIN)),
        ),
        Row("the same, by a callback", "callbacks", goals=(Goal(24), Goal(39, client=PLAIN))),
        Row("receive a fragment of a transcription (8 letters), CPU µs", "fragments", goals=_times(0.4)),
        Row("receive and decode 1 MB of audio, CPU µs", "large", goals=_times(0.5), digits=0),
        Row(
            "send 100 ms of audio (3,200 bytes PCM), CPU µs",
            "send",
            goals=(Goal(22), Goal(33, client=PLAIN)),
        ),
    ),
    "Turns": (
        Row("a turn of one message, there and back, p50 µs", "round_trip", "p50", _times(0.55), 0),
        Row("the same, p95 µs", "round_trip", "p95", _times(0.55), 0),
        Row("the same in another thread, p50 µs", "round_trip-thread", "p50", _times(0.55), 0),
        Row("the same, p95 µs", "round_trip-thread", "p95", _times(0.55), 0),
        Row(
            "a turn that the server takes 5 ms for, while another thread computes in Python, p50 µs",
            "busy",
            "p50",
            _times(1),
            0,
        ),
        Row("the same, p95 µs", "busy", "p95", _times(1), 0),
    ),
    "Beginning": (
        Row("first connect of a process up to setupComplete, ms", "connect", "first", _times(0.35)),
        Row("later connects, ms", "connect", "later", _times(0.9)),
        Row("import, s", "import", "seconds", _times(0.25), 3),
        Row("import, CPU s", "import", "cpu", _times(0.25), 3),
        Row("import, and make a client, s", "import", "used", _times(0.25), 3),
    ),
    "Memory": (
        Row("an idle session, KiB", "idle", "kib", _times(1), 0),
        Row("a session with one minute of audio that is not read, KiB", "unread", "kib", (Goal(6000),), 0),
    ),
    "Many voices": (
        Row("1 session, CPU µs a message", "voice-1", goals=_times(0.8)),
        Row("10 sessions, CPU µs a message", "voice-10", goals=_times(0.8)),
        Row("100 sessions, CPU µs a message", "voice-100", goals=_times(0.8)),
        Row(
            "100 sessions over 1 session, CPU of a message",
            "voice-100",
            goals=(Goal(1.5),),
            digits=2,
            over="voice-1",
        ),
        Row(
            "100 sessions, share of the messages that went and came in time",
            "voice-100",
            "kept",
            (Goal(0.98, at_least=True),),
            2,
        ),
        Row(
            "sessions that one core carries",
            "voice-100",
            "sessions",
            (Goal(1.25, relative=True, at_least=True),),
            0,
        ),
    ),
}
