"""What is sent again, kept, dropped, or known to have arrived, when another connection takes over."""

import threading

import pytest

from genai_live import (
    ApiClient,
    Client,
    ConnectionClosedError,
    Live,
    LiveCallbacks,
    ReconnectPolicy,
    State,
    TurnLostError,
    WebSocketClientFactory,
)
from genai_live.runtime.clock import Clock
from tests.certificates import client_context, server_context
from tests.raw_server import RawServer, close_frame
from tests.service import (
    KEY,
    MODEL,
    QUICK,
    TURN_COMPLETE,
    Connections,
    accept_setup,
    answer,
    answer_close,
    drop,
    handle_given,
    message,
    question,
    read_message,
    reconnecting,
    text,
    tool_call,
)
from tests.timing import SOON, eventually

CHUNK = bytes(3200)


def audio(number):
    """A chunk that can be told from others."""
    return bytes([number]) * 320


def heard(received):
    """Which chunk it was, or what else."""
    realtime = received.get("realtimeInput", {})
    if "audio" not in realtime:
        return question(received) if "text" in realtime or "clientContent" in received else received
    import base64

    return base64.b64decode(realtime["audio"]["data"])[0]


class Delayed(Connections):
    """Lets the second connection in when it is told to."""

    def __init__(self, *handlers, **arguments):
        super().__init__(*handlers, **arguments)
        self.open = threading.Event()

    def __call__(self, peer):
        if self.setups:
            self.open.wait(SOON)
        super().__call__(peer)


def test_media_is_kept_where_the_policy_says_so_and_sent_first():
    """In its order, before what has waited; and it counts as sent, not as dropped."""
    seen = []

    def second(peer):
        seen.extend(heard(read_message(peer)) for _ in range(3))
        answer_close(peer)

    connections = Delayed(drop, second)
    with reconnecting(connections, reconnect=ReconnectPolicy(keep_media=60)) as session:
        eventually(lambda: session.state is State.RESUMING)
        session.send_realtime_input(audio=audio(1))
        asking = threading.Thread(
            target=session.send_realtime_input, kwargs={"text": "and?", "timeout": SOON}
        )
        asking.start()
        session.send_realtime_input(audio=audio(2))
        connections.open.set()
        asking.join(SOON)
        eventually(lambda: len(seen) == 3)
        assert session.stats.media_dropped == 0
    assert seen == [1, 2, "and?"]


def test_media_that_is_too_late_even_so_is_dropped(monkeypatch):
    """Only the last seconds are kept."""
    seen = []

    def second(peer):
        seen.append(heard(read_message(peer)))
        answer_close(peer)

    connections = Delayed(drop, second)
    with reconnecting(connections, reconnect=ReconnectPolicy(keep_media=0.2)) as session:
        eventually(lambda: session.state is State.RESUMING)
        session.send_realtime_input(audio=audio(1))
        eventually(lambda: session.send_realtime_input(audio=audio(2)) or session.stats.media_dropped >= 1)
        connections.open.set()
        eventually(lambda: seen)
    assert seen == [2]


class Ahead(Clock):
    """Time that a test lets pass."""

    by = 0.0

    def now(self):
        """See Clock."""
        return super().now() + Ahead.by


def test_media_that_grows_old_while_it_is_written_is_not_dropped_nor_is_another(monkeypatch):
    """The oldest is half out when one more is kept: all arrive."""
    monkeypatch.setattr("genai_live.runtime.driver.Clock", Ahead)
    monkeypatch.setattr(Ahead, "by", 0.0)
    begun, go_on, seen = threading.Event(), threading.Event(), []

    def second(peer):
        peer.wait_for_bytes()
        begun.set()
        go_on.wait(SOON)
        seen.extend(heard(read_message(peer)) for _ in range(3))
        answer_close(peer)

    connections = Delayed(drop, second)
    with reconnecting(connections, reconnect=ReconnectPolicy(keep_media=10)) as session:
        eventually(lambda: session.state is State.RESUMING)
        session.send_realtime_input(audio=b"\1" * 6_000_000)  # more than the operating system takes
        monkeypatch.setattr(Ahead, "by", 8.0)
        session.send_realtime_input(audio=audio(2))
        connections.open.set()
        assert begun.wait(SOON)
        monkeypatch.setattr(Ahead, "by", 11.0)
        session.send_realtime_input(audio=audio(3))
        go_on.set()
        eventually(lambda: len(seen) == 3)
        assert session.stats.media_dropped == 0
    assert seen == [1, 2, 3]


def test_media_in_doubt_is_counted():
    """It was written, and no turn that it fed was completed: the statistics say how much there was."""
    enough = threading.Event()

    def first(peer):
        for _ in range(5):
            read_message(peer)
        enough.set()
        drop(peer)

    told = []
    callbacks = LiveCallbacks(on_reconnected=lambda session, *arguments: told.append(arguments))
    with reconnecting(Connections(first, answer_close), callbacks=callbacks) as session:
        for _ in range(5):
            session.send_realtime_input(audio=CHUNK)
        assert enough.wait(SOON)
        eventually(lambda: told)
        assert session.stats.media_in_doubt == 5
    assert told == [(True, ())]


