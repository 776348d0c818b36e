"""Functions that the model calls, run by the session: once each, with one answer or none."""

import asyncio
import threading

import pytest

from genai_live import AutomaticFunctionCalling, FunctionAnswered, ToolError, types
from genai_live.tools import CancelToken, ToolContext, tool
from tests.service import (
    TURN_COMPLETE,
    Connections,
    answer_close,
    drop,
    handle_given,
    message,
    read_message,
    reconnecting,
    text,
)
from tests.timing import SOON, eventually, scaled

INTERRUPTED = message({"serverContent": {"interrupted": True}})


def calls(*named):
    """A message with calls: name, id and arguments of each."""
    made = [{"name": name, "args": args, "id": call_id} for name, call_id, args in named]
    return message({"toolCall": {"functionCalls": made}})


def responses(received):
    """The answers in a message of the client."""
    return received["toolResponse"]["functionResponses"]


def get_weather(city: str) -> dict:
    """The weather of a city."""
    return {"weather": f"rain in {city}"}


def serving(*steps, then=TURN_COMPLETE, seen=None):
    """Asked once, calls; takes as many answers; says what came of it."""

    def handler(peer):
        read_message(peer)
        for step in steps:
            peer.send(step)
        count = sum(step.count(b'"id"') for step in steps)
        while count:
            got = responses(read_message(peer))
            if seen is not None:
                seen.extend(got)
            count -= len(got)
        peer.send(text("It rains.") + then)
        answer_close(peer)

    return handler


def talking(handler, *functions, **arguments):
    """A session whose model can call the functions."""
    return reconnecting(Connections(handler), config={"tools": list(functions)}, **arguments)


def test_a_function_is_called_and_the_answer_spoken_of():
    """``ask`` returns the whole turn, the call marked as handled."""
    seen = []
    with talking(serving(calls(("get_weather", "1", {"city": "Oslo"})), seen=seen), get_weather) as session:
        turn = session.ask("Is it raining?", timeout=SOON)
    assert turn.text == "It rains."
    assert [(call.name, call.handled) for call in turn.tool_calls] == [("get_weather", True)]
    assert seen == [{"id": "1", "name": "get_weather", "response": {"weather": "rain in Oslo"}}]


def test_a_turn_that_ends_at_the_call_is_read_on():
    """As on 3.8: ``ask`` goes on to the turn in which the model speaks of the answer."""
    handler = serving(calls(("get_weather", "1", {"city": "Oslo"})), TURN_COMPLETE)
    with talking(handler, get_weather) as session:
        assert session.ask("Is it raining?", timeout=SOON).text == "It rains."


def test_an_async_function_is_run_to_its_end():
    """On the worker's thread, in an event loop of its own."""
    seen = []

    async def get_time(city: str) -> str:
        """Takes a moment."""
        await asyncio.sleep(0)
        return f"noon in {city}"

    with talking(serving(calls(("get_time", "1", {"city": "Oslo"})), seen=seen), get_time) as session:
        assert session.ask("What time is it?", timeout=SOON).text == "It rains."
    assert seen[0]["response"] == {"output": "noon in Oslo"}


def test_a_silent_answer_is_not_waited_for():
    """Where the function's answers go into the context only, the turn ends when they are sent."""

    @tool(scheduling="SILENT")
    def note(what: str) -> None:
        """Notes it."""

    def handler(peer):
        read_message(peer)
        peer.send(text("Noted.") + calls(("note", "1", {"what": "x"})) + TURN_COMPLETE)
        assert responses(read_message(peer))[0]["scheduling"] == "SILENT"
        answer_close(peer)

    with talking(handler, note) as session:
        assert session.ask("Note x.", timeout=SOON).text == "Noted."


