"""When a session goes on, on another connection, and with what; and when it ends."""

import pytest

from genai_live import errors, types
from genai_live.options import ReconnectPolicy
from genai_live.protocol import (
    CutOff,
    Deliver,
    Dial,
    Ended,
    Leaving,
    Purpose,
    Reconnected,
    Reconnecting,
    Reopened,
    SendClose,
    State,
    TurnLost,
)
from genai_live.protocol.failures import Failure
from genai_live.protocol.live_protocol import HEALTHY_SECONDS, LEAVING_SECONDS
from tests.protocol.messages import (
    answer,
    end,
    go_away,
    handle,
    history,
    question,
    tool_call,
    words,
)
from tests.protocol.sessions import come, lose, opened, reopen, send
from tests.protocol.test_failures import CASES

FRESH = ReconnectPolicy(fresh_start=True)
RESENDING = ReconnectPolicy(resend_in_doubt=True)


def leaving():
    """A session that leaves its connection."""
    session = opened()
    come(session, go_away(50))
    assert session.state is State.LEAVING
    return session


def resuming(**arguments):
    """A session without a connection."""
    session = opened(**arguments)
    lose(session)
    assert session.state is State.RESUMING
    return session


# -- which ends are the end ----------------------------------------------------------------------


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
def test_a_session_outlives_what_may_pass(code, reason, failure):
    """It dials at once; whatever a replay would meet again ends it."""
    session = opened()
    action = lose(session, code, reason)
    if failure in (Failure.PASSING, Failure.EXPIRED):
        assert action == Dial(0.0, Reconnecting(code, reason))
    else:
        assert isinstance(action, Ended)
        assert session.state is State.CLOSED


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
def test_the_same_holds_while_it_leaves(code, reason, failure):
    """An answer to our close in order is what we wait for; another reason is heard all the same."""
    session = leaving()
    action = lose(session, code, reason)
    goes_on = failure in (Failure.PASSING, Failure.EXPIRED) or code == 1000
    assert action == Dial(0.0, None) if goes_on else isinstance(action, Ended)


@pytest.mark.parametrize(("code", "reason", "failure"), CASES)
@pytest.mark.parametrize("policy", [None, FRESH], ids=["fatal", "fresh start"])
def test_an_attempt_that_fails_is_judged_by_the_same_table(policy, code, reason, failure):
    """A handle that is refused means a fresh start where the policy allows one."""
    session = resuming(policy=policy or ReconnectPolicy())
    action = lose(session, code, reason)
    goes_on = failure in (Failure.PASSING, Failure.EXPIRED) or (policy and failure is Failure.HANDLE)
    assert isinstance(action, Dial if goes_on else Ended)
    if failure is Failure.HANDLE:
        assert session.resumption_handle is None or not policy


@pytest.mark.parametrize("code", [1000, 1001, 1005])
def test_a_close_in_order_after_the_warning_is_no_end(code):
    """The server said that it goes away, and did, in the middle of a turn."""
    session = opened()
    send(session, question())
    come(session, go_away(50))
    assert session.state is State.OPEN
    assert isinstance(lose(session, code), Dial)


@pytest.mark.parametrize("code", [1000, 1005])
def test_a_close_in_order_without_it_is(code):
    """The server means it."""
    ended = lose(opened(), code)
    assert ended.ending.in_order


def test_the_warning_counts_on_its_connection_only():
    """On the next one a close in order is meant."""
    session = leaving()
    lose(session, 1000)
    reopen(session)
    assert isinstance(lose(session, 1000), Ended)


def test_without_a_policy_every_end_is_the_end():
    """However passing."""
    assert isinstance(lose(opened(policy=None)), Ended)


def test_without_a_handle_the_error_says_what_is_lost():
    """And that the server gave none; a fresh start goes on."""
    session = opened(words(), end())
    error = lose(session).ending.error
    assert "the server gave no handle to resume with, so the conversation so far (1 turn) is lost" in str(
        error
    )
    assert isinstance(lose(opened(words(), policy=FRESH)), Dial)


def test_the_end_in_an_error_names_what_nobody_knows_the_fate_of():
    """What waited and what was in doubt, in order; a close that somebody wanted leaves nothing."""
    asked, waiting = question(), history()
    session = opened()
    send(session, asked)
    ended = lose(session, 1007, "Precondition check failed.", unsent=[waiting])
    assert (ended.ending.error.unsent, ended.ending.error.in_doubt) == ((waiting,), (asked,))
    session = opened()
    send(session, asked)
    session.close(1000, "")
    error = lose(session, unsent=[waiting]).ending.error
    assert (error.unsent, error.in_doubt) == ((), ())


