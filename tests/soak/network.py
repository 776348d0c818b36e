"""The network between client and service: one fault proxy a session, in a process of its own."""

import collections
import contextlib
import heapq
import itertools
import random
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import attrs

from tests.fault_proxy import FaultProxy
from tests.soak.plan import plan_of

_UNTIL_REPAIRED = 12.0
"""Seconds after which what froze for good is let go of. Its client has long been elsewhere."""


class _Line:
    """The way of one session, and what befalls it.

    Args:
        number: The session's.
        proxy: Its proxy.
        seed: Of every decision.
    """

    def __init__(self, number: int, proxy: FaultProxy, seed: int) -> None:
        self._proxy = proxy
        self._plan = plan_of(number)
        self._random = random.Random(f"{seed}/network/{number}")
        self.struck_at: list[float] = []

    def pause(self) -> float:
        """Seconds until the next fault."""
        return self._random.uniform(2, 7)

    def strike(self) -> tuple[str, float | None]:
        """One fault; returns its name, and after how many seconds it is to be repaired, if so."""
        self.struck_at.append(time.monotonic())
        faults: list[Callable[[], tuple[str, float | None]]] = [
            self._reset, self._reset, self._end, self._cut, self._cut, self._freeze, self._freeze_upstream,
            self._freeze_for_good if self._plan.freezes_for_good else self._freeze,
            self._dribble, self._disturb_next,
        ]  # fmt: skip
        return self._random.choice(faults)()

    def repair(self) -> None:
        """What was frozen or slow is not any more."""
        self.struck_at.append(time.monotonic())
        self._proxy.thaw()

    def _reset(self) -> tuple[str, None]:
        self._proxy.reset()
        return "reset", None

    def _end(self) -> tuple[str, None]:
        self._proxy.end()
        return "end without a close frame", None

    def _cut(self) -> tuple[str, None]:
        reset = self._random.random() < 0.5
        self._proxy.cut_after(self._random.randint(1, 20_000), reset=reset)
        return "cut in the middle of a frame", None

    def _freeze(self) -> tuple[str, float]:
        self._proxy.freeze()
        return "silence for a while", self._random.uniform(0.3, 2.5)

    def _freeze_for_good(self) -> tuple[str, float]:
        self._proxy.freeze()
        return "silence for good", _UNTIL_REPAIRED

    def _freeze_upstream(self) -> tuple[str, float]:
        self._proxy.freeze_upstream()
        return "nothing is taken for a while", self._random.uniform(0.3, 2.5)

    def _dribble(self) -> tuple[str, float]:
        self._proxy.dribble()
        return "byte by byte", self._random.uniform(0.3, 1.5)

    def _disturb_next(self) -> tuple[str, float]:
        """A reset, and something happens to the attempts that follow."""
        match self._random.randrange(4):
            case 0:
                self._proxy.refuse_next(self._random.randint(1, 2))
            case 1:
                self._proxy.swallow_next()
            case 2:
                self._proxy.cut_next_after(self._random.randint(1, 4000))
            case _:
                self._proxy.dribble_next()
        self._proxy.reset()
        return "reset, and the next attempt disturbed", 1.5


@attrs.define(order=True)
class _Appointment:
    at: float
    number: int
    act: Callable[[], None] = attrs.field(order=False)


class _Network:
    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.faults: collections.Counter[str] = collections.Counter()
        self._numbers = itertools.count()
        self._appointments: list[_Appointment] = []

    def begin(self) -> None:
        for line in self.lines:
            self._later(line.pause(), lambda line=line: self._strike(line))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._appointments, _Appointment(time.monotonic() + seconds, next(self._numbers), act))

    def _strike(self, line: _Line) -> None:
        name, repair_after = line.strike()
        self.faults[name] += 1
        if repair_after is not None:
            self._later(repair_after, line.repair)
        self._later(line.pause(), lambda: self._strike(line))

    def act_until(self, told: Connection) -> None:
        """Does what is due, until the program says something."""
        while True:
            wait = self._appointments[0].at - time.monotonic() if self._appointments else None
            if told.poll(None if wait is None else max(0.0, wait)):
                return
            heapq.heappop(self._appointments).act()

    def calm(self) -> None:
        self._appointments.clear()
        for line in self.lines:
            line.repair()


def run(connection: Connection, seed: int, sessions: int, port: int) -> None:
    """The process."""
    with contextlib.ExitStack() as stack, contextlib.suppress(EOFError, KeyboardInterrupt):
        proxies = [stack.enter_context(FaultProxy("127.0.0.1", port)) for _ in range(sessions)]
        network = _Network([_Line(number, proxy, seed) for number, proxy in enumerate(proxies)])
        connection.send([proxy.port for proxy in proxies])
        while (command := connection.recv()) != "report":
            {"begin": network.begin, "calm": network.calm}[command]()
            if command == "begin":
                network.act_until(connection)
            else:
                connection.send("calm")
        connection.send(
            {
                "struck_at": {number: line.struck_at for number, line in enumerate(network.lines)},
                "faults": dict(network.faults),
                "cpu": time.process_time(),
            }
        )