def test_a_call_that_is_dropped_in_silence_and_made_anew_is_waited_for_once():
    """As on 3.8: each runs, and the answer to the first, which nobody takes, does not hold up ``ask``."""
    release, running = threading.Event(), []

    def look_up() -> str:
        """Slow the first time."""
        running.append(len(running) + 1)
        if len(running) == 1:
            release.wait(SOON)
        return "found"

    def handler(peer):
        read_message(peer)
        peer.send(calls(("look_up", "1", {})) + TURN_COMPLETE)
        peer.send(calls(("look_up", "2", {})))
        (answer,) = responses(read_message(peer))
        assert answer["id"] == "2"
        peer.send(text("Here it is.") + TURN_COMPLETE)
        (late,) = responses(read_message(peer))
        seen.append(late["id"])
        answer_close(peer)

    seen = []
    with talking(handler, look_up) as session:
        assert session.ask("Where is it?", timeout=SOON).text == "Here it is."
        release.set()
        eventually(lambda: seen == ["1"])
    assert running == [1, 2]


def test_calls_run_side_by_side():
    """Two functions that wait for each other both end."""
    meeting = threading.Barrier(2)

    def meet(name: str) -> str:
        """Meets."""
        meeting.wait(SOON)
        return name

    seen = []
    handler = serving(calls(("meet", "1", {"name": "a"}), ("meet", "2", {"name": "b"})), seen=seen)
    with talking(handler, meet) as session:
        session.ask("Meet!", timeout=SOON)
    assert {answer["id"]: answer["response"] for answer in seen} == {
        "1": {"output": "a"},
        "2": {"output": "b"},
    }


def test_what_a_function_raises_is_told_to_the_model():
    """Its type and message; no traceback."""

    def fail() -> str:
        """Fails."""
        raise LookupError("no such city")

    seen = []
    with talking(serving(calls(("fail", "1", {})), seen=seen), fail) as session:
        session.ask("Fail!", timeout=SOON)
    assert seen[0]["response"] == {"error": "LookupError: no such city"}


def test_errors_may_be_hidden():
    """Then the model knows that something failed, and no more."""

    def fail() -> str:
        """Fails."""
        raise LookupError("the password is x")

    seen = []
    settings = AutomaticFunctionCalling(hide_errors=True)
    handler = serving(calls(("fail", "1", {})), seen=seen)
    with talking(handler, fail, automatic_function_calling=settings) as session:
        session.ask("Fail!", timeout=SOON)
    assert "password" not in str(seen[0]["response"])


def test_arguments_that_do_not_fit_are_told_to_the_model():
    """So that it can call again."""
    seen = []
    handler = serving(calls(("get_weather", "1", {"town": "Oslo"})), seen=seen)
    with talking(handler, get_weather) as session:
        session.ask("?", timeout=SOON)
    assert "town" in seen[0]["response"]["error"]


def test_a_function_that_hangs_is_answered_for():
    """After its timeout the model is told; the function's token is set, and its late answer never sent."""
    tokens, release, ended = [], threading.Event(), threading.Event()

    @tool(timeout=scaled(0.2))
    def hang(context: ToolContext) -> str:
        """Hangs."""
        tokens.append(context.cancel_token)
        context.cancel_token.wait(SOON)
        release.wait(SOON)
        ended.set()
        return "late"

    seen = []
    with talking(serving(calls(("hang", "1", {})), seen=seen), hang) as session:
        session.ask("Hang!", timeout=SOON)
        assert tokens[0].cancelled
        release.set()
        assert ended.wait(SOON)
    assert len(seen) == 1
    assert "did not finish within" in seen[0]["response"]["error"]


def test_a_generator_gives_its_answer_in_parts():
    """Each with ``willContinue``; what it returns ends the call."""

    def count(to: int):
        """Counts."""
        yield from range(to)
        return "done"

    seen = []

    def handler(peer):
        read_message(peer)
        peer.send(calls(("count", "1", {"to": 2})))
        for _ in range(3):
            seen.extend(responses(read_message(peer)))
        peer.send(text("Counted.") + TURN_COMPLETE)
        answer_close(peer)

    with talking(handler, count) as session:
        assert session.ask("Count!", timeout=SOON).text == "Counted."
    assert [(item["response"], item.get("willContinue")) for item in seen] == [
        ({"output": 0}, True),
        ({"output": 1}, True),
        ({"output": "done"}, None),
    ]


