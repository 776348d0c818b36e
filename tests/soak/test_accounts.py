"""The soak finds what is wrong: each of its rules is broken once, and it says so."""

from collections import Counter

import attrs
import pytest

from genai_live import SessionStats
from tests.soak.accounts import problems_of
from tests.soak.conversation import Visit
from tests.soak.plan import plan_of
from tests.soak.runs import Runs
from tests.soak.talk import Notes

PLAIN, RESENDS, TRANSPARENT = plan_of(0), plan_of(6), plan_of(9)


def stats(**counts):
    """The counters of a session; 0 where nothing is said."""
    return SessionStats(**{field.name: 0 for field in attrs.fields(SessionStats)} | counts)


def notes(**changes):
    """Of a session with two connections, a question and three chunks of audio, in which all went well."""
    noted = Notes(
        content={("question", 1): True},
        chunks=3,
        heard=Runs.of((1, 2, 3, 4)),
        reconnecting=1,
        reconnected=1,
        ending=(1000, ""),
        stats=stats(reconnections=1),
    )
    return attrs.evolve(noted, **changes)


def visits(*audio, first=()):
    """Two connections: two messages came down on each, and most of the audio went up on the second."""
    return [
        Visit(1, 2, heard=2, audio=Runs.of(first)),
        Visit(3, 4, heard=2, audio=Runs.of(audio)),
    ]


def conversation(**changes):
    """The same, as the service saw it."""
    audio = [("audio", number) for number in range(3)]
    seen = {
        "problems": [],
        "visits": visits(0, 1, 2),
        "content": [("question", 1)],
        "state": [("question", 1), *audio],
    }
    return seen | changes


def problems(plan=PLAIN, *, client=None, service=None, struck_at=()):
    """All that is found."""
    found = problems_of(plan, client or notes(), service or conversation(), struck_at)
    return "; ".join(found)


@pytest.mark.parametrize("plan", [PLAIN, RESENDS, TRANSPARENT], ids=lambda plan: plan.handles)
def test_nothing_is_found_where_all_went_well(plan):
    """Not in any kind of session."""
    assert problems(plan) == ""


DOUBTFUL = Counter({("question", 1): 1})


@pytest.mark.parametrize(
    ("changed", "heard"),
    [
        ({"in_doubt": DOUBTFUL}, []),
        ({"in_doubt": DOUBTFUL}, [("question", 1)]),
        ({"content": {("question", 1): False}}, []),
    ],
    ids=["in doubt and lost", "in doubt and arrived", "raised"],
)
def test_what_is_reported_is_accounted_for(changed, heard):
    """In doubt it arrives once or never; where the send raised, never."""
    assert problems(client=notes(**changed), service=conversation(content=heard)) == ""


def test_what_was_in_doubt_may_arrive_twice_only_where_it_is_sent_again():
    """And once more for each time that it was in doubt."""
    client, service = notes(in_doubt=DOUBTFUL), conversation(content=[("question", 1)] * 2)
    assert problems(RESENDS, client=client, service=service) == ""
    assert "arrived 2 times" in problems(PLAIN, client=client, service=service)


ASKED_TWICE = {("question", 1): True, ("question", 2): True}


@pytest.mark.parametrize(
    ("content", "heard", "told"),
    [
        ({("question", 1): True}, [], "neither arrived nor was in doubt"),
        ({("question", 1): False}, [("question", 1)], "raised, and it arrived"),
        ({("question", 1): True}, [("question", 1)] * 2, "arrived 2 times"),
        ({}, [("question", 1)], "nobody had sent it"),
        (ASKED_TWICE, [("question", 2), ("question", 1)], "question 1 arrived after question 2"),
    ],
)
def test_content_that_is_lost_doubled_or_out_of_order_is_found(content, heard, told):
    """Questions, contexts, and answers to calls."""
    assert told in problems(client=notes(content=content), service=conversation(content=heard))


@pytest.mark.parametrize(
    ("content", "state", "told"),
    [
        ({("question", 1): True}, [], "is 0 times in the state"),
        ({("question", 1): True}, [("question", 1)] * 2, "is 2 times in the state"),
        ({("question", 1): False}, [("question", 1)], "raised"),
        ({}, [("question", 1)], "nobody had sent it"),
        (ASKED_TWICE, [("question", 2), ("question", 1)], "question 1 arrived after question 2"),
    ],
)
def test_the_state_of_a_transparent_session_must_hold_everything_once(content, state, told):
    """Whatever was sent again for it."""
    audio = [("audio", number) for number in range(3)]
    service = conversation(state=[*state, *audio])
    assert told in problems(TRANSPARENT, client=notes(content=content), service=service)