def test_a_message_of_a_complete_turn_is_not_in_doubt():
    """Its turn has ended, so the model has seen it; history that fed it as well."""
    told = []
    callbacks = LiveCallbacks(on_reconnected=lambda session, *arguments: told.append(arguments))

    def first(peer):
        read_message(peer)
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE)
        read_message(peer)
        drop(peer)

    with reconnecting(Connections(first, answer_close), callbacks=callbacks) as session:
        session.send_client_content(turns="before", turn_complete=False)
        session.ask("1", timeout=SOON)
        session.send_client_content(turns="after", turn_complete=False)
        eventually(lambda: told)
    ((restored, in_doubt),) = told
    assert restored
    assert [item.client_content.turns[0].parts[0].text for item in in_doubt] == ["after"]


def test_an_answer_to_a_call_is_in_doubt_until_the_model_goes_on():
    """The turn is lost with it, as nobody knows whether the model still waits; and the answer is named."""

    def first(peer):
        read_message(peer)
        peer.send(tool_call("call-1"))
        read_message(peer)
        drop(peer)

    with reconnecting(Connections(first, answer("two"))) as session:
        session.send_client_content(turns="weather?")
        reader = session.receive(timeout=SOON)
        next(item for item in reader if item.tool_call)
        response = {"id": "call-1", "name": "f", "response": {"sun": True}}
        session.send_tool_response(function_responses=response)
        with pytest.raises(TurnLostError) as caught:
            list(reader)
        kinds = ["client_content", "tool_response"]
        assert [
            next(kind for kind in kinds if getattr(item, kind)) for item in caught.value.in_doubt
        ] == kinds
        assert session.ask("2", timeout=SOON).text == "two"


def test_with_resending_only_the_answer_to_the_call_is_sent_again():
    """The resumed session knows of the call, so it knows the question; the turn goes on unmarked."""
    seen = []

    def first(peer):
        read_message(peer)
        peer.send(tool_call("call-1"))
        read_message(peer)
        drop(peer)

    def second(peer):
        seen.append(next(iter(read_message(peer))))
        peer.send(text("sunny") + TURN_COMPLETE)
        answer_close(peer)

    policy = ReconnectPolicy(resend_in_doubt=True)
    with reconnecting(Connections(first, second), reconnect=policy) as session:
        session.send_client_content(turns="weather?")
        reader = session.receive(timeout=SOON)
        next(item for item in reader if item.tool_call)
        session.send_tool_response(function_responses={"id": "call-1", "name": "f", "response": {}})
        items = list(reader)
        assert "".join(item.text or "" for item in items) == "sunny"
        assert not any(item.turn_restarted for item in items)
    assert seen == ["toolResponse"]


def test_a_call_that_comes_again_while_it_is_answered_is_delivered_once():
    """A resumed session may repeat a call; the user sees it once, and the statistics count it."""

    def first(peer):
        read_message(peer)
        peer.send(tool_call("call-1"))
        drop(peer)

    def second(peer):
        peer.send(tool_call("call-1"))
        read_message(peer)
        peer.send(text("sunny") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(first, second)) as session:
        session.send_client_content(turns="weather?")
        reader = session.receive(timeout=SOON)
        calls = [next(item for item in reader if item.tool_call)]
        eventually(lambda: session.stats.repeated_calls == 1)
        session.send_tool_response(function_responses={"id": "call-1", "name": "f", "response": {}})
        rest = list(reader)
        calls += [item for item in rest if item.tool_call]
        assert len(calls) == 1
        assert "".join(item.text or "" for item in rest) == "sunny"


def index(number, handle):
    """An update of transparent mode."""
    update = {"newHandle": handle, "resumable": True, "lastConsumedClientMessageIndex": str(number)}
    return message({"sessionResumptionUpdate": update})


def vertex(connections, policy):
    """A client of Vertex AI whose sessions are transparent."""
    server = RawServer(connections, tls=server_context())
    url = server.url.replace("ws", "http", 1)
    client = Client(vertexai=True, http_options={"base_url": f"{url}/gateway"}, ssl_context=client_context())
    config = {"session_resumption": {"transparent": True}}
    return server, client, {"model": MODEL, "config": config, "timeout": SOON, "reconnect": policy}


def test_transparent_mode_sends_again_exactly_what_the_handle_does_not_hold():
    """Media too, in order; nothing is in doubt, and the turn begins anew as its question was not consumed."""
    seen = []

    def first(peer):
        for _ in range(4):
            read_message(peer)
        peer.send(index(2, "holds-two"))
        drop(peer)

    def second(peer):
        seen.extend(heard(read_message(peer)) for _ in range(2))
        peer.send(text("heard") + TURN_COMPLETE)
        answer_close(peer)

    told = []
    callbacks = LiveCallbacks(on_reconnected=lambda session, *arguments: told.append(arguments))
    connections = Connections(first, second, handle=None)
    server, client, arguments = vertex(connections, QUICK)
    with server, client, client.live.connect(**arguments, callbacks=callbacks) as session:
        for number in (1, 2, 3):
            session.send_realtime_input(audio=audio(number))
        turn = session.ask("so?", timeout=SOON)
        assert (turn.text, turn.restarted) == ("heard", True)
        eventually(lambda: told)
    assert seen == [3, "so?"]
    assert told == [(True, ())]
    setup = connections.setups[1]["sessionResumption"]
    assert setup == {"handle": "holds-two", "transparent": True}