# -- handles -------------------------------------------------------------------------------------


def presented(session):
    """The handle with which a connection is asked for."""
    (action,) = session.upgraded()
    return action.message.setup.session_resumption.handle


def test_the_newest_handle_is_presented():
    """One that cannot be used is not, whatever it is called."""
    session = opened(handle("a"), handle("b"), handle("c", resumable=False), handle(None), handle(""))
    lose(session)
    assert presented(session) == "b"


def test_a_fresh_start_presents_none_and_says_so():
    """After a handle was refused, too."""
    session = resuming(policy=FRESH)
    lose(session, 1008, "BidiGenerateContent session not found")
    assert presented(session) is None
    *_, reopened = session.received(
        types.LiveServerMessage(setup_complete=types.LiveServerSetupComplete()), 0.0
    )
    assert reopened.event.state_restored is False


# -- attempts ------------------------------------------------------------------------------------


def test_attempts_are_counted_with_doubling_pauses():
    """The first comes at once; after the last the session ends, with the last one's error as the cause."""
    policy = ReconnectPolicy(attempts=5, first_pause=1.0, longest_pause=3.0)
    session = opened(policy=policy)
    pauses = [lose(session).pause, *(lose(session, 1011).pause for _ in range(4))]
    assert pauses == [0.0, 1.0, 2.0, 3.0, 3.0]
    ended = lose(session, 1011, "Internal error encountered.")
    assert "5 attempts at another connection failed" in str(ended.ending.error)
    assert ended.ending.error.__cause__.reason == "Internal error encountered."


def test_connections_that_did_not_last_are_told():
    """The last attempt was none that failed, and how its connection ended is told."""
    session = opened(policy=ReconnectPolicy(attempts=2))
    for _ in range(2):
        lose(session)
        reopen(session)
    error = lose(session, 1011, "Internal error encountered.").ending.error
    assert "2 attempts at another connection failed or did not last, the last one with: " in str(error)
    assert str(error).count("1011 Internal error encountered.") == 2


def flapping(policy, **reopening):
    """How often a session is dialled for whose connections open and end."""
    session = opened(policy=policy)
    dials = 0
    while isinstance(lose(session, now=reopening.get("now", 0.0)), Dial):
        dials += 1
        if dials == 20:
            break
        reopen(session)
        come(session, *reopening.get("messages", ()))
    return dials


def test_a_connection_that_opens_and_ends_is_no_success():
    """Else a server that fails after the setup would be dialled for ever."""
    policy = ReconnectPolicy(attempts=3)
    assert flapping(policy) == 3
    assert flapping(policy, messages=[handle(), types.LiveServerMessage()]) == 3
    assert flapping(policy, now=HEALTHY_SECONDS - 0.1) == 3


def test_a_model_that_answers_or_ten_seconds_are_one():
    """The count begins anew."""
    policy = ReconnectPolicy(attempts=3)
    assert flapping(policy, messages=[words()]) == 20
    assert flapping(policy, now=HEALTHY_SECONDS) == 20


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [
        (errors.HandshakeError("busy", status=503), True),
        (errors.HandshakeError("no route"), True),
        (errors.LiveTimeout("too long"), True),
        (errors.APIError("busy", code=503), True),
        (errors.AuthenticationError("the token endpoint does not answer", retryable=True), True),
        (errors.HandshakeError("forbidden", status=403), False),
        (errors.AuthenticationError("no such key"), False),
        (errors.ProtocolError("nonsense"), False),
        (errors.APIError("wrong", code=400), False),
    ],
    ids=str,
)
def test_an_attempt_that_is_refused(error, goes_on):
    """What may pass is tried again."""
    (action,) = resuming().failed(error)
    assert isinstance(action, Dial if goes_on else Ended)
    if not goes_on:
        assert "another connection was refused" in str(action.ending.error)


# -- what is done, and in which order ------------------------------------------------------------


def test_the_user_is_told_once_of_each_lost_connection():
    """With the first dial, or when the session leaves by itself."""
    session = opened()
    assert lose(session).event == Reconnecting(1006, "")
    assert lose(session, 1011).event is None
    session = opened()
    left, closed = come(session, go_away(50))[-2:]
    assert (left, closed) == (
        Leaving(Reconnecting(1000, "the server said that it goes away")),
        SendClose(1000, ""),
    )
    assert lose(session, 1000).event is None