def test_the_end_of_an_answer_in_parts_says_nothing():
    """Where the model has spoken of the last part, and the function gives nothing more, the turn is over."""
    spoken = threading.Event()

    def count(to: int):
        """Counts."""
        yield to
        spoken.wait(SOON)

    def handler(peer):
        read_message(peer)
        peer.send(calls(("count", "1", {"to": 2})) + TURN_COMPLETE)
        read_message(peer)
        peer.send(text("Two.") + TURN_COMPLETE)
        spoken.set()
        assert responses(read_message(peer))[0]["response"] == {}
        answer_close(peer)

    with talking(handler, count) as session:
        assert session.ask("Count!", timeout=SOON).text == "Two."


class Slow:
    """A function that is held until a test lets it go."""

    def __init__(self):
        self.begun, self.release = threading.Event(), threading.Event()
        self.token = CancelToken()
        self.runs = 0

    def function(self):
        """A new function, as it is to be declared."""

        def wait_long(context: ToolContext) -> str:
            """Waits."""
            self.runs += 1
            self.token = context.cancel_token
            self.begun.set()
            self.release.wait(SOON)
            return "done"

        return wait_long


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (message({"toolCallCancellation": {"ids": ["1"]}}), "the model cancelled"),
        (INTERRUPTED, "interrupted"),
    ],
    ids=["cancelled", "interrupted"],
)
def test_a_call_that_is_cancelled_gets_no_answer(ending, reason):
    """Its token is set, and what it returns later goes nowhere."""
    slow, may_end = Slow(), threading.Event()
    later = []

    def handler(peer):
        read_message(peer)
        peer.send(calls(("wait_long", "1", {})))
        assert slow.begun.wait(SOON)
        peer.send(ending + TURN_COMPLETE)
        may_end.wait(SOON)
        later.append(next(iter(read_message(peer))))
        answer_close(peer)

    with talking(handler, slow.function()) as session:
        session.ask("Wait!", timeout=SOON)
        eventually(lambda: slow.token.cancelled)
        assert reason in slow.token.reason
        slow.release.set()
        may_end.set()
        session.send_realtime_input(text="next")
        eventually(lambda: later)
    assert later == ["realtimeInput"]


def test_a_call_is_run_once_however_often_it_comes():
    """While it runs, and after it was answered on this connection."""
    slow, seen = Slow(), []

    def handler(peer):
        read_message(peer)
        peer.send(calls(("wait_long", "1", {})) * 3)
        assert slow.begun.wait(SOON)
        slow.release.set()
        seen.extend(responses(read_message(peer)))
        peer.send(calls(("wait_long", "1", {})) + text("Waited.") + TURN_COMPLETE)
        answer_close(peer)

    with talking(handler, slow.function()) as session:
        assert session.ask("Wait!", timeout=SOON).text == "Waited."
        assert session.stats.repeated_calls == 3
    assert (slow.runs, len(seen)) == (1, 1)


def test_a_call_in_flight_is_answered_on_the_connection_that_knows_it():
    """The answer waits for the next connection, as the session there still waits for it."""
    slow, seen = Slow(), []

    def first(peer):
        read_message(peer)
        peer.send(calls(("wait_long", "1", {})))
        assert slow.begun.wait(SOON)
        drop(peer)

    def second(peer):
        slow.release.set()
        seen.extend(responses(read_message(peer)))
        peer.send(text("Waited.") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(first, second), config={"tools": [slow.function()]}) as session:
        assert session.ask("Wait!", timeout=SOON).text == "Waited."
    assert [item["response"] for item in seen] == [{"output": "done"}]


def test_a_call_that_the_resumed_session_never_saw_is_cancelled():
    """Where handles recur and the newest is older than the call, nobody there waits for its answer."""
    slow, later = Slow(), []

    def first(peer):
        peer.send(handle_given("before the call"))
        read_message(peer)
        peer.send(calls(("wait_long", "1", {})))
        assert slow.begun.wait(SOON)
        drop(peer)

    def second(peer):
        later.append(next(iter(read_message(peer))))
        answer_close(peer)

    with reconnecting(Connections(first, second), config={"tools": [slow.function()]}) as session:
        with pytest.raises(Exception, match="reconnection cut through"):
            session.ask("Wait!", timeout=SOON)
        assert slow.token.cancelled
        slow.release.set()
        session.send_realtime_input(text="next")
        eventually(lambda: later)
    assert later == ["realtimeInput"]


