"""Compares what the client knows with what the service knows. Every difference is a problem.

The guarantees are those of the documentation: what was sent arrives once, or is reported in doubt, or its
send has raised and it arrives never; what is delivered is in order, and without a gap but where a connection
ended.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.soak.conversation import Visit
from tests.soak.plan import Plan
from tests.soak.runs import Runs
from tests.soak.talk import Notes

_NEAR = 3.0
"""Seconds before the end of a connection in which a fault of the network may have taken what was sent."""


def problems_of(
    plan: Plan, notes: Notes, conversation: dict[str, Any], struck_at: Sequence[float]
) -> Iterator[str]:
    """What is wrong with one session.

    Args:
        plan: What it was to do.
        notes: The client's.
        conversation: The report of the service.
        struck_at: When faults of the network struck it.
    """
    yield from notes.problems
    yield from conversation["problems"]
    if notes.ending is None or notes.ending[0] != 1000:
        yield f"the session did not end in order: {notes.ending}"
    if plan.is_transparent:
        yield from _state(notes, conversation["state"])
    else:
        yield from _content(plan, notes, conversation["content"])
        yield from _gaps(notes, conversation["visits"])
    yield from _audio(notes, _arrived(plan, conversation))
    yield from _deliveries(notes.heard, conversation["visits"], struck_at)
    yield from _reconnections(notes, conversation["visits"])


def _content(plan: Plan, notes: Notes, heard: list[tuple[str, int]]) -> Iterator[str]:
    times = Counter(heard)
    for (kind, number), returned in notes.content.items():
        came, doubts = times.pop((kind, number), 0), notes.in_doubt[kind, number]
        what = f"{kind} {number}"
        if not returned and came:
            yield f"the send of {what} raised, and it arrived"
        elif returned and not came and not doubts:
            yield f"{what} was sent, and neither arrived nor was in doubt"
        elif came > (1 + doubts if plan.resends else 1):
            yield f"{what} arrived {came} times, and was in doubt {doubts} times"
    yield from (f"{kind} {number} arrived, and nobody had sent it" for kind, number in times)
    yield from _order(heard)


def _order(heard: list[tuple[str, int]]) -> Iterator[str]:
    """What was sent again counts where it came first."""
    newest: dict[str, int] = {}
    for kind, number in dict.fromkeys(heard):
        if number < newest.get(kind, 0):
            yield f"{kind} {number} arrived after {kind} {newest[kind]}"
        newest[kind] = number


def _arrived(plan: Plan, conversation: dict[str, Any]) -> Runs:
    """The chunks of audio that the model knows of."""
    if plan.is_transparent:
        return Runs.of(number for kind, number in conversation["state"] if kind == "audio")
    return Runs.of(number for visit in conversation["visits"] for number in visit.audio)


def _audio(notes: Notes, heard: Runs) -> Iterator[str]:
    for before, after in heard.disorder:
        yield f"chunk {after} arrived after chunk {before}"
    assert notes.stats is not None
    most = notes.chunks - len(notes.chunks_raised) - notes.stats.media_dropped
    least = most - notes.stats.media_in_doubt
    if not least <= heard.count <= most:
        yield (
            f"{heard.count} chunks arrived of {notes.chunks}: {notes.stats.media_dropped} were dropped,"
            f" {notes.stats.media_in_doubt} in doubt, and {len(notes.chunks_raised)} sends raised"
        )


def _gaps(notes: Notes, visits: list[Visit]) -> Iterator[str]:
    """What is lost is lost with a connection: on each, chunks arrive one after the other."""
    for number, visit in enumerate(visits):
        for (_, before), (after, _) in zip(visit.audio.runs, visit.audio.runs[1:], strict=False):
            missing = set(range(before + 1, after)) - notes.chunks_raised
            if missing:
                yield f"on connection {number} chunk {after} arrived after chunk {before}"


def _state(notes: Notes, state: list[tuple[str, int]]) -> Iterator[str]:
    """Of a transparent session: what the model knows at the end."""
    times = Counter(entry for entry in state if entry[0] != "audio")
    for (kind, number), returned in notes.content.items():
        came, doubts = times.pop((kind, number), 0), notes.in_doubt[kind, number]
        if returned and came != 1 and not (came == 0 and doubts):
            yield f"{kind} {number} is {came} times in the state, and was in doubt {doubts} times"
        elif not returned and came:
            yield f"the send of {kind} {number} raised, and it is in the state"
    yield from (f"{kind} {number} is in the state, and nobody had sent it" for kind, number in times)
    yield from _order([entry for entry in state if entry[0] != "audio"])


def _deliveries(heard: Runs, visits: list[Visit], struck_at: Sequence[float]) -> Iterator[str]:
    """On each connection all is delivered up to some message; to the last, if nothing can have kept it."""
    for before, after in heard.disorder:
        yield f"message {after} was delivered after message {before}"
    for number, visit in enumerate(visits):
        if visit.last < visit.first:
            continue
        where = f"on connection {number} ({visit.first} to {visit.last})"
        runs = heard.within(visit.first, visit.last)
        if len(runs) > 1 or (runs and runs[0][0] != visit.first):
            yield f"{where} {runs} were delivered"
        delivered_to = runs[-1][1] if runs else visit.first - 1
        if delivered_to == visit.last or visit is visits[-1]:
            continue
        if visit.read_to_the_end:
            yield f"{where} nothing was delivered after {delivered_to}, and the client had read all"
        elif visit.left and not _struck(struck_at, visit.ended_at):
            yield f"{where} nothing was delivered after {delivered_to}, and the client had left in peace"


def _struck(struck_at: Sequence[float], ended_at: float | None) -> bool:
    return ended_at is None or any(ended_at - _NEAR <= at <= ended_at + _NEAR for at in struck_at)


def _reconnections(notes: Notes, visits: list[Visit]) -> Iterator[str]:
    assert notes.stats is not None
    counted = notes.stats.reconnections
    if not counted == notes.reconnected == notes.reconnecting:
        yield (
            f"{counted} reconnections were counted, {notes.reconnecting} begun,"
            f" {notes.reconnected} completed"
            " ones told"
        )
    used = sum(visit.heard > 0 for visit in visits)
    if not used - 1 <= counted <= len(visits) - 1:
        yield (
            f"{counted} reconnections were counted; the service saw {len(visits)} connections, and heard on"
            f" {used}"
        )


def unaccounted(plan: Plan, notes: Notes, conversation: dict[str, Any]) -> int:
    """How many chunks of audio did not arrive and were not dropped: those that were rightly in doubt."""
    assert notes.stats is not None
    arrived = _arrived(plan, conversation).count
    return notes.chunks - len(notes.chunks_raised) - notes.stats.media_dropped - arrived