def test_a_lost_turn_is_told_before_the_way_is_open():
    """Where it was cut off, with what is in doubt and how the connection ended."""
    session = opened()
    asked = question()
    send(session, asked)
    come(session, words())
    lose(session, 1011, "Internal error encountered.")
    delivered, reopened = reopen(session)
    assert isinstance(delivered.item, TurnLost)
    assert (delivered.item.asked, delivered.item.in_doubt) == (1, (asked,))
    assert delivered.item.cause.reason == "Internal error encountered."
    assert reopened == Reopened(Reconnected(True, (asked,), turn_lost=True))


def test_what_is_sent_again_goes_out_before_the_way_is_open():
    """And the turn is marked before."""
    session = opened(policy=RESENDING)
    asked = question()
    send(session, asked)
    lose(session)
    marked, reopened = reopen(session)
    assert marked == Deliver(types.LiveServerMessage(turn_restarted=True))
    assert [sent.message for sent in session.ledger.again] == [asked]
    assert reopened == Reopened(Reconnected(True, (asked,), sent_again=1))


def test_between_turns_nothing_is_told_but_that():
    """No turn is lost."""
    session = resuming()
    assert reopen(session) == [Reopened(Reconnected(True))]
    assert session.reconnections == 1


def test_a_server_that_does_not_answer_our_close_is_cut_off():
    """After two seconds; what still came was delivered."""
    session = leaving()
    assert come(session, words())[0] == Deliver(words())
    assert session.next_tick(0.0) == LEAVING_SECONDS
    assert session.tick(LEAVING_SECONDS - 0.1, 0.0) == []
    assert isinstance(session.tick(LEAVING_SECONDS, 0.0)[0], CutOff)


@pytest.mark.parametrize("make", [leaving, resuming])
def test_the_users_close_beats_a_reconnection(make):
    """Nothing is dialled any more, and the session ends as the user said."""
    session = make()
    assert session.close(4000, "enough") == []
    ended = lose(session, 1011)
    assert (ended.ending.code, ended.ending.in_order) == (4000, True)


def test_a_reopening_after_the_users_close_opens_nothing():
    """Though the server has answered the setup."""
    session = resuming()
    session.close(1000, "")
    assert session.upgraded() == []
    assert come(session, types.LiveServerMessage(setup_complete=types.LiveServerSetupComplete())) == []


# -- calls that come again, and errors beside ----------------------------------------------------


def delivered(actions):
    """What the reader gets."""
    return [action.item for action in actions if isinstance(action, Deliver)]


def test_a_call_that_is_still_being_answered_is_delivered_once():
    """On another connection as well; new ones beside it are delivered, and what else is in the message."""
    session = opened()
    assert len(delivered(come(session, tool_call("a")))) == 1
    assert delivered(come(session, tool_call("a"))) == []
    lose(session)
    reopen(session)
    assert delivered(come(session, tool_call("a"))) == []
    (with_news,) = delivered(come(session, tool_call("a", "b", "b")))
    assert [call.id for call in with_news.tool_call.function_calls] == ["b"]
    beside = tool_call("a")
    beside.usage_metadata = types.UsageMetadata(total_token_count=1)
    (rest,) = delivered(come(session, beside))
    assert rest.tool_call is None
    assert session.repeated_calls == 5


def test_calls_without_an_id_are_never_the_same():
    """Vertex AI may send such."""
    session = opened()
    (called,) = delivered(come(session, tool_call(None, None)))
    assert len(called.tool_call.function_calls) == 2


def test_a_call_that_was_answered_is_news_again():
    """The answer may not have come."""
    session = opened()
    come(session, tool_call("a"))
    send(session, answer("a"))
    assert len(delivered(come(session, tool_call("a")))) == 1


@pytest.mark.parametrize("message", [words(), tool_call("a"), end()], ids=["words", "a call", "an end"])
def test_what_stands_beside_an_error_is_delivered_first(message):
    """Then the error is raised."""
    message.unknown_fields = {"error": {"code": 429}}
    first, second = delivered(come(opened(), message))
    assert first is message
    assert isinstance(second, errors.APIError)


def test_the_history_that_a_setup_announces_is_no_question():
    """The first content, up to ``turn_complete``, gets no answer; what follows does."""
    config = types.HistoryConfig(initial_history_in_client_content=True)
    session = opened(setup=types.LiveClientMessage(setup=types.LiveClientSetup(history_config=config)))
    purposes = [session.purpose_of(message) for message in (history(), question(), question())]
    assert purposes == [Purpose.FEEDS, Purpose.FEEDS, Purpose.ASKS]