def test_an_answer_that_was_lost_is_sent_again_when_the_call_comes_again():
    """On another connection; the function does not run again."""
    runs, seen = [], []

    def once() -> str:
        """Runs once."""
        runs.append(1)
        return "done"

    def first(peer):
        read_message(peer)
        peer.send(calls(("once", "1", {})))
        read_message(peer)
        drop(peer)

    def second(peer):
        peer.send(calls(("once", "1", {})))
        seen.extend(responses(read_message(peer)))
        answer_close(peer)

    with reconnecting(Connections(first, second), config={"tools": [once]}) as session:
        session.send_client_content(turns="Once!")
        eventually(lambda: seen)
    assert (len(runs), seen[0]["response"]) == (1, {"output": "done"})


def test_closing_cancels_what_runs_and_waits_for_nothing():
    """The function is told; close() returns in time though it goes on."""
    slow = Slow()

    def handler(peer):
        read_message(peer)
        peer.send(calls(("wait_long", "1", {})))
        answer_close(peer)

    with talking(handler, slow.function()) as session:
        session.send_client_content(turns="Wait!")
        assert slow.begun.wait(SOON)
        session.close()
        assert slow.token.wait(SOON)
        slow.release.set()


def test_a_function_may_use_the_session():
    """From its context."""
    seen = []

    def show(context: ToolContext) -> str:
        """Shows a picture."""
        context.session.send_realtime_input(video=types.Blob(data=b"\xff\xd8", mime_type="image/jpeg"))
        return context.call_id

    def handler(peer):
        read_message(peer)
        peer.send(calls(("show", "call-7", {})))
        seen.append(next(iter(read_message(peer)["realtimeInput"])))
        seen.append(responses(read_message(peer))[0]["response"])
        peer.send(text("Seen.") + TURN_COMPLETE)
        answer_close(peer)

    with talking(handler, show) as session:
        assert session.ask("Show!", timeout=SOON).text == "Seen."
    assert seen == ["video", {"output": "call-7"}]


def test_calls_may_be_answered_by_hand():
    """With ``automatic_function_calling=False`` functions are declared, and their calls are the user's."""
    handler = serving(calls(("get_weather", "1", {"city": "Oslo"})))
    with talking(handler, get_weather, automatic_function_calling=False) as session:
        with pytest.raises(ToolError, match="get_weather"):
            session.ask("?", timeout=SOON)
        session.send_tool_response(function_responses={"id": "1", "name": "get_weather", "response": {}})
        assert "".join(item.text or "" for item in session.receive(timeout=SOON)) == "It rains."


def test_a_function_that_is_only_declared_is_answered_by_hand():
    """Beside others that are run."""
    other = {"function_declarations": [{"name": "other"}]}
    handler = serving(calls(("get_weather", "1", {"city": "Oslo"}), ("other", "2", {})))
    with talking(handler, get_weather, other) as session:
        with pytest.raises(ToolError, match=r"called other \(id 2\):"):
            session.ask("?", timeout=SOON)


def test_events_tell_how_calls_were_answered():
    """With the answer and the time it took."""
    with talking(serving(calls(("get_weather", "1", {"city": "Oslo"}))), get_weather) as session:
        session.send_client_content(turns="?")
        event = next(item for item in session.events(timeout=SOON) if isinstance(item, FunctionAnswered))
        assert event.call.name == "get_weather"
        assert event.response.response == {"weather": "rain in Oslo"}
        assert event.seconds >= 0


def test_only_so_many_calls_run_at_once():
    """The others wait for one to end."""
    running, most = [], []
    lock = threading.Lock()

    def work(number: int) -> int:
        """Works."""
        with lock:
            running.append(number)
            most.append(len(running))
        threading.Event().wait(0.01)
        with lock:
            running.remove(number)
        return number

    seen = []
    handler = serving(calls(*(("work", str(number), {"number": number}) for number in range(12))), seen=seen)
    settings = AutomaticFunctionCalling(max_calls=3)
    with talking(handler, work, automatic_function_calling=settings) as session:
        session.ask("Work!", timeout=SOON)
    assert sorted(int(item["id"]) for item in seen) == list(range(12))
    assert max(most) <= 3