@pytest.mark.parametrize("plan", [PLAIN, TRANSPARENT], ids=lambda plan: plan.handles)
@pytest.mark.parametrize(
    ("chunks", "counts", "told"),
    [
        ((0, 1), {}, "2 chunks arrived of 3"),
        ((0, 1, 2), {"media_dropped": 1}, "3 chunks arrived of 3: 1 were dropped"),
        ((0, 1, 1), {"media_in_doubt": 1}, "chunk 1 arrived after chunk 1"),
        ((1, 0, 2), {}, "chunk 0 arrived after chunk 1"),
    ],
)
def test_audio_that_is_lost_doubled_or_out_of_order_is_found(plan, chunks, counts, told):
    """Beyond what was counted."""
    state = [("question", 1), *(("audio", number) for number in chunks)]
    client = notes(stats=stats(reconnections=1, **counts))
    service = conversation(visits=visits(*chunks), state=state)
    assert told in problems(plan, client=client, service=service)


def test_audio_that_is_missing_in_the_middle_of_a_connection_is_found():
    """Whatever was counted: what is lost is lost with a connection."""
    client = notes(stats=stats(reconnections=1, media_in_doubt=1))
    found = problems(client=client, service=conversation(visits=visits(0, 2)))
    assert found == "on connection 1 chunk 2 arrived after chunk 0"


@pytest.mark.parametrize("counts", [{"media_dropped": 1}, {"media_in_doubt": 1}], ids=str)
def test_audio_that_was_counted_may_be_missing_between_two_connections(counts):
    """As many chunks."""
    client = notes(stats=stats(reconnections=1, **counts))
    assert problems(client=client, service=conversation(visits=visits(2, first=[0]))) == ""


def test_audio_whose_send_raised_may_be_missing_anywhere():
    """It may not arrive either."""
    client = notes(chunks_raised={1})
    assert problems(client=client, service=conversation(visits=visits(0, 2))) == ""
    assert "3 chunks arrived of 3" in problems(client=client)


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ((1, 2, 4), "[(4, 4)] were delivered"),
        ((2, 3, 4), "[(2, 2)] were delivered"),
        ((1, 2, 2, 3, 4), "message 2 was delivered after message 2"),
        ((1, 3, 2, 4), "message 2 was delivered after message 3"),
    ],
)
def test_deliveries_with_gaps_doubled_or_out_of_order_are_found(heard, told):
    """A gap may only be where a connection ended."""
    assert told in problems(client=notes(heard=Runs.of(heard)))


def test_what_was_under_way_when_a_connection_ended_may_be_missing():
    """Unless the client has read all, or left, and nothing in the network can have kept it."""
    client = notes(heard=Runs.of((1, 3, 4)))
    assert problems(client=client) == ""
    read, left = visits(0, 1, 2), visits(0, 1, 2)
    read[0].read_to_the_end = True
    left[0].left, left[0].ended_at = True, 100.0
    assert "had read all" in problems(client=client, service=conversation(visits=read))
    assert "left in peace" in problems(client=client, service=conversation(visits=left))
    assert problems(client=client, service=conversation(visits=left), struck_at=[99.0]) == ""


@pytest.mark.parametrize(
    "changed", [{"reconnected": 0}, {"reconnecting": 2}, {"stats": stats(reconnections=2)}], ids=str
)
def test_reconnections_must_be_told_and_counted(changed):
    """As often as the service has seen them."""
    assert "reconnections were counted" in problems(client=notes(**changed))


def test_a_connection_on_which_something_was_heard_must_be_counted():
    """One on which nothing was may have been given up."""
    unseen = notes(reconnecting=0, reconnected=0, stats=stats())
    assert "heard on 2" in problems(client=unseen)
    once = [Visit(1, 4, heard=2, audio=Runs.of(range(3))), Visit(5, 4)]
    assert problems(client=unseen, service=conversation(visits=once)) == ""


@pytest.mark.parametrize("changed", [{"ending": (1006, "")}, {"ending": None}, {"problems": ["it hangs"]}])
def test_an_end_that_nobody_wanted_and_what_was_noted_on_the_way_are_found(changed):
    """By either side."""
    assert problems(client=notes(**changed)) != ""
    assert "unknown handle" in problems(service=conversation(problems=["unknown handle"]))