def test_transparent_mode_counts_anew_on_each_connection():
    """What was sent again is the first message of the new connection; a second drop loses nothing either."""
    seen = []

    def first(peer):
        for _ in range(3):
            read_message(peer)
        peer.send(index(1, "holds-one"))
        drop(peer)

    def second(peer):
        seen.append([heard(read_message(peer)) for _ in range(2)])
        peer.send(index(1, "holds-two"))
        drop(peer)

    def third(peer):
        seen.append([heard(read_message(peer))])
        answer_close(peer)

    server, client, arguments = vertex(Connections(first, second, third, handle=None), QUICK)
    with server, client, client.live.connect(**arguments) as session:
        for number in (1, 2, 3):
            session.send_realtime_input(audio=audio(number))
        eventually(lambda: len(seen) == 2)
        assert session.stats.media_dropped == session.stats.media_in_doubt == 0
    assert seen == [[2, 3], [3]]


def test_transparent_mode_that_the_server_does_not_heed_is_like_any_other():
    """Without an index nothing is known: what was written is in doubt, and not sent again."""

    def first(peer):
        peer.send(handle_given("plain"))
        read_message(peer)
        drop(peer)

    server, client, arguments = vertex(Connections(first, answer("two"), handle=None), QUICK)
    with server, client, client.live.connect(**arguments) as session:
        with pytest.raises(TurnLostError) as caught:
            session.ask("1", timeout=SOON)
        assert len(caught.value.in_doubt) == 1
        assert session.ask("2", timeout=SOON).text == "two"


class Rotating:
    """Credentials that are good for one connection."""

    def __init__(self):
        self.urls = []

    def headers(self, url, *, timeout):
        self.urls.append(url)
        return {"x-goog-api-key": f"{KEY}-{len(self.urls)}"}


def test_credentials_are_made_anew_for_each_attempt():
    """So that a token that has expired meanwhile is not used again."""
    keys = []

    def handler(peer):
        accept_setup(peer)
        keys.append(
            next(line for line in peer.request.decode().split("\r\n") if line.startswith("x-goog-api-key"))
        )
        peer.send(handle_given("h"))
        if len(keys) == 1:
            peer.send(close_frame(1011, "auth token has expired"))
        else:
            answer("two")(peer)

    with RawServer(handler, tls=server_context()) as server:
        api_client = ApiClient(http_options={"base_url": server.url.replace("ws", "http", 1)})
        live = Live(api_client, Rotating(), WebSocketClientFactory(client_context()))
        with live.connect(model=MODEL, timeout=SOON) as session:
            eventually(lambda: session.stats.reconnections == 1)
            assert session.ask("1", timeout=SOON).text == "two"
        live.close()
    assert [key.rpartition("-")[2] for key in keys] == ["1", "2"]


def test_what_waits_at_the_end_is_in_the_error_of_whoever_reads():
    """The reader's exception lists what its fellow threads could not send."""

    class Refusing(Connections):
        refuse = threading.Event()

        def __call__(self, peer):
            if not self.setups:
                super().__call__(peer)
                return
            peer.upgrade()
            self.refuse.wait(SOON)
            peer.send(close_frame(1008, "Requested entity was not found."))

    connections = Refusing(drop)
    errors = []

    def send():
        with pytest.raises(ConnectionClosedError) as caught:
            session.send_client_content(turns="waiting", timeout=SOON)
        errors.append(caught.value)

    with reconnecting(connections) as session:
        eventually(lambda: session.state is State.RESUMING)
        sender = threading.Thread(target=send)
        sender.start()
        eventually(lambda: session.stats.messages_waiting)
        connections.refuse.set()
        with pytest.raises(ConnectionClosedError) as caught:
            next(session.receive(timeout=SOON))
            next(session.receive(timeout=SOON))
        sender.join(SOON)
    for error in (caught.value, *errors):
        assert [item.client_content.turns[0].parts[0].text for item in error.unsent] == ["waiting"]


def test_an_answer_to_a_call_that_ended_its_turn_may_be_lost_too():
    """As on 3.8: whoever waits for what the model says of it is told, and does not wait for ever."""

    def first(peer):
        read_message(peer)
        peer.send(tool_call("call-1") + TURN_COMPLETE)
        read_message(peer)
        drop(peer)

    with reconnecting(Connections(first, answer("two"))) as session:
        session.send_client_content(turns="weather?")
        list(session.receive(timeout=SOON))
        session.send_tool_response(function_responses={"id": "call-1", "name": "f", "response": {}})
        with pytest.raises(TurnLostError) as caught:
            list(session.receive(timeout=SOON))
        assert [bool(item.tool_response) for item in caught.value.in_doubt] == [True]
        assert session.ask("2", timeout=SOON).text == "two"
